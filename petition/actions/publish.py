"""A text becomes a revision that the world reads; the same text again changes nothing."""

from enum import Enum

from sqlalchemy import func, select

from petition import caching, text
from petition.actions.organizers import ensure_team
from petition.clock import now
from petition.database import writing
from petition.exceptions import PetitionError
from petition.extensions import db
from petition.letterfile import LetterFile
from petition.models import Change, Letter, Revision


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
    beside them (the goal, the dates) does not.

    Returns:
        What happened, and the number of the revision in force.

    Raises:
        ForeignLetter: the slug is taken by another team.
    """
    with writing(db.session):
        team = ensure_team(team_name)
        letter = db.session.scalar(select(Letter).where(Letter.slug == file.slug).with_for_update())
        if letter is None:
            letter = Letter(team_id=team.id, slug=file.slug, published_at=now())
            db.session.add(letter)
            outcome = Outcome.PUBLISHED
        elif letter.team_id != team.id:
            raise ForeignLetter
        else:
            outcome = Outcome.UNCHANGED
        _bring_up(letter, file)
        if outcome is Outcome.UNCHANGED and db.session.is_modified(letter):
            outcome = Outcome.CHANGED
            letter.version += 1
        db.session.flush()
        number, revised = _revise(letter, file)
        if revised and outcome is not Outcome.PUBLISHED:
            outcome = Outcome.REVISED
    caching.recent.forget(file.slug)
    return outcome, number


def _bring_up(letter: Letter, file: LetterFile) -> None:
    letter.language = file.language
    letter.goals = [file.goal] if file.goal else []
    letter.opens_at = file.opens
    letter.closes_at = file.closes
    letter.moderation = file.moderation


def _revise(letter: Letter, file: LetterFile) -> tuple[int, bool]:
    """The number of the revision with the file's text, and whether it had to be made."""
    newest = newest_revision(letter.id, file.language)
    exact = text.exact(file.title, file.to, file.sender, file.markdown)
    if newest is not None and newest.sha256 == text.sha256(exact):
        return newest.number, False
    revision = revise(
        letter,
        file.language,
        file.title,
        file.to,
        file.sender,
        file.markdown,
        change=Change.CORRECTION,
    )
    return revision.number, True


def newest_revision(letter_id: int, language: str | None = None) -> Revision | None:
    """The text in force, in one language or in whichever was published last."""
    statement = select(Revision).where(Revision.letter_id == letter_id)
    if language is not None:
        statement = statement.where(Revision.language == language)
    return db.session.scalar(statement.order_by(Revision.number.desc()).limit(1))


def revise(
    letter: Letter,
    language: str,
    title: str,
    addressee: str,
    sender: str,
    markdown: str,
    *,
    change: Change,
    note: str = "",
    organizer_id: int | None = None,
) -> Revision:
    """Write a revision of a letter, inside the transaction that holds the letter.

    Args:
        change: what it is to the text before it; the first text of all, and the first in a
            language, are told as such whatever is said.
    """
    latest = newest_revision(letter.id)
    edition = db.session.scalar(
        select(func.max(Revision.edition)).where(Revision.letter_id == letter.id)
    )
    if latest is None:
        change = Change.FIRST
    elif change is Change.CORRECTION and newest_revision(letter.id, language) is None:
        change = Change.TRANSLATION
    revision = Revision(
        letter_id=letter.id,
        language=language,
        number=latest.number + 1 if latest else 1,
        edition=(edition or 1) + (change is Change.SUBSTANCE),
        change=change,
        note=note,
        title=title,
        addressee=addressee,
        sender=sender,
        markdown=markdown,
        html=text.html(markdown, language),
        sha256=text.sha256(text.exact(title, addressee, sender, markdown)),
        published_by=organizer_id,
    )
    db.session.add(revision)
    db.session.flush()
    spoken = {letter.language, language, *letter.languages}
    letter.languages = [letter.language, *sorted(spoken - {letter.language})]
    return revision
