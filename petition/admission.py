"""Few requests at work, many at the door.

A thread that waits for the rest of a slow visitor's form does no work, and must keep nobody else
from it: the body is read before a place is taken, by one of many threads that cost little.
"""

from collections.abc import Iterable
from io import BytesIO
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

AT_WORK = 4
"""Requests that one process works on at once: more would wait for the same interpreter."""
AT_THE_DOOR = 16
"""Requests that one process has taken in, most of them waiting for the rest of a form."""


class Admission:
    """WSGI middleware: reads a body whole, up to `longest` bytes, then waits for a place."""

    def __init__(self, app: "WSGIApplication", longest: int) -> None:
        self._app = app
        self._longest = longest
        self._places = BoundedSemaphore(AT_WORK)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        length = environ.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and 0 < int(length) <= self._longest:
            environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(int(length)))
        with self._places:
            return self._app(environ, start_response)
