"""Organizers and what they may do."""

from petition.extensions import db
from petition.models import Organizer


def by_session(organizer_id: int, epoch: int) -> Organizer | None:
    """The organizer whose session this is, unless their sessions were ended since."""
    organizer = db.session.get(Organizer, organizer_id)
    if organizer is None or organizer.session_epoch != epoch:
        return None
    return organizer
