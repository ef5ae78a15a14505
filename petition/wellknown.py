"""Names that everybody knows: of people in whose name others sign, and of nobody.

The lists stand in `names/`, and are read once.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

from petition import lookalike

_LISTS = Path(__file__).parent / "names"


def is_notable(name: str, watch: Iterable[str] = ()) -> bool:
    """Whether a name looks like that of a well-known person.

    Args:
        watch: further names to look for.
    """
    if _is_of(name, _list("notable")):
        return True
    watched = tuple(watch)
    return bool(watched) and _is_of(name, _watched(watched))


def is_joke(name: str) -> bool:
    """Whether a name looks like that of somebody who does not exist, or is none."""
    return _is_of(name, _list("jokes"))


def warm() -> None:
    """Read the lists, and how letters look, before processes share the memory."""
    for which in ("notable", "jokes"):
        _list(which)


def _is_of(name: str, known: frozenset[str]) -> bool:
    looks = lookalike.drawn(name)
    if "".join(looks) in known:
        return True
    if min(map(len, looks), default=0) > 2:
        return False
    whole = [look for look, word in zip(looks, lookalike.words(name), strict=True) if word[1:]]
    return 1 < len(whole) < len(looks) and "".join(whole) in known  # but for initials between


@cache
def _list(which: str) -> frozenset[str]:
    lines = (_LISTS / f"{which}.txt").read_text(encoding="utf-8").splitlines()
    return _looks(line for line in lines if line and not line.startswith("#"))


@lru_cache(maxsize=64)
def _watched(names: tuple[str, ...]) -> frozenset[str]:
    return _looks(names)


def _looks(names: Iterable[str]) -> frozenset[str]:
    """How names look without their spaces, with the first word first or last."""
    looks = [lookalike.drawn(name) for name in names]
    turned = [words[-1:] + words[:-1] for words in looks] + [
        words[1:] + words[:1] for words in looks
    ]
    return frozenset("".join(words) for words in (*looks, *turned) if words)
