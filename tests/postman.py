"""The way of a mail in tests: written by a signature, carried by a worker, looked up again."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import select, update

from petition.actions import sign
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.mail import outbox
from petition.mail.transports import Smtp
from petition.mail.worker import Worker
from petition.models import Delivery, Kind, OutgoingMail
from petition.queries.letters import LetterText
from tests.factories import make_entry, make_letter
from tests.smtp_server import SmtpServer, Taken

_networks = count(1)
PATIENCE = 60.0
"""Seconds within which what must happen has happened, on a machine that is busy."""


def write_mails(*to: str, found: LetterText | None = None, **entry: Any) -> list[str]:
    """Sign a letter with each address; the Message-IDs of the mails, in that order."""
    found = found or make_letter()
    for address in to:
        sign.sign(found.letter, found.revision, make_entry(email=address, **entry), visitor())
    return [mail.message_id for mail in mails()[-len(to) :]]


def visitor() -> str:
    """A network address that nobody has come from."""
    return f"2001:db8:0:{next(_networks):x}::1"


def addresses(number: int) -> list[str]:
    """So many addresses."""
    return [f"signer-{n}@example.org" for n in range(number)]


def mails() -> list[OutgoingMail]:
    """All mails as the database has them now, in the order in which they were written."""
    db.session.rollback()  # on SQLite an older look would last
    db.session.expire_all()
    return list(db.session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)))


def deliveries() -> list[str]:
    """How far each mail has come."""
    return [mail.delivery for mail in mails()]


def change(**values: Any) -> None:
    """Set columns of every mail."""
    with writing(db.session):
        db.session.execute(update(OutgoingMail).values(values))
    db.session.expire_all()


def let_time_pass() -> None:
    """Every pause and every lease is over, and nothing is too old for that."""
    change(due_at=now() - timedelta(seconds=1))


def carry(server: SmtpServer) -> list[Taken]:
    """Every pause is over, and what waits is carried but for what asks to confirm; what came."""
    before = len(server.taken)
    with writing(db.session):
        confirming = OutgoingMail.kind == Kind.CONFIRM
        db.session.query(OutgoingMail).filter(confirming).update({"delivery": Delivery.SENT})
        waiting = OutgoingMail.delivery == Delivery.QUEUED
        db.session.query(OutgoingMail).filter(waiting).update({"due_at": now()})
    worker = make_worker(server)
    while outbox.due():
        worker.work()
    return server.taken[before:]


def make_worker(server: SmtpServer, name: str = "a worker") -> Worker:
    """A worker that hands over to this server."""
    return Worker(name, Smtp(server.address()), threading.Event())


def wait_until(condition: Callable[[], bool], what: str, *, every: float = 0.01) -> None:
    """Look again and again, after so many seconds each."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited too long until {what}"
        time.sleep(every)


def all_sent() -> bool:
    """Every mail has left."""
    return set(deliveries()) <= {Delivery.SENT}
