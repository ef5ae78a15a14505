"""Organizers, and what belongs to them, for tests: plain functions with keyword defaults."""

import re
from datetime import timedelta
from itertools import count

from flask.testing import FlaskClient

from petition import address, tokens
from petition.actions import invitations, organizers, sessions
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import (
    Invitation,
    Kind,
    Method,
    Organizer,
    OrganizerSession,
    OutgoingMail,
    Passkey,
    Role,
    Team,
)
from petition.queries import sessions as known_sessions
from petition.tokens import Purpose
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


def mailed(kind: Kind) -> OutgoingMail:
    """The newest mail of a kind."""
    db.session.rollback()  # ends the reading that began before
    mails = db.session.query(OutgoingMail).filter_by(kind=kind).order_by(OutgoingMail.id.desc())
    mail = mails.first()
    assert mail is not None, f"no mail: {kind}"
    return mail


def mailed_code(kind: Kind) -> str:
    """The code in the newest mail of a kind."""
    return tokens.sign_in_code((mailed(kind).about or {})["sign_in"])


def mailed_link() -> str:
    """The path of the link in the newest mail to sign in."""
    challenge = (mailed(Kind.SIGN_IN).about or {})["sign_in"]
    return f"/organize/sign-in/{tokens.make(Purpose.SIGN_IN, challenge)}"


def mailed_invitation() -> str:
    """The path of the link in the newest invitation."""
    number = (mailed(Kind.INVITATION).about or {})["invitation"]
    return f"/organize/invitations/{tokens.make(Purpose.INVITATION, number)}"


def how_many(kind: Kind) -> int:
    """How many mails of a kind were ever written."""
    db.session.rollback()
    return db.session.query(OutgoingMail).filter_by(kind=kind).count()


def cookie_of(client: FlaskClient) -> str:
    """The session cookie, as a thief would copy it."""
    cookie = client.get_cookie("session", path="/")
    assert cookie is not None
    return cookie.value


def with_cookie(client: FlaskClient, value: str) -> FlaskClient:
    """Another browser with a copied cookie."""
    other = client.application.test_client()
    other.set_cookie("session", value)
    return other


def is_in(client: FlaskClient) -> bool:
    """Whether the panel lets this browser in."""
    return client.get("/organize/account").status_code == 200


def without_tokens(page: str) -> str:
    """A page without what is new in it each time."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", page)
