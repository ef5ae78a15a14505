"""Pictures that stand beside shared links: paper and ink, as the letters themselves.

Drawn with Pillow, in the scripts of the world: each character in the first font that has it, lines
broken where writing may be, from right to left where the language goes so. Nobody but the process
that draws imports this: Pillow and its fonts would cost every other one memory.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features

from petition.cards import HEIGHT, WIDTH, Direction, Motif
from petition.fonts import SERIF, clusters, faces, order

MARGIN = 84
GROUND, INK, SOFT, LINE, ACCENT = "#fdfcf9", "#22201c", "#5e5a52", "#dad6cd", "#1d4f91"
TITLE_SIZES = (80, 72, 64, 58, 52, 46, 40, 36)
TITLE_ROOM = 250
"""Pixels from the first line of a title to its last."""
LEADING = 1.2
RULE, BOTTOM = HEIGHT - 118, HEIGHT - 60
"""Where the line above the count is, and where the count stands."""
REGULAR, HEAVY = 400, 500

_BOXES = 12
"""Pixels at which it is looked whether a font has a character."""
# Scripts without spaces between words: a line may end after any of their letters.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
)
_UNIT = re.compile(rf"[{_UNSPACED}][^\S\n]*|[^\s{_UNSPACED}]+[^\S\n]*|\s+")
# No line begins with what closes or ends (JIS X 4051, in short).
_CLOSING = re.compile(
    r"^[\u3001\u3002\uff0c\uff0e\uff01\uff1f\uff09\u300d\u300f\u3011\u2019\u201d]"
)


def png(motif: Motif) -> bytes:
    """The picture, 1200 by 630 pixels."""
    image = Image.new("RGB", (WIDTH, HEIGHT), GROUND)
    sheet = _Sheet(ImageDraw.Draw(image), motif.language, motif.direction)
    size, lines = sheet.fitted(motif.title)
    leading = round(size * LEADING)
    y = 112 + (TITLE_ROOM - len(lines) * leading) // 3
    sheet.write(sheet.one_line(motif.over, 30), 30, y, SOFT, way=_way_of(motif.over))
    y += 40 + size
    for line in lines:
        sheet.write(line, size, y, INK, HEAVY)
        y += leading
    under = y - leading + 64
    sheet.write(sheet.one_line(motif.under, 30), 30, under, SOFT, way=_way_of(motif.under))
    sheet.rule(RULE)
    count = sheet.one_line(motif.count, 36, 700)
    sheet.write(count, 36, BOTTOM, ACCENT, HEAVY, way=_way_of(count))
    site = sheet.one_line(motif.site, 26, 300)
    sheet.write(site, 26, BOTTOM, SOFT, way=_way_of(site), opposite=True)
    out = BytesIO()
    image.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


class _Sheet:
    """A drawing with a side on which its lines begin."""

    def __init__(self, draw: ImageDraw.ImageDraw, language: str, direction: Direction) -> None:
        self._draw = draw
        self._language = language.lower()
        self._direction: Direction = direction
        self._measured: dict[tuple[str, int], list[tuple[str, float, float]]] = {}

    def rule(self, y: int) -> None:
        """A hairline from margin to margin."""
        self._draw.line((MARGIN, y, WIDTH - MARGIN, y), LINE, 2)

    def write(
        self,
        line: str,
        size: int,
        y: int,
        colour: str,
        weight: int = REGULAR,
        *,
        way: Direction | None = None,
        opposite: bool = False,
    ) -> None:
        """One line on its base line, from the side where lines begin or up to the opposite.

        Args:
            way: in which its words go, where that is not the letter's.
        """
        way = way or self._direction
        runs = [
            (run, font, self._length(run, font)) for run, font in self._runs(line, size, weight)
        ]
        if way == "rtl":
            runs.reverse()
        width = sum(length for *_, length in runs)
        from_left = (self._direction == "ltr") is not opposite
        x: float = MARGIN if from_left else WIDTH - MARGIN - width
        for run, font, length in runs:
            direction = way if _shapes() else None
            self._draw.text((x, y), run, colour, font, "ls", direction=direction)
            x += length

    def fitted(self, title: str) -> tuple[int, list[str]]:
        """The largest size at which a title has room, and its lines; the rest is cut off."""
        for size in TITLE_SIZES:
            lines = self._lines(title, size)
            most = max(1, int(TITLE_ROOM / (size * LEADING)))
            if len(lines) <= most:
                return size, self._balanced(title, size, lines)
        return size, [*lines[: most - 1], self._cut(lines[most - 1], size)]

    def _balanced(self, title: str, size: int, lines: list[str]) -> list[str]:
        """The same number of lines, as equally long as they can be."""
        for room in range(WIDTH - 2 * MARGIN, 0, -40):
            narrower = self._lines(title, size, room)
            if len(narrower) > len(lines):
                break
            lines = narrower
        return lines

    def one_line(self, words: str, size: int, room: int = WIDTH - 2 * MARGIN) -> str:
        """As much of some words as one line has room for."""
        if self._width(words, size) <= room:
            return words
        return self._cut(words, size, room)

    def _cut(self, words: str, size: int, room: int = WIDTH - 2 * MARGIN) -> str:
        kept, taken = "", self._width("…", size)
        for cluster in clusters(words):
            taken += self._width(cluster, size)
            if taken > room:
                break
            kept += cluster
        return kept.rstrip() + "…"

    def _lines(self, words: str, size: int, room: int = WIDTH - 2 * MARGIN) -> list[str]:
        lines, line, taken = [], "", 0.0
        for unit, width, bare in self._units(words, size):
            if line and taken + bare > room and not _CLOSING.match(unit):
                lines.append(line.rstrip())
                line, taken = "", 0.0
            line += unit
            taken += width
        return [*lines, line.rstrip()]

    def _units(self, words: str, size: int) -> list[tuple[str, float, float]]:
        """What stays together on a line, how wide it is, and how wide without the space behind."""
        if (words, size) not in self._measured:
            pieces = (piece for unit in _UNIT.findall(words) for piece in self._pieces(unit, size))
            self._measured[words, size] = [
                (piece, self._width(piece, size), self._width(piece.rstrip(), size))
                for piece in pieces
            ]
        return self._measured[words, size]

    def _pieces(self, unit: str, size: int) -> Iterator[str]:
        """A word; in pieces, where no line could hold it."""
        room, piece, taken = WIDTH - 2 * MARGIN, "", 0.0
        if self._width(unit.rstrip(), size) <= room:
            yield unit
            return
        for cluster in clusters(unit):
            width = self._width(cluster, size)
            if piece and taken + width > room:
                yield piece
                piece, taken = "", 0.0
            piece += cluster
            taken += width
        yield piece

    def _width(self, words: str, size: int) -> float:
        return sum(self._length(*run) for run in self._runs(words, size, HEAVY))

    def _length(self, run: str, font: ImageFont.FreeTypeFont) -> float:
        return font.getlength(run, direction=self._direction if _shapes() else None)

    def _runs(self, words: str, size: int, weight: int) -> list[tuple[str, ImageFont.FreeTypeFont]]:
        """Words in pieces that one font has all the letters of."""
        runs: list[tuple[str, int]] = []
        for cluster in clusters(words):
            before = runs[-1][1] if runs else None
            face = self._face(cluster, before)
            if face == before:
                runs[-1] = (runs[-1][0] + cluster, face)
            else:
                runs.append((cluster, face))
        return [(run, _font(face, size, weight)) for run, face in runs]

    def _face(self, cluster: str, before: int | None) -> int:
        """The font of a letter with its marks; what all fonts have stays in the one before."""
        asked = [SERIF, *order(self._language)]
        if (
            before not in {None, asked[-1]}
            and not cluster[0].isalnum()
            and _has(before, cluster[0])
        ):
            return before
        return next((face for face in asked if _has(face, cluster[0])), asked[0])


def _way_of(words: str) -> Direction:
    """In which direction words go by themselves: that of their first letter that has one."""
    kinds = (unicodedata.bidirectional(character) for character in words)
    return "rtl" if next((k for k in kinds if k in {"L", "R", "AL"}), "L") != "L" else "ltr"


@cache
def _shapes() -> bool:
    """Whether letters can be joined and set from right to left: it needs libfribidi at hand."""
    return bool(features.check("raqm"))


@cache
def _font(face: int, size: int, weight: int) -> ImageFont.FreeTypeFont:
    path, number = faces()[face]
    engine = ImageFont.Layout.RAQM if _shapes() else ImageFont.Layout.BASIC
    font = ImageFont.truetype(str(path), size, number, layout_engine=engine)
    axes = font.get_variation_axes()
    font.set_variation_by_axes(
        [weight if axis["name"] == b"Weight" else axis["default"] or 0 for axis in axes]
    )
    return font


@cache
def _has(face: int, character: str) -> bool:
    """Whether a font has a character: it draws something else than for one that no font has."""
    path, number = faces()[face]
    font = _small(path, number)
    if character.isspace():
        return True
    return bytes(font.getmask(character)) != _box(path, number)


@cache
def _small(path: Path, number: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), _BOXES, number, layout_engine=ImageFont.Layout.BASIC)


@cache
def _box(path: Path, number: int) -> bytes:
    return bytes(_small(path, number).getmask("\U0010ffff"))
