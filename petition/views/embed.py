"""Counts on other sites: the only home of CORS and framing."""

import json

from flask import Blueprint, Response
from flask_babel import force_locale

from petition import public
from petition.caching import Answer, Policy
from petition.languages import closest
from petition.queries import letters
from petition.views import answers
from petition.views.letters import with_count

bp = Blueprint("embed", __name__, url_prefix="/embed")


@bp.after_request
def open_to_all(response: Response) -> Response:
    """Any site may read what is here: it is public, and no cookie has a say in it."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Max-Age"] = "86400"
    return response


@bp.get("/<slug:slug>/count.json")
def count(slug: str) -> Response:
    """The numbers."""
    return answers.shared(slug, "count.json", Policy.COUNT, lambda: _count(slug))


def _count(slug: str) -> Answer:
    numbers = public.count(with_count(letters.public_by_slug(slug)))
    body = json.dumps(numbers, ensure_ascii=False).encode() + b"\n"
    # The tag stands for the numbers, not for the moment they were read at.
    timeless = {key: value for key, value in numbers.items() if key != "as_of"}
    return Answer(body, "application/json", answers.tag(json.dumps(timeless).encode()), weak=True)


@bp.get("/<slug:slug>")
def frame(slug: str) -> Response:
    """The numbers as a small page for an iframe."""
    return answers.shared(slug, "frame", Policy.COUNT, lambda: _frame(slug))


def _frame(slug: str) -> Answer:
    found = letters.public_by_slug(slug)
    with force_locale(closest(found.revision.language)):
        return answers.html("embed/frame.html", letter=with_count(found))


@bp.get("/<slug:slug>/badge.svg")
def badge(slug: str) -> Response:
    """The number as a picture."""
    return answers.shared(slug, "badge", Policy.COUNT, lambda: _badge(slug))


def _badge(slug: str) -> Answer:
    found = letters.public_by_slug(slug)
    with force_locale(closest(found.revision.language)):
        answer = answers.html("embed/badge.svg", letter=with_count(found))
    return Answer(answer.body, "image/svg+xml", answer.etag)
