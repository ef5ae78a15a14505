"""The signer changes something: corrects their words, shows or hides the name, withdraws."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, insert, select, update

from petition import address, caching, limits, lookalike
from petition.actions import consents, emptied, screening, tally, verify
from petition.actions.move import Locked, locked, move, stay
from petition.actions.turns import queue_for
from petition.clock import now
from petition.database import writing
from petition.exceptions import AddressOfAnother, NotFound
from petition.extensions import db
from petition.mail.suppressions import suppress
from petition.models import (
    STANDING,
    Actor,
    Cause,
    Consent,
    Decision,
    Letter,
    NameGroup,
    NameWord,
    Note,
    OutgoingMail,
    Report,
    Signal,
    Signature,
    State,
    is_held,
)
from petition.models.signature import OF_THE_WAY, agreed


def show_name(
    signature_id: int, show: bool, visitor: str | None, *, initials: bool = False
) -> None:
    """Show a signer's name, whole or its initials, or hide it; it stays counted either way.

    Raises:
        NotFound: the signature is gone, or does not stand.
        ChangedTooOften: there were so many changes that nothing new can be agreed to.
        TooOften: this network presses too many buttons.
    """
    with own(signature_id, visitor) as signature:
        shown = {"show_name": show, "initials": show and initials}
        if _agree(signature, **shown):
            _forget_search(signature)


def send_updates(
    signature_id: int, visitor: str | None, typed: address.Address | None = None
) -> None:
    """Tell a signer how it goes on.

    Args:
        typed: their address, where none is kept any more. It is kept again.

    Raises:
        NotFound: the signature is gone, or does not stand.
        AddressOfAnother: that is not the address they signed with, or there is none.
        ChangedTooOften: there were so many changes that nothing new can be agreed to.
        TooOften: this network presses too many buttons.
    """
    with own(signature_id, visitor) as signature:
        _must_stand(signature)
        if signature.email is None:
            if typed is None or not _is_theirs(signature, typed):
                raise AddressOfAnother
            _change(signature, email=typed.delivery, searchable=False)
        _agree(signature, updates=True)


def _is_theirs(signature: Locked, typed: address.Address) -> bool:
    """Whether it is the very mailbox, as far as that is known, and not only the same person."""
    mailbox = db.session.scalar(select(Signature.mailbox).where(Signature.id == signature.id))
    same_person = address.digest(typed.canonical) == signature.digest
    return same_person and mailbox in {None, address.mailbox(typed.delivery)}


def send_no_updates(signature_id: int, visitor: str | None) -> None:
    """Tell a signer no longer how it goes on.

    Raises:
        NotFound: the signature is gone, or does not stand.
        TooOften: this network presses too many buttons.
    """
    with own(signature_id, visitor) as signature:
        _agree(signature, updates=False)


def pass_on(signature_id: int, pass_on: bool, visitor: str | None) -> None:
    """Let a signer's name be handed to the addressee, or no longer.

    Raises:
        NotFound: the signature is gone, or does not stand.
        ChangedTooOften: there were so many changes that nothing new can be agreed to.
        TooOften: this network presses too many buttons.
    """
    with own(signature_id, visitor) as signature:
        _agree(signature, pass_on=pass_on)


def _agree(signature: Locked, **changes: Any) -> bool:
    """Change what a signer agrees to, and write that down; whether anything is changed."""
    _must_stand(signature)
    earlier, later = agreed(signature), agreed(replace(signature, **changes))
    said = {each: later[each] for each in later if later[each] != earlier[each]}
    if any(said.values()):
        consents.must_have_room(signature)
    if said:
        _change(signature, **changes, consents=consents.recorded(signature, said))
    return bool(said)


def correct(
    signature_id: int, words: dict[str, str], answers: dict[str, str], visitor: str | None
) -> None:
    """Correct what a signer says of themselves. What they are not asked for stays as it is.

    The old words are kept as a decision. A verification of who they were ends. Where a moderator
    reads each signature before it is published, or the new words carry a signal that the letter
    holds, it is read once more.

    Args:
        words: the name and the usual fields, by name, as the form has checked and tidied them.
        answers: to the organizer's own questions, by their keys; empty, where there is none.

    Raises:
        NotFound: the signature is gone, or does not stand.
        ChangedTooOften: there were so many changes that nothing more is corrected.
        TooOften: this network presses too many buttons.
    """
    with own(signature_id, visitor) as signature:
        _must_stand(signature)
        merged = {**(signature.answers or {}), **answers}
        said: dict[str, Any] = {
            **words,
            "answers": {key: answer for key, answer in merged.items() if answer} or None,
        }
        replaced = {
            name: getattr(signature, name)
            for name, value in said.items()
            if getattr(signature, name) != value
        }
        if not replaced:
            return
        consents.must_have_room(signature)
        signals = _looked_at(signature, words)
        said |= {
            "signals": signals.value,
            "skeleton": lookalike.skeleton(words["name"]),
            "consented_at": now(),  # to what the form promises today, not when they signed
            "consents": consents.recorded(signature, {Consent.SIGN: True}),
        }
        someone_else = "name" in replaced
        if not _VERIFIED.isdisjoint(replaced):
            verify.end(signature.id)
            someone_else |= signature.verified_at is not None
        _forget_search(signature)
        held = _is_held(signature, signals, someone_else)
        if signature.state == State.PUBLISHED and held:
            move(signature, State.HELD, Actor.SIGNER, replaced=replaced, **said)
        else:
            told = State.HELD if held else None
            stay(signature, Actor.SIGNER, replaced=replaced, told=told, **said)


_VERIFIED = {"name", "role", "affiliation"}
"""What a verification is of: who somebody is, and for whom they say to stand."""
_OF_THE_ADDRESS = Signal.THROWAWAY | Signal.DOMAIN
"""What only the address itself could tell anew."""


def _looked_at(signature: Locked, words: dict[str, str]) -> Signal:
    """What there is to notice in a signature with these words."""
    kept = OF_THE_WAY if signature.email else OF_THE_WAY | _OF_THE_ADDRESS
    email = address.parse(signature.email) if signature.email else address.Address("", "")
    watch = db.session.scalar(select(Letter.watch).where(Letter.id == signature.letter_id))
    said: dict[str, Any] = {**words, "skeleton": lookalike.skeleton(words["name"])}
    corrected = replace(signature, **said)
    seen = screening.of_words(corrected.name, corrected.affiliation, email, watch or ())
    return Signal(signature.signals) & kept | seen & ~kept | screening.beside(corrected)


def _is_held(signature: Locked, signals: Signal, someone_else: bool) -> bool:
    """Whether somebody reads the new words first: a known signal holds only who is new by them."""
    news = signals & ~OF_THE_WAY if someone_else else signals & ~Signal(signature.signals)
    news |= signals & Signal.ALLOWED
    return is_held(signature.moderation, signature.hold, news, known=False)


def withdraw(signature_id: int, visitor: str | None) -> None:
    """Take a signature back: out of the count, out of the list, its words deleted.

    What a moderator has rejected is emptied and stays rejected, so that withdrawing is no way
    round a rejection.

    Raises:
        NotFound: the signature is gone.
        TooOften: this network presses too many buttons.
    """
    with own(signature_id, visitor) as signature:
        take_back(signature)


def disown(signature_id: int, visitor: str | None) -> None:
    """The owner of the address did not sign: delete what was typed, and never mail them again.

    What stood in public is out of it at once, and the organizers are told.

    Raises:
        NotFound: the signature is gone.
        TooOften: this network presses too many buttons.
    """
    with own(signature_id, visitor, address_first=True) as signature:
        if signature.state == State.PENDING:
            delete_waiting(signature)
        else:
            take_back(signature)
        if signature.state in STANDING:
            _tell(signature)
        # After its mails, as a bounce does: in two orders, the two would wait for each other.
        suppress(signature.digest, "not-me")


def _tell(signature: Locked) -> None:
    db.session.execute(
        insert(Report).values(
            letter_id=signature.letter_id, signature_id=signature.id, cause=Cause.NOT_ME
        )
    )


def _must_stand(signature: Locked) -> None:
    if signature.state not in STANDING:
        raise NotFound


@contextmanager
def own(signature_id: int, visitor: str | None, *, address_first: bool = False) -> Iterator[Locked]:
    """A signature for its own signer to change, in one transaction.

    Args:
        address_first: queue for the address, in the order in which signing takes the two.

    Raises:
        NotFound: the signature is gone.
        TooOften: this network presses too many buttons.
    """
    limits.check("confirm", limits.CONFIRM, visitor)
    with writing(db.session):
        if address_first:
            queue_for(_digest_of(signature_id))
        signature = locked(signature_id)
        if signature.state in STANDING and not signature.name:
            raise NotFound  # made anonymous just now: nobody can say whose it was
        yield signature
    caching.recent.forget(signature.slug)


def _digest_of(signature_id: int) -> bytes:
    digest = db.session.scalar(select(Signature.digest).where(Signature.id == signature_id))
    if digest is None:
        raise NotFound
    return digest


def take_back(signature: Locked) -> None:
    """Delete the words of a signature wherever they stand; it is counted no more."""
    mine = OutgoingMail.signature_id == signature.id
    db.session.execute(update(OutgoingMail).where(mine).values(fingerprint=None))
    if signature.state in STANDING:
        move(signature, State.WITHDRAWN, Actor.SIGNER, **emptied.WORDS)
    else:
        _change(signature, **emptied.WORDS)
    db.session.execute(
        update(Decision)
        .where(Decision.signature_id == signature.id, Decision.before.is_not(None))
        .values(before=None)
    )
    db.session.execute(
        update(Report)
        .where(Report.signature_id == signature.id, Report.settled_at.is_(None))
        .values(settled_at=now())
    )
    db.session.execute(delete(Note).where(Note.signature_id == signature.id))
    verify.end(signature.id)
    forget_group(signature)
    db.session.execute(delete(NameWord).where(NameWord.signature_id == signature.id))


def forget_group(signature: Locked) -> None:
    """A group of one is that one's own words. Larger ones are counted anew before long."""
    db.session.execute(
        delete(NameGroup)
        .where(
            NameGroup.letter_id == signature.letter_id,
            NameGroup.label == signature.affiliation,
            NameGroup.number <= 1,
        )
        .execution_options(synchronize_session=False)
    )


def _forget_search(signature: Locked) -> None:
    """Let the search forget what it knows; it learns anew what is shown now."""
    db.session.execute(delete(NameWord).where(NameWord.signature_id == signature.id))
    _change(signature, searchable=False)


def _change(signature: Locked, **values: Any) -> None:
    db.session.execute(
        update(Signature)
        .where(Signature.id == signature.id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def delete_waiting(signature: Locked) -> None:
    """Delete a pending signature. Nothing has been decided about it, so nothing needs it."""
    db.session.execute(delete(OutgoingMail).where(OutgoingMail.signature_id == signature.id))
    db.session.execute(delete(Signature).where(Signature.id == signature.id))
    tally.adjust(signature.letter_id, {State.PENDING: -1})
