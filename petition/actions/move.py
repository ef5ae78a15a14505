"""The one function that moves a signature from state to state.

Thousands confirm at once, so each statement is built once and given its values when it runs.
"""

from functools import cache
from typing import Any, cast

from sqlalchemy import Select, Table, bindparam, insert, select, update
from sqlalchemy.sql.dml import Insert, ReturningUpdate

from petition.actions import tally
from petition.clock import now
from petition.database import Step, take
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

_signature = cast(Table, Signature.__table__)
_decision = cast(Table, Decision.__table__)


def locked(signature_id: int) -> tuple[Signature, Letter]:
    """A signature as it stands now, kept from everybody else until the transaction ends.

    Raises:
        NotFound: there is none.
    """
    found = db.session.execute(_locked(), {"signature_id": signature_id}).first()
    if found is None:
        raise NotFound
    return found[0], found[1]


@cache
def _locked() -> Select[Signature, Letter]:
    return (
        select(Signature, Letter)
        .join(Letter, Letter.id == Signature.letter_id)
        .where(Signature.id == bindparam("signature_id"))
        .with_for_update(of=Signature)
        .execution_options(populate_existing=True)
    )


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
    moved = take(
        db.session,
        tally.adjustment(signature.letter_id, {before: -1, to: 1}),
        Step(
            _decide(),
            {
                "letter_id": signature.letter_id,
                "signature_id": signature.id,
                "actor": actor,
                "organizer_id": organizer_id,
                "from_state": before,
                "to_state": to,
                "reason": reason,
                "undoes_id": undoes_id,
                "created_at": at,
            },
        ),
        Step(_move(tuple(values)), values),
    ).first()
    if moved is None:
        raise DecisionConflict


@cache
def _decide() -> Insert:
    columns = [column.name for column in _decision.c if column.name != "id"]
    return insert(_decision).values({name: bindparam(name) for name in columns})


@cache
def _move(changed: tuple[str, ...]) -> ReturningUpdate[int]:
    """Shares the names of its values with the decision about it."""
    still_there = _signature.c.state == bindparam("from_state")
    return (
        update(_signature)
        .where(_signature.c.id == bindparam("signature_id"), still_there)
        .values(state=bindparam("to_state"), **{name: bindparam(name) for name in changed})
        .returning(_signature.c.id)
    )
