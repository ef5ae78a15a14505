"""How organizers come in, stay in, and prove that it is them."""

from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from petition.clock import now
from petition.models.base import BigKey, Key, Model, Moment
from petition.models.signature import DIGEST_BYTES
from petition.models.team import EMAIL_LENGTH

DEVICE_LENGTH = 60
PASSKEY_NAME_LENGTH = 80
CREDENTIAL_BYTES = 1023
"""The longest name that an authenticator may give a passkey (WebAuthn §4, credential id)."""


class Method(StrEnum):
    """How a session was begun, or proved last."""

    LINK = "link"
    CODE = "code"
    PASSKEY = "passkey"


class Errand(StrEnum):
    """What somebody is asked to prove themselves for."""

    SIGN_IN = "sign-in"
    PROOF = "proof"
    """Once more, before something that cannot be taken back."""
    ADDRESS = "address"
    """That a new address is theirs."""
    PASSKEY = "passkey"
    """That they hold a passkey, to come in or to prove themselves."""
    REGISTER = "register"
    """That a new passkey is made for us, and now."""


class OrganizerSession(Model):
    """One browser in which an organizer is signed in. Its key stands in the cookie alone."""

    __tablename__ = "organizer_session"

    id: Mapped[Key]
    organizer_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("organizer.id", ondelete="CASCADE"), index=True
    )
    digest: Mapped[bytes] = mapped_column(LargeBinary(DIGEST_BYTES), unique=True)
    """SHA-256 of the key, which is random and long."""
    device: Mapped[str] = mapped_column(String(DEVICE_LENGTH))
    """The browser in a few words, such as "Firefox on Linux"."""
    method: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[Moment] = mapped_column(default=now)
    seen_at: Mapped[Moment] = mapped_column(default=now)
    """When it was used last, give or take a few minutes."""
    proved_at: Mapped[Moment] = mapped_column(default=now)
    """When its organizer proved last that it is them."""


class SignIn(Model):
    """A challenge that is answered once: by a link, by a code, or by a passkey.

    Links and codes are signed, not stored. A row is written for an unknown address too, so that
    nobody can tell from outside; it opens nothing.
    """

    __tablename__ = "sign_in"
    __table_args__ = (
        # How often an address was asked, of late.
        Index("ix_sign_in_digest_created_at", "digest", "created_at"),
        # A deleted row's number must never come back: mailed links carry it.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Key]
    errand: Mapped[str] = mapped_column(String(12), default=Errand.SIGN_IN)
    organizer_id: Mapped[int | None] = mapped_column(
        BigKey, ForeignKey("organizer.id", ondelete="CASCADE"), index=True
    )
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(DIGEST_BYTES))
    """The canonical address that a mail was asked for, as a keyed digest."""
    browser: Mapped[bytes | None] = mapped_column(LargeBinary(DIGEST_BYTES))
    """SHA-256 of what the asking browser was given to keep; none fits any browser."""
    email: Mapped[str | None] = mapped_column(String(EMAIL_LENGTH))
    """The new address that is to be confirmed. Gone when it is."""
    challenge: Mapped[bytes | None] = mapped_column(LargeBinary(DIGEST_BYTES))
    """What a passkey has to sign."""
    familiar: Mapped[bool] = mapped_column(default=False)
    """Asked in a browser in which this organizer had signed in before."""
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Moment] = mapped_column(default=now, index=True)
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]


class Passkey(Model):
    """A public key whose other half never leaves the organizer's device (WebAuthn)."""

    __tablename__ = "passkey"

    id: Mapped[Key]
    organizer_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("organizer.id", ondelete="CASCADE"), index=True
    )
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(CREDENTIAL_BYTES), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    """How often it signed, where the device counts; a smaller number tells a copy."""
    transports: Mapped[str] = mapped_column(String(100), default="")
    """How the device can be reached, as the browser told, separated by commas."""
    name: Mapped[str] = mapped_column(String(PASSKEY_NAME_LENGTH))
    created_at: Mapped[Moment] = mapped_column(default=now)
    used_at: Mapped[Moment | None]
