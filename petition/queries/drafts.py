"""What is being written for a letter, beside what is published of it."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Protocol

from sqlalchemy import and_, func, not_, or_, select

from petition import text
from petition.clock import now
from petition.exceptions import NotFound
from petition.extensions import db
from petition.models import Change, Draft, Letter, Organizer, Revision
from petition.queries import revisions
from petition.queries.letters import LetterText


class Says(Protocol):
    """A draft or a revision, in so far as it says something."""

    title: str
    addressee: str
    sender: str
    markdown: str


@dataclass(frozen=True)
class Text:
    """All that a letter says in one language."""

    title: str
    addressee: str
    sender: str
    markdown: str

    @classmethod
    def of(cls, row: Says) -> "Text":
        """What a draft or a revision says."""
        return cls(row.title, row.addressee, row.sender, row.markdown)

    @property
    def exact(self) -> str:
        """As one text: what is hashed and compared."""
        return text.exact(self.title, self.addressee, self.sender, self.markdown)

    @property
    def readable(self) -> str:
        """As one text for eyes: what is shown of a difference."""
        head = (self.title, f"To: {self.addressee}", f"From: {self.sender}")
        return "\n\n".join((*head, text.flowing(self.markdown)))


@dataclass(frozen=True)
class Written:
    """The text of a letter in one language as it is being written."""

    language: str
    text: Text
    version: int
    """Of the draft; 0 where nothing was written since a file or the text in force."""
    saved_by: str
    """Who saved it last, by name or address; empty where nobody is known."""
    saved_at: datetime | None
    published: Revision | None
    """The text in force in this language."""
    saved_by_id: int | None = None
    replaced: Text | None = None
    """What somebody else had saved, before it was saved over."""
    replaced_of: str = ""
    """Who had saved that."""

    @property
    def changed(self) -> bool:
        """Whether it says anything else than the text in force."""
        return self.published is None or Text.of(self.published) != self.text


def written(letter: Letter, language: str) -> Written:
    """What is being written in one language; what is published, where nothing else is.

    Raises:
        NotFound: the letter is not written in that language.
    """
    published = revisions.newest(letter.id, language)
    draft = of_letter(letter.id, language)
    if draft is not None:
        return Written(
            language,
            Text.of(draft),
            draft.version,
            _name(draft.edited_by),
            draft.edited_at,
            published,
            draft.edited_by,
            Text(**draft.replaced) if draft.replaced else None,
            _name(draft.replaced_of),
        )
    if published is None:
        raise NotFound
    return Written(language, Text.of(published), 0, "", None, published)


def _name(organizer_id: int | None) -> str:
    by = db.session.get(Organizer, organizer_id) if organizer_id else None
    return (by.name or by.email) if by else ""


def of_letter(letter_id: int, language: str) -> Draft | None:
    """The draft of a letter in one language, if there is one."""
    return db.session.scalar(
        select(Draft).where(Draft.letter_id == letter_id, Draft.language == language)
    )


@dataclass(frozen=True)
class Tongue:
    """A language that a letter is written in, and whether the world can read it."""

    language: str
    published: bool


def tongues(letter: Letter) -> list[Tongue]:
    """The languages of a letter: its own, the published ones, those that are being written."""
    statement = select(Draft.language).where(Draft.letter_id == letter.id)
    drafted = db.session.scalars(statement.where(Draft.discarded_at.is_(None)))
    published = set(letter.languages)
    others = sorted((published | set(drafted)) - {letter.language})
    return [Tongue(each, each in published) for each in (letter.language, *others)]


def unpublished(letter: Letter, besides: str) -> list[Tongue]:
    """The languages but one in which something is written that readers do not have."""
    newest = select(func.max(Revision.number)).where(
        Revision.letter_id == letter.id, Revision.language == Draft.language
    )
    there = and_(
        Revision.letter_id == letter.id,
        Revision.number == newest.correlate(Draft).scalar_subquery(),
    )
    same = (getattr(Draft, part.name) == getattr(Revision, part.name) for part in fields(Text))
    statement = (
        select(Draft.language, Revision.id)
        .outerjoin(Revision, there)
        .where(
            Draft.letter_id == letter.id,
            Draft.language != besides,
            Draft.discarded_at.is_(None),
            or_(Revision.id.is_(None), not_(and_(*same))),
        )
        .order_by(Draft.language)
    )
    return [Tongue(row.language, row.id is not None) for row in db.session.execute(statement)]


def as_published(letter: Letter, language: str, said: Text) -> LetterText:
    """A letter with these words as its newest text, which is nowhere in the database."""
    newest = revisions.newest(letter.id)
    revision = Revision(
        letter_id=letter.id,
        language=language,
        number=newest.number + 1 if newest else 1,
        edition=letter.edition,
        change=Change.FIRST,
        note="",
        title=said.title,
        addressee=said.addressee,
        sender=said.sender,
        markdown=said.markdown,
        html=text.html(said.markdown, language),
        sha256=text.sha256(said.exact),
        published_at=now(),
    )
    return LetterText(letter, revision)
