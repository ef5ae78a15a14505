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

from flask import Blueprint, Response, request

from petition import links, sites
from petition.actions import sightings

_PICTURE = "default-src 'none'; frame-ancestors *; sandbox"
_PAGE = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors *"
)
_FORM = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {}"
)


_SAMPLES = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_SAMPLE = (
    "default-src 'none'; style-src 'self'; script-src {0}; img-src {0}; connect-src {0}; "
    "frame-src {0}; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)


def register(bp: Blueprint) -> None:
    """Let all that a blueprint answers stand on other sites, as data, a picture or a page."""
    bp.after_request(_open_to_all)
    bp.after_request(_notice)


def _open_to_all(response: Response) -> Response:
    """Any site may read what is here: it is public, and no cookie has a say in it."""
    headers = response.headers
    headers["Access-Control-Allow-Origin"] = "*"
    headers["Access-Control-Max-Age"] = "86400"
    headers["Access-Control-Expose-Headers"] = "Retry-After"
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


def readable(bp: Blueprint) -> None:
    """Let programs on other sites read what a blueprint answers; frames there do not show it."""
    bp.after_request(_readable)


def _readable(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def form_on(response: Response, names: Iterable[str] | None) -> Response:
    """Let an answer with a form stand in frames of these sites; of all, where None."""
    ancestors = "*" if names is None else sites.ancestors(names)
    response.headers["Content-Security-Policy"] = _FORM.format(ancestors)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    return response


def showing_samples(response: Response) -> Response:
    """Let a page of the panel show samples in frames; nobody frames it."""
    headers = response.headers
    headers["Content-Security-Policy"] = _SAMPLES
    headers["X-Frame-Options"] = "DENY"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    return response


def as_sample(response: Response) -> Response:
    """Let a page stand for somebody else's: it may load what a site that shows a letter must
    allow, and stand in a frame of the panel alone."""
    headers = response.headers
    headers["Content-Security-Policy"] = _SAMPLE.format(f"'self' {links.site()}")
    headers["X-Frame-Options"] = "SAMEORIGIN"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _notice(response: Response) -> Response:
    """Remember which site shows a letter, where a browser tells."""
    slug = (request.view_args or {}).get("slug")
    if slug and response.status_code in {200, 304} and _is_shown_elsewhere():
        sightings.note(slug, asking_site())
    return response


def asking_site() -> str:
    """The site whose page asks, as far as the browser tells; empty, where it does not."""
    return sites.of(request.headers.get("Origin")) or sites.of(request.referrer)


def _is_shown_elsewhere() -> bool:
    """Whether the answer becomes part of another site's page, rather than a page by itself."""
    told = request.headers
    from_there = told.get("Sec-Fetch-Site", "cross-site") in {"cross-site", "same-site"}
    return from_there and told.get("Sec-Fetch-Dest") != "document" and request.method == "GET"
