"""Teams and the organizers in them."""

from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from petition.clock import now
from petition.models.base import BigKey, Key, Model, Moment

EMAIL_LENGTH = 254
"""Characters of the longest e-mail address (RFC 5321 §4.5.3.1.3, less the brackets)."""
TEAM_NAME_LENGTH = 100


class Role(StrEnum):
    """What an organizer may do in a team; each includes those after it."""

    OWNER = "owner"
    EDITOR = "editor"
    MODERATOR = "moderator"
    VIEWER = "viewer"


class Team(Model):
    """Owns letters; all that is private is reached through a team."""

    __tablename__ = "team"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(TEAM_NAME_LENGTH), unique=True)
    created_at: Mapped[Moment] = mapped_column(default=now)


class Organizer(Model):
    """Somebody with an account. There is no password: sign-in is by one-time link."""

    __tablename__ = "organizer"

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH), unique=True)
    session_epoch: Mapped[int] = mapped_column(default=0)
    """Raised to end every session at once: a cookie carries the epoch it was made in."""
    created_at: Mapped[Moment] = mapped_column(default=now)


class Membership(Model):
    """An organizer's role in a team."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("team_id", "organizer_id"),)

    id: Mapped[Key]
    team_id: Mapped[int] = mapped_column(BigKey, ForeignKey("team.id"))
    organizer_id: Mapped[int] = mapped_column(BigKey, ForeignKey("organizer.id"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    team: Mapped[Team] = relationship(lazy="joined")


class SignInLink(Model):
    """A link that signs an organizer in once. The link itself is signed, not stored."""

    __tablename__ = "sign_in_link"

    id: Mapped[Key]
    organizer_id: Mapped[int] = mapped_column(BigKey, ForeignKey("organizer.id"), index=True)
    created_at: Mapped[Moment] = mapped_column(default=now)
    used_at: Mapped[Moment | None]
