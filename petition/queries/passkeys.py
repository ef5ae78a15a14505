"""The passkeys of organizers."""

from sqlalchemy import select

from petition.extensions import db
from petition.models import Passkey


def of_organizer(organizer_id: int) -> list[Passkey]:
    """The passkeys of an organizer, in the order they were made."""
    mine = Passkey.organizer_id == organizer_id
    return list(db.session.scalars(select(Passkey).where(mine).order_by(Passkey.id)))
