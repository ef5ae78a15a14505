"""The words of the site in other languages, read from the files that translators write.

There is no compiled form to make, to ship or to forget: a file is read once in a process, or once
before processes part (`templating.warm`), which takes some hundredths of a second.
"""

from functools import cache, cached_property
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Babel, Domain, get_locale

FOLDER = Path(__file__).parent / "translations"
ENGLISH = "en"
"""What the words are written in."""


def of(language: str) -> Path:
    """The file of a language's words, which may not be there."""
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def languages() -> tuple[str, ...]:
    """The languages that the site speaks: English, and those that have a file."""
    found = sorted(folder.name for folder in FOLDER.iterdir() if of(folder.name).is_file())
    return (ENGLISH, *found)


class Catalogues(Domain):
    """Flask-Babel's words, from our files."""

    def get_translations(self) -> NullTranslations:
        """The words in the language of the page or mail that is being made."""
        return _words(get_locale())


class Speaker(Babel):
    """Flask-Babel, with our files."""

    @cached_property
    def domain_instance(self) -> Domain:
        """Where words come from."""
        return Catalogues()

    def list_translations(self) -> list[Locale]:
        """The languages that are spoken."""
        return [Locale.parse(language) for language in languages()]


@cache
def _words(locale: Locale | None) -> NullTranslations:
    file = of(str(locale))
    if locale is None or not file.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with file.open("rb") as stream:
        write_mo(compiled, read_po(stream, locale))
    compiled.seek(0)
    return Translations(compiled)
