"""How many signatures stand in each state, and whether the kept numbers are true."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ScalarSelect, Select, case, func, literal, literal_column, select, union_all

from petition.clock import now
from petition.extensions import db
from petition.models import Counts, Letter, Signature, State, Tally


def of_letters(letter_ids: Iterable[int]) -> dict[int, Counts]:
    """The kept numbers of several letters; every letter asked for is in the answer."""
    wanted = list(letter_ids)
    numbers: dict[int, dict[str, int]] = {letter_id: {} for letter_id in wanted}
    rows = db.session.execute(
        select(Tally.letter_id, Tally.state, func.sum(Tally.number))
        .where(Tally.letter_id.in_(wanted))
        .group_by(Tally.letter_id, Tally.state)
    )
    for letter_id, state, number in rows:
        numbers[letter_id][state] = int(number)
    return {letter_id: Counts(**states) for letter_id, states in numbers.items()}


def of_letter(letter_id: int) -> Counts:
    """The kept numbers of one letter."""
    return of_letters([letter_id])[letter_id]


def published() -> ScalarSelect[int]:
    """How many signatures of a letter are published, in a statement about letters."""
    return (
        select(func.coalesce(func.sum(Tally.number), 0))
        .where(Tally.letter_id == Letter.id, Tally.state == State.PUBLISHED)
        .correlate(Letter)
        .scalar_subquery()
    )


@dataclass(frozen=True)
class Lately:
    """How many signatures were published in the last hour, and in the last day."""

    hour: int = 0
    day: int = 0


def lately(letter_ids: Iterable[int]) -> dict[int, Lately]:
    """What came of late to several letters; every letter asked for is in the answer."""
    wanted = list(letter_ids)
    rows = db.session.execute(counted_lately(wanted, now()))
    found = {letter_id: Lately(int(hour), day) for letter_id, hour, day in rows}
    return {letter_id: found.get(letter_id, Lately()) for letter_id in wanted}


def counted_lately(letter_ids: list[int], at: datetime) -> Select[int, int, int]:
    """For each letter with any, how many were published in an hour and in a day.

    The index has those who show their names and those who do not, each by time: both are named,
    so that nothing older is looked at.
    """
    this_hour = case((Signature.published_at > at - timedelta(hours=1), 1), else_=0)
    return (
        select(Signature.letter_id, func.sum(this_hour), func.count())
        .where(
            Signature.state == literal_column("'published'"),
            Signature.letter_id.in_(letter_ids),
            Signature.show_name.in_([False, True]),
            Signature.published_at > at - timedelta(days=1),
        )
        .group_by(Signature.letter_id)
    )


@dataclass(frozen=True)
class Drift:
    """A kept number that differs from the rows it stands for."""

    letter_id: int
    state: State
    kept: int
    rows: int

    @property
    def what(self) -> str:
        """Which number it is."""
        return self.state.value


def drift() -> list[Drift]:
    """Where the kept numbers and the rows disagree.

    One statement, so that both are seen at the same instant whatever is being signed meanwhile.
    """
    actual = select(
        Signature.letter_id.label("letter_id"),
        Signature.state.label("state"),
        literal(0).label("kept"),
        func.count().label("rows"),
    ).group_by(Signature.letter_id, Signature.state)
    kept = select(Tally.letter_id, Tally.state, func.sum(Tally.number), literal(0)).group_by(
        Tally.letter_id, Tally.state
    )
    both = union_all(actual, kept).subquery()
    statement = (
        select(both.c.letter_id, both.c.state, func.sum(both.c.kept), func.sum(both.c.rows))
        .group_by(both.c.letter_id, both.c.state)
        .having(func.sum(both.c.kept) != func.sum(both.c.rows))
        .order_by(both.c.letter_id, both.c.state)
    )
    return [
        Drift(letter_id, State(state), int(kept_), int(rows))
        for letter_id, state, kept_, rows in db.session.execute(statement)
    ]
