"""Names that look the same, and letters that do not belong together (UTS #39)."""

import hashlib
import re
import unicodedata
from collections import defaultdict
from functools import cache, lru_cache

from confusable_homoglyphs import categories, utils

from petition import folding

_TITLE = re.compile(
    "dame|dipl|doctor|dott|dra?|dres|frau|herr|ing|lady|lord|mag|mme|monsieur|mrs?|ms|msgr|mx|"
    "prof|profa|professor|professorin|revd?|sir|sra?",
    re.IGNORECASE,
)
"""What may stand before a name without being a part of it."""

_PLAIN = (
    dict.fromkeys(map(ord, folding.APOSTROPHES), "'")
    | dict.fromkeys(map(ord, "\u2120\u2122\u00b9\u00b2\u00b3"), " ")
    | dict.fromkeys(map(ord, "\u0640\u200c\u200d\u20e3\ufe0f"), "")
    | {start + at: chr(ord("A") + at) for start in (0x1F150, 0x1F170) for at in range(26)}
)
"""What NFKC leaves, or makes letters of: apostrophes, of which there is one; small signs after a
word; joiners, the lengthening of Arabic and what dresses pictures; white letters on black."""
_OF_WORDS = frozenset("LMN")
_BETWEEN_WORDS = re.compile("[^a-zA-Z0-9']+")
_FOR_LETTERS = re.compile(r"[!@](?=[^\W_])|[$3-9]")
_LETTERS_MEANT = str.maketrans("!@$3456789", "iaseasgtbg")
_ACCENTS = dict.fromkeys(range(0x0300, 0x0370))
"""The marks that Latin, Greek and Cyrillic put on letters, and people leave out in typing. Those
of other scripts are letters of their own."""
_LIKE_L = dict.fromkeys(map(ord, "i\u0131"), "l")
_SMALL_CAPITALS = str.maketrans("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz")


def skeleton(name: str) -> int:
    """The same number for all names that look the same: 64 bits, signed.

    Whatever the order of the words, their case and their accents; titles do not count.
    """
    whole = hashlib.blake2b(" ".join(sorted(drawn(name))).encode(), digest_size=8).digest()
    return int.from_bytes(whole, "big", signed=True)


def spelt(name: str) -> str:
    """What two names have in common that are the same to a reader who looks closely.

    Case, titles and what stands between words do not count; accents do, and so does the order of
    the words, unless a comma says that it is turned.
    """
    last, comma, first = name.partition(",")
    return " ".join(words(f"{first} {last}" if comma else name)).casefold()


def words(name: str) -> list[str]:
    """The words of a name, without the titles before it."""
    return _split(_plain(name))


@lru_cache(maxsize=256)
def drawn(name: str) -> tuple[str, ...]:
    """The words of a name as they look: what is drawn alike is written alike.

    So are the signs that stand for letters ("B!ll G4te$").
    """
    meant = _FOR_LETTERS.sub(lambda sign: sign[0].translate(_LETTERS_MEANT), _plain(name))
    return tuple(_drawn(word) for word in _split(meant))


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name.translate(_PLAIN))


def _split(plain: str) -> list[str]:
    """Words of letters, marks, numbers and the apostrophes between them."""
    if plain.isascii():
        apart = _BETWEEN_WORDS.sub(" ", plain)
    else:
        apart = "".join(c if c == "'" or _is_of_words(c) else " " for c in plain)
    found = [word for word in (word.strip("'") for word in apart.split()) if word]
    while len(found) > 1 and _TITLE.fullmatch(found[0]):
        del found[0]
    return found


def _is_of_words(character: str) -> bool:
    return unicodedata.category(character)[0] in _OF_WORDS


def _drawn(word: str) -> str:
    """The skeleton of UTS #39 §4, of a word whose case, accents and dots on the i do not count.

    A capital looks like other letters than the small one of the same name does, so a word is
    looked at as it is usually written, and once more when its capitals are gone.
    """
    if word.isupper() or word.islower():
        word = word[:1].upper() + word[1:].lower()
    small = _alike(word.translate(_SMALL_CAPITALS)).casefold().translate(_SMALL_CAPITALS)
    seen = _alike(small).casefold()
    # A capital I looks like an l, so an i can be meant by it.
    return seen.translate(_ACCENTS).translate(_LIKE_L)


def _alike(word: str) -> str:
    apart = unicodedata.normalize("NFD", word).translate(_prototypes())
    return unicodedata.normalize("NFD", apart)


@cache
def _prototypes() -> dict[int, str]:
    """By character, the one that all of its kind are written as.

    The package tells of each pair that looks alike, in both directions. Each character is in a
    pair with its prototype alone, which is in a pair with all of its kind.
    """
    pairs: dict[str, list[str]] = defaultdict(list)
    for character, others in utils.load("confusables.json").items():
        # It puts marks of direction around what is written from right to left.
        pairs[character.strip("\u200e")] += [each["c"].strip("\u200e") for each in others]
    table = {}
    for character, others in pairs.items():
        if len(character) == 1 and len(others) == 1:
            other = others[0]
            of_two = len(pairs[other]) == 1 and len(other) == 1
            if not of_two or (ord(character) > ord(other)):
                table[ord(character)] = other
    return table


def mixed_scripts(name: str) -> bool:
    """Whether letters of scripts stand in one word that no language writes in one word."""
    return any(not word.isascii() and not _belong_together(_scripts(word)) for word in words(name))


_CHINESE = {"LATIN", "HAN", "BOPOMOFO"}
_JAPANESE = {"LATIN", "HAN", "HIRAGANA", "KATAKANA"}
_KOREAN = {"LATIN", "HAN", "HANGUL"}
_OF_ALL = {"COMMON", "INHERITED", "UNKNOWN"}


def _belong_together(scripts: set[str]) -> bool:
    """Whether a word is "highly restrictive" (UTS #39 §5.2): of one script, or of East Asia."""
    return len(scripts) < 2 or any(scripts <= each for each in (_CHINESE, _JAPANESE, _KOREAN))


def _scripts(word: str) -> set[str]:
    return {_script(character) for character in word} - _OF_ALL


@lru_cache(maxsize=2048)
def _script(character: str) -> str:
    return str(categories.alias(character)).upper()
