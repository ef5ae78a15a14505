"""What moderators look through: the tabs of the queue, page by page, whatever is looked for.

A page never reads a whole letter. Each tab is read in the order of an index; what an index finds
in a few steps is looked up by that; and what is rare among many is looked for in a stretch of
`REACH` signatures at a time, and the page says how far that was.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    exists,
    func,
    literal_column,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from petition import numerals
from petition.exceptions import NotFound
from petition.extensions import db
from petition.models import (
    Counts,
    Decision,
    NameWord,
    Signal,
    Signature,
    State,
    Swept,
)
from petition.numerals import LARGEST, cursor
from petition.queries import filters, networks, reports
from petition.queries.filters import WHOLE, Filter, Stretch, Word
from petition.queries.reports import Reported

PAGE = 50
REACH = 50_000
"""Signatures through which one page looks for what no index finds."""
FEW = 1_000
"""What an index finds so few of is looked up by that."""
LATELY = 500
"""Of the latest that were published, and that were decided about, so many are told of."""
MOST = 1_000
"""Numbers that are not kept are counted no further than to one more."""


class Tab(StrEnum):
    """A part of the queue."""

    WAITING = "waiting"
    REPORTED = "reported"
    ASIDE = "aside"
    RECENT = "recent"
    """The latest that were published, and that organizers decided about."""
    ALL = "all"


Place = tuple[Any, ...]
"""Where a signature stands in the order of a tab: a moment or not, and a number."""


@dataclass(frozen=True)
class Page:
    """One page of a tab."""

    signatures: list[Signature]
    after: str | None = None
    """The cursor after which there is more, or after which nobody has looked yet."""
    looked_to: datetime | None = None
    """When those were signed up to which was looked, where that was not to the end."""
    number: int | None = None
    """How many there are of what is looked for, on all pages: up to `MOST` and one more; None,
    where too much would have to be read."""
    reported: dict[int, Reported] | None = None
    """What is reported about each, by their ids."""


@dataclass(frozen=True, eq=False)
class _Order:
    """How a tab is read: by an index that has just this."""

    where: tuple[ColumnElement[bool], ...]
    keys: tuple[InstrumentedAttribute[Any], ...]
    newest_first: bool = True

    def sorted(self) -> tuple[Any, ...]:
        return tuple(each.desc() if self.newest_first else each for each in self.keys)

    def beyond(self, place: Place) -> ColumnElement[bool]:
        keys = tuple_(*self.keys)
        return keys < place if self.newest_first else keys > place

    def is_beyond(self, place: Place, start: Place) -> bool:
        return place < start if self.newest_first else place > start

    def up_to(self, place: Place) -> ColumnElement[bool]:
        keys = tuple_(*self.keys)
        return keys >= place if self.newest_first else keys <= place


def _state(state: State) -> ColumnElement[bool]:
    return Signature.state == literal_column(f"'{state.value}'")


_BY_NUMBER = (Signature.id,)
_ORDERS = {
    State.HELD: _Order(
        (_state(State.HELD),), (Signature.confirmed_at, Signature.id), newest_first=False
    ),
    State.QUARANTINED: _Order((_state(State.QUARANTINED),), (Signature.confirmed_at, Signature.id)),
    State.REJECTED: _Order((_state(State.REJECTED),), (Signature.removed_at, Signature.id)),
    State.WITHDRAWN: _Order((_state(State.WITHDRAWN),), _BY_NUMBER),
}
"""Those states whose signatures an index has apart."""
_NOTICED = _Order((Signature.signals > literal_column("1"),), _BY_NUMBER)
_EVERY = _Order((), _BY_NUMBER)
_STATES = {Tab.WAITING: State.HELD, Tab.ASIDE: State.QUARANTINED}


def _order(wanted: Filter) -> _Order:
    state = State.REJECTED if wanted.reason else wanted.state
    if state in _ORDERS:
        return _ORDERS[state]
    unsolved = wanted.signal is not None and bool(wanted.signal & Signal.UNSOLVED)
    return _NOTICED if wanted.signal is not None and not unsolved else _EVERY


def page(letter_id: int, tab: Tab, wanted: Filter, after: str | None = None) -> Page:
    """A page of a tab: of what is looked for, what follows a cursor.

    Raises:
        NotFound: the cursor is not one of ours.
    """
    if tab is Tab.REPORTED:
        return _reported(letter_id, wanted, after)
    if tab is Tab.RECENT:
        return _recent(letter_id, wanted, after)
    if tab in _STATES and wanted.state not in {None, _STATES[tab]}:
        return Page([])
    usual = Filter(state=_STATES.get(tab))
    wanted = replace(wanted, state=_STATES.get(tab, wanted.state))
    order = _order(wanted)
    start = None if after is None else _read(after, len(order.keys), timed=len(order.keys) > 1)
    few = _few(letter_id, wanted)
    if few is not None:
        return _looked_up(letter_id, wanted, order, few, start)
    found = _looked_through(letter_id, wanted, order, start)
    return found if wanted == usual else replace(found, number=_number(letter_id, wanted, order))


def _number(letter_id: int, wanted: Filter, order: _Order) -> int | None:
    if filters.words(wanted):
        return None  # each would be asked of the index of words: many, or nobody would be here
    mine = [Signature.letter_id == letter_id, *order.where]
    if not _is_all(wanted, order) and _end(order, mine) is not None:
        return None
    fits = filters.conditions(letter_id, wanted)
    few = select(Signature.id).where(*mine, *fits).order_by(*order.sorted()).limit(MOST + 1)
    return db.session.scalar(select(func.count()).select_from(few.subquery()))


def _looked_up(
    letter_id: int,
    wanted: Filter,
    order: _Order,
    few: Iterable[int],
    start: Place | None,
) -> Page:
    """Among a few that are known by their ids; put in order here.

    Whether each is what is looked for is asked of it alone: otherwise SQLite would rather read
    the whole tab, which is in the right order, than these few by number.
    """
    each = aliased(Signature)
    fits = exists().where(
        Signature.id == each.id, *order.where, *filters.conditions(letter_id, wanted)
    )
    keys = [getattr(each, key.key) for key in order.keys]
    rows = db.session.execute(select(*keys).where(each.id.in_(few), fits.correlate(each)))
    places = sorted((tuple(row) for row in rows), reverse=order.newest_first)
    number = len(places)
    if start is not None:
        places = [each for each in places if order.is_beyond(each, start)]
    shown = places[:PAGE]
    after = cursor(*shown[-1]) if len(places) > PAGE else None
    return Page(by_ids(place[-1] for place in shown), after, number=number)


def confirmed_after(moment: datetime) -> str:
    """The cursor after which those wait that were confirmed after a moment."""
    return cursor(moment, LARGEST)


def _looked_through(letter_id: int, wanted: Filter, order: _Order, start: Place | None) -> Page:
    """In the order of an index; through a stretch of it, where not all of it is looked for."""
    mine = [Signature.letter_id == letter_id, *order.where]
    if start is not None:
        mine.append(order.beyond(start))
    end = None if _is_all(wanted, order) else _end(order, mine)
    if end is not None:
        mine.append(order.up_to(end))
    among = WHOLE
    if order.keys is _BY_NUMBER:  # the newest first
        among = Stretch(end[-1] if end else None, start[-1] if start else None)
    found = list(
        db.session.scalars(
            select(Signature)
            .where(*mine, *filters.conditions(letter_id, wanted, among=among))
            .order_by(*order.sorted())
            .limit(PAGE + 1)
        )
    )
    shown = found[:PAGE]
    if len(found) > PAGE:
        return Page(shown, cursor(*(getattr(shown[-1], key.key) for key in order.keys)))
    if end is None:
        return Page(shown)
    signed = db.session.scalar(select(Signature.created_at).where(Signature.id == end[-1]))
    return Page(shown, cursor(*end), signed)


def _is_all(wanted: Filter, order: _Order) -> bool:
    """Whether whatever stands in that order is looked for."""
    return wanted == (Filter(state=wanted.state) if order in _ORDERS.values() else Filter())


def _end(order: _Order, mine: list[ColumnElement[bool]]) -> Place | None:
    """Where a stretch ends; None, where nothing stands beyond."""
    last = select(*order.keys).where(*mine).order_by(*order.sorted()).offset(REACH - 1).limit(1)
    found = db.session.execute(last).first()
    return None if found is None else tuple(found)


def _few(letter_id: int, wanted: Filter) -> set[int] | None:
    """Those among which all are that is looked for, if an index knows them and they are few."""
    for known in _known(letter_id, wanted):
        ids = db.session.scalars(known().limit(FEW + 1)).all()
        if len(ids) <= FEW:
            return set(ids)
    return None


def _known(letter_id: int, wanted: Filter) -> list[Callable[[], Select[int]]]:
    """What finds some of what is looked for by an index, the most telling first."""
    mine = select(Signature.id).where(Signature.letter_id == letter_id)
    confirmed = mine.where(Signature.confirmed_at.is_not(None))
    ways: list[Callable[[], Select[int]]] = []
    if wanted.who:
        ways.append(lambda: mine.where(Signature.digest == bytes.fromhex(wanted.who)))
    if wanted.name is not None:
        ways.append(lambda: confirmed.where(Signature.skeleton == wanted.name))
    if wanted.from_network is not None:
        ways.append(lambda: confirmed.where(Signature.network == wanted.from_network))
    if wanted.network:
        came = networks.known_digests(wanted.network)
        ways.append(lambda: confirmed.where(Signature.network.in_(came)))
    if wanted.assignee is not None:
        ways.append(lambda: mine.where(Signature.assignee_id == wanted.assignee))
    if wanted.sweep is not None:
        swept = select(Swept.signature_id).where(Swept.sweep_id == wanted.sweep)
        ways.append(lambda: swept)
    ways += [_with(letter_id, word) for word in filters.words(wanted)]
    return ways


def _with(letter_id: int, word: Word) -> Callable[[], Select[int]]:
    parts = (
        select(NameWord.signature_id)
        .where(NameWord.letter_id == letter_id, part)
        .limit(FEW + 1)
        .subquery()
        for part in word.parts(NameWord.word)
    )
    known = union_all(*(select(part.c.signature_id) for part in parts)).subquery()
    return lambda: select(known.c.signature_id)


def by_ids(ids: Iterable[int]) -> list[Signature]:
    """Signatures by their ids, in that order."""
    wanted = list(ids)
    found = {each.id: each for each in db.session.scalars(_with_ids(wanted))}
    return [found[each] for each in wanted if each in found]


def _with_ids(ids: list[int]) -> Select[Signature]:
    return select(Signature).where(Signature.id.in_(ids))


def _reported(letter_id: int, wanted: Filter, after: str | None) -> Page:
    place = None if after is None else reports.Place(*_read(after, 2, timed=False))
    exact = filters.conditions(letter_id, wanted) if wanted else []
    found = reports.unsettled(letter_id, place, exact)
    more = found.more
    return Page(
        [each.signature for each in found.reported],
        None if more is None else cursor(more.rank, more.oldest),
        reported={each.signature.id: each for each in found.reported},
    )


def _recent(letter_id: int, wanted: Filter, after: str | None) -> Page:
    """The latest of what was published and decided, newest first: no more than `LATELY` of each.

    Something that was decided and is published stands there once, as what it is.
    """
    moments: dict[int, datetime] = {}
    for signature_id, moment in db.session.execute(_lately(letter_id)):
        moments[signature_id] = max(moment, moments.get(signature_id, moment))
    places = sorted(((moment, each) for each, moment in moments.items()), reverse=True)
    if wanted:
        fits = set(_fitting(letter_id, wanted, moments))
        places = [place for place in places if place[1] in fits]
    number = len(places)
    if after is not None:
        start = _read(after, 2, timed=True)
        places = [place for place in places if place < start]
    shown = places[:PAGE]
    more = cursor(*shown[-1]) if len(places) > PAGE else None
    return Page(by_ids(each for _, each in shown), more, number=number)


def _lately(letter_id: int) -> CompoundSelect[Any]:
    """Ids and moments, each part in the order of an index."""

    def public(*, show_name: bool) -> Select[int, datetime | None]:
        return (
            select(Signature.id, Signature.published_at)
            .where(
                Signature.letter_id == letter_id,
                _state(State.PUBLISHED),
                Signature.show_name.is_(show_name),
            )
            .order_by(Signature.published_at.desc(), Signature.id.desc())
            .limit(LATELY)
        )

    parts = [public(show_name=True), public(show_name=False), decided(letter_id)]
    return union_all(*(select(each.subquery()) for each in parts))


def decided(letter_id: int) -> Select[int, datetime]:
    """What organizers decided about last: the signatures and when, latest first.

    That an organizer did is written as the index of such decisions has it.
    """
    return (
        select(Decision.signature_id, Decision.created_at)
        .where(Decision.letter_id == letter_id, Decision.organizer_id.is_not(None))
        .order_by(Decision.id.desc())
        .limit(LATELY)
    )


def _fitting(letter_id: int, wanted: Filter, ids: Iterable[int]) -> Iterable[int]:
    each = aliased(Signature)
    fits = exists().where(Signature.id == each.id, *filters.conditions(letter_id, wanted))
    return db.session.scalars(select(each.id).where(each.id.in_(list(ids)), fits.correlate(each)))


def one(letter_id: int, signature_id: int) -> Signature:
    """One of a letter's signatures.

    Raises:
        NotFound: there is no such signature, or it is of another letter.
    """
    found = db.session.get(Signature, signature_id)
    if found is None or found.letter_id != letter_id:
        raise NotFound
    return found


def is_empty(counts: Counts, tab: Tab, wanted: Filter) -> bool:
    """Whether the kept numbers say already that nothing is to be found."""
    numbers = {state: getattr(counts, state.value) for state in State}
    state = _STATES.get(tab, wanted.state)
    if tab is Tab.REPORTED:
        return False
    return numbers[state] == 0 if state is not None else not any(numbers.values())


def _read(after: str, parts: int, *, timed: bool) -> Place:
    try:
        return numerals.place(after, parts, timed=timed)
    except ValueError:
        raise NotFound from None
