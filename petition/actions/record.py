"""Who did what to whom when: written together with what was done, and never changed."""

from contextvars import ContextVar
from typing import Any

from sqlalchemy import select

from petition.database import writing
from petition.extensions import db
from petition.models import Action as Action  # views know it from here
from petition.models import AuditEntry, Letter, Membership

_acting: ContextVar[int | None] = ContextVar("acting", default=None)


def acting(organizer_id: int | None) -> None:
    """Say who acts from here on in this request: nobody, once it is over."""
    _acting.set(organizer_id)


def record(
    action: Action,
    *,
    organizer_id: int | None = None,
    letter: Letter | None = None,
    team_id: int | None = None,
    signature_id: int | None = None,
    **about: Any,
) -> None:
    """Note what is done, inside the transaction in which it is done.

    Args:
        organizer_id: who, if it is not who is signed in. Nobody is, where one of the site's
            commands is run.
        letter: what it is about; its team is told by it.
        about: plain numbers and words. Never the name or the address of a signer.
    """
    db.session.add(
        AuditEntry(
            action=action,
            organizer_id=organizer_id or _acting.get(),
            letter_id=letter.id if letter else None,
            team_id=letter.team_id if letter else team_id,
            signature_id=signature_id,
            about=about or None,
        )
    )


def note_export(
    kind: str,
    written: str,
    *,
    letter: Letter | None = None,
    team_id: int | None = None,
    **about: Any,
) -> None:
    """Note that a file was made, in a transaction of its own, before it leaves.

    Args:
        kind: what is in it.
        written: how it is written, such as csv.
        about: what else is known of it: of a letter, the count at that moment (`number`).
    """
    with writing(db.session):
        record(Action.EXPORT, letter=letter, team_id=team_id, kind=kind, format=written, **about)


def record_of(organizer_id: int, action: Action, **about: Any) -> None:
    """Note what an organizer does that concerns each of their teams: that they signed in."""
    theirs = select(Membership.team_id).where(Membership.organizer_id == organizer_id)
    for team_id in db.session.scalars(theirs).all():
        record(action, organizer_id=organizer_id, team_id=team_id, **about)
