"""Signatures collected on paper: numbers that an organizer answers for."""

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from petition.clock import now
from petition.models.base import BigKey, Key, Model, Moment
from petition.models.letter import NOTE_LENGTH

PLACE_LENGTH = 120


class PaperBatch(Model):
    """So many signatures on paper, collected on a day in a place. Never changed, only removed."""

    __tablename__ = "paper_batch"

    id: Mapped[Key]
    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"), index=True)
    number: Mapped[int]
    collected_on: Mapped[date]
    place: Mapped[str] = mapped_column(String(PLACE_LENGTH))
    note: Mapped[str] = mapped_column(String(NOTE_LENGTH), default="")
    organizer_id: Mapped[int] = mapped_column(BigKey, ForeignKey("organizer.id"))
    created_at: Mapped[Moment] = mapped_column(default=now)
    removed_at: Mapped[Moment | None]
