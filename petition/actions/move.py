"""The one function that moves a signature from state to state."""

from typing import Any

from sqlalchemy import insert, select, update

from petition.actions import tally
from petition.clock import now
from petition.exceptions import DecisionConflict, NotFound
from petition.extensions import db
from petition.models import Actor, Decision, Letter, Signature, State

MOVES = {
    (State.PENDING, State.PUBLISHED),
    (State.PENDING, State.HELD),
    (State.WITHDRAWN, State.PUBLISHED),
    (State.WITHDRAWN, State.HELD),
    (State.HELD, State.PUBLISHED),
    (State.HELD, State.REJECTED),
    (State.HELD, State.WITHDRAWN),
    (State.PUBLISHED, State.HELD),
    (State.PUBLISHED, State.REJECTED),
    (State.PUBLISHED, State.WITHDRAWN),
    (State.REJECTED, State.HELD),
    (State.REJECTED, State.PUBLISHED),
}
"""Every move there is. What is rejected cannot withdraw and sign anew."""


def locked(signature_id: int) -> tuple[Signature, Letter]:
    """A signature as it stands now, kept from everybody else until the transaction ends.

    Raises:
        NotFound: there is none.
    """
    found = db.session.execute(
        select(Signature, Letter)
        .join(Letter, Letter.id == Signature.letter_id)
        .where(Signature.id == signature_id)
        .with_for_update(of=Signature)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound
    return found[0], found[1]


def move(
    signature: Signature,
    to: State,
    actor: Actor,
    *,
    organizer_id: int | None = None,
    reason: str | None = None,
    undoes_id: int | None = None,
    **values: Any,
) -> None:
    """Move a signature inside the caller's transaction: the row, the tally and the decision.

    Args:
        signature: as the caller has just read it; its state must still stand in the database.
        values: columns to change along with the state.

    Raises:
        DecisionConflict: the move is not one of `MOVES`, or somebody moved it first.
    """
    before = State(signature.state)
    if (before, to) not in MOVES:
        raise DecisionConflict
    at = now()
    if to is State.PUBLISHED:
        values["published_at"] = at
    moved = db.session.execute(
        update(Signature)
        .where(Signature.id == signature.id, Signature.state == before)
        .values(state=to, **values)
        .returning(Signature.id)
        .execution_options(synchronize_session=False)
    ).first()
    if moved is None:
        raise DecisionConflict
    tally.adjust(signature.letter_id, {before: -1, to: 1})
    db.session.execute(
        insert(Decision).values(
            letter_id=signature.letter_id,
            signature_id=signature.id,
            actor=actor,
            organizer_id=organizer_id,
            from_state=before,
            to_state=to,
            reason=reason,
            undoes_id=undoes_id,
            created_at=at,
        )
    )
