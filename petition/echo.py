"""A crowd asks for the same page: for a moment it hears the same answer, before Flask is asked.

What an HTTP cache in front would do (RFC 9111), for a site that has none: answers that anybody
may keep are repeated for a quarter of a second, headers and all. A change that this process
makes ends that at once.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from petition import packing
from petition.caching import recent

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MOMENT = 0.25
"""Seconds that an answer is repeated."""
MOST = 500
"""Answers kept at once."""
LARGEST = 256 * 1024
"""Bytes of the largest answer that is kept; a larger one flows past."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was given."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes
    until: float
    changes: int
    """How many changes this process had made when the answer was asked for."""


class Echo:
    """WSGI middleware: repeats what may be repeated, and passes everything else on."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app
        self._kept: dict[tuple[str | bool, ...], Kept] = {}

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        key = _key(environ)
        if key is None:
            return self._app(environ, start_response)
        kept = self._kept.get(key)
        if kept is not None and kept.changes == recent.changes and time.monotonic() < kept.until:
            start_response(kept.status, kept.headers.copy())
            return (kept.body,)
        return self._ask(key, environ, start_response)

    def _ask(
        self,
        key: tuple[str | bool, ...],
        environ: "WSGIEnvironment",
        start_response: "StartResponse",
    ) -> Iterable[bytes]:
        changes = recent.changes
        said: list[Any] = []

        def listen(status: str, headers: list[tuple[str, str]], *problem: Any) -> Any:
            said[:] = [status, headers]
            return start_response(status, headers, *problem)

        answer = self._app(environ, listen)
        if not said or not _may_be_kept(*said):
            return answer
        body = b"".join(answer)
        if close := getattr(answer, "close", None):
            close()
        if len(self._kept) >= MOST:
            self._kept.clear()
        status, headers = said
        until = time.monotonic() + MOMENT
        self._kept[key] = Kept(status, headers.copy(), body, until, changes)
        return (body,)


def _key(environ: "WSGIEnvironment") -> tuple[str | bool, ...] | None:
    """What an answer depends on, where it may depend on nothing else."""
    query = environ.get("QUERY_STRING", "")
    # Whoever invents parameters is answered, but not remembered: there is no end of them.
    if environ["REQUEST_METHOD"] != "GET" or (query and not query.startswith("lang=")):
        return None
    return (
        environ.get("HTTP_HOST", ""),
        environ.get("PATH_INFO", ""),
        query,
        environ.get("HTTP_IF_NONE_MATCH", ""),
        packing.taken(environ),
    )


def _may_be_kept(status: str, headers: list[tuple[str, str]]) -> bool:
    """Whether anybody may be given it, and it is small and whole."""
    if not status.startswith(("200", "304")):
        return False
    said = {name.lower(): value for name, value in headers}
    small = status.startswith("304") or int(said.get("content-length", LARGEST + 1)) <= LARGEST
    anybody = said.get("cache-control", "").startswith("public") and "set-cookie" not in said
    return anybody and small
