"""The pictures that stand beside a shared link."""

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from petition.clock import now
from petition.models.base import BigKey, Model, Moment
from petition.models.letter import LANGUAGE_LENGTH


class Card(Model):
    """The newest picture of a letter in one language, drawn beside the requests."""

    __tablename__ = "card"

    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(LANGUAGE_LENGTH), primary_key=True)
    tag: Mapped[str] = mapped_column(String(32))
    """Of what the picture says; a part of its address."""
    png: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    made_at: Mapped[Moment] = mapped_column(default=now)
