"""Letters on other sites: which may show what, which do, and what there is to tell."""

from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from petition.clock import now
from petition.models.base import BigKey, Key, Model, Moment

SITE_LENGTH = 100
"""Characters of the name of a site, with its port where it has one."""


class Framing(StrEnum):
    """On which sites a letter can be signed, in a frame of ours."""

    ANYWHERE = "anywhere"
    LISTED = "listed"


class SiteStanding(StrEnum):
    """What organizers have said of a site."""

    LISTED = "listed"
    """The letter can be signed there, wherever else it can be."""
    BLOCKED = "blocked"
    """It shows nothing of the letter but a link."""


class Site(Model):
    """What organizers have said of one site, and of all below it, about one letter."""

    __tablename__ = "embed_site"
    __table_args__ = (UniqueConstraint("letter_id", "name"),)

    id: Mapped[Key]
    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"))
    name: Mapped[str] = mapped_column(String(SITE_LENGTH))
    """As `sites.understood` gives it."""
    standing: Mapped[str] = mapped_column(String(8))
    organizer_id: Mapped[int] = mapped_column(BigKey, ForeignKey("organizer.id"))
    created_at: Mapped[Moment] = mapped_column(default=now)


class Sighting(Model):
    """A site whose readers' browsers have asked for something to embed; no reader, no number."""

    __tablename__ = "sighting"

    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(SITE_LENGTH), primary_key=True)
    first_at: Mapped[Moment] = mapped_column(default=now)
    last_at: Mapped[Moment] = mapped_column(default=now)


class Milestone(Model):
    """A number of signatures that a letter has reached, and still has."""

    __tablename__ = "milestone"

    letter_id: Mapped[int] = mapped_column(BigKey, ForeignKey("letter.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    reached_at: Mapped[Moment] = mapped_column(default=now)
