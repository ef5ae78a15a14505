"""Sessions of organizers: which are open, and whose they are."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, select

from petition import tokens
from petition.clock import now
from petition.extensions import db
from petition.models import Membership, Method, Organizer, OrganizerSession, Passkey, Team
from petition.queries.teams import in_a_team

LASTS = timedelta(days=7)
"""How long a session lasts at most."""
IDLE = timedelta(hours=12)
"""How long it lasts unused."""
SEEN_EVERY = timedelta(minutes=5)
"""How exactly it is known when it was used last."""
PROOF_LASTS = timedelta(minutes=10)
"""For how long who has proved that it is them need not do so again."""


@dataclass(frozen=True)
class OpenSession:
    """A session that is open, and whose it is."""

    session: OrganizerSession
    organizer: Organizer
    has_passkey: bool
    passkey_required: bool
    """By one of the organizer's teams."""

    @property
    def unnoted(self) -> bool:
        """Whether it is long enough in use to note so."""
        return now() - self.session.seen_at > SEEN_EVERY

    @property
    def proved(self) -> bool:
        """Whether its organizer proved just now that it is them."""
        return now() - self.session.proved_at <= PROOF_LASTS

    @property
    def lacks_passkey(self) -> bool:
        """Whether a passkey must be used in it before anything else."""
        return self.passkey_required and self.session.method != Method.PASSKEY


def running(at: datetime) -> ColumnElement[bool]:
    """Neither too old nor unused for too long."""
    return and_(OrganizerSession.created_at > at - LASTS, OrganizerSession.seen_at > at - IDLE)


def by_key(key: str) -> OpenSession | None:
    """The session that a cookie carries the key of, if it is open.

    It ends with its organizer's last membership, whatever else was forgotten.
    """
    here = in_a_team(Organizer.id)
    strict = select(Team.id).where(Team.passkey_required)
    found = db.session.execute(
        select(
            OrganizerSession,
            Organizer,
            exists().where(Passkey.organizer_id == Organizer.id),
            here.where(Membership.team_id.in_(strict)),
        )
        .join(Organizer, Organizer.id == OrganizerSession.organizer_id)
        .where(OrganizerSession.digest == tokens.digest(key), running(now()), here)
    ).first()
    return OpenSession(*found) if found else None


def of_organizer(organizer_id: int) -> list[OrganizerSession]:
    """The open sessions of an organizer, the last used first."""
    mine = OrganizerSession.organizer_id == organizer_id
    return list(
        db.session.scalars(
            select(OrganizerSession)
            .where(mine, running(now()))
            .order_by(OrganizerSession.seen_at.desc(), OrganizerSession.id.desc())
        )
    )
