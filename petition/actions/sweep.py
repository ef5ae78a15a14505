"""An organizer decides about many signatures at once, and undoes that by one press.

First it is settled which they are, then they are moved. What is ticked is moved at once; all that
match something are looked for, shown with their number, and moved once somebody has pressed again.
Few are moved while they wait for the answer, many by the worker.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import structlog
from sqlalchemy import ColumnElement, case, literal_column, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from petition import caching
from petition.actions import swept
from petition.actions.record import Action, record
from petition.actions.roles import must
from petition.clock import now
from petition.database import writing
from petition.exceptions import DecisionConflict, NotFound
from petition.extensions import db
from petition.models import Act as Act  # views know it from here
from petition.models import Letter, Role, Stage
from petition.models import Origin as Origin
from petition.models import Sweep as Sweep
from petition.queries import sweeps
from petition.queries.shown import Shown

log = structlog.get_logger()

MOST_CHOSEN = 200
"""Signatures that are decided about at once by their ticks."""
MOST_LOOKED = 1.0
"""Seconds at most for which somebody who looks for signatures waits; the worker goes on."""
MOST_FOUND = 2_000
"""Signatures that are written down meanwhile."""
SPELL = 0.5
"""Seconds for which a worker is at it, before it looks after the mail again."""
LONGEST_REST = 1.0
"""Seconds between two batches at most."""

BEGUN = (Stage.RUNNING, Stage.STOPPED, Stage.DONE)


@dataclass(frozen=True)
class Asked:
    """What is to be decided, and why."""

    act: Act
    reason: str | None = None
    """Of the team's list; only where they are rejected."""
    words: str = ""
    tells: bool = False


def choose(
    letter: Letter, role: str, organizer_id: int, shown: Shown, ids: Iterable[int], asked: Asked
) -> Sweep:
    """Decide about signatures that were ticked, at once.

    Args:
        ids: of which no more than `MOST_CHOSEN` count. What is none of the letter's does not.

    Returns:
        What was done; it is kept only where something was.

    Raises:
        Forbidden: this role only looks.
        NotFound: the signatures of the letter are anonymous.
    """
    chosen = sorted(set(ids))[:MOST_CHOSEN]
    with _new(letter, role, organizer_id, shown, asked, Origin.SELECTION) as sweep:
        swept.choose(sweep, chosen)
        sweep.stage, sweep.began_at = Stage.RUNNING, now()
        swept.carry_out(sweep)
        # What is gone, or stood where this cannot be decided any more, was ticked all the same.
        sweep.left = len(chosen) - sweep.moved - sweeps.numbers(sweep.found).unsure
        if sweep.moved:
            _record(Action.SWEEP, letter, sweep, number=sweep.moved)
        else:
            swept.drop(sweep)
    caching.recent.forget(letter.slug)
    return sweep


def freeze(
    letter: Letter,
    role: str,
    organizer_id: int,
    shown: Shown,
    asked: Asked,
    origin: Origin = Origin.FILTER,
) -> Sweep:
    """Settle which signatures match what was shown; nothing is moved.

    Where they are many, or among many, a worker goes on with it.

    Raises:
        Forbidden: this role only looks.
        NotFound: the signatures of the letter are anonymous.
    """
    with _new(letter, role, organizer_id, shown, asked, origin) as sweep:
        sweep.conditions = shown.conditions
        _record(Action.SWEEP, letter, sweep)
    end = time.monotonic() + MOST_LOOKED
    while swept.collect(sweep.id):
        if time.monotonic() > end or sum(sweep.found.values()) >= MOST_FOUND:
            break
    return sweep


@contextmanager
def _new(
    letter: Letter, role: str, organizer_id: int, shown: Shown, asked: Asked, origin: Origin
) -> Iterator[Sweep]:
    must(role, Role.MODERATOR)
    if letter.anonymous_at is not None:
        raise NotFound
    with writing(db.session):
        sweep = Sweep(
            letter_id=letter.id,
            organizer_id=organizer_id,
            origin=origin,
            act=asked.act,
            reason=asked.reason if asked.act is Act.REJECT else None,
            words=asked.words,
            tells=asked.tells,
            last_id=shown.last_id,
            shown_at=shown.at,
            stage=Stage.COLLECTING,
            passed=0,
            found={},
            moved=0,
            left=0,
            back=0,
        )
        db.session.add(sweep)
        db.session.flush()
        yield sweep


def begin(letter: Letter, role: str, organizer_id: int, sweep_id: int) -> Sweep:
    """Begin to move the signatures of a sweep: few at once, many by the worker.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not a sweep of this letter.
        DecisionConflict: not all of them are found yet, or it was begun or discarded before.
    """
    with _turning(letter, role, sweep_id, Stage.READY) as sweep:
        sweep.stage, sweep.passed, sweep.began_at = Stage.RUNNING, 0, now()
        sweep.organizer_id = organizer_id
        _record(Action.SWEEP_BEGIN, letter, sweep, number=sweeps.numbers(sweep.found).total)
    return _at_once(sweep, letter)


def go_on(letter: Letter, role: str, organizer_id: int, sweep_id: int) -> Sweep:
    """Go on with a sweep that was stopped.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not a sweep of this letter.
        DecisionConflict: it is not stopped.
    """
    with _turning(letter, role, sweep_id, Stage.STOPPED) as sweep:
        sweep.stage, sweep.organizer_id = Stage.RUNNING, organizer_id
        left = sweeps.numbers(sweep.found).total - sweep.moved - sweep.left
        _record(Action.SWEEP_BEGIN, letter, sweep, number=left)
    return sweep


def stop(letter: Letter, role: str, organizer_id: int, sweep_id: int) -> Sweep:
    """Move no further signatures of a sweep; those that were moved stay where they are.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not a sweep of this letter.
        DecisionConflict: it is not at work.
    """
    with _turning(letter, role, sweep_id, Stage.RUNNING) as sweep:
        sweep.stage = Stage.STOPPED
        _record(Action.SWEEP_STOP, letter, sweep, organizer_id, number=sweep.moved)
    return sweep


def discard(letter: Letter, role: str, organizer_id: int, sweep_id: int) -> Sweep:
    """Leave alone what a sweep has found.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not a sweep of this letter.
        DecisionConflict: it was begun or discarded before.
    """
    with _turning(letter, role, sweep_id, Stage.COLLECTING, Stage.READY) as sweep:
        sweep.stage, sweep.ended_at = Stage.DISCARDED, now()
        _record(Action.SWEEP_DISCARD, letter, sweep, organizer_id)
    return sweep


def undo(letter: Letter, role: str, organizer_id: int, sweep_id: int) -> Sweep:
    """Move back whatever a sweep has moved, also of one that is at work: few at once, many by the
    worker.

    About which something was decided since, that stays where it is.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not a sweep of this letter.
        DecisionConflict: nothing was moved yet, or it is undone already.
    """
    with _turning(letter, role, sweep_id, *BEGUN) as sweep:
        sweep.stage, sweep.passed, sweep.undone_by = Stage.UNDOING, 0, organizer_id
        _record(Action.SWEEP_UNDO, letter, sweep, organizer_id, number=sweep.moved)
    return _at_once(sweep, letter)


@contextmanager
def _turning(letter: Letter, role: str, sweep_id: int, *stages: Stage) -> Iterator[Sweep]:
    """A sweep that stands at one of these stages, kept from everybody else."""
    must(role, Role.MODERATOR)
    with writing(db.session):
        sweep = swept.held(sweep_id)
        if sweep.letter_id != letter.id:
            raise NotFound
        if sweep.stage not in stages:
            raise DecisionConflict
        yield sweep


def _record(
    action: Action, letter: Letter, sweep: Sweep, organizer_id: int | None = None, **about: int
) -> None:
    """What it looked for is not said: it may be somebody's name."""
    told: dict[str, Any] = {
        "sweep": sweep.id,
        "origin": sweep.origin,
        "act": sweep.act,
        "reason": sweep.reason,
    }
    by = organizer_id or sweep.organizer_id
    record(action, organizer_id=by, letter=letter, **told | about)


def _at_once(sweep: Sweep, letter: Letter) -> Sweep:
    """Do all of it now, if it is little."""
    number = sweep.moved if sweep.stage == Stage.UNDOING else sum(sweep.found.values())
    if number < swept.BATCH:
        with writing(db.session):
            _do_batch(swept.held(sweep.id))
        caching.recent.forget(letter.slug)
    return sweep


class _Due(NamedTuple):
    id: int
    stage: str
    slug: str


def some_batches() -> bool:
    """Go on with what is due, for a moment: whoever else has chores waits meanwhile.

    Returns:
        Whether there may be more to do at once.
    """
    end = time.monotonic() + SPELL
    while one_batch():
        if time.monotonic() > end:
            return True
    return False


def one_batch() -> bool:
    """Do a part of the first sweep that is due; whether there was any.

    What was begun goes before what is looked for. After it there is as much time for everybody
    else as the batch has taken. What cannot be done is left, for those behind it.
    """
    due = _next_due()
    if due is None:
        return False
    began = time.monotonic()
    try:
        if not _do_part(due):
            return False
    except (OperationalError, InterfaceError, PoolTimeout):
        raise  # the database is away, or too busy: it is nothing of this sweep's
    except Exception as error:
        log.exception("sweep.left", sweep=due.id, stage=due.stage, error=type(error).__name__)
        _leave(due)
    time.sleep(min(LONGEST_REST, time.monotonic() - began))
    return True


def _do_part(due: _Due) -> bool:
    """Do a part of a sweep, unless another worker is at it."""
    if due.stage == Stage.COLLECTING:
        swept.collect(due.id)
        return True
    return _do_next(due)


_LEFT = {
    Stage.COLLECTING: Stage.DISCARDED,
    Stage.RUNNING: Stage.STOPPED,
    Stage.UNDOING: Stage.DONE,
}
"""Where a sweep is left that cannot come on: whatever it has moved can still be undone."""


def _leave(due: _Due) -> None:
    db.session.rollback()
    with writing(db.session):
        sweep = swept.held(due.id)
        if sweep.stage == due.stage:
            sweep.stage = _LEFT[Stage(due.stage)]
            sweep.ended_at = None if sweep.stage == Stage.STOPPED else now()


_DUE: ColumnElement[bool] = literal_column("sweep.stage IN ('collecting', 'running', 'undoing')")
"""The condition of its index, as it is written there."""


def _next_due() -> _Due | None:
    looked_for = case((Sweep.stage == Stage.COLLECTING, 1), else_=0)
    found = db.session.execute(
        select(Sweep.id, Sweep.stage, Letter.slug)
        .join(Letter, Letter.id == Sweep.letter_id)
        .where(_DUE)
        .order_by(looked_for, Sweep.id)
        .limit(1)
    ).first()
    db.session.rollback()
    return None if found is None else _Due(*found)


def _do_next(due: _Due) -> bool:
    """Do a batch of a sweep, unless another worker is at it."""
    with writing(db.session):
        sweep = swept.free(due.id)
        if sweep is not None:
            _do_batch(sweep)
    caching.recent.forget(due.slug)
    return sweep is not None


def _do_batch(sweep: Sweep) -> None:
    if sweep.stage == Stage.RUNNING:
        swept.carry_out(sweep)
    elif sweep.stage == Stage.UNDOING:
        swept.move_back(sweep)
