"""What people without an account say of published signatures."""

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


def how_many_unsettled(letter_id: int) -> int:
    """How many reports wait for a decision."""
    waiting = select(func.count()).where(Report.letter_id == letter_id, Report.settled_at.is_(None))
    return db.session.scalar(waiting) or 0
