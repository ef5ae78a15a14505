"""What stands on other sites: the only home of CORS and framing.

Everything else that the site answers may be framed by nobody (`headers.py`). What may be framed
sets no cookie and reads none, so a browser that keeps the cookies of other sites apart, or from
them, makes no difference to it.

The form may be framed, where the letter's organizers let it, although a page that frames it could
lay something over it: nothing is signed by presses. A signature needs a name and an address that
somebody types, and then a mail that they open; who could be led to do that unknowingly could as
well be shown a copy of the form. What stands in a frame leads nowhere else in its own window, and
nobody is signed in there.
"""

from collections.abc import Iterable

from flask import Blueprint, Response

from petition import sites

_PICTURE = "default-src 'none'; frame-ancestors *; sandbox"
_PAGE = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors *"
)
_FORM = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {}"
)


def register(bp: Blueprint) -> None:
    """Let all that a blueprint answers stand on other sites, as data, a picture or a page."""
    bp.after_request(_open_to_all)


def _open_to_all(response: Response) -> Response:
    """Any site may read what is here: it is public, and no cookie has a say in it."""
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = "*"
    headers["Access-Control-Max-Age"] = "86400"
    if response.status_code >= 400 and response.status_code != 410:
        return response  # a page of ours about what went wrong is framed by nobody
    headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin")
    if response.mimetype == "text/html":
        headers.setdefault("Content-Security-Policy", _PAGE)
        # A host page that demands it of its frames still shows ours.
        headers.setdefault("Cross-Origin-Embedder-Policy", "require-corp")
    else:
        headers.setdefault("Content-Security-Policy", _PICTURE)
    return response


def form_on(response: Response, names: Iterable[str] | None) -> Response:
    """Let an answer with a form stand in frames of these sites; of all, where None."""
    ancestors = "*" if names is None else sites.ancestors(names)
    response.headers["Content-Security-Policy"] = _FORM.format(ancestors)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    return response
