"""The pictures that stand beside a shared link."""

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from petition.clock import now
from petition.models.base import BigKey, Model, Moment
from petition.models.letter import LANGUAGE_LENGTH

TAG_LENGTH = 32


class Card(Model):
    """The newest picture of a letter in one language, drawn beside the requests.

    The letter's text and count are kept as they were when the two were compared last, so that
    the database itself finds those that have to be compared again.
    """

    __tablename__ = "card"

    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(LANGUAGE_LENGTH), primary_key=True)
    tag: Mapped[str | None] = mapped_column(String(TAG_LENGTH))
    """Of what the picture says; a part of its address. None, while there is no picture."""
    failed: Mapped[str | None] = mapped_column(String(TAG_LENGTH))
    """The tag of what could not be drawn last."""
    revision_id: Mapped[int] = mapped_column(BigKey, ForeignKey("revision.id"))
    count: Mapped[int] = mapped_column(BigInteger)
    style: Mapped[str] = mapped_column(String(TAG_LENGTH))
    """Of what is the same in all pictures."""
    looked_at: Mapped[Moment] = mapped_column(default=now)
    png: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """It stands last: on its way to a column behind it, SQLite would read all of it."""
