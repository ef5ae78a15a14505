"""The signer says yes, by button or by code: published, held, or set aside without a word."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from petition import address, caching, limits, tokens
from petition.actions import addresses, quarantine, rules, screening, tally
from petition.actions.fingerprint import fingerprint
from petition.actions.move import Locked, locked, move
from petition.actions.quarantine import Crowd
from petition.clock import now
from petition.database import writing
from petition.exceptions import (
    CodeWrong,
    DecisionConflict,
    LetterClosed,
    NotFound,
    WordsChanged,
)
from petition.extensions import db
from petition.models import (
    STANDING,
    Actor,
    Kind,
    Letter,
    Life,
    OutgoingMail,
    Signal,
    Signature,
    State,
    is_held,
)
from petition.queries import revisions
from petition.retention import GRACE
from petition.tokens import Purpose


@dataclass(frozen=True)
class Confirmed:
    """Whose signature it is that stands confirmed now, and under which letter."""

    signature_id: int
    slug: str
    lang: str | None
    """What stands in the addresses of the text they signed."""


def confirm(
    signature_id: int, visitor: str | None, shown: str | None = None, number: int | None = None
) -> Confirmed:
    """Confirm a signature. Once more, or ten at a time, changes nothing further.

    Args:
        shown: the fingerprint of what the signer was shown, where they saw it.
        number: of a newer text that they were shown, and sign instead of the one they read first.

    Raises:
        NotFound: it is gone, rejected, or there is nothing left in it to publish.
        DecisionConflict: what would be published, or the newer text, is not what was shown.
        LetterClosed: too late.
        TooOften: this network presses too many buttons.
    """
    limits.check("confirm", limits.CONFIRM, visitor)
    crowd = None
    with writing(db.session):
        signature = locked(signature_id)
        if signature.state not in STANDING:
            _must_be_confirmable(signature, shown)
            ruled = rules.again(signature)
            crowd = _crowd(signature, ruled)
            signals = _noticed(signature, ruled, crowd)
            move(
                signature,
                _verdict(signature, signals, crowd),
                Actor.SIGNER,
                told=_unless_aside(signature, signals & ~Signal.NETWORK),
                confirmed_at=now(),
                signals=signals.value,
                **addresses.kept(signature.email, updates=signature.updates),
                **({} if number is None else _under_newest(signature, number)),
            )
    if crowd:
        quarantine.settle(crowd)
    caching.recent.forget(signature.slug)
    return Confirmed(signature.id, signature.slug, signature.lang)


def _crowd(signature: Locked, ruled: Signal) -> Crowd | None:
    """The crowd that a signature comes in; who is allowed is in none."""
    return None if Signal.ALLOWED in ruled else quarantine.crowd_of(signature)


def _noticed(signature: Locked, signals: Signal, crowd: Crowd | None) -> Signal:
    """What is noticed about a signature, with what was noticed in its words and by the rules."""
    if signature.alike:
        signals |= screening.beside(signature)
    if signature.network is not None and not signature.solved:
        signals |= Signal.UNSOLVED
    return signals | crowd.signal if crowd else signals


def _verdict(signature: Locked, signals: Signal, crowd: Crowd | None) -> State:
    if Signal.BLOCKED in signals:
        return State.QUARANTINED
    if crowd and crowd.to:
        return crowd.to
    return _unless_aside(signature, signals)


def _unless_aside(signature: Locked, signals: Signal) -> State:
    """Where a signature goes that is not set aside."""
    known = signature.verified_at is not None or signature.position is not None
    held = is_held(signature.moderation, signature.hold, signals, known=known)
    return State.HELD if held else State.PUBLISHED


def _under_newest(signature: Locked, number: int) -> dict[str, Any]:
    newest = revisions.in_force_beside(signature.revision_id)
    if newest.number != number:
        raise DecisionConflict
    return {"revision_id": newest.id, "consented_at": now()}


_WAITING = {State.PENDING, State.WITHDRAWN}


def _must_be_confirmable(signature: Locked, shown: str | None) -> None:
    if signature.state not in _WAITING or not signature.name:
        raise NotFound
    if too_late(signature):
        raise LetterClosed
    if shown is not None and shown != fingerprint(signature, signature.revision_id):
        raise DecisionConflict


class Ending(Protocol):
    """A letter, in so far as it comes to an end."""

    @property
    def in_view(self) -> bool: ...
    @property
    def closes_at(self) -> datetime | None: ...


def too_late(letter: Ending) -> bool:
    """Whether no confirmation is taken: closed for too long, or not in view.

    Who waits under a letter that is not in view may confirm as soon as it is again.
    """
    if not letter.in_view:
        return True
    return letter.closes_at is not None and now() - GRACE >= letter.closes_at


def last_moment(letter: Letter) -> datetime | None:
    """Until when confirmations are taken whose mails left before a letter closed."""
    if letter.life(now()) is not Life.CLOSED or letter.closes_at is None:
        return None
    return letter.closes_at + GRACE


def confirm_with_code(letter: Letter, email: str, typed: str, visitor: str | None) -> Confirmed:
    """Confirm with the code that the mail carried beside its link.

    The try is counted before the code is looked at, in a transaction of its own, and for an
    unknown address by the same statements.

    Raises:
        CodeWrong: wrong, too old, tried too often, or no such signature; which, is not told.
        WordsChanged: the code is right, and what waits is not what its mail was about.
        AddressInvalid: that is not an address.
        LetterClosed: too late.
        TooOften: this network has tried too many.
    """
    limits.check("signer code", limits.SIGNER_CODE, visitor)
    digest = address.digest(address.parse(email).canonical)
    with writing(db.session):
        tried = db.session.execute(_count_try(letter.id, digest)).first()
        # Writes nothing of meaning, but takes as long for an address that nobody knows.
        tally.adjust(letter.id, {State.PENDING: 0})
    digits = tokens.digits(typed)
    if tried is None or not tokens.code_fits(digits, tried.signature_id, tried.id):
        raise CodeWrong
    try:
        return confirm(tried.signature_id, visitor, tried.fingerprint)
    except NotFound:
        raise CodeWrong from None
    except DecisionConflict:
        raise WordsChanged(tried.signature_id) from None


def _count_try(letter_id: int, digest: bytes) -> ReturningUpdate[int, int | None, str | None]:
    latest = (
        select(func.max(OutgoingMail.id))
        .join(Signature, Signature.id == OutgoingMail.signature_id)
        .where(
            Signature.letter_id == letter_id,
            Signature.digest == digest,
            or_(
                OutgoingMail.kind == Kind.CONFIRM,
                # A reminder is written hours before it leaves; till then the first code works.
                and_(OutgoingMail.kind == Kind.REMINDER, OutgoingMail.sent_at.is_not(None)),
            ),
        )
        .scalar_subquery()
    )
    return (
        update(OutgoingMail)
        .where(
            OutgoingMail.id == latest,
            OutgoingMail.code_tries < limits.CODE_TRIES,
            OutgoingMail.created_at > now() - Purpose.CONFIRM.age,
        )
        .values(code_tries=OutgoingMail.code_tries + 1)
        .returning(OutgoingMail.id, OutgoingMail.signature_id, OutgoingMail.fingerprint)
        .execution_options(synchronize_session=False)
    )
