"""Which role may do what, asked in one way everywhere.

A viewer looks; a moderator also decides about signatures; an editor also writes letters; an
owner also manages the team.
"""

from petition.exceptions import Forbidden
from petition.models import Role as Role  # views know it from here


def may(role: str, least: Role) -> bool:
    """Whether a role includes what the least of those who may has."""
    return Role(role).includes(least)


def must(role: str, least: Role) -> None:
    """Raise `Forbidden` where a role does not include the least of those who may."""
    if not may(role, least):
        raise Forbidden
