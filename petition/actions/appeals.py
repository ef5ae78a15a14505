"""A signer does not agree that they were rejected: they write, organizers answer or give way."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import insert, select

from petition import caching
from petition.actions import manage, moderate, telling
from petition.actions import settle as settling
from petition.actions.move import Locked, move
from petition.actions.record import Action, record
from petition.actions.roles import must
from petition.actions.turns import queue_for
from petition.clock import now
from petition.database import take, writing
from petition.exceptions import DecisionConflict, NoMoreAppeals, NotFound
from petition.extensions import db
from petition.mail import outbox
from petition.models import Actor, Cause, Letter, Report, Role, Signature, State
from petition.queries import appeals

MOST = 3
"""How often the signer of one signature may write, as long as reports are kept."""


def may(written: Sequence[Report]) -> bool:
    """Whether a signer may write who has written that."""
    return len(written) < MOST and all(each.settled_at is not None for each in written)


def appeal(signature_id: int, words: str, visitor: str | None) -> None:
    """Write to the organizers that a signature should not have been rejected.

    Args:
        words: why; already tidied, and not empty.

    Raises:
        NotFound: the signature is gone, is not rejected, or nothing is left of it.
        NoMoreAppeals: one waits to be read, or there were as many as there may be.
        TooOften: this network presses too many buttons.
    """
    with manage.own(signature_id, visitor) as signature:
        if signature.state != State.REJECTED or not signature.name:
            raise NotFound
        if not may(appeals.of(signature.id)):
            raise NoMoreAppeals
        db.session.execute(
            insert(Report).values(
                letter_id=signature.letter_id,
                signature_id=signature.id,
                cause=Cause.APPEAL,
                words=words,
            )
        )


def answer(letter: Letter, role: str, organizer_id: int, report_id: int, words: str) -> Locked:
    """Answer a signer who does not agree; it settles what they wrote, and stays as it is.

    A mail brings it to them, where their address is kept; on their own page it stands in any case.

    Args:
        words: already tidied, and not empty.

    Raises:
        Forbidden: this role only looks.
        NotFound: no signer of this letter wrote that.
        DecisionConflict: somebody was first, or the signer took their words back.
    """
    must(role, Role.MODERATOR)
    with writing(db.session):
        signature = _appealing(letter, report_id)
        _settle(signature, report_id, at=now(), answer=words, answered_by=organizer_id)
        take(db.session, outbox.answer(signature.id, signature.digest, report_id))
        record(Action.ANSWERED, organizer_id=organizer_id, letter=letter, signature_id=signature.id)
    return signature


def grant(letter: Letter, role: str, organizer_id: int, report_id: int) -> Locked:
    """Let a signature stand again as it would have, had it not been rejected; its signer hears.

    This is a decision, and can be undone like any other.

    Returns:
        The signature, in the state in which it is then.

    Raises:
        Forbidden: this role only looks.
        NotFound: no signer of this letter wrote that.
        DecisionConflict: somebody was first, or the signer took their words back.
    """
    must(role, Role.MODERATOR)
    with writing(db.session):
        signature = _appealing(letter, report_id)
        if signature.state != State.REJECTED:
            raise DecisionConflict(signature.name)
        to = moderate.stood(signature)
        at = move(signature, to, Actor.ORGANIZER, organizer_id=organizer_id, assignee_id=None)
        telling.tell_standing([signature.id])
        # By the moment of the decision it is found again, should that be undone.
        _settle(signature, report_id, at=at)
        record(
            Action.GRANTED,
            organizer_id=organizer_id,
            letter=letter,
            signature_id=signature.id,
            after=to,
        )
    caching.recent.forget(letter.slug)
    return replace(signature, state=to)


def _appealing(letter: Letter, report_id: int) -> Locked:
    """The signature that an appeal is about, kept from everybody else, after its address."""
    about = db.session.execute(
        select(Signature.id, Signature.digest)
        .join(Report, Report.signature_id == Signature.id)
        .where(Report.id == report_id, Report.letter_id == letter.id, Report.cause == Cause.APPEAL)
    ).first()
    if about is None:
        raise NotFound
    queue_for(about.digest)
    signature = moderate.of_letter(letter, about.id)
    if not signature.name:
        raise DecisionConflict(signature.name)
    return signature


def _settle(signature: Locked, report_id: int, *, at: datetime, **values: object) -> None:
    if not settling.settle([signature.id], Report.id == report_id, at=at, **values):
        raise DecisionConflict
