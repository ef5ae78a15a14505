"""Invented signers, for demonstrations and load tests; each is marked as invented."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import lru_cache
from itertools import cycle, islice
from random import Random
from typing import Any

from sqlalchemy import func, select

from petition import caching, folding, lookalike
from petition.actions import index_names, statistics, tally
from petition.actions.statistics import Event
from petition.clock import now
from petition.database import load, writing
from petition.extensions import db
from petition.models import Letter, Measure, NameWord, Revision, Signature, State
from petition.models.signature import DIGEST_BYTES

BATCH = 20_000
SPREAD = timedelta(days=21)
"""How far back the first invented signature lies."""

# Surnames that nobody has, so that no real person finds their own name here.
GIVEN = (
    "Ada", "Amara", "Bela", "Chidi", "Clara", "Dario", "Elif", "Emil", "Farah", "Felix", "Greta",
    "Hana", "Idris", "Ines", "Jonas", "Kaveh", "Lena", "Leila", "Luca", "Mateo", "Mira", "Naoko",
    "Nils", "Noor", "Oskar", "Paloma", "Pavel", "Priya", "Rafael", "Rosa", "Samir", "Sanna",
    "Selma", "Tariq", "Teo", "Thandi", "Uma", "Vera", "Wanda", "Yuki", "Zora",
)  # fmt: skip
FAMILY = (
    "Aquarell", "Bandoneon", "Brushwood", "Bühnenlicht", "Camerastudio", "Canvasser", "Celadonne",
    "Chalkline", "Charcoal-Grey", "Crayonne", "Cutaway", "Dactylos", "Daguerre-Plate", "Encaustic",
    "Filmcan", "Fountainpen", "Fresquero", "Gessoground", "Glissando", "Gouachette", "Halftone",
    "Impasto", "Inkwell", "Intaglio", "Kerning", "Kintsugi-Bowl", "Lapisblue", "Linocut",
    "Loomshuttle", "Marbling", "Mezzotint", "Monotype", "Nibholder", "Ochre-Umber", "Offbeat",
    "Overture", "Palettino", "Papermoon", "Pastello", "Pentimento", "Pigmento", "Plumbline",
    "Quarternote", "Quillfeather", "Rhymewright", "Riso-Print", "Rubato", "Sansserif", "Sepia",
    "Sfumato", "Silverpoint", "Sketchbook", "Sotto-Voce", "Stagewhisper", "Stillframe", "Tempera",
    "Typecase", "Vellum", "Woodblock", "Zoetrope",
)  # fmt: skip
ROLES = (
    "illustrator", "composer", "film maker", "photographer", "animator", "poet", "sound artist",
    "graphic designer", "puppeteer", "dancer", "printmaker", "novelist", "painter", "editor",
    "cartoonist", "sculptor", "game artist", "translator", "", "", "",
)  # fmt: skip
_AFFILIATIONS = (
    "Papermoon Theatre", "papermoon theatre", "The Inkwell Press", "Studio Halftone",
    "Glissando Ensemble", "Kerning & Sons", "Offbeat Animation", "Quillfeather Union",
)  # fmt: skip
COMMENTS = (
    "Ask first, pay fairly, and I will gladly test what you build.",
    "I like the tool. I did not like being its advertisement.",
    "Three weeks of notes, sent in good faith, deserve a line in the budget.",
    "Openness would cost you nothing and would win you a great deal.",
)

_SOURCES = (
    "", "share", "", "site:easel.example", "embed:palette.example", "share", "", "own-line",
    "site:easel.example", "mail", "embed", "site:stage-door.example", "badge", "poster",
)  # fmt: skip


def seed(letter: Letter, revision: Revision, number: int) -> Iterator[int]:
    """Publish invented signatures under a letter, in batches.

    Yields:
        How many were written, after each batch is committed.
    """
    rows = _rows(letter, revision, number)
    while batch := list(islice(rows, BATCH)):
        with writing(db.session):
            newest = db.session.scalar(select(func.max(Signature.id))) or 0
            load(db.session, Signature, batch)
            load(db.session, NameWord, _words(letter.id, newest))
            tally.adjust(letter.id, {State.PUBLISHED: len(batch)})
            statistics.add(_events(batch))
        caching.recent.forget(letter.slug)
        yield len(batch)


def _events(batch: list[dict[str, Any]]) -> Iterator[Event]:
    """What would have been counted, had they signed; what led them here is invented too."""
    for row, source in zip(batch, cycle(_SOURCES), strict=False):
        letter_id, at = row["letter_id"], row["confirmed_at"]
        yield Event(letter_id, Measure.CONFIRMED, at, row["state"])
        yield Event(letter_id, Measure.LANGUAGE, at, row["language"])
        yield Event(letter_id, Measure.SOURCE, at, source)


def _words(letter_id: int, after: int) -> list[dict[str, Any]]:
    """What the search has to know of the signatures that came after another."""
    made = db.session.execute(
        select(Signature.id, Signature.letter_id, Signature.name, Signature.affiliation).where(
            Signature.letter_id == letter_id, Signature.id > after, Signature.invented
        )
    )
    return [word for row in made for word in index_names.words(*row)]


def _skeletons() -> Callable[[str], int]:
    """How names look, each worked out once: there are far fewer of them than signers."""
    return lru_cache(maxsize=len(GIVEN) * len(FAMILY))(lookalike.skeleton)


def _rows(letter: Letter, revision: Revision, number: int) -> Iterator[dict[str, Any]]:
    random, end = Random(letter.id), now()  # noqa: S311  # invented names need no secrecy
    skeleton = _skeletons()
    for index in range(number):
        at = end - SPREAD * (1 - index / number)
        # Spread evenly like real digests, but ascending: an index grows fastest at its end.
        place = (index << 32) // number
        affiliation = random.choice(_AFFILIATIONS) if random.random() < 0.3 else ""
        name = f"{random.choice(GIVEN)} {random.choice(FAMILY)}"
        yield {
            "letter_id": letter.id,
            "revision_id": revision.id,
            "digest": place.to_bytes(4, "big") + os.urandom(DIGEST_BYTES - 4),
            "state": State.PUBLISHED,
            "email": None,
            "name": name,
            "affiliation": affiliation,
            "role": random.choice(ROLES),
            "location": "",
            "comment": random.choice(COMMENTS) if random.random() < 0.01 else "",
            "show_name": True,
            "updates": False,
            "invented": True,
            "language": revision.language,
            "consented_at": at,
            "created_at": at,
            "confirmed_at": at,
            "published_at": at,
            "requests": 1,
            "searchable": True,
            "skeleton": skeleton(name),
            "affiliation_key": folding.key(affiliation),
        }
