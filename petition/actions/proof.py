"""An organizer who is signed in proves once more that it is them, by a mailed code."""

from petition import limits
from petition.actions import challenges, sessions
from petition.actions.turns import queue_for
from petition.address import digest, parse
from petition.database import writing
from petition.exceptions import CodeWrong
from petition.extensions import db
from petition.mail import outbox
from petition.models import Errand, Kind, Method


def send(organizer_id: int, email: str, browser: str, language: str, visitor: str | None) -> int:
    """Mail a code to an organizer's own address.

    Returns:
        The number of the challenge that the code answers.

    Raises:
        TooOften: this network asks for too many.
    """
    limits.check("sign-in-mail", limits.SIGN_IN_MAIL, visitor)
    known_as = digest(parse(email).canonical)
    with writing(db.session):
        queue_for(known_as)
        often = challenges.too_often(Errand.PROOF, known_as)
        whose = None if often else organizer_id
        challenge = challenges.ask(Errand.PROOF, browser, organizer_id=whose, digest=known_as)
        outbox.post(Kind.PROOF, email, language, {"sign_in": challenge}, wanted=not often)
    return challenge


def by_code(
    organizer_id: int,
    session_id: int,
    challenge: int,
    browser: str,
    typed: str,
    visitor: str | None,
) -> str:
    """Take the code of a mail as proof, for this session.

    Returns:
        The new key of the session, for the cookie.

    Raises:
        CodeWrong: it does not fit, is too old, or was tried too often; which, is not told.
        TooOften: this network tries too many.
    """
    limits.check("code", limits.CODE, visitor)
    challenges.check_code(challenge, browser, typed)
    with writing(db.session):
        answered = challenges.spend(challenge, Errand.PROOF, browser)
        if answered is None or answered.organizer_id != organizer_id:
            raise CodeWrong
        return sessions.prove(session_id, Method.CODE)
