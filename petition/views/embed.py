"""Counts on other sites: the only home of CORS and framing."""

import json
from dataclasses import replace

from flask import Blueprint, Response, request
from flask_babel import force_locale

from petition import public
from petition.caching import Answer, Policy
from petition.exceptions import Withdrawn
from petition.languages import closest
from petition.views import answers
from petition.views.letters import in_force, wanted_language, with_count

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
    letter = with_count(in_force(slug))
    numbers = public.count(letter)
    body = json.dumps(numbers, ensure_ascii=False).encode() + b"\n"
    # The tag stands for the numbers, not for the moment they were read at.
    timeless = {key: value for key, value in numbers.items() if key != "as_of"}
    tag = answers.tag(json.dumps(timeless).encode())
    return Answer(body, "application/json", tag, weak=True, changes_at=letter.changes_at)


@bp.get("/<slug:slug>")
def frame(slug: str) -> Response:
    """The numbers as a small page for an iframe."""
    language = wanted_language(slug)
    return answers.shared(slug, f"frame.{language}", Policy.COUNT, lambda: _frame(slug, language))


def _frame(slug: str, language: str | None) -> Answer:
    found = in_force(slug, language)
    with force_locale(closest(found.revision.language)):
        return answers.html("embed/frame.html", letter=with_count(found))


@bp.get("/<slug:slug>/badge.svg")
def badge(slug: str) -> Response:
    """The number as a picture."""
    language = wanted_language(slug)
    return answers.shared(slug, f"badge.{language}", Policy.COUNT, lambda: _badge(slug, language))


def _badge(slug: str, language: str | None) -> Answer:
    found = in_force(slug, language)
    with force_locale(closest(found.revision.language)):
        answer = answers.html("embed/badge.svg", letter=with_count(found))
    return replace(answer, mimetype="image/svg+xml")


@bp.errorhandler(Withdrawn)
def gone(error: Withdrawn) -> Response:
    """A letter that was withdrawn from view says so on other sites too (410)."""
    if request.endpoint == "embed.count":
        told = {
            "letter": (request.view_args or {})["slug"],
            "title": error.title,
            "state": "withdrawn",
            "reason": error.reason,
        }
        response = Response(
            json.dumps(told, ensure_ascii=False) + "\n", 410, mimetype="application/json"
        )
    else:
        with force_locale(closest(error.language)):
            response = answers.page("embed/gone.html", status=410, gone=error)
    return response
