"""The worker: takes mails from the queue and hands them over, until told to stop."""

import fcntl
import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import structlog
from sqlalchemy.exc import SQLAlchemyError

from petition.extensions import db
from petition.mail import messages, outbox
from petition.mail.outbox import Job
from petition.mail.transports import Fault, HandOverFailed, Transport

BATCH = 20
"""Mails claimed at once."""
IDLE = 0.5
"""Seconds between two looks into an empty queue."""
LONGEST_PAUSE = 30.0
"""Seconds at most between two knocks at a server that does not answer or does not want us."""
HANG_UP_AFTER = 30.0
"""Seconds for which a line is held with nothing to say."""

log = structlog.get_logger()


@contextmanager
def identity(data_dir: Path) -> Iterator[str]:
    """A name for this worker that it has again when it comes back after a crash.

    The name is a numbered file in the data folder, locked for as long as the process lives: who
    gets the lock knows that the one who had it before is gone, and may free its claims at once
    instead of waiting for the lease.
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
            yield _name_in(handle)
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


class Worker:
    """One worker with its line to the outside. `run()` needs an application context."""

    def __init__(self, name: str, transport: Transport, stop: threading.Event) -> None:
        self._name = name
        self._transport = transport
        self._stop = stop
        self._pause = 0.0
        self._quiet = 0.0

    def run(self) -> None:
        """Work until `stop` is set; the mail in hand is finished first."""
        released = False
        while not self._stop.is_set():
            try:
                if not released:
                    outbox.release(self._name)
                    released = True
                busy = self.work()
            except SQLAlchemyError as error:
                log.error("worker.database", error=type(error).__name__)
                busy = False
                self._back_off()
            finally:
                db.session.remove()
            self._rest(busy)
        self._transport.close()

    def work(self) -> bool:
        """Hand over one batch. Whether there was anything to do, and it went well."""
        if not outbox.due():
            return False
        try:
            self._transport.open()
        except HandOverFailed as failure:
            log.warning("mail.unreachable", error=failure.error, fault=failure.fault.value)
            self._back_off()
            return False
        jobs = deque(outbox.claim(self._name, BATCH))
        good = bool(jobs)
        while jobs and good and not self._stop.is_set():
            good = self._hand_over(jobs.popleft())
        for untouched in jobs:
            outbox.give_back(untouched)
        return good

    def _hand_over(self, job: Job) -> bool:
        """Deal with one claimed mail. Whether the line is good for another."""
        if not job.wanted:
            outbox.drop(job)
            return True
        try:
            message = messages.compose(job)
        except Exception as error:
            # Whatever is wrong with this mail, the ones behind it must still leave.
            log.error("mail.unwritable", mail=job.mail.id, error=type(error).__name__)
            outbox.fail(job, f"compose {type(error).__name__}")
            return True
        try:
            self._transport.deliver(message)
        except HandOverFailed as failure:
            self._refused(job, failure)
            return failure.fault not in {Fault.CONNECTION, Fault.SENDER}
        outbox.sent(job)
        self._pause = 0.0
        log.info("mail.sent", mail=job.mail.id, kind=job.mail.kind)
        return True

    def _refused(self, job: Job, failure: HandOverFailed) -> None:
        log.warning(
            "mail.refused", mail=job.mail.id, error=failure.error, fault=failure.fault.value
        )
        if failure.fault in {Fault.PERMANENT, Fault.UNDELIVERABLE}:
            gone = failure.fault is Fault.UNDELIVERABLE
            outbox.fail(job, failure.error, undeliverable=gone)
        else:
            outbox.postpone(job, failure.error)
        if failure.fault is Fault.SENDER:
            self._back_off()

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
