"""Public names are counted by affiliation and by country, now and then, far from any request."""

from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
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
_COUNTING = -2
"""Stands with a letter while its names are counted, until somebody learns a name meanwhile."""


def one_letter() -> bool:
    """Count the names of the first letter whose numbers may have changed.

    Nobody waits while they are counted: who learns a name meanwhile says so, and they are counted
    once more.

    Returns:
        Whether there may be another.
    """
    found = db.session.execute(_due()).first()
    if found is None:
        return False
    letter_id, slug = found
    _mark(letter_id, grouped=_COUNTING, grouped_at=now())
    published_now = db.session.scalar(_published(letter_id)) or 0
    groups = [*_by_affiliation(letter_id), *_by_country(letter_id)]
    with writing(db.session):
        db.session.execute(
            select(Letter.id).where(Letter.id == letter_id).with_for_update(key_share=True)
        )
        db.session.execute(delete(NameGroup).where(NameGroup.letter_id == letter_id))
        if groups:
            db.session.execute(insert(NameGroup), groups)
        _mark(letter_id, Letter.grouped == _COUNTING, grouped=published_now)
    caching.recent.forget(slug)
    return True


def _mark(letter_id: int, *still: ColumnElement[bool], **values: Any) -> None:
    with writing(db.session):
        db.session.execute(
            update(Letter)
            .where(Letter.id == letter_id, *still)
            .values(**values)
            .execution_options(synchronize_session=False)
        )


def _due() -> Select[int, str]:
    published = func.coalesce(_published(Letter.id).correlate(Letter).scalar_subquery(), 0)
    rested = or_(published < MANY, Letter.grouped_at.is_(None), Letter.grouped_at < now() - PAUSE)
    return (
        select(Letter.id, Letter.slug)
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
