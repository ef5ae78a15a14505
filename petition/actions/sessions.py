"""Sessions of organizers begin and end."""

from sqlalchemy import delete

from petition import tokens
from petition.database import writing
from petition.extensions import db
from petition.models import Method, OrganizerSession


def begin(organizer_id: int, method: Method, device: str) -> str:
    """Let an organizer in, in one more browser.

    Args:
        device: the browser in a few words.

    Returns:
        The key of the session, for the cookie; only its digest is kept.
    """
    key = tokens.fresh()
    with writing(db.session):
        db.session.add(
            OrganizerSession(
                organizer_id=organizer_id,
                digest=tokens.digest(key),
                device=device,
                method=method,
            )
        )
    return key


def end_all(organizer_id: int) -> None:
    """End every session of an organizer, wherever it is open."""
    with writing(db.session):
        mine = OrganizerSession.organizer_id == organizer_id
        db.session.execute(delete(OrganizerSession).where(mine))
