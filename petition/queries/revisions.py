"""The published texts of letters."""

from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased, defer

from petition.exceptions import NotFound
from petition.extensions import db
from petition.models import Revision


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


def earlier(letter_id: int, edition: int) -> dict[int, int]:
    """The texts of a letter that are of an older edition than this: the edition of each, by id."""
    if edition <= 1:
        return {}
    statement = select(Revision.id, Revision.edition).where(
        Revision.letter_id == letter_id, Revision.edition < edition
    )
    return {row.id: row.edition for row in db.session.execute(statement)}


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
