"""Colours that are told apart: contrast, as WCAG 2.2 has it (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""

import re

LIGHT, DARK = "#fdfcf9", "#181715"
"""The grounds of what stands on other sites, as `static/css/embed.css` has them."""
ENOUGH = 4.5
"""What words of any size need."""
_BRIGHTNESS = (0.2126, 0.7152, 0.0722)


def understood(typed: str) -> str | None:
    """A colour as somebody writes it, with or without its sign, in six digits or in three.

    Returns:
        Its six digits, `1d4f91`; None, where it is none.
    """
    digits = typed.strip().lower().removeprefix("#")
    if re.fullmatch("[0-9a-f]{3}", digits):
        digits = "".join(2 * each for each in digits)
    return digits if re.fullmatch("[0-9a-f]{6}", digits) else None


def readable(typed: str) -> str | None:
    """A colour as somebody writes it, in six digits; None, where words in it cannot be read on
    either ground, or it is none."""
    colour = understood(typed)
    return colour if colour and grounds(colour) else None


def grounds(colour: str) -> tuple[str, ...]:
    """The grounds on which a colour is told apart well enough, and they as well on it.

    There is no colour for which that is both of them.
    """
    return tuple(each for each in (LIGHT, DARK) if contrast(colour, each) >= ENOUGH)


def contrast(one: str, other: str) -> float:
    """How well two colours are told apart: from 1, not at all, to 21, black on white."""
    less, more = sorted((_luminance(one), _luminance(other)))
    return (more + 0.05) / (less + 0.05)


def _luminance(colour: str) -> float:
    parts = bytes.fromhex(colour.removeprefix("#"))
    return sum(share * _linear(part / 255) for share, part in zip(_BRIGHTNESS, parts, strict=True))


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
