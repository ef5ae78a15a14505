"""Teams, who is in them, and who is invited."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Exists, and_, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute

from petition.clock import now
from petition.exceptions import LinkUsed, NotFound
from petition.extensions import db
from petition.models import Invitation, Letter, Membership, Organizer, Passkey, Role, Team

_DECIDING = tuple(role for role in Role if role.includes(Role.MODERATOR))


def in_a_team(organizer: int | InstrumentedAttribute[int]) -> Exists:
    """Whether an organizer, or whoever a column names, is in any team; else nothing is open."""
    return exists().where(Membership.organizer_id == organizer)


def is_in_a_team(organizer_id: int) -> bool:
    """Whether an organizer is in any team: somebody may have taken them out since they asked."""
    return bool(db.session.scalar(select(in_a_team(organizer_id))))


@dataclass(frozen=True)
class OwnTeam:
    """A team, and the role in which an organizer looks at it."""

    team: Team
    role: str


def own(organizer_id: int, team_id: int) -> OwnTeam:
    """A team that an organizer belongs to.

    Raises:
        NotFound: there is none, or they are not in it; the two are not told apart.
    """
    found = db.session.execute(
        select(Team, Membership.role)
        .join(Membership, Membership.team_id == Team.id)
        .where(Team.id == team_id, Membership.organizer_id == organizer_id)
    ).first()
    if found is None:
        raise NotFound
    return OwnTeam(*found)


def reasons_of(team_id: int) -> list[dict[str, Any]]:
    """Why a team rejects signatures, as `petition.reasons` reads it."""
    return db.session.scalar(select(Team.reasons).where(Team.id == team_id)) or []


def languages(team_id: int) -> list[str]:
    """The languages that a team's letters are published or written in, the most usual first."""
    theirs = and_(Letter.team_id == team_id, Letter.deleted_at.is_(None))
    letters = select(Letter.language, Letter.languages).where(theirs).order_by(Letter.id)
    rows = db.session.execute(letters)
    spoken = Counter(each for own, others in rows for each in dict.fromkeys([own, *others]))
    return [language for language, _ in spoken.most_common()]


@dataclass(frozen=True)
class TeamAtAGlance(OwnTeam):
    """A team with how many are in it."""

    members: int


def mine(organizer_id: int) -> list[TeamAtAGlance]:
    """The teams that an organizer belongs to, in the order they joined."""
    everybody = Membership.__table__.alias("everybody")
    members = select(func.count()).where(everybody.c.team_id == Team.id).scalar_subquery()
    rows = db.session.execute(
        select(Team, Membership.role, members)
        .join(Membership, Membership.team_id == Team.id)
        .where(Membership.organizer_id == organizer_id)
        .order_by(Membership.id)
    )
    return [TeamAtAGlance(*row) for row in rows]


def where(organizer_id: int, role: Role) -> list[Team]:
    """The teams in which an organizer has exactly this role, by name."""
    rows = db.session.scalars(
        select(Team)
        .join(Membership, Membership.team_id == Team.id)
        .where(Membership.organizer_id == organizer_id, Membership.role == role)
        .order_by(Team.name)
    )
    return list(rows)


@dataclass(frozen=True)
class Member:
    """Somebody in a team."""

    organizer: Organizer
    role: str
    has_passkey: bool

    @property
    def called(self) -> str:
        """Their name, or the address that everybody in the team sees."""
        return self.organizer.name or self.organizer.email


def members(team_id: int) -> list[Member]:
    """Who is in a team, in the order they joined."""
    rows = db.session.execute(
        select(Organizer, Membership.role, exists().where(Passkey.organizer_id == Organizer.id))
        .join(Membership, Membership.organizer_id == Organizer.id)
        .where(Membership.team_id == team_id)
        .order_by(Membership.id)
    )
    return [Member(*row) for row in rows]


def member(team_id: int, organizer_id: int) -> Member:
    """One member of a team.

    Raises:
        NotFound: they are not in it.
    """
    for each in members(team_id):
        if each.organizer.id == organizer_id:
            return each
    raise NotFound


def colleagues(team_id: int) -> list[Organizer]:
    """Who decides about signatures in a team, and may be handed one; by name and address."""
    rows = db.session.scalars(
        select(Organizer)
        .join(Membership, Membership.organizer_id == Organizer.id)
        .where(Membership.team_id == team_id, Membership.role.in_(_DECIDING))
        .order_by(Organizer.name, Organizer.email)
    )
    return list(rows)


def decides(team_id: int, organizer_id: int) -> bool:
    """Whether somebody is one of those."""
    here = select(Membership.id).where(
        Membership.team_id == team_id,
        Membership.organizer_id == organizer_id,
        Membership.role.in_(_DECIDING),
    )
    return db.session.scalar(here) is not None


def invitations(team_id: int) -> list[Invitation]:
    """Who was invited into a team and has not answered, the newest first."""
    rows = db.session.scalars(
        select(Invitation)
        .where(
            Invitation.team_id == team_id,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .order_by(Invitation.id.desc())
    )
    return list(rows)


@dataclass(frozen=True)
class Invited:
    """An invitation as the invited see it."""

    invitation: Invitation
    team: Team
    by: Organizer


def invited(invitation_id: int) -> Invited:
    """An invitation that can still be accepted.

    Raises:
        LinkUsed: it was accepted, taken back, or is too old.
    """
    found = db.session.execute(
        select(Invitation, Team, Organizer)
        .join(Team, Team.id == Invitation.team_id)
        .join(Organizer, Organizer.id == Invitation.invited_by)
        .where(
            Invitation.id == invitation_id,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now(),
        )
    ).first()
    if found is None:
        raise LinkUsed
    return Invited(*found)
