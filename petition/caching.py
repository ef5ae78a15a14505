"""The few cache policies, by name, and what is remembered for a moment.

A policy is the value of `Cache-Control` (RFC 9111, RFC 5861). Pages that are the same for
everybody may be kept by a shared cache; a browser asks again each time and mostly hears 304, so
that nobody who has just signed is shown the page from before.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")


class Policy(StrEnum):
    """Who may keep an answer, and for how long."""

    NOTHING = "no-store"
    PAGE = "public, max-age=0, s-maxage=5, stale-while-revalidate=10, stale-if-error=300"
    COUNT = "public, max-age=5, s-maxage=5, stale-while-revalidate=5, stale-if-error=300"
    STILL = "public, max-age=3600"
    """Words that change only with a release."""
    ASSET = "public, max-age=31536000, immutable"
    """A file whose address changes with its content."""


@dataclass(frozen=True)
class Answer:
    """A rendered answer, the same for everybody."""

    body: bytes
    mimetype: str
    etag: str
    weak: bool = False
    """The tag stands for the meaning, not for each byte."""


class Recent:
    """Answers, and what they are made from, remembered for at most a second, by letter.

    A crowd asks for the same page a thousand times a second; it is made once. A change made by
    this process is seen at once (`forget`), one made by another after a second at most.
    """

    def __init__(self, seconds: float = 1.0, most: int = 2000) -> None:
        self._seconds = seconds
        self._most = most
        self._answers: dict[tuple[str, str], tuple[float, Any]] = {}
        self._generation = 0
        self._lock = threading.Lock()
        self._making = threading.RLock()  # what is made may be made from what is remembered

    def get(self, slug: str, view: str, make: Callable[[], T]) -> T:
        """The remembered answer of a letter's view, or a new one.

        One asker makes it and the others wait for that, rather than all making the same.
        """
        key = (slug, view)
        remembered = self._answers.get(key)
        if remembered is None or remembered[0] <= time.monotonic():
            with self._making:
                remembered = self._answers.get(key)
                if remembered is None or remembered[0] <= time.monotonic():
                    return self._make(key, make)
        answer: T = remembered[1]
        return answer

    def _make(self, key: tuple[str, str], make: Callable[[], T]) -> T:
        generation = self._generation
        answer = make()
        with self._lock:
            # What was read before a change must not be remembered after it.
            if generation == self._generation:
                if len(self._answers) >= self._most:
                    self._answers.clear()
                self._answers[key] = (time.monotonic() + self._seconds, answer)
        return answer

    def forget(self, slug: str) -> None:
        """Drop what is remembered of a letter: it has changed."""
        with self._lock:
            self._generation += 1
            for key in [key for key in self._answers if key[0] == slug]:
                del self._answers[key]

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            self._generation += 1
            self._answers.clear()


recent = Recent()
