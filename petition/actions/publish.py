"""A letter file becomes a public letter; the same file again changes nothing."""

from enum import Enum

from sqlalchemy import func, select

from petition import caching, text
from petition.actions.organizers import ensure_team
from petition.clock import now
from petition.database import writing
from petition.exceptions import PetitionError
from petition.extensions import db
from petition.letterfile import LetterFile
from petition.models import Letter, Revision


class Outcome(Enum):
    """What publishing a file did."""

    PUBLISHED = "published"
    REVISED = "revised"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class ForeignLetter(PetitionError):
    """The slug belongs to a letter of another team."""


def publish(file: LetterFile, team_name: str) -> tuple[Outcome, int]:
    """Publish a letter, or bring it up to the file.

    A changed title or text makes a revision; what changes beside them (the goal, the dates) does
    not.

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
        db.session.flush()
        number, revised = _revise(letter, file)
        if revised and outcome is not Outcome.PUBLISHED:
            outcome = Outcome.REVISED
    caching.recent.forget(file.slug)
    return outcome, number


def _bring_up(letter: Letter, file: LetterFile) -> None:
    letter.language = file.language
    letter.addressee = file.to
    letter.sender = file.sender
    letter.goal = file.goal
    letter.opens_at = file.opens
    letter.closes_at = file.closes
    letter.moderation = file.moderation


def _revise(letter: Letter, file: LetterFile) -> tuple[int, bool]:
    """The number of the revision with the file's text, and whether it had to be made."""
    newest = db.session.scalar(
        select(Revision)
        .where(Revision.letter_id == letter.id, Revision.language == file.language)
        .order_by(Revision.number.desc())
        .limit(1)
    )
    sha256 = text.sha256(file.title, file.markdown)
    if newest is not None and newest.sha256 == sha256:
        return newest.number, False
    number = db.session.scalar(
        select(func.coalesce(func.max(Revision.number), 0) + 1).where(
            Revision.letter_id == letter.id
        )
    )
    db.session.add(
        Revision(
            letter_id=letter.id,
            language=file.language,
            number=number,
            title=file.title,
            markdown=file.markdown,
            html=text.html(file.markdown, file.language),
            sha256=sha256,
        )
    )
    return int(number or 1), True
