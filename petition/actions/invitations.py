"""Owners invite people into their team; each invitation fits one address and works once."""

from dataclasses import dataclass

from sqlalchemy import select, update

from petition import limits, tokens
from petition.actions import organizers, sessions, teams
from petition.actions.record import Action, record
from petition.address import Address
from petition.clock import now
from petition.database import writing
from petition.exceptions import LinkUsed, NotFound
from petition.extensions import db
from petition.mail import outbox
from petition.models import Invitation, Kind, Method, Organizer, Role, Team
from petition.tokens import Purpose


def invite(
    organizer_id: int,
    team_id: int,
    address: Address,
    role: Role,
    language: str,
    visitor: str | None,
) -> None:
    """Invite an address into a team. Who is invited already gets one more mail, with this role.

    Whether the address has an account is not told.

    Raises:
        NotFound, Forbidden: as `teams.owned`.
        AlreadyMember: they are in the team.
        TooOften: this network invites too many.
    """
    limits.check("invite", limits.INVITE, visitor)
    email = address.delivery.lower()
    with writing(db.session):
        team = teams.owned(organizer_id, team_id)
        teams.must_be_new(team_id, email)
        invitation = _waiting(team_id, email)
        if invitation is None:
            invitation = Invitation(team_id=team_id, email=email)
            db.session.add(invitation)
        invitation.role = role
        invitation.invited_by = organizer_id
        _send(team, invitation, language)
        record(
            Action.INVITED,
            organizer_id=organizer_id,
            team_id=team_id,
            invitation=invitation.id,
            role=role,
        )


def resend(
    organizer_id: int, team_id: int, invitation_id: int, language: str, visitor: str | None
) -> str:
    """Mail an invitation once more; it is good for another week. One that was taken back, too.

    Returns:
        The address.

    Raises:
        NotFound, Forbidden: as `teams.owned`; also, there is no such invitation.
        AlreadyMember: they are in the team by now.
        TooOften: this network invites too many.
    """
    limits.check("invite", limits.INVITE, visitor)
    with writing(db.session):
        team = teams.owned(organizer_id, team_id)
        invitation = _own(team_id, invitation_id)
        teams.must_be_new(team_id, invitation.email)
        invitation.revoked_at = None
        invitation.invited_by = organizer_id
        _send(team, invitation, language)
    return invitation.email


def revoke(organizer_id: int, team_id: int, invitation_id: int) -> str:
    """Take an invitation back: its link does not work any more.

    Returns:
        The address.

    Raises:
        NotFound, Forbidden: as `teams.owned`; also, there is no such invitation.
    """
    with writing(db.session):
        teams.owned(organizer_id, team_id)
        invitation = _own(team_id, invitation_id)
        invitation.revoked_at = invitation.revoked_at or now()
        record(
            Action.UNINVITED, organizer_id=organizer_id, team_id=team_id, invitation=invitation_id
        )
    return invitation.email


def _waiting(team_id: int, email: str) -> Invitation | None:
    return db.session.scalar(
        select(Invitation).where(
            Invitation.team_id == team_id,
            Invitation.email == email,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
    )


def _send(team: Team, invitation: Invitation, language: str) -> None:
    at = now()
    invitation.sent_at, invitation.expires_at = at, at + Purpose.INVITATION.age
    db.session.flush()
    by = db.session.get_one(Organizer, invitation.invited_by)
    outbox.post(
        Kind.INVITATION,
        invitation.email,
        language,
        {"invitation": invitation.id, "team": team.name, "by": by.name or by.email},
    )


@dataclass(frozen=True)
class Joined:
    """Who has come into which team."""

    team_id: int
    team: str
    organizer_id: int
    key: str | None
    """Of a new session, for a new organizer: the link is their proof. Others sign in."""


def accept(token: str, device: str, visitor: str | None) -> Joined:
    """Come into a team, by the link that reached the invited address.

    Raises:
        LinkBroken, LinkExpired: as `tokens.read`.
        LinkUsed: it was accepted, taken back, or is too old.
        TooOften: this network follows too many links.
    """
    limits.check("sign-in", limits.SIGN_IN, visitor)
    invitation_id = tokens.read(Purpose.INVITATION, token)
    with writing(db.session):
        team_id = db.session.scalar(
            select(Invitation.team_id).where(Invitation.id == invitation_id)
        )
        if team_id is None:
            raise LinkUsed
        team = teams.locked(team_id)  # in the order in which an owner takes them
        accepted = db.session.execute(
            update(Invitation)
            .where(
                Invitation.id == invitation_id,
                Invitation.accepted_at.is_(None),
                Invitation.revoked_at.is_(None),
                Invitation.expires_at > now(),
            )
            .values(accepted_at=now())
            .returning(Invitation.email, Invitation.role)
            .execution_options(synchronize_session=False)
        ).first()
        if accepted is None:
            raise LinkUsed
        organizer_id, new = organizers.ensure(accepted.email)
        if not teams.has(team_id, organizer_id):
            teams.put(team_id, organizer_id, Role(accepted.role))
            record(Action.JOINED, organizer_id=organizer_id, team_id=team_id, role=accepted.role)
        key = sessions.begin(organizer_id, Method.LINK, device) if new else None
    return Joined(team_id, team.name, organizer_id, key)


def _own(team_id: int, invitation_id: int) -> Invitation:
    """An invitation of a locked team that nobody has accepted."""
    invitation = db.session.scalar(
        select(Invitation)
        .where(
            Invitation.id == invitation_id,
            Invitation.team_id == team_id,
            Invitation.accepted_at.is_(None),
        )
        .execution_options(populate_existing=True)
    )
    if invitation is None:
        raise NotFound
    return invitation
