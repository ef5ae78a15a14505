"""Who did what to whom when, and what is counted hour by hour."""

from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from petition.clock import now
from petition.models.base import BigKey, Key, Model, Moment
from petition.models.signature import SOURCE_LENGTH

ACTION_LENGTH = 32


class Action(StrEnum):
    """What an organizer can do that is recorded."""

    SIGN_IN = "sign-in"
    ADDRESS = "address"
    """Their own changed."""
    PASSKEY_MADE = "passkey-made"
    PASSKEY_REMOVED = "passkey-removed"
    PASSKEYS_FORGOTTEN = "passkeys-forgotten"
    TEAM_MADE = "team-made"
    TEAM_NAMED = "team-named"
    PASSKEYS_REQUIRED = "passkeys-required"
    ROLE = "role"
    MEMBER_REMOVED = "member-removed"
    MEMBER_LEFT = "member-left"
    INVITED = "invited"
    UNINVITED = "uninvited"
    JOINED = "joined"
    LETTER_BEGUN = "letter-begun"
    TEXT_PUBLISHED = "text-published"
    SLUG = "slug"
    DATES = "dates"
    OPENED = "opened"
    CLOSED = "closed"
    OUTCOME = "outcome"
    REOPENED = "reopened"
    TAKEN_FROM_VIEW = "taken-from-view"
    BROUGHT_BACK = "brought-back"
    DELETED = "deleted"
    RESTORED = "restored"
    MOVED = "moved"
    SETTINGS = "settings"
    QUESTION = "question"
    FIRST_ASKED = "first-asked"
    FIRST_CORRECTED = "first-corrected"
    FIRST_REMOVED = "first-removed"
    FIRST_INVITED = "first-invited"
    PAPER_ADDED = "paper-added"
    PAPER_REMOVED = "paper-removed"
    PAPER_RESTORED = "paper-restored"
    NETWORK_ALLOWED = "network-allowed"
    NETWORK_ENDED = "network-ended"
    REPORT_SETTLED = "report-settled"
    REPORT_REOPENED = "report-reopened"
    """Several that were set aside."""
    DECIDE = "decide"
    """About one signature."""
    UNDO = "undo"
    VERIFY = "verify"
    VERIFY_NO_MORE = "verify-no-more"
    NOTE = "note"
    HANDED = "handed"
    """To a colleague, to decide about it."""
    HANDED_BACK = "handed-back"
    ANSWERED = "answered"
    """A signer who did not agree that they were rejected."""
    GRANTED = "granted"
    """That they were right, and stand again."""
    REASONS = "reasons"
    """The list of the team."""
    LOOK = "look"
    """At the address of a signer."""
    EXPORT = "export"
    SWEEP = "sweep"
    """Many signatures are to be decided about at once."""
    SWEEP_BEGIN = "sweep-begin"
    SWEEP_DISCARD = "sweep-discard"
    SWEEP_STOP = "sweep-stop"
    SWEEP_UNDO = "sweep-undo"
    SWITCH = "switch"
    """What guards a letter for a while, on or off."""
    RULE = "rule"
    """An entry of the block and allow lists."""
    RULE_ENDED = "rule-ended"
    BURST_DISMISSED = "burst-dismissed"
    BURST_TAKEN_UP = "burst-taken-up"
    FRAMING = "framing"
    """On which other sites a letter can be signed."""
    SITE_LISTED = "site-listed"
    SITE_BLOCKED = "site-blocked"
    SITE_ENDED = "site-ended"
    """What was said of a site holds no more."""


class AuditEntry(Model):
    """What an organizer did, one row a press. Append-only.

    It says neither names nor addresses of signers: a signature stands here by its number.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index(None, "team_id", "id"),
        Index(None, "letter_id", "id"),
        Index(None, "organizer_id", "id"),
        # Who turned on what guards a letter: each view of the queue says so.
        Index(
            "ix_audit_entry_switch",
            "letter_id",
            "id",
            postgresql_where=sql("action = 'switch'"),
            sqlite_where=sql("action = 'switch'"),
        ),
        # What was exported last: the page of exports says so.
        Index(
            "ix_audit_entry_export",
            "letter_id",
            "id",
            postgresql_where=sql("action = 'export'"),
            sqlite_where=sql("action = 'export'"),
        ),
    )

    id: Mapped[Key]
    team_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("team.id"))
    letter_id: Mapped[int | None] = mapped_column(BigKey)
    """A draft may be deleted since."""
    organizer_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("organizer.id"))
    """None: the site itself, or who may run its commands."""
    action: Mapped[str] = mapped_column(String(ACTION_LENGTH))
    signature_id: Mapped[int | None] = mapped_column(BigKey)
    """It may be deleted since."""
    about: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[Moment] = mapped_column(default=now)


class Measure(StrEnum):
    """What is counted of what happens to a letter, and by which key."""

    CONFIRMED = "confirmed"
    """By the state that a signature came to; by the hour, the others by the day."""
    LANGUAGE = "language"
    SOURCE = "source"
    """What led there (`sources.read`); empty, where that is not known."""
    DECIDED = "decided"
    """By the organizer's number and the state: `7:rejected`."""
    OVERTURNED = "overturned"
    """Likewise, of decisions that did not last; on the day of the decision."""
    WAITED = "waited"
    """By the first of `WAITS` that it was no longer than, in seconds; empty, where it was."""
    PROMISE = "promise"
    """`kept` or `late`, by what the letter promised then."""


_MINUTES = (1, 2, 5, 10, 15, 30)
_HOURS = (1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 120, 168, 336, 720)
WAITS = (*(timedelta(minutes=each) for each in _MINUTES), *(timedelta(hours=h) for h in _HOURS))
"""For how long something waited, at most; by these it is counted."""


class Statistic(Model):
    """How often something happened to a letter within an hour or a day. Kept by the worker."""

    __tablename__ = "statistic"
    __table_args__ = ({"sqlite_with_rowid": False},)

    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"), primary_key=True)
    measure: Mapped[str] = mapped_column(String(16), primary_key=True)
    hour: Mapped[Moment] = mapped_column(primary_key=True)
    """In UTC; of what is counted by the day, the first one."""
    key: Mapped[str] = mapped_column(String(SOURCE_LENGTH), primary_key=True)
    """Which of its kind (`Measure`)."""
    number: Mapped[int] = mapped_column(BigKey)


class Bookmark(Model):
    """How far a worker has read in what grows."""

    __tablename__ = "bookmark"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(BigKey)
