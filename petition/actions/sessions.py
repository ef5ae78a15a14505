"""Sessions of organizers begin, go on and end."""

from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, delete, not_, true, update

from petition import tokens
from petition.actions.record import Action, record_of
from petition.clock import now
from petition.database import writing
from petition.exceptions import NotFound
from petition.extensions import db
from petition.models import Method, OrganizerSession
from petition.queries.sessions import running


def begin(organizer_id: int, method: Method, device: str) -> str:
    """Let an organizer in, in one more browser. Sessions that are over are forgotten.

    Args:
        device: the browser in a few words.

    Returns:
        The key of the session, for the cookie; only its digest is kept.
    """
    key = tokens.fresh()
    with writing(db.session):
        _delete(OrganizerSession.organizer_id == organizer_id, not_(running(now())))
        db.session.add(
            OrganizerSession(
                organizer_id=organizer_id,
                digest=tokens.digest(key),
                device=device,
                method=method,
            )
        )
        record_of(organizer_id, Action.SIGN_IN, method=method, device=device)
    return key


def seen(session_id: int) -> None:
    """Note that a session is in use."""
    _change(session_id, seen_at=now())


def prove(session_id: int, method: Method) -> str:
    """Note that a session's organizer has just proved that it is them.

    A session in which a passkey was used once stays one. It gets another key: who copied the one
    before has proved nothing.

    Returns:
        The key.
    """
    key = tokens.fresh()
    proved = {"proved_at": now(), "digest": tokens.digest(key)}
    if method is Method.PASSKEY:
        proved["method"] = method
    _change(session_id, **proved)
    return key


def _change(session_id: int, **values: object) -> None:
    with writing(db.session):
        db.session.execute(
            update(OrganizerSession)
            .where(OrganizerSession.id == session_id)
            .values(**values)
            .execution_options(synchronize_session=False)
        )


def end(organizer_id: int, session_id: int) -> None:
    """End one session of an organizer.

    Raises:
        NotFound: it is over, or somebody else's.
    """
    with writing(db.session):
        mine = OrganizerSession.organizer_id == organizer_id
        if not _delete(mine, OrganizerSession.id == session_id):
            raise NotFound


def end_key(key: str) -> None:
    """End the session that a cookie carried the key of, if it is open."""
    with writing(db.session):
        _delete(OrganizerSession.digest == tokens.digest(key))


def end_all(organizer_id: int, *, but: int | None = None) -> None:
    """End every session of an organizer, wherever it is open.

    Args:
        but: the number of one that goes on.
    """
    with writing(db.session):
        others = OrganizerSession.id != but if but else true()
        _delete(OrganizerSession.organizer_id == organizer_id, others)


def _delete(*which: ColumnElement[bool]) -> int:
    gone = db.session.execute(
        delete(OrganizerSession).where(*which).execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", gone).rowcount
