"""Keeping the numbers beside the rows they stand for."""

import secrets
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CompoundSelect,
    ScalarSelect,
    Select,
    bindparam,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.sql.dml import Insert

from petition.database import Step, insert, take
from petition.extensions import db
from petition.models import State, Tally

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

SLOTS = 16
"""Rows among which PostgreSQL spreads one number, so that confirmations do not queue for it."""


def adjust(letter_id: int, changes: dict[State, int]) -> None:
    """Add to the numbers of a letter, inside the transaction that moves its signatures."""
    take(db.session, adjustment(letter_id, changes))


def adjustment(letter_id: int, changes: dict[State, int]) -> Step:
    """What `adjust` does, as a step to take with others.

    The states are taken in one order, so that two movers never wait for each other in a circle.
    """
    dialect = db.engine.dialect.name
    slot = 0 if dialect == "sqlite" else secrets.randbelow(SLOTS)
    values: dict[str, int | str] = {"letter_id": letter_id, "slot": slot}
    for row, state in enumerate(sorted(changes)):
        values[f"state_{row}"] = state.value
        values[f"number_{row}"] = changes[state]
    return Step(_upsert(dialect, len(changes)), values)


def addition(letter_id: int, state: State, number: ScalarSelect[int], **values: Any) -> Step:
    """Add to one number what the database finds, as a step to take with others.

    Args:
        number: how many; a statement that is the same each time.
        values: the parameters in it.
    """
    dialect = db.engine.dialect.name
    slot = 0 if dialect == "sqlite" else secrets.randbelow(SLOTS)
    return Step(_add(dialect, state, number), {"letter_id": letter_id, "slot": slot, **values})


@cache
def _add(dialect: str, state: State, number: ScalarSelect[int]) -> Insert:
    table = Tally.__table__
    letter_id, slot = (bindparam(n, type_=table.c[n].type) for n in ("letter_id", "slot"))
    new = select(letter_id, literal_column(f"'{state}'"), slot, number).where(true())
    return _onto(insert(dialect, Tally), new)


@cache
def _upsert(dialect: str, rows: int) -> Insert:
    table = Tally.__table__
    names = {row: ("letter_id", f"state_{row}", "slot", f"number_{row}") for row in range(rows)}
    new = (
        select(*(bindparam(n, type_=c.type) for n, c in zip(names[row], table.c, strict=True)))
        # SQLite would take the ON of a conflict for that of a join, if there were no WHERE.
        .where(true())
        for row in range(rows)
    )
    return _onto(insert(dialect, Tally), union_all(*new))


def _onto(
    statement: "postgresql.Insert | sqlite.Insert", new: Select[Any] | CompoundSelect[Any]
) -> Insert:
    """Rows of numbers, each added to the one that stands there."""
    return statement.from_select(list(Tally.__table__.c), new).on_conflict_do_update(
        index_elements=[Tally.letter_id, Tally.state, Tally.slot],
        set_={"number": Tally.number + statement.excluded.number},
    )
