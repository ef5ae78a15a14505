"""Writing a letter: its draft, in each of its languages, until it is published."""

from flask import Blueprint, Response
from flask_login import current_user, login_required

from petition import public
from petition.queries import letters, tallies
from petition.views import answers

bp = Blueprint("writing", __name__, url_prefix="/organize")


@bp.get("/letters/<slug:slug>/text")
@login_required
def edit(slug: str) -> Response:
    """The text as it is being written."""
    own = letters.of_organizer_by_slug(current_user.organizer_id, slug)
    return answers.page(
        "writing/edit.html",
        letter=public.letter(own.letter, own.revision, tallies.of_letter(own.letter.id)),
        role=own.role,
    )
