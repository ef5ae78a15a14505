"""The one place that every request and every response passes.

Requests that would change something are refused where they come from another site. There is no
token in public pages, so that they stay the same for everybody; browsers say by themselves where
a post comes from (https://developer.mozilla.org/docs/Web/HTTP/Headers/Sec-Fetch-Site).
"""

from urllib.parse import urlsplit

from flask import Flask, abort, request

from petition import assets, links
from petition.caching import Policy
from petition.views.answers import Response
from petition.views.embed import elsewhere

_UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
_LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}
_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()"

_EVERYWHERE = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", _PERMISSIONS),
)
_ON_OUR_SITE_ALONE = (
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)


def register(app: Flask) -> None:
    """Let every request and every response of the application pass here."""
    app.before_request(refuse_foreign_host)
    app.before_request(refuse_cross_site)
    app.after_request(set_headers)


def refuse_foreign_host() -> None:
    """Answer only to our own name; the probes of a load balancer know none."""
    if request.endpoint in {"health.alive", "health.ready"}:
        return
    host = request.host
    if host != urlsplit(links.site()).netloc and _without_port(host) not in _LOOPBACK:
        abort(400)


def _without_port(host: str) -> str:
    return host if host.endswith("]") else host.rsplit(":", 1)[0]


def refuse_cross_site() -> None:
    """Refuse what another site's page makes a browser send.

    A request with neither header comes from no browser, and carries nobody's cookies.
    """
    if request.method in _UNSAFE and from_another_site():
        abort(403)


def from_another_site() -> bool:
    """Whether another site's page made the browser send this, as far as the browser says."""
    fetch_site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if fetch_site is not None:
        return fetch_site not in {"same-origin", "none"}
    ours = {links.site(), f"{request.scheme}://{request.host}"}
    return origin is not None and origin not in ours


def _asset_policy() -> Policy:
    """For ever, under the address of this very content; for a while, where the address names none.

    What it names is another release's content, as long as two are served: it is kept by nobody.
    """
    file, named = (request.view_args or {}).get("filename", ""), request.args.get("v")
    if named is None:
        return Policy.STILL
    # Only what is known by its name is looked at. A name that was typed may be any path, and not
    # all methods have looked yet whether it leads out of the folder.
    exact = file in assets.files() and named == assets.version(file)
    return Policy.ASSET if exact else Policy.NOTHING


def of_a_public_letter() -> bool:
    """Whether the address that is asked for names a letter, and is the same for everybody."""
    named = "slug" in (request.view_args or {})
    return named and request.path.startswith(("/letters/", "/embed/"))


def _failure_policy(status: int) -> Policy:
    """That a letter is not there, or no more, is the same for everybody; any other failure is of
    this one request."""
    asked = request.method in {"GET", "HEAD"} and of_a_public_letter()
    return Policy.MISSING if asked and status in {404, 410} else Policy.NOTHING


def set_headers(response: Response) -> Response:
    """Security headers, and exactly one Cache-Control."""
    headers = response.headers
    if request.endpoint == "static" and response.status_code < 400:
        headers["Cache-Control"] = _asset_policy()
        elsewhere.file(response)
    if response.status_code >= 400:
        headers["Cache-Control"] = _failure_policy(response.status_code)
    headers.setdefault("Cache-Control", Policy.NOTHING)
    headers.update(_EVERYWHERE)
    headers["Content-Security-Policy"] = response.security_policy or elsewhere.OF_OUR_PAGES
    if response.security_policy is None:
        headers.update(_ON_OUR_SITE_ALONE)
    if links.site().startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return response
