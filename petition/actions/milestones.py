"""Milestones that letters reach are written down, far from any request.

A letter remembers the count by which it was looked at last (`Letter.counted`), so that only those
whose count is another are looked at, and a goal that is set below the count is no milestone. What
is above the count is struck: whoever takes forgeries away takes the milestone away, and it is
dated anew when it is truly reached.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, or_, select, update

from petition import caching
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import Letter, Milestone
from petition.queries import tallies

MOST = 500
"""Letters that are looked at in one go."""
FIRST = 100
"""The lowest of the round numbers."""


def look() -> bool:
    """Look at the letters whose count has changed: note what they have reached since they were
    looked at, strike what they have no more.

    Returns:
        Whether there may be more.
    """
    at = now()
    changed = db.session.execute(_changed(at)).all()
    db.session.rollback()
    for row in changed:
        _note(row, at)
    return len(changed) == MOST


def _changed(at: datetime) -> Select[*tuple[Any, ...]]:
    """The letters that the world can read, and whose count is not the one of the last look."""
    count = tallies.published() + Letter.paper
    return (
        select(Letter.id, Letter.slug, Letter.goals, Letter.counted, count.label("total"))
        .where(
            Letter.published_at.is_not(None),
            or_(Letter.opens_at.is_(None), Letter.opens_at <= at),
            Letter.counted != count,
        )
        .order_by(Letter.id)
        .limit(MOST)
    )


def _note(row: Row[Any], at: datetime) -> None:
    count = int(row.total)
    with writing(db.session):
        if not _turn(row.id, row.counted, count):
            return  # another worker was faster
        above = Milestone.letter_id == row.id, Milestone.number > min(row.counted, count)
        db.session.execute(delete(Milestone).where(*above))
        db.session.add_all(
            Milestone(letter_id=row.id, number=number, reached_at=at)
            for number in _passed(row.counted, count, row.goals)
        )
    caching.recent.forget(row.slug)


def _turn(letter_id: int, before: int, count: int) -> bool:
    """Take up a letter at the count that it was looked at with; whether nobody else has."""
    turned = db.session.execute(
        update(Letter)
        .where(Letter.id == letter_id, Letter.counted == before)
        .values(counted=count)
        .returning(Letter.id)
        .execution_options(synchronize_session=False)
    )
    return turned.first() is not None


def _passed(before: int, count: int, goals: Iterable[int]) -> list[int]:
    """The milestones between two counts, ascending."""
    return sorted({each for each in (*_round(count), *goals) if before < each <= count})


def _round(count: int) -> Iterator[int]:
    """100, 250, 500, 1,000, 2,500 and so on, up to a count and perhaps somewhat above it."""
    number = FIRST
    while number <= count:
        yield from (number, number * 5 // 2, number * 5)
        number *= 10
