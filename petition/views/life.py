"""The life of a letter: when it opens and closes, what came of it, and how it leaves the view."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext
from flask_login import current_user, login_required

from petition import public, retention
from petition.actions import life, roles
from petition.actions.roles import Role
from petition.clock import now
from petition.exceptions import HasSignatures, OtherLife, Overtaken
from petition.forms.life import (
    DatesForm,
    OutcomeForm,
    ReasonForm,
    ReopenForm,
    TeamForm,
    as_typed,
)
from petition.forms.panel import PanelForm
from petition.queries import letters, tallies, teams
from petition.queries.letters import OwnLetter
from petition.views import answers, done
from petition.views.own_letter import own_letter
from petition.views.proof import proof_needed

bp = Blueprint("life", __name__, url_prefix="/organize/letters/<slug:slug>")


@bp.get("/life")
@login_required
def show(slug: str) -> Response:
    """Where the letter stands, and what can be done about it."""
    return _page(own_letter(slug))


def _page(
    own: OwnLetter, status: int = 200, wrong: PanelForm | None = None, problem: str = ""
) -> Response:
    """The page as the letter stands now; a form that was wrong keeps what was typed."""
    counts, closed = tallies.of_letter(own.letter.id), own.letter.closes_at
    return answers.page(
        "life/show.html",
        status=status,
        letter=public.letter(own.letter, own.revision, counts),
        role=own.role,
        kept=own.letter,
        may_write=roles.may(own.role, Role.EDITOR),
        owns=roles.may(own.role, Role.OWNER),
        signed=any(vars(counts).values()),
        taken_late=closed is not None and now() < closed + retention.GRACE,
        anonymous_from=retention.anonymous_from(now()),
        team=own.team,
        forms={
            name: wrong if isinstance(wrong, type(form)) else form
            for name, form in _forms(own).items()
        },
        wrong=wrong,
        problem=problem,
    )


def _forms(own: OwnLetter) -> dict[str, Any]:
    letter = own.letter
    dates = {
        "opens": as_typed(letter.opens_at),
        "closes": as_typed(letter.closes_at),
        "version": letter.version,
    }
    came = {  # of an earlier closing, where it was reopened: its words may serve, its end may not
        "outcome": letter.outcome if letter.life(now()) == "closed" else "",
        "message": letter.outcome_message,
        "version": letter.version,
    }
    return {
        "dates": DatesForm(formdata=None, data=dates),
        "outcome": OutcomeForm(formdata=None, data=came),
        "reopen": ReopenForm(formdata=None),
        "reason": ReasonForm(formdata=None, data={"reason": letter.withdrawn_reason}),
        "team": _team_form(own),
    }


def _team_form(own: OwnLetter) -> TeamForm:
    owned = teams.where(current_user.organizer_id, Role.OWNER)
    return TeamForm.among(team for team in owned if team.id != own.letter.team_id)


@bp.post("/life/dates")
@login_required
def plan(slug: str) -> Response:
    """Set when it opens and closes."""
    own = own_letter(slug)
    roles.must(own.role, Role.EDITOR)
    form = DatesForm()
    state = own.letter.life(now())
    if state == "open":
        del form.opens
    if not form.fit(scheduled=state == "scheduled", standing=own.letter.opens_at):
        return _page(own, 422, form)
    opens = form.opens.moment if "opens" in form else own.letter.opens_at
    try:
        life.plan(own.letter, own.role, form.seen, opens, form.closes.moment)
    except Overtaken:
        return _planned_by_another(slug, form)
    _tell_planned(state, opens, form.closes.moment)
    return _back(slug)


def _tell_planned(state: str, opens: datetime | None, closes: datetime | None) -> None:
    if state == "open" and closes:
        done.tell(gettext("Saved. It closes at exactly this time."))
    elif state == "open":
        done.tell(gettext("Saved. It stays open until you close it."))
    elif opens is None or opens <= now():
        done.tell(gettext("Saved. It opens as soon as it is published."))
    elif state == "draft":
        done.tell(gettext("Saved. Once it is published, it opens at exactly this time."))
    else:
        done.tell(gettext("Saved. It opens at exactly this time."))


def _planned_by_another(slug: str, form: DatesForm) -> Response:
    """Show what was typed here beside what a colleague has saved meanwhile."""
    own = own_letter(slug)
    form.version.data = own.letter.version
    problem = gettext(
        "A colleague has changed the letter since you opened this page. Saved at the moment: "
        "opens %(opens)s, closes %(closes)s (UTC). What you typed stands below; saving once more "
        "replaces theirs.",
        opens=as_typed(own.letter.opens_at).replace("T", " ") or gettext("at once"),
        closes=as_typed(own.letter.closes_at).replace("T", " ") or gettext("never"),
    )
    return _page(own, 409, form, problem)


@bp.post("/life/open")
@login_required
def open_now(slug: str) -> Response:
    """Open a letter before its time."""
    own = own_letter(slug)
    life.open_now(own.letter, own.role)
    done.tell(gettext("The letter is open."))
    return _back(slug)


@bp.post("/life/close")
@login_required
def close(slug: str) -> Response:
    """Close the letter now."""
    own = own_letter(slug)
    roles.must(own.role, Role.EDITOR)
    form = OutcomeForm()
    if not form.validate():
        return _page(own, 422, form)
    planned = as_typed(own.letter.closes_at)
    life.close(own.letter, own.role, form.chosen, form.message.data)
    done.tell(
        gettext("The letter is closed. Confirmations that were mailed count for 24 hours."),
        undo=url_for("life.reopen", slug=slug),
        label=gettext("Undo"),
        closes=planned,
    )
    return _back(slug)


@bp.post("/life/outcome")
@login_required
def tell_outcome(slug: str) -> Response:
    """Say what came of a closed letter."""
    own = own_letter(slug)
    roles.must(own.role, Role.EDITOR)
    form = OutcomeForm()
    if not form.validate():
        return _page(own, 422, form)
    try:
        life.tell_outcome(own.letter, own.role, form.seen, form.chosen, form.message.data)
    except Overtaken:
        return _told_by_another(slug, form)
    done.tell(gettext("Saved. It stands above the letter now."))
    return _back(slug)


def _told_by_another(slug: str, form: OutcomeForm) -> Response:
    """Show what was typed here beside what a colleague has said meanwhile."""
    own = own_letter(slug)
    form.version.data = own.letter.version
    problem = gettext(
        "A colleague has changed the letter since you opened this page. Saved at the moment: "
        "%(outcome)s. “%(message)s” What you wrote stands below; saving once more replaces theirs.",
        outcome=form.in_words(own.letter.outcome),
        message=own.letter.outcome_message,
    )
    return _page(own, 409, form, problem)


@bp.post("/life/reopen")
@login_required
def reopen(slug: str) -> Response:
    """Let a closed letter take signatures again."""
    own = own_letter(slug)
    roles.must(own.role, Role.EDITOR)
    form = ReopenForm()
    if not form.validate():
        return _page(own, 422, form)
    life.reopen(own.letter, own.role, form.closes.moment)
    done.tell(gettext("The letter is open again."))
    return _back(slug)


@bp.post("/life/withdraw")
@login_required
@proof_needed
def withdraw(slug: str) -> Response:
    """Take the letter from view."""
    own = own_letter(slug)
    roles.must(own.role, Role.OWNER)
    form = ReasonForm()
    if not form.validate():
        return _page(own, 422, form)
    life.take_from_view(own.letter, own.role, form.reason.data)
    if own.letter.life(now()) == "scheduled":
        told = gettext("The letter is withdrawn, and does not open.")
    else:
        told = gettext("The letter is withdrawn from view. Its addresses say why.")
    done.tell(
        told,
        undo=url_for("life.bring_back", slug=slug),
        label=gettext("Undo"),
    )
    return _back(slug)


@bp.post("/life/bring-back")
@login_required
def bring_back(slug: str) -> Response:
    """Show the letter again."""
    own = own_letter(slug)
    life.bring_back(own.letter, own.role)
    if own.letter.life(now()) == "scheduled":
        done.tell(gettext("The letter is back, and opens at its time."))
    else:
        done.tell(gettext("The letter can be read again."))
    return _back(slug)


@bp.post("/life/move")
@login_required
@proof_needed
def move(slug: str) -> Response:
    """Hand the letter over to another of my teams."""
    own = own_letter(slug)
    roles.must(own.role, Role.OWNER)
    form = _team_form(own)
    if not form.validate():
        return _page(own, 422, form)
    former = own.letter.team_id
    life.move_to_team(own.letter, own.role, current_user.organizer_id, form.team.data)
    done.tell(
        gettext("The letter belongs to the other team now. It is a draft until it is published."),
        undo=url_for("life.move", slug=slug),
        label=gettext("Move it back"),
        team=former,
    )
    return _back(slug)


@bp.post("/delete")
@login_required
@proof_needed
def delete(slug: str) -> Response:
    """Throw a draft away."""
    own = own_letter(slug)
    try:
        life.delete(own.letter, own.role)
    except HasSignatures:
        return _page(
            own_letter(slug), 409, problem=gettext("Somebody has signed it: it cannot go.")
        )
    done.tell(
        gettext("Deleted: %(title)s.", title=own.revision.title or slug),
        undo=url_for("life.restore", slug=slug),
        label=gettext("Undo"),
    )
    return answers.see(url_for("organize.home"))


@bp.post("/restore")
@login_required
def restore(slug: str) -> Response:
    """Bring back a draft that was thrown away."""
    own = letters.even_deleted_by_slug(current_user.organizer_id, slug)
    life.restore(own.letter, own.role)
    done.tell(gettext("Brought back: %(title)s.", title=own.revision.title or slug))
    return answers.see(url_for("organize.home"))


@bp.errorhandler(OtherLife)
@bp.errorhandler(Overtaken)
def overtaken(_error: OtherLife | Overtaken) -> Response:
    """The letter stands otherwise than it was shown: here is how."""
    problem = gettext("The letter has changed since you opened this page. Here is how it stands.")
    return _page(own_letter((request.view_args or {})["slug"]), 409, problem=problem)


def _back(slug: str) -> Response:
    return answers.see(url_for("life.show", slug=slug))
