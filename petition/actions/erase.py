"""The signer wants more than to withdraw: that no trace of them is kept."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from petition import address
from petition.actions.emptied import NOTHING
from petition.actions.manage import delete_waiting, forget_group, own, take_back
from petition.actions.move import Locked
from petition.clock import now
from petition.database import empty_log
from petition.extensions import db
from petition.models import (
    Decision,
    Kind,
    NameWord,
    Note,
    OutgoingMail,
    Report,
    Signatory,
    Signature,
    State,
    Verification,
)


def erase(signature_id: int, visitor: str | None) -> None:
    """Take a signature back with every trace of its signer; the row stays, for the numbers.

    It cannot be undone. The address may sign again, as somebody who has never been here. Of a
    rejected signature the keyed digest of the address stays: without it, to erase would be the way
    round the rejection. Why and since when it is rejected stays too, for the numbers. An address
    that asked for no more mail stays on that list, which knows nothing else of it.

    Raises:
        NotFound: the signature is gone.
        TooOften: this network presses too many buttons.
    """
    with own(signature_id, visitor, address_first=True) as signature:
        if signature.state == State.PENDING:
            delete_waiting(signature)
        else:
            _erase(signature)
    empty_log(db.engine)  # where it cannot now, a worker does (`daily.forget_log`)


def _erase(signature: Locked) -> None:
    if signature.state not in {State.REJECTED, State.WITHDRAWN}:
        take_back(signature)
    forget_group(signature)
    _forget_asking(signature)
    forget_traces([signature.id])
    anew = {"digest": address.nobodys_digest()}
    left = {} if signature.state == State.REJECTED else anew
    db.session.execute(
        update(Signature)
        .where(Signature.id == signature.id)
        .values(**NOTHING, **left)
        .execution_options(synchronize_session=False)
    )


def forget_traces(signature_ids: Collection[int]) -> None:
    """Empty what stands beside signatures and tells of their signers, inside `writing()`.

    That is: words that were replaced, reports and what was answered, notes, evidence, the search,
    and mails, of which those that wait never leave.
    """

    def theirs(column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        mine: ColumnElement[bool] = column.in_(signature_ids)
        return mine

    at = now()
    for statement in (
        delete(OutgoingMail).where(theirs(OutgoingMail.signature_id)),
        delete(NameWord).where(theirs(NameWord.signature_id)),
        delete(Note).where(theirs(Note.signature_id)),
        update(Decision)
        .where(theirs(Decision.signature_id), Decision.before.is_not(None))
        .values(before=None),
        update(Report)
        .where(theirs(Report.signature_id), Report.settled_at.is_(None))
        .values(settled_at=at),
        update(Report).where(theirs(Report.signature_id)).values(words="", answer=None),
        update(Verification)
        .where(theirs(Verification.signature_id), Verification.ended_at.is_(None))
        .values(ended_at=at),
        update(Verification).where(theirs(Verification.signature_id)).values(evidence=""),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))


def _forget_asking(signature: Locked) -> None:
    """Who was asked to sign first was written down by the organizers, with the address."""
    asked = db.session.execute(
        select(Signatory.id, Signatory.email, Signatory.signature_id).where(
            Signatory.letter_id == signature.letter_id
        )
    )
    mine = [
        each.id
        for each in asked
        if each.signature_id == signature.id
        or (each.email and address.digest(address.parse(each.email).canonical) == signature.digest)
    ]
    if not mine:
        return
    about = OutgoingMail.about["signatory"].as_integer()
    db.session.execute(
        delete(OutgoingMail)
        .where(
            OutgoingMail.kind == Kind.FIRST_INVITATION,
            OutgoingMail.digest == signature.digest,
            or_(*(about == each for each in mine)),
        )
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        delete(Signatory).where(Signatory.id.in_(mine)).execution_options(synchronize_session=False)
    )
