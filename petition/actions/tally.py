"""Keeping the numbers beside the rows they stand for."""

import secrets
from functools import lru_cache

from sqlalchemy import bindparam
from sqlalchemy.sql.dml import Insert

from petition.database import insert
from petition.extensions import db
from petition.models import State, Tally

SLOTS = 16
"""Rows among which PostgreSQL spreads one number, so that confirmations do not queue for it."""


@lru_cache(maxsize=2)
def _upsert(dialect: str) -> Insert:
    statement = insert(dialect, Tally)
    return statement.values(
        letter_id=bindparam("letter_id"),
        state=bindparam("state"),
        slot=bindparam("slot"),
        number=bindparam("number"),
    ).on_conflict_do_update(
        index_elements=[Tally.letter_id, Tally.state, Tally.slot],
        set_={"number": Tally.number + statement.excluded.number},
    )


def adjust(letter_id: int, changes: dict[State, int]) -> None:
    """Add to the numbers of a letter, inside the transaction that moves its signatures.

    The states are taken in one order, so that two movers never wait for each other in a circle.
    """
    dialect = db.engine.dialect.name
    slot = 0 if dialect == "sqlite" else secrets.randbelow(SLOTS)
    db.session.execute(
        _upsert(dialect),
        [
            {"letter_id": letter_id, "state": state.value, "slot": slot, "number": changes[state]}
            for state in sorted(changes)
        ],
    )
