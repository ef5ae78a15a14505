"""The languages the site itself speaks."""

from functools import cache

from babel import Locale, UnknownLocaleError, negotiate_locale
from flask_babel import get_babel

# Those that letters are likely to be written in.
_COMMON = """
    af am ar as az be bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl gu ha he hi hr hu hy
    id ig is it ja jv ka kk km kn ko ku ky lb lo lt lv mg mi mk ml mn mr ms mt my nb ne nl nn om or
    pa pl ps pt pt-BR ro ru rw sd si sk sl so sq sr st sv sw ta te tg th ti tk tr uk ur uz vi wo xh
    yo zh-Hans zh-Hant zu
"""


@cache
def _spoken() -> tuple[str, ...]:
    return tuple(str(locale) for locale in get_babel().instance.list_translations())


def closest(*wanted: str) -> str:
    """The language we speak that is closest to a letter's, or to the first of a reader's that has
    one; English, where none is.
    """
    return negotiate_locale([each.replace("-", "_") for each in wanted], _spoken(), sep="_") or "en"


@cache
def locale(spoken: str) -> Locale:
    """A language that we speak, with all that is known of it: to parse it looks at files."""
    return Locale.parse(spoken)


def speaks(language: str) -> bool:
    """Whether we speak a letter's language, in whatever country."""
    return closest(language).partition("_")[0] == language.partition("-")[0]


def direction(language: str) -> str:
    """`rtl` or `ltr`, as the `dir` attribute wants it."""
    try:
        return Locale.parse(language, sep="-").text_direction
    except (UnknownLocaleError, ValueError):
        return "ltr"


def tag(value: str) -> str:
    """A language tag as we write it: `pt-BR` for `PT_br`.

    Raises:
        ValueError: it is none.
    """
    try:
        return str(Locale.parse(value.strip().replace("_", "-"), sep="-")).replace("_", "-")
    except UnknownLocaleError as error:
        raise ValueError(str(error)) from None


def with_territory(language: str) -> str | None:
    """A language with the country it is spoken in, as Open Graph writes it; none without one."""
    try:
        found = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
    return f"{found.language}_{found.territory}" if found.territory else None


def autonym(language: str) -> str:
    """What a language is called in itself; the tag, where nobody has written that down.

    It stands alone, and so begins like a sentence where its script has capitals.
    """
    try:
        found = Locale.parse(language, sep="-").get_display_name()
    except (UnknownLocaleError, ValueError):
        found = None
    return found[:1].upper() + found[1:] if found else language


def name(language: str, into: str) -> str:
    """What a language is called in another; the tag, where nobody has written that down."""
    try:
        found = Locale.parse(language, sep="-").get_display_name(into.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        found = None
    return found or language


@cache
def common(into: str) -> dict[str, str]:
    """The languages that letters are likely to be written in, by tag, as another calls them."""
    names = ((language, name(language, into)) for language in _COMMON.split())
    return dict(sorted(names, key=lambda named: named[1].casefold()))


@cache
def _by_name() -> dict[str, str]:
    called = ((f(language), language) for language in _COMMON.split() for f in (autonym, _english))
    return {words.casefold(): language for words, language in called}


def _english(language: str) -> str:
    return name(language, "en")


def understood(typed: str, into: str) -> str | None:
    """The tag of the language that somebody meant, who wrote its tag or its name."""
    wanted = " ".join(typed.split()).casefold()
    named = {words.casefold(): language for language, words in common(into).items()}
    if found := named.get(wanted) or _by_name().get(wanted):
        return found
    try:
        return tag(typed)
    except ValueError:
        return None
