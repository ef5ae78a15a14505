"""What the operator does about organizers, from the command line."""

from sqlalchemy import delete, select

from petition.actions import sessions, sign_in, teams
from petition.actions.record import Action, record, record_of
from petition.address import parse
from petition.clock import now
from petition.database import insert, writing
from petition.exceptions import NotFound
from petition.extensions import db
from petition.models import Membership, Organizer, Passkey, Role, Team


def add(email: str, role: Role | None, team_name: str) -> str:
    """Make sure of an organizer with this role in a team, made too where there is none yet.

    Without a role a member keeps the one there is, and a new one is an owner.

    Returns:
        The token of a one-time sign-in link.

    Raises:
        AddressInvalid: that is not an e-mail address.
        LastOwner: the role would leave the team without an owner.
    """
    address = parse(email).delivery.lower()
    with writing(db.session):
        team = teams.locked(teams.ensure(team_name).id)
        organizer_id, _ = ensure(address)
        if role is not None or not teams.has(team.id, organizer_id):
            teams.put(team.id, organizer_id, role or Role.OWNER)
            record(Action.ROLE, team_id=team.id, organizer=organizer_id, role=role or Role.OWNER)
        db.session.flush()
        return sign_in.printed_link(organizer_id)


def remove(email: str, team_name: str | None) -> list[str]:
    """Take an organizer out of a team, or out of all; that ends every session of theirs.

    Who is in no team any more cannot sign in. What they decided stays.

    Returns:
        The names of the teams they are no longer in.

    Raises:
        AddressInvalid: that is not an e-mail address.
        NotFound: there is no such organizer, or they are not in the team.
        LastOwner: a team would be left without an owner; they stay in all.
    """
    address = parse(email).delivery.lower()
    with writing(db.session):
        organizer_id = db.session.scalar(select(Organizer.id).where(Organizer.email == address))
        theirs = (
            select(Team)
            .join(Membership, Membership.team_id == Team.id)
            .where(Membership.organizer_id == organizer_id)
            .order_by(Team.id)
        )
        left = db.session.scalars(
            theirs if team_name is None else theirs.where(Team.name == team_name)
        ).all()
        if organizer_id is None or not left:
            raise NotFound
        for team in left:
            teams.locked(team.id)
            teams.take_out(team.id, organizer_id)
            record(Action.MEMBER_REMOVED, team_id=team.id, organizer=organizer_id)
        sessions.end_all(organizer_id)
    return [team.name for team in left]


def forget_passkeys(email: str) -> None:
    """Take all passkeys from an organizer who has lost them, and end every session of theirs.

    Raises:
        AddressInvalid: that is not an e-mail address.
        NotFound: there is no such organizer.
    """
    address = parse(email).delivery.lower()
    with writing(db.session):
        organizer_id = db.session.scalar(select(Organizer.id).where(Organizer.email == address))
        if organizer_id is None:
            raise NotFound
        db.session.execute(delete(Passkey).where(Passkey.organizer_id == organizer_id))
        record_of(organizer_id, Action.PASSKEYS_FORGOTTEN)
        sessions.end_all(organizer_id)


def ensure(email: str) -> tuple[int, bool]:
    """The organizer with this address, inside the caller's transaction, whoever else makes them.

    Returns:
        Their number, and whether they are new.
    """
    statement = insert(db.engine.dialect.name, Organizer).values(
        email=email, name="", created_at=now()
    )
    made = db.session.scalar(statement.on_conflict_do_nothing().returning(Organizer.id))
    if made is not None:
        return made, True
    return db.session.scalars(select(Organizer.id).where(Organizer.email == email)).one(), False
