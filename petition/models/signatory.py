"""Who is asked to sign first, before a letter is public."""

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from petition.clock import now
from petition.models.base import BigKey, Key, Model, Moment
from petition.models.letter import LANGUAGE_LENGTH
from petition.models.signature import AFFILIATION_LENGTH, NAME_LENGTH, ROLE_LENGTH
from petition.models.team import EMAIL_LENGTH


class Signatory(Model):
    """A person invited to stand first under a letter, by a link that is theirs alone."""

    __tablename__ = "signatory"
    __table_args__ = (UniqueConstraint("letter_id", "email"), {"sqlite_autoincrement": True})

    id: Mapped[Key]
    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"))
    position: Mapped[int]
    """Their place in the organizer's order, counted from 1."""
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    title: Mapped[str] = mapped_column(String(ROLE_LENGTH), default="")
    affiliation: Mapped[str] = mapped_column(String(AFFILIATION_LENGTH), default="")
    email: Mapped[str | None] = mapped_column(String(EMAIL_LENGTH))
    """Gone with the address of their signature, where they have given one."""
    language: Mapped[str] = mapped_column(String(LANGUAGE_LENGTH))
    signature_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("signature.id"), index=True)
    """Their signature, once they have given it."""
    created_at: Mapped[Moment] = mapped_column(default=now)
    invited_at: Mapped[Moment | None]
    declined_at: Mapped[Moment | None]
    removed_at: Mapped[Moment | None]
    """Taken from the list by mistake or not: they can be brought back for a while."""
