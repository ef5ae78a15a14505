"""A team talks about a signature: notes for each other, and handing it to a colleague."""

from sqlalchemy import update

from petition.actions import moderate
from petition.actions.move import Locked
from petition.actions.record import Action, record
from petition.actions.roles import must
from petition.database import writing
from petition.exceptions import DecisionConflict, NotFound
from petition.extensions import db
from petition.models import Letter, Note, Role, Signature
from petition.queries import teams


def write(letter: Letter, role: str, organizer_id: int, signature_id: int, words: str) -> Locked:
    """Write something about a signature that the team reads. It is never changed.

    Args:
        words: already tidied, and not empty.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not a signature of this letter.
        DecisionConflict: its signer took their words back.
    """
    return _note(letter, role, organizer_id, signature_id, Action.NOTE, words=words)


def hand_over(
    letter: Letter, role: str, organizer_id: int, signature_id: int, to: int, words: str = ""
) -> Locked:
    """Ask a colleague to decide about a signature; they may be who asks.

    Args:
        to: the organizer.
        words: what they should know; already tidied.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not a signature of this letter, or they do not decide in its team.
        DecisionConflict: its signer took their words back.
    """
    if not teams.decides(letter.team_id, to):
        raise NotFound
    return _note(letter, role, organizer_id, signature_id, Action.HANDED, words=words, handed_to=to)


def take_back(letter: Letter, role: str, organizer_id: int, signature_id: int) -> Locked:
    """Leave a signature in nobody's hands again.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not a signature of this letter.
        DecisionConflict: its signer took their words back.
    """
    must(role, Role.MODERATOR)
    with writing(db.session):
        signature = _of_letter(letter, signature_id)
        _hand(signature, None)
        record(
            Action.HANDED_BACK,
            organizer_id=organizer_id,
            letter=letter,
            signature_id=signature.id,
        )
    return signature


def _note(
    letter: Letter,
    role: str,
    organizer_id: int,
    signature_id: int,
    action: Action,
    *,
    words: str,
    handed_to: int | None = None,
) -> Locked:
    must(role, Role.MODERATOR)
    with writing(db.session):
        signature = _of_letter(letter, signature_id)
        if handed_to is not None:
            _hand(signature, handed_to)
        about = {"organizer": handed_to} if handed_to is not None else {}
        db.session.add(
            Note(
                signature_id=signature.id,
                organizer_id=organizer_id,
                words=words,
                handed_to=handed_to,
            )
        )
        record(action, organizer_id=organizer_id, letter=letter, signature_id=signature.id, **about)
    return signature


def _of_letter(letter: Letter, signature_id: int) -> Locked:
    signature = moderate.of_letter(letter, signature_id)
    if not signature.name:
        raise DecisionConflict(signature.name)
    return signature


def _hand(signature: Locked, to: int | None) -> None:
    db.session.execute(
        update(Signature)
        .where(Signature.id == signature.id)
        .values(assignee_id=to)
        .execution_options(synchronize_session=False)
    )
