"""To which address we wrote, kept for an hour in the browser of who typed it.

It is what was typed and nothing else, so that the answer tells nobody what an address has done
before; it stands in no address of a page, and in no log.
"""

from flask import Response, current_app, request, url_for
from werkzeug.http import dump_cookie

from petition import address as addresses
from petition.exceptions import AddressInvalid

_NAME = "written-to"
_AGE = 60 * 60
"""Seconds."""


def remember(response: Response, slug: str, typed: str) -> None:
    """Keep what was typed, for the pages that come after signing this letter."""
    response.headers.add(
        "Set-Cookie",
        dump_cookie(
            _NAME,
            typed,
            max_age=_AGE,
            path=_path(slug),
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
            sync_expires=False,  # the time of day would make each answer unlike any other
        ),
    )


def address() -> str | None:
    """The address that was typed in this browser within the last hour, if it is one."""
    kept = request.cookies.get(_NAME, "")
    try:
        addresses.parse(kept)
    except AddressInvalid:
        return None
    return kept


def forget(response: Response, slug: str) -> None:
    """Drop it: who confirms or leaves needs it no longer."""
    response.delete_cookie(_NAME, path=_path(slug))


def _path(slug: str) -> str:
    return url_for("letters.show", slug=slug) + "/"
