"""The address of who asked for no updates is erased after a while; its owner is still known."""

from typing import Any, cast

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, exists, select, update
from sqlalchemy.sql.dml import Delete

from petition import address, config, retention
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import Delivery, NameWord, OutgoingMail, Signatory, Signature, State
from petition.queries.filters import at

_signature = cast(Table, Signature.__table__)


def kept(email: str | None, *, updates: bool) -> dict[str, Any]:
    """The columns of a signature's address, as they are to be when it is confirmed."""
    if email is None or updates or config.current().keep_addresses_days:
        return {"email": email}
    return erased(email)


def erased(email: str) -> dict[str, Any]:
    """The columns of a signature's address, once it is erased."""
    return {"email": None, "mailbox": address.mailbox(email)}


def forget(which: ColumnElement[bool]) -> int:
    """Erase the addresses of some signers, where they were confirmed long enough ago.

    One to which a mail has still to leave is erased another day.

    Returns:
        How many there were.
    """
    due = db.session.execute(
        select(Signature.id, Signature.email).where(which, _due()).order_by(Signature.id)
    ).all()
    db.session.rollback()
    if not due:
        return 0
    changes = [{"of": id_, "was": email} | erased(email or "") for id_, email in due]
    # Apart: who erases everything takes a signature first, who signs as the first the other.
    with writing(db.session):
        db.session.execute(
            update(Signatory)
            .where(Signatory.signature_id.in_([each["of"] for each in changes]))
            .values(email=None)
            .execution_options(synchronize_session=False)
        )
    with writing(db.session):
        db.session.execute(_forget_domains([each["of"] for each in changes]))
        db.session.connection().execute(
            update(_signature)
            .where(
                _signature.c.id == bindparam("of"),
                _signature.c.email == bindparam("was"),
                ~_signature.c.updates,
            )
            .values(email=bindparam("email"), mailbox=bindparam("mailbox")),
            changes,
        )
    return len(changes)


def _forget_domains(signature_ids: list[int]) -> Delete:
    """Let the search forget at which domains they were."""
    return delete(NameWord).where(
        NameWord.signature_id.in_(signature_ids),
        NameWord.word >= at(""),
        NameWord.word < at("\U0010ffff"),
    )


def _due() -> ColumnElement[bool]:
    waits = exists().where(
        OutgoingMail.signature_id == Signature.id, OutgoingMail.delivery == Delivery.QUEUED
    )
    return and_(
        Signature.email.is_not(None),
        ~Signature.updates,
        Signature.state.not_in((State.PENDING, State.WITHDRAWN)),
        Signature.confirmed_at <= now() - retention.addresses(),
        ~waits,
    )
