"""The signer says yes, by button or by code: published, or held where the letter asks for it."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from petition import address, caching, limits, tokens
from petition.actions.move import locked, move
from petition.clock import now
from petition.database import writing
from petition.exceptions import CodeWrong, DecisionConflict, LetterClosed, NotFound
from petition.extensions import db
from petition.models import (
    Actor,
    Kind,
    Letter,
    Moderation,
    OutgoingMail,
    Signature,
    State,
)
from petition.tokens import Purpose

GRACE = timedelta(hours=24)
"""How long after closing a confirmation is still taken: its mail left before."""


@dataclass(frozen=True)
class Confirmed:
    """Whose signature it is that stands confirmed now, and under which letter."""

    signature_id: int
    slug: str


def confirm(signature_id: int, visitor: str | None, shown: str | None = None) -> Confirmed:
    """Confirm a signature. Once more, or ten at a time, changes nothing further.

    Args:
        shown: the fingerprint of what the signer was shown (`fingerprint`), where they saw it.

    Raises:
        NotFound: it is gone, or there is nothing left in it to publish.
        DecisionConflict: what would be published is not what was shown.
        LetterClosed: too late.
        TooOften: this network presses too many buttons.
    """
    limits.check("confirm", limits.CONFIRM, visitor)
    with writing(db.session):
        signature, letter = locked(signature_id)
        if signature.state in {State.PENDING, State.WITHDRAWN}:
            if not signature.name:
                raise NotFound
            if shown is not None and shown != fingerprint(signature):
                raise DecisionConflict
            _publish_or_hold(signature, letter)
    caching.recent.forget(letter.slug)
    return Confirmed(signature.id, letter.slug)


def _publish_or_hold(signature: Signature, letter: Letter) -> None:
    at = now()
    if letter.closes_at is not None and at >= letter.closes_at + GRACE:
        raise LetterClosed
    first_held = letter.moderation == Moderation.BEFORE
    move(
        signature,
        State.HELD if first_held else State.PUBLISHED,
        Actor.SIGNER,
        confirmed_at=at,
    )


def fingerprint(signature: Signature) -> str:
    """What a signer is asked to publish, in short.

    A waiting signature may be typed anew until it is confirmed; the button of a page that shows
    the words from before must not publish the new ones.
    """
    parts = (signature.name, signature.affiliation, signature.role, signature.location)
    words = "\x1f".join((*parts, signature.comment, str(signature.show_name)))
    return address.digest(words).hex()[:16]


def confirm_with_code(letter: Letter, email: str, typed: str, visitor: str | None) -> Confirmed:
    """Confirm with the code that the mail carried beside its link.

    The try is counted before the code is looked at, in a transaction of its own, and for an
    unknown address by the same statements.

    Raises:
        CodeWrong: wrong, too old, tried too often, or no such signature; which, is not told.
        AddressInvalid: that is not an address.
        LetterClosed: too late.
        TooOften: this network has tried too many.
    """
    limits.check("code", limits.CODE, visitor)
    digest = address.digest(address.parse(email).canonical)
    with writing(db.session):
        tried = db.session.execute(_count_try(letter.id, digest)).first()
    digits = "".join(c for c in typed if c.isdigit())
    if tried is None or not tokens.code_fits(digits, tried.signature_id, tried.id):
        raise CodeWrong
    try:
        return confirm(tried.signature_id, visitor)
    except (NotFound, DecisionConflict):
        raise CodeWrong from None


def _count_try(letter_id: int, digest: bytes) -> ReturningUpdate[int, int]:
    latest = (
        select(func.max(OutgoingMail.id))
        .join(Signature, Signature.id == OutgoingMail.signature_id)
        .where(
            Signature.letter_id == letter_id,
            Signature.digest == digest,
            OutgoingMail.kind == Kind.CONFIRM,
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
        .returning(OutgoingMail.id, OutgoingMail.signature_id)
        .execution_options(synchronize_session=False)
    )
