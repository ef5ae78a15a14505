"""An organizer decides about a signature, and may think again."""

from sqlalchemy import func, select

from petition import caching
from petition.actions.move import Locked, locked, move
from petition.actions.roles import must
from petition.database import writing
from petition.exceptions import DecisionConflict, NotFound
from petition.extensions import db
from petition.models import Actor, Decision, Letter, Role, State
from petition.models import Reason as Reason  # views know it from here

UNDECIDED = {State.HELD, State.PUBLISHED}
"""What can be rejected: what waits, and what stands in public."""


def publish(letter: Letter, role: str, organizer_id: int, signature_id: int) -> Locked:
    """Publish a held signature.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not a signature of this letter.
        DecisionConflict: it is not held any more, or its signer took their words back.
    """
    return _decide(letter, role, organizer_id, signature_id, State.HELD, State.PUBLISHED, None)


def reject(
    letter: Letter,
    role: str,
    organizer_id: int,
    signature_id: int,
    reason: Reason,
    seen: str = State.HELD,
) -> Locked:
    """Reject a signature that is held or published, with a reason.

    Args:
        seen: the state in which the organizer was shown it. Whoever rejects what waits does not
            take down what somebody else has published meanwhile.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not a signature of this letter.
        DecisionConflict: it is not in that state any more.
    """
    return _decide(letter, role, organizer_id, signature_id, seen, State.REJECTED, reason)


def _decide(
    letter: Letter,
    role: str,
    organizer_id: int,
    signature_id: int,
    seen: str,
    to: State,
    reason: Reason | None,
) -> Locked:
    must(role, Role.MODERATOR)
    with writing(db.session):
        signature = _of_letter(letter, signature_id)
        if seen not in UNDECIDED or signature.state != seen or not signature.name:
            raise DecisionConflict(signature.name)
        move(signature, to, Actor.ORGANIZER, organizer_id=organizer_id, reason=reason)
    caching.recent.forget(letter.slug)
    return signature


def undo(letter: Letter, role: str, organizer_id: int, decision_id: int) -> Locked:
    """Put a signature back to where a decision had taken it from; this is a decision too.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not a decision of this letter.
        DecisionConflict: something was decided since, it was itself an undoing, or the signer took
            their words back, which leaves nothing to put anywhere.
    """
    must(role, Role.MODERATOR)
    with writing(db.session):
        decision = db.session.get(Decision, decision_id)
        if decision is None or decision.letter_id != letter.id:
            raise NotFound
        signature = _of_letter(letter, decision.signature_id)
        done = decision.undoes_id is not None or not _is_latest(decision)
        if done or not signature.name:
            raise DecisionConflict(signature.name)
        move(
            signature,
            State(decision.from_state),
            Actor.ORGANIZER,
            organizer_id=organizer_id,
            undoes_id=decision.id,
        )
    caching.recent.forget(letter.slug)
    return signature


def _of_letter(letter: Letter, signature_id: int) -> Locked:
    signature = locked(signature_id)
    if signature.letter_id != letter.id:
        raise NotFound
    return signature


def _is_latest(decision: Decision) -> bool:
    latest = select(func.max(Decision.id)).where(Decision.signature_id == decision.signature_id)
    by_organizer = decision.actor == Actor.ORGANIZER
    return by_organizer and db.session.scalar(latest) == decision.id
