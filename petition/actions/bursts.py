"""Told when more signatures come from a network, a domain, for a name or at all than usual.

A worker looks at what was confirmed in the last hour. What has something in common has risen
where it is more than a letter sees of it otherwise: the median of its hours in the last week, and
the share that the same had among the signatures before. A burst is told of once, and ends by
itself. Nothing is decided by it.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from statistics import median
from typing import Any

from sqlalchemy import Row, case, delete, func, select, text, update

from petition import domains, numerals, slips
from petition.actions.record import Action, record
from petition.actions.roles import must
from petition.clock import now
from petition.database import insert, writing
from petition.exceptions import NotFound
from petition.extensions import db
from petition.mail import outbox
from petition.models import (
    Actor,
    AllowedNetwork,
    Burst,
    Decision,
    Kind,
    Letter,
    Measure,
    Revision,
    Rising,
    Role,
    Signal,
    Signature,
    State,
    Statistic,
)
from petition.queries import bursts as known
from petition.queries import teams

MINUTES, HOUR = timedelta(minutes=10), timedelta(hours=1)
WEEK = timedelta(days=7)
BATCH = 1_000
LOOKED_AT = 20_000
"""Confirmations that are looked at, the latest of all letters."""
BEFORE = 2_000
"""Signatures of a letter before these, which tell what is usual in it."""
ENOUGH = 100
"""With fewer before, nobody can tell what is usual."""

FLOORS: dict[Rising, dict[timedelta, int]] = {
    Rising.NETWORK: {MINUTES: 20, HOUR: 40},
    Rising.DOMAIN: {MINUTES: 20, HOUR: 60},
    Rising.NAME: {MINUTES: 6, HOUR: 10},
    Rising.LETTER: {MINUTES: 40, HOUR: 120},
}
"""Fewer within such a while are never a burst."""
ONE_IN = 100
"""A burst is at least one in so many of all that come to the letter."""
TIMES = 4
"""More than so many times the usual number is a burst."""
TIMES_SHARE = 2
"""While much comes of everything, it is one from so many times the usual share on."""
SAME = 0.8
"""What shares so much of its signatures with another is the same crowd, and told of once."""
_TELLING = (Rising.DOMAIN, Rising.NETWORK, Rising.NAME, Rising.LETTER)
"""What tells most of a crowd comes first: a domain can be blocked for as long as one likes."""
SETTLED = timedelta(hours=24)
"""For so long after its opening, a letter has nothing that is usual."""
DISMISSED_FOR = timedelta(hours=24)
"""How long nothing is said again of what was dismissed."""
MAILS_A_DAY = 5
"""Bursts of one letter that a team is written to about, in a day."""
KEPT = timedelta(days=90)
"""How long it is known that there was one."""

_Come = Row[*tuple[Any, ...]]
"""What was confirmed: its number, letter, times, network, address, look and signals."""
_Place = tuple[Rising, str]


@dataclass(frozen=True)
class _Hour:
    """What was confirmed of a letter in the last hour, the latest first."""

    letter_id: int
    come: Sequence[_Come]
    at: datetime

    @cached_property
    def lately(self) -> Sequence[_Come]:
        """What was confirmed in the last minutes of it."""
        return [each for each in self.come if each.decided_at > self.at - MINUTES]

    @cached_property
    def numbers(self) -> dict[timedelta, Counter[_Place]]:
        """How many have what in common."""
        return {MINUTES: _count(self.lately), HOUR: _count(self.come)}

    def of(self, place: _Place) -> list[_Come]:
        """Those that have something in common."""
        return [each for each in self.come if place in _places(each)]


def _places(each: _Come) -> Iterator[_Place]:
    yield Rising.LETTER, ""
    if each.network is not None:
        yield Rising.NETWORK, numerals.hexed(each.network)
    if each.email:
        yield Rising.DOMAIN, domains.domain(each.email)
    if each.skeleton is not None:
        yield Rising.NAME, numerals.hexed(each.skeleton)


def _count(come: Iterable[_Come]) -> Counter[_Place]:
    return Counter(place for each in come for place in _places(each))


def look() -> bool:
    """Open the bursts that have begun, renew those that go on, end those that are over.

    Returns:
        False: there is nothing more to do at once.
    """
    at = now()
    by_letter: dict[int, list[_Come]] = defaultdict(list)
    for each in _confirmed(at - HOUR):
        by_letter[each.letter_id].append(each)
    running = db.session.scalars(select(Burst.letter_id).where(Burst.closed_at.is_(None)))
    letters = {*by_letter, *running}
    db.session.rollback()
    for letter_id in sorted(letters):
        _look_at(_Hour(letter_id, by_letter[letter_id], at))
    return False


def _confirmed(since: datetime) -> Iterator[_Come]:
    """What signers have confirmed, the latest first; what a rule is about is left to it."""
    before = db.session.scalar(select(func.max(Decision.id))) or 0
    before += 1
    for _ in range(LOOKED_AT // BATCH):
        rows = db.session.execute(
            select(
                Decision.id.label("decision_id"),
                Decision.created_at.label("decided_at"),
                Decision.actor,
                Decision.from_state,
                Signature.id,
                Signature.letter_id,
                Signature.created_at,
                Signature.network,
                Signature.email,
                Signature.skeleton,
                Signature.signals,
            )
            .join(Signature, Signature.id == Decision.signature_id)
            .where(Decision.id < before)
            .order_by(Decision.id.desc())
            .limit(BATCH)
        ).all()
        yield from (each for each in rows if each.decided_at > since and _is_counted(each))
        if len(rows) < BATCH or rows[-1].decided_at <= since:
            return
        before = rows[-1].decision_id


def _is_counted(each: _Come) -> bool:
    confirmed = each.actor == Actor.SIGNER and each.from_state in {State.PENDING, State.WITHDRAWN}
    return confirmed and not each.signals & (Signal.BLOCKED | Signal.ALLOWED)


def _look_at(hour: _Hour) -> None:
    """Nobody is kept from writing where nothing is to be written.

    Bursts are written in one order, so that two workers never wait for each other.
    """
    running = db.session.scalars(
        select(Burst).where(Burst.letter_id == hour.letter_id, Burst.closed_at.is_(None))
    ).all()
    places = {(Rising(each.rising), each.key): each for each in running}
    usual = _joined(_risen(hour), places, hour)
    risen = {place for place in usual if place not in places or _is_news(places[place], hour)}
    over = {place for place in places if _is_over(place, hour)}
    if not risen | over:
        db.session.rollback()
        return
    with writing(db.session):
        letter = db.session.get_one(Letter, hour.letter_id)
        for place in sorted(risen | over):
            if place in over:
                _write_down(places[place], closed_at=hour.at)
            elif place in places:
                _renew(places[place], hour.of(place))
            else:
                _open(letter, place, usual[place], hour)


def _joined(risen: dict[_Place, int], running: Container[_Place], hour: _Hour) -> dict[_Place, int]:
    """One of those that are nearly the same signatures: what runs already, or tells most."""
    kept: dict[_Place, set[int]] = {}
    for place in sorted(risen, key=lambda each: (each not in running, _TELLING.index(each[0]))):
        those = {each.id for each in hour.of(place)}
        same = any(len(those & others) >= SAME * len(those | others) for others in kept.values())
        if place in running or not same:
            kept[place] = those
    return {place: risen[place] for place in kept}


def _is_news(burst: Burst, hour: _Hour) -> bool:
    """Whether more came of it since it was looked at last."""
    come = hour.of((Rising(burst.rising), burst.key))
    return max(each.created_at for each in come) > burst.last_at or len(come) > burst.number


def _is_over(place: _Place, hour: _Hour) -> bool:
    floors = FLOORS[place[0]]
    return all(hour.numbers[span][place] < floor / 2 for span, floor in floors.items())


def _risen(hour: _Hour) -> dict[_Place, int]:
    """What has risen, each with how many come in an hour otherwise."""
    high = {
        place
        for span, numbers in hour.numbers.items()
        for place, number in numbers.items()
        if number >= _floor(place, span, hour)
    }
    if not high:
        return {}
    high -= _left_in_peace(hour)
    usual, before = _usual(hour), _before(hour)
    earlier = _count(before)
    found = {}
    for place in high:
        if place[0] is Rising.LETTER:
            share = 1.0 if _is_settled(hour) else None
        else:
            share = _share(place, earlier[place], len(before))
        if share is not None and _has_risen(place, share, usual, hour):
            found[place] = round(usual * share)
    return found


def _floor(place: _Place, span: timedelta, hour: _Hour) -> float:
    floor = FLOORS[place[0]][span]
    return max(floor, hour.numbers[span][Rising.LETTER, ""] / ONE_IN)


def _share(place: _Place, earlier: int, before: int) -> float | None:
    """What part of a letter's signatures has this in common; None, where nobody can tell."""
    rising, key = place
    if before >= ENOUGH:
        return earlier / before
    return None if rising is Rising.DOMAIN and key in slips.KNOWN else 0.0


def _has_risen(place: _Place, share: float, usual: float, hour: _Hour) -> bool:
    for span, numbers in hour.numbers.items():
        number, everything = numbers[place], numbers[Rising.LETTER, ""]
        more = number > TIMES * share * usual * (span / HOUR)
        if place[0] is not Rising.LETTER:
            more = more and number > TIMES_SHARE * share * everything
        if more and number >= _floor(place, span, hour):
            return True
    return False


def _left_in_peace(hour: _Hour) -> set[_Place]:
    """What was dismissed of late, and the networks from which many may sign."""
    dismissed = db.session.execute(
        select(Burst.rising, Burst.key).where(
            Burst.letter_id == hour.letter_id,
            Burst.closed_by.is_not(None),
            Burst.closed_at > hour.at - DISMISSED_FOR,
        )
    )
    allowed = db.session.scalars(
        select(AllowedNetwork.network).where(
            AllowedNetwork.letter_id == hour.letter_id, AllowedNetwork.until > hour.at - HOUR
        )
    )
    networks = {(Rising.NETWORK, numerals.hexed(each)) for each in allowed}
    return networks | {(Rising(rising), key) for rising, key in dismissed}


def _usual(hour: _Hour) -> float:
    """How many are confirmed of a letter in one of its hours: the median of a week."""
    rows = db.session.execute(
        select(Statistic.hour, func.sum(Statistic.number))
        .where(
            Statistic.letter_id == hour.letter_id,
            Statistic.measure == Measure.CONFIRMED.value,
            Statistic.hour > hour.at - WEEK,
            Statistic.hour < hour.at - HOUR,
        )
        .group_by(Statistic.hour)
    )
    numbers = [int(row[1]) for row in rows]
    since = min(WEEK, max(HOUR, hour.at - _opened(hour.letter_id)))
    return float(median([*numbers, *[0] * max(0, since // HOUR - len(numbers))] or [0]))


def _opened(letter_id: int) -> datetime:
    letter = db.session.get_one(Letter, letter_id)
    return letter.opens_at or letter.published_at or letter.created_at


def _is_settled(hour: _Hour) -> bool:
    return hour.at - _opened(hour.letter_id) >= SETTLED


def _before(hour: _Hour) -> Sequence[_Come]:
    """The signatures of a letter before those of the last hour."""
    first = min(each.id for each in hour.come)
    return db.session.execute(
        select(Signature.id, Signature.network, Signature.email, Signature.skeleton)
        .where(
            Signature.letter_id == hour.letter_id,
            Signature.id < first,
            Signature.confirmed_at.is_not(None),
        )
        .order_by(Signature.id.desc())
        .limit(BEFORE)
    ).all()


def _renew(burst: Burst, come: Sequence[_Come]) -> None:
    number, latest = len(come), max(each.created_at for each in come)
    _write_down(
        burst,
        number=case((Burst.number < number, number), else_=Burst.number),
        last_at=case((Burst.last_at < latest, latest), else_=Burst.last_at),
    )


def _write_down(burst: Burst, **values: Any) -> None:
    """Change a burst that goes on still; another worker may have been faster."""
    going_on = Burst.id == burst.id, Burst.closed_at.is_(None)
    db.session.execute(update(Burst).where(*going_on).values(**values))


def _open(letter: Letter, place: _Place, usual: int, hour: _Hour) -> None:
    """Open a burst, unless another worker has, and write to the team."""
    rising, key = place
    come = hour.of(place)
    values = {
        "letter_id": letter.id,
        "rising": rising,
        "key": key,
        "label": key if rising is Rising.DOMAIN else "",
        "number": len(come),
        "usual": usual,
        "began_at": min(each.created_at for each in come),
        "last_at": max(each.created_at for each in come),
        "mailed_at": hour.at if _may_write(letter, hour.at) else None,
    }
    statement = insert(db.engine.dialect.name, Burst).on_conflict_do_nothing(
        index_elements=["letter_id", "rising", "key"], index_where=text("closed_at IS NULL")
    )
    opened = db.session.scalar(statement.returning(Burst.__table__.c.id), values)
    if opened is not None and values["mailed_at"] is not None:
        _write(letter, db.session.get_one(Burst, opened))


def _may_write(letter: Letter, at: datetime) -> bool:
    written = select(func.count()).where(
        Burst.letter_id == letter.id, Burst.mailed_at > at - timedelta(days=1)
    )
    return db.session.scalars(written).one() < MAILS_A_DAY


def _write(letter: Letter, burst: Burst) -> None:
    """Write to all of the letter's team who may decide."""
    title = (
        select(Revision.title)
        .where(Revision.letter_id == letter.id, Revision.language == letter.language)
        .order_by(Revision.number.desc())
        .limit(1)
    )
    about = {
        "slug": letter.slug,
        "letter": db.session.scalar(title) or letter.slug,
        "rising": burst.rising,
        "label": burst.label,
        "number": burst.number,
        "usual": burst.usual,
        "filter": known.of(Rising(burst.rising), burst).address(),
    }
    for colleague in teams.colleagues(letter.team_id):
        outbox.post(Kind.BURST, colleague.email, "en", about)


def dismiss(letter: Letter, role: str, organizer_id: int, burst_id: int) -> None:
    """Say that a burst is no cause for worry; for a day nothing is said of the same.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not one of this letter.
    """
    must(role, Role.MODERATOR)
    with writing(db.session):
        burst = _held(letter, burst_id)
        if burst.closed_at is None:
            burst.closed_at, burst.closed_by = now(), organizer_id
            _record(Action.BURST_DISMISSED, organizer_id, letter, burst)


def take_up(letter: Letter, role: str, organizer_id: int, burst_id: int) -> None:
    """Tell of a burst again that was dismissed, unless the same has begun anew meanwhile.

    Raises:
        Forbidden: this role only looks.
        NotFound: it is not one of this letter.
    """
    must(role, Role.MODERATOR)
    with writing(db.session):
        burst = _held(letter, burst_id)
        again = select(Burst.id).where(
            Burst.letter_id == letter.id,
            Burst.rising == burst.rising,
            Burst.key == burst.key,
            Burst.closed_at.is_(None),
        )
        if burst.closed_by is not None and db.session.scalar(again) is None:
            burst.closed_at = burst.closed_by = None
            _record(Action.BURST_TAKEN_UP, organizer_id, letter, burst)


def _held(letter: Letter, burst_id: int) -> Burst:
    """A burst of a letter as it stands now, kept from everybody else."""
    burst = db.session.get(Burst, burst_id, populate_existing=True, with_for_update=True)
    if burst is None or burst.letter_id != letter.id:
        raise NotFound
    return burst


def _record(action: Action, organizer_id: int, letter: Letter, burst: Burst) -> None:
    record(action, organizer_id=organizer_id, letter=letter, burst=burst.id, rising=burst.rising)


def forget_over() -> bool:
    """Forget bursts that were over long ago; there is never more at once."""
    with writing(db.session):
        db.session.execute(delete(Burst).where(Burst.closed_at < now() - KEPT))
    return False
