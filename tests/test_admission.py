"""Visitors who never finish their form keep nobody else out."""

import threading
from io import BytesIO
from typing import Any

from petition.admission import AT_WORK, Admission


class Slow:
    """A body whose rest does not come before it is told to."""

    def __init__(self) -> None:
        self.gate = threading.Event()

    def read(self, _size: int) -> bytes:
        """Wait."""
        self.gate.wait(10)
        return b"name=A"


def _app(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [environ["wsgi.input"].read()]


def _start(*_: object) -> Any:
    return None


def test_slow_bodies_take_no_place() -> None:
    door = Admission(_app, 100)
    slow = [Slow() for _ in range(3 * AT_WORK)]
    waiting = [
        threading.Thread(target=door, args=({"CONTENT_LENGTH": "6", "wsgi.input": body}, _start))
        for body in slow
    ]
    for thread in waiting:
        thread.start()
    assert list(door({"wsgi.input": BytesIO(b"")}, _start)) == [b""]
    for body in slow:
        body.gate.set()
    for thread in waiting:
        thread.join(10)


def test_a_body_is_read_once_and_whole() -> None:
    environ = {"CONTENT_LENGTH": "6", "wsgi.input": BytesIO(b"name=A-and-more")}
    assert list(Admission(_app, 100)(environ, _start)) == [b"name=A"]


def test_what_is_too_large_is_left_to_the_application() -> None:
    environ = {"CONTENT_LENGTH": "1000", "wsgi.input": BytesIO(b"x" * 1000)}
    assert list(Admission(_app, 100)(environ, _start)) == [b"x" * 1000]
