"""Networks from which many may sign a letter for a while."""

from dataclasses import dataclass

from sqlalchemy import select

from petition.clock import now
from petition.extensions import db
from petition.models import AllowedNetwork, Organizer


@dataclass(frozen=True)
class Allowed:
    """An allowance, and who gave it. Which network it is of nobody can tell from it."""

    network: AllowedNetwork
    organizer: Organizer


def allowed(letter_id: int) -> list[Allowed]:
    """The allowances of a letter that are in force, latest first."""
    rows = db.session.execute(
        select(AllowedNetwork, Organizer)
        .join(Organizer, Organizer.id == AllowedNetwork.organizer_id)
        .where(AllowedNetwork.letter_id == letter_id, AllowedNetwork.until > now())
        .order_by(AllowedNetwork.until.desc(), AllowedNetwork.id.desc())
    )
    return [Allowed(*row) for row in rows]
