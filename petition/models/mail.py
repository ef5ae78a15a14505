"""Mail that has to leave. The row is the queue."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from petition.clock import now
from petition.models.base import BigKey, Key, Model, Moment


class Kind(StrEnum):
    """What a mail is for."""

    CONFIRM = "confirm"
    ALREADY_SIGNED = "already-signed"


class Delivery(StrEnum):
    """How far a mail has come."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    """Refused for good, or tried for too long."""
    DROPPED = "dropped"
    """No longer wanted when its turn came: withdrawn, confirmed, suppressed."""


class OutgoingMail(Model):
    """A mail that has to leave. It is written together with what it is about, in one commit.

    Nothing personal stands here: the words are made from the signature when the mail leaves.
    """

    __tablename__ = "outgoing_mail"
    __table_args__ = (
        Index(
            "ix_outgoing_mail_due",
            "due_at",
            postgresql_where=text("delivery = 'queued'"),
            sqlite_where=text("delivery = 'queued'"),
        ),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(16))
    signature_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("signature.id", ondelete="CASCADE"), index=True
    )
    message_id: Mapped[str] = mapped_column(String(120))
    """The same for every try, so that a mailbox can tell a repetition (RFC 5322 §3.6.4)."""
    delivery: Mapped[str] = mapped_column(String(8), default=Delivery.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[Moment] = mapped_column(default=now)
    """When to try next. Claiming a mail moves this to the end of the lease."""
    claimed_by: Mapped[str | None] = mapped_column(String(60))
    code_tries: Mapped[int] = mapped_column(default=0)
    """Wrong codes typed while this was the signature's latest mail."""
    fingerprint: Mapped[str | None] = mapped_column(String(16))
    """Of the words that waited when this mail was promised; its code publishes no others."""
    error: Mapped[str | None] = mapped_column(String(60))
    """The last refusal as its class and status code, never the server's words."""
    created_at: Mapped[Moment] = mapped_column(default=now)
    sent_at: Mapped[Moment | None]
