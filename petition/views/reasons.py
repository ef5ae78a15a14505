"""A team's list of reasons to reject signatures."""

from flask import Blueprint, Response, url_for
from flask_babel import gettext
from flask_login import current_user, login_required

from petition import reasons
from petition.actions import reasons as changing
from petition.actions.roles import Role, may, must
from petition.exceptions import LastReason, NotFound, Overtaken
from petition.forms.reasons import ReasonForm, kept, reason_form
from petition.languages import name
from petition.queries import teams
from petition.queries.teams import OwnTeam
from petition.reasons import TeamReason
from petition.views import answers, done

bp = Blueprint("reasons", __name__, url_prefix="/organize/teams/<number:team_id>/reasons")


@bp.get("")
@login_required
def index(team_id: int) -> Response:
    """The list, in its order."""
    return _index(teams.own(current_user.organizer_id, team_id))


def _index(own: OwnTeam, status: int = 200, problem: str = "") -> Response:
    listed = reasons.of(own.team.reasons)
    language = _languages(own)[0]
    worded = {each.code: reasons.wording(each.code, own.team.reasons, language) for each in listed}
    return answers.page(
        "teams/reasons.html",
        status=status,
        team=own.team,
        offered=[each for each in listed if not each.retired],
        retired=[each for each in listed if each.retired],
        worded=worded,
        language=language,
        may_edit=may(own.role, Role.EDITOR),
        room=len(listed) < reasons.MOST,
        most=reasons.MOST,
        problem=problem,
    )


def _languages(own: OwnTeam, reason: TeamReason | None = None) -> tuple[str, ...]:
    """Those of the team's letters, and those in which something is said already."""
    said = {*reason.public, *reason.mail} if reason else set()
    spoken = teams.languages(own.team.id) or ["en"]
    return (*spoken, *sorted(said.difference(spoken)))


@bp.get("/new")
@login_required
def new(team_id: int) -> Response:
    """An empty form."""
    own = _edited(team_id)
    data = {"version": str(reasons.version(own.team.reasons))}
    return _form(own, reason_form(_languages(own), False)(formdata=None, data=data))


def _edited(team_id: int) -> OwnTeam:
    own = teams.own(current_user.organizer_id, team_id)
    must(own.role, Role.EDITOR)
    return own


def _form(
    own: OwnTeam, form: ReasonForm, code: str = "", status: int = 200, problem: str = ""
) -> Response:
    return answers.page(
        "teams/reason.html",
        status=status,
        team=own.team,
        form=form,
        code=code,
        names={language: name(language, "en") for language in form.languages},
        usual={language: reasons.usual_words(code, language) for language in form.languages},
        problem=problem,
    )


@bp.post("")
@login_required
def add(team_id: int) -> Response:
    """Put a reason on the list."""
    own = _edited(team_id)
    form = reason_form(_languages(own), False)()
    if not form.validate():
        return _form(own, form, status=422)
    try:
        changing.add(current_user.organizer_id, team_id, form.seen, form.wanted())
    except Overtaken:
        return _overtaken(own, form)
    done.tell(gettext("“%(name)s” can be chosen now.", name=form.name.data))
    return _back(team_id)


def _overtaken(own: OwnTeam, form: ReasonForm, code: str = "") -> Response:
    """A colleague was first; what was typed is still there, and saved by another press."""
    now = teams.own(current_user.organizer_id, own.team.id).team.reasons
    form.version.data = str(reasons.version(now))
    problem = gettext(
        "A colleague has changed the list meanwhile. Look at it, and save once more if your change "
        "still fits."
    )
    if len(reasons.of(now)) >= reasons.MOST and not code:
        problem = gettext("The list is full: use a reason that is there.")
    return _form(own, form, code, 409, problem)


@bp.get("/<slug:code>")
@login_required
def edit(team_id: int, code: str) -> Response:
    """A reason as it is."""
    own = _edited(team_id)
    reason = _found(own, code)
    languages = _languages(own, reason)
    data = kept(reason, languages) | {"version": str(reasons.version(own.team.reasons))}
    return _form(own, reason_form(languages, reason.usual)(formdata=None, data=data), code)


def _found(own: OwnTeam, code: str) -> TeamReason:
    for reason in reasons.of(own.team.reasons):
        if reason.code == code:
            return reason
    raise NotFound


@bp.post("/<slug:code>")
@login_required
def save(team_id: int, code: str) -> Response:
    """Call it otherwise."""
    own = _edited(team_id)
    reason = _found(own, code)
    form = reason_form(_languages(own, reason), reason.usual)()
    if not form.validate():
        return _form(own, form, code, 422)
    try:
        changing.reword(current_user.organizer_id, team_id, form.seen, form.wanted(code))
    except Overtaken:
        return _overtaken(own, form, code)
    done.tell(gettext("“%(name)s” is saved.", name=form.name.data))
    return _back(team_id, code)


@bp.post("/<slug:code>/up")
@login_required
def up(team_id: int, code: str) -> Response:
    """Put it before the one above it."""
    changing.move_up(current_user.organizer_id, team_id, code)
    return _back(team_id, code)


@bp.post("/<slug:code>/retire")
@login_required
def retire(team_id: int, code: str) -> Response:
    """Let it be chosen no more."""
    own = _edited(team_id)
    reason = _found(own, code)
    try:
        changing.retire(current_user.organizer_id, team_id, code)
    except LastReason:
        problem = gettext("One reason has to be there to choose. Add or bring back another first.")
        return _index(own, 409, problem)
    done.tell(
        gettext("“%(name)s” cannot be chosen any more.", name=reason.name),
        undo=url_for(".offer", team_id=team_id, code=code),
        label=gettext("Undo"),
    )
    return _back(team_id, code)


@bp.post("/<slug:code>/offer")
@login_required
def offer(team_id: int, code: str) -> Response:
    """Let it be chosen again."""
    changing.offer(current_user.organizer_id, team_id, code)
    return _back(team_id, code)


def _back(team_id: int, code: str | None = None) -> Response:
    return answers.see(url_for(".index", team_id=team_id, _anchor=code))
