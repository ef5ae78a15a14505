"""What a signer who was rejected wrote to the organizers, and what they were answered."""

from sqlalchemy import select

from petition.extensions import db
from petition.models import Cause, Report


def of(signature_id: int) -> list[Report]:
    """All that is kept of it, in the order it was written."""
    mine = select(Report).where(Report.signature_id == signature_id, Report.cause == Cause.APPEAL)
    return list(db.session.scalars(mine.order_by(Report.id)))
