"""What was changed between two texts, word by word, in time that grows with their length.

The textbook ways compare everything with everything: two hostile texts of a hundred kilobytes
would keep a process busy for hours. Here words that stand once in both texts are found first,
and only the short stretches between them are compared in full (patience diff).
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache
from itertools import chain

_FULL = 32
"""Words of a stretch that is compared in full."""
_DEEPEST = 24
"""How often a stretch is divided at the words that stand once in it."""
_ALIKE = 0.3
"""The part of two passages that must be common for their words to be shown among each other."""
_BREAK = "\n\n"

# Scripts that are written without spaces between the words.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_MARKS = r""".,;:!?()\[\]*_"“”„«»"""
_WORD = re.compile(rf"\n\n|\s|[{_UNSPACED}{_MARKS}]|[^\s{_UNSPACED}{_MARKS}]+")


class Kind(StrEnum):
    """What became of some words."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True)
class Part:
    """Words in a row that share their fate."""

    kind: Kind
    words: str


Paragraph = list[Part]


@lru_cache(maxsize=8)
def between(old: str, new: str) -> list[Paragraph]:
    """Both texts in one, paragraph by paragraph, with what was removed and what was added.

    The last few are remembered, and not to be changed: texts that were published stay as they
    are, and a long one takes half a second.
    """
    before, after = _paragraphs(old), _paragraphs(new)
    found: list[Paragraph] = []
    for same, removed, added in _stretches(before, after):
        if same:
            found += [[Part(Kind.SAME, paragraph)] for paragraph in removed]
        else:
            found += _within(_BREAK.join(removed), _BREAK.join(added))
    return found


def changed(paragraph: Paragraph) -> bool:
    """Whether anything in a paragraph was removed or added."""
    return any(part.kind is not Kind.SAME for part in paragraph)


def _paragraphs(text: str) -> list[str]:
    return [part for part in re.split(r"\n{2,}", text.strip("\n")) if part]


def _within(old: str, new: str) -> list[Paragraph]:
    """Two passages that stand for each other, compared by their words."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    stretches = list(_joined(_stretches(before, after)))
    common = sum(len(removed) for same, removed, _ in stretches if same)
    if common < _ALIKE * max(len(before), len(after)):
        stretches = [(False, before, after)]
    parts: list[Part] = []
    for same, removed, added in stretches:
        if same:
            parts.append(Part(Kind.SAME, "".join(removed)))
            continue
        parts += [Part(Kind.REMOVED, "".join(removed))] if removed else []
        parts += [Part(Kind.ADDED, "".join(added))] if added else []
    return _divided(parts)


Stretch = tuple[bool, Sequence[str], Sequence[str]]
"""Whether it is the same in both, how it was before, how it is now."""


def _joined(stretches: Iterator[Stretch]) -> Iterator[Stretch]:
    """One change where only a space or a mark stands between two: so it is read more easily."""
    removed: list[str] = []
    added: list[str] = []
    waiting: Sequence[str] = ()
    for same, before, after in stretches:
        if same and (removed or added) and _slight(before):
            waiting = before
        elif same:
            if removed or added:
                yield False, removed, added
            if waiting:
                yield True, waiting, waiting
            removed, added, waiting = [], [], ()
            yield True, before, after
        else:
            removed += [*waiting, *before]
            added += [*waiting, *after]
            waiting = ()
    if removed or added:
        yield False, removed, added
    if waiting:
        yield True, waiting, waiting


def _slight(words: Sequence[str]) -> bool:
    return len(words) <= 2 and all(len(word) == 1 and not word.isalnum() for word in words)


def _divided(parts: list[Part]) -> list[Paragraph]:
    """The parts in paragraphs; a break that was only itself removed or added is shown."""
    found: list[Paragraph] = [[]]
    for part in parts:
        if part.words == _BREAK and part.kind is not Kind.SAME:
            found[-1].append(Part(part.kind, "¶"))
            found.append([])
            continue
        first, *others = part.words.split(_BREAK)
        if first:
            found[-1].append(Part(part.kind, first))
        found += [[Part(part.kind, words)] if words else [] for words in others]
    return [paragraph for paragraph in found if paragraph]


def _stretches(before: Sequence[str], after: Sequence[str]) -> Iterator[Stretch]:
    """What two sequences share, and what differs between that, in order."""
    at_before = at_after = 0
    ends = [(len(before), len(after), 0)]
    for begin_before, begin_after, length in chain(_matches(before, after), ends):
        if begin_before > at_before or begin_after > at_after:
            yield False, before[at_before:begin_before], after[at_after:begin_after]
        if length:
            end_before, end_after = begin_before + length, begin_after + length
            yield True, before[begin_before:end_before], after[begin_after:end_after]
            at_before, at_after = end_before, end_after


Match = tuple[int, int, int]
"""Where it begins before, where it begins now, how long it is."""


def _matches(before: Sequence[str], after: Sequence[str]) -> list[Match]:
    """What is the same, in order and as long as possible."""
    pairs = sorted(chain.from_iterable(_found(before, after)))
    matches: list[Match] = []
    for i, j, length in pairs:
        if matches:
            last_i, last_j, last = matches[-1]
            if (last_i + last, last_j + last) == (i, j):
                matches[-1] = (last_i, last_j, last + length)
                continue
        matches.append((i, j, length))
    return matches


def _found(before: Sequence[str], after: Sequence[str]) -> Iterator[list[Match]]:
    waiting = [(0, len(before), 0, len(after), 0)]
    while waiting:
        low_i, high_i, low_j, high_j, depth = waiting.pop()
        begin = _alike(before[low_i:high_i], after[low_j:high_j])
        yield [(low_i, low_j, begin)] if begin else []
        low_i, low_j = low_i + begin, low_j + begin
        end = _alike(before[low_i:high_i][::-1], after[low_j:high_j][::-1])
        high_i, high_j = high_i - end, high_j - end
        yield [(high_i, high_j, end)] if end else []
        old, new = before[low_i:high_i], after[low_j:high_j]
        if not old or not new:
            continue
        if len(old) <= _FULL and len(new) <= _FULL:
            blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
            yield [(low_i + b.a, low_j + b.b, b.size) for b in blocks if b.size]
        elif depth < _DEEPEST:
            last_i, last_j = low_i, low_j
            for i, j in [*_anchors(old, new), (len(old), len(new))]:
                if (i, j) == (len(old), len(new)) and last_i == low_i and last_j == low_j:
                    break  # there is no anchor: all of it was replaced
                waiting.append((last_i, low_i + i, last_j, low_j + j, depth + 1))
                last_i, last_j = low_i + i, low_j + j


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words the two have in common at their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _anchors(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """Words that stand once in both, as many as stand in the same order."""
    counted_before, counted_after = Counter(before), Counter(after)
    place = {word: j for j, word in enumerate(after) if counted_after[word] == 1}
    pairs = [
        (i, place[word])
        for i, word in enumerate(before)
        if counted_before[word] == 1 and word in place
    ]
    return _ascending(pairs)


def _ascending(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest choice of pairs that ascends on both sides (patience sorting)."""
    tops: list[int] = []
    piles: list[int] = []
    below: list[int] = []
    for number, (_, j) in enumerate(pairs):
        pile = bisect_left(tops, j)
        below.append(piles[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(j)
            piles.append(number)
        else:
            tops[pile], piles[pile] = j, number
    chosen: list[tuple[int, int]] = []
    number = piles[-1] if piles else -1
    while number >= 0:
        chosen.append(pairs[number])
        number = below[number]
    return chosen[::-1]
