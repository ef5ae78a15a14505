"""The numbers of a letter, for other sites."""

import json
from typing import Any

from flask import Blueprint, Response, request

from petition import public
from petition.caching import Answer, Policy
from petition.exceptions import Withdrawn
from petition.public import PublicLetter
from petition.queries import embedding
from petition.views import answers, elsewhere
from petition.views.letters import in_force, with_count

bp = Blueprint("embed", __name__, url_prefix="/embed")
elsewhere.register(bp)


@bp.get("/<slug:slug>/count.json")
def count(slug: str) -> Response:
    """The numbers."""
    return answers.shared(slug, "count.json", Policy.COUNT, lambda: _count(slug))


def _count(slug: str) -> Answer:
    found = in_force(slug)
    letter = with_count(found)
    numbers = public.count(letter, embedding.terms(found.letter).blocked)
    return numbers_as_json(numbers, letter)


def numbers_as_json(numbers: dict[str, Any], letter: PublicLetter) -> Answer:
    """An answer that programs read."""
    body = json.dumps(numbers, ensure_ascii=False).encode() + b"\n"
    # The tag stands for the numbers, not for the moment they were read at.
    timeless = {key: value for key, value in numbers.items() if key != "as_of"}
    tag = answers.tag(json.dumps(timeless).encode())
    return Answer(body, "application/json", tag, weak=True, changes_at=letter.changes_at)


@bp.errorhandler(Withdrawn)
def gone(error: Withdrawn) -> Response:
    """A letter that was withdrawn from view says so to programs too (410)."""
    told = {
        "letter": (request.view_args or {})["slug"],
        "title": error.title,
        "state": "withdrawn",
        "reason": error.reason,
    }
    return Response(json.dumps(told, ensure_ascii=False) + "\n", 410, mimetype="application/json")
