"""Each failure's HTTP face."""

from typing import Any, cast

import structlog
from flask import Flask, Response, redirect, request, url_for
from flask_babel import force_locale, gettext
from flask_login import current_user
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from petition import exceptions
from petition.caching import Policy
from petition.languages import closest
from petition.views import answers, mailed
from petition.views.embed import elsewhere, surroundings
from petition.views.headers import from_another_site, of_a_public_letter
from petition.views.letters import in_force, wanted_language

log = structlog.get_logger()

_STATUS: dict[type[exceptions.PetitionError], int] = {
    exceptions.NotFound: 404,
    exceptions.LinkBroken: 404,
    exceptions.Forbidden: 403,
    exceptions.LetterClosed: 410,
    exceptions.LetterPaused: 403,
    exceptions.NotOpenYet: 404,
    exceptions.TooOften: 429,
    exceptions.Overtaken: 409,
    exceptions.OtherLife: 409,
    exceptions.DecisionConflict: 409,
    exceptions.NotVerified: 409,
    exceptions.TextChanged: 409,
}


def register(app: Flask) -> None:
    """Give every failure a page in the voice of the rest."""
    app.register_error_handler(exceptions.PetitionError, of_domain)
    app.register_error_handler(exceptions.Moved, of_moved)
    app.register_error_handler(exceptions.Withdrawn, of_withdrawn)
    app.register_error_handler(HTTPException, of_http)
    for away in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(away, of_database)
    app.register_error_handler(Exception, of_surprise)


def of_domain(error: exceptions.PetitionError) -> Response:
    """A failure that the domain has a word for."""
    if isinstance(error, exceptions.Forbidden):
        return _error_page(403, *_role_too_low())
    response = _page(_STATUS.get(type(error), 500))
    if isinstance(error, exceptions.TooOften):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def of_moved(error: exceptions.Moved) -> Response:
    """The same page of the same letter, under the slug that it has now (308)."""
    given = request.view_args or {}
    endpoint = request.endpoint if "slug" in given and request.endpoint else "letters.show"
    address = url_for(endpoint, **{**given, "slug": error.slug})
    query = request.query_string.decode("ascii", "replace")
    response = cast(Response, redirect(f"{address}?{query}" if query else address, 308))
    if of_a_public_letter() and request.method in {"GET", "HEAD"}:
        response.headers["Cache-Control"] = Policy.PAGE
    return response


def of_withdrawn(error: exceptions.Withdrawn) -> Response:
    """A letter that was taken from view, with its team's reason (410)."""
    language = error.read_in(request.args.get("lang"))
    with force_locale(closest(language)):
        return answers.page("errors/withdrawn.html", status=410, gone=error, language=language)


_MAILED = {"first", "own", "signing"}
"""Where an address that names no letter is that of a mailed link."""


def of_http(error: HTTPException) -> Response:
    """A failure that HTTP has a word for."""
    response = _page(error.code or 500)
    if isinstance(error, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(error.valid_methods or ())
    return response


def of_database(error: DBAPIError | PoolTimeout) -> Response:
    """The database is away or too busy: nothing was written, and it will be back."""
    log.error("request.database", endpoint=request.endpoint, error=type(error).__name__)
    response = _page(503)
    response.headers["Retry-After"] = "30"
    return response


def of_surprise(error: Exception) -> Response:
    """A defect of ours: told to the log by kind and place, to the reader in plain words."""
    log.exception("request.failed", endpoint=request.endpoint, error=type(error).__name__)
    return _page(500)


def _page(status: int) -> Response:
    # Where something is broken, nothing more is asked of the database.
    with force_locale(closest(_language() if status < 500 else "en")):
        return _error_page(status, *_words(status))


def _language() -> str:
    """The language of the letter that a public address names, or of who opened a mailed link.

    English, where there is neither.
    """
    slug = (request.view_args or {}).get("slug")
    if slug is None and request.blueprint in _MAILED:
        return mailed.readers_language()
    if slug is None or not of_a_public_letter():
        return "en"
    try:
        return in_force(slug, wanted_language(slug)).revision.language
    except exceptions.PetitionError:
        return "en"


def _role_too_low() -> tuple[str, str]:
    return (
        gettext("Your role in the team does not allow this"),
        gettext("Nothing was changed. Ask an owner of the team to do it, or for another role."),
    )


def _error_page(status: int, title: str, advice: str) -> Response:
    slug = (request.view_args or {}).get("slug")
    if slug and request.blueprint in elsewhere.FRAMES:
        return _error_in_frame(slug, status, title, advice)
    return answers.page(
        "errors/error.html",
        status=status,
        code=status,
        title=title,
        advice=advice,
        within=_within_panel(status),
    )


def _error_in_frame(slug: str, status: int, title: str, advice: str) -> Response:
    """Small, for any site: what stood in the frame before is gone, and a browser shows nothing
    that may not stand there."""
    around = surroundings.here()
    page = answers.page(
        "embed/error.html",
        status=status,
        title=title,
        advice=advice,
        way=url_for("letters.show", slug=slug, lang=request.args.get("lang"), via=around.source),
        around=around,
    )
    return elsewhere.page_on(page)


def _within_panel(status: int) -> bool:
    """Whether an organizer goes on from here.

    Where something is broken, and for what another site sends, nobody is looked up.
    """
    inside = status < 500 and request.path.startswith("/organize/")
    foreign = request.method != "GET" and from_another_site()
    return inside and not foreign and bool(current_user.is_authenticated)


def _words(status: int) -> tuple[str, str]:
    words: dict[int, tuple[Any, Any]] = {
        400: (
            gettext("This request could not be understood"),
            gettext("Go back, reload the page and try once more."),
        ),
        403: (
            gettext("This is not allowed from here"),
            gettext("Open the page on our own site and try again there."),
        ),
        404: (
            gettext("There is nothing at this address"),
            gettext("Check the address, or begin at the start page."),
        ),
        405: (
            gettext("This address cannot be used like that"),
            gettext("Go back and use the buttons of the page."),
        ),
        409: (
            gettext("Somebody else was faster"),
            gettext("What you saw has changed meanwhile. Go back, reload and look again."),
        ),
        410: (
            gettext("This letter no longer takes signatures"),
            gettext("It has been closed. You can still read it."),
        ),
        413: (
            gettext("That was too much at once"),
            gettext("Go back, shorten what you wrote and send it again."),
        ),
        429: (
            gettext("Too many tries from your network"),
            gettext(
                "Nothing is lost: go back and send it again in a few minutes. "
                "What you typed is still there."
            ),
        ),
        503: (
            gettext("We are not ready right now"),
            gettext("Nothing is lost: go back and send it again in a minute."),
        ),
    }
    surprise = (
        gettext("Something went wrong on our side"),
        gettext("Go back and try again in a minute. What you had sent before is safe."),
    )
    return words.get(status, surprise)
