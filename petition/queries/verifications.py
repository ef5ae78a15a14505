"""How organizers made sure who somebody is."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from petition.extensions import db
from petition.models import Organizer, Verification


@dataclass(frozen=True)
class Verified:
    """What was noted, and by whom."""

    verification: Verification
    organizer: Organizer


def in_force(signature_ids: Iterable[int]) -> dict[int, Verified]:
    """What is noted about signatures and has not ended, by their ids."""
    rows = db.session.execute(
        select(Verification, Organizer)
        .join(Organizer, Organizer.id == Verification.organizer_id)
        .where(Verification.signature_id.in_(list(signature_ids)), Verification.ended_at.is_(None))
        .order_by(Verification.id)
    )
    return {row[0].signature_id: Verified(*row) for row in rows}
