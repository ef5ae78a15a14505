"""The worker: takes mails from the queue and hands them over, until told to stop."""

import fcntl
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy.exc import SQLAlchemyError

from petition.extensions import db
from petition.mail import messages, outbox
from petition.mail.outbox import Job
from petition.mail.transports import Fault, HandOverFailed, Transport

BATCH = 50
"""Mails claimed at once."""
BATCH_SECONDS = 10.0
"""After these no further mail of a batch is begun: what was true when it was claimed grows old,
and the lease must outlast the last one, however slow the server."""
TRIES_UNANSWERED = 3
"""How often a mail is said that was perhaps taken each time (RFC 1047)."""
IDLE = 0.5
"""Seconds between two looks into an empty queue."""
LONGEST_PAUSE = 30.0
"""Seconds at most between two knocks at a server that does not answer or does not want us."""
HANG_UP_AFTER = 30.0
"""Seconds for which a line is held with nothing to say."""

NAME_LENGTH = 60
"""Characters that a claimed mail has room for (`OutgoingMail.claimed_by`)."""

log = structlog.get_logger()


@contextmanager
def identity(data_dir: Path) -> Iterator[str]:
    """A name for this worker that it has again when it comes back after a crash.

    The name is a numbered file in the data folder, locked for as long as the process lives: who
    gets the lock knows that the one who had it before is gone, and may free its claims at once
    instead of waiting for the lease. The machine's name is part of it, because a data folder may
    be copied to a second machine for its keys.
    """
    folder = data_dir / "workers"
    folder.mkdir(mode=0o700, exist_ok=True)
    for number in range(1, 1000):
        handle = os.open(folder / f"{number}", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            continue
        try:
            yield f"{_name_in(handle)}@{socket.gethostname()}"[:NAME_LENGTH]
        finally:
            os.close(handle)
        return


def _name_in(handle: int) -> str:
    name = os.read(handle, 60).decode()
    if not name:
        name = uuid4().hex
        os.write(handle, name.encode())
        os.fsync(handle)
    return name


@dataclass
class Chore:
    """Something to do beside the mail, at a pace of its own."""

    name: str
    do: Callable[[], bool]
    """Does a part of it; whether more is to be done at once. It needs no transaction around it."""
    every: float
    """Seconds between two looks whether there is anything to do."""
    due: float = 0.0


class Housekeeper:
    """Does the chores, and leaves the mail. `run()` needs an application context."""

    def __init__(self, stop: threading.Event, chores: Sequence[Chore] = ()) -> None:
        self._stop = stop
        self._chores = chores

    def run(self) -> None:
        """Work until `stop` is set."""
        while not self._stop.is_set():
            if not self._do_chores():
                self._stop.wait(IDLE)

    def _do_chores(self) -> bool:
        """Do a part of each chore that is due; whether more of it is left."""
        left = [
            chore
            for chore in self._chores
            if chore.due <= time.monotonic() and not self._stop.is_set() and self._do(chore)
        ]
        return bool(left)

    def _do(self, chore: Chore) -> bool:
        """Do a part of a chore. What goes wrong with it must not keep mail from leaving."""
        more = False
        try:
            more = chore.do()
        except Exception as error:
            log.exception("worker.chore", chore=chore.name, error=type(error).__name__)
        finally:
            db.session.remove()
        if not more:
            chore.due = time.monotonic() + chore.every
        return more


class Worker(Housekeeper):
    """One worker with its line to the outside. `run()` needs an application context."""

    def __init__(
        self,
        name: str,
        transport: Transport,
        stop: threading.Event,
        chores: Sequence[Chore] = (),
    ) -> None:
        super().__init__(stop, chores)
        self._name = name
        self._transport = transport
        self._pause = 0.0
        self._quiet = 0.0

    def run(self) -> None:
        """Work until `stop` is set; the mail in hand is finished first."""
        clean = False
        while not self._stop.is_set():
            busy = False
            try:
                if not clean:
                    outbox.release(self._name)
                    clean = True
                busy = self.work()
            except SQLAlchemyError as error:
                log.error("worker.database", error=type(error).__name__)
                clean = False  # a batch may lie claimed and untouched
                self._back_off()
            finally:
                db.session.remove()
            more = self._do_chores()
            self._rest(busy or more)
        self._transport.close()

    def work(self) -> bool:
        """Hand over one batch. Whether there was anything to do, and it went well."""
        if not outbox.due():
            self._pause = 0.0
            return False
        if not self._ready():
            return False
        jobs = deque(outbox.claim(self._name, BATCH))
        good, end = bool(jobs), time.monotonic() + BATCH_SECONDS
        while jobs and good and time.monotonic() < end and not self._stop.is_set():
            good = self._ready() and self._hand_over(jobs.popleft())
        outbox.give_back(jobs)
        return good

    def _ready(self) -> bool:
        try:
            self._transport.open()
        except HandOverFailed as failure:
            log.warning("mail.unreachable", error=failure.error, fault=failure.fault.value)
            self._back_off()
            return False
        return True

    def _hand_over(self, job: Job) -> bool:
        """Deal with one claimed mail. Whether the line is good for another."""
        try:
            mail = messages.compose(job) if job.wanted else None
        except Exception as error:
            # Whatever is wrong with this mail, the ones behind it must still leave.
            log.error("mail.unwritable", mail=job.mail_id, error=type(error).__name__)
            self._record(outbox.fail, job, f"compose {type(error).__name__}")
            return True
        if mail is None:
            self._record(outbox.drop, job)
            return True
        try:
            self._transport.deliver(mail)
        except HandOverFailed as failure:
            return self._refused(job, failure)
        self._record(outbox.sent, job)
        self._pause = 0.0
        log.info("mail.sent", mail=job.mail_id, kind=job.kind)
        return True

    def _refused(self, job: Job, failure: HandOverFailed) -> bool:
        fault, error = failure.fault, failure.error
        log.warning("mail.refused", mail=job.mail_id, error=error, fault=fault.value)
        tried_enough = fault is Fault.UNANSWERED and job.attempts + 1 >= TRIES_UNANSWERED
        if fault in {Fault.PERMANENT, Fault.UNDELIVERABLE} or tried_enough:
            self._record(outbox.fail, job, error, undeliverable=fault is Fault.UNDELIVERABLE)
        else:
            self._record(outbox.postpone, job, error, ours=fault is Fault.SENDER)
        if fault in {Fault.SENDER, Fault.CONNECTION, Fault.UNANSWERED}:
            self._back_off()
            return False
        return True

    def _record(self, how: Callable[..., None], job: Job, *args: Any, **kwargs: Any) -> None:
        """Write down what became of a mail, however long the database is away.

        Forgetting it would send the mail once more, and knowingly.
        """
        while True:
            try:
                return how(job, *args, **kwargs)
            except SQLAlchemyError as error:
                log.error("worker.unrecorded", mail=job.mail_id, error=type(error).__name__)
                db.session.remove()
                if self._stop.is_set():
                    raise
                self._back_off()
                self._stop.wait(self._pause)

    def _back_off(self) -> None:
        self._pause = min(LONGEST_PAUSE, self._pause * 2 or 1.0)

    def _rest(self, busy: bool) -> None:
        """Wait where there is reason to; let go of a line with nothing to say."""
        if busy:
            self._quiet = 0.0
            return
        wait = self._pause or IDLE
        self._stop.wait(wait)
        self._quiet += wait
        if self._quiet >= HANG_UP_AFTER:
            self._transport.close()
            self._quiet = 0.0
