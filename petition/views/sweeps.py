"""Deciding about many signatures: what is ticked at once, all that match after a second press."""

import json

from flask import Blueprint, Response, request, url_for
from flask_babel import format_decimal, gettext, lazy_gettext, ngettext
from flask_login import current_user, login_required

from petition import reasons
from petition.actions import roles, sweep
from petition.actions.roles import Role
from petition.actions.sweep import Act, Asked, Origin, Sweep
from petition.exceptions import DecisionConflict, FilterInvalid, LinkBroken
from petition.forms import sweep as words
from petition.forms.sweep import FILTER, SELECTION, ManyForm
from petition.numerals import LARGEST
from petition.queries import shown, sweeps, tallies, teams
from petition.queries.filters import Filter
from petition.queries.letters import OwnLetter
from petition.queries.queue import Tab
from petition.queries.sought import Sought
from petition.queries.sweeps import Seen
from petition.views import answers, chips, done, queues, spots
from petition.views.own_letter import own_letter
from petition.views.spots import Spot, number

bp = Blueprint("sweeps", __name__, url_prefix="/organize/letters/<slug:slug>/sweeps")


@bp.get("")
@login_required
def index(slug: str) -> Response:
    """What was decided about many, latest first."""
    own = own_letter(slug)
    page = sweeps.of_letter(own.letter.id, before=number(request.args.get("before")))
    return answers.page(
        "moderation/sweeps.html",
        **queues.frame(own, "sweeps.index"),
        listed=page.sweeps,
        earlier=page.earlier,
        line=line,
        stages=words.STAGES,
        called=lambda code: reasons.name(code, own.reasons),
    )


@bp.post("")
@login_required
def ask(slug: str) -> Response:
    """Decide about what is ticked, or settle which are all that match."""
    own = own_letter(slug)
    roles.must(own.role, Role.MODERATOR)
    form = ManyForm(own.reasons)
    try:
        looked = shown.read(own.letter.id, form.shown.data or "")
    except LinkBroken:
        return _again(slug, gettext("This page was too old. Here is how things stand now."))
    if not form.is_known:
        return _again(slug, gettext("Choose what is to be decided, and about which."))
    ids = _ticked()
    if form.scope.data == SELECTION and not ids:
        return _again(slug, gettext("Nothing was ticked, so nothing was decided."))
    if not form.validate():
        return _asked_again(own, form, ids)
    asked = Asked(
        Act(form.act.data), form.reason.data or None, form.words.data or "", form.tells.data
    )
    organizer = current_user.organizer_id
    if form.scope.data == FILTER:
        found = sweep.freeze(own.letter, own.role, organizer, looked, asked)
        return answers.see(url_for(".show", slug=slug, sweep_id=found.id))
    chosen = sweep.choose(own.letter, own.role, organizer, looked, ids, asked)
    _tell(slug, chosen)
    return answers.see(spots.here().address(slug))


def _ticked() -> list[int]:
    ids = request.form.getlist("signature", type=int)[: sweep.MOST_CHOSEN]
    return [each for each in ids if 0 < each <= LARGEST]


def _again(slug: str, problem: str) -> Response:
    done.tell(problem)
    return answers.see(spots.here().address(slug))


def _asked_again(own: OwnLetter, form: ManyForm, ids: list[int]) -> Response:
    """What is missing is asked for on a page of its own, with all that was ticked."""
    chosen = form.scope.data == SELECTION
    return answers.page(
        "moderation/ask.html",
        status=422,
        **queues.frame(own, spots.here().at),
        form=form,
        ids=ids if chosen else [],
        press=words.doing(form.act.data, len(ids)) if chosen else gettext("Look how many match"),
        sent=spots.here().along() | {"at": spots.here().at},
        back=spots.here().address(own.letter.slug),
    )


@bp.get("/<number:sweep_id>")
@login_required
def show(slug: str, sweep_id: int) -> Response:
    """Which signatures it is about, how far it has come, and what may be done about that."""
    return _page(own_letter(slug), sweep_id)


def _page(own: OwnLetter, sweep_id: int, status: int = 200, problem: str = "") -> Response:
    seen = sweeps.one(own.letter.id, sweep_id)
    if request.accept_mimetypes.best == "application/json":
        return answers.json(json.dumps(_progress(seen)))
    invalidates = seen.sweep.origin == Origin.INVALIDATION
    counts = tallies.of_letter(own.letter.id)
    framed = queues.frame(own, "invalidations.show" if invalidates else "sweeps.index", counts)
    return answers.page(
        "moderation/sweep.html",
        status=status,
        **framed,
        may_decide=roles.may(own.role, Role.MODERATOR),
        problem=problem,
        seen=seen,
        sweep=seen.sweep,
        numbers=seen.numbers,
        then=framed["letter"].count + seen.numbers.gain,
        takes_much=_takes_much(seen, counts.published),
        conditions=conditions(own, seen),
        sample=sweeps.sample(sweep_id),
        line=line(seen),
        doing=words.doing,
        done=words.done,
        way=_way(seen),
        called=lambda code: reasons.name(code, own.reasons),
        queue=Spot(Tab.ALL, Filter(sweep=sweep_id)).address(own.letter.slug),
    )


def conditions(own: OwnLetter, seen: Seen) -> list[str]:
    """What its signatures have in common, in words."""
    try:
        sought = Sought.read(seen.sweep.conditions or {})
    except FilterInvalid:
        return [gettext("something that is not understood any more")]
    colleagues = teams.colleagues(own.letter.team_id)
    called = {each.id: each.name or each.email for each in colleagues}
    spot = Spot(wanted=sought.filter)
    said = [each.words for each in chips.of(spot, own.letter.slug, own.reasons, called)]
    if sought.pattern:
        said.append(gettext("Name like “%(pattern)s”", pattern=sought.pattern))
    return said


def line(seen: Seen) -> str:
    """What it is, in a few words: what it did, or would do."""
    if seen.has_ended:
        return words.done(seen.sweep.act, seen.sweep.moved)
    return words.doing(seen.sweep.act, seen.numbers.total)


def _progress(seen: Seen) -> dict[str, object]:
    """How far it has come, for the script of its page."""
    return {"stage": seen.sweep.stage, "words": _way(seen), "done": seen.passed, "of": seen.due}


def _way(seen: Seen) -> str:
    """How far it has come, in words."""
    if seen.sweep.stage == "collecting":
        number = seen.numbers.total
        said = ngettext(
            "Looking: %(shown)s signature found so far.",
            "Looking: %(shown)s signatures found so far.",
            number,
            shown=format_decimal(number),
        )
    else:
        said = gettext(
            "%(done)s of %(all)s",
            done=format_decimal(seen.passed),
            all=format_decimal(seen.due),
        )
    return str(said)


@bp.post("/<number:sweep_id>/begin")
@login_required
def begin(slug: str, sweep_id: int) -> Response:
    """Decide about all that were found."""
    own = own_letter(slug)
    roles.must(own.role, Role.MODERATOR)
    much = _takes_much(
        sweeps.one(own.letter.id, sweep_id), tallies.of_letter(own.letter.id).published
    )
    if much and request.form.get("sure") != "y":
        problem = gettext("Tick first that so many shall not count any more.")
        return _page(own, sweep_id, 422, problem)
    sweep.begin(own.letter, own.role, current_user.organizer_id, sweep_id)
    return _back(slug, sweep_id)


def _takes_much(seen: Seen, count: int) -> bool:
    """Whether it takes more than a quarter of the count away: then a press alone is too little."""
    return -seen.numbers.gain * 4 > count


@bp.post("/<number:sweep_id>/stop")
@login_required
def stop(slug: str, sweep_id: int) -> Response:
    """Move no further ones."""
    own = own_letter(slug)
    sweep.stop(own.letter, own.role, current_user.organizer_id, sweep_id)
    return _back(slug, sweep_id)


@bp.post("/<number:sweep_id>/go-on")
@login_required
def go_on(slug: str, sweep_id: int) -> Response:
    """Go on where it was stopped."""
    own = own_letter(slug)
    sweep.go_on(own.letter, own.role, current_user.organizer_id, sweep_id)
    return _back(slug, sweep_id)


@bp.post("/<number:sweep_id>/discard")
@login_required
def discard(slug: str, sweep_id: int) -> Response:
    """Decide nothing."""
    own = own_letter(slug)
    sweep.discard(own.letter, own.role, current_user.organizer_id, sweep_id)
    return _back(slug, sweep_id)


@bp.post("/<number:sweep_id>/undo")
@login_required
def undo(slug: str, sweep_id: int) -> Response:
    """Put back all that it moved."""
    own = own_letter(slug)
    sweep.undo(own.letter, own.role, current_user.organizer_id, sweep_id)
    if "at" not in request.form:
        return _back(slug, sweep_id)
    done.tell(_put_back(sweeps.one(own.letter.id, sweep_id)))
    return answers.see(spots.here().address(slug))


def _put_back(seen: Seen) -> str:
    number, stayed = seen.sweep.back, seen.sweep.moved - seen.sweep.back
    said = ngettext(
        "%(shown)s signature put back.",
        "%(shown)s signatures put back.",
        number,
        shown=format_decimal(number),
    )
    if stayed:
        said += " " + ngettext(
            "%(shown)s stays: something was decided about it since.",
            "%(shown)s stay: something was decided about them since.",
            stayed,
            shown=format_decimal(stayed),
        )
    return str(said)


@bp.errorhandler(DecisionConflict)
def too_late(_error: DecisionConflict) -> Response:
    """Somebody pressed first: how it stands now."""
    given = request.view_args or {}
    problem = gettext("Somebody pressed first. Here is how it stands now.")
    return _page(own_letter(given["slug"]), given["sweep_id"], 409, problem)


def _tell(slug: str, chosen: Sweep) -> None:
    """Say what became of what was ticked, with a button that undoes the whole."""
    said = f"{words.done(chosen.act, chosen.moved)}." if chosen.moved else str(_NOTHING)
    for sentence in (_left(chosen.left), _unsure(sweeps.numbers(chosen.found).unsure)):
        said += f" {sentence}" if sentence else ""
    here = spots.here()
    undo = {"undo": url_for(".undo", slug=slug, sweep_id=chosen.id), "label": gettext("Undo all")}
    done.tell(said, **(undo if chosen.moved else {}), at=here.at, **here.along())


_NOTHING = lazy_gettext("Nothing was decided.")


def _left(number: int) -> str:
    if not number:
        return ""
    return str(
        ngettext(
            "%(shown)s was left as it is: somebody decided first, or it stands where this cannot "
            "be decided.",
            "%(shown)s were left as they are: somebody decided first, or they stand where this "
            "cannot be decided.",
            number,
            shown=format_decimal(number),
        )
    )


def _unsure(number: int) -> str:
    if not number:
        return ""
    return str(
        ngettext(
            "%(shown)s has a well-known name: note first how you made sure.",
            "%(shown)s have well-known names: note first how you made sure of each.",
            number,
            shown=format_decimal(number),
        )
    )


def _back(slug: str, sweep_id: int) -> Response:
    return answers.see(url_for(".show", slug=slug, sweep_id=sweep_id))
