"""Organizers and the teams they belong to."""

from sqlalchemy import select

from petition.extensions import db
from petition.models import Membership, Team


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
