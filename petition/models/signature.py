"""Signatures, the decisions made about them, and how many stand in each state."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag, StrEnum
from typing import Any, Protocol

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from petition.clock import now
from petition.models.base import BigKey, Key, Model, Moment, UtcDateTime
from petition.models.letter import LANGUAGE_LENGTH, Moderation
from petition.models.team import EMAIL_LENGTH

NAME_LENGTH = 100
AFFILIATION_LENGTH = 120
ROLE_LENGTH = 80
LOCATION_LENGTH = 80
COMMENT_LENGTH = 500
COUNTRY_LENGTH = 2
DIGEST_BYTES = 32
EVIDENCE_LENGTH = 500
REPORT_LENGTH = 1000
REASON_LENGTH = 24
SOURCE_LENGTH = 80


class State(StrEnum):
    """Where a signature stands. Only `published` is counted and shown."""

    PENDING = "pending"
    PUBLISHED = "published"
    HELD = "held"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    QUARANTINED = "quarantined"
    """Confirmed, and set aside without a word to whoever signed: organizers see it."""


STANDING = frozenset({State.PUBLISHED, State.HELD, State.QUARANTINED})
"""Confirmed, and neither withdrawn nor rejected; to its signer, each stands like the others."""


class Actor(StrEnum):
    """Who moved a signature."""

    SIGNER = "signer"
    ORGANIZER = "organizer"
    SCREENING = "screening"
    """The site itself, by what it noticed."""


class Signal(IntFlag):
    """What was noticed about a signature: each is a reason to look, none is a proof."""

    UNSOLVED = 1
    """Came without the proof of work that a browser with scripts does by itself."""
    NETWORK = 2
    """Many came from one network at that time."""
    THROWAWAY = 4
    """The domain of the address is known for addresses to throw away."""
    SAME_NAME = 8
    """Another signature of the letter has this name."""
    LIKE_NAME = 16
    """Another signature of the letter has a name that looks the same and is spelt otherwise."""
    NOTABLE = 32
    """The name, or one that looks like it, is on a list of well-known people."""
    SCRIPTS = 64
    """Letters of several scripts in one word."""
    DOMAIN = 128
    """The address belongs to another university or authority than the one that was given."""
    NOISE = 256
    """What a hand leaves that runs over the keyboard."""
    JOKE = 512
    """The name of somebody who does not exist, or no name of a person."""
    BLOCKED = 1024
    """A rule of the team sets it aside."""
    ALLOWED = 2048
    """A rule of the team lets it stand, whatever else was noticed."""

    @property
    def code(self) -> str:
        """What one of them is called in files and addresses."""
        return (self.name or "").lower().replace("_", "-")


NOT_CHOSEN = Signal.NOTABLE | Signal.NETWORK | Signal.BLOCKED | Signal.ALLOWED
"""What no letter chooses to hold a signature for: the first always waits, the next two are set
aside, and the last is no reason to look."""

OF_THE_WAY = Signal.UNSOLVED | Signal.NETWORK | Signal.BLOCKED | Signal.ALLOWED
"""What was noticed in how a signature came, or by rules: no correction of its words changes it."""


def is_held(moderation: str, hold: int, signals: int, *, known: bool) -> bool:
    """Whether a confirmed signature waits for a moderator.

    Args:
        moderation: of the letter (`Moderation`).
        hold: the signals that hold a signature of the letter.
        known: an organizer has made sure who it is, or has asked them to sign first.
    """
    allowed = bool(signals & Signal.ALLOWED)
    reasons = signals & (Signal.NOTABLE if allowed else hold | Signal.NOTABLE)
    return moderation == Moderation.BEFORE or (bool(reasons) and not known)


class Decidable(Protocol):
    """A signature, as far as it matters to whoever decides about it."""

    @property
    def state(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def signals(self) -> int: ...
    @property
    def verified_at(self) -> datetime | None: ...


def is_unsure(signature: Decidable, to: str) -> bool:
    """Whether somebody has to make sure who it is before it goes there."""
    notable = bool(signature.signals & Signal.NOTABLE)
    return to == State.PUBLISHED and notable and signature.verified_at is None


def is_undoable(signature: Decidable, last: "Decision | None") -> bool:
    """Whether the last decision about a signature can be undone, where it is sure who it is
    (`is_unsure`): an organizer moved it by that, which undid nothing, and its words are there."""
    if last is None or last.actor != Actor.ORGANIZER or last.undoes_id is not None:
        return False
    return last.from_state != last.to_state == signature.state and bool(signature.name)


class Reason(StrEnum):
    """Why a signature is rejected: the reasons that a team has until it writes its own list."""

    DUPLICATE = "duplicate"
    NOT_A_NAME = "not-a-name"
    IMPERSONATION = "impersonation"
    ADVERTISING = "advertising"
    ABUSE = "abuse"
    WRONG_AFFILIATION = "wrong-affiliation"
    ON_REQUEST = "on-request"


class Cause(StrEnum):
    """Why somebody reports a signature."""

    NOT_ME = "not-me"
    NO_PERSON = "no-person"
    SOMEBODY_ELSE = "somebody-else"
    ABUSE = "abuse"
    OTHER = "other"
    APPEAL = "appeal"
    """Its signer does not agree that it was rejected."""


class Consent(StrEnum):
    """What a signer may agree to."""

    SIGN = "sign"
    NAME = "name"
    """That the name is shown."""
    INITIALS = "initials"
    """That its first letters are."""
    UPDATES = "updates"
    ADDRESSEE = "addressee"
    """That it may be handed to them."""


class Ticks(Protocol):
    """What a signer has ticked."""

    @property
    def show_name(self) -> bool: ...
    @property
    def initials(self) -> bool: ...
    @property
    def updates(self) -> bool: ...
    @property
    def pass_on(self) -> bool: ...


def agreed(ticks: Ticks) -> dict[Consent, bool]:
    """What is agreed to besides signing."""
    return {
        Consent.NAME: ticks.show_name and not ticks.initials,
        Consent.INITIALS: ticks.show_name and ticks.initials,
        Consent.UPDATES: ticks.updates,
        Consent.ADDRESSEE: ticks.pass_on,
    }


class Signature(Model):
    """One person's name under one letter, tied to the revision they read."""

    __tablename__ = "signature"
    __table_args__ = (
        # One canonical address signs a letter once. The digest leads, so that the same index
        # finds what one address did across letters.
        UniqueConstraint("digest", "letter_id"),
        # A letter's own, in the order they came: on a site with many letters nothing else finds
        # the few of a small one.
        Index(None, "letter_id", "id"),
        # In the order of the public list; those who hide their name are counted by time too.
        Index(
            "ix_signature_public",
            "letter_id",
            "show_name",
            "published_at",
            "id",
            postgresql_where=text("state = 'published'"),
            sqlite_where=text("state = 'published'"),
        ),
        # Those few who stand first.
        Index(
            "ix_signature_first",
            "letter_id",
            "position",
            postgresql_where=text("position IS NOT NULL"),
            sqlite_where=text("position IS NOT NULL"),
        ),
        Index(
            "ix_signature_held",
            "letter_id",
            "confirmed_at",
            "id",
            postgresql_where=text("state = 'held'"),
            sqlite_where=text("state = 'held'"),
        ),
        Index(
            "ix_signature_quarantined",
            "letter_id",
            "confirmed_at",
            "id",
            postgresql_where=text("state = 'quarantined'"),
            sqlite_where=text("state = 'quarantined'"),
        ),
        # What was confirmed from one network of late, and what was confirmed unsolved.
        Index(
            "ix_signature_network",
            "network",
            "letter_id",
            "created_at",
            postgresql_where=text("network IS NOT NULL AND confirmed_at IS NOT NULL"),
            sqlite_where=text("network IS NOT NULL AND confirmed_at IS NOT NULL"),
        ),
        Index(
            "ix_signature_unsolved",
            "letter_id",
            "created_at",
            postgresql_where=text(
                "network IS NOT NULL AND confirmed_at IS NOT NULL AND NOT solved"
            ),
            sqlite_where=text("network IS NOT NULL AND confirmed_at IS NOT NULL AND NOT solved"),
        ),
        # Those about which something was noticed, apart from what only came unsolved: on some
        # letters that is nearly all.
        Index(
            "ix_signature_noticed",
            "letter_id",
            "id",
            postgresql_where=text("signals > 1"),
            sqlite_where=text("signals > 1"),
        ),
        # What does not count any more.
        Index(
            "ix_signature_rejected",
            "letter_id",
            "removed_at",
            "id",
            postgresql_where=text("state = 'rejected'"),
            sqlite_where=text("state = 'rejected'"),
        ),
        Index(
            "ix_signature_withdrawn",
            "letter_id",
            "id",
            postgresql_where=text("state = 'withdrawn'"),
            sqlite_where=text("state = 'withdrawn'"),
        ),
        # Who was made up for a demonstration: nobody, on a site that is not one.
        Index(
            "ix_signature_invented",
            "letter_id",
            postgresql_where=text("state = 'published' AND invented"),
            sqlite_where=text("state = 'published' AND invented"),
        ),
        # What was handed to one of the team.
        Index(
            "ix_signature_assigned",
            "letter_id",
            "assignee_id",
            "id",
            postgresql_where=text("assignee_id IS NOT NULL"),
            sqlite_where=text("assignee_id IS NOT NULL"),
        ),
        # Who has the same name, or one that looks like it.
        Index(
            "ix_signature_skeleton",
            "letter_id",
            "skeleton",
            postgresql_where=text("confirmed_at IS NOT NULL AND skeleton IS NOT NULL"),
            sqlite_where=text("confirmed_at IS NOT NULL AND skeleton IS NOT NULL"),
        ),
        # What the search does not know yet.
        Index(
            "ix_signature_unsearchable",
            "id",
            postgresql_where=text("confirmed_at IS NOT NULL AND NOT searchable"),
            sqlite_where=text("confirmed_at IS NOT NULL AND NOT searchable"),
        ),
        # The public list by affiliation, by country, and with comments alone.
        Index(
            "ix_signature_affiliation",
            "letter_id",
            "affiliation_key",
            "published_at",
            "id",
            postgresql_where=text("state = 'published' AND affiliation_key IS NOT NULL"),
            sqlite_where=text("state = 'published' AND affiliation_key IS NOT NULL"),
        ),
        Index(
            "ix_signature_country",
            "letter_id",
            "country",
            "published_at",
            "id",
            postgresql_where=text("state = 'published' AND country <> ''"),
            sqlite_where=text("state = 'published' AND country <> ''"),
        ),
        Index(
            "ix_signature_commented",
            "letter_id",
            "show_name",
            "published_at",
            "id",
            postgresql_where=text("state = 'published' AND comment <> ''"),
            sqlite_where=text("state = 'published' AND comment <> ''"),
        ),
        # A deleted row's number must never come back: mailed links carry it.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"))
    revision_id: Mapped[int] = mapped_column(BigKey, ForeignKey("revision.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary(DIGEST_BYTES))
    """The canonical address, as a keyed digest (`address.digest`)."""
    state: Mapped[str] = mapped_column(String(12))
    email: Mapped[str | None] = mapped_column(String(EMAIL_LENGTH))
    """The address as typed, for delivery. Gone when the signer leaves."""
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    affiliation: Mapped[str] = mapped_column(String(AFFILIATION_LENGTH), default="")
    role: Mapped[str] = mapped_column(String(ROLE_LENGTH), default="")
    location: Mapped[str] = mapped_column(String(LOCATION_LENGTH), default="")
    comment: Mapped[str] = mapped_column(String(COMMENT_LENGTH), default="")
    country: Mapped[str] = mapped_column(
        String(COUNTRY_LENGTH), default="", server_default=text("''")
    )
    """As ISO 3166-1 writes it in two letters."""
    answers: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """To the organizer's own questions, by their keys."""
    show_name: Mapped[bool] = mapped_column(default=True)
    initials: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Where the name is shown, only its first letters are."""
    updates: Mapped[bool] = mapped_column(default=False)
    pass_on: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The name may be handed to the addressee, whether it is shown or not."""
    consents: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    """What was agreed to or taken back after signing, in order; what was agreed to in signing is
    said by the columns around this one."""
    invented: Mapped[bool] = mapped_column(default=False)
    """Made by `petition letter seed`; shown as such wherever the name is shown."""
    language: Mapped[str] = mapped_column(String(LANGUAGE_LENGTH))
    consented_at: Mapped[Moment]
    created_at: Mapped[Moment] = mapped_column(default=now)
    confirmed_at: Mapped[Moment | None]
    published_at: Mapped[Moment | None]
    position: Mapped[int | None]
    """The place of a first signatory, in the organizer's order; nobody else has one."""
    requests: Mapped[int] = mapped_column(default=1)
    """How often this address asked to sign this letter."""
    mailbox: Mapped[bytes | None]
    """A keyed digest of the address itself, once that is erased: by it the owner is known."""
    network: Mapped[int | None] = mapped_column(BigInteger)
    """Where the form came from: 64 bits of a digest whose key changes daily and is then lost."""
    solved: Mapped[bool] = mapped_column(default=False, server_default=false())
    """With proof of work."""
    signals: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """What was noticed (`Signal`), added up."""
    skeleton: Mapped[int | None] = mapped_column(BigInteger)
    """Of the name, by which names that look the same are found (`lookalike.skeleton`)."""
    affiliation_key: Mapped[int | None] = mapped_column(BigInteger)
    """Of the affiliation, the same for its spellings; none, where none is given or shown."""
    searchable: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The search knows its words."""
    verified_at: Mapped[Moment | None]
    """When an organizer last made sure who it is (`Verification`)."""
    told: Mapped[str | None] = mapped_column(String(12))
    """Where its signer is told that it stands, when it is set aside."""
    removed_for: Mapped[str | None] = mapped_column(String(REASON_LENGTH))
    """Why it is rejected, while it is."""
    removed_at: Mapped[Moment | None]
    """Since when; by that day and reason it is counted (`Removal`)."""
    assignee_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("organizer.id"))
    """The organizer who was asked to decide about it."""
    source: Mapped[str | None] = mapped_column(String(SOURCE_LENGTH))
    """What led its signer to the letter, until that is counted: a site, an embed, a share."""


class Decision(Model):
    """Who moved which signature from which state to which, when, why. Append-only."""

    __tablename__ = "decision"
    __table_args__ = (
        # What organizers decided. Each confirmation is a decision too, and there are many more.
        Index(
            "ix_decision_recent",
            "letter_id",
            "id",
            postgresql_where=text("organizer_id IS NOT NULL"),
            sqlite_where=text("organizer_id IS NOT NULL"),
        ),
        # What one press decided about many.
        Index(
            "ix_decision_sweep",
            "sweep_id",
            "signature_id",
            postgresql_where=text("sweep_id IS NOT NULL"),
            sqlite_where=text("sweep_id IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"))
    signature_id: Mapped[int] = mapped_column(BigKey, ForeignKey("signature.id"), index=True)
    actor: Mapped[str] = mapped_column(String(12))
    organizer_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("organizer.id"))
    from_state: Mapped[str] = mapped_column(String(12))
    to_state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(REASON_LENGTH))
    sweep_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("sweep.id"))
    """The sweep that it is part of, or part of the undoing of."""
    undoes_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("decision.id"), unique=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """The public words that a signer put others in the place of."""
    told: Mapped[str | None] = mapped_column(String(12))
    """Where the signer is told that it went, when it was set aside."""
    created_at: Mapped[Moment] = mapped_column(default=now)


class Verification(Model):
    """How an organizer made sure that a signature is of the person it names. Append-only."""

    __tablename__ = "verification"

    id: Mapped[Key]
    signature_id: Mapped[int] = mapped_column(BigKey, ForeignKey("signature.id"), index=True)
    organizer_id: Mapped[int] = mapped_column(BigKey, ForeignKey("organizer.id"))
    evidence: Mapped[str] = mapped_column(String(EVIDENCE_LENGTH))
    """In the organizer's words, for the team."""
    created_at: Mapped[Moment] = mapped_column(default=now)
    ended_at: Mapped[Moment | None]
    """When it was taken back, or the signer changed who they say they are."""


class Report(Model):
    """What somebody without an account says of a signature: a reader of a published one, or its
    signer of a rejected one."""

    __tablename__ = "report"
    __table_args__ = (
        Index(
            "ix_report_open",
            "letter_id",
            "id",
            postgresql_where=text("settled_at IS NULL"),
            sqlite_where=text("settled_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"))
    signature_id: Mapped[int] = mapped_column(BigKey, ForeignKey("signature.id"), index=True)
    cause: Mapped[str] = mapped_column(String(16))
    words: Mapped[str] = mapped_column(String(REPORT_LENGTH), default="")
    created_at: Mapped[Moment] = mapped_column(default=now)
    settled_at: Mapped[Moment | None]
    answer: Mapped[str | None] = mapped_column(String(REPORT_LENGTH))
    """What its signer was answered by mail."""
    answered_by: Mapped[int | None] = mapped_column(BigKey, ForeignKey("organizer.id"))


class Tally(Model):
    """How many signatures of a letter are in a state: the sum over the slots.

    Several slots let many confirmations a second pass without queueing for one row. A single
    slot may stand below zero; only the sum means something.
    """

    __tablename__ = "tally"

    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(12), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigKey)


@dataclass(frozen=True)
class Counts:
    """The tally of one letter, summed up."""

    published: int = 0
    held: int = 0
    pending: int = 0
    rejected: int = 0
    withdrawn: int = 0
    quarantined: int = 0

    @property
    def anybody(self) -> bool:
        """Whether anybody ever signed, whatever became of it."""
        return any(vars(self).values())


class Suppression(Model):
    """An address that must get no mail, as its digest."""

    __tablename__ = "suppression"

    digest: Mapped[bytes] = mapped_column(LargeBinary(DIGEST_BYTES), primary_key=True)
    reason: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[Moment] = mapped_column(default=now)
    expires_at: Mapped[Moment | None] = mapped_column(UtcDateTime)
    """When mail may be tried again; never, where there is none."""
