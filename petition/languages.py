"""The languages the site itself speaks."""

from functools import cache

from babel import Locale, UnknownLocaleError, negotiate_locale
from flask_babel import get_babel


@cache
def _spoken() -> tuple[str, ...]:
    return tuple(str(locale) for locale in get_babel().instance.list_translations())


def closest(wanted: str) -> str:
    """The language we speak that is closest to a letter's; English, where none is."""
    return negotiate_locale([wanted.replace("-", "_")], _spoken(), sep="_") or "en"


def direction(language: str) -> str:
    """`rtl` or `ltr`, as the `dir` attribute wants it."""
    try:
        return Locale.parse(language, sep="-").text_direction
    except (UnknownLocaleError, ValueError):
        return "ltr"
