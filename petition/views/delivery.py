"""A letter with its names, as it is handed to its addressee: as a table, or laid out to print.

The table is a document too, not only rows: what the names stand under comes before them, and how
many are counted without one after them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from flask import url_for
from flask_babel import gettext

from petition import links, public, spreadsheet, text
from petition.public import PublicLetter, PublicName
from petition.queries import revisions, signatures
from petition.queries.exports import Instant
from petition.queries.letters import LetterText
from petition.views import answers
from petition.views.letters import other_texts


@dataclass(frozen=True)
class Delivery:
    """What is handed over, as it was at one instant. Its names can be read once."""

    letter: PublicLetter
    markdown: str
    at: datetime
    leading: list[PublicName]
    """Who was asked to sign first."""
    names: Iterator[PublicName]
    """All others who may be listed, in the order of signing."""
    versions: bool
    """Some of them signed a text that says something else."""


def of(found: LetterText, instant: Instant) -> Delivery:
    """Where the names are handed to the addressee, those of whoever agreed to that; elsewhere,
    the names of the public list."""
    substance = revisions.of_substance(found.revision)
    # The team sees the names whether they are shown in public at the moment or not.
    letter = public.listed(public.letter(instant.letter, found.revision, instant.counts, substance))
    others = other_texts(found)
    if letter.hands_over:
        first = signatures.leading_handed(found.letter.id)
        leading = [public.handed(each, letter, others) for each in first]
        names = (
            public.handed(each, letter, others)
            for batch in signatures.handed_in_batches(found.letter.id)
            for each in batch
        )
    else:
        leading = public.names(signatures.leading(found.letter.id), letter, others)
        names = (
            name
            for batch in signatures.in_batches(found.letter.id)
            for name in public.names(batch, letter, others)
        )
    return Delivery(letter, found.revision.markdown, instant.at, leading, names, bool(others))


def printable(it: Delivery) -> Iterator[str]:
    """As a page that prints well."""
    yield from answers.streamed(
        "sharing/copy.html",
        letter=it.letter,
        leading=it.leading,
        names=it.names,
        delivered=True,
        handing=it.letter.hands_over,
        versions=it.versions,
        most=None,
        as_of=it.at,
        back=url_for("export.show", slug=it.letter.slug),
    )


def table(it: Delivery, *, bom: bool) -> Iterator[str]:
    """As CSV: the letter, its hash, the time and the count; a row for each name, with its number;
    and how many are counted besides."""
    head, *rows = _before(it)
    return spreadsheet.as_csv(head, chain(rows, _numbered(it)), bom=bom)


def _before(it: Delivery) -> list[tuple[str, ...]]:
    letter = it.letter
    paragraphs = [each for each in text.flowing(it.markdown).split("\n\n") if each.strip()]
    return [
        (gettext("Letter"), letter.title),
        (gettext("To whom"), letter.addressee),
        (gettext("From whom"), letter.sender),
        *(((gettext("Text") if first else ""), words) for first, words in _first(paragraphs)),
        ("SHA-256", letter.sha256),
        (gettext("Address"), links.absolute("letters.show", slug=letter.slug, lang=letter.lang)),
        (gettext("As of"), f"{it.at:%Y-%m-%d %H:%M:%S} UTC"),
        (gettext("The count"), str(letter.count)),
        (gettext("Of these on paper"), str(letter.paper)),
        (),
        _columns(letter),
    ]


def _first(paragraphs: Iterable[str]) -> Iterator[tuple[bool, str]]:
    for number, words in enumerate(paragraphs):
        yield not number, words


def _columns(letter: PublicLetter) -> tuple[str, ...]:
    shown = [each for each in letter.asking.questions if each.shown]
    return (
        gettext("Number"),
        gettext("Name"),
        gettext("Profession or role"),
        gettext("Organization"),
        gettext("Place"),
        gettext("Country"),
        *(each.label(letter.language) for each in shown),
        gettext("Remark"),
    )


def _numbered(it: Delivery) -> Iterator[tuple[str, ...]]:
    number = 0
    for number, name in enumerate(chain(it.leading, it.names), 1):
        yield (str(number), *_row(name, it.letter))
    yield ()
    yield gettext("Names listed"), str(number)
    unlisted = it.letter.count - it.letter.paper - number
    yield gettext("Counted and not listed"), str(unlisted)


def _row(name: PublicName, letter: PublicLetter) -> tuple[str, ...]:
    given = {answer.question: answer.words for answer in name.answers}
    questions = (each for each in letter.asking.questions if each.shown)
    said = (given.get(each.label(letter.language), "") for each in questions)
    about = (name.role, name.affiliation, name.location, name.country)
    return (name.name, *about, *said, ", ".join(_remarks(name)))


def _remarks(name: PublicName) -> Iterator[str]:
    if name.verified:
        yield gettext("verified")
    if name.revision:
        yield gettext("revision %(number)s", number=name.revision)
    if name.invented:
        yield gettext("invented")
