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
_CJK_FACES = 5
_SIMPLIFIED = _CJK["zh"]
SERIF = 0
"""Which of the fonts has serifs."""


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
        *((collection, number) for number in range(_CJK_FACES)),
        (emoji, 0),
    ]


def _beside(file: str | None) -> Path:
    return Path(file or "").parent


@cache
def order(language: str) -> list[int]:
    """Which fonts without serifs are asked for a character, one after the other.

    Args:
        language: a tag in small letters.
    """
    emoji = len(faces()) - 1
    first_han = emoji - _CJK_FACES
    subtags = language.split("-")
    by_language = _CJK.get(subtags[0], _SIMPLIFIED)
    han = first_han + _CJK.get("-".join(subtags[:2]), by_language)
    return sorted(
        range(SERIF + 1, len(faces())),
        key=lambda face: (face == emoji, face >= first_han, face != han),
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
