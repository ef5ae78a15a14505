"""Organizers come in by a one-time link, and go."""

from datetime import timedelta

from sqlalchemy import select, update

from petition import limits, tokens
from petition.actions import sessions
from petition.address import parse
from petition.clock import now
from petition.database import writing
from petition.exceptions import LinkUsed
from petition.extensions import db
from petition.models import Membership, Method, Organizer, Role, SignIn, Team
from petition.tokens import Purpose

PRINTED_LASTS = timedelta(hours=24)
"""How long a sign-in link works that the operator was given."""


def add(email: str, role: Role | None, team_name: str) -> str:
    """Make sure of an organizer with this role in a team, made too where there is none yet.

    Without a role a member keeps the one there is, and a new one is an owner.

    Returns:
        The token of a one-time sign-in link.

    Raises:
        AddressInvalid: that is not an e-mail address.
    """
    address = parse(email).delivery.lower()
    with writing(db.session):
        team = ensure_team(team_name)
        organizer = db.session.scalar(select(Organizer).where(Organizer.email == address))
        if organizer is None:
            organizer = Organizer(email=address)
            db.session.add(organizer)
            db.session.flush()
        _give_role(team, organizer, role)
        link = SignIn(organizer_id=organizer.id, expires_at=now() + PRINTED_LASTS)
        db.session.add(link)
        db.session.flush()
    return tokens.make(Purpose.SIGN_IN, link.id)


def ensure_team(name: str) -> Team:
    """The team of this name, inside the caller's transaction."""
    team = db.session.scalar(select(Team).where(Team.name == name))
    if team is None:
        team = Team(name=name)
        db.session.add(team)
        db.session.flush()
    return team


def _give_role(team: Team, organizer: Organizer, role: Role | None) -> None:
    """A change of role ends the sessions that were opened with the old one."""
    membership = db.session.scalar(
        select(Membership).where(
            Membership.team_id == team.id, Membership.organizer_id == organizer.id
        )
    )
    if membership is None:
        role = role or Role.OWNER
        db.session.add(Membership(team_id=team.id, organizer_id=organizer.id, role=role))
    elif role is not None and membership.role != role:
        membership.role = role
        sessions.end_all(organizer.id)


def sign_in(token: str, visitor: str | None, device: str) -> str:
    """Spend a one-time link and begin a session.

    Returns:
        The key of the session, for the cookie.

    Raises:
        LinkBroken, LinkExpired: as `tokens.read`.
        LinkUsed: it has been spent, or was never made.
        TooOften: this network follows too many.
    """
    limits.check("sign-in", limits.SIGN_IN, visitor)
    link_id = tokens.read(Purpose.SIGN_IN, token)
    with writing(db.session):
        organizer_id = db.session.scalar(
            update(SignIn)
            .where(SignIn.id == link_id, SignIn.used_at.is_(None), SignIn.expires_at > now())
            .values(used_at=now())
            .returning(SignIn.organizer_id)
            .execution_options(synchronize_session=False)
        )
        if organizer_id is None:
            raise LinkUsed
        return sessions.begin(organizer_id, Method.LINK, device)
