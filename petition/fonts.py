"""The fonts that pictures are drawn with, as packages bring them: for the scripts of the world."""

import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import fontpkg_noto_serif
import manimgx_fonts
import manimgx_fonts_cjk

from petition.text import MOST_MARKS

_CJK = {"ja": 0, "ko": 1, "zh": 2, "zh-hant": 3, "zh-tw": 3, "zh-hk": 4}
"""Which face of the collection writes Han characters as a language does."""


@cache
def faces() -> list[tuple[Path, int]]:
    """The fonts, each with its number in its file: those of a serif first, of emoji last."""
    serif = next((_beside(fontpkg_noto_serif.__file__) / "files").glob("NotoSerif[[]*"))
    others = _beside(manimgx_fonts.__file__)
    sans = sorted(path for path in others.glob("NotoSans*.ttf") if "Italic" not in path.name)
    sans.sort(key=lambda path: not path.name.startswith("NotoSans["))
    collection = next(_beside(manimgx_fonts_cjk.__file__).glob("*.ttc"))
    emoji = next(others.glob("NotoEmoji*"))
    return [
        (serif, 0),
        *((path, 0) for path in sans),
        *((collection, number) for number in range(5)),
        (emoji, 0),
    ]


def _beside(file: str | None) -> Path:
    return Path(file or "").parent


@cache
def order(language: str) -> list[int]:
    """Which fonts are asked for a character, one after the other; the serif is the first.

    Args:
        language: a tag in small letters.
    """
    numbers = range(len(faces()))
    subtags = language.split("-")
    number = _CJK.get("-".join(subtags[:2]), _CJK.get(subtags[0], 2))
    han = len(faces()) - 6 + number
    return sorted(
        numbers, key=lambda face: (face == numbers[-1], face >= len(faces()) - 6, face != han)
    )


def clusters(words: str) -> Iterator[str]:
    """Letters, each with the marks and joiners that belong to it, within reason."""
    cluster = ""
    for character in words:
        belongs = unicodedata.category(character)[0] == "M" or character in "\u200c\u200d"
        if cluster and not belongs:
            yield cluster
            cluster = ""
        if len(cluster) <= MOST_MARKS:
            cluster += character
    if cluster:
        yield cluster
