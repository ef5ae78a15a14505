"""Words as the outlines of their letters: the same on every screen, and as wide as is said.

Shaped with HarfBuzz, in the scripts of the world; fonts are mapped, not read. Who imports this pays
for the shaper, a few megabytes, so nobody does before there is something to draw.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby

import uharfbuzz as hb
from bidi import algorithm as bidi

from petition.cards import Direction
from petition.fonts import clusters, faces, order

EM = 250
"""Units of an outline in the size of its letters; at any size that is used, each is less than a
tenth of a pixel."""
_REMEMBERED = 200
"""Outlines that are kept at hand, of some kilobytes each."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Outline:
    """A line of words as an SVG path: its base line is at 0, and downwards is more."""

    path: str
    left: float
    right: float
    """Between these is all their ink, and the room that letters have around them."""
    top: float
    bottom: float
    """Between these is all their ink."""


@lru_cache(maxsize=_REMEMBERED)
def of(words: str, language: str, direction: Direction, weight: int) -> Outline:
    """The outline of a line of words.

    Args:
        direction: of the line; words that go in the other one do so within it (UAX #9).
        weight: of the letters: 400 is regular, 700 bold.
    """
    pen = _Pen()
    for run in _runs(words, language.lower(), direction):
        pen.write(run, language, weight)
    return pen.outline()


@dataclass(frozen=True)
class _Run:
    """Letters of one font that go in one direction."""

    letters: str
    face: int
    level: int
    """Odd, where they go from right to left."""


def _runs(words: str, language: str, direction: Direction) -> Iterable[_Run]:
    """What the words consist of, from left to right."""
    letters = [each for each in clusters(words) if bidi.bidirectional(each[0]) not in _UNSEEN]
    runs: list[_Run] = []
    for each, level in zip(letters, _levels(letters, direction), strict=True):
        before = runs[-1] if runs else None
        face = _face(each[0], language, before.face if before else None)
        if before and (before.face, before.level) == (face, level):
            runs[-1] = _Run(before.letters + each, face, level)
        else:
            runs.append(_Run(each, face, level))
    return _reordered(runs)


_UNSEEN = frozenset(bidi.X9_REMOVED)


def _levels(letters: list[str], direction: Direction) -> list[int]:
    """How deep each letter stands among words of the other direction (UAX #9)."""
    base = int(direction == "rtl")
    line = bidi.get_empty_storage() | {"base_level": base, "base_dir": "LR"[base]}
    bidi.get_embedding_levels("".join(each[0] for each in letters), line)
    for step in (
        bidi.explicit_embed_and_overrides,
        bidi.resolve_weak_types,
        bidi.resolve_neutral_types,
        bidi.resolve_implicit_levels,
    ):
        step(line, debug=False)
    return [each["level"] for each in line["chars"]]


def _reordered(runs: list[_Run]) -> list[_Run]:
    """As they stand beside each other (UAX #9, L2)."""
    for level in range(max((run.level for run in runs), default=0), 0, -1):
        runs = _turned(runs, level)
    return runs


def _turned(runs: list[_Run], level: int) -> list[_Run]:
    """With all turned round that stand beside each other at a level or deeper."""
    turned: list[_Run] = []
    for deep, some in groupby(runs, lambda run: run.level >= level):
        group = [*some]
        turned += reversed(group) if deep else group
    return turned


def _face(letter: str, language: str, before: int | None) -> int:
    """The font of a letter; what all fonts have stays in the one before."""
    asked = order(language)
    if before not in {None, asked[-1]} and not letter.isalnum() and _has(before, letter):
        return before
    return next((face for face in asked if _has(face, letter)), asked[0])


def _has(face: int, letter: str) -> bool:
    return bool(_font(face, 400).get_nominal_glyph(ord(letter)))


@cache
def _font(face: int, weight: int) -> hb.Font:
    path, number = faces()[face]
    font = hb.Font(hb.Face(hb.Blob.from_file_path(str(path)), number))
    font.set_variations({"wght": weight})
    return font


class _Pen:
    """Draws letters one after the other in whole units, each point by its way from the last."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._command = ""
        self._begun: tuple[int, int] = (0, 0)
        self._last: tuple[int, int] = (0, 0)
        self._origin: tuple[int, int] = (0, 0)
        self._scale = 1.0
        self._advance = 0.0
        self._inked: list[tuple[int, int]] = []

    def write(self, run: _Run, language: str, weight: int) -> None:
        """One run, to the right of the one before."""
        font = _font(run.face, weight)
        buffer = hb.Buffer()
        buffer.add_str(run.letters)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if run.level % 2 else "ltr"
        buffer.language = language
        hb.shape(font, buffer)
        self._scale = EM / font.face.upem
        for glyph, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            x = self._advance + place.x_offset * self._scale
            # In whole units, so that a letter is drawn in the same words each time.
            self._origin = (round(x), round(place.y_offset * self._scale))
            font.draw_glyph(glyph.codepoint, _strokes(), self)
            self._advance += place.x_advance * self._scale

    def outline(self) -> Outline:
        """What was drawn."""
        across = [x for x, _ in self._inked]
        down = [y for _, y in self._inked]
        return Outline(
            "".join(self._path),
            min([0.0, *across]),
            max([self._advance, *across]),
            min(down, default=0),
            max(down, default=0),
        )

    def move(self, point: Point) -> None:
        """Begin a contour."""
        self._command = ""  # a second pair of numbers would be a line
        self.stroke("m", point)
        self._begun = self._last

    def close(self) -> None:
        """End it."""
        self._path.append("z")
        self._command = "z"
        self._last = self._begun

    def stroke(self, command: str, *points: Point) -> None:
        """A line or a curve, with the points that it is bent by."""
        placed = [self._placed(point) for point in points]
        ways = (str(number) for x, y in placed for number in (x - self._last[0], y - self._last[1]))
        said = " ".join(ways).replace(" -", "-")
        again = command == self._command
        between = "" if not again or said.startswith("-") else " "
        self._path.append(f"{between if again else command}{said}")
        self._command = command
        self._last = placed[-1]
        self._inked += placed

    def _placed(self, point: Point) -> tuple[int, int]:
        (left, up), (x, y) = self._origin, point
        return left + round(x * self._scale), -up - round(y * self._scale)


@cache
def _strokes() -> hb.DrawFuncs:
    """What a font is told to draw by."""
    strokes = hb.DrawFuncs()
    strokes.set_move_to_func(lambda x, y, pen: pen.move((x, y)))
    strokes.set_line_to_func(lambda x, y, pen: pen.stroke("l", (x, y)))
    strokes.set_quadratic_to_func(lambda a, b, x, y, pen: pen.stroke("q", (a, b), (x, y)))
    strokes.set_cubic_to_func(lambda a, b, c, d, x, y, pen: pen.stroke("c", (a, b), (c, d), (x, y)))
    strokes.set_close_path_func(lambda pen: pen.close())
    return strokes
