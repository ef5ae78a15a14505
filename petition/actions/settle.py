"""What was reported about signatures is settled, or taken up again.

Inside a transaction that keeps these signatures from everybody else.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, exists, update

from petition.extensions import db
from petition.models import Decision, Report


def settle(
    signature_ids: Iterable[int], *which: ColumnElement[bool], at: datetime, **values: object
) -> int:
    """Settle what waits about some signatures.

    Args:
        which: of what was reported about them.
        at: by this moment they are found again; of those that a decision settles, its own.
        values: columns to change along with that.

    Returns:
        How many reports.
    """
    return len(
        db.session.scalars(
            update(Report)
            .where(
                Report.signature_id.in_(list(signature_ids)), Report.settled_at.is_(None), *which
            )
            .values(settled_at=at, **values)
            .returning(Report.id)
            .execution_options(synchronize_session=False)
        ).all()
    )


def reopen(signature_ids: Iterable[int], which: ColumnElement[bool]) -> None:
    """Take up again what was settled about some signatures."""
    db.session.execute(
        update(Report)
        .where(Report.signature_id.in_(list(signature_ids)), which)
        .values(settled_at=None)
        .execution_options(synchronize_session=False)
    )


def by_decisions(ids: Iterable[int]) -> ColumnElement[bool]:
    """Whether a report was settled by one of these decisions."""
    return exists().where(
        Decision.id.in_(list(ids)),
        Decision.signature_id == Report.signature_id,
        Decision.created_at == Report.settled_at,
    )
