"""What people without an account say of published signatures."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, select, true, tuple_

from petition.extensions import db
from petition.models import Report, Signature, State
from petition.queries import newest

PAGE = 50
SHOWN = 5
"""Reports of one signature that are shown; they are counted to the last."""


@dataclass(frozen=True)
class Reported:
    """A signature, and what waits to be read about it."""

    signature: Signature
    number: int
    """Of reports."""
    newest: list[Report]

    @property
    def by_owner(self) -> bool:
        """Whether whoever reads its mail says so: then it is out of the list by that."""
        return self.signature.state == State.WITHDRAWN


@dataclass(frozen=True)
class Place:
    """Where a signature stands among those that are reported."""

    rank: int
    """0, where the owner of the address says that it is not theirs; 1 elsewhere."""
    oldest: int
    """The first report about it that waits."""


@dataclass(frozen=True)
class ReportedPage:
    """One page of them, and the place after which there are more, if there are any."""

    reported: list[Reported]
    more: Place | None


def unsettled(
    letter_id: int, after: Place | None = None, which: Iterable[ColumnElement[bool]] = ()
) -> ReportedPage:
    """The signatures about which reports wait: those of owners first, then by their age.

    Args:
        which: what else has to be true of them.
    """
    waiting = (
        select(Report.signature_id, func.count().label("number"), func.min(Report.id).label("id"))
        .where(*_unsettled([letter_id]))
        .group_by(Report.signature_id)
        .subquery()
    )
    rank = case((Signature.state == State.WITHDRAWN, 0), else_=1)
    statement = (
        select(Signature, waiting.c.number, rank, waiting.c.id)
        .join(waiting, waiting.c.signature_id == Signature.id)
        .where(*which)
        .order_by(rank, waiting.c.id)
        .limit(PAGE + 1)
    )
    if after is not None:
        statement = statement.where(tuple_(rank, waiting.c.id) > (after.rank, after.oldest))
    rows = db.session.execute(statement).all()
    latest = newest.of_each(
        Report, (row[0].id for row in rows[:PAGE]), Report.settled_at.is_(None), SHOWN
    )
    shown = [Reported(row[0], row[1], latest[row[0].id]) for row in rows[:PAGE]]
    return ReportedPage(shown, Place(*rows[PAGE - 1][2:]) if len(rows) > PAGE else None)


def about(signature_ids: Iterable[int]) -> dict[int, list[Report]]:
    """The latest reports about signatures, by their ids, newest first: settled ones too."""
    return newest.of_each(Report, signature_ids, true(), SHOWN)


def how_many(letter_ids: Iterable[int]) -> dict[int, int]:
    """How many signatures are reported; every letter asked for is in the answer."""
    wanted = list(letter_ids)
    rows = db.session.execute(
        select(Report.letter_id, func.count(Report.signature_id.distinct()))
        .where(*_unsettled(wanted))
        .group_by(Report.letter_id)
    )
    numbers = {row[0]: row[1] for row in rows}
    return {letter_id: numbers.get(letter_id, 0) for letter_id in wanted}


def some(letter_id: int, most: int) -> int:
    """How many signatures of a letter are reported; counted no further than to one more."""
    few = select(Report.signature_id).where(*_unsettled([letter_id])).distinct().limit(most + 1)
    return db.session.scalar(select(func.count()).select_from(few.subquery())) or 0


def _unsettled(letter_ids: list[int]) -> tuple[ColumnElement[bool], ...]:
    return Report.letter_id.in_(letter_ids), Report.settled_at.is_(None)
