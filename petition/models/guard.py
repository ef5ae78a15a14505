"""What keeps robots and crowds in bounds: salts, networks that may send more, puzzles used up."""

from datetime import date

from sqlalchemy import BigInteger, Date, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from petition.models.base import BigKey, Key, Model, Moment

SALT_BYTES = 32
NONCE_BYTES = 16


class DailySalt(Model):
    """The key of a day's digests of networks; deleted soon after, so that nobody has it."""

    __tablename__ = "daily_salt"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(SALT_BYTES))


class AllowedNetwork(Model):
    """A school, an office, a hall: for a while, many may sign from there."""

    __tablename__ = "allowed_network"
    __table_args__ = (UniqueConstraint("letter_id", "network"),)

    id: Mapped[Key]
    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"))
    network: Mapped[int] = mapped_column(BigInteger)
    """As it stands with a signature of that day."""
    organizer_id: Mapped[int] = mapped_column(BigKey, ForeignKey("organizer.id"))
    until: Mapped[Moment]


class UsedPuzzle(Model):
    """A proof of work that has been taken for a signature, until it would be too old anyway."""

    __tablename__ = "used_puzzle"

    nonce: Mapped[bytes] = mapped_column(LargeBinary(NONCE_BYTES), primary_key=True)
    expires_at: Mapped[Moment]
