"""How a view answers: a page made now, or one that is the same for everybody."""

import hashlib
import json as writer
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

import flask
from flask import current_app, redirect, render_template, request
from flask.globals import app_ctx
from flask_babel import force_locale

from petition.caching import Answer, Policy, limited, recent
from petition.languages import closest
from petition.text import for_xml


class Response(flask.Response):
    """Whatever the site answers."""

    security_policy: str | None = None
    """`Content-Security-Policy` of what may stand on other sites or in a frame: only
    `embed/elsewhere.py` says so. None, of all else: nobody frames it (`headers.py`)."""


def page(
    template: str, policy: Policy = Policy.NOTHING, status: int = 200, **context: Any
) -> Response:
    """A page made for this request."""
    response = Response(render_template(template, **context), status)
    response.headers["Cache-Control"] = policy
    return response


def json(text: str) -> Response:
    """Something for a page's script."""
    response = Response(text, mimetype="application/json")
    response.headers["Cache-Control"] = Policy.NOTHING
    return response


def as_json(told: Mapping[str, Any]) -> bytes:
    """What a program is told, as it is sent."""
    return writer.dumps(told, ensure_ascii=False).encode() + b"\n"


def numbers(told: Mapping[str, Any], changes_at: datetime | None) -> Answer:
    """Numbers as they stand at a moment (`as_of`), for programs.

    Args:
        changes_at: when they will be others in any case.
    """
    # The tag stands for the numbers and for the minute: to whom nothing is said to have changed
    # (304), the moment that they have is not long ago.
    marked = {**told, "as_of": told["as_of"][:16]}
    return Answer(
        as_json(told), "application/json", tag(as_json(marked)), weak=True, changes_at=changes_at
    )


def shared(slug: str, view: str, policy: Policy, make: Callable[[], Answer]) -> Response:
    """An answer that is the same for everybody, made about once a second."""
    return once(policy, recent.get(slug, view, make))


def once(policy: Policy, answer: Answer) -> Response:
    """An answer with its tag; to who has it already, only that nothing changed (304)."""
    response = Response(answer.body, mimetype=answer.mimetype)
    response.headers["Cache-Control"] = (
        limited(policy, answer.holds_for) if answer.changes_at else policy
    )
    response.set_etag(answer.etag, weak=answer.weak)
    response.make_conditional(request)
    return response


def html(template: str, changes_at: datetime | None = None, **context: Any) -> Answer:
    """A rendered page as something to share, until the letters in it close.

    Args:
        changes_at: when something else makes it untrue.
    """
    body = render_template(template, **context).encode()
    shown = (context.get("letter"), *context.get("letters", ()))
    known = [changes_at, *(each.changes_at for each in shown if each is not None)]
    changes = [each for each in known if each is not None]
    return Answer(body, "text/html", tag(body), changes_at=min(changes, default=None))


def xml(template: str, mimetype: str, **context: Any) -> Answer:
    """A rendered document as something to share, well-formed whatever people wrote."""
    answer = html(template, **context)
    body = for_xml(answer.body.decode()).encode()
    return replace(answer, body=body, mimetype=mimetype, etag=tag(body))


def tag(content: bytes) -> str:
    """An ETag for this content."""
    return hashlib.sha256(content).hexdigest()[:32]


def see(location: str) -> Response:
    """Done; look there (303)."""
    return cast(Response, redirect(location, 303))


def detour(location: str, policy: Policy) -> Response:
    """Look there for now, and ask here again (302)."""
    response = cast(Response, redirect(location, 302))
    response.headers["Cache-Control"] = policy
    return response


def streamed(template: str, **context: Any) -> Iterator[str]:
    """A page in pieces, for what is too long to be made at once."""
    current_app.update_template_context(context)
    pieces = current_app.jinja_env.get_template(template).stream(context)
    pieces.enable_buffering(500)
    return pieces


def file(name: str, pieces: Iterable[str], language: str = "en") -> Response:
    """A file to keep, made while it is sent, when the request is over.

    Args:
        name: what it is called; how it ends says what it is.
        language: of the words in it.
    """
    app = app_ctx.app

    def send() -> Iterator[str]:
        with app.app_context(), force_locale(closest(language)):
            yield from pieces

    return to_keep(name, send())


def to_keep(name: str, pieces: Iterable[str] | Iterable[bytes]) -> Response:
    """What is to be saved as a file of this name; how it ends says what it is."""
    response = Response(pieces, mimetype=_MIMETYPES[name.rpartition(".")[2]])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = Policy.NOTHING
    return response


_MIMETYPES = {"csv": "text/csv", "json": "application/json", "jsonl": "application/jsonl"}
