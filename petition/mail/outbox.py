"""The queue of outgoing mail: put in, claim, record.

A mail is claimed in one short transaction, handed over outside any, and recorded in another. A
worker that dies in between leaves its lease behind; when that runs out, or the same worker comes
back, the mail is handed over again under the same Message-ID.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from random import SystemRandom
from typing import Any, cast
from uuid import uuid4

from sqlalchemy import Boolean, Table, and_, bindparam, exists, func, insert, or_, select, update
from sqlalchemy.orm import aliased
from sqlalchemy.sql.dml import Insert

from petition import config, limits
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.mail.suppressions import suppress
from petition.models import (
    Delivery,
    Kind,
    Letter,
    OutgoingMail,
    Revision,
    Signature,
    State,
    Suppression,
)

LEASE = timedelta(minutes=10)
"""How long a claimed mail is left to its worker; longer than a batch of it can take."""
GIVE_UP = timedelta(hours=48)
"""How long a temporary refusal is believed to be temporary."""
RETRIES = (1, 5, 15, 60)
"""Minutes until the next try; the last repeats."""
UNDELIVERABLE_FOR = timedelta(days=30)
"""How long an address that does not exist is left alone."""

_random = SystemRandom()


def queue(kind: Kind | None, signature_id: int | None, digest: bytes) -> None:
    """Promise a mail, inside the transaction of what it is about, unless it would be one too many.

    The statement runs all the same where no mail is due (`kind` is None), so that nobody can tell
    from outside. It decides by itself, from the mails already written, whether the signature and
    the mailbox may have another; the caller holds the lock that keeps others from deciding too.
    """
    at = now()
    db.session.execute(
        _insert_unless_too_many(),
        {
            "kind": kind,
            "signature_id": signature_id,
            "message_id": f"<{uuid4().hex}@{config.current().sender.rpartition('@')[2]}>",
            "delivery": Delivery.QUEUED,
            "attempts": 0,
            "code_tries": 0,
            "due_at": at,
            "created_at": at,
            "wanted": kind is not None,
            "digest": digest,
            "pause_began": at - limits.MAIL_PAUSE,
            "day_began": at - timedelta(days=1),
        },
    )


@cache
def _insert_unless_too_many() -> Insert:
    table = cast(Table, OutgoingMail.__table__)
    columns = ["kind", "signature_id", "message_id", "delivery", "attempts", "code_tries"]
    columns += ["due_at", "created_at"]
    earlier = aliased(OutgoingMail)
    mine = earlier.signature_id == bindparam("signature_id")
    ever = select(func.count()).where(mine).scalar_subquery()
    just_now = exists().where(mine, earlier.created_at > bindparam("pause_began"))
    today = (
        select(func.count())
        .select_from(earlier)
        .join(Signature, Signature.id == earlier.signature_id)
        .where(
            Signature.digest == bindparam("digest"),
            earlier.created_at > bindparam("day_began"),
        )
        .scalar_subquery()
    )
    return insert(table).from_select(
        columns,
        select(*(bindparam(name, type_=table.c[name].type) for name in columns)).where(
            bindparam("wanted", type_=Boolean),
            ever < limits.MAILS_A_SIGNATURE,
            ~just_now,
            today < limits.MAILS_A_DAY,
        ),
    )


def due() -> bool:
    """Whether a mail could leave now."""
    ready = exists().where(OutgoingMail.delivery == Delivery.QUEUED, OutgoingMail.due_at <= now())
    return bool(db.session.scalar(select(ready)))


@dataclass(frozen=True)
class Job:
    """A claimed mail with all that its words are made from."""

    mail: OutgoingMail
    signature: Signature
    letter: Letter
    revision: Revision
    suppressed: bool

    @property
    def wanted(self) -> bool:
        """What the mail says is still true, and its reader still wants mail."""
        states = {
            Kind.CONFIRM: {State.PENDING, State.WITHDRAWN},
            Kind.ALREADY_SIGNED: {State.PUBLISHED, State.HELD},
        }
        right_state = self.signature.state in states[Kind(self.mail.kind)]
        return right_state and not self.suppressed and self.signature.email is not None


def claim(worker: str, limit: int) -> list[Job]:
    """Take the mails that have waited longest, for as long as the lease lasts.

    Two workers never take the same: PostgreSQL skips the rows another has locked, SQLite has one
    writer at a time.
    """
    at = now()
    due = (
        select(OutgoingMail.id)
        .where(OutgoingMail.delivery == Delivery.QUEUED, OutgoingMail.due_at <= at)
        .order_by(OutgoingMail.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    with writing(db.session):
        claimed = db.session.scalars(
            update(OutgoingMail)
            .where(OutgoingMail.id.in_(select(due.c.id)))
            .values(due_at=at + LEASE, claimed_by=worker, attempts=OutgoingMail.attempts + 1)
            .returning(OutgoingMail.id)
            .execution_options(synchronize_session=False)
        ).all()
    return _jobs(list(claimed)) if claimed else []


def _jobs(mail_ids: list[int]) -> list[Job]:
    in_force = or_(Suppression.expires_at.is_(None), Suppression.expires_at > now())
    suppressed = exists().where(Suppression.digest == Signature.digest, in_force)
    rows = db.session.execute(
        select(OutgoingMail, Signature, Letter, Revision, suppressed)
        .join(Signature, Signature.id == OutgoingMail.signature_id)
        .join(Letter, Letter.id == Signature.letter_id)
        .join(Revision, Revision.id == Signature.revision_id)
        .where(OutgoingMail.id.in_(mail_ids))
        .order_by(OutgoingMail.id)
        .execution_options(populate_existing=True)
    )
    return [Job(*row) for row in rows]


def sent(job: Job) -> None:
    """The server has taken it."""
    _record(job, delivery=Delivery.SENT, sent_at=now(), error=None)


def drop(job: Job) -> None:
    """It is no longer wanted."""
    _record(job, delivery=Delivery.DROPPED)


def postpone(job: Job, error: str) -> None:
    """Try again later; a mail that has waited too long has failed."""
    if now() - job.mail.created_at > GIVE_UP:
        _record(job, delivery=Delivery.FAILED, error=error)
        return
    minutes = RETRIES[min(job.mail.attempts, len(RETRIES)) - 1]
    wait = timedelta(minutes=minutes) * _random.uniform(0.8, 1.2)
    _record(job, due_at=now() + wait, error=error)


def give_back(job: Job) -> None:
    """It was never tried: the next worker may have it at once."""
    _record(job, due_at=job.mail.created_at, attempts=job.mail.attempts - 1)


def fail(job: Job, error: str, *, undeliverable: bool = False) -> None:
    """It was refused for good; with `undeliverable`, because the mailbox does not exist."""
    with writing(db.session):
        _record(job, delivery=Delivery.FAILED, error=error)
        if undeliverable:
            suppress(job.signature.digest, "bounced", now() + UNDELIVERABLE_FOR)


def _record(job: Job, **values: Any) -> None:
    """Write down what became of a claim, unless the lease ran out and another has it."""
    mine = and_(
        OutgoingMail.id == job.mail.id,
        OutgoingMail.claimed_by == job.mail.claimed_by,
        OutgoingMail.attempts == job.mail.attempts,
    )
    with writing(db.session):
        db.session.execute(
            update(OutgoingMail)
            .where(mine)
            .values(claimed_by=None, **values)
            .execution_options(synchronize_session=False)
        )


def release(worker: str) -> int:
    """Free what an earlier life of this worker had claimed; how many that was.

    Only for a worker that knows its earlier life to be over.
    """
    with writing(db.session):
        freed = db.session.execute(
            update(OutgoingMail)
            .where(OutgoingMail.claimed_by == worker, OutgoingMail.delivery == Delivery.QUEUED)
            .values(claimed_by=None, due_at=now())
            .execution_options(synchronize_session=False)
        )
    return int(freed.rowcount)  # type: ignore[attr-defined]
