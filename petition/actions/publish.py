"""A text becomes a revision that the world reads; the same text again changes nothing.

It comes from a file or from a draft; both work beside each other.
"""

from collections.abc import Iterable
from enum import Enum

from sqlalchemy import or_, select, update

from petition import caching, text
from petition.actions.altering import hold
from petition.actions.record import Action, record
from petition.actions.roles import must
from petition.actions.teams import ensure as ensure_team
from petition.actions.write import hold_slugs, put
from petition.clock import now
from petition.database import writing
from petition.exceptions import NotFound, NotPublishable, PetitionError, TextChanged
from petition.extensions import db
from petition.letterfile import LetterFile
from petition.models import Change, FormerSlug, Letter, Revision, Role
from petition.queries import drafts, revisions, tallies
from petition.queries.drafts import Text, Written
from petition.queries.letters import OwnLetter


class Outcome(Enum):
    """What publishing a file did."""

    PUBLISHED = "published"
    REVISED = "revised"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class ForeignLetter(PetitionError):
    """The slug belongs to a letter of another team."""


def publish(file: LetterFile, team_name: str) -> tuple[Outcome, int]:
    """Publish a letter from its file, or bring it up to the file.

    A changed title, addressee, sender or text makes a revision, a correction; what changes
    beside them (the goal, the dates) does not. What the file says as it did when it was last
    published changes nothing, whatever was changed in the panel since.

    Returns:
        What happened, and the number of the revision in force.

    Raises:
        ForeignLetter: the slug is taken by another team.
    """
    with writing(db.session):
        team = ensure_team(team_name)
        hold_slugs()
        letter = _by_slug(file.slug)
        if letter is None:
            letter = Letter(team_id=team.id, slug=file.slug, language=file.language)
            letter.languages, letter.filed = [], {}
            db.session.add(letter)
        elif letter.team_id != team.id:
            raise ForeignLetter
        outcome = Outcome.UNCHANGED if letter.published_at else Outcome.PUBLISHED
        letter.published_at = letter.published_at or now()
        letter.deleted_at = None
        said = _said(file)
        news = {word for word in said if letter.filed.get(word) != said[word]}
        if _bring_up(letter, file, news) and outcome is Outcome.UNCHANGED:
            outcome = Outcome.CHANGED
            letter.version += 1
        revised = bool(news & {"text", "language"}) and _revise(letter, file)
        if revised and outcome is not Outcome.PUBLISHED:
            outcome = Outcome.REVISED
        letter.filed = letter.filed | said
        newest = revisions.newest(letter.id, file.language)
        if outcome is not Outcome.UNCHANGED and newest:
            record(Action.TEXT_PUBLISHED, letter=letter, revision=newest.number, file=outcome.value)
    caching.recent.forget(letter.slug)
    return outcome, newest.number if newest else 0


def translate(file: LetterFile, team_name: str) -> tuple[Outcome, int]:
    """Publish a translation of a public letter from its file, or bring it up to the file.

    Only its words are taken; goal, dates and moderation are those of the letter.

    Returns:
        What happened, and the number of the revision in force in that language.

    Raises:
        NotFound: there is no such public letter.
        ForeignLetter: it is another team's.
    """
    with writing(db.session):
        team = ensure_team(team_name)
        letter = _by_slug(file.slug)
        if letter is None or letter.published_at is None or letter.language == file.language:
            raise NotFound
        if letter.team_id != team.id:
            raise ForeignLetter
        said = {f"text.{file.language}": _said(file)["text"]}
        news = not said.items() <= letter.filed.items()
        revised = news and _revise(letter, file)
        letter.filed = letter.filed | said
        newest = revisions.newest(letter.id, file.language)
        if revised and newest:
            record(
                Action.TEXT_PUBLISHED,
                letter=letter,
                revision=newest.number,
                file=Outcome.REVISED.value,
            )
    caching.recent.forget(letter.slug)
    outcome = Outcome.REVISED if revised else Outcome.UNCHANGED
    return outcome, newest.number if newest else 0


def _said(file: LetterFile) -> dict[str, str]:
    """What a file says, by its words; the text as its hash."""
    exact = Text(file.title, file.to, file.sender, file.markdown).exact
    return {
        "language": file.language,
        "goal": str(file.goal),
        "opens": str(file.opens),
        "closes": str(file.closes),
        "moderation": file.moderation.value,
        "text": text.sha256(exact),
        **({} if file.indexed is None else {"indexed": str(file.indexed)}),
        **({} if file.hold is None else {"hold": str(file.hold)}),
        **({} if file.watch is None else {"watch": "; ".join(file.watch)}),
    }


def _by_slug(slug: str) -> Letter | None:
    """The letter that has this slug, or had it before it got another."""
    former = select(FormerSlug.letter_id).where(FormerSlug.slug == slug)
    return db.session.scalar(
        select(Letter)
        .where(or_(Letter.slug == slug, Letter.id.in_(former)))
        .with_for_update(key_share=True)
    )


def _bring_up(letter: Letter, file: LetterFile, news: set[str]) -> bool:
    """Take over what the file says anew; whether that changed the letter.

    What it said before may have been changed in the panel since, and stays so.
    """
    if "language" in news:
        letter.language = file.language
    if "goal" in news:
        letter.goals = [file.goal] if file.goal else []
    if "opens" in news:
        letter.opens_at = file.opens
    if "closes" in news:
        letter.closes_at = file.closes
    if "moderation" in news:
        letter.moderation = file.moderation
    if "indexed" in news:
        letter.indexed = bool(file.indexed)
    if "hold" in news:
        letter.hold = file.hold or 0
    if "watch" in news:
        letter.watch = list(file.watch or ())
    changed = db.session.is_modified(letter)
    letter.languages = _ordered(letter, letter.languages)
    db.session.flush()
    return changed


def _ordered(letter: Letter, languages: Iterable[str]) -> list[str]:
    """Languages in which a letter is published, its own first."""
    spoken = set(languages)
    own = [letter.language] if letter.language in spoken else []
    return [*own, *sorted(spoken - {letter.language})]


def _revise(letter: Letter, file: LetterFile) -> bool:
    """Make a revision of the file's text, where it is not the one in force; whether it was not."""
    said = Text(file.title, file.to, file.sender, file.markdown)
    newest = revisions.newest(letter.id, file.language)
    if newest is not None and newest.sha256 == text.sha256(said.exact):
        return False
    draft = drafts.of_letter(letter.id, file.language)
    follows = draft is not None and newest is not None and Text.of(draft) == Text.of(newest)
    revise(letter, file.language, said, Change.CORRECTION)
    if follows:
        put(letter.id, file.language, said, None)
    return True


def publish_draft(
    own: OwnLetter,
    organizer_id: int,
    shown: Written,
    change: Change | None = None,
    note: str = "",
) -> Revision:
    """Publish what is written in one language, exactly as it was shown.

    The first publication makes the letter public, at once or at its opening; so does the first
    after it came to another team, with the text that it has or with another. Once somebody has
    signed, a change must be declared.

    Args:
        shown: the draft and the text in force, as the organizer saw them.
        change: a correction or a change of substance.
        note: what was changed and why, for everybody.

    Raises:
        Forbidden: the organizer may not write.
        TextChanged: one of the two is not what was shown any more.
        NotPublishable: something is missing, nothing was changed, or the change is not declared.
    """
    must(own.role, Role.EDITOR)
    with writing(db.session):
        letter = hold(own.letter.id)
        there = drafts.written(letter, shown.language)
        if (there.version, number_of(there)) != (shown.version, number_of(shown)):
            raise TextChanged
        if hindrances(letter, there):
            raise NotPublishable
        if must_declare(letter, there) and (change is None or not note):
            raise NotPublishable
        revision = there.published
        if revision is None or there.changed:
            revision = revise(
                letter, shown.language, there.text, change or Change.CORRECTION, note, organizer_id
            )
        letter.published_at = letter.published_at or now()
        db.session.flush()
        record(
            Action.TEXT_PUBLISHED,
            organizer_id=organizer_id,
            letter=letter,
            revision=revision.number,
            change=revision.change,
        )
    caching.recent.forget(letter.slug)
    return revision


def number_of(written: Written) -> int:
    """The number of the text in force; 0 where there is none."""
    return written.published.number if written.published else 0


class Hindrance(Enum):
    """Why a text cannot be published."""

    TITLE = "title"
    ADDRESSEE = "addressee"
    SENDER = "sender"
    MARKDOWN = "markdown"
    UNCHANGED = "unchanged"
    UNTRANSLATED = "untranslated"
    """It still says word for word what the letter says in its own language."""
    OWN_FIRST = "own-first"
    """The letter's own language is not published yet."""
    OVER = "over"
    """The letter would be closed before anybody could sign it."""


def hindrances(letter: Letter, written: Written) -> list[Hindrance]:
    """What keeps a text from being published; nothing, where it is ready."""
    found = [
        each
        for each in (Hindrance.TITLE, Hindrance.ADDRESSEE, Hindrance.SENDER, Hindrance.MARKDOWN)
        if not getattr(written.text, each.value)
    ]
    if not written.changed and letter.published_at is not None:
        found.append(Hindrance.UNCHANGED)
    if written.published is None and letter.published_at is None and _is_over(letter):
        found.append(Hindrance.OVER)
    if written.language != letter.language:
        original = revisions.newest(letter.id, letter.language)
        if original is None:
            found.append(Hindrance.OWN_FIRST)
        elif written.text.markdown == original.markdown:
            found.append(Hindrance.UNTRANSLATED)
    return found


def _is_over(letter: Letter) -> bool:
    return letter.closes_at is not None and letter.closes_at <= now()


def must_declare(letter: Letter, written: Written) -> bool:
    """Whether a publication would change what somebody has signed."""
    if written.published is None or not written.changed:
        return False
    counts = tallies.of_letter(letter.id)
    return counts.pending + counts.held + counts.published > 0


def revise(
    letter: Letter,
    language: str,
    said: Text,
    change: Change,
    note: str = "",
    organizer_id: int | None = None,
) -> Revision:
    """Write a revision of a letter, inside the transaction that holds the letter.

    A change of substance in one language begins a new edition; in a language that stayed behind
    it brings the text up to that edition. Whoever signed an older one is asked to sign it too.

    Args:
        change: what it is to the text before it; the first text of all, and the first in a
            language, are told as such whatever is said.
    """
    latest = revisions.newest(letter.id)
    before = revisions.newest(letter.id, language)
    if before is None:
        change = Change.TRANSLATION if latest else Change.FIRST
    substance = change is Change.SUBSTANCE
    if before is not None and substance and before.edition == letter.edition:
        letter.edition += 1
    revision = Revision(
        letter_id=letter.id,
        language=language,
        number=latest.number + 1 if latest else 1,
        edition=before.edition if before and not substance else letter.edition,
        change=change,
        note=note,
        title=said.title,
        addressee=said.addressee,
        sender=said.sender,
        markdown=said.markdown,
        html=text.html(said.markdown, language),
        sha256=text.sha256(said.exact),
        published_by=organizer_id,
        asked_to=0 if substance else None,
    )
    if substance:
        _stop_asking(letter.id, language)
    db.session.add(revision)
    db.session.flush()
    letter.languages = _ordered(letter, [*letter.languages, language])
    return revision


def _stop_asking(letter_id: int, language: str) -> None:
    """Nobody is asked any more to sign a text that has been replaced itself."""
    db.session.execute(
        update(Revision)
        .where(
            Revision.letter_id == letter_id,
            Revision.language == language,
            Revision.asked_to.is_not(None),
        )
        .values(asked_to=None)
    )
