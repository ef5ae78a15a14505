"""Writing: a letter begins, its text is saved, translated, and gets another address."""

import re
import unicodedata
from dataclasses import asdict

from sqlalchemy import select

from petition import caching, limits
from petition.actions.altering import hold
from petition.actions.record import Action, record
from petition.actions.roles import must
from petition.clock import now
from petition.database import Lock, take_in_turn, writing
from petition.exceptions import NotFound, SlugTaken, TextChanged
from petition.extensions import db
from petition.models import Draft, FormerSlug, Letter, Membership, Role
from petition.models.letter import SLUG_LENGTH
from petition.queries import drafts
from petition.queries.drafts import Text
from petition.queries.letters import OwnLetter

_SLUGS = Lock(int.from_bytes(b"slugs"))
"""Held by whoever gives a slug away: two tables have a say in which is free."""
RESERVED = {"new"}
"""What stands for something else where a slug is expected."""

# Letters that no decomposition leads to one of ours.
_PLAIN = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)


def begin(organizer_id: int, team_id: int, title: str, language: str) -> str:
    """Begin a letter, as a draft in its own language.

    Returns:
        Its slug, made from the title.

    Raises:
        NotFound: the organizer is not in that team.
        Forbidden: and may not write for it.
    """
    with writing(db.session):
        must(_role(organizer_id, team_id), Role.EDITOR)
        letter = Letter(team_id=team_id, slug=_free_slug(title), language=language)
        db.session.add(letter)
        db.session.flush()
        db.session.add(
            Draft(
                letter_id=letter.id,
                language=language,
                title=title,
                version=1,
                edited_by=organizer_id,
            )
        )
        record(Action.LETTER_BEGUN, organizer_id=organizer_id, letter=letter)
    return letter.slug


def _role(organizer_id: int, team_id: int) -> str:
    role = db.session.scalar(
        select(Membership.role).where(
            Membership.organizer_id == organizer_id, Membership.team_id == team_id
        )
    )
    if role is None:
        raise NotFound
    return role


def slug_of(title: str) -> str:
    """The words of a title as an address has them; a title in other letters says nothing there."""
    plain = unicodedata.normalize("NFKD", title.lower().translate(_PLAIN))
    words = re.findall("[a-z0-9]+", re.sub(r"[\u0300-\u036f'’]", "", plain))
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word[: SLUG_LENGTH - 10]
        if len(longer) > SLUG_LENGTH - 10:  # leaves room for a number
            break
        slug = longer
    return slug or "letter"


def _free_slug(title: str) -> str:
    hold_slugs()
    wanted = slug_of(title)
    taken = set(db.session.scalars(select(Letter.slug).where(Letter.slug.startswith(wanted))))
    taken |= set(
        db.session.scalars(select(FormerSlug.slug).where(FormerSlug.slug.startswith(wanted)))
    )
    number, slug = 1, wanted
    while slug in taken or slug in RESERVED:
        number += 1
        slug = f"{wanted}-{number}"
    return slug


def hold_slugs() -> None:
    """Let one transaction at a time decide which slug is whose."""
    take_in_turn(db.session, _SLUGS)


def count_preview(visitor: str | None) -> None:
    """Count a preview, which takes longer than any other page. Raises `TooOften`."""
    limits.check("preview", limits.PREVIEW, visitor)


def save(
    own: OwnLetter,
    organizer_id: int,
    language: str,
    said: Text,
    version: int,
    *,
    over: bool = False,
) -> None:
    """Save what was written, over the version of the draft that it was written from.

    What somebody else had saved is kept, for once it is wanted back.

    Args:
        over: it was not written from there, and is saved over it knowingly: whoever saved what
            stood there, it is kept.

    Raises:
        Forbidden: the organizer may not write.
        NotFound: the letter is not written in that language.
        TextChanged: a colleague has saved since.
    """
    must(own.role, Role.EDITOR)
    with writing(db.session):
        letter = hold(own.letter.id)
        now_there = drafts.written(letter, language)
        if now_there.version != version:
            raise TextChanged
        if now_there.text != said:
            put(letter.id, language, said, organizer_id, over=over)


def put(
    letter_id: int, language: str, said: Text, organizer_id: int | None, *, over: bool = False
) -> None:
    """Write a draft down, inside the transaction that holds the letter."""
    draft = drafts.of_letter(letter_id, language)
    if draft is None:
        draft = Draft(letter_id=letter_id, language=language, version=0)
        db.session.add(draft)
    elif over or draft.edited_by not in {None, organizer_id}:
        draft.replaced, draft.replaced_of = asdict(Text.of(draft)), draft.edited_by
    draft.title = said.title
    draft.addressee = said.addressee
    draft.sender = said.sender
    draft.markdown = said.markdown
    draft.version += 1
    draft.edited_by = organizer_id
    draft.edited_at = now()
    draft.discarded_at = None


def bring_back(own: OwnLetter, organizer_id: int, language: str, version: int) -> None:
    """Bring back what a colleague had saved before it was saved over.

    What stands there now is kept in its place, so that this can be taken back as well.

    Raises:
        Forbidden: the organizer may not write.
        NotFound: there is nothing to bring back.
        TextChanged: somebody has saved since that version.
    """
    must(own.role, Role.EDITOR)
    with writing(db.session):
        letter = hold(own.letter.id)
        draft = drafts.of_letter(letter.id, language)
        if draft is None or draft.replaced is None:
            raise NotFound
        if draft.version != version:
            raise TextChanged
        said, kept, by = Text(**draft.replaced), asdict(Text.of(draft)), draft.edited_by
        put(letter.id, language, said, organizer_id)
        draft.replaced, draft.replaced_of = kept, by


def translate(own: OwnLetter, organizer_id: int, language: str) -> None:
    """Begin a translation, from the text in the letter's own language; once is enough.

    One that was discarded comes back as it was.

    Raises:
        Forbidden: the organizer may not write.
    """
    must(own.role, Role.EDITOR)
    with writing(db.session):
        letter = hold(own.letter.id)
        draft = drafts.of_letter(letter.id, language)
        if draft is not None:
            draft.discarded_at = None
        elif language not in {letter.language, *letter.languages}:
            put(letter.id, language, drafts.written(letter, letter.language).text, organizer_id)


def discard(own: OwnLetter, language: str) -> None:
    """Give up a translation that was never published. Its words are kept, should it come back.

    Raises:
        Forbidden: the organizer may not write.
        NotFound: there is none, or readers have it.
    """
    must(own.role, Role.EDITOR)
    with writing(db.session):
        letter = hold(own.letter.id)
        draft = drafts.of_letter(letter.id, language)
        if draft is None or language in {letter.language, *letter.languages}:
            raise NotFound
        draft.discarded_at = now()


def rename(own: OwnLetter, slug: str) -> None:
    """Give a letter another slug. The old one leads there for good.

    Raises:
        Forbidden: the organizer may not write.
        SlugTaken: another letter has it, or had it.
    """
    must(own.role, Role.EDITOR)
    with writing(db.session):
        hold_slugs()
        letter = hold(own.letter.id)
        former = letter.slug
        if slug == former:
            return
        if slug in RESERVED or _is_anothers(slug, letter.id):
            raise SlugTaken
        mine = db.session.get(FormerSlug, slug)
        if mine is not None:
            db.session.delete(mine)
            db.session.flush()
        letter.slug = slug
        letter.version += 1
        record(Action.SLUG, letter=letter, before=former, after=slug)
        if letter.languages:  # the world has known it, whether or not it does at the moment
            db.session.add(FormerSlug(slug=former, letter_id=letter.id))
    caching.recent.forget(former)
    caching.recent.forget(slug)


def _is_anothers(slug: str, letter_id: int) -> bool:
    has = select(Letter.id).where(Letter.slug == slug)
    had = select(FormerSlug.letter_id).where(FormerSlug.slug == slug)
    return any(db.session.scalar(each) not in {None, letter_id} for each in (has, had))
