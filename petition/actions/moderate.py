"""An organizer decides about a signature, and may think again."""

from enum import StrEnum

from sqlalchemy import func, select

from petition import caching
from petition.actions.move import locked, move
from petition.database import writing
from petition.exceptions import DecisionConflict, Forbidden, NotFound
from petition.extensions import db
from petition.models import Actor, Decision, Letter, Role, Signature, State

DECIDERS = {Role.OWNER, Role.EDITOR, Role.MODERATOR}


class Reason(StrEnum):
    """Why a signature is rejected."""

    DUPLICATE = "duplicate"
    NOT_A_NAME = "not-a-name"
    IMPERSONATION = "impersonation"
    ADVERTISING = "advertising"
    ABUSE = "abuse"
    ON_REQUEST = "on-request"


def publish(letter: Letter, role: str, organizer_id: int, signature_id: int) -> None:
    """Publish a held signature.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not a signature of this letter.
        DecisionConflict: it is not held any more.
    """
    _decide(letter, role, organizer_id, signature_id, State.PUBLISHED, None)


def reject(letter: Letter, role: str, organizer_id: int, signature_id: int, reason: Reason) -> None:
    """Reject a held signature, with a reason. Raises as `publish` does."""
    _decide(letter, role, organizer_id, signature_id, State.REJECTED, reason)


def _decide(
    letter: Letter,
    role: str,
    organizer_id: int,
    signature_id: int,
    to: State,
    reason: Reason | None,
) -> None:
    _must_decide(role)
    with writing(db.session):
        signature = _of_letter(letter, signature_id)
        if signature.state != State.HELD:
            raise DecisionConflict
        move(signature, to, Actor.ORGANIZER, organizer_id=organizer_id, reason=reason)
    caching.recent.forget(letter.slug)


def undo(letter: Letter, role: str, organizer_id: int, decision_id: int) -> None:
    """Put a signature back to where a decision had taken it from; this is a decision too.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not a decision of this letter.
        DecisionConflict: something was decided since, or it was itself an undoing.
    """
    _must_decide(role)
    with writing(db.session):
        decision = db.session.get(Decision, decision_id)
        if decision is None or decision.letter_id != letter.id:
            raise NotFound
        signature = _of_letter(letter, decision.signature_id)
        if decision.undoes_id is not None or not _is_latest(decision):
            raise DecisionConflict
        move(
            signature,
            State(decision.from_state),
            Actor.ORGANIZER,
            organizer_id=organizer_id,
            undoes_id=decision.id,
        )
    caching.recent.forget(letter.slug)


def _must_decide(role: str) -> None:
    if role not in DECIDERS:
        raise Forbidden


def _of_letter(letter: Letter, signature_id: int) -> Signature:
    signature, its_letter = locked(signature_id)
    if its_letter.id != letter.id:
        raise NotFound
    return signature


def _is_latest(decision: Decision) -> bool:
    latest = select(func.max(Decision.id)).where(Decision.signature_id == decision.signature_id)
    by_organizer = decision.actor == Actor.ORGANIZER
    return by_organizer and db.session.scalar(latest) == decision.id
