"""The count of a letter as a small picture."""

from dataclasses import replace

from flask import Blueprint, Response
from flask_babel import force_locale

from petition.caching import Answer, Policy
from petition.languages import closest
from petition.views import answers, elsewhere
from petition.views.letters import in_force, wanted_language, with_count

bp = Blueprint("badge", __name__, url_prefix="/embed")
elsewhere.register(bp)


@bp.get("/<slug:slug>/badge.svg")
def picture(slug: str) -> Response:
    """The number as a picture."""
    language = wanted_language(slug)
    return answers.shared(slug, f"badge.{language}", Policy.COUNT, lambda: _badge(slug, language))


def _badge(slug: str, language: str | None) -> Answer:
    found = in_force(slug, language)
    with force_locale(closest(found.revision.language)):
        answer = answers.html("embed/badge.svg", letter=with_count(found))
    return replace(answer, mimetype="image/svg+xml")
