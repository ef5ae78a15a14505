"""Signers are told that they were rejected, and that they stand again, inside what decides it."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select

from petition import reasons
from petition.clock import now
from petition.extensions import db
from petition.mail import outbox
from petition.models import Cause, Delivery, Kind, Letter, OutgoingMail, Report, Signature
from petition.queries import teams

PAUSE = timedelta(minutes=10)
"""For so long such a mail waits: of what is undone meanwhile nobody hears."""
PACE = timedelta(milliseconds=50)
"""Between two mails of a crowd: who signs meanwhile does not wait behind it for theirs."""


def tell(letter: Letter, signature_ids: Collection[int], reason: str) -> None:
    """Write to signers that they were just rejected, and why, inside the caller's transaction.

    The words are those of today, in the language of each. Who has no address here any more, wants
    no mail, or has had as many as a mailbox may, gets none. A mail that waits is dropped by
    itself when it is not true any more.

    Args:
        signature_ids: of the letter, and rejected.
        reason: the code of the team's for which they are (`petition.reasons`).
    """
    if not signature_ids:
        return
    theirs = select(Signature.language).where(Signature.id.in_(signature_ids)).distinct()
    languages = list(db.session.scalars(theirs))
    known = teams.reasons_of(letter.team_id)
    about = {
        language: {
            "why": reasons.wording(reason, known, language),
            "more": reasons.sentence(reason, known, language),
        }
        for language in languages
    }
    outbox.rejected(signature_ids, about, _turn(len(signature_ids)))


def tell_standing(signature_ids: Collection[int]) -> None:
    """Write to signers that they stand again, who know that they did not, inside the caller's
    transaction.

    That is: a mail had told them, and left; or they have written that they do not agree.
    """
    knowing = _told(signature_ids) | _disagreeing(signature_ids)
    if knowing:
        outbox.stand_again(sorted(knowing), _turn(len(knowing)))


def _turn(number: int) -> datetime:
    """When so many mails may leave: those of a crowd behind those of one that wait already."""
    soonest = now() + PAUSE
    if number == 1:
        return soonest
    last = db.session.scalar(
        select(OutgoingMail.due_at)
        .where(OutgoingMail.kind == Kind.DECIDED, OutgoingMail.delivery == Delivery.QUEUED)
        .order_by(OutgoingMail.due_at.desc())
        .limit(1)
    )
    return soonest if last is None else max(soonest, last + number * PACE)


def _told(signature_ids: Collection[int]) -> set[int]:
    """Those whom the last mail that left, or is leaving just now, told that they are rejected."""
    rejected = {
        signature_id: bool(about)
        for signature_id, about in db.session.execute(
            select(OutgoingMail.signature_id, OutgoingMail.about)
            .where(*_of_decisions(signature_ids), _left())
            .order_by(OutgoingMail.id)
        )
        if signature_id is not None
    }
    return {signature_id for signature_id, is_so in rejected.items() if is_so}


def _disagreeing(signature_ids: Collection[int]) -> set[int]:
    """Those who have written since they were last told how it stands."""
    later = (
        select(OutgoingMail.id)
        .where(
            OutgoingMail.signature_id == Report.signature_id,
            OutgoingMail.kind == Kind.DECIDED,
            OutgoingMail.created_at > Report.created_at,
            _left(),
        )
        .exists()
    )
    written = select(Report.signature_id).where(
        Report.signature_id.in_(signature_ids), Report.cause == Cause.APPEAL, ~later
    )
    return set(db.session.scalars(written))


def _of_decisions(signature_ids: Collection[int]) -> tuple[ColumnElement[bool], ...]:
    return OutgoingMail.signature_id.in_(signature_ids), OutgoingMail.kind == Kind.DECIDED


def _left() -> ColumnElement[bool]:
    """Whether a mail has left, or a worker has it in hand."""
    return or_(
        OutgoingMail.delivery == Delivery.SENT,
        OutgoingMail.claimed_by.is_not(None),
    )
