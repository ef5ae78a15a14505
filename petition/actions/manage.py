"""The signer changes something: corrects their words, shows or hides the name, withdraws."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import delete, select, update

from petition import caching, limits
from petition.actions import tally
from petition.actions.move import Locked, locked, move
from petition.actions.sign import queue_for
from petition.clock import now
from petition.database import writing
from petition.exceptions import NotFound
from petition.extensions import db
from petition.mail.suppressions import suppress
from petition.models import Actor, Moderation, OutgoingMail, Signature, State

_FORGOTTEN: dict[str, Any] = {
    "email": None,
    "name": "",
    "affiliation": "",
    "role": "",
    "location": "",
    "comment": "",
    "answers": None,
    "updates": False,
}
"""What is left of the words of somebody who goes. The digest stays: it holds their place."""


def show_name(signature_id: int, show: bool, visitor: str | None) -> None:
    """Show or hide a signer's name; it stays counted either way.

    Raises:
        NotFound: the signature is gone.
        TooOften: this network presses too many buttons.
    """
    with _own(signature_id, visitor) as signature:
        _change(signature, show_name=show)


def send_updates(signature_id: int, send: bool, visitor: str | None) -> None:
    """Tell a signer how it goes on, or no longer.

    Raises:
        NotFound: the signature is gone.
        TooOften: this network presses too many buttons.
    """
    with _own(signature_id, visitor) as signature:
        _change(signature, updates=send)


def correct(
    signature_id: int, words: dict[str, str], answers: dict[str, str], visitor: str | None
) -> None:
    """Correct what a signer says of themselves. What they are not asked for stays as it is.

    Where a moderator reads each signature before it is published, they read it once more.

    Args:
        words: the name and the usual fields, by name, as the form has checked and tidied them.
        answers: to the organizer's own questions, by their keys; empty, where there is none.

    Raises:
        NotFound: the signature is gone, or does not stand.
        TooOften: this network presses too many buttons.
    """
    with _own(signature_id, visitor) as signature:
        if signature.state not in _STANDING:
            raise NotFound
        merged = {**(signature.answers or {}), **answers}
        said: dict[str, Any] = {
            **words,
            "answers": {key: answer for key, answer in merged.items() if answer} or None,
        }
        if all(getattr(signature, name) == value for name, value in said.items()):
            return
        said["consented_at"] = now()  # to what the form promises today, not when they signed
        if signature.state == State.PUBLISHED and signature.moderation == Moderation.BEFORE:
            move(signature, State.HELD, Actor.SIGNER, **said)
        else:
            _change(signature, **said)


def withdraw(signature_id: int, visitor: str | None) -> None:
    """Take a signature back: out of the count, out of the list, its words deleted.

    What a moderator has rejected is emptied and stays rejected, so that withdrawing is no way
    round a rejection.

    Raises:
        NotFound: the signature is gone.
        TooOften: this network presses too many buttons.
    """
    with _own(signature_id, visitor) as signature:
        _take_back(signature)


def disown(signature_id: int, visitor: str | None) -> None:
    """The owner of the address did not sign: delete what was typed, and never mail them again.

    Raises:
        NotFound: the signature is gone.
        TooOften: this network presses too many buttons.
    """
    with _own(signature_id, visitor, address_first=True) as signature:
        if signature.state == State.PENDING:
            _delete(signature)
        else:
            _take_back(signature)
        # After its mails, as a bounce does: in two orders, the two would wait for each other.
        suppress(signature.digest, "not-me")


_STANDING = {State.PUBLISHED, State.HELD}


@contextmanager
def _own(
    signature_id: int, visitor: str | None, *, address_first: bool = False
) -> Iterator[Locked]:
    """A signature for its own signer to change, in one transaction.

    Args:
        address_first: queue for the address, in the order in which signing takes the two.
    """
    limits.check("confirm", limits.CONFIRM, visitor)
    with writing(db.session):
        if address_first:
            queue_for(_digest_of(signature_id))
        signature = locked(signature_id)
        yield signature
    caching.recent.forget(signature.slug)


def _digest_of(signature_id: int) -> bytes:
    digest = db.session.scalar(select(Signature.digest).where(Signature.id == signature_id))
    if digest is None:
        raise NotFound
    return digest


def _take_back(signature: Locked) -> None:
    mine = OutgoingMail.signature_id == signature.id
    db.session.execute(update(OutgoingMail).where(mine).values(fingerprint=None))
    if signature.state in _STANDING:
        move(signature, State.WITHDRAWN, Actor.SIGNER, **_FORGOTTEN)
    else:
        _change(signature, **_FORGOTTEN)


def _change(signature: Locked, **values: Any) -> None:
    db.session.execute(
        update(Signature)
        .where(Signature.id == signature.id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _delete(signature: Locked) -> None:
    """Nothing has been decided about a pending signature, so nothing needs it."""
    db.session.execute(delete(OutgoingMail).where(OutgoingMail.signature_id == signature.id))
    db.session.execute(delete(Signature).where(Signature.id == signature.id))
    tally.adjust(signature.letter_id, {State.PENDING: -1})
