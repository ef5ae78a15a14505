"""Countries, as ISO 3166-1 writes them in two letters and people call them."""

from functools import cache

from babel import Locale, UnknownLocaleError

from petition import folding

# What is no country: unions, outlying seas and pieces of one, and what stands for none.
_OTHERS = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}


@cache
def called(language: str) -> dict[str, str]:
    """The countries by their letters, as a language calls them, in the order of their names.

    Where nobody has written down what a language calls them, English does.
    """
    try:
        spoken = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        spoken = Locale("en")
    english = {str(code): str(name) for code, name in Locale("en").territories.items()}
    found = {
        code: str(spoken.territories.get(code, name))
        for code, name in english.items()
        if len(code) == 2 and code.isalpha() and code not in _OTHERS
    }
    return dict(sorted(found.items(), key=lambda pair: (folding.words(pair[1]), pair[1])))


def name(code: str, language: str) -> str:
    """What a language calls a country; its letters, where it is none that is known."""
    return called(language).get(code, code)


def key(code: str) -> int:
    """The letters of a country as one number."""
    return int.from_bytes(code.encode(), "big")
