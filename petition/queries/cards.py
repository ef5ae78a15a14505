"""The pictures beside shared links: which there are, and which may have to be drawn."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, and_, cast, func, or_, select
from sqlalchemy.orm import aliased

from petition.exceptions import NotFound
from petition.extensions import db
from petition.models import Card, Letter, Revision
from petition.queries import tallies


@dataclass(frozen=True)
class Subject:
    """A letter in one of its languages, as far as its picture shows it, and the one there is."""

    letter_id: int
    language: str
    revision_id: int
    title: str
    addressee: str
    sender: str
    count: int
    tag: str | None
    failed: str | None
    looked_at: datetime | None


def to_look_at(
    style: str, looked_before: datetime, failed_before: datetime, limit: int
) -> list[Subject]:
    """Letters without a picture, or with one that may say what is true no more.

    There could be one of whatever is published, even if it opens later. Those that were not
    looked at for longest come first.

    Args:
        style: of all pictures as they are drawn now.
        looked_before: of those that were looked at later, none.
        failed_before: what could not be drawn until then is among them, though nothing changed.
    """
    newer = aliased(Revision)
    newest = (
        select(func.max(newer.number))
        .where(newer.letter_id == Letter.id, newer.language == Revision.language)
        .correlate(Letter, Revision)
        .scalar_subquery()
    )
    count = tallies.published() + Letter.paper
    changed = or_(Card.revision_id != Revision.id, Card.count != count, Card.style != style)
    rows = db.session.execute(
        select(
            Letter.id.label("letter_id"),
            Revision.language,
            Revision.id.label("revision_id"),
            Revision.title,
            Revision.addressee,
            Revision.sender,
            cast(count, BigInteger).label("count"),
            Card.tag,
            Card.failed,
            Card.looked_at,
        )
        .select_from(Letter)
        .join(Revision, and_(Revision.letter_id == Letter.id, Revision.number == newest))
        .outerjoin(Card, and_(Card.letter_id == Letter.id, Card.language == Revision.language))
        .where(
            Letter.published_at.is_not(None),
            Letter.withdrawn_at.is_(None),
            Letter.deleted_at.is_(None),
            or_(
                Card.letter_id.is_(None),
                and_(Card.looked_at < looked_before, changed),
                and_(Card.looked_at < failed_before, Card.failed.is_not(None)),
            ),
        )
        .order_by(Card.looked_at.nulls_first(), Letter.id.desc(), Revision.number)
        .limit(limit)
    )
    return [Subject(**row) for row in rows.mappings()]


def tag(letter_id: int, language: str) -> str | None:
    """The newest picture of a letter in a language, by its tag; none has been drawn yet."""
    return db.session.scalar(
        select(Card.tag).where(Card.letter_id == letter_id, Card.language == language)
    )


def drawn(letter_id: int) -> set[str]:
    """The languages in which a letter has a picture."""
    found = select(Card.language).where(Card.letter_id == letter_id, Card.tag.is_not(None))
    return set(db.session.scalars(found))


@dataclass(frozen=True)
class Picture:
    """A picture, and the tag of what it says."""

    tag: str
    png: bytes


def newest(letter_id: int, language: str) -> Picture:
    """The newest picture itself.

    Raises:
        NotFound: none has been drawn yet.
    """
    found = db.session.execute(
        select(Card.tag, Card.png).where(Card.letter_id == letter_id, Card.language == language)
    ).first()
    if found is None or found.tag is None or found.png is None:
        raise NotFound
    return Picture(found.tag, found.png)
