"""Teams: who is in them, in which role, and who is invited."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext
from flask_login import current_user, login_required

from petition.actions import invitations, teams
from petition.actions.roles import Role, may, must
from petition.clock import now
from petition.exceptions import AlreadyMember, LastOwner, NameTaken, PasskeyMissing
from petition.forms.team import InvitationForm, RoleForm, TeamNameForm
from petition.queries import teams as known
from petition.queries.teams import Member, OwnTeam
from petition.views import answers, done, signed_in
from petition.views.proof import proof_needed

bp = Blueprint("teams", __name__, url_prefix="/organize/teams")


@bp.get("")
@login_required
def index() -> Response:
    """The teams I am in, and a way to make another."""
    return _index(TeamNameForm(formdata=None))


def _index(form: TeamNameForm, status: int = 200) -> Response:
    mine = known.mine(current_user.organizer_id)
    return answers.page(
        "teams/index.html",
        status=status,
        teams=mine,
        may_make=any(may(each.role, Role.EDITOR) for each in mine),
        form=form,
    )


@bp.post("")
@login_required
def create() -> Response:
    """Make a team of my own."""
    form = TeamNameForm()
    if not form.validate():
        return _index(form, 422)
    try:
        team_id = teams.create(current_user.organizer_id, form.name.data, request.remote_addr)
    except NameTaken:
        form.taken()
        return _index(form, 422)
    return _back(team_id)


@bp.get("/<number:team_id>")
@login_required
def show(team_id: int) -> Response:
    """Who is in a team, and what its owners may change."""
    return _shown(_mine(team_id))


def _mine(team_id: int) -> OwnTeam:
    return known.own(current_user.organizer_id, team_id)


def _owned(team_id: int) -> OwnTeam:
    own = _mine(team_id)
    must(own.role, Role.OWNER)
    return own


def _shown(own: OwnTeam, status: int = 200, problem: str = "", **forms: Any) -> Response:
    members = known.members(own.team.id)
    return answers.page(
        "teams/show.html",
        status=status,
        team=own.team,
        role=own.role,
        owner=may(own.role, Role.OWNER),
        members=members,
        invitations=known.invitations(own.team.id),
        alone=_owns_alone(own, members),
        last=len(known.mine(current_user.organizer_id)) == 1,
        now=now(),
        name=forms.get("name") or TeamNameForm(formdata=None, name=own.team.name),
        invitation=forms.get("invitation") or InvitationForm(formdata=None),
        roles=RoleForm(formdata=None),
        problem=problem,
    )


def _owns_alone(own: OwnTeam, members: list[Member]) -> bool:
    return own.role == Role.OWNER and [each.role for each in members].count(Role.OWNER) == 1


@bp.post("/<number:team_id>/name")
@login_required
def rename(team_id: int) -> Response:
    """Give a team another name."""
    own = _owned(team_id)
    form = TeamNameForm()
    if not form.validate():
        return _shown(own, 422, name=form)
    try:
        teams.rename(current_user.organizer_id, team_id, form.name.data)
    except NameTaken:
        form.taken()
        return _shown(own, 422, name=form)
    done.tell(gettext("The team is called %(name)s now.", name=form.name.data))
    return _back(team_id)


@bp.post("/<number:team_id>/passkeys")
@login_required
@proof_needed
def require_passkeys(team_id: int) -> Response:
    """Ask everybody in a team for a passkey, or nobody any more."""
    own = _owned(team_id)
    required = request.form.get("required") == "yes"
    try:
        teams.require_passkeys(current_user.organizer_id, team_id, required)
    except PasskeyMissing:
        told = gettext("Make a passkey for yourself first, or nobody could get in any more.")
        return _shown(own, 409, told)
    if required:
        done.tell(gettext("Everybody in the team needs a passkey from now on."))
    else:
        done.tell(gettext("A mailed link or code is enough again."))
    return _back(team_id)


@bp.post("/<number:team_id>/invitations")
@login_required
@proof_needed
def invite(team_id: int) -> Response:
    """Invite somebody by mail."""
    own = _owned(team_id)
    form = InvitationForm()
    if not form.validate():
        return _shown(own, 422, invitation=form)
    try:
        invitations.invite(
            current_user.organizer_id,
            team_id,
            form.address,
            Role(form.role.data),
            signed_in.language(),
            request.remote_addr,
        )
    except AlreadyMember:
        form.already_in()
        return _shown(own, 422, invitation=form)
    done.tell(gettext("An invitation goes to %(address)s.", address=form.address.delivery))
    return _back(team_id, "invitations")


@bp.post("/<number:team_id>/invitations/<number:invitation_id>/send")
@login_required
@proof_needed
def resend(team_id: int, invitation_id: int) -> Response:
    """Mail an invitation once more."""
    own = _owned(team_id)
    try:
        address = invitations.resend(
            current_user.organizer_id,
            team_id,
            invitation_id,
            signed_in.language(),
            request.remote_addr,
        )
    except AlreadyMember:
        return _shown(own, 409, gettext("This person is in the team already."))
    done.tell(gettext("The invitation goes to %(address)s once more.", address=address))
    return _back(team_id, "invitations")


@bp.post("/<number:team_id>/invitations/<number:invitation_id>/revoke")
@login_required
def revoke(team_id: int, invitation_id: int) -> Response:
    """Take an invitation back."""
    _owned(team_id)
    address = invitations.revoke(current_user.organizer_id, team_id, invitation_id)
    done.tell(
        gettext("The invitation of %(address)s is taken back.", address=address),
        undo=url_for("teams.resend", team_id=team_id, invitation_id=invitation_id),
        label=gettext("Invite again"),
    )
    return _back(team_id, "invitations")


@bp.post("/<number:team_id>/members/<number:organizer_id>/role")
@login_required
@proof_needed
def change_role(team_id: int, organizer_id: int) -> Response:
    """Give a member another role."""
    own = _owned(team_id)
    member = known.member(team_id, organizer_id)
    form = RoleForm()
    if not form.validate():
        return _shown(own, 422, str(form.problems[0][1]))
    try:
        teams.change_role(current_user.organizer_id, team_id, organizer_id, Role(form.role.data))
    except LastOwner:
        return _needs_owner(own)
    if member.role != form.role.data:
        done.tell(
            gettext(
                "%(name)s has another role now, and signs in anew to use it.", name=member.called
            ),
            undo=url_for("teams.change_role", team_id=team_id, organizer_id=organizer_id),
            label=gettext("Undo"),
            role=member.role,
        )
    return _back(team_id)


def _needs_owner(own: OwnTeam) -> Response:
    told = gettext("A team needs an owner. Make somebody else an owner first.")
    return _shown(own, 409, told)


@bp.post("/<number:team_id>/members/<number:organizer_id>/remove")
@login_required
@proof_needed
def remove(team_id: int, organizer_id: int) -> Response:
    """Take somebody out of a team."""
    own = _owned(team_id)
    member = known.member(team_id, organizer_id)
    try:
        teams.remove(current_user.organizer_id, team_id, organizer_id)
    except LastOwner:
        return _needs_owner(own)
    done.tell(
        gettext("%(name)s is no longer in the team.", name=member.called),
        undo=url_for("teams.invite", team_id=team_id),
        label=gettext("Invite again"),
        email=member.organizer.email,
        role=member.role,
    )
    return _back(team_id)


@bp.post("/<number:team_id>/leave")
@login_required
@proof_needed
def leave(team_id: int) -> Response:
    """Go out of a team."""
    own = _mine(team_id)
    try:
        teams.leave(current_user.organizer_id, team_id, current_user.session_id)
    except LastOwner:
        return _needs_owner(own)
    done.tell(gettext("You are no longer in %(team)s.", team=own.team.name))
    return answers.see(url_for("teams.index"))


def _back(team_id: int, place: str | None = None) -> Response:
    return answers.see(url_for("teams.show", team_id=team_id, _anchor=place))
