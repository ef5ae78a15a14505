"""What the count of a letter is made of, besides its tally: kept numbers, and no rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, ColumnElement, ScalarSelect, false, func, literal_column, select

from petition.extensions import db
from petition.models import Act, Letter, Origin, Removal, Signature, Sweep, Team

MOST_HIDDEN = 10_000
"""How far those are counted who hide their name."""
MOST_INVENTED = 100_000
"""How far those are counted who are invented: an index has them alone, and a site none."""
MOST_INVALIDATIONS = 100


@dataclass(frozen=True)
class Parts:
    """What became of a letter's signatures, besides how many stand in each state."""

    removed: Sequence[Removal]
    """How many stand rejected, by day and reason, latest day first."""
    invalidations: Sequence[Sweep]
    """Latest first."""
    hidden: int
    """Published without a name; no more than one above `MOST_HIDDEN`."""
    invented: int
    """Published for a demonstration; no more than one above `MOST_INVENTED`."""
    reasons: list[dict[str, Any]]
    """Of the letter's team, as `petition.reasons` reads them."""


def of_letter(letter: Letter) -> Parts:
    """What the count of a letter is made of, by four statements."""
    removed = db.session.scalars(
        select(Removal)
        .where(Removal.letter_id == letter.id, Removal.number > 0)
        .order_by(Removal.day.desc(), Removal.number.desc(), Removal.reason)
    )
    invalidations = db.session.scalars(
        select(Sweep)
        .where(
            Sweep.letter_id == letter.id,
            Sweep.origin == Origin.INVALIDATION,
            Sweep.act == Act.REJECT,
            Sweep.moved > 0,
        )
        .order_by(Sweep.id.desc())
        .limit(MOST_INVALIDATIONS)
    )
    reasons = db.session.scalars(select(Team.reasons).where(Team.id == letter.team_id))
    hidden, invented = db.session.execute(
        select(
            _published(letter.id, Signature.show_name == false(), MOST_HIDDEN),
            # As the index says it: SQLite compares words.
            _published(letter.id, literal_column("invented", Boolean), MOST_INVENTED),
        )
    ).one()
    return Parts(removed.all(), invalidations.all(), hidden, invented, list(reasons.one() or []))


def _published(letter_id: int, which: ColumnElement[bool], most: int) -> ScalarSelect[int]:
    some = (
        select(literal_column("1"))
        .select_from(Signature)
        .where(
            Signature.letter_id == letter_id,
            Signature.state == literal_column("'published'"),
            which,
        )
        .limit(most + 1)
        .subquery()
    )
    return select(func.count()).select_from(some).scalar_subquery()
