"""How many signatures stand in each state, and whether the kept numbers are true."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, literal, select, union_all

from petition.extensions import db
from petition.models import Counts, Signature, State, Tally


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
