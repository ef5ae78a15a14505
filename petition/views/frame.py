"""The count of a letter as a small page, for a frame on another site."""

from flask import Blueprint, Response
from flask_babel import force_locale

from petition.caching import Answer, Policy
from petition.exceptions import Withdrawn
from petition.languages import closest
from petition.views import answers, elsewhere
from petition.views.letters import in_force, wanted_language, with_count

bp = Blueprint("frame", __name__, url_prefix="/embed")
elsewhere.register(bp)


@bp.get("/<slug:slug>")
def show(slug: str) -> Response:
    """The numbers, and the way to the letter."""
    language = wanted_language(slug)
    return answers.shared(slug, f"frame.{language}", Policy.COUNT, lambda: _frame(slug, language))


def _frame(slug: str, language: str | None) -> Answer:
    found = in_force(slug, language)
    with force_locale(closest(found.revision.language)):
        return answers.html("embed/frame.html", letter=with_count(found))


@bp.errorhandler(Withdrawn)
def gone(error: Withdrawn) -> Response:
    """A letter that was withdrawn from view says so on other sites too (410)."""
    with force_locale(closest(error.language)):
        return answers.page("embed/gone.html", status=410, gone=error)
