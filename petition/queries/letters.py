"""Letters and the text that is in force."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NoReturn

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Row,
    Select,
    String,
    and_,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased, defer

from petition.clock import now
from petition.exceptions import Moved, NotFound, Withdrawn
from petition.extensions import db
from petition.models import Change, Draft, FormerSlug, Letter, Membership, Revision, Team
from petition.models.base import UtcDateTime

MOST_WORDS = 4
"""Words of a search that are looked at."""


@dataclass(frozen=True)
class LetterText:
    """A letter with the revision in force in one of its languages."""

    letter: Letter
    revision: Revision


def _in_force(
    language: ColumnElement[str] | None = None, *, drafts: bool = False
) -> Select[Letter, Revision]:
    """Each letter beside its newest revision, in its own language or in another.

    Args:
        drafts: also those letters that have none.
    """
    newer = aliased(Revision)
    spoken = Letter.language if language is None else language
    newest = (
        select(func.max(newer.number))
        .where(newer.letter_id == Letter.id, newer.language == spoken)
        .correlate(Letter)
        .scalar_subquery()
    )
    return (
        select(Letter, Revision)
        .select_from(Letter)
        .join(
            Revision,
            and_(Revision.letter_id == Letter.id, Revision.number == newest),
            isouter=drafts,
        )
    )


def _public(at: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """What the world may read, or once could: published, and not before its opening.

    What was taken back before it opened was never seen, and is not heard of afterwards.
    """
    return and_(
        Letter.published_at.is_not(None),
        or_(Letter.opens_at.is_(None), Letter.opens_at <= at),
        or_(
            Letter.opens_at.is_(None),
            Letter.withdrawn_at.is_(None),
            Letter.withdrawn_at >= Letter.opens_at,
        ),
    )


def public_by_slug(slug: str, language: str | None = None) -> LetterText:
    """The letter the world knows by this slug, in its own language or in another of its own.

    Raises:
        NotFound: there is none, it is not public yet, or it is not in that language.
        Moved: the letter has another slug now.
        Withdrawn: it was taken from view.
    """
    values = {"slug": slug, "at": now(), "language": language}
    found = db.session.execute(_public_by_slug(language is not None), values).first()
    if found is None:
        _follow(slug, _public(now()))
    if found.Letter.withdrawn_at is not None:
        letter = found.Letter
        raise Withdrawn(_titles(letter), letter.withdrawn_reason, letter.language)
    return LetterText(*found)


def _titles(letter: Letter) -> dict[str, str]:
    """The newest title in each language, the letter's own first."""
    written = db.session.execute(
        select(Revision.language, Revision.title)
        .where(Revision.letter_id == letter.id)
        .order_by(Revision.number)
    )
    newest = dict(written.all())
    return {each: newest[each] for each in letter.languages}


@cache
def _public_by_slug(in_language: bool) -> Select[Letter, Revision]:
    public = _public(bindparam("at", type_=UtcDateTime))
    language = bindparam("language", type_=String) if in_language else None
    return _in_force(language).where(Letter.slug == bindparam("slug"), public)


def _follow(slug: str, visible: ColumnElement[bool]) -> NoReturn:
    """Say where a letter went that once had this slug; what is not to be seen went nowhere."""
    slug_now = db.session.scalar(
        select(Letter.slug)
        .join(FormerSlug, FormerSlug.letter_id == Letter.id)
        .where(FormerSlug.slug == slug, visible)
    )
    if slug_now is None:
        raise NotFound
    raise Moved(slug_now)


def apart(found: LetterText) -> LetterText:
    """A letter that belongs to no session any more, so that others may read it too."""
    db.session.expunge(found.letter)
    db.session.expunge(found.revision)
    return found


def open_letters(words: str = "", limit: int = 100) -> list[LetterText]:
    """The letters that take signatures now, newest first.

    Args:
        words: which have to stand, each of them, in the title, or to or from whom it is.
    """
    at = now()
    running = or_(Letter.closes_at.is_(None), Letter.closes_at > at)
    return _listed(running, Letter.published_at.desc(), at, words, limit)


def closed_letters(words: str = "", limit: int = 20) -> list[LetterText]:
    """The letters that closed last, the latest first; `words` as of the open ones."""
    at = now()
    return _listed(Letter.closes_at <= at, Letter.closes_at.desc(), at, words, limit)


def _listed(
    which: ColumnElement[bool],
    order: ColumnElement[Any],
    at: datetime,
    words: str,
    limit: int,
) -> list[LetterText]:
    statement = (
        _in_force()
        .where(_public(at), which, Letter.withdrawn_at.is_(None), *_saying(words))
        .order_by(order, Letter.id.desc())
        .limit(limit)
        .options(defer(Revision.markdown))
    )
    return [LetterText(*row) for row in db.session.execute(statement)]


def _saying(words: str) -> list[ColumnElement[bool]]:
    """Each of these words stands somewhere; as typed, small or capitalized.

    SQLite knows only of ASCII which letters are the same in capitals.
    """
    columns = (Revision.title, Revision.addressee, Revision.sender)
    return [
        or_(
            *(
                column.icontains(spelled, autoescape=True)
                for column in columns
                for spelled in sorted({word, word.lower(), word.capitalize()})
            )
        )
        for word in words.split()[:MOST_WORDS]
    ]


def next_opening() -> datetime | None:
    """When the next letter becomes public."""
    coming = and_(Letter.published_at.is_not(None), Letter.opens_at > now())
    return db.session.scalar(select(func.min(Letter.opens_at)).where(coming))


@dataclass(frozen=True)
class OwnLetter(LetterText):
    """A letter with its text, and the role in which an organizer looks at it.

    Of a letter that was never published the text is what is written so far, as revision 0,
    which is nowhere in the database.
    """

    role: str
    team: str
    reasons: list[dict[str, Any]]
    """Why its team rejects signatures, as `petition.reasons` reads it."""

    @property
    def has_text(self) -> bool:
        """Whether there is a published text, which may not be public yet."""
        return self.revision.number > 0


def of_organizer(organizer_id: int, limit: int = 200) -> list[OwnLetter]:
    """The letters of the teams that an organizer belongs to, newest first."""
    statement = _own(organizer_id).order_by(Letter.id.desc()).limit(limit)
    return [_owned(row) for row in db.session.execute(statement)]


def of_organizer_by_slug(organizer_id: int, slug: str) -> OwnLetter:
    """A letter, reached through the organizer's team.

    Raises:
        NotFound: there is none, or it is another team's; the two are not told apart.
        Moved: the letter has another slug now.
    """
    found = db.session.execute(_own(organizer_id).where(Letter.slug == slug)).first()
    if found is None:
        _follow(slug, and_(Letter.team_id.in_(_teams(organizer_id)), Letter.deleted_at.is_(None)))
    return _owned(found)


DELETED_KEPT = timedelta(days=30)
"""How long a draft that was thrown away can be brought back."""


def deleted(organizer_id: int, limit: int = 50) -> list[OwnLetter]:
    """The drafts of an organizer's teams that were thrown away of late, latest first."""
    statement = _own(organizer_id, deleted=True).order_by(Letter.deleted_at.desc()).limit(limit)
    return [_owned(row) for row in db.session.execute(statement)]


def even_deleted_by_slug(organizer_id: int, slug: str) -> OwnLetter:
    """A letter, or a draft that was thrown away of late, reached through the organizer's team.

    Raises:
        NotFound: there is none, or it is another team's; the two are not told apart.
    """
    for deleted in (False, True):
        statement = _own(organizer_id, deleted=deleted).where(Letter.slug == slug)
        found = db.session.execute(statement).first()
        if found is not None:
            return _owned(found)
    raise NotFound


def _teams(organizer_id: int) -> Select[int]:
    return select(Membership.team_id).where(Membership.organizer_id == organizer_id)


_Own = tuple[Letter, Revision, Draft, str, str, list[dict[str, Any]]]


def _own(organizer_id: int, *, deleted: bool = False) -> Select[*_Own]:
    """An organizer's letters, with the text in force, what is written in the letter's own
    language, the role and the team. What was thrown away is not among them, or stands alone."""
    there = Letter.deleted_at > now() - DELETED_KEPT if deleted else Letter.deleted_at.is_(None)
    written = and_(Draft.letter_id == Letter.id, Draft.language == Letter.language)
    return (
        _in_force(drafts=True)
        .outerjoin(Draft, written)
        .join(Membership, Membership.team_id == Letter.team_id)
        .join(Team, Team.id == Letter.team_id)
        .add_columns(Draft, Membership.role, Team.name, Team.reasons)
        .where(Membership.organizer_id == organizer_id, there)
        .options(defer(Draft.markdown), defer(Draft.replaced))
    )


def _owned(row: Row[*_Own]) -> OwnLetter:
    letter, revision, draft, role, team, reasons = row
    return OwnLetter(letter, revision or unpublished(draft), role, team, reasons)


def unpublished(draft: Draft) -> Revision:
    """What is written so far, as if it were a revision: number 0, without its Markdown."""
    return Revision(
        letter_id=draft.letter_id,
        language=draft.language,
        number=0,
        edition=1,
        change=Change.FIRST,
        note="",
        title=draft.title,
        addressee=draft.addressee,
        sender=draft.sender,
        markdown="",
        html="",
        sha256="",
        published_at=draft.edited_at,
    )
