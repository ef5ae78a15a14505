"""Time passes: what is needed no longer is forgotten."""

from datetime import timedelta

from sqlalchemy import delete, exists, or_

from petition.actions.launch import KEPT
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import Letter, Signatory

AFTER_CLOSING = timedelta(days=30)
"""How long it is kept who was asked to sign a letter first and did not."""


def forget_asked() -> bool:
    """Forget those who are asked to sign first no more, with their addresses.

    Whoever signed has a signature, and is kept with it.

    Returns:
        Whether there is more to forget; there never is.
    """
    at = now()
    closed = exists().where(Letter.id == Signatory.letter_id, Letter.closes_at < at - AFTER_CLOSING)
    unsigned = Signatory.signature_id.is_(None)
    with writing(db.session):
        db.session.execute(
            delete(Signatory)
            .where(unsigned, or_(Signatory.removed_at < at - KEPT, closed))
            .execution_options(synchronize_session=False)
        )
    return False
