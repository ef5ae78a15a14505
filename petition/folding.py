"""Words as they are looked for: case, accents and the ways to spell a letter make no difference."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from itertools import islice

LENGTH = 32
"""Characters of a beginning by which something is found."""
MOST = 64
"""Beginnings of one name or affiliation."""
APOSTROPHES = "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u055a\u2018\u2019\u201b"
"""What is typed for one, in any script."""

# Letters that Unicode does not take apart and people write either way; the alphabets of Arabic
# and Persian; and what joins letters without being one.
_SAME = str.maketrans(
    {
        "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ŧ": "t", "þ": "th", "æ": "ae",
        "œ": "oe", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ـ": "", "\u200c": "", "\u200d": "",
    }
)  # fmt: skip
_NO_APOSTROPHES = str.maketrans("", "", APOSTROPHES)
# Scripts that leave no space between words, or between the names of a person.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
_ARTICLE = "ال"
"""Of Arabic; written in one with its word, and left out by who searches."""
_KANA_AND_SIGNS = {0, 8, 9}
"""Combining classes of marks that make another letter, where all others are accents."""

_CONNECTING = {"and", "und", "et", "y", "e", "og", "och"}
_LEGAL = {
    "ab", "ag", "bv", "corp", "corporation", "co", "company", "ev", "gmbh", "inc", "incorporated",
    "kg", "limited", "llc", "llp", "ltd", "oy", "plc", "sa", "sarl", "se", "spa", "srl",
}  # fmt: skip


def words(value: str) -> list[str]:
    """The words of a value, folded; an apostrophe is no end of a word."""
    return _split(folded(value).translate(_NO_APOSTROPHES))


def folded(value: str) -> str:
    """A value in which case, accents and the ways to spell a letter make no difference."""
    if value.isascii():
        return value.lower()
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", value).casefold())
    bare = "".join(c for c in apart if unicodedata.combining(c) in _KANA_AND_SIGNS)
    return unicodedata.normalize("NFC", bare.translate(_SAME))


def _split(plain: str) -> list[str]:
    if plain.isascii():
        return re.findall(r"[a-z0-9]+", plain)
    return "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in plain).split()


@lru_cache(maxsize=2048)
def beginnings(value: str) -> frozenset[str]:
    """All that can be typed to find a name or an affiliation, each as far as it is kept.

    It is the whole, from each of its words on and in a circle, so that "Lee, Ann" begins like
    one of them too; from each of its characters on, where a script leaves no spaces.
    """
    plain = folded(value)
    ways = [_split(plain.translate(_NO_APOSTROPHES))]
    if any(each in plain for each in APOSTROPHES):
        ways.append(_split(plain))
    found = (each[:LENGTH].rstrip() for said in ways for each in _turned(said))
    return frozenset(islice(found, MOST))


def _turned(said: list[str]) -> Iterator[str]:
    for first, word in enumerate(said):
        after = " ".join((*said[first + 1 :], *said[:first]))
        yield f"{word} {after}"
        if word.startswith(_ARTICLE):
            yield f"{word.removeprefix(_ARTICLE)} {after}"
        for place in range(1, len(word)):
            if _UNSPACED.match(word, place) and unicodedata.category(word[place])[0] != "M":
                yield f"{word[place:]} {after}"


def fits(wanted: list[str], *values: str) -> bool:
    """Whether each of these folded words begins a word of one of the values."""
    known = [beginning for value in values for beginning in beginnings(value)]
    return all(any(each.startswith(word[:LENGTH]) for each in known) for word in wanted)


def key(affiliation: str) -> int | None:
    """A number of 64 bits that the spellings of an organization share; none, where there is none.

    Spaces, punctuation, an article in front, a legal form behind and what says "and" are no
    part of what it is called, as long as something is left.
    """
    said = words(affiliation.replace(".", ""))
    called = [word for word in said if word not in _CONNECTING] or said
    if len(called) > 1 and called[0] == "the":
        called = called[1:]
    while len(called) > 1 and called[-1] in _LEGAL:
        called = called[:-1]
    if not called:
        return None
    digest = blake2b("".join(called).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
