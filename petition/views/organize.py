"""The organizers' letters at a glance. Everything private is reached through their own team."""

import shlex

from flask import Blueprint, Response
from flask_login import current_user, login_required

from petition import public
from petition.queries import letters, organizers, tallies
from petition.views import answers

bp = Blueprint("organize", __name__, url_prefix="/organize")

DEFAULT_TEAM = "Organizers"
"""The team that `petition letter publish` means where none is named."""


@bp.get("/")
@login_required
def home() -> Response:
    """The letters of my teams, with their numbers."""
    mine = letters.of_organizer(current_user.organizer_id)
    counts = tallies.of_letters(each.letter.id for each in mine)
    return answers.page(
        "organize/home.html",
        letters=[public.letter(t.letter, t.revision, counts[t.letter.id]) for t in mine],
        teams=[
            "" if team == DEFAULT_TEAM else shlex.quote(team)
            for team in organizers.teams(current_user.organizer_id)
        ],
    )
