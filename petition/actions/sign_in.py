"""Organizers come in: by a mailed link or code, or by a link that the operator printed."""

from sqlalchemy import select

from petition import limits, tokens
from petition.actions import challenges, sessions
from petition.actions.turns import queue_for
from petition.address import Address, digest
from petition.database import writing
from petition.exceptions import CodeWrong, LinkUsed, OtherBrowser
from petition.extensions import db
from petition.mail import outbox
from petition.models import Errand, Kind, Method, Organizer
from petition.queries import teams
from petition.queries.challenges import asked_of
from petition.tokens import Purpose

LASTS = challenges.LASTS
"""How long a mailed link or code works."""
PRINTED_LASTS = Purpose.SIGN_IN.age
"""How long a link works that the operator was given: the longest that one does."""


def send(
    address: Address,
    browser: str,
    device: str,
    language: str,
    visitor: str | None,
    familiar: int | None = None,
) -> int:
    """Mail a link and a code to an organizer's address.

    An unknown address and one that had too many mails run through the same statements and come
    out the same way; only no mail leaves.

    Args:
        browser: the key that the asking browser was given; link and code work in no other.
        device: that browser in a few words, for the mail.
        language: of the mail.
        familiar: the number of the organizer who has signed in in that browser before; how often
            others ask for their address elsewhere does not keep mails from them here.

    Returns:
        The number of the challenge that the code answers.

    Raises:
        TooOften: this network asks for too many.
    """
    limits.check("sign-in-mail", limits.SIGN_IN_MAIL, visitor)
    email, known_as = address.delivery.lower(), digest(address.canonical)
    with writing(db.session):
        queue_for(known_as)
        organizer_id = _by_email(email)
        at_home = organizer_id is not None and organizer_id == familiar
        if challenges.too_often(Errand.SIGN_IN, known_as, familiar=at_home):
            organizer_id = None
        challenge = challenges.ask(
            Errand.SIGN_IN, browser, organizer_id=organizer_id, digest=known_as, familiar=at_home
        )
        outbox.post(
            Kind.SIGN_IN,
            email,
            language,
            {"sign_in": challenge, "device": device},
            wanted=organizer_id is not None,
            most=2
            * limits.MAILS_A_DAY,  # which is for strangers, and as many for familiar browsers
        )
    return challenge


def _by_email(email: str) -> int | None:
    theirs = select(Organizer.id).where(Organizer.email == email, teams.in_a_team(Organizer.id))
    return db.session.scalar(theirs)


def printed_link(organizer_id: int) -> str:
    """The token of a link for the operator to hand over; it works in any browser, once."""
    with writing(db.session):
        challenge = challenges.ask(
            Errand.SIGN_IN, None, organizer_id=organizer_id, lasts=PRINTED_LASTS
        )
    return tokens.make(Purpose.SIGN_IN, challenge)


def by_link(token: str, browser: str, device: str, visitor: str | None) -> str:
    """Spend a one-time link and begin a session.

    Returns:
        The key of the session, for the cookie.

    Raises:
        LinkBroken, LinkExpired: as `tokens.read`.
        LinkUsed: it has been spent or is too old.
        OtherBrowser: it was asked for in another browser; it is not spent.
        TooOften: this network follows too many.
    """
    limits.check("sign-in", limits.SIGN_IN, visitor)
    challenge = tokens.read(Purpose.SIGN_IN, token)
    with writing(db.session):
        key = _enter(challenge, browser, Method.LINK, device)
    if key is not None:
        return key
    if not asked_of(challenge, browser):
        raise OtherBrowser
    raise LinkUsed


def by_code(challenge: int, browser: str, typed: str, device: str, visitor: str | None) -> str:
    """Spend the code of a mail and begin a session.

    Returns:
        The key of the session, for the cookie.

    Raises:
        CodeWrong: it does not fit, is too old, or was tried too often; which, is not told.
        TooOften: this network tries too many.
    """
    limits.check("code", limits.CODE, visitor)
    challenges.check_code(challenge, browser, typed)
    with writing(db.session):
        key = _enter(challenge, browser, Method.CODE, device)
    if key is None:
        raise CodeWrong
    return key


def _enter(challenge: int, browser: str, method: Method, device: str) -> str | None:
    answered = challenges.spend(challenge, Errand.SIGN_IN, browser)
    organizer_id = answered.organizer_id if answered else None
    if organizer_id is None or not teams.is_in_a_team(organizer_id):
        return None
    return sessions.begin(organizer_id, method, device)
