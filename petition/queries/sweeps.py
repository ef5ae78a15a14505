"""Decisions about many signatures: how many they are about, how far they have come, of which."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Select, select, union_all
from sqlalchemy.orm import aliased

from petition.exceptions import NotFound
from petition.extensions import db
from petition.models import TAKES, Act, Organizer, Signature, Stage, State, Sweep, Swept

PAGE = 50
SAMPLE = 20
"""Signatures of a sweep that are shown before it begins."""

AT_WORK = frozenset({Stage.COLLECTING, Stage.RUNNING, Stage.UNDOING})
"""In which a sweep comes on by itself."""
ENDED = frozenset({Stage.STOPPED, Stage.DONE, Stage.UNDOING, Stage.UNDONE})
"""In which it has moved something, and goes on with that by a press alone."""


@dataclass(frozen=True)
class Numbers:
    """How many signatures a sweep is about."""

    stood: Mapping[str, int]
    """Where they stand, of those that it moves."""
    unsure: int
    """It leaves alone: well-known names that nobody has made sure of."""
    gain: int
    """By so many the number of those published changes."""

    @property
    def total(self) -> int:
        """How many it moves."""
        return sum(self.stood.values())


def numbers(found: Mapping[str, int]) -> Numbers:
    """What is kept of how many were found, by where they stand and where they go."""
    stood, unsure, gain = Counter[str](), 0, 0
    for way, number in found.items():
        state, to = way.split(" ")
        if state == to:
            unsure += number
            continue
        stood[state] += number
        gain += number * ((to == State.PUBLISHED) - (state == State.PUBLISHED))
    return Numbers(stood, unsure, gain)


def acts(states: frozenset[State]) -> list[Act]:
    """What can be decided about signatures that stand in some of these states."""
    return [act for act, taken in TAKES.items() if states.intersection(taken)]


@dataclass(frozen=True)
class Seen:
    """A sweep, who began it, and who undid it."""

    sweep: Sweep
    organizer: Organizer
    undone_by: Organizer | None

    @property
    def numbers(self) -> Numbers:
        """How many signatures it is about."""
        return numbers(self.sweep.found)

    @property
    def at_work(self) -> bool:
        """Whether it comes on by itself."""
        return self.sweep.stage in AT_WORK

    @property
    def has_ended(self) -> bool:
        """Whether it moves no further ones, or not for now."""
        return self.sweep.stage in ENDED

    @property
    def passed(self) -> int:
        """How many it has dealt with at its stage; of those that are looked for nobody knows."""
        if self.sweep.stage == Stage.UNDOING:
            return self.sweep.back
        return self.sweep.moved + self.sweep.left

    @property
    def due(self) -> int:
        """With how many it has to deal at its stage."""
        return self.sweep.moved if self.sweep.stage == Stage.UNDOING else self.numbers.total


_undoer = aliased(Organizer)


def _seen(letter_id: int) -> Select[Sweep, Organizer, Organizer]:
    return (
        select(Sweep, Organizer, _undoer)
        .join(Organizer, Organizer.id == Sweep.organizer_id)
        .outerjoin(_undoer, _undoer.id == Sweep.undone_by)
        .where(Sweep.letter_id == letter_id)
    )


def one(letter_id: int, sweep_id: int) -> Seen:
    """A sweep of a letter as it stands now.

    Raises:
        NotFound: there is none of this number.
    """
    fresh = _seen(letter_id).where(Sweep.id == sweep_id).execution_options(populate_existing=True)
    found = db.session.execute(fresh).first()
    if found is None:
        raise NotFound
    return Seen(*found)


@dataclass(frozen=True)
class Page:
    """Some sweeps, and before which the earlier ones begin, if there are any."""

    sweeps: list[Seen]
    earlier: int | None


def of_letter(letter_id: int, origin: str | None = None, before: int | None = None) -> Page:
    """The sweeps of a letter, newest first; of one origin, or of all."""
    statement = _seen(letter_id).order_by(Sweep.id.desc()).limit(PAGE + 1)
    if origin is not None:
        statement = statement.where(Sweep.origin == origin)
    if before is not None:
        statement = statement.where(Sweep.id < before)
    found = [Seen(*row) for row in db.session.execute(statement)]
    return Page(found[:PAGE], found[PAGE - 1].sweep.id if len(found) > PAGE else None)


def sample(sweep_id: int) -> list[Signature]:
    """Some of the signatures of a sweep, from its first to its last; all, where they are few."""
    mine = select(Swept.signature_id).where(Swept.sweep_id == sweep_id)
    first = list(db.session.scalars(mine.order_by(Swept.signature_id).limit(SAMPLE + 1)))
    if len(first) <= SAMPLE:
        return _those(first)
    last = db.session.scalars(mine.order_by(Swept.signature_id.desc()).limit(1)).one()
    places = {first[0] + (last - first[0]) * place // (SAMPLE - 1) for place in range(SAMPLE)}
    nexts = (
        mine.where(Swept.signature_id >= place).order_by(Swept.signature_id).limit(1).subquery()
        for place in sorted(places)
    )
    return _those(db.session.scalars(union_all(*(select(each.c.signature_id) for each in nexts))))


def _those(ids: Iterable[int]) -> list[Signature]:
    chosen = select(Signature).where(Signature.id.in_(list(ids)))
    return list(db.session.scalars(chosen.order_by(Signature.id)))
