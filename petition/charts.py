"""Where everything stands in a picture of numbers: plain places, which a template makes SVG of.

Across, places are percentages, so that a picture is as wide as there is room and its words keep
their size; downwards they are pixels. What it looks like is said by the page's style sheet, which
knows day and night: a library such as pygal would write styles and scripts into each SVG, which our
policy for contents forbids.
"""

from collections.abc import Sequence
from dataclasses import dataclass

PLOT = 132
"""Pixels from the base of the columns to the highest line."""
FOOT = 22
"""Below the base, for what stands under the columns."""
HEAD = 8
ROW = 15
"""Of the marks above the columns."""
NEAR = 4.0
"""Marks that are closer to each other than this stand in different rows."""
GAP = 0.22
"""Of the place of a column, what is left free beside it."""


@dataclass(frozen=True)
class Part:
    """A piece of a column."""

    y: float
    height: float
    kind: int
    """Which of the numbers of its column it stands for."""


@dataclass(frozen=True)
class Column:
    """Several numbers, one upon the other."""

    x: float
    width: float
    parts: tuple[Part, ...]
    said: str


@dataclass(frozen=True)
class Line:
    """A line across, with its number."""

    y: float
    number: int


@dataclass(frozen=True)
class Tick:
    """Words under the columns."""

    x: float
    words: str
    minor: bool
    """Left out where there is little room."""


@dataclass(frozen=True)
class Mark:
    """A letter above the columns, for something that is told below them."""

    x: float
    y: float
    sign: str


@dataclass(frozen=True)
class Columns:
    """Numbers in the course of time."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    top: float
    """Where the highest line is."""

    @property
    def gutter(self) -> int:
        """Pixels that the numbers of the lines need beside the picture."""
        return 10 + 7 * max((len(f"{line.number:,}") for line in self.lines), default=0)

    @property
    def base(self) -> float:
        return self.top + PLOT

    @property
    def height(self) -> float:
        return self.base + FOOT


def columns(
    numbers: Sequence[tuple[str, Sequence[int]]],
    ticks: Sequence[tuple[float, str, bool]],
    marks: Sequence[tuple[float, str]] = (),
) -> Columns:
    """A picture of numbers in the course of time.

    Args:
        numbers: of each column, what it says, and its numbers from below.
        ticks: how many columns are before each, its words, and whether it may be left out.
        marks: where each stands, from 0 to 1, and its sign; in the order of time.
    """
    most = max((sum(each) for _, each in numbers), default=0)
    step = _step(most)
    high = step * -(-most // step)
    placed, rows = _placed(marks)
    top = HEAD + ROW * rows
    place = 100 / max(1, len(numbers))
    return Columns(
        columns=tuple(
            Column(
                round(place * (index + GAP / 2), 3),
                round(place * (1 - GAP), 3),
                tuple(_stacked(each, high, top + PLOT)),
                said,
            )
            for index, (said, each) in enumerate(numbers)
        ),
        lines=tuple(
            Line(_down(top + PLOT - PLOT * number / high), number)
            for number in range(step, high + 1, step)
        ),
        ticks=tuple(Tick(round(place * before, 3), words, minor) for before, words, minor in ticks),
        marks=tuple(Mark(x, HEAD + ROW * row, sign) for x, row, sign in placed),
        top=top,
    )


def _step(most: int) -> int:
    """From one line to the next: one, two or five, with zeros; two to four lines."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if step * 4 >= most:
                return step
        size *= 10


def _stacked(numbers: Sequence[int], high: int, base: float) -> list[Part]:
    parts, below = [], 0
    for kind, number in enumerate(numbers):
        if number:
            height = PLOT * number / high
            parts.append(Part(_down(base - PLOT * below / high - height), _down(height), kind))
            below += number
    return parts


def _down(pixels: float) -> float:
    return round(pixels, 2)


def _placed(marks: Sequence[tuple[float, str]]) -> tuple[list[tuple[float, int, str]], int]:
    """Each mark in the first row in which none is too near; and how many rows these are."""
    ends: list[float] = []
    placed = []
    for at, sign in marks:
        x = round(100 * at, 3)
        row = next((row for row, end in enumerate(ends) if x - end >= NEAR), len(ends))
        ends[row : row + 1] = [x]
        placed.append((x, row, sign))
    return placed, len(ends)


BAR = 34
"""From one bar to the next."""
MOST_LETTERS = 42
"""Of what stands above a bar."""


@dataclass(frozen=True)
class Bar:
    """A number as a length, with words above it."""

    y: float
    width: float
    words: str
    told: str
    """The number, as people read it."""
    rest: bool
    """It stands for what is left, and not for one thing."""


@dataclass(frozen=True)
class Bars:
    """Numbers beside each other."""

    bars: tuple[Bar, ...]

    @property
    def height(self) -> float:
        return BAR * len(self.bars)


def bars(
    numbers: Sequence[tuple[str, float, str]], most: float | None = None, rests: int = 0
) -> Bars:
    """A picture of numbers beside each other.

    Args:
        numbers: of each, what it counts, the number itself, and how people read it.
        most: what stands for the whole width; the largest number, where none is given.
        rests: so many of the last stand for what is left.
    """
    whole = most or max((number for _, number, _ in numbers), default=0) or 1
    return Bars(
        tuple(
            Bar(
                BAR * index,
                round(100 * number / whole, 2),
                _shortened(words),
                told,
                index >= len(numbers) - rests,
            )
            for index, (words, number, told) in enumerate(numbers)
        )
    )


def _shortened(words: str) -> str:
    return words if len(words) <= MOST_LETTERS else f"{words[: MOST_LETTERS - 1].rstrip()}…"
