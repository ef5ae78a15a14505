"""A letter reached through a team of the organizer who is signed in."""

from flask_login import current_user

from petition.actions import roles
from petition.actions.roles import Role
from petition.queries import letters
from petition.queries.letters import OwnLetter


def own_letter(slug: str, least: Role = Role.VIEWER) -> OwnLetter:
    """A letter of one's own team, whatever its state.

    Raises:
        NotFound: there is none of this name, or it is another team's.
        Forbidden: one's role in the team does not suffice.
    """
    own = letters.of_organizer_by_slug(current_user.organizer_id, slug)
    roles.must(own.role, least)
    return own
