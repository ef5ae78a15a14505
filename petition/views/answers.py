"""How a view answers: a page made now, or one that is the same for everybody."""

import hashlib
from collections.abc import Callable
from typing import Any, cast

from flask import Response, make_response, redirect, render_template, request

from petition.caching import Answer, Policy, recent


def page(
    template: str, policy: Policy = Policy.NOTHING, status: int = 200, **context: Any
) -> Response:
    """A page made for this request."""
    response = make_response(render_template(template, **context), status)
    response.headers["Cache-Control"] = policy
    return response


def json(text: str) -> Response:
    """Something for a page's script."""
    response = Response(text, mimetype="application/json")
    response.headers["Cache-Control"] = Policy.NOTHING
    return response


def shared(slug: str, view: str, policy: Policy, make: Callable[[], Answer]) -> Response:
    """An answer that is the same for everybody, made at most once a second."""
    return once(policy, recent.get(slug, view, make))


def once(policy: Policy, answer: Answer) -> Response:
    """An answer with its tag; to who has it already, only that nothing changed (304)."""
    response = Response(answer.body, mimetype=answer.mimetype)
    response.headers["Cache-Control"] = policy
    response.set_etag(answer.etag, weak=answer.weak)
    response.make_conditional(request)
    return response


def html(template: str, **context: Any) -> Answer:
    """A rendered page as something to share."""
    body = render_template(template, **context).encode()
    return Answer(body, "text/html", tag(body))


def tag(content: bytes) -> str:
    """An ETag for this content."""
    return hashlib.sha256(content).hexdigest()[:32]


def see(location: str) -> Response:
    """Done; look there (303)."""
    return cast(Response, redirect(location, 303))
