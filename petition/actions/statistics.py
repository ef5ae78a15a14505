"""What happened to a letter is counted hour by hour and day by day, far from any request."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import takewhile
from typing import Any, cast

from sqlalchemy import Row, Select, Table, bindparam, func, select, update
from sqlalchemy.orm import aliased
from sqlalchemy.sql.dml import Insert

from petition.clock import now
from petition.database import insert, writing
from petition.extensions import db
from petition.models import Actor, Bookmark, Decision, Letter, Measure, Signature, State, Statistic
from petition.models.record import WAITS

BATCH = 1000
"""Decisions in one transaction."""
SETTLED = timedelta(seconds=30)
"""Decisions are read by their numbers, and on PostgreSQL the lower number may be committed later.
None takes as long as this from its number to its commit: what is older is there, or never will
be."""
_DECISIONS = "statistics"

_signature = cast(Table, Signature.__table__)


@dataclass(frozen=True)
class Event:
    """Something to be counted."""

    letter_id: int
    measure: Measure
    at: datetime
    key: str = ""

    @property
    def hour(self) -> datetime:
        """The hour that it is counted under; of what is counted by days, their first."""
        hour = self.at.replace(minute=0, second=0, microsecond=0)
        return hour if self.measure is Measure.CONFIRMED else hour.replace(hour=0)


def some_decisions() -> bool:
    """Count the decisions that nobody has counted yet, each once, from the oldest on.

    How far the reading has come and what was counted stand in one transaction. What led a signer
    to the letter is counted by that too, and then forgotten.

    Returns:
        Whether there may be more.
    """
    place = db.session.scalar(select(Bookmark.number).where(Bookmark.name == _DECISIONS))
    settled_at = now() - SETTLED
    rows = db.session.execute(_after(place or 0)).all()
    read = list(takewhile(lambda row: row.created_at < settled_at, rows))
    if not read:
        return False
    events = [*_events(read), *_waits(read), *_overturned(read)]
    with writing(db.session):
        if not _turn(place, read[-1].id):
            return True  # another worker was faster
        _forget_sources([row.signature_id for row in read if row.source and _confirms(row)])
        add(events)
    return len(rows) == BATCH


def add(events: Iterable[Event]) -> None:
    """Count events, inside `writing()`; in one order, so that two never wait for each other."""
    numbers = Counter((each.letter_id, each.measure, each.hour, each.key) for each in events)
    if numbers:
        names = ("letter_id", "measure", "hour", "key", "number")
        rows = [
            dict(zip(names, (*place, number), strict=True))
            for place, number in sorted(numbers.items())
        ]
        db.session.connection().execute(_add(db.engine.dialect.name), rows)


@cache
def _add(dialect: str) -> Insert:
    statement = insert(dialect, Statistic).values(
        {each.name: bindparam(each.name, type_=each.type) for each in Statistic.__table__.columns}
    )
    return statement.on_conflict_do_update(
        index_elements=[Statistic.letter_id, Statistic.measure, Statistic.hour, Statistic.key],
        set_={"number": Statistic.number + statement.excluded.number},
    )


def _turn(place: int | None, number: int) -> bool:
    """Put the bookmark further on; not, where another worker did since it was looked at."""
    connection = db.session.connection()
    if place is None:
        fresh = insert(db.engine.dialect.name, Bookmark).values(name=_DECISIONS, number=0)
        connection.execute(fresh.on_conflict_do_nothing())
    turned = connection.execute(
        update(cast(Table, Bookmark.__table__))
        .where(Bookmark.name == _DECISIONS, Bookmark.number == (place or 0))
        .values(number=number)
    )
    return turned.rowcount == 1


def _after(place: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Decision.id,
            Decision.letter_id,
            Decision.signature_id,
            Decision.actor,
            Decision.organizer_id,
            Decision.from_state,
            Decision.to_state,
            Decision.undoes_id,
            Decision.created_at,
            Signature.language,
            Signature.source,
            Letter.promise_hours,
        )
        .join(Signature, Signature.id == Decision.signature_id)
        .join(Letter, Letter.id == Decision.letter_id)
        .where(Decision.id > place)
        .order_by(Decision.id)
        .limit(BATCH)
    )


def _confirms(row: Row[Any]) -> bool:
    waited = row.from_state in {State.PENDING, State.WITHDRAWN}
    return bool(waited and row.actor == Actor.SIGNER and row.to_state != row.from_state)


def _decides(row: Row[Any]) -> bool:
    return row.organizer_id is not None and row.to_state != row.from_state


def _events(rows: list[Row[Any]]) -> Iterator[Event]:
    for row in rows:
        if _confirms(row):
            yield Event(row.letter_id, Measure.CONFIRMED, row.created_at, row.to_state)
            yield Event(row.letter_id, Measure.LANGUAGE, row.created_at, row.language)
            yield Event(row.letter_id, Measure.SOURCE, row.created_at, row.source or "")
        elif _decides(row) and row.undoes_id is None:
            yield Event(row.letter_id, Measure.DECIDED, row.created_at, _by(row))


def _by(row: Row[Any]) -> str:
    """Who decided what."""
    return f"{row.organizer_id}:{row.to_state}"


def _waits(rows: list[Row[Any]]) -> Iterator[Event]:
    """For how long what was decided had been waiting, and whether that is as was promised."""
    decided = {row.id: row for row in rows if _decides(row) and row.from_state == State.HELD}
    since = {each.id: each for each in _before(list(decided), State.HELD)}
    for number, row in decided.items():
        if row.undoes_id is None and number in since:
            waited = row.created_at - since[number].created_at
            bound = next((each for each in WAITS if waited <= each), None)
            key = str(int(bound.total_seconds())) if bound else ""
            kept = waited <= timedelta(hours=row.promise_hours)
            yield Event(row.letter_id, Measure.WAITED, row.created_at, key)
            yield Event(row.letter_id, Measure.PROMISE, row.created_at, "kept" if kept else "late")


def _overturned(rows: list[Row[Any]]) -> Iterator[Event]:
    """Decisions that did not last: undone, or a rejection that was taken back."""
    undone = [row.undoes_id for row in rows if row.undoes_id is not None]
    for former in db.session.execute(_decisions(undone)) if undone else ():
        if former.organizer_id is not None:
            yield Event(former.letter_id, Measure.OVERTURNED, former.created_at, _by(former))
    back = [
        row.id
        for row in rows
        if _decides(row) and row.undoes_id is None and row.from_state == State.REJECTED
    ]
    for former in _before(back, State.REJECTED):
        if former.organizer_id is not None:
            yield Event(former.letter_id, Measure.OVERTURNED, former.created_at, _by(former))


def _decisions(ids: list[int]) -> Select[*tuple[Any, ...]]:
    return select(
        Decision.letter_id, Decision.organizer_id, Decision.to_state, Decision.created_at
    ).where(Decision.id.in_(ids))


def _before(ids: list[int], state: State) -> list[Row[Any]]:
    """By which decision each signature had come to where a later one found it."""
    if not ids:
        return []
    later, earlier = aliased(Decision), aliased(Decision)
    came = (
        select(func.max(earlier.id))
        .where(
            earlier.signature_id == later.signature_id,
            earlier.id < later.id,
            earlier.to_state == state,
            earlier.from_state != state,
        )
        .correlate(later)
        .scalar_subquery()
    )
    found = (
        select(
            later.id,
            Decision.letter_id,
            Decision.organizer_id,
            Decision.to_state,
            Decision.created_at,
        )
        .join(Decision, Decision.id == came)
        .where(later.id.in_(ids))
    )
    return list(db.session.execute(found))


def _forget_sources(ids: list[int]) -> None:
    """Nobody is to be told by what led them here."""
    if not ids:
        return
    # In the order in which others take them.
    mine = select(Signature.id).where(Signature.id.in_(ids)).order_by(Signature.id)
    db.session.execute(mine.with_for_update()).all()
    db.session.connection().execute(
        update(_signature).where(_signature.c.id.in_(ids)).values(source=None)
    )
