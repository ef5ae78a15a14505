"""The published texts of letters."""

from dataclasses import dataclass

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import aliased, defer

from petition.exceptions import NotFound
from petition.extensions import db
from petition.models import Change, Revision


def newest(letter_id: int, language: str | None = None) -> Revision | None:
    """The text in force, in one language or in whichever was published last."""
    statement = select(Revision).where(Revision.letter_id == letter_id)
    if language is not None:
        statement = statement.where(Revision.language == language)
    return db.session.scalar(statement.order_by(Revision.number.desc()).limit(1))


def of_letter(letter_id: int) -> list[Revision]:
    """Every published text of a letter, newest first; without the texts themselves."""
    return list(
        db.session.scalars(
            select(Revision)
            .where(Revision.letter_id == letter_id)
            .order_by(Revision.number.desc())
            .options(defer(Revision.markdown), defer(Revision.html))
        )
    )


MOST = 2**31 - 1
"""The largest number that a text can have (`Revision.number`)."""


@dataclass(frozen=True)
class Succession:
    """A text, and the one in the same language that it came after, if there was one."""

    revision: Revision
    before: Revision | None


def by_number(letter_id: int, number: int) -> Succession:
    """One text of a letter, by its number.

    Raises:
        NotFound: there is none of that number.
    """
    if number > MOST:
        raise NotFound
    found = db.session.scalar(
        select(Revision).where(Revision.letter_id == letter_id, Revision.number == number)
    )
    if found is None:
        raise NotFound
    before = db.session.scalar(
        select(Revision)
        .where(
            Revision.letter_id == letter_id,
            Revision.language == found.language,
            Revision.number < number,
        )
        .order_by(Revision.number.desc())
        .limit(1)
    )
    return Succession(found, before)


def saying_otherwise(revision: Revision) -> dict[int, int]:
    """The texts of a letter that say something else than this one: the number of each, by id."""
    statement = select(Revision.id, Revision.number).where(
        Revision.letter_id == revision.letter_id, Revision.edition != revision.edition
    )
    return {row.id: row.number for row in db.session.execute(statement)}


def of_substance(revision: Revision) -> Revision | None:
    """The change of substance that a correction came after, if there was one; without the text."""
    if revision.change != Change.CORRECTION or revision.edition <= 1:
        return None
    found = db.session.scalars(
        _changes_of_substance(revision)
        .where(Revision.number < revision.number)
        .order_by(Revision.number.desc())
        .limit(1)
    )
    return found.first()


def changes_since(revision: Revision) -> list[Revision]:
    """The changes of substance that came after a text, oldest first; without the texts."""
    later = _changes_of_substance(revision).where(Revision.number > revision.number)
    return list(db.session.scalars(later.order_by(Revision.number)))


def _changes_of_substance(revision: Revision) -> Select[Revision]:
    return (
        select(Revision)
        .where(
            Revision.letter_id == revision.letter_id,
            Revision.language == revision.language,
            Revision.change == Change.SUBSTANCE,
        )
        .options(defer(Revision.markdown), defer(Revision.html))
    )


def in_force_beside(revision_id: int) -> Revision:
    """The text in force in the language of a text; that one itself, where it is in force."""
    found = aliased(Revision)
    return db.session.scalars(
        select(Revision)
        .join(
            found, and_(found.letter_id == Revision.letter_id, found.language == Revision.language)
        )
        .where(found.id == revision_id)
        .order_by(Revision.number.desc())
        .limit(1)
    ).one()


def newer_edition(revision: Revision) -> Revision | None:
    """The text in force in a text's language, where it says something else in substance."""
    found = newest(revision.letter_id, revision.language)
    return found if found is not None and found.edition > revision.edition else None


def numbers(letter_id: int) -> dict[int, int]:
    """The number of each text of a letter, by its id."""
    rows = db.session.execute(
        select(Revision.id, Revision.number).where(Revision.letter_id == letter_id)
    )
    return {row[0]: row[1] for row in rows}
