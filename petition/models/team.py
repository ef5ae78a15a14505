"""Teams, the organizers in them, and who is invited."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from petition.clock import now
from petition.models.base import BigKey, Key, Model, Moment

EMAIL_LENGTH = 254
"""Characters of the longest e-mail address (RFC 5321 §4.5.3.1.3, less the brackets)."""
TEAM_NAME_LENGTH = 100
ORGANIZER_NAME_LENGTH = 100
ROLE_KEY_LENGTH = 16


class Role(StrEnum):
    """What an organizer may do in a team; each includes those after it."""

    OWNER = "owner"
    EDITOR = "editor"
    MODERATOR = "moderator"
    VIEWER = "viewer"

    def includes(self, other: "Role") -> bool:
        """Whether who has this role may do what the other may."""
        roles = list(Role)
        return roles.index(self) <= roles.index(other)


class Team(Model):
    """Owns letters; all that is private is reached through a team."""

    __tablename__ = "team"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(TEAM_NAME_LENGTH), unique=True)
    passkey_required: Mapped[bool] = mapped_column(default=False)
    """Nobody in the team gets anywhere in a session in which no passkey was used."""
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list, server_default=sql("'[]'")
    )
    """Why signatures are rejected, in its own words; the usual reasons, where it has none."""
    created_at: Mapped[Moment] = mapped_column(default=now)


class Organizer(Model):
    """Somebody with an account. There is no password; who is in no team cannot sign in."""

    __tablename__ = "organizer"

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH), unique=True)
    name: Mapped[str] = mapped_column(String(ORGANIZER_NAME_LENGTH), default="")
    created_at: Mapped[Moment] = mapped_column(default=now)


class Membership(Model):
    """An organizer's role in a team."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("team_id", "organizer_id"),)

    id: Mapped[Key]
    team_id: Mapped[int] = mapped_column(BigKey, ForeignKey("team.id"))
    organizer_id: Mapped[int] = mapped_column(BigKey, ForeignKey("organizer.id"), index=True)
    role: Mapped[str] = mapped_column(String(ROLE_KEY_LENGTH))
    team: Mapped[Team] = relationship(lazy="joined")


class Invitation(Model):
    """Somebody who may join a team. It fits one address, and its link works once.

    The link is signed, not stored.
    """

    __tablename__ = "invitation"
    # A deleted row's number must never come back: mailed links carry it.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Key]
    team_id: Mapped[int] = mapped_column(BigKey, ForeignKey("team.id"), index=True)
    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    role: Mapped[str] = mapped_column(String(ROLE_KEY_LENGTH))
    invited_by: Mapped[int] = mapped_column(BigKey, ForeignKey("organizer.id"))
    created_at: Mapped[Moment] = mapped_column(default=now)
    sent_at: Mapped[Moment] = mapped_column(default=now)
    """When it was mailed last."""
    expires_at: Mapped[Moment]
    accepted_at: Mapped[Moment | None]
    revoked_at: Mapped[Moment | None]
