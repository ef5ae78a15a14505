"""What stands on other sites: the only home of CORS and framing.

Everything else that the site answers may be framed by nobody (`headers.py`). What may be framed
sets no cookie and reads none, so a browser that keeps the cookies of other sites apart, or from
them, makes no difference to it.

The form may be framed, where the letter's organizers let it. A page that frames it could lay
something over it, and have a reader type and press what they do not see. What that can gain:

- Nothing is signed by presses. A signature needs a name and an address that are typed, and then a
  mail that is opened, which says which letter it is about. Its link leads to a page that nobody
  frames; its code is known to nobody else.
- Whoever can make a reader type both on their page needs no frame: they can show a form of their
  own, and send what was typed from their own machine. Either way a mail comes that somebody did not
  expect, and says how to end it; limits, puzzle and signals are the same.
- What a frame tells the page around it is how high it is, and that somebody has signed there; not
  who. The page can set its width and measure again: so what was typed takes the same room whatever
  it is (`framed.css`), and only what is said of it, such as that a field is empty, takes more.
  It stays in the frame, and leads nowhere else in its window.
- Nobody is signed in there: no cookie is read, and no page of a signer or an organizer is framed.

Which sites may frame it is decided twice: here by what the browser says of the asking page, which
can be kept silent, and in the browser by `frame-ancestors`, which cannot. So where only some may,
an answer with the form names them, and no answer with it goes to a page that could be any. What is
answered to a form stands where that one stands already: a script puts it in its place.
"""

from flask import Blueprint, request

from petition import links, sites
from petition.actions import sightings
from petition.queries.embedding import Terms
from petition.views.answers import Response

OF_OUR_PAGES = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The policy of everything that is not spoken of here: nobody frames it."""
_DATA = "default-src 'none'; frame-ancestors *; sandbox"
_PICTURE = "default-src 'none'; frame-ancestors 'none'; sandbox"
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

FRAMES = frozenset({"count_frame", "form_frame"})
"""Blueprints of what stands in frames, where a page of any other shape, also one that says what
went wrong, would leave an empty one."""


def open_to_all(bp: Blueprint) -> None:
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
    if response.mimetype == "text/html":
        return page_on(response)
    return _open(response, _DATA)


def page_on(response: Response) -> Response:
    """Let a page stand in frames of all sites, also one that says what went wrong."""
    return _open(response, _PAGE)


def file(response: Response) -> Response:
    """Let pages of all sites load a style, a script or a font, which our frames need."""
    response.headers["X-Frame-Options"] = "DENY"
    return _open(response, OF_OUR_PAGES)


def picture(response: Response) -> Response:
    """Let pages of all sites show a picture; nobody frames it by itself."""
    response.headers["X-Frame-Options"] = "DENY"
    return _open(response, _PICTURE)


def _open(response: Response, policy: str) -> Response:
    """Let pages of all sites, and frames that have no origin of their own, load what is here.

    Args:
        policy: says who may frame it.
    """
    response.security_policy = policy
    headers = response.headers
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    # A host page that demands it of its frames still shows ours; and what a frame loads, and a
    # worker in it, has to say it too.
    headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    return response


def readable_by_programs(bp: Blueprint) -> None:
    """Let programs on other sites read what a blueprint answers; frames there do not show it."""
    bp.after_request(_readable)


def _readable(response: Response) -> Response:
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def notice_sites(bp: Blueprint) -> None:
    """Let what a blueprint answers be noticed, where it stands on other sites."""
    bp.after_request(_notice)


def form_on(response: Response, ancestors: str) -> Response:
    """Let an answer with a form stand in frames of these sites, as `frame-ancestors` has them."""
    return _open(response, _FORM.format(ancestors))


def ancestors_of_form(terms: Terms, site: str) -> str | None:
    """The sites that may frame a form for who asks from one, as `frame-ancestors` has them.

    Args:
        site: what the browser, or the address of the frame, claims; empty, where neither does. A
            false claim gains nothing: the answer names that site, so that it alone can frame it.
            Our own is claimed by a sample in the panel, and by what is sent from a frame.

    Returns:
        None, where there is none that certainly may.
    """
    if terms.everywhere:
        return "*"
    certain = sites.ancestors(terms.certain)
    if not site:
        return certain or None
    if site == sites.own():
        return f"'self' {certain}".strip()
    return sites.exactly(site) if terms.signs(site) else None


def frames_alike(response: Response, *, alike: bool) -> Response:
    """Tell a cache in front, with a letter's count, whether its frames are the same on all sites.
    Where they are not, it asks for them by site (`surroundings.SITE`), or keeps none."""
    response.headers["Letters-Frames"] = "alike" if alike else "by-site"
    return response


def showing_samples(response: Response) -> Response:
    """Let a page of the panel show samples in frames; nobody frames it."""
    response.security_policy = _SAMPLES
    headers = response.headers
    headers["X-Frame-Options"] = "DENY"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    return response


def as_sample(response: Response) -> Response:
    """Let a page stand for somebody else's: it may load what a site that shows a letter must
    allow, and stand in a frame of the panel alone."""
    response.security_policy = _SAMPLE.format(f"'self' {links.site()}")
    headers = response.headers
    headers["X-Frame-Options"] = "SAMEORIGIN"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _notice(response: Response) -> Response:
    """Remember which site shows a letter, where a browser tells."""
    slug = (request.view_args or {}).get("slug")
    if slug and response.status_code in {200, 304} and _is_shown_elsewhere():
        sightings.note(slug, _asking())
    return response


def _asking() -> str:
    """The site whose page asks, as far as the browser tells; empty, where it does not.

    A frame is asked for with a `Referer` at most (`surroundings.asking`), but a script says who it
    is in `Origin` too, and only there on a page that sends no `Referer`.
    """
    return sites.of(request.headers.get("Origin")) or sites.of(request.referrer)


def _is_shown_elsewhere() -> bool:
    """Whether the answer becomes part of another site's page, rather than a page by itself."""
    told = request.headers
    from_there = told.get("Sec-Fetch-Site", "cross-site") in {"cross-site", "same-site"}
    return from_there and told.get("Sec-Fetch-Dest") != "document" and request.method == "GET"
