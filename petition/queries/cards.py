"""The pictures beside shared links: which there are, and which are to be drawn."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased, undefer

from petition.exceptions import NotFound
from petition.extensions import db
from petition.models import Card, Letter, Revision
from petition.queries import tallies


@dataclass(frozen=True)
class Subject:
    """A letter in one of its languages, as far as its picture shows it, and the one there is."""

    letter_id: int
    language: str
    title: str
    addressee: str
    sender: str
    count: int
    tag: str | None
    made_at: datetime | None


def subjects() -> Iterator[Subject]:
    """All that there could be a picture of: whatever is published, even if it opens later."""
    newer = aliased(Revision)
    newest = (
        select(func.max(newer.number))
        .where(newer.letter_id == Letter.id, newer.language == Revision.language)
        .correlate(Letter, Revision)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            Letter.id,
            Letter.paper,
            Revision.language,
            Revision.title,
            Revision.addressee,
            Revision.sender,
            Card.tag,
            Card.made_at,
        )
        .select_from(Letter)
        .join(Revision, and_(Revision.letter_id == Letter.id, Revision.number == newest))
        .outerjoin(Card, and_(Card.letter_id == Letter.id, Card.language == Revision.language))
        .where(
            Letter.published_at.is_not(None),
            Letter.withdrawn_at.is_(None),
            Letter.deleted_at.is_(None),
        )
        .order_by(Letter.id.desc(), Revision.number)
    ).all()
    counts = tallies.of_letters({row.id for row in rows})
    for row in rows:
        count = counts[row.id].published + row.paper
        yield Subject(row.id, *row[2:6], count, row.tag, row.made_at)


def tag(letter_id: int, language: str) -> str | None:
    """The newest picture of a letter in a language, by its tag; none has been drawn yet."""
    return db.session.scalar(
        select(Card.tag).where(Card.letter_id == letter_id, Card.language == language)
    )


def png(letter_id: int, language: str) -> Card:
    """The newest picture itself.

    Raises:
        NotFound: none has been drawn yet.
    """
    card = db.session.get(Card, (letter_id, language), options=[undefer(Card.png)])
    if card is None:
        raise NotFound
    return card
