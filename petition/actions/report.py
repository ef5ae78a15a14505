"""Somebody without an account reports a public signature."""

from sqlalchemy import func, insert, literal, select

from petition import address, limits
from petition.actions.turns import queue_for
from petition.address import Address
from petition.clock import now
from petition.database import take, writing
from petition.extensions import db
from petition.mail import outbox
from petition.models import Cause as Cause  # views know it from here
from petition.models import Report, Signature
from petition.queries.signatures import published

MOST = 20
"""Reports of one signature that wait at a time: the organizers look at it after the first."""


def report(
    signature: Signature, cause: Cause, words: str, typed: Address | None, visitor: str | None
) -> None:
    """Put a report into the organizers' queue, and ask the owner of the address, if it is theirs.

    A typed address hides nothing, whoever it belongs to: it proves nothing about who typed it,
    and a name that vanished would tell a stranger whose address it is. Where it is the
    signature's own, a mail goes there, and its reader can take the signature down at once. The
    same statements run for any other address.

    Args:
        signature: a public one. Nothing is written, where it is not public any more.
        words: what they say, tidied; or nothing.
        typed: the address that the signature used, as they say.
        visitor: the network address that the form came from.

    Raises:
        TooOften: this network has reported too many.
    """
    limits.check("report", limits.REPORT, visitor)
    with writing(db.session):
        if typed is not None:
            queue_for(address.digest(typed.canonical))
        _record(signature, cause, words)
        if typed is not None:
            digest = address.digest(typed.canonical)
            take(db.session, outbox.reported(signature.id, digest, typed))


def _record(signature: Signature, cause: Cause, words: str) -> None:
    waiting = (
        select(func.count())
        .select_from(Report)
        .where(Report.signature_id == signature.id, Report.settled_at.is_(None))
        .scalar_subquery()
    )
    values = {"cause": cause.value, "words": words, "created_at": now()}
    table = Report.__table__
    new = (
        published(signature.letter_id)
        .where(Signature.id == signature.id, waiting < MOST)
        .order_by(None)
        .with_only_columns(
            Signature.letter_id,
            Signature.id,
            *(literal(value, table.c[name].type) for name, value in values.items()),
        )
    )
    db.session.execute(insert(Report).from_select(["letter_id", "signature_id", *values], new))
