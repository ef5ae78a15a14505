"""What a team needs to keep a long list clean together: sweeps, rules, bursts, notes."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from petition.clock import now
from petition.models.base import BigKey, Key, Model, Moment
from petition.models.letter import NOTE_LENGTH
from petition.models.signature import DIGEST_BYTES, REASON_LENGTH, State
from petition.models.team import EMAIL_LENGTH

NOTE_WORDS = 1000
BURST_LABEL_LENGTH = 254


class Act(StrEnum):
    """What is decided about many signatures at once."""

    PUBLISH = "publish"
    REJECT = "reject"
    HOLD = "hold"
    RESTORE = "restore"
    """Each stands as it would have, had it not been set aside or rejected."""


TAKES = {
    Act.PUBLISH: (State.HELD, State.QUARANTINED),
    Act.REJECT: (State.HELD, State.QUARANTINED, State.PUBLISHED),
    Act.HOLD: (State.QUARANTINED, State.PUBLISHED),
    Act.RESTORE: (State.QUARANTINED, State.REJECTED),
}
"""Those about which each can be decided, many at once. Whoever has not confirmed is not there yet,
and whoever withdrew is gone."""


class Origin(StrEnum):
    """How the signatures of a sweep were chosen."""

    SELECTION = "selection"
    """Each by a tick."""
    FILTER = "filter"
    """All that the queue was showing, and its further pages."""
    INVALIDATION = "invalidation"
    """By conditions that say what is wrong with them."""


class Stage(StrEnum):
    """How far a sweep has come."""

    COLLECTING = "collecting"
    READY = "ready"
    """All are known that it is about; nothing has been moved."""
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    DISCARDED = "discarded"


class Sweep(Model):
    """One decision about many signatures: which, what, why, and how far it has come.

    Which they are is settled before anything is moved (`Swept`), so that what was shown is what
    is acted on. The worker carries it out, a batch in a transaction.
    """

    __tablename__ = "sweep"
    __table_args__ = (
        Index(
            "ix_sweep_due",
            "id",
            postgresql_where=text("stage IN ('collecting', 'running', 'undoing')"),
            sqlite_where=text("stage IN ('collecting', 'running', 'undoing')"),
        ),
        Index(None, "letter_id", "id"),
    )

    id: Mapped[Key]
    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"))
    organizer_id: Mapped[int] = mapped_column(BigKey, ForeignKey("organizer.id"))
    origin: Mapped[str] = mapped_column(String(12))
    conditions: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """As they stand in the address of the queue; none for a selection."""
    act: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str | None] = mapped_column(String(REASON_LENGTH))
    words: Mapped[str] = mapped_column(String(NOTE_LENGTH), default="")
    """Why, for the team."""
    tells: Mapped[bool] = mapped_column(default=False)
    """Each signer gets a mail about it."""
    last_id: Mapped[int] = mapped_column(BigKey)
    """The newest signature there was when the organizer looked: later ones are left alone."""
    shown_at: Mapped[Moment]
    """When the organizer looked: what was decided about since is left alone."""
    stage: Mapped[str] = mapped_column(String(12))
    passed: Mapped[int] = mapped_column(BigKey, default=0)
    """The signature up to which the stage has come."""
    found: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    """How many it is about, by where they stand and where they go: "held published". Those that
    it leaves where they are stay: "held held"."""
    moved: Mapped[int] = mapped_column(default=0)
    left: Mapped[int] = mapped_column(default=0)
    """Not moved: somebody decided about them first, or nothing is left of them to decide on."""
    back: Mapped[int] = mapped_column(default=0)
    """Moved back, when it was undone."""
    created_at: Mapped[Moment] = mapped_column(default=now)
    began_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    undone_at: Mapped[Moment | None]
    undone_by: Mapped[int | None] = mapped_column(BigKey, ForeignKey("organizer.id"))


class Swept(Model):
    """A signature that a sweep is about."""

    __tablename__ = "swept"
    __table_args__ = ({"sqlite_with_rowid": False},)

    sweep_id: Mapped[int] = mapped_column(BigKey, ForeignKey("sweep.id"), primary_key=True)
    signature_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("signature.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    from_state: Mapped[str] = mapped_column(String(12))
    """Where it stood when it was found; where it stands elsewhere since, it is left alone."""


class Removal(Model):
    """How many signatures stand rejected, by the day and the reason. Kept, as the tally is.

    The sum over a letter is its tally of rejected ones.
    """

    __tablename__ = "removal"

    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    """In UTC."""
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH), primary_key=True)
    number: Mapped[int]


class Note(Model):
    """What an organizer wrote about a signature for the team, or handed it over with.

    Append-only; gone with the words of a signature that is erased.
    """

    __tablename__ = "note"

    id: Mapped[Key]
    signature_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("signature.id", ondelete="CASCADE"), index=True
    )
    organizer_id: Mapped[int] = mapped_column(BigKey, ForeignKey("organizer.id"))
    words: Mapped[str] = mapped_column(String(NOTE_WORDS), default="")
    handed_to: Mapped[int | None] = mapped_column(BigKey, ForeignKey("organizer.id"))
    created_at: Mapped[Moment] = mapped_column(default=now)


class Attention(Model):
    """Which signature of a letter an organizer is looking at."""

    __tablename__ = "attention"

    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"), primary_key=True)
    organizer_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("organizer.id", ondelete="CASCADE"), primary_key=True
    )
    signature_id: Mapped[int | None] = mapped_column(BigKey)
    seen_at: Mapped[Moment]


class Effect(StrEnum):
    """What a rule does with a signature."""

    BLOCK = "block"
    """Sets it aside without a word."""
    ALLOW = "allow"
    """Lets it stand whatever was noticed, but for a well-known name."""


class Subject(StrEnum):
    """What a rule goes by."""

    ADDRESS = "address"
    DOMAIN = "domain"
    NETWORK = "network"


class Rule(Model):
    """An entry of the block and allow lists of a team, or of one of its letters."""

    __tablename__ = "rule"

    id: Mapped[Key]
    team_id: Mapped[int] = mapped_column(BigKey, ForeignKey("team.id"), index=True)
    letter_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("letter.id"), index=True)
    """None: for all letters of the team."""
    effect: Mapped[str] = mapped_column(String(8))
    subject: Mapped[str] = mapped_column(String(8))
    value: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    """A domain, `*.` before it for all below it; a network (CIDR); an address in part only."""
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(DIGEST_BYTES))
    """Of the canonical address; the address itself is not kept."""
    reason: Mapped[str] = mapped_column(String(NOTE_LENGTH))
    organizer_id: Mapped[int] = mapped_column(BigKey, ForeignKey("organizer.id"))
    created_at: Mapped[Moment] = mapped_column(default=now)
    expires_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    ended_by: Mapped[int | None] = mapped_column(BigKey, ForeignKey("organizer.id"))


class Rising(StrEnum):
    """What a burst has in common."""

    NETWORK = "network"
    DOMAIN = "domain"
    NAME = "name"
    LETTER = "letter"
    """Nothing but the letter."""


class Burst(Model):
    """More signatures at a time than a letter usually sees."""

    __tablename__ = "burst"
    __table_args__ = (
        Index(
            "ix_burst_open",
            "letter_id",
            "rising",
            "key",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
            sqlite_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"))
    rising: Mapped[str] = mapped_column(String(8))
    key: Mapped[str] = mapped_column(String(BURST_LABEL_LENGTH), default="")
    """Of the network or the look of the name as a number, or the domain."""
    label: Mapped[str] = mapped_column(String(BURST_LABEL_LENGTH), default="")
    """For people; of a network nothing is known."""
    number: Mapped[int]
    """How many came."""
    usual: Mapped[int]
    """How many come in such a while otherwise."""
    began_at: Mapped[Moment]
    last_at: Mapped[Moment]
    mailed_at: Mapped[Moment | None]
    closed_at: Mapped[Moment | None]
    closed_by: Mapped[int | None] = mapped_column(BigKey, ForeignKey("organizer.id"))
