"""Once a day all that is kept is looked at, and what was kept for long enough is forgotten."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select

from petition.actions import (
    addresses,
    anonymize,
    attention,
    bursts,
    forget,
    networks,
    puzzles,
    sightings,
    unconfirmed,
)
from petition.clock import now
from petition.database import empty_log, log_is_empty
from petition.extensions import db
from petition.models import Signature

WINDOW = 1000
"""Numbers of signatures that are looked at together; each thing due among them is a transaction."""
DAY = timedelta(days=1)


class Work(StrEnum):
    """What a run does."""

    REMINDERS = "reminders to confirm, written"
    UNCONFIRMED = "signatures that nobody confirmed, deleted"
    RETYPED = "withdrawn signatures that were typed anew and not confirmed, emptied"
    NETWORKS = "fingerprints of networks, erased"
    ADDRESSES = "addresses of signers who want no updates, erased"
    ANONYMOUS = "signatures of letters closed long ago, made anonymous"
    MAILS = "records of mails that left or failed, deleted"
    REPORTS = "reports settled long ago, deleted"


_OF_SIGNATURES: dict[Work, Callable[[ColumnElement[bool]], int]] = {
    Work.REMINDERS: unconfirmed.remind,
    Work.UNCONFIRMED: unconfirmed.forget,
    Work.RETYPED: unconfirmed.forget_retyped,
    Work.NETWORKS: forget.forget_networks,
    Work.ADDRESSES: addresses.forget,
}
_IN_PIECES: dict[Work, Callable[[], Iterator[int]]] = {
    Work.ANONYMOUS: anonymize.anonymize,
    Work.MAILS: forget.forget_mails,
    Work.REPORTS: forget.forget_reports,
}
HOURLY: dict[str, Callable[[], bool]] = {
    "forget asked": forget.forget_asked,
    "forget drafts": forget.forget_draft,
    "forget salts": networks.forget_salts,
    "forget allowances": networks.forget_allowed,
    "forget puzzles": puzzles.forget_used,
    "forget bursts": bursts.forget_over,
    "forget attention": attention.forget,
    "forget sightings": sightings.forget,
}
"""What a worker does each hour, beside the run of the day; each says whether there is more."""


@dataclass(frozen=True)
class Part:
    """A part of a run that is done for good."""

    work: Work | None
    number: int
    """How many it were."""
    passed: int = 0
    """How many numbers of signatures have been passed by it."""


def length() -> int:
    """How many numbers of signatures a run passes."""
    highest = db.session.scalar(select(func.max(Signature.id)))
    db.session.rollback()
    return highest or 0


def run(*, hourly: bool = True) -> Iterator[Part]:
    """Do all that is due, a transaction at a time.

    What is stopped or killed in between is begun anew: what was forgotten is not found again, and
    nothing is done twice.

    Args:
        hourly: also what a worker does each hour.
    """
    done = 0
    for part in _parts(hourly):
        done += part.number
        yield part
    if done:
        empty_log(db.engine)


def _parts(hourly: bool) -> Iterator[Part]:
    yield from _walk()
    for work, in_pieces in _IN_PIECES.items():
        for number in in_pieces():
            yield Part(work, number)
    for some in HOURLY.values() if hourly else ():
        while some():
            yield Part(None, 0)


def _walk() -> Iterator[Part]:
    """Along all signatures by their numbers: no index is kept for what is looked at so seldom."""
    for first in range(1, length() + 1, WINDOW):
        window = Signature.id.between(first, first + WINDOW - 1)
        for work, do in _OF_SIGNATURES.items():
            yield Part(work, do(window))
        yield Part(None, 0, passed=WINDOW)


def forget_log() -> bool:
    """Leave nothing beside an SQLite database of what was taken back or disowned just now.

    Who reads just then keeps it there until this is called again.

    Returns:
        False: there is nothing more to do at once.
    """
    if not log_is_empty(db.engine):
        empty_log(db.engine)
    return False


class Daily:
    """A run a day for a worker, who does a part of it at a time."""

    def __init__(self) -> None:
        self._began: datetime | None = None
        self._run: Iterator[Part] | None = None

    def part(self) -> bool:
        """Do the next part, if the last run is a day old; whether there is more to do at once.

        A run in which something goes wrong is begun anew when this is called the next time.
        """
        if self._run is None:
            if self._began is not None and now() - self._began < DAY:
                return False
            self._began, self._run = now(), run(hourly=False)
        try:
            part = next(self._run, None)
        except BaseException:
            self._began = self._run = None
            raise
        if part is None:
            self._run = None
        return part is not None
