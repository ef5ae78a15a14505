"""Every language that the site speaks, it speaks whole."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from babel.messages import Catalog, Message

from petition import catalogues
from tests.catalogues import brought_up, extracted, kept, numbers

GAP = re.compile(r"%\((\w+)\)[sd]")
TAG = re.compile(r"</?[a-z][^>]*>")
LABEL = re.compile("“([^”]+)”")
HOW_MANY = {"num", "number", "shown"}
"""What the form for one number alone may leave out: Arabic says “two signatures” in one word."""


@pytest.fixture(scope="module")
def words() -> Catalog:
    """All that is said in English; to read it takes longer than each test."""
    return extracted()


@pytest.fixture(params=catalogues.languages()[1:])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_public_is_spoken_to_in_four_languages_at_least(words: Catalog) -> None:
    assert {"en", "de", "fr", "ar"} <= set(catalogues.languages())
    assert len(words) > 300


def test_a_catalogue_holds_the_words_of_the_code_and_no_others(
    language: str, words: Catalog
) -> None:
    assert catalogues.of(language).read_text("utf-8") == brought_up(language, words), (
        f"the words of {language} are not those of the code, or not laid out like all: "
        "run `make catalogues`, then translate what is empty"
    )


def test_nothing_is_left_untranslated(language: str) -> None:
    messages = [message for message in kept(language) if message.id]
    left = [each.id for each in messages if each.fuzzy or not all(_said(each))]
    assert left == []


def test_a_translation_says_what_is_put_in_and_marks_what_is_marked(language: str) -> None:
    for original, said, alone in _translated(language):
        missing = _gaps(original) - _gaps(said)
        assert missing <= (HOW_MANY if alone else set()), f"{said!r} leaves out {missing}"
        assert _gaps(said) <= _gaps(original), f"{said!r} asks for what is not given"
        assert "%" not in GAP.sub("", said).replace("%%", ""), f"a lone % in {said!r}"
        assert Counter(TAG.findall(said)) == Counter(TAG.findall(original)), said
        assert _edges(said) == _edges(original), f"spaces around {said!r}"


def test_a_button_that_is_spoken_of_is_called_as_it_reads(language: str) -> None:
    labels = {each.id: each.string for each in kept(language) if isinstance(each.id, str)}
    for original, said, _alone in _translated(language):
        for label in LABEL.findall(original):
            if labels.get(label):
                assert labels[label] in said, f"{said!r} does not say {labels[label]!r}"


def _translated(language: str) -> Iterator[tuple[str, str, bool]]:
    """What was said, how it is said here, and whether that is for one number alone."""
    catalog = kept(language)
    alone = {form for form, those in numbers(catalog.plural_forms).items() if len(those) == 1}
    for message in catalog:
        if not message.id:
            continue
        original = message.id[-1] if message.pluralizable else message.id
        for form, said in enumerate(_said(message)):
            if said:
                yield original, said, message.pluralizable and form in alone


def _said(message: Message) -> tuple[str, ...]:
    """The translation, in all its plural forms."""
    return tuple(message.string) if message.pluralizable else (message.string,)


def _gaps(words: str) -> set[str]:
    return set(GAP.findall(words))


def _edges(words: str) -> tuple[str, str]:
    bare = words.strip()
    return words[: words.index(bare)], words[words.index(bare) + len(bare) :]
