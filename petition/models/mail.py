"""Mail that has to leave. The row is the queue."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from petition.clock import now
from petition.models.base import BigKey, Key, Model, Moment
from petition.models.letter import LANGUAGE_LENGTH
from petition.models.signature import DIGEST_BYTES
from petition.models.team import EMAIL_LENGTH


class Kind(StrEnum):
    """What a mail is for."""

    CONFIRM = "confirm"
    ALREADY_SIGNED = "already-signed"
    SIGN_AGAIN = "sign-again"
    REMINDER = "reminder"
    OWN_LINK = "own-link"
    REPORTED = "reported"
    DECIDED = "decided"
    """To a signer: their signature was rejected, or stands again."""
    ANSWER = "answer"
    """To a signer who did not agree."""
    BURST = "burst"
    """To a team: more signatures come than usual."""
    SIGN_IN = "sign-in"
    PROOF = "proof"
    NEW_ADDRESS = "new-address"
    ADDRESS_CHANGED = "address-changed"
    PASSKEYS_CHANGED = "passkeys-changed"
    INVITATION = "invitation"
    FIRST_INVITATION = "first-invitation"


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

    Of a mail about a signature nothing personal stands here: its words are made from the
    signature when it leaves. Any other mail carries its recipient, until it has left or failed.
    """

    __tablename__ = "outgoing_mail"
    __table_args__ = (
        Index(
            "ix_outgoing_mail_due",
            "due_at",
            postgresql_where=text("delivery = 'queued'"),
            sqlite_where=text("delivery = 'queued'"),
        ),
        # How many mails an address got of late that were not about a signature.
        Index(
            "ix_outgoing_mail_digest_created_at",
            "digest",
            "created_at",
            postgresql_where=text("digest IS NOT NULL"),
            sqlite_where=text("digest IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(16))
    signature_id: Mapped[int | None] = mapped_column(
        BigKey, ForeignKey("signature.id", ondelete="CASCADE"), index=True
    )
    """What it is about, if it is about a signature; then the next four are not needed."""
    recipient: Mapped[str | None] = mapped_column(String(EMAIL_LENGTH))
    """The address. Gone as soon as the mail is sent, has failed or is dropped."""
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(DIGEST_BYTES))
    """The canonical address, as a keyed digest; it stays."""
    language: Mapped[str | None] = mapped_column(String(LANGUAGE_LENGTH))
    about: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """Numbers and words that its templates need; never a secret, and no address."""
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
