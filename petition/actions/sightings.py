"""Which other sites show a letter, as the browsers of their readers tell; never a reader.

To ask for something changes nothing: a process remembers what it was told, and writes it down
every half minute. Anybody can pretend to be a site, so there is an end to what is remembered, and
who was there before is not pushed out.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from flask import Flask
from sqlalchemy import delete, select

from petition import retention, sites
from petition.clock import now
from petition.database import insert, writing
from petition.extensions import db
from petition.models import Letter, Sighting
from petition.queries.embedding import MOST_SEEN

EVERY = 30.0
"""Seconds between two writings of a process."""
AGAIN = timedelta(hours=1)
"""How exact the last moment is that is known of a site."""
ESTABLISHED = timedelta(days=1)
"""Where the list of a letter is full, who was not seen for that long makes room."""
MOST_REMEMBERED = 2_000
"""Letters and sites that a process remembers at a time."""

log = structlog.get_logger()


class Seen:
    """What one process was told since it last wrote it down, and what it wrote of late."""

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._noted: set[tuple[str, str]] = set()
        self._written: dict[tuple[str, str], datetime] = {}

    def note(self, slug: str, name: str) -> None:
        """Remember that a site has asked for a letter."""
        key = (slug, name)
        if key in self._noted or key in self._written:
            return  # mostly it is, and nobody waits for the lock
        with self._lock:
            if len(self._noted) < self._most:
                self._noted.add(key)

    def take(self) -> set[tuple[str, str]]:
        """The letters and sites that are to be written now."""
        at = now()
        with self._lock:
            taken, self._noted = self._noted, set()
            known = {key: then for key, then in self._written.items() if at - then < AGAIN}
            self._written = known if len(known) < self._most else {}
        return taken

    def wrote(self, taken: Iterable[tuple[str, str]]) -> None:
        """Remember that these are written, and need not be for a while."""
        at = now()
        with self._lock:
            self._written.update(dict.fromkeys(taken, at))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._noted.clear()
            self._written.clear()


seen = Seen()


def note(slug: str, site: str) -> None:
    """Remember, without asking the database, that a site shows a letter.

    Args:
        site: as `sites.of` tells it; this site itself shows it anyway.
    """
    if site and site != sites.own() and sites.can_be_reached(site):
        seen.note(slug, sites.host_of(site))


def write() -> None:
    """Write down what this process was told."""
    taken = seen.take()
    if not taken:
        return
    told = defaultdict[str, set[str]](set)
    for slug, name in taken:
        told[slug].add(name)
    with writing(db.session):
        letters = db.session.execute(
            select(Letter.id, Letter.slug).where(Letter.slug.in_(told)).order_by(Letter.id)
        ).all()
        for letter_id, slug in letters:
            _write(letter_id, told[slug])
    seen.wrote(taken)


def _write(letter_id: int, names: set[str]) -> None:
    at, mine = now(), Sighting.letter_id == letter_id
    known = dict(db.session.execute(select(Sighting.name, Sighting.last_at).where(mine)).all())
    gone = sorted((then, name) for name, then in known.items() if at - then >= ESTABLISHED)
    gone = [each for each in gone if each[1] not in names]
    strangers = sorted(names - known.keys())[: max(0, MOST_SEEN - len(known) + len(gone))]
    makes_room = [name for _, name in gone[: max(0, len(known) + len(strangers) - MOST_SEEN)]]
    if makes_room:
        db.session.execute(delete(Sighting).where(mine, Sighting.name.in_(makes_room)))
    again = {name for name in names & known.keys() if at - known[name] >= AGAIN}
    # In one order everywhere, so that two processes wait for each other rather than both.
    _put(letter_id, sorted({*strangers, *again}), at)


def _put(letter_id: int, names: Iterable[str], at: datetime) -> None:
    rows = [{"letter_id": letter_id, "name": n, "first_at": at, "last_at": at} for n in names]
    if rows:
        statement = insert(db.engine.dialect.name, Sighting)
        db.session.execute(
            statement.on_conflict_do_update(
                index_elements=[Sighting.letter_id, Sighting.name],
                set_={"last_at": statement.excluded.last_at},
            ),
            rows,
        )


def forget() -> bool:
    """Forget sites that show a letter no more; there is never more at once."""
    with writing(db.session):
        db.session.execute(delete(Sighting).where(Sighting.last_at < now() - retention.SIGHTINGS))
    return False


def keep_writing(app: Flask, stop: threading.Event) -> None:
    """Write down every half minute what this process was told, until it is to stop.

    What cannot be written is lost, and told again by the next who asks.
    """
    while not stop.wait(EVERY):
        try:
            with app.app_context():
                write()
        except Exception as error:
            log.error("sightings.failed", error=type(error).__name__)
