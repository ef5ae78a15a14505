"""Who did what to whom when: written together with what was done, and never changed."""

from typing import Any

from petition.extensions import db
from petition.models import Action as Action  # views know it from here
from petition.models import AuditEntry, Letter


def record(
    action: Action,
    *,
    organizer_id: int | None,
    letter: Letter | None = None,
    team_id: int | None = None,
    signature_id: int | None = None,
    **about: Any,
) -> None:
    """Note what an organizer does, inside the transaction in which it is done.

    Args:
        organizer_id: who; None for the site itself, or for who may run its commands.
        letter: what it is about; its team is told by it.
        about: plain numbers and words. Never the name or the address of a signer.
    """
    db.session.add(
        AuditEntry(
            action=action,
            organizer_id=organizer_id,
            letter_id=letter.id if letter else None,
            team_id=letter.team_id if letter else team_id,
            signature_id=signature_id,
            about=about or None,
        )
    )
