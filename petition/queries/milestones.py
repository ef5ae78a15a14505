"""Milestones that letters have reached."""

from sqlalchemy import select

from petition.extensions import db
from petition.models import Milestone


def latest(letter_id: int, limit: int) -> list[Milestone]:
    """The milestones of a letter, the latest first."""
    return list(
        db.session.scalars(
            select(Milestone)
            .where(Milestone.letter_id == letter_id)
            .order_by(Milestone.reached_at.desc(), Milestone.number.desc())
            .limit(limit)
        )
    )
