"""What is too long to be made at once: made as fast as it can be, sent as slowly as it is taken.

It is read from the database at one instant, and the database cannot tidy up behind that as long
as the reading goes on. Whoever takes it may be slow, or stop for a while. So what is made waits
for them in a file without a name, which is gone with the answer.
"""

import os
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeVar

from flask import copy_current_request_context

from petition import config

T = TypeVar("T")

PIECE = 64 * 1024
"""Bytes that are written, and sent, at once."""

Begin = Callable[[], AbstractContextManager[tuple[T, Iterable[str]]]]
"""Opens what is read: says what is known of it from the start, and makes the pieces."""


def made(begin: Begin[T]) -> tuple[T, "Waiting"]:
    """Let something be made in a thread of its own, in the context of this request.

    Returns:
        What is known from the start, and the pieces, which may be taken at any pace, and are to
        be closed. A failure in the middle is raised there: what is not whole must not look so.
    """
    known: Future[T] = Future()
    waiting = Waiting()

    @copy_current_request_context
    def make() -> None:
        try:
            with begin() as (first, pieces):
                known.set_result(first)
                waiting.fill(pieces)
        except Exception as problem:
            if not known.done():
                known.set_exception(problem)
            waiting.end(problem)

    threading.Thread(target=make, name="export", daemon=True).start()
    try:
        return known.result(), waiting
    except BaseException:
        waiting.close()
        raise


class Waiting:
    """Bytes that one thread writes and another reads."""

    def __init__(self) -> None:
        # Not in the system's folder for such files, which is memory on some machines.
        self._file, name = tempfile.mkstemp(dir=config.current().data_dir)
        Path(name).unlink()
        self._more = threading.Condition()
        self._written = self._sent = 0
        self._ended = False
        self._unwanted = False
        self._problem: Exception | None = None

    def fill(self, pieces: Iterable[str]) -> None:
        """Write until there is no more, or nobody wants it any more."""
        buffer = bytearray()
        for piece in pieces:
            buffer += piece.encode()
            if len(buffer) >= PIECE:
                self._write(buffer)
                buffer = bytearray()
            if self._unwanted:
                break
        self._write(buffer)
        self.end()

    def _write(self, some: bytearray) -> None:
        view = memoryview(some)
        while view:
            view = view[os.write(self._file, view) :]
        with self._more:
            self._written += len(some)
            self._more.notify()

    def end(self, problem: Exception | None = None) -> None:
        """Say that there is no more, or why there is not."""
        with self._more:
            self._ended, self._problem = True, problem
            self._let_go()
            self._more.notify()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        """What was written since, as soon as there is any."""
        with self._more:
            self._more.wait_for(lambda: self._written > self._sent or self._ended)
            if self._problem is not None:
                raise self._problem
            there = min(PIECE, self._written - self._sent)
        if not there:
            raise StopIteration
        piece = os.pread(self._file, there, self._sent)
        self._sent += len(piece)
        return piece

    def close(self) -> None:
        """Let go of it, read to its end or not."""
        with self._more:
            self._unwanted = True
            self._let_go()

    def _let_go(self) -> None:
        """The last of the two who use the file closes it."""
        if self._ended and self._unwanted and self._file >= 0:
            os.close(self._file)
            self._file = -1
