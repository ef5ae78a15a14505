"""What was typed and never confirmed is reminded of once, and then deleted."""

from collections import Counter
from datetime import timedelta
from random import SystemRandom

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update

from petition import retention
from petition.actions import tally
from petition.actions.emptied import NOTHING
from petition.actions.fingerprint import fingerprint
from petition.actions.turns import place
from petition.clock import now
from petition.database import take, take_in_turn, writing
from petition.extensions import db
from petition.mail import outbox
from petition.models import Delivery, Kind, Letter, OutgoingMail, Signature, State

REMINDED_AFTER = timedelta(days=2)
"""When who has signed and not confirmed is reminded."""
SPREAD = timedelta(hours=6)
"""Over which the reminders of a run leave, so that nobody who signs now waits behind a crowd."""
TOGETHER = 50
"""People who are reminded in one transaction."""

_moments = SystemRandom()


def forget(which: ColumnElement[bool]) -> int:
    """Delete those of some signatures that nobody confirmed in time; how many there were.

    One whose link still works is left alone, however old it is.
    """
    due = and_(which, Signature.state == State.PENDING, _typed_long_ago(), ~_link_works())
    if not db.session.scalar(select(exists().where(due))):
        return 0
    with writing(db.session):
        gone = Counter(
            db.session.scalars(
                delete(Signature)
                .where(due)
                .returning(Signature.letter_id)
                .execution_options(synchronize_session=False)
            )
        )
        for letter_id in sorted(gone):
            tally.adjust(letter_id, {State.PENDING: -gone[letter_id]})
    return gone.total()


def forget_retyped(which: ColumnElement[bool]) -> int:
    """Empty those of some signatures that were withdrawn, typed anew, and not confirmed in time.

    Returns:
        How many there were.
    """
    due = and_(
        which,
        Signature.state == State.WITHDRAWN,
        Signature.name != "",
        _typed_long_ago(),
        ~_link_works(),
    )
    if not db.session.scalar(select(exists().where(due))):
        return 0
    with writing(db.session):
        emptied = db.session.scalars(
            update(Signature)
            .where(due)
            .values(NOTHING)
            .returning(Signature.id)
            .execution_options(synchronize_session=False)
        )
        return len(emptied.all())


def _typed_long_ago() -> ColumnElement[bool]:
    return Signature.consented_at < now() - retention.UNCONFIRMED


def _link_works() -> ColumnElement[bool]:
    """Whether a mail left, or was to leave, so shortly ago that its link is still good."""
    since = now() - retention.LINK
    return exists().where(
        OutgoingMail.signature_id == Signature.id,
        or_(OutgoingMail.created_at > since, OutgoingMail.sent_at > since),
    )


def remind(which: ColumnElement[bool]) -> int:
    """Remind those of some signers who have not confirmed for some days; how many it were.

    Each is reminded once, while the letter is open, and only where the first mail has left.
    """
    due = and_(which, _to_be_reminded())
    found = db.session.execute(select(Signature.id, Signature.digest).where(due)).all()
    db.session.rollback()
    some = [found[start : start + TOGETHER] for start in range(0, len(found), TOGETHER)]
    return sum(_remind({each.id: each.digest for each in part}) for part in some)


def _to_be_reminded() -> ColumnElement[bool]:
    at = now()
    mine = OutgoingMail.signature_id == Signature.id
    open_now = exists().where(
        Letter.id == Signature.letter_id,
        Letter.published_at.is_not(None),
        Letter.withdrawn_at.is_(None),
        or_(Letter.closes_at.is_(None), Letter.closes_at > at),
    )
    return and_(
        Signature.state == State.PENDING,
        Signature.consented_at < at - REMINDED_AFTER,
        Signature.consented_at > at - retention.LINK,
        exists().where(mine, OutgoingMail.delivery == Delivery.SENT),
        ~exists().where(mine, OutgoingMail.created_at > at - REMINDED_AFTER),
        ~exists().where(mine, OutgoingMail.kind == Kind.REMINDER),
        open_now,
    )


def _remind(digests: dict[int, bytes]) -> int:
    """Write the mails, as far as the limits of all mails let them be written."""
    written = 0
    with writing(db.session):
        take_in_turn(db.session, *(place(digest) for digest in sorted(digests.values())))
        due = and_(Signature.id.in_(digests), _to_be_reminded())
        for signature in db.session.scalars(select(Signature).where(due).order_by(Signature.id)):
            words = fingerprint(signature, signature.revision_id)
            leaves = now() + _moments.random() * SPREAD
            mail = outbox.remind(signature.id, signature.digest, words, leaves)
            written += take(db.session, mail).rowcount
    db.session.expunge_all()
    return written
