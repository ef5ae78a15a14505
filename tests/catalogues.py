"""Everything the public reads, brought into the files of its translations.

`make catalogues` brings all files up to the code, `make language LANG=es` begins another.
"""

import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from gettext import c2py
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po, write_po

from petition import catalogues

ROOT = Path(__file__).parent.parent

_PANEL = {
    "petition/{}.py": "deeds signals",
    "petition/forms/{}.py": """
        account decision embedding letter life note panel paper question queue reasons record
        rules settings signatory sweep team versioned
    """,
    "petition/views/{}.py": """
        account appeals attention bursts chips done embed/embedding embed/guide export figures
        invalidations invitations kept launch letter_settings life mailbox moderation notes
        organize paper passkeys promotion proof reasons record rules sessions sign_in signed_in
        standings sweeps switches teams writing
    """,
    "templates/{}*": """
        account/ bursts/ embed/guide.html embedding/ export/ invalidations/ invitations/ kept.html
        launch/ life/ mailbox/ moderation/ numbers/ organize/ paper/ passkeys/ promotion/ proof/
        record/ rules/ settings/ sign_in/ switches/ teams/ writing/
    """,
    "templates/mail/{}/*": """
        address-changed burst invitation new-address passkeys-changed proof sign-in
    """,
}
PANEL = [where.format(name) for where, names in _PANEL.items() for name in names.split()]
"""What only organizers and developers read, which is in English. All else is the public's."""

_METHODS = {".py": "python", **dict.fromkeys((".html", ".txt", ".svg", ".xml"), "jinja2")}
_KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "lazy_ngettext": (1, 2)}
# Where a translation came from, when and by whom, is the history's to say.
_HEADER = """\
# {examples}
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plural_forms}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
_SHOWN = 4
"""Numbers of each plural form that stand in the file for its translators."""


def sources() -> Iterator[tuple[str, str]]:
    """The files that hold words for the public, and how Babel reads each."""
    for folder in ("petition", "templates"):
        for file in sorted((ROOT / folder).rglob("*")):
            name = file.relative_to(ROOT).as_posix()
            if file.suffix in _METHODS and not any(fnmatch(name, each) for each in PANEL):
                yield name, _METHODS[file.suffix]


def extracted() -> Catalog:
    """All words for the public, as the code says them now."""
    words = Catalog(fuzzy=False)
    for name, method in sources():
        options = {"newstyle_gettext": "true", "silent": "false"} if method == "jinja2" else {}
        found = extract_from_file(
            method, ROOT / name, _KEYWORDS, comment_tags=("Translators:",), options=options,
            strip_comment_tags=True,
        )  # fmt: skip
        for _, message, comments, context in found:
            words.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    return words


def kept(language: str) -> Catalog:
    """A language's words as they stand in its file; none, where there is no file."""
    file = catalogues.of(language)
    if not file.exists():
        return Catalog(locale=language, fuzzy=False)
    with file.open("rb") as stream:
        return read_po(stream, language)


def brought_up(language: str, words: Catalog) -> str:
    """The file of a language, with these words: what is new is empty, what is gone is gone."""
    catalog = kept(language)
    catalog.update(words, no_fuzzy_matching=True)
    body = BytesIO()
    write_po(
        body, catalog, width=0, omit_header=True, sort_output=True, ignore_obsolete=True,
        include_lineno=False,
    )  # fmt: skip
    plurals = Catalog(locale=language).plural_forms
    header = _HEADER.format(language=language, plural_forms=plurals, examples=_examples(plurals))
    return header + body.getvalue().decode().strip() + "\n"


def numbers(plural_forms: str) -> dict[int, list[int]]:
    """The first numbers, up to 200, that each plural form is for."""
    form_of = c2py(plural_forms.partition("plural=")[2].rstrip(";"))
    found: dict[int, list[int]] = {}
    for number in range(201):
        found.setdefault(form_of(number), []).append(number)
    return dict(sorted(found.items()))


def _examples(plural_forms: str) -> str:
    told = []
    for form, those in numbers(plural_forms).items():
        some = ", ".join(str(number) for number in those[:_SHOWN])
        told.append(f"[{form}] for {some}{' …' if len(those) > _SHOWN else ''}")
    return "Plural forms: " + "; ".join(told)


def _write(language: str, words: Catalog) -> None:
    file = catalogues.of(language)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(brought_up(language, words), "utf-8")
    left = sum(1 for each in kept(language) if each.id and not _is_translated(each.string))
    print(f"{file.relative_to(ROOT)}: {len(words)} messages, {left} to translate")


def _is_translated(said: str | tuple[str, ...]) -> bool:
    return all(said) if isinstance(said, tuple) else bool(said)


def main(new: str | None = None) -> None:
    """Bring every file up to the code, or begin the file of another language."""
    words = extracted()
    if new is None:
        for language in catalogues.languages()[1:]:
            _write(language, words)
        return
    try:
        language = str(Locale.parse(new, sep="-" if "-" in new else "_"))
    except (UnknownLocaleError, ValueError):
        sys.exit(f"{new} is no language; write it like es or pt-BR")
    _write(language, words)


if __name__ == "__main__":
    main(*sys.argv[1:])
