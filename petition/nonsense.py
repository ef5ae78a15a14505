"""What a hand leaves that runs over the keyboard. Names of all the world are to pass."""

import re
import unicodedata

_ROWS = ("qwertyuiop", "qwertzuiop", "azertyuiop", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю")
_LOWER_ROWS = ("asdfghjkl", "qsdfghjklm", "zxcvbnm", "yxcvbnm", "wxcvbn")
_VOWELLESS = re.compile(r"\b[bcdfghjklmnpqrstvxz]{6,}\b")
"""So many Latin letters without a vowel, of which w and y are some; "Strč" and "Krk" pass."""
_REPEATED = re.compile(r"([^\W\d_])\1{3}|([^\W\d_]{2,3})\2{3}")
_NUMBERED = re.compile(r"[^\W\d_]\d{3}|\d{3}[^\W\d_]")


def is_noise(name: str) -> bool:
    """Whether some word of a name was hardly typed to be read."""
    plain = _plain(name)
    return any(sign.search(plain) for sign in (_RUN, _REPEATED, _VOWELLESS, _NUMBERED))


def _plain(name: str) -> str:
    """In small letters, without accents."""
    apart = unicodedata.normalize("NFD", name.casefold())
    return apart if apart.isascii() else re.sub("[\u0300-\u036f]", "", apart)


def _runs(rows: tuple[str, ...], length: int) -> set[str]:
    """So many neighbouring keys of some row, to the right or to the left."""
    plain = [_plain(row) for row in rows]
    both = [*plain, *(row[::-1] for row in plain)]
    return {row[at : at + length] for row in both for at in range(len(row) - length + 1)}


# Four neighbours of a row that has vowels stand in names: Ewert, Rafferty, Azer.
_RUN = re.compile("|".join(sorted(_runs(_ROWS, 5) | _runs(_LOWER_ROWS, 4) | {"qwer", "фыва"})))
