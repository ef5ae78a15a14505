"""How many signatures stand rejected, by day and reason: for which, and whether that is true."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, func, literal, literal_column, select, union_all

from petition.extensions import db
from petition.models import Removal, Signature


@dataclass(frozen=True)
class RemovalDrift:
    """A kept number of a letter that differs from the rows it stands for."""

    letter_id: int
    day: date
    reason: str
    kept: int
    rows: int

    @property
    def what(self) -> str:
        """Which number it is."""
        return f"rejected on {self.day} for {self.reason or 'no reason'}"


def reasons(letter_id: int) -> set[str]:
    """For which reasons signatures of a letter were ever rejected."""
    return set(db.session.scalars(select(Removal.reason).where(Removal.letter_id == letter_id)))


def drift() -> list[RemovalDrift]:
    """Where the kept numbers and the rows disagree, both seen at the same instant."""
    day = func.date(Signature.removed_at, type_=Date)
    actual = (
        select(
            Signature.letter_id.label("letter_id"),
            day.label("day"),
            Signature.removed_for.label("reason"),
            literal(0).label("kept"),
            func.count().label("rows"),
        )
        .where(
            Signature.state == literal_column("'rejected'"),
            Signature.removed_at.is_not(None),
        )
        .group_by(Signature.letter_id, day, Signature.removed_for)
    )
    kept = select(Removal.letter_id, Removal.day, Removal.reason, Removal.number, literal(0))
    both = union_all(actual, kept).subquery()
    place = (both.c.letter_id, both.c.day, both.c.reason)
    numbers = func.sum(both.c.kept), func.sum(both.c.rows)
    rows = db.session.execute(
        select(*place, *numbers).group_by(*place).having(numbers[0] != numbers[1]).order_by(*place)
    )
    return [
        RemovalDrift(letter_id, day, reason, int(kept_), int(rows_))
        for letter_id, day, reason, kept_, rows_ in rows
    ]
