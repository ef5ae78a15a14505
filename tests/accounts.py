"""Organizers, and what belongs to them, for tests: plain functions with keyword defaults."""

from datetime import timedelta
from itertools import count

from petition import address
from petition.actions import invitations, organizers, sessions
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import (
    Invitation,
    Method,
    Organizer,
    OrganizerSession,
    Passkey,
    Role,
    Team,
)
from petition.queries import sessions as known_sessions
from tests.factories import TEAM

_number = count(1)


def make_member(email: str, role: Role = Role.VIEWER, team: str = TEAM) -> Organizer:
    """An organizer in a team, signed in nowhere."""
    organizers.add(email, role, team)
    return db.session.query(Organizer).filter_by(email=email).one()


def make_session(organizer: Organizer, device: str = "Firefox, Linux") -> OrganizerSession:
    """A session that is open in some other browser."""
    key = sessions.begin(organizer.id, Method.LINK, device)
    found = known_sessions.by_key(key)
    assert found is not None
    return found.session


def age_sessions(**ages: timedelta) -> None:
    """Put moments of every session back by so much."""
    with writing(db.session):
        db.session.query(OrganizerSession).update({name: now() - age for name, age in ages.items()})


def make_passkey(organizer: Organizer) -> Passkey:
    """A passkey that no device has."""
    number = next(_number)
    with writing(db.session):
        passkey = Passkey(
            organizer_id=organizer.id,
            credential_id=number.to_bytes(16),
            public_key=b"",
            sign_count=0,
            name=f"Key {number}",
        )
        db.session.add(passkey)
    return passkey


def make_invitation(
    email: str = "invited@example.org", role: Role = Role.EDITOR, team: str = TEAM
) -> Invitation:
    """An invitation by the team's owner."""
    owner = make_member("inviting@example.org", Role.OWNER, team)
    team_id = db.session.query(Team).filter_by(name=team).one().id
    invitations.invite(owner.id, team_id, address.parse(email), role, "en", None)
    return db.session.query(Invitation).filter_by(email=email, team_id=team_id).one()
