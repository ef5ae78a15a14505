"""Sessions of organizers: which are open, and whose they are."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, select

from petition import tokens
from petition.clock import now
from petition.extensions import db
from petition.models import Membership, Organizer, OrganizerSession

LASTS = timedelta(days=7)
"""How long a session lasts at most."""
IDLE = timedelta(hours=12)
"""How long it lasts unused."""


@dataclass(frozen=True)
class OpenSession:
    """A session that is open, and whose it is."""

    session: OrganizerSession
    organizer: Organizer


def running(at: datetime) -> ColumnElement[bool]:
    """Neither too old nor unused for too long."""
    return and_(OrganizerSession.created_at > at - LASTS, OrganizerSession.seen_at > at - IDLE)


def by_key(key: str) -> OpenSession | None:
    """The session that a cookie carries the key of, if it is open.

    It ends with its organizer's last membership, whatever else was forgotten.
    """
    in_a_team = exists().where(Membership.organizer_id == Organizer.id)
    found = db.session.execute(
        select(OrganizerSession, Organizer)
        .join(Organizer, Organizer.id == OrganizerSession.organizer_id)
        .where(OrganizerSession.digest == tokens.digest(key), running(now()), in_a_team)
    ).first()
    return OpenSession(*found) if found else None
