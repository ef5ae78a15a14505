"""Time passes: what is needed no longer is forgotten."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update

from petition import retention
from petition.actions.launch import REMOVED_KEPT
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import (
    AllowedNetwork,
    Attention,
    Burst,
    Card,
    Delivery,
    Draft,
    FormerSlug,
    Kind,
    Letter,
    Milestone,
    NameGroup,
    OutgoingMail,
    PaperBatch,
    Report,
    Revision,
    Rule,
    Sighting,
    Signatory,
    Signature,
    Site,
    State,
    Statistic,
    Tally,
)
from petition.queries import letters

AFTER_CLOSING = timedelta(days=30)
"""How long it is kept who was asked to sign a letter first and did not."""
PIECE = 500
"""People, mails or reports that are forgotten in one transaction."""


def forget_asked() -> bool:
    """Forget those who are asked to sign first no more, with their addresses.

    Whoever signed has a signature, and is kept with it.

    Returns:
        Whether there may be more to forget.
    """
    at = now()
    closed = exists().where(Letter.id == Signatory.letter_id, Letter.closes_at < at - AFTER_CLOSING)
    due = and_(
        Signatory.signature_id.is_(None),
        or_(Signatory.removed_at < at - REMOVED_KEPT, closed),
    )
    some = select(Signatory.id).where(due).order_by(Signatory.id).limit(PIECE)
    with writing(db.session):
        forgotten = db.session.scalars(
            delete(Signatory)
            .where(Signatory.id.in_(some), due)
            .returning(Signatory.id)
            .execution_options(synchronize_session=False)
        ).all()
    return len(forgotten) == PIECE


def forget_networks(which: ColumnElement[bool]) -> int:
    """Forget of some signatures which network they came from; of how many."""
    due = and_(
        which,
        Signature.network.is_not(None),
        Signature.created_at < now() - retention.NETWORKS,
    )
    if not db.session.scalar(select(exists().where(due))):
        return 0
    with writing(db.session):
        found = db.session.scalars(
            update(Signature)
            .where(due)
            .values(network=None)
            .returning(Signature.id)
            .execution_options(synchronize_session=False)
        ).all()
    return len(found)


def forget_mails() -> Iterator[int]:
    """Forget the mails that left or failed long ago.

    Those of somebody who has not confirmed stay as long as what they typed does: nobody is
    written to more often by it. That somebody was told of their rejection is known as long as they
    are rejected: should they stand again, they are told that too.

    Yields:
        How many were forgotten, after each transaction.
    """
    told = and_(Signature.state == State.REJECTED, OutgoingMail.kind == Kind.DECIDED)
    needed = exists().where(
        Signature.id == OutgoingMail.signature_id,
        or_(Signature.state == State.PENDING, told),
    )
    return _forget(
        OutgoingMail,
        OutgoingMail.delivery != Delivery.QUEUED,
        OutgoingMail.created_at < now() - retention.MAILS,
        ~needed,
    )


def forget_reports() -> Iterator[int]:
    """Forget the reports that were settled long ago.

    Yields:
        How many were forgotten, after each transaction.
    """
    return _forget(Report, Report.settled_at < now() - retention.REPORTS)


def _forget(model: type[OutgoingMail | Report], *due: ColumnElement[bool]) -> Iterator[int]:
    """Along all rows by their numbers, once."""
    last = 0
    while some := _after(last, model, *due):
        with writing(db.session):
            db.session.execute(
                delete(model)
                .where(model.id.in_(some), *due)
                .execution_options(synchronize_session=False)
            )
        yield len(some)
        last = some[-1]


def _after(
    last: int, model: type[OutgoingMail | Report], *due: ColumnElement[bool]
) -> Sequence[int]:
    following = select(model.id).where(model.id > last, *due).order_by(model.id)
    some = db.session.scalars(following.limit(PIECE)).all()
    db.session.rollback()
    return some


_OF_A_DRAFT = (
    AllowedNetwork,
    NameGroup,
    Draft,
    Signatory,
    FormerSlug,
    Card,
    PaperBatch,
    Tally,
    Revision,
    Attention,
    Burst,
    Rule,
    Statistic,
    Site,
    Sighting,
    Milestone,
)


def forget_draft() -> bool:
    """Delete for good a draft that was thrown away so long ago that nobody can bring it back.

    Returns:
        Whether there may be another.
    """
    too_old = Letter.deleted_at < now() - letters.DELETED_KEPT
    unsigned = ~exists().where(Signature.letter_id == Letter.id)
    with writing(db.session):
        letter_id = db.session.scalar(
            select(Letter.id)
            .where(too_old, unsigned)
            .order_by(Letter.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if letter_id is None:
            return False
        for model in _OF_A_DRAFT:
            db.session.execute(delete(model).where(model.letter_id == letter_id))
        db.session.execute(delete(Letter).where(Letter.id == letter_id))
    return True
