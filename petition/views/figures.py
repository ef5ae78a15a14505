"""The numbers of a letter as questions, each with its answer, a picture and a table."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from flask_babel import gettext, lazy_gettext, ngettext

from petition import charts, retention, sources
from petition.charts import Bars, Columns
from petition.clock import now
from petition.languages import autonym
from petition.queries import numbers
from petition.queries.letters import OwnLetter
from petition.queries.numbers import LEAST_TOLD_APART, WAITS, Mailed, Measure
from petition.sources import Via
from petition.views import spelled

HOURS = 48
DAYS = 90
LEAST_DAYS = 14
"""So many columns a picture of days has at least, however young a letter is."""
MOST = 12
"""Bars of a picture."""
PATIENCE = timedelta(hours=1)
"""Who was sent a mail later than that may still be on the way to it."""
ENOUGH = 20
"""Mails to a domain, from which on it can be said that few of them are followed."""

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Heading:
    """Of a column of a table: its name in files, and in words."""

    name: str
    words: str


@dataclass(frozen=True)
class Sign:
    """What a mark in a picture stands for."""

    sign: str
    at: datetime
    words: str


@dataclass(frozen=True)
class Figure:
    """A question, what the numbers say to it, and the numbers."""

    of: str
    """What it is called in addresses."""
    question: str
    says: list[str]
    headings: list[Heading]
    rows: list[Row]
    picture: Columns | Bars | None = None
    kinds: list[str] = field(default_factory=list)
    """What the pieces of its columns stand for, from below; none, where it is always one."""
    signs: list[Sign] = field(default_factory=list)
    """What its marks stand for."""


class Counted:
    """What is known of a letter, each asked for once, where somebody needs it."""

    def __init__(self, own: OwnLetter) -> None:
        self.letter = own.letter
        self.at = now()

    @cached_property
    def end(self) -> datetime:
        """The hour in which the pictures end: this one, or the last in which anybody confirmed."""
        closes_at = self.letter.closes_at
        newest = numbers.newest_hour(self.letter.id)
        over = closes_at is not None and closes_at + retention.GRACE < self.at
        return newest if over and newest else _hour(self.at)

    @cached_property
    def begin(self) -> datetime:
        """The day on which the picture of days begins."""
        last = _day(self.end)
        opened = self.letter.opens_at or self.letter.published_at or last
        least = last - timedelta(days=LEAST_DAYS - 1)
        return max(min(_day(opened), least), last - timedelta(days=DAYS - 1))

    @cached_property
    def confirmed(self) -> dict[datetime, Counter[str]]:
        """By the hour and the state that a signature came to."""
        since = min(self.begin, self.end - timedelta(hours=HOURS))
        found: dict[datetime, Counter[str]] = {}
        for each in numbers.confirmed(self.letter.id, since):
            found.setdefault(each.at, Counter())[each.state] += each.number
        return found

    @cached_property
    def sums(self) -> dict[Measure, Counter[str]]:
        return numbers.sums(self.letter.id)

    @cached_property
    def events(self) -> list[tuple[datetime, str]]:
        """What may explain a rise or a fall, in the order of time."""
        letter, since = self.letter, self.begin
        told = [
            (letter.opens_at or letter.published_at, gettext("Opened")),
            (letter.closes_at, gettext("Closed")),
            (letter.withdrawn_at, gettext("Withdrawn from view")),
            (letter.paused_at, gettext("Paused")),
        ]
        found = [(at, words) for at, words in told if at is not None and at <= self.at]
        found += [
            (each.at, gettext("Text changed: revision %(number)s", number=each.number))
            for each in numbers.texts(letter.id, since)
        ]
        found += [(each.at, _rise(each)) for each in numbers.bursts(letter.id, since)]
        return sorted(found)


def all_of(own: OwnLetter) -> list[Figure]:
    """All figures of a letter."""
    counted = Counted(own)
    return [make(counted) for make in _MAKERS.values()]


def one_of(own: OwnLetter, name: str) -> Figure | None:
    """The figure of a name, if there is one."""
    make = _MAKERS.get(name)
    return make(Counted(own)) if make else None


# In the course of time

_STATES = {
    "published": lazy_gettext("published at once"),
    "held": lazy_gettext("waited for a moderator"),
    "quarantined": lazy_gettext("set aside"),
}


def _hours(counted: Counted) -> Figure:
    begin = counted.end - timedelta(hours=HOURS - 1)
    moments = [begin + timedelta(hours=each) for each in range(HOURS)]
    rows = [(each, *_states(counted.confirmed.get(each, Counter()))) for each in moments]
    ticks = [
        (index, spelled.date(each) if each.hour == 0 else spelled.clock(each), each.hour % 12 != 0)
        for index, each in enumerate(moments)
        if each.hour % 6 == 0
    ]
    return _in_time(
        counted,
        Heading("hour", gettext("Hour from (UTC)")),
        "hours",
        gettext("How many sign, hour by hour?"),
        rows,
        ticks,
        timedelta(hours=1),
    )


def _days(counted: Counted) -> Figure:
    number = (_day(counted.end) - counted.begin).days + 1
    days = [counted.begin + timedelta(days=each) for each in range(number)]
    by_day: dict[datetime, Counter[str]] = {}
    for hour, states in counted.confirmed.items():
        by_day.setdefault(_day(hour), Counter()).update(states)
    rows = [(each, *_states(by_day.get(each, Counter()))) for each in days]
    weeks = 1 if number <= 35 else 2
    ticks = [
        (index + 0.5, spelled.date(each), (number - 1 - index) // (7 * weeks) % 2 == 1)
        for index, each in enumerate(days)
        if (number - 1 - index) % (7 * weeks) == 0 and index < number - 1
    ]
    return _in_time(
        counted,
        Heading("day", gettext("Day (UTC)")),
        "days",
        gettext("How many sign, day by day?"),
        rows,
        ticks,
        timedelta(days=1),
    )


def _states(states: Counter[str]) -> tuple[int, ...]:
    return (*(states[each] for each in _STATES), sum(states[each] for each in _STATES))


def _in_time(
    counted: Counted,
    time: Heading,
    of: str,
    question: str,
    rows: list[Row],
    ticks: Sequence[tuple[float, str, bool]],
    step: timedelta,
) -> Figure:
    begin, span = rows[0][0], step * len(rows)
    words = spelled.date if step >= timedelta(days=1) else spelled.date_and_clock
    shown = [(at, told) for at, told in counted.events if begin <= at < begin + span]
    signs = [
        Sign(sign, at, told)
        for sign, (at, told) in zip(_LETTERS, shown[-len(_LETTERS) :], strict=False)
    ]
    kinds = [str(each) for each in _STATES.values()]
    total = sum(row[-1] for row in rows)
    picture = charts.columns(
        [(f"{words(row[0])}: {spelled.number(row[-1])}", row[1:-1]) for row in rows],
        ticks,
        [((each.at - begin) / span, each.sign) for each in signs],
    )
    return Figure(
        of,
        question,
        _in_time_says(time.name, rows, total),
        [
            time,
            Heading("published", gettext("Published at once")),
            Heading("waited", gettext("Waited")),
            Heading("set_aside", gettext("Set aside")),
            Heading("confirmed", gettext("All")),
        ],
        rows,
        picture if total or signs else None,
        kinds if any(row[1] != row[-1] for row in rows) else [],
        signs,
    )


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _in_time_says(time: str, rows: list[Row], total: int) -> list[str]:
    begin = rows[0][0]
    most = max(rows, key=lambda row: int(row[-1]))
    if time == "hour":
        since = spelled.date_and_clock(begin)
        peak = gettext(
            "Most in one hour: %(number)s, on %(day)s from %(hour)s on.",
            number=spelled.number(most[-1]),
            day=spelled.date(most[0]),
            hour=spelled.clock(most[0]),
        )
    else:
        since = spelled.date(begin)
        peak = gettext(
            "Most in one day: %(number)s, on %(day)s.",
            number=spelled.number(most[-1]),
            day=spelled.date(most[0]),
        )
    said = ngettext(
        "%(shown)s person has confirmed their address since %(begin)s.",
        "%(shown)s people have confirmed their address since %(begin)s.",
        total,
        shown=spelled.number(total),
        begin=since,
    )
    if not total:
        said = gettext("Nobody has confirmed their address since %(begin)s.", begin=since)
    return [f"{said} {peak}"] if total > 1 else [said]


def _rise(rise: numbers.Rise) -> str:
    number = spelled.number(rise.number)
    if rise.rising == "network":
        words = gettext("Many from one network: %(number)s", number=number)
    elif rise.rising == "domain":
        words = gettext(
            "Many with addresses at %(domain)s: %(number)s", domain=rise.label, number=number
        )
    elif rise.rising == "name":
        words = gettext("Many of one name: %(number)s", number=number)
    else:
        words = gettext("More than usual: %(number)s", number=number)
    return str(words)


# Side by side


def _sources(counted: Counted) -> Figure:
    sums = counted.sums[Measure.SOURCE]
    found = Counter[str]()
    for (kind, host), number in _well_known(sums).items():
        found[_led_by(kind, host)] += number
    total = sum(sums.values())
    return _side_by_side(
        "sources",
        gettext("What led people to the letter?"),
        Heading("source", gettext("What led there")),
        found,
        [
            gettext(
                "Told by the word in the links that we give out, or by the name of the site that "
                "somebody came from; known of %(share)s. Nobody is followed for it, and it is "
                "kept with no signature.",
                share=spelled.percent(total - sums[""], total),
            )
        ],
        unknown=sums[""],
    )


_LED = {
    Via.SITE: lazy_gettext("Other sites"),
    Via.EMBED: lazy_gettext("Letters on other sites"),
    Via.BADGE: lazy_gettext("The badge"),
    Via.SHARE: lazy_gettext("Passed on by readers"),
    Via.OWN_LINE: lazy_gettext("Pages of signers’ own names"),
    Via.POSTER: lazy_gettext("Posters"),
    Via.MAIL: lazy_gettext("Our mails, passed on"),
}


def _well_known(sums: Counter[str]) -> Counter[tuple[Via, str]]:
    """By the kind and the name of the site, where enough people came from that."""
    found = Counter[tuple[Via, str]]()
    for source, number in sums.items():
        if source:
            kind, host = sources.parts(source)
            found[kind, host if number >= LEAST_TOLD_APART else ""] += number
    return found


def _led_by(kind: Via, host: str) -> str:
    if not host:
        return str(_LED[kind])
    if kind is Via.EMBED:
        return str(gettext("The letter on %(site)s", site=host))
    if kind is Via.BADGE:
        return str(gettext("The badge on %(site)s", site=host))
    return host


def _languages(counted: Counted) -> Figure:
    found = Counter(
        {autonym(tag): number for tag, number in counted.sums[Measure.LANGUAGE].items()}
    )
    return _side_by_side(
        "languages",
        gettext("In which language do they sign?"),
        Heading("language", gettext("Language")),
        found,
        [],
    )


def _affiliations(counted: Counted) -> Figure:
    found = numbers.affiliations(counted.letter.id, MOST)
    return _side_by_side(
        "affiliations",
        gettext("Where do they belong?"),
        Heading("affiliation", gettext("Organization")),
        Counter(dict(found)),
        [gettext("Of the names that are shown in public; counted anew every few minutes.")],
        whole=False,
    )


def _side_by_side(
    of: str,
    question: str,
    what: Heading,
    found: Counter[str],
    says: list[str],
    *,
    unknown: int = 0,
    whole: bool = True,
) -> Figure:
    """A figure of how many there are of each; with the share, where these are all."""
    total = sum(found.values()) + unknown
    by_number = sorted(found.items(), key=lambda row: (-row[1], row[0].casefold()))
    rows: list[Row] = [*by_number[:MOST]]
    rest = total - unknown - sum(number for _, number in rows)
    last = (
        (gettext("All others"), rest),
        (gettext("Not known: a typed address, a mail, an app"), unknown),
    )
    rests = [row for row in last if row[1]]
    rows += rests
    told = [(w, n, _with_share(n, total) if whole else spelled.number(n)) for w, n in rows]
    picture = charts.bars(told, rests=len(rests))
    headings = [what, Heading("number", gettext("Number"))]
    return Figure(of, question, says if total else [], headings, rows, picture)


def _with_share(number: int, whole: int) -> str:
    return f"{spelled.number(number)} · {spelled.percent(number, whole)}"


def _mail(counted: Counted) -> Figure:
    kept = min(retention.UNCONFIRMED, retention.MAILS, retention.addresses())
    since, before = counted.at - kept, counted.at - PATIENCE
    found = numbers.mailed(counted.letter.id, since, before)
    named = sorted(
        ((domain, each) for domain, each in found.items() if each.sent >= LEAST_TOLD_APART),
        key=lambda row: (-row[1].sent, row[0]),
    )[:MOST]
    few = found.keys() - dict(named).keys()
    others = _together(found[domain] for domain in few)
    listed = [*named, *([(gettext("All others"), others)] if others.sent else [])]
    rows: list[Row] = [
        (words, each.sent, each.confirmed, each.within(0.5), each.within(0.9))
        for words, each in listed
    ]
    told = [
        (
            words,
            each.share,
            gettext(
                "%(share)s of %(number)s",
                share=spelled.percent(each.confirmed, each.sent),
                number=spelled.number(each.sent),
            ),
        )
        for words, each in listed
    ]
    return Figure(
        "mail",
        gettext("Do our mails arrive?"),
        _mail_says(found, kept) if found else [],
        [
            Heading("domain", gettext("Mail domain")),
            Heading("mails", gettext("Mails sent")),
            Heading("confirmed", gettext("Confirmed")),
            Heading("half_within_seconds", gettext("Half within")),
            Heading("nine_of_ten_within_seconds", gettext("Nine of ten within")),
        ],
        rows,
        charts.bars(told, most=1.0, rests=len(listed) - len(named)),
    )


def _mail_says(found: dict[str, Mailed], kept: timedelta) -> list[str]:
    whole = _together(found.values())
    says = [
        gettext(
            "How many of those who were sent a mail confirmed, by the domain of their address: of "
            "the latest %(latest)s who signed, in the last %(days)s, but for the last hour.",
            latest=spelled.number(numbers.LATEST),
            days=spelled.duration(kept),
        )
    ]
    half, most = whole.within(0.5), whole.within(0.9)
    if half is not None and most is not None:
        says.append(
            gettext(
                "%(share)s of %(number)s confirmed: half of them within %(half)s, nine of ten "
                "within %(most)s.",
                share=spelled.percent(whole.confirmed, whole.sent),
                number=spelled.number(whole.sent),
                half=spelled.duration(half),
                most=spelled.duration(most),
            )
        )
    for domain, each in sorted(found.items()):
        sent, confirmed = whole.sent - each.sent, whole.confirmed - each.confirmed
        if each.sent >= ENOUGH and sent and each.share < confirmed / sent / 2:
            says.append(
                gettext(
                    "Of %(number)s mails to %(domain)s only %(share)s were followed, elsewhere "
                    "%(elsewhere)s: perhaps this provider swallows them.",
                    number=spelled.number(each.sent),
                    domain=domain,
                    share=spelled.percent(each.confirmed, each.sent),
                    elsewhere=spelled.percent(confirmed, sent),
                )
            )
    return says


def _together(several: Iterable[Mailed]) -> Mailed:
    listed = list(several)
    waited = sorted(each for one in listed for each in one.waited)
    return Mailed(sum(each.sent for each in listed), waited)


# Moderation

_BOUNDS = [timedelta(minutes=5), *(timedelta(hours=each) for each in (1, 4, 12, 24, 48, 168))]
"""Of the bars; each of them is one of `WAITS`."""


def _waiting(counted: Counted) -> Figure:
    waited = counted.sums[Measure.WAITED]
    total = sum(waited.values())
    rows: list[Row] = []
    before = timedelta()
    for bound in _BOUNDS:
        within = [each for each in WAITS if before < each <= bound]
        number = sum(waited[str(int(each.total_seconds()))] for each in within)
        rows.append((gettext("up to %(time)s", time=spelled.duration(bound)), number))
        before = bound
    rest = total - sum(number for _, number in rows)
    rows.append((gettext("longer"), rest))
    return Figure(
        "waiting",
        gettext("How soon is decided what waits?"),
        _waiting_says(counted, waited) if total else [],
        [Heading("waited", gettext("Waited")), Heading("decisions", gettext("Decisions"))],
        rows if total else [],
        charts.bars([(words, number, _with_share(number, total)) for words, number in rows]),
    )


def _waiting_says(counted: Counted, waited: Counter[str]) -> list[str]:
    says = []
    half, most = _bound(waited, 0.5), _bound(waited, 0.9)
    if half and most:
        says.append(
            gettext(
                "Half of %(number)s decisions came within %(half)s, nine of ten within %(most)s.",
                number=spelled.number(sum(waited.values())),
                half=spelled.duration(half),
                most=spelled.duration(most),
            )
        )
    promise = counted.sums[Measure.PROMISE]
    says.append(
        gettext(
            "%(share)s came within the time that the letter promises, now %(hours)s.",
            share=spelled.percent(promise["kept"], sum(promise.values())),
            hours=spelled.duration(timedelta(hours=counted.letter.promise_hours)),
        )
    )
    return says


def _bound(waited: Counter[str], share: float) -> timedelta | None:
    """The shortest time that is counted within which such a share was decided."""
    due, come = share * sum(waited.values()), 0
    for bound in WAITS:
        come += waited[str(int(bound.total_seconds()))]
        if come >= due:
            return bound
    return None


def _people(counted: Counted) -> Figure:
    decided = _by_organizer(counted.sums[Measure.DECIDED])
    overturned = _by_organizer(counted.sums[Measure.OVERTURNED])
    names = numbers.names_of(decided.keys() | overturned.keys())
    rows = sorted(
        (
            (
                names.get(each, gettext("somebody who has left")),
                sum(states.values()),
                states["published"],
                states["held"],
                states["rejected"],
                sum(overturned.get(each, Counter()).values()),
            )
            for each, states in decided.items()
        ),
        key=lambda row: (-row[1], row[0]),
    )
    total, back = sum(row[1] for row in rows), sum(row[-1] for row in rows)
    said = ngettext(
        "%(shown)s decision; %(back)s did not last: undone, or a rejection that was taken back.",
        "%(shown)s decisions; %(back)s did not last: undone, or a rejection that was taken back.",
        total,
        shown=spelled.number(total),
        back=spelled.number(back),
    )
    return Figure(
        "people",
        gettext("Who decides, and does it last?"),
        [said] if rows else [],
        [
            Heading("organizer", gettext("Organizer")),
            Heading("decisions", gettext("Decisions")),
            Heading("published", gettext("Published")),
            Heading("held", gettext("Held")),
            Heading("rejected", gettext("Rejected")),
            Heading("overturned", gettext("Did not last")),
        ],
        rows,
        charts.bars([(row[0], row[1], spelled.number(row[1])) for row in rows[:MOST]]),
    )


def _by_organizer(numbers_: Counter[str]) -> dict[int, Counter[str]]:
    found: dict[int, Counter[str]] = {}
    for key, number in numbers_.items():
        organizer, _, state = key.partition(":")
        found.setdefault(int(organizer), Counter())[state] += number
    return found


_MAKERS: dict[str, Callable[[Counted], Figure]] = {
    "hours": _hours,
    "days": _days,
    "sources": _sources,
    "mail": _mail,
    "languages": _languages,
    "affiliations": _affiliations,
    "waiting": _waiting,
    "people": _people,
}


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _day(moment: datetime) -> datetime:
    return _hour(moment).replace(hour=0)
