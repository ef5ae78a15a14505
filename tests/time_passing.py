"""Time that passes in tests: everything that was written down lies further back."""

from datetime import timedelta

from petition import caching
from petition.database import writing
from petition.extensions import db
from petition.models import (
    Decision,
    Letter,
    OutgoingMail,
    Report,
    Revision,
    Signatory,
    Signature,
    Verification,
)
from petition.models.base import UtcDateTime

_TABLES = (Decision, Letter, OutgoingMail, Report, Revision, Signatory, Signature, Verification)


def pass_time(days: float) -> None:
    """So many days later."""
    db.session.rollback()
    db.session.expire_all()
    with writing(db.session):
        for table in _TABLES:
            moments = [c.key for c in table.__table__.columns if isinstance(c.type, UtcDateTime)]
            for row in db.session.query(table):
                for name in moments:
                    if getattr(row, name) is not None:
                        setattr(row, name, getattr(row, name) - timedelta(days=days))
    db.session.expire_all()
    caching.recent.clear()
    caching.guards.clear()
