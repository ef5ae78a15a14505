"""Challenges that prove who somebody is: asked of one browser, answered once, within minutes.

A mailed link or code, or a passkey, is the answer. All of them are rows of `sign_in`.
"""

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from petition import limits, tokens
from petition.clock import now
from petition.database import writing
from petition.exceptions import CodeWrong
from petition.extensions import db
from petition.mail.outbox import HASTE
from petition.models import Errand, SignIn

LASTS = HASTE.give_up
"""How long a challenge may be answered: as long as its mail is tried."""
_REMEMBERED = timedelta(days=2)
"""How long a challenge is kept, for the limits; longer than any link to it works."""


def ask(
    errand: Errand,
    browser: str | None,
    *,
    organizer_id: int | None = None,
    digest: bytes | None = None,
    email: str | None = None,
    to_sign: bytes | None = None,
    familiar: bool = False,
    lasts: timedelta = LASTS,
) -> int:
    """Write a challenge down, inside the caller's transaction. What is long past is forgotten.

    Args:
        browser: the key that the asking browser was given; any browser may answer without one.
        digest: of the canonical address that is mailed.
        email: the new address that is to be confirmed.
        to_sign: what a passkey has to sign.
        familiar: the organizer has signed in in this browser before.

    Returns:
        Its number.
    """
    at = now()
    db.session.execute(delete(SignIn).where(SignIn.created_at < at - _REMEMBERED))
    challenge = SignIn(
        errand=errand,
        organizer_id=organizer_id,
        digest=digest,
        browser=tokens.digest(browser) if browser else None,
        email=email,
        challenge=to_sign,
        familiar=familiar,
        created_at=at,
        expires_at=at + lasts,
    )
    db.session.add(challenge)
    db.session.flush()
    return challenge.id


def too_often(errand: Errand, digest: bytes, *, familiar: bool = False) -> bool:
    """Whether an address was mailed so often of late that it gets no further mail.

    What is asked then must have no answer: nobody should guess at codes that nobody was told.
    What is asked in familiar browsers is counted apart, so that strangers lock nobody out.
    """
    at = now()
    hour = SignIn.created_at > at - timedelta(hours=1)
    asked = db.session.execute(
        select(func.count(), func.count().filter(hour)).where(
            SignIn.errand == errand,
            SignIn.digest == digest,
            SignIn.familiar.is_(familiar),
            SignIn.organizer_id.is_not(None),  # else no mail was posted
            SignIn.created_at > at - timedelta(days=1),
        )
    ).one()
    return asked[0] >= limits.MAILS_A_DAY or asked[1] >= limits.CODES_AN_HOUR


def check_code(challenge_id: int, browser: str, typed: str) -> None:
    """Compare a typed code with the mailed one.

    The try is counted before the code is looked at, in a transaction of its own.

    Raises:
        CodeWrong: wrong, too old, used, tried too often, or of another browser; which, is not told.
    """
    with writing(db.session):
        tried = db.session.scalar(
            update(SignIn)
            .where(_open(challenge_id, browser), SignIn.tries < limits.CODE_TRIES)
            .values(tries=SignIn.tries + 1)
            .returning(SignIn.id)
            .execution_options(synchronize_session=False)
        )
    if tried is None or not tokens.sign_in_code_fits(tokens.digits(typed), challenge_id):
        raise CodeWrong


def spend(challenge_id: int, errand: Errand, browser: str | None) -> SignIn | None:
    """Take a challenge as answered, inside the caller's transaction.

    Returns:
        The challenge; nothing where it was answered before, is too old, is not about this errand
        or was asked of another browser.
    """
    return db.session.scalar(
        update(SignIn)
        .where(_open(challenge_id, browser), SignIn.errand == errand)
        .values(used_at=now())
        .returning(SignIn)
        .execution_options(synchronize_session=False, populate_existing=True)
    )


def withdraw(organizer_id: int) -> None:
    """Take no more answers to what an organizer was asked, inside the caller's transaction."""
    db.session.execute(
        update(SignIn)
        .where(SignIn.organizer_id == organizer_id, SignIn.used_at.is_(None))
        .values(used_at=now())
        .execution_options(synchronize_session=False)
    )


def _open(challenge_id: int, browser: str | None) -> ColumnElement[bool]:
    anybodys = SignIn.browser.is_(None)
    theirs = or_(anybodys, SignIn.browser == tokens.digest(browser)) if browser else anybodys
    return (
        (SignIn.id == challenge_id)
        & SignIn.used_at.is_(None)
        & (SignIn.expires_at > now())
        & theirs
    )
