"""What people without an account say of published signatures."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from petition.extensions import db
from petition.models import Report, Signature

PAGE = 50


@dataclass(frozen=True)
class Reported:
    """A report, and the signature it is about."""

    report: Report
    signature: Signature


def unsettled(letter_id: int, limit: int = PAGE) -> list[Reported]:
    """The reports that wait for a decision, oldest first."""
    rows = db.session.execute(
        select(Report, Signature)
        .join(Signature, Signature.id == Report.signature_id)
        .where(Report.letter_id == letter_id, Report.settled_at.is_(None))
        .order_by(Report.id)
        .limit(limit)
    )
    return [Reported(*row) for row in rows]


def how_many_unsettled(letter_ids: Iterable[int]) -> dict[int, int]:
    """How many reports wait for a decision; every letter asked for is in the answer."""
    wanted = list(letter_ids)
    rows = db.session.execute(
        select(Report.letter_id, func.count())
        .where(Report.letter_id.in_(wanted), Report.settled_at.is_(None))
        .group_by(Report.letter_id)
    )
    numbers = {row[0]: row[1] for row in rows}
    return {letter_id: numbers.get(letter_id, 0) for letter_id in wanted}
