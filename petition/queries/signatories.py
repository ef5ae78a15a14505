"""Who is asked to sign first, and what has come of it."""

from dataclasses import dataclass

from sqlalchemy import ScalarSelect, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from petition.exceptions import NotFound, Withdrawn
from petition.extensions import db
from petition.models import Letter, Revision, Signatory, Signature


@dataclass(frozen=True)
class AskedFirst:
    """Somebody who is asked to sign first, with the signature they gave, if they did."""

    signatory: Signatory
    signature: Signature | None


def of_letter(letter_id: int) -> list[AskedFirst]:
    """Who is asked, in the organizer's order."""
    rows = db.session.execute(
        select(Signatory, Signature)
        .outerjoin(Signature, Signature.id == Signatory.signature_id)
        .where(Signatory.letter_id == letter_id, Signatory.removed_at.is_(None))
        .order_by(Signatory.position, Signatory.id)
    )
    return [AskedFirst(*row) for row in rows]


def one(letter_id: int, signatory_id: int) -> Signatory:
    """Somebody who is asked to sign this letter first.

    Raises:
        NotFound: they are not, or not any more.
    """
    found = db.session.scalar(
        select(Signatory).where(
            Signatory.id == signatory_id,
            Signatory.letter_id == letter_id,
            Signatory.removed_at.is_(None),
        )
    )
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class AskedFirstInContext(AskedFirst):
    """Somebody who is asked, with the letter and the text they are asked to sign."""

    letter: Letter
    revision: Revision


def in_context(signatory_id: int, language: str | None = None) -> AskedFirstInContext:
    """One of those who are asked, with the newest text in a language, or else in their own.

    Where the letter is not published in it, the text is in the letter's own.

    Raises:
        NotFound: they are not asked any more, or the letter was never published.
        Withdrawn: it was taken from view before they signed.
    """
    spoken = (language or "", Signatory.language, Letter.language)
    newest = func.coalesce(*(_newest(each) for each in spoken))
    found = db.session.execute(
        select(Signatory, Signature, Letter, Revision)
        .join(Letter, Letter.id == Signatory.letter_id)
        .join(Revision, and_(Revision.letter_id == Letter.id, Revision.number == newest))
        .outerjoin(Signature, Signature.id == Signatory.signature_id)
        .where(
            Signatory.id == signatory_id,
            Signatory.removed_at.is_(None),
            Letter.published_at.is_not(None),
            Letter.deleted_at.is_(None),
        )
    ).first()
    if found is None:
        raise NotFound
    letter = found.Letter
    if letter.withdrawn_at is not None and found.Signature is None:
        titles = {found.Revision.language: found.Revision.title}
        raise Withdrawn(titles, letter.withdrawn_reason, letter.language)
    return AskedFirstInContext(*found)


def _newest(language: InstrumentedAttribute[str] | str) -> ScalarSelect[int]:
    """The number of the text in force in a language, if there is one."""
    newer = aliased(Revision)
    return (
        select(func.max(newer.number))
        .where(newer.letter_id == Letter.id, newer.language == language)
        .correlate(Letter, Signatory)
        .scalar_subquery()
    )


def language_of(signatory_id: int) -> str | None:
    """The language in which somebody was asked, even if they are not asked any more."""
    return db.session.scalar(select(Signatory.language).where(Signatory.id == signatory_id))
