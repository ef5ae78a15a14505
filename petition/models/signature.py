"""Signatures, the decisions made about them, and how many stand in each state."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from petition.clock import now
from petition.models.base import BigKey, Key, Model, Moment, UtcDateTime
from petition.models.letter import LANGUAGE_LENGTH
from petition.models.team import EMAIL_LENGTH

NAME_LENGTH = 100
AFFILIATION_LENGTH = 120
ROLE_LENGTH = 80
LOCATION_LENGTH = 80
COMMENT_LENGTH = 500
DIGEST_BYTES = 32


class State(StrEnum):
    """Where a signature stands. Only `published` is counted and shown."""

    PENDING = "pending"
    PUBLISHED = "published"
    HELD = "held"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Actor(StrEnum):
    """Who moved a signature."""

    SIGNER = "signer"
    ORGANIZER = "organizer"


class Reason(StrEnum):
    """Why a signature is rejected."""

    DUPLICATE = "duplicate"
    NOT_A_NAME = "not-a-name"
    IMPERSONATION = "impersonation"
    ADVERTISING = "advertising"
    ABUSE = "abuse"
    ON_REQUEST = "on-request"


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
    answers: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """To the organizer's own questions, by their keys."""
    show_name: Mapped[bool] = mapped_column(default=True)
    updates: Mapped[bool] = mapped_column(default=False)
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
    )

    id: Mapped[Key]
    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"))
    signature_id: Mapped[int] = mapped_column(BigKey, ForeignKey("signature.id"), index=True)
    actor: Mapped[str] = mapped_column(String(12))
    organizer_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("organizer.id"))
    from_state: Mapped[str] = mapped_column(String(12))
    to_state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(24))
    undoes_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("decision.id"), unique=True)
    created_at: Mapped[Moment] = mapped_column(default=now)


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

    @property
    def anybody(self) -> bool:
        """Whether anybody ever signed, whatever became of it."""
        return any((self.published, self.held, self.pending, self.rejected, self.withdrawn))


class Suppression(Model):
    """An address that must get no mail, as its digest."""

    __tablename__ = "suppression"

    digest: Mapped[bytes] = mapped_column(LargeBinary(DIGEST_BYTES), primary_key=True)
    reason: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[Moment] = mapped_column(default=now)
    expires_at: Mapped[Moment | None] = mapped_column(UtcDateTime)
    """When mail may be tried again; never, where there is none."""
