"""Pages and style sheets leave packed (gzip) for browsers that take them so: a third of the bytes.

Only what anybody may keep is packed. Where a page holds a secret beside words of a visitor's own
choice, its packed size would tell of the secret (https://www.breachattack.com).
"""

import gzip
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import Accept, Headers
from werkzeug.http import parse_accept_header

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LEAST = 1000
"""Bytes of the smallest body that is worth it."""
LARGEST = 256 * 1024
"""Bytes of the largest body that is packed; a larger one flows past."""
MOST = 64
"""Packed bodies kept at once, each beside what it was made from."""
_KINDS = ("text/", "image/svg+xml", "application/json", "application/atom+xml")


def taken(environ: "WSGIEnvironment") -> bool:
    """Whether who asks takes a packed body."""
    return _taken(environ.get("HTTP_ACCEPT_ENCODING", ""))


@lru_cache(maxsize=100)
def _taken(accepted: str) -> bool:
    return parse_accept_header(accepted, Accept).quality("gzip") > 0


class Packing:
    """WSGI middleware: packs the body of what anybody may keep."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        said: list[Any] = []

        def listen(status: str, headers: list[tuple[str, str]], *problem: Any) -> Any:
            said[:] = [status, headers, *problem]
            return _no_writing

        answer = self._app(environ, listen)
        status, given, *problem = said
        # Most answers to a crowd that signs are for one reader, and pass as they are.
        if any(name == "Cache-Control" and value.startswith("public") for name, value in given):
            headers = Headers(given)
            if status.startswith("304"):
                _say_again(headers, environ.get("HTTP_IF_NONE_MATCH", ""))
            elif status.startswith("200") and headers["Content-Type"].startswith(_KINDS):
                headers.add("Vary", "Accept-Encoding")
                if environ["REQUEST_METHOD"] == "GET" and taken(environ) and _worth_it(headers):
                    answer = (_pack(answer, headers),)
            given = headers.to_wsgi_list()
        start_response(status, given, *problem)
        return answer


def _no_writing(_body: bytes) -> None:
    """Nothing of ours answers by the old way of PEP 3333, which would go past the packing."""
    raise NotImplementedError


def _worth_it(headers: Headers) -> bool:
    length = headers.get("Content-Length", 0, type=int)
    return LEAST <= length <= LARGEST and "Set-Cookie" not in headers


def _say_again(headers: Headers, known: str) -> None:
    """A packed body is kept under its weak tag, and hears of itself under that."""
    headers.add("Vary", "Accept-Encoding")
    tag = _weak(headers.get("ETag", ""))
    if tag in known:
        headers["ETag"] = tag


def _pack(answer: Iterable[bytes], headers: Headers) -> bytes:
    body = b"".join(answer)
    if close := getattr(answer, "close", None):
        close()
    packed = _packed(body)
    headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(packed))
    headers.pop("Accept-Ranges", None)
    if "ETag" in headers:
        headers["ETag"] = _weak(headers["ETag"])
    return packed


@lru_cache(maxsize=MOST)
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


def _weak(tag: str) -> str:
    """The tag for the same meaning in other bytes (RFC 9110, section 8.8.1)."""
    return tag if tag.startswith("W/") else f"W/{tag}"
