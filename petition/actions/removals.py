"""Keeping how many stand rejected, by day and reason, beside the rows."""

from collections.abc import Mapping
from datetime import date
from functools import cache

from sqlalchemy import bindparam
from sqlalchemy.sql.dml import Insert

from petition.database import Step, insert, take
from petition.extensions import db
from petition.models import Removal


def adjust(letter_id: int, changes: Mapping[tuple[date, str], int]) -> None:
    """Add to the numbers of a letter, inside the transaction that moves its signatures.

    After the tally (`turns`), and in one order, so that two movers never wait for each other.
    """
    for (day, reason), number in sorted(changes.items()):
        if number:
            take(db.session, adjustment(letter_id, day, reason, number))


def adjustment(letter_id: int, day: date, reason: str, number: int) -> Step:
    """Add to one number, as a step to take with others."""
    return Step(
        _add(db.engine.dialect.name),
        {
            "letter_id": letter_id,
            "removal_day": day,
            "removal_reason": reason,
            "removal_number": number,
        },
    )


@cache
def _add(dialect: str) -> Insert:
    columns = Removal.__table__.c
    statement = insert(dialect, Removal).values(
        letter_id=bindparam("letter_id", type_=columns.letter_id.type),
        day=bindparam("removal_day", type_=columns.day.type),
        reason=bindparam("removal_reason", type_=columns.reason.type),
        number=bindparam("removal_number", type_=columns.number.type),
    )
    return statement.on_conflict_do_update(
        index_elements=[Removal.letter_id, Removal.day, Removal.reason],
        set_={"number": Removal.number + statement.excluded.number},
    )
