"""The few cache policies, by name, and what is remembered for a moment.

A policy is the value of `Cache-Control` (RFC 9111, RFC 5861). Pages that are the same for
everybody may be kept by a shared cache; a browser asks again each time and mostly hears 304, so
that nobody who has just signed is shown the page from before.
"""

import math
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from petition.clock import now

T = TypeVar("T")


class Policy(StrEnum):
    """Who may keep an answer, and for how long."""

    NOTHING = "no-store"
    PAGE = "public, max-age=0, s-maxage=5, stale-while-revalidate=8, stale-if-error=300"
    """What is new is on every page within fifteen seconds, as it is in every count."""
    COUNT = "public, max-age=2, s-maxage=2, stale-while-revalidate=1, stale-if-error=300"
    """Kept for two seconds, and served for one more while it is renewed. With one second in a
    process (`recent`), and ten between two questions of an element on another site, what is new is
    everywhere within fifteen."""
    MISSING = "public, max-age=0, s-maxage=2"
    """That a letter is not there: what shows it on other sites goes on asking, and all at once."""
    STILL = "public, max-age=3600"
    """Words that change only with a release."""
    SCRIPT = "public, max-age=3600, stale-while-revalidate=86400, stale-if-error=2592000"
    """The script of other sites, at the address that always gives the newest: they get along with
    the one of yesterday, and with that of last month where we are away."""
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
    changes_at: datetime | None = None
    """When the clock alone makes it untrue: a letter closes."""

    @property
    def holds_for(self) -> float:
        """Seconds until it is untrue."""
        return math.inf if self.changes_at is None else (self.changes_at - now()).total_seconds()


def limited(policy: Policy, holds_for: float) -> str:
    """A policy under which nobody keeps an answer for longer than it holds, in seconds.

    Only where the site is away, what was true before is shown rather than nothing.
    """
    fresh, stale = _ages(policy)
    if holds_for >= fresh + stale:
        return policy
    left = max(0, math.floor(holds_for))
    fresh = min(fresh, left)

    def shorten(found: re.Match[str]) -> str:
        most = left - fresh if found[1] == "stale-while-revalidate" else left
        return f"{found[1]}={min(int(found[2]), most)}"

    return re.sub(r"(max-age|s-maxage|stale-while-revalidate)=(\d+)", shorten, policy)


@cache
def _ages(policy: Policy) -> tuple[int, int]:
    """For how many seconds an answer may be kept, and for how many more while it is renewed."""
    fresh = re.findall(r"max-?age=(\d+)", policy)
    stale = re.findall(r"stale-while-revalidate=(\d+)", policy)
    return max(map(int, fresh), default=0), max(map(int, stale), default=0)


class Made(Future[Any]):
    """An answer for all who ask, made or still in the making."""

    until = math.inf
    """When it is too old; not before it is there."""


class Recent:
    """Answers, and what they are made from, remembered for a moment, by letter.

    A crowd asks for the same page a thousand times a second; it is made once, and who asks
    meanwhile waits for that. A change made by this process is seen at once (`forget`), one made
    by another after `seconds` at most.
    """

    def __init__(self, seconds: float = 1.0, most: int = 2000) -> None:
        self._seconds = seconds
        self._most = most
        self._answers: dict[tuple[str, str], Made] = {}
        self._lock = threading.Lock()
        self.changes = 0
        """How often something was forgotten; what was made before is not to be trusted."""

    def get(self, slug: str, view: str, make: Callable[[], T]) -> T:
        """The remembered answer of a letter's view, or a new one.

        What goes wrong while it is made is raised for all who wait, and not remembered. It may
        be made from other answers that are remembered, never from itself.
        """
        key = (slug, view)
        made = self._answers.get(key)  # mostly it is there, and nobody waits for the lock
        if made is None or made.until <= time.monotonic():
            made, mine = self._find_or_begin(key)
            if mine:
                self._make(key, made, make)
        answer: T = made.result()
        return answer

    def _find_or_begin(self, key: tuple[str, str]) -> tuple[Made, bool]:
        with self._lock:
            made = self._answers.get(key)
            if made is not None and made.until > time.monotonic():
                return made, False
            if len(self._answers) >= self._most:
                self._answers.clear()
            made = self._answers[key] = Made()
            return made, True

    def _make(self, key: tuple[str, str], made: Made, make: Callable[[], T]) -> None:
        try:
            answer = make()
        except BaseException as problem:
            with self._lock:
                if self._answers.get(key) is made:
                    del self._answers[key]
            made.set_exception(problem)
        else:
            holds_for = answer.holds_for if isinstance(answer, Answer) else math.inf
            made.until = time.monotonic() + min(self._seconds, holds_for)
            made.set_result(answer)

    def forget(self, slug: str) -> None:
        """Drop what is remembered of a letter, and of all letters together: it has changed.

        What is in the making is dropped too: those who wait for it asked before the change, and
        whoever asks after it must not be given what was read before.
        """
        with self._lock:
            self.changes += 1
            for key in [key for key in self._answers if key[0] in {slug, ""}]:
                del self._answers[key]

    def clear(self) -> None:
        """Drop everything."""
        with self._lock:
            self.changes += 1
            self._answers.clear()


recent = Recent(seconds=0.75)
"""What the world is shown: forgotten whenever it changes, and a count changes all the time. With
the quarter of a second for which an answer is repeated (`echo.py`), a process shows nothing that is
older than one."""

guards = Recent(seconds=3.0)
"""What decides about each form or confirmation and seldom changes, by letter: the networks that
are allowed, the rules in force. Apart from `recent`, so that those who confirm do not make all
who sign ask again. Whoever changes a guard forgets it here: by its letter, or, where it is of all
letters of a team, by `clear`. Other processes know within three seconds."""
