"""Organizers and what they may do."""

from sqlalchemy import select

from petition.extensions import db
from petition.models import Membership, Organizer, Team


def by_session(organizer_id: int, epoch: int) -> Organizer | None:
    """The organizer whose session this is, unless their sessions were ended since."""
    organizer = db.session.get(Organizer, organizer_id)
    if organizer is None or organizer.session_epoch != epoch:
        return None
    return organizer


def teams(organizer_id: int) -> list[str]:
    """The names of the teams that an organizer belongs to, in the order they joined."""
    return list(
        db.session.scalars(
            select(Team.name)
            .join(Membership, Membership.team_id == Team.id)
            .where(Membership.organizer_id == organizer_id)
            .order_by(Membership.id)
        )
    )
