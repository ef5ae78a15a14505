"""An organizer changes how they are called, and where their mail goes."""

from sqlalchemy import select, update

from petition import limits
from petition.actions import challenges, sessions
from petition.actions.record import Action, record_of
from petition.actions.turns import queue_for
from petition.address import Address, digest, parse
from petition.database import alone, writing
from petition.exceptions import AddressTaken, CodeWrong
from petition.extensions import db
from petition.mail import outbox
from petition.models import Errand, Kind, Organizer


def rename(organizer_id: int, name: str) -> None:
    """Call an organizer by this name."""
    with writing(db.session):
        _change(organizer_id, name=name)


def ask_new_address(
    organizer_id: int, address: Address, browser: str, language: str, visitor: str | None
) -> int:
    """Mail a code to the address that an organizer wants to have from now on.

    An address that another account has gets none, and nobody is told so.

    Returns:
        The number of the challenge that the code answers.

    Raises:
        TooOften: this network asks for too many.
    """
    limits.check("sign-in-mail", limits.SIGN_IN_MAIL, visitor)
    email, known_as = address.delivery.lower(), digest(address.canonical)
    with writing(db.session):
        queue_for(known_as)
        taken, often = _holder(email), challenges.too_often(Errand.ADDRESS, known_as)
        free = taken is None and not often
        whose = organizer_id if free else None
        challenge = challenges.ask(
            Errand.ADDRESS, browser, organizer_id=whose, digest=known_as, email=email
        )
        outbox.post(Kind.NEW_ADDRESS, email, language, {"sign_in": challenge}, wanted=free)
    return challenge


def change_address(
    organizer_id: int,
    session_id: int,
    challenge: int,
    browser: str,
    typed: str,
    language: str,
    visitor: str | None,
) -> str:
    """Take the code that reached the new address, and tell the old one.

    Sessions in other browsers end.

    Returns:
        The new address.

    Raises:
        CodeWrong: it does not fit, is too old, or was tried too often; which, is not told.
        AddressTaken: another account has had the address since.
        TooOften: this network tries too many.
    """
    limits.check("code", limits.CODE, visitor)
    challenges.check_code(challenge, browser, typed)
    with writing(db.session):
        answered = challenges.spend(challenge, Errand.ADDRESS, browser)
        if answered is None or answered.organizer_id != organizer_id or not answered.email:
            raise CodeWrong
        new = answered.email
        queue_for(digest(parse(new).canonical))
        old = db.session.get_one(Organizer, organizer_id).email
        with alone(db.session, Organizer.email, AddressTaken):
            _change(organizer_id, email=new)
        answered.email = None
        challenges.withdraw(organizer_id)
        sessions.end_all(organizer_id, but=session_id)
        outbox.post(Kind.ADDRESS_CHANGED, old, language)
        record_of(organizer_id, Action.ADDRESS)
    return new


def _holder(email: str) -> int | None:
    return db.session.scalar(select(Organizer.id).where(Organizer.email == email))


def _change(organizer_id: int, **values: str) -> None:
    db.session.execute(
        update(Organizer)
        .where(Organizer.id == organizer_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
