"""Names that everybody knows: of people in whose name others sign, and of nobody.

The lists stand in `names/`, and are read once.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from petition import lookalike

_LISTS = Path(__file__).parent / "names"
_NO_LETTERS = re.compile(r"[\d!@$]")
"""What may stand for letters, and may stand beside a name."""

_SPELT_OUT = str.maketrans({"ä": "ae", "æ": "ae", "ö": "oe", "ø": "oe", "ü": "ue", "å": "aa"})
"""How German and the languages of the north write where a keyboard has no such letters."""


@dataclass(frozen=True)
class _Known:
    """A list of names, as they look."""

    whole: frozenset[str]
    """Each without its spaces, with the first word first or last."""
    words: dict[str, list[frozenset[str]]]
    """The words of each that has several, by the one that the fewest others have."""


def is_notable(name: str, watch: Iterable[str] = ()) -> bool:
    """Whether a name looks like that of a well-known person, or has all its words.

    Args:
        watch: further names to look for.
    """
    watched = tuple(watch)
    lists = (_list("notable"), _watched(watched)) if watched else (_list("notable"),)
    return any(
        _is_of(reading, known) or _has_words_of(reading, known)
        for reading in _readings(name)
        for known in lists
    )


def is_joke(name: str) -> bool:
    """Whether a name looks like that of somebody who does not exist, or is none."""
    return _is_of(name, _list("jokes"))


def warm() -> None:
    """Read the lists, and how letters look, before processes share the memory."""
    for which in ("notable", "jokes"):
        _list(which)


def _readings(name: str) -> Iterator[str]:
    yield name
    letters = _NO_LETTERS.sub(" ", name)
    if letters != name:
        yield letters
    yield from _spelt_out(name)


def _spelt_out(name: str) -> list[str]:
    """A name in its other spelling, if it has one; in small letters, whose look is the same."""
    if name.isascii():
        return []
    small = unicodedata.normalize("NFC", name).lower()
    other = small.translate(_SPELT_OUT)
    return [other] if other != small else []


def _is_of(name: str, known: _Known) -> bool:
    looks = lookalike.drawn(name)
    if "".join(looks) in known.whole:
        return True
    if min(map(len, looks), default=0) > 2:
        return False
    words = lookalike.words(name)
    longer = [word for word in words if word[1:]]
    if not 1 < len(longer) < len(words):
        return False
    return "".join(lookalike.drawn(" ".join(longer))) in known.whole  # but for initials between


def _has_words_of(name: str, known: _Known) -> bool:
    looks = frozenset(lookalike.drawn(name))
    return any(words <= looks for look in looks for words in known.words.get(look, ()))


@cache
def _list(which: str) -> _Known:
    lines = (_LISTS / f"{which}.txt").read_text(encoding="utf-8").splitlines()
    return _looks(line for line in lines if line and not line.startswith("#"))


@lru_cache(maxsize=64)
def _watched(names: tuple[str, ...]) -> _Known:
    return _looks(names)


def _looks(names: Iterable[str]) -> _Known:
    looks = [lookalike.drawn(each) for name in names for each in (name, *_spelt_out(name))]
    turned = [words[-1:] + words[:-1] for words in looks] + [
        words[1:] + words[:1] for words in looks
    ]
    whole = frozenset("".join(words) for words in (*looks, *turned) if words)
    sets = [frozenset(words) for words in looks]
    common = Counter(word for words in sets for word in words)
    by_rarest = defaultdict(list)
    for words in sets:
        if len(words) > 1:
            by_rarest[min(words, key=lambda word: (common[word], word))].append(words)
    return _Known(whole, dict(by_rarest))
