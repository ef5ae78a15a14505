"""How the mail queue stands."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from petition.clock import now
from petition.extensions import db
from petition.models import Delivery, OutgoingMail

SLOW = timedelta(minutes=15)
"""How long a mail may wait before somebody should look."""


@dataclass(frozen=True)
class Standing:
    """The queue in numbers."""

    waiting: int
    oldest_waits: timedelta

    @property
    def problem(self) -> str | None:
        """What is wrong with it, if anything is."""
        if self.oldest_waits <= SLOW:
            return None
        minutes = int(self.oldest_waits.total_seconds() // 60)
        return f"the oldest has waited {minutes} minutes; is a worker running?"


def standing() -> Standing:
    """The queue as it is now."""
    waiting, oldest = db.session.execute(
        select(func.count(), func.min(OutgoingMail.created_at)).where(
            OutgoingMail.delivery == Delivery.QUEUED
        )
    ).one()
    return Standing(waiting, now() - oldest if oldest else timedelta())
