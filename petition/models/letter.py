"""Letters, what is being written for them, and the texts they were published with."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    case,
    false,
    literal_column,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from petition.clock import now
from petition.models.asking import Asking, understand
from petition.models.base import BigKey, Key, Model, Moment
from petition.models.embedding import Framing

SLUG_LENGTH = 80
TITLE_LENGTH = 200
PARTY_LENGTH = 200
"""Characters of "to" and "from"."""
LANGUAGE_LENGTH = 35
"""Characters a language tag may need (RFC 5646 §4.4.1)."""
TEXT_LENGTH = 100_000
"""Characters of the longest letter, in Markdown."""
NOTE_LENGTH = 500
"""Characters of a public sentence or two: why a text was changed, why a letter was withdrawn."""
MESSAGE_LENGTH = 2_000
"""Characters of what is said at a letter's end."""
CONTACT_LENGTH = 300
MOST_WATCHED = 500
"""Names that the organizers of one letter want to be asked about."""


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


class Listing(StrEnum):
    """How the names of those who show them stand in public."""

    NAMES = "names"
    INITIALS = "initials"
    NOT = "not"


class Switch(StrEnum):
    """What guards a letter for a while, and is turned on and off by one press."""

    PAUSE = "pause"
    """It takes no signatures."""
    HOLD = "hold"
    """Whatever is confirmed waits for a moderator."""
    PROOF = "proof"
    """No form is taken without proof of work."""
    HIDE = "hide"
    """No name is shown."""


class Outcome(StrEnum):
    """What came of a letter."""

    WON = "won"
    PARTLY = "partly"
    LOST = "lost"
    DELIVERED = "delivered"


class Change(StrEnum):
    """What a revision is to the text before it."""

    FIRST = "first"
    TRANSLATION = "translation"
    """The same letter in another language, for the first time."""
    CORRECTION = "correction"
    """Says the same: who signed before stands under this text too."""
    SUBSTANCE = "substance"
    """Says something else: who signed before stays under the text they signed."""


class Letter(Model):
    """What is published and signed."""

    __tablename__ = "letter"

    id: Mapped[Key]
    team_id: Mapped[int] = mapped_column(BigKey, ForeignKey("team.id"), index=True)
    slug: Mapped[str] = mapped_column(String(SLUG_LENGTH), unique=True)
    language: Mapped[str] = mapped_column(String(LANGUAGE_LENGTH))
    """Its own language: what is shown where none is asked for."""
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The languages it is published in, its own first."""
    edition: Mapped[int] = mapped_column(default=1)
    """Of its newest text; the texts in other languages may still be of an older one."""
    goals: Mapped[list[int]] = mapped_column(JSON, default=list)
    """Ascending; the next appears when one is reached."""
    moderation: Mapped[str] = mapped_column(String(8), default=Moderation.AFTER)
    hold: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """Signals (`Signal`, added up) that hold a confirmed signature for a moderator."""
    watch: Mapped[list[str]] = mapped_column(JSON, default=list, server_default=text("'[]'"))
    """Names that are held until somebody has made sure, beside those the site knows."""
    hands_over: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The names are handed to the addressee, and the form asks whether one's own may be."""
    indexed: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Search engines may read the list of names."""
    listing: Mapped[str] = mapped_column(String(8), default=Listing.NAMES)
    paused_at: Mapped[Moment | None]
    """Since when it takes no signatures for a while, though it is open."""
    paused_words: Mapped[str] = mapped_column(
        String(NOTE_LENGTH), default="", server_default=text("''")
    )
    """What everybody reads meanwhile."""
    holds_all: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whatever is confirmed waits for a moderator, for a while."""
    demands_proof: Mapped[bool] = mapped_column(default=False, server_default=false())
    """No form is taken without proof of work, for a while."""
    list_hidden_at: Mapped[Moment | None]
    """Since when no name is shown, for a while; the count stands."""
    framing: Mapped[str] = mapped_column(
        String(8), default=Framing.ANYWHERE, server_default=text("'anywhere'")
    )
    """On which other sites it can be signed."""
    promise_hours: Mapped[int] = mapped_column(default=24, server_default=text("24"))
    """Within how many hours whatever waits is to be decided about."""
    fields: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What the form asks beside name and address, where that is not the usual."""
    questions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """What the organizer asks besides."""
    wording: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict)
    """By language, what is said around the letter and is not part of its text."""
    hidden: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """Since when something is shown less than it was (ISO 8601): who signed after that was
    promised so."""
    responsible: Mapped[str] = mapped_column(String(CONTACT_LENGTH), default="")
    """Who answers for what happens to the signers' data; the letter's sender, where empty."""
    contact: Mapped[str] = mapped_column(String(CONTACT_LENGTH), default="")
    """Where to reach them: an e-mail address or a web address."""
    filed: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """What its file said when it was last published from one, by the file's words."""
    paper: Mapped[int] = mapped_column(default=0)
    """Signatures on paper, the sum of what was handed in (`PaperBatch`)."""
    version: Mapped[int] = mapped_column(default=0)
    """Raised by every change of what stands here, so that none overwrites another unseen."""
    created_at: Mapped[Moment] = mapped_column(default=now)
    published_at: Mapped[Moment | None]
    opens_at: Mapped[Moment | None]
    closes_at: Mapped[Moment | None]
    outcome: Mapped[str | None] = mapped_column(String(12))
    outcome_message: Mapped[str] = mapped_column(Text, default="")
    outcome_at: Mapped[Moment | None]
    """When that was last said; nobody knows, where it was before this was kept."""
    withdrawn_at: Mapped[Moment | None]
    """Taken from view; its address says so, with the reason."""
    withdrawn_reason: Mapped[str] = mapped_column(String(NOTE_LENGTH), default="")
    anonymous_at: Mapped[Moment | None]
    """When all its signatures were made anonymous, for good; it takes none after that."""
    grouped_at: Mapped[Moment | None]
    """When its names were last counted by group."""
    grouped: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """How many were published then; below 0, if the search has learnt names since."""
    counted: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """How many it had, with those on paper, when its milestones were last looked at."""
    deleted_at: Mapped[Moment | None]
    """A draft that was thrown away, and can be brought back."""

    def life(self, at: datetime) -> Life:
        """Told from the clock, so that a letter opens and closes on time whatever jobs are late."""
        if self.published_at is None:
            return Life.DRAFT
        if self.opens_at is not None and at < self.opens_at:
            return Life.SCHEDULED
        if self.anonymous_at is not None:
            return Life.CLOSED
        if self.closes_at is not None and at >= self.closes_at:
            return Life.CLOSED
        return Life.OPEN

    @property
    def in_view(self) -> bool:
        """Whether it can be read, or could, as soon as it opens."""
        return self.published_at is not None and self.withdrawn_at is None

    @hybrid_property
    def moderated(self) -> str:
        """How it is moderated now: while whatever is confirmed waits, as if before."""
        return Moderation.BEFORE if self.holds_all else self.moderation

    @moderated.inplace.expression
    @classmethod
    def _moderated(cls) -> ColumnElement[str]:
        return case((cls.holds_all, literal_column("'before'")), else_=cls.moderation)

    @property
    def switched(self) -> list[Switch]:
        """What guards it at the moment."""
        on = {
            Switch.PAUSE: self.paused_at is not None,
            Switch.HOLD: self.holds_all,
            Switch.PROOF: self.demands_proof,
            Switch.HIDE: self.list_hidden_at is not None,
        }
        return [switch for switch, is_on in on.items() if is_on]

    @property
    def asking(self) -> Asking:
        """What its form asks."""
        return understand(self.fields, self.questions)

    def goal(self, reached: int) -> int | None:
        """The next goal, for a letter with so many signatures; the last, where all are reached."""
        return next((goal for goal in self.goals if goal > reached), max(self.goals, default=None))


class FormerSlug(Model):
    """An address that a letter had before; it leads to the letter for good."""

    __tablename__ = "former_slug"

    slug: Mapped[str] = mapped_column(String(SLUG_LENGTH), primary_key=True)
    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"), index=True)
    created_at: Mapped[Moment] = mapped_column(default=now)


class Draft(Model):
    """What is being written for a letter in one language, until it is published."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("letter_id", "language"),)

    id: Mapped[Key]
    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"))
    language: Mapped[str] = mapped_column(String(LANGUAGE_LENGTH))
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH), default="")
    addressee: Mapped[str] = mapped_column(String(PARTY_LENGTH), default="")
    sender: Mapped[str] = mapped_column(String(PARTY_LENGTH), default="")
    markdown: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=0)
    """Raised by every saving, so that none overwrites another unseen."""
    edited_by: Mapped[int | None] = mapped_column(BigKey, ForeignKey("organizer.id"))
    edited_at: Mapped[Moment] = mapped_column(default=now)
    discarded_at: Mapped[Moment | None]
    """A translation that is not to be; it comes back with its words when it is begun anew."""
    replaced: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    """What somebody else had saved, before it was saved over: one text, the last."""
    replaced_of: Mapped[int | None] = mapped_column(BigKey, ForeignKey("organizer.id"))
    """Who had saved that."""


class Revision(Model):
    """One exact text of a letter in one language. Never changed after it is written."""

    __tablename__ = "revision"
    __table_args__ = (
        UniqueConstraint("letter_id", "number"),
        # Whose signers are still being asked. Few are, and the texts between are long.
        Index(
            "ix_revision_asked_to",
            "asked_to",
            postgresql_where=text("asked_to IS NOT NULL"),
            sqlite_where=text("asked_to IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"))
    language: Mapped[str] = mapped_column(String(LANGUAGE_LENGTH))
    number: Mapped[int]
    """Counted over all languages of the letter."""
    edition: Mapped[int] = mapped_column(default=1)
    """Counts the changes of substance: texts of one edition say the same."""
    change: Mapped[str] = mapped_column(String(12), default=Change.FIRST)
    note: Mapped[str] = mapped_column(String(NOTE_LENGTH), default="")
    """What was changed and why, for everybody."""
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    addressee: Mapped[str] = mapped_column(String(PARTY_LENGTH))
    sender: Mapped[str] = mapped_column(String(PARTY_LENGTH))
    markdown: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    published_by: Mapped[int | None] = mapped_column(BigKey, ForeignKey("organizer.id"))
    published_at: Mapped[Moment] = mapped_column(default=now)
    asked_to: Mapped[int | None] = mapped_column(BigKey)
    """The last signature whose signer was asked to sign this text too; None, once all were."""
