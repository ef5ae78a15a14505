"""Badges: a label and a number side by side, as https://shields.io has made them known."""

from dataclasses import dataclass, replace
from itertools import accumulate
from math import ceil, floor
from unicodedata import east_asian_width

from petition import colours, languages, text
from petition.cards import Direction

LABEL_LENGTH = 40
"""Characters of a label; what is more is left out."""
WIDE_LENGTH = 16
"""Wide ones among these, as Chinese, Japanese and Korean are written with: each is as much to draw
as many others."""
COLOUR, LABEL_COLOUR = "1d4f91", "22201c"
STYLES = ("flat", "flat-square")
SIZES = ("small", "large")

_NAMED = {
    "brightgreen": "44cc11",
    "green": "97ca00",
    "yellowgreen": "a4a61d",
    "yellow": "dfb317",
    "orange": "fe7d37",
    "red": "e05d44",
    "blue": "007ec6",
    "grey": "555555",
    "lightgrey": "9f9f9f",
    "gray": "555555",
    "lightgray": "9f9f9f",
    "success": "44cc11",
    "important": "fe7d37",
    "critical": "e05d44",
    "informational": "007ec6",
    "inactive": "9f9f9f",
}
"""Colours by the names that shields have for them."""


@dataclass(frozen=True)
class _Measures:
    """How large one is, in pixels."""

    height: int
    letters: float
    around: int
    """Beside the words, on each side."""
    corner: int


_MEASURES = {"small": _Measures(20, 12, 6, 3), "large": _Measures(28, 15.5, 9, 4)}
_MARGIN = 1
"""Pixels that stay free above and below the tallest letters."""
_CAPITALS = 0.714
"""How tall the capitals and digits of the fonts are, in the size of their letters."""
_WEIGHT, _HEAVY = 500, 600


@dataclass(frozen=True)
class Look:
    """How a badge is to look."""

    style: str = STYLES[0]
    size: str = SIZES[0]
    colour: str = COLOUR
    label_colour: str = LABEL_COLOUR
    label: str | None = None
    """What stands beside the number; the usual word, where nothing is said, and nothing, where it
    is empty."""

    def alone(self) -> "Look":
        """The same for words that stand by themselves and are no number."""
        return replace(self, colour=self.label_colour, label="")

    @property
    def usual(self) -> bool:
        """Whether word and colours are the usual ones. There are few such badges, one for each
        style and size, so that they can be remembered."""
        return self == Look(self.style, self.size)


def look(
    *,
    style: str = "",
    size: str = "",
    colour: str = "",
    label_colour: str = "",
    label: str | None = None,
) -> Look:
    """What somebody asks for in an address; as usual, wherever that makes no sense."""
    return Look(
        style if style in STYLES else STYLES[0],
        size if size in SIZES else SIZES[0],
        _colour(colour) or COLOUR,
        _colour(label_colour) or LABEL_COLOUR,
        None if label is None else _tidied(label),
    )


def _colour(typed: str) -> str | None:
    return _NAMED.get(typed.strip().lower()) or colours.understood(typed)


def _tidied(label: str) -> str:
    """A line of at most so many characters, without what nobody sees."""
    line = text.tidy(label[: 4 * LABEL_LENGTH])[:LABEL_LENGTH]
    wide = accumulate(east_asian_width(each) in {"W", "F"} for each in line)
    fitting = sum(number <= WIDE_LENGTH for number in wide)
    return text.tidy(line[:fitting])


@dataclass(frozen=True)
class Part:
    """One side of a badge: words on a ground, in pixels from the left and the top."""

    width: int
    ground: str
    """A path around it."""
    colour: str
    ink: str
    words: str
    """Their outline."""
    place: str
    """The transformation that puts them there."""


@dataclass(frozen=True)
class Badge:
    """A badge as it is drawn."""

    width: int
    height: int
    corner: int
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class _Side:
    """Words on a colour."""

    words: str
    colour: str
    weight: int


@dataclass(frozen=True)
class _Setting:
    """What the sides of a badge have in common."""

    measures: _Measures
    language: str
    direction: Direction


def drawn(words: str, look: Look, language: str) -> Badge:
    """A badge that says its label and these words, in the direction in which a language goes."""
    direction: Direction = "rtl" if languages.direction(language) == "rtl" else "ltr"
    sides = [_Side(words, look.colour, _HEAVY)]
    if look.label:
        label = _Side(look.label, look.label_colour, _WEIGHT)
        sides.insert(0 if direction == "ltr" else 1, label)
    setting = _Setting(_MEASURES[look.size], language, direction)
    corner = setting.measures.corner if look.style == "flat" else 0
    parts: list[Part] = []
    for side in sides:
        corners = corner if side is sides[0] else 0, corner if side is sides[-1] else 0
        x = sum(part.width for part in parts)
        parts.append(_part(side, x, corners, setting))
    return Badge(sum(part.width for part in parts), setting.measures.height, corner, tuple(parts))


def _part(side: _Side, x: int, corners: tuple[int, int], setting: _Setting) -> Part:
    # A process that draws no badge does not pay for what letters are shaped with.
    from petition import outlines

    measures = setting.measures
    outline = outlines.of(side.words, setting.language, setting.direction, side.weight)
    scale = min(
        measures.letters / outlines.EM,
        (measures.height - 2 * _MARGIN) / max(1, outline.bottom - outline.top),
    )
    width = ceil((outline.right - outline.left) * scale) + 2 * measures.around
    base = (measures.height + _CAPITALS * measures.letters) / 2
    base = min(base, measures.height - _MARGIN - outline.bottom * scale)
    base = max(base, _MARGIN - outline.top * scale)
    left = x + (width - (outline.right - outline.left) * scale) / 2 - outline.left * scale
    return Part(
        width,
        _ground(x, width, measures.height, *corners),
        f"#{side.colour}",
        _ink(side.colour),
        outline.path,
        f"translate({left:.2f} {base:.2f}) scale({floor(scale * 1e5) / 1e5})",
    )


def _ground(x: int, width: int, height: int, left: int, right: int) -> str:
    """A box with round corners on some of its sides."""
    pieces = _round_corner(right, 1, 1), _round_corner(right, -1, 1)
    return (
        f"M{x + left} 0h{width - left - right}{pieces[0]}v{height - 2 * right}{pieces[1]}"
        f"h{left + right - width}{_round_corner(left, -1, -1)}v{2 * left - height}"
        f"{_round_corner(left, 1, -1)}z"
    )


def _round_corner(radius: int, x: int, y: int) -> str:
    return f"a{radius} {radius} 0 0 1 {x * radius} {y * radius}" if radius else ""


def _ink(ground: str) -> str:
    """White, or where that would be hard to read, black, which then never is."""
    return "#fff" if colours.contrast("ffffff", ground) >= colours.ENOUGH else "#000"
