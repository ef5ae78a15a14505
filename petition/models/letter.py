"""Letters and their texts."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from petition.clock import now
from petition.models.base import BigKey, Key, Model, Moment

SLUG_LENGTH = 80
TITLE_LENGTH = 200
PARTY_LENGTH = 200
"""Characters of "to" and "from"."""
LANGUAGE_LENGTH = 35
"""Characters a language tag may need (RFC 5646 §4.4.1)."""


class Life(StrEnum):
    """Where a letter stands between writing and archive."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    OPEN = "open"
    CLOSED = "closed"


class Moderation(StrEnum):
    """Whether a confirmed signature is published at once or held for a moderator first."""

    AFTER = "after"
    BEFORE = "before"


class Letter(Model):
    """What is published and signed."""

    __tablename__ = "letter"

    id: Mapped[Key]
    team_id: Mapped[int] = mapped_column(BigKey, ForeignKey("team.id"), index=True)
    slug: Mapped[str] = mapped_column(String(SLUG_LENGTH), unique=True)
    language: Mapped[str] = mapped_column(String(LANGUAGE_LENGTH))
    addressee: Mapped[str] = mapped_column(String(PARTY_LENGTH))
    sender: Mapped[str] = mapped_column(String(PARTY_LENGTH))
    goal: Mapped[int | None]
    moderation: Mapped[str] = mapped_column(String(8), default=Moderation.AFTER)
    created_at: Mapped[Moment] = mapped_column(default=now)
    published_at: Mapped[Moment | None]
    opens_at: Mapped[Moment | None]
    closes_at: Mapped[Moment | None]

    def life(self, at: datetime) -> Life:
        """Told from the clock, so that a letter opens and closes on time whatever jobs are late."""
        if self.published_at is None:
            return Life.DRAFT
        if self.opens_at is not None and at < self.opens_at:
            return Life.SCHEDULED
        if self.closes_at is not None and at >= self.closes_at:
            return Life.CLOSED
        return Life.OPEN


class Revision(Model):
    """One exact text of a letter in one language. Never changed after it is written."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("letter_id", "language", "number"),)

    id: Mapped[Key]
    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"))
    language: Mapped[str] = mapped_column(String(LANGUAGE_LENGTH))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    markdown: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[Moment] = mapped_column(default=now)
