"""Which other sites show a letter, as the browsers of their readers tell; never a reader.

To ask for something changes nothing: a process remembers what it was told, and writes it down
every half minute. Anybody can pretend to be any number of sites. So no letter takes the room of
another, few new names come in at a time, drawn by lot, and few that have one owner; and where a
list is full, those make room first that were seen at one moment only.
"""

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

import structlog
from flask import Flask, current_app
from sqlalchemy import delete, or_, select, tuple_

from petition import retention, sites, suffixes
from petition.clock import now
from petition.database import Lock, insert, take_in_turn, writing
from petition.extensions import db
from petition.models import Letter, Sighting
from petition.queries.embedding import MOST_SEEN

EVERY = 30.0
"""Seconds between two writings of a process."""
AGAIN = timedelta(hours=1)
"""How exact the last moment is that is known of a site."""
ESTABLISHED = timedelta(days=1)
"""Where the list of a letter is full, a site makes room once it was not seen for this long."""
MOST_NEW = 5
"""Sites that come to the list of a letter in one writing."""
MOST_OF_OWNER = 5
"""Sites of one owner, as far as their names tell, on the list of a letter."""
MOST_REMEMBERED = 300
"""Sites that a process remembers of a letter at a time."""
MOST_LETTERS = 2_000
"""Letters of which a process remembers sites."""
MOST_WRITTEN = 1_000
"""Letters of which it still remembers what it wrote; fewer, so that new letters find room."""
AT_ONCE = 100
"""Letters that are written down in one transaction, which is short: others want to write too."""

_WRITING = Lock(int.from_bytes(b"sighting"))
"""Held by one transaction at a time, so that two processes which renew what the other removes wait
for each other and never deadlock."""

Told = dict[str, set[str]]
"""Sites, by the slug of the letter that they show."""

log = structlog.get_logger()


@dataclass
class _OfLetter:
    """What one process was told about a letter."""

    noted: set[str] = field(default_factory=set)
    """Since it last wrote."""
    written: dict[str, datetime] = field(default_factory=dict)
    """What it wrote of late, and when."""


class Seen:
    """What one process was told since it last wrote it down, and what it wrote of late."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._letters: dict[str, _OfLetter] = {}

    def note(self, slug: str, name: str) -> None:
        """Remember that a site has asked for a letter."""
        # Mostly it is known, and nobody waits for the lock. To look without it is safe: `take`
        # puts other objects in the place of these, which only ever gain names.
        of = self._letters.get(slug)
        if of and (name in of.noted or name in of.written):
            return
        with self._lock:
            if slug not in self._letters and len(self._letters) >= MOST_LETTERS:
                return
            noted = self._letters.setdefault(slug, _OfLetter()).noted
            if len(noted) < MOST_REMEMBERED:
                noted.add(name)

    def take(self, at: datetime) -> Told:
        """What is to be written now."""
        with self._lock:
            taken = {slug: of.noted for slug, of in self._letters.items() if of.noted}
            lately = {slug: _lately(of.written, at) for slug, of in self._letters.items()}
            kept = [(slug, _OfLetter(written=names)) for slug, names in lately.items() if names]
            self._letters = dict(kept[-MOST_WRITTEN:])  # those that came last
        return taken

    def wrote(self, slug: str, names: Iterable[str], at: datetime) -> None:
        """Remember that these are written, and need not be for a while."""
        with self._lock:
            self._letters.setdefault(slug, _OfLetter()).written.update(dict.fromkeys(names, at))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._letters.clear()


def _lately(written: Mapping[str, datetime], at: datetime) -> dict[str, datetime]:
    return {name: then for name, then in written.items() if at - then < AGAIN}


seen = Seen()


def note(slug: str, site: str) -> None:
    """Remember, without asking the database, that a site shows a letter.

    Args:
        site: as `sites.of` tells it; this site itself shows it anyway.
    """
    if site and site != sites.own() and sites.can_be_reached(site):
        seen.note(slug, sites.host_of(site))


def write() -> None:
    """Write down what this process was told, some letters at a time.

    What cannot be written is lost, with the letters beside it, and the log tells why; whoever asks
    next tells it again.
    """
    at = now()
    told = iter(seen.take(at).items())
    while some := dict(islice(told, AT_ONCE)):
        try:
            with current_app.app_context():  # a session that knows of no failure before
                write_some(some, at)
        except Exception as error:
            log.exception("sightings.failed", error=type(error).__name__)


def write_some(told: Told, at: datetime) -> None:
    """Write down what was told of some letters: one reading and one transaction.

    What others write between them does no harm: a list may become longer by a few, and what is
    there already is there once.
    """
    changes = [*_changes(told, at)]
    gone = [(each.letter_id, name) for each in changes for name in each.gone]
    rows = [(each.letter_id, name) for each in changes for name in each.put]
    if rows:
        with writing(db.session):
            take_in_turn(db.session, _WRITING)
            if gone:
                this = tuple_(Sighting.letter_id, Sighting.name)
                db.session.execute(delete(Sighting).where(this.in_(gone)))
            _put(rows, at)
    for each in changes:
        seen.wrote(each.slug, each.known, at)


@dataclass(frozen=True)
class _Change:
    """What is to be done to the list of a letter."""

    letter_id: int
    slug: str
    put: set[str]
    """The sites to write down, new ones and others that show it still."""
    gone: list[str]
    """Those that make room."""
    known: set[str]
    """Those that were told of and are on the list then."""


def _changes(told: Told, at: datetime) -> Iterator[_Change]:
    listed = defaultdict[tuple[int, str], dict[str, Sighting]](dict)
    rows = db.session.execute(
        select(Letter.id, Letter.slug, Sighting)
        .outerjoin(Sighting, Sighting.letter_id == Letter.id)
        .where(Letter.slug.in_(told))
        .order_by(Letter.id)
    )
    for letter_id, slug, row in rows:
        listed[letter_id, slug].update({row.name: row} if row else {})
    for (letter_id, slug), known in listed.items():
        yield _change(letter_id, slug, told[slug], known, at)


def _change(
    letter_id: int, slug: str, names: set[str], known: dict[str, Sighting], at: datetime
) -> _Change:
    replaceable = [row for row in known.values() if row.name not in names and _makes_room(row, at)]
    room = max(0, MOST_SEEN - len(known) + len(replaceable))
    strangers = set(islice(_strangers(names, known.keys()), min(room, MOST_NEW)))
    replaceable.sort(key=lambda row: (not _at_one_moment(row), row.last_at))
    too_many = max(0, len(known) + len(strangers) - MOST_SEEN)
    again = {name for name in names & known.keys() if at - known[name].last_at >= AGAIN}
    return _Change(
        letter_id,
        slug,
        strangers | again,
        [row.name for row in replaceable[:too_many]],
        strangers | (names & known.keys()),
    )


def _strangers(names: set[str], known: Set[str]) -> Iterator[str]:
    """Sites that are not on a list, by lot; of each owner no more than there may be."""
    unknown = sorted(names - known)
    of_owner = Counter(map(suffixes.registrable_domain, known)) if unknown else Counter[str]()
    for name in random.sample(unknown, len(unknown)):
        owner = suffixes.registrable_domain(name)
        of_owner[owner] += 1
        if of_owner[owner] <= MOST_OF_OWNER:
            yield name


def _makes_room(row: Sighting, at: datetime) -> bool:
    """Whether a site need not stay on a full list: who is there still would have been seen."""
    return at - row.last_at >= (2 * AGAIN if _at_one_moment(row) else ESTABLISHED)


def _at_one_moment(row: Sighting) -> bool:
    return row.first_at == row.last_at


def _put(rows: Iterable[tuple[int, str]], at: datetime) -> None:
    statement = insert(db.engine.dialect.name, Sighting)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=[Sighting.letter_id, Sighting.name],
            set_={"last_at": statement.excluded.last_at},
        ),
        [{"letter_id": of, "name": name, "first_at": at, "last_at": at} for of, name in rows],
    )


def forget() -> bool:
    """Forget sites that show a letter no more; there is never more at once."""
    at = now()
    long_gone = Sighting.last_at < at - retention.SIGHTINGS
    never_again = Sighting.last_at == Sighting.first_at
    passing = never_again & (Sighting.last_at < at - retention.SIGHTED_ONCE)
    with writing(db.session):
        take_in_turn(db.session, _WRITING)
        db.session.execute(delete(Sighting).where(or_(long_gone, passing)))
    return False


def keep_writing(app: Flask) -> None:
    """Write down every half minute what this process was told, as long as it lives.

    What was told in the last half minute of a process is lost.
    """
    while True:
        time.sleep(EVERY)
        with app.app_context():
            write()
