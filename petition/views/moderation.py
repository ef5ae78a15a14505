"""Deciding about signatures: the queue, and the decisions that can be undone."""

from datetime import timedelta

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext
from flask_login import current_user, login_required

from petition import public
from petition.actions import moderate, roles
from petition.actions.moderate import Reason
from petition.actions.roles import Role
from petition.clock import now
from petition.exceptions import DecisionConflict, NotFound
from petition.forms.decision import RejectForm
from petition.queries import letters, signatures, tallies
from petition.queries.letters import OwnLetter
from petition.queries.signatures import DecidedSignature
from petition.views import answers
from petition.views.converters import LARGEST

bp = Blueprint("moderation", __name__, url_prefix="/organize")

NEWEST = 20
"""Published names shown in the panel."""
MOMENT = timedelta(minutes=1)
"""For how long a decision is repeated at the top of the page."""


@bp.get("/letters/<slug:slug>/moderation")
@login_required
def queue(slug: str) -> Response:
    """What waits for a decision, and the decisions that can still be undone."""
    own = _own_letter(slug)
    return _shown(own, before=_before(request.args.get("before")))


def _own_letter(slug: str) -> OwnLetter:
    return letters.of_organizer_by_slug(current_user.organizer_id, slug)


def _before(value: str | None) -> int | None:
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and int(value[:20]) <= LARGEST):
        raise NotFound
    return int(value)


def _shown(
    own: OwnLetter,
    status: int = 200,
    problem: str = "",
    rejected: int | None = None,
    before: int | None = None,
) -> Response:
    counts = tallies.of_letter(own.letter.id)
    held = signatures.held(own.letter.id)
    decided = signatures.decided(own.letter.id, before)
    looking = status == 200 and before is None
    letter = public.letter(own.letter, own.revision, counts)
    return answers.page(
        "moderation/queue.html",
        status=status,
        letter=letter,
        said=lambda each: public.answers(each.answers, letter.asking.questions, letter.language),
        counts=counts,
        held=held,
        more=max(0, counts.held - len(held)),
        published=signatures.newest(own.letter.id, NEWEST),
        decided=decided.decisions,
        earlier=decided.earlier,
        before=before,
        just_done=_just_done(decided.decisions) if looking else None,
        role=own.role,
        may_decide=roles.may(own.role, Role.MODERATOR),
        reject=RejectForm(),
        problem=problem,
        rejected=rejected,
    )


def _just_done(decided: list[DecidedSignature]) -> DecidedSignature | None:
    """What this organizer decided a moment ago, read from the record of decisions."""
    newest = next((d for d in decided if d.organizer.id == current_user.organizer_id), None)
    if newest is None or now() - newest.decision.created_at > MOMENT:
        return None
    return newest


@bp.post("/letters/<slug:slug>/signatures/<number:signature_id>/publish")
@login_required
def publish(slug: str, signature_id: int) -> Response:
    """Publish a held signature."""
    own = _own_letter(slug)
    done = moderate.publish(own.letter, own.role, current_user.organizer_id, signature_id)
    return _back(slug, _next(signatures.held_after(done)))


@bp.post("/letters/<slug:slug>/signatures/<number:signature_id>/reject")
@login_required
def reject(slug: str, signature_id: int) -> Response:
    """Reject a signature that waits or is published, for a reason."""
    own = _own_letter(slug)
    form = RejectForm()
    if not form.validate():
        problem = gettext("Choose a reason before you reject.")
        return _shown(own, 422, problem, rejected=signature_id)
    reason = Reason(form.reason.data)
    seen = request.form.get("seen", "held")
    organizer = current_user.organizer_id
    done = moderate.reject(own.letter, own.role, organizer, signature_id, reason, seen)
    if seen != "held":
        return _back(slug, "published")
    return _back(slug, _next(signatures.held_after(done)))


@bp.post("/letters/<slug:slug>/decisions/<number:decision_id>/undo")
@login_required
def undo(slug: str, decision_id: int) -> Response:
    """Put a signature back to where it was before a decision."""
    own = _own_letter(slug)
    done = moderate.undo(own.letter, own.role, current_user.organizer_id, decision_id)
    return _back(slug, f"signature-{done.id}")


@bp.errorhandler(DecisionConflict)
def too_late(error: DecisionConflict) -> Response:
    """The second to decide is told whose signature it was, and how things stand now."""
    own = _own_letter((request.view_args or {})["slug"])
    name = next(iter(error.args), "")
    if not name:
        problem = gettext("This cannot be decided any more. Here is how things stand now.")
    else:
        problem = gettext(
            "%(name)s: somebody decided first. Here is how things stand now.", name=name
        )
    return _shown(own, 409, problem)


def _next(waiting: int | None) -> str:
    return "waiting" if waiting is None else f"signature-{waiting}"


def _back(slug: str, place: str) -> Response:
    return answers.see(url_for("moderation.queue", slug=slug, _anchor=place))
