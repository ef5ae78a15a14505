"""Teams and who is in them. A team with an owner is never left without one."""

from sqlalchemy import delete, func, select, update

from petition import limits
from petition.actions import sessions
from petition.actions.record import Action, record
from petition.actions.roles import may, must
from petition.clock import now
from petition.database import alone, insert, writing
from petition.exceptions import (
    AlreadyMember,
    Forbidden,
    LastOwner,
    NameTaken,
    NotFound,
    PasskeyMissing,
)
from petition.extensions import db
from petition.models import Invitation, Membership, Organizer, Passkey, Role, Team


def ensure(name: str) -> Team:
    """The team of this name, inside the caller's transaction."""
    _insert(name)
    return db.session.scalars(select(Team).where(Team.name == name)).one()


def create(organizer_id: int, name: str, visitor: str | None) -> int:
    """Make a team, with the organizer as its owner.

    Returns:
        Its number.

    Raises:
        Forbidden: they write letters in no team; who only looks on gets nowhere further by it.
        NameTaken: another team is called so.
        TooOften: this network makes too many.
    """
    limits.check("make-team", limits.MAKE_TEAM, visitor)
    with writing(db.session):
        theirs = select(Membership.role).where(Membership.organizer_id == organizer_id)
        if not any(may(role, Role.EDITOR) for role in db.session.scalars(theirs)):
            raise Forbidden
        team_id = _insert(name)
        if team_id is None:
            raise NameTaken
        db.session.add(Membership(team_id=team_id, organizer_id=organizer_id, role=Role.OWNER))
        record(Action.TEAM_MADE, organizer_id=organizer_id, team_id=team_id, name=name)
    return team_id


def _insert(name: str) -> int | None:
    """Write a new team down, whoever does so at the same time; nothing where there is one."""
    statement = insert(db.engine.dialect.name, Team).values(
        name=name, passkey_required=False, created_at=now()
    )
    return db.session.scalar(statement.on_conflict_do_nothing().returning(Team.id))


def rename(organizer_id: int, team_id: int, name: str) -> None:
    """Give a team another name.

    Raises:
        NotFound, Forbidden: as `owned`.
        NameTaken: another team is called so.
    """
    with writing(db.session):
        team = owned(organizer_id, team_id)
        with alone(db.session, Team.name, NameTaken):
            team.name = name
        record(Action.TEAM_NAMED, organizer_id=organizer_id, team_id=team_id, name=name)


def require_passkeys(organizer_id: int, team_id: int, required: bool) -> None:
    """Let nobody of a team in any more without a passkey, or let them again.

    Raises:
        NotFound, Forbidden: as `owned`.
        PasskeyMissing: the owner has none, and would be the first to stay outside.
    """
    with writing(db.session):
        team = owned(organizer_id, team_id)
        theirs = select(Passkey.id).where(Passkey.organizer_id == organizer_id)
        if required and db.session.scalar(theirs.limit(1)) is None:
            raise PasskeyMissing
        team.passkey_required = required
        record(
            Action.PASSKEYS_REQUIRED, organizer_id=organizer_id, team_id=team_id, required=required
        )


def change_role(organizer_id: int, team_id: int, member_id: int, role: Role) -> None:
    """Give a member another role. That ends every session opened with the old one.

    Raises:
        NotFound, Forbidden: as `owned`; also, there is no such member.
        LastOwner: nobody else owns the team.
    """
    with writing(db.session):
        owned(organizer_id, team_id)
        put(team_id, member_id, role, must_be_in=True)
        record(
            Action.ROLE, organizer_id=organizer_id, team_id=team_id, organizer=member_id, role=role
        )


def remove(organizer_id: int, team_id: int, member_id: int) -> None:
    """Take somebody out of a team. That ends every session of theirs.

    Raises:
        NotFound, Forbidden: as `owned`; also, there is no such member.
        LastOwner: nobody else owns the team.
    """
    with writing(db.session):
        owned(organizer_id, team_id)
        take_out(team_id, member_id)
        sessions.end_all(member_id)
        record(
            Action.MEMBER_REMOVED, organizer_id=organizer_id, team_id=team_id, organizer=member_id
        )


def leave(organizer_id: int, team_id: int, session_id: int) -> None:
    """Go out of a team. The session goes on, if there is another team left to be in.

    Raises:
        NotFound: they are not in it.
        LastOwner: nobody else owns it.
    """
    with writing(db.session):
        locked(team_id)
        take_out(team_id, organizer_id)
        sessions.end_all(organizer_id, but=session_id)
        record(Action.MEMBER_LEFT, organizer_id=organizer_id, team_id=team_id)


def owned(organizer_id: int, team_id: int) -> Team:
    """A team for its owner to change: as it stands now, kept from others until all is written.

    Raises:
        NotFound: there is none, or the organizer is not in it.
        Forbidden: the organizer does not own it.
    """
    return held(organizer_id, team_id, Role.OWNER)


def held(organizer_id: int, team_id: int, least: Role) -> Team:
    """A team for those to change who have at least a role in it, as `owned`."""
    team = locked(team_id)
    must(_membership(team_id, organizer_id).role, least)
    return team


def locked(team_id: int) -> Team:
    """A team, kept from everybody else until the transaction ends.

    Whoever changes its members or invitations holds it.

    Raises:
        NotFound: there is none.
    """
    team = db.session.scalar(
        select(Team)
        .where(Team.id == team_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if team is None:
        raise NotFound
    return team


def put(team_id: int, organizer_id: int, role: Role, *, must_be_in: bool = False) -> None:
    """See to it that somebody has this role in a locked team.

    With another role than before their open invitations are taken back.

    Raises:
        NotFound: they are not in it, and must be.
        LastOwner: nobody else owns it.
    """
    try:
        membership = _membership(team_id, organizer_id)
    except NotFound:
        if must_be_in:
            raise
        db.session.add(Membership(team_id=team_id, organizer_id=organizer_id, role=role))
        return
    if membership.role == role:
        return
    _keep_an_owner(membership)
    membership.role = role
    _take_back_invitations(team_id, organizer_id)
    sessions.end_all(organizer_id)


def take_out(team_id: int, organizer_id: int) -> None:
    """Take somebody out of a locked team, and take back the invitations they made.

    Raises:
        NotFound: they are not in it.
        LastOwner: nobody else owns it.
    """
    membership = _membership(team_id, organizer_id)
    _keep_an_owner(membership)
    db.session.execute(delete(Membership).where(Membership.id == membership.id))
    _take_back_invitations(team_id, organizer_id)


def _take_back_invitations(team_id: int, organizer_id: int) -> None:
    """Let nobody in by the word of who may not say so any more; it could be themselves."""
    db.session.execute(
        update(Invitation)
        .where(
            Invitation.team_id == team_id,
            Invitation.invited_by == organizer_id,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .values(revoked_at=now())
        .execution_options(synchronize_session=False)
    )


def has(team_id: int, organizer_id: int) -> bool:
    """Whether somebody is in a team."""
    here = select(Membership.id).where(
        Membership.team_id == team_id, Membership.organizer_id == organizer_id
    )
    return db.session.scalar(here) is not None


def must_be_new(team_id: int, email: str) -> None:
    """Raise `AlreadyMember` where an address belongs to somebody in a team."""
    here = (
        select(Membership.id)
        .join(Organizer, Organizer.id == Membership.organizer_id)
        .where(Membership.team_id == team_id, Organizer.email == email)
    )
    if db.session.scalar(here) is not None:
        raise AlreadyMember


def _membership(team_id: int, organizer_id: int) -> Membership:
    found = db.session.scalar(
        select(Membership)
        .where(Membership.team_id == team_id, Membership.organizer_id == organizer_id)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def _keep_an_owner(membership: Membership) -> None:
    """Raise `LastOwner` where this membership is its team's only owner."""
    if membership.role != Role.OWNER:
        return
    owners = select(func.count()).where(
        Membership.team_id == membership.team_id, Membership.role == Role.OWNER
    )
    if db.session.scalar(owners) == 1:
        raise LastOwner
