"""Public names are counted by affiliation and by country, now and then, far from any request."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, delete, func, insert, literal_column, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from petition import caching, countries
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import Grouping, Letter, NameGroup, Signature, State, Tally
from petition.queries.names import MOST_GROUPS
from petition.queries.signatures import published

MANY = 10_000
"""Names that are not counted anew for each one that comes."""
PAUSE = timedelta(minutes=5)
"""Between two counts of so many."""


def one_letter() -> bool:
    """Count the names of the first letter whose numbers may have changed.

    Returns:
        Whether there may be another.
    """
    if db.session.scalar(_due()) is None:
        return False
    with writing(db.session):
        # Whoever learns names meanwhile says so after this count.
        letter = db.session.scalar(
            _due()
            .with_for_update(skip_locked=True, of=Letter)
            .execution_options(populate_existing=True)
        )
        if letter is None:
            return False
        letter.grouped, letter.grouped_at = db.session.scalar(_published(letter.id)) or 0, now()
        db.session.execute(delete(NameGroup).where(NameGroup.letter_id == letter.id))
        found = [*_by_affiliation(letter.id), *_by_country(letter.id)]
        if found:
            db.session.execute(insert(NameGroup), found)
        slug = letter.slug
    caching.recent.forget(slug)
    return True


def _due() -> Select[Letter]:
    published = func.coalesce(_published(Letter.id).correlate(Letter).scalar_subquery(), 0)
    rested = or_(published < MANY, Letter.grouped_at.is_(None), Letter.grouped_at < now() - PAUSE)
    return (
        select(Letter)
        .where(Letter.published_at.is_not(None), Letter.grouped != published, rested)
        .order_by(Letter.grouped_at.nulls_first(), Letter.id)
        .limit(1)
    )


def _published(letter_id: int | InstrumentedAttribute[int]) -> Select[int]:
    return select(func.sum(Tally.number)).where(
        Tally.letter_id == letter_id, Tally.state == State.PUBLISHED
    )


def _by_affiliation(letter_id: int) -> list[dict[str, Any]]:
    """Each under the spelling that most of its people use."""
    number = func.count()
    named = published(letter_id).where(Signature.affiliation_key.is_not(None)).order_by(None)
    spelt = (
        named.with_only_columns(
            Signature.affiliation_key.label("key"),
            Signature.affiliation.label("label"),
            func.sum(number).over(partition_by=Signature.affiliation_key).label("number"),
            func.row_number()
            .over(
                partition_by=Signature.affiliation_key,
                order_by=(number.desc(), Signature.affiliation),
            )
            .label("place"),
        )
        .group_by(Signature.affiliation_key, Signature.affiliation)
        .subquery()
    )
    rows = db.session.execute(
        select(spelt.c.key, spelt.c.label, spelt.c.number)
        .where(spelt.c.place == 1)
        .order_by(spelt.c.number.desc(), spelt.c.label)
        .limit(MOST_GROUPS)
    )
    return [
        _group(letter_id, Grouping.AFFILIATION, key, label, int(number))
        for key, label, number in rows
    ]


def _by_country(letter_id: int) -> list[dict[str, Any]]:
    named = published(letter_id).where(literal_column("country <> ''")).order_by(None)
    rows = db.session.execute(
        named.with_only_columns(Signature.country, func.count()).group_by(Signature.country)
    )
    return [
        _group(letter_id, Grouping.COUNTRY, countries.key(code), code, number)
        for code, number in rows
    ]


def _group(letter_id: int, by: Grouping, key: int, label: str, number: int) -> dict[str, Any]:
    return {
        "letter_id": letter_id,
        "grouping": by,
        "key": key,
        "label": label,
        "number": number,
    }
