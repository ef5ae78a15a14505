"""Every text that was published stays readable, with its hash and what was changed."""

import hashlib
import re

import pytest
from flask.testing import FlaskClient

from petition.extensions import db
from petition.models import Change, Revision
from petition.queries.letters import LetterText
from tests.factories import make_letter, make_signature, publish_text


def test_every_text_stands_with_its_hash_and_its_reason(client: FlaskClient) -> None:
    make_letter(markdown="One.")
    publish_text("Un.", Change.CORRECTION, "fr")
    publish_text("One, corrected.", Change.CORRECTION, note="A word & a comma.")
    publish_text("Quite another.", Change.SUBSTANCE, note="They answered.")

    page = client.get("/letters/a-letter/revisions").text

    revisions = db.session.query(Revision).order_by(Revision.number).all()
    assert [(r.number, r.change, r.edition, r.language) for r in revisions] == [
        (1, "first", 1, "en"),
        (2, "translation", 1, "fr"),
        (3, "correction", 1, "en"),
        (4, "substance", 2, "en"),
    ]
    for revision in revisions:
        assert revision.sha256 in page
    for words in ("A word &amp; a comma.", "They answered.", "Français", "a change of substance"):
        assert words in page
    assert page.index("Revision 4") < page.index("Revision 1")
    for lang, number in (("en", "revision 4"), ("fr", None)):
        page = client.get(f"/letters/a-letter?lang={lang}").text
        footer = page[page.index('class="proof"') :]
        assert "/letters/a-letter/revisions" in footer
        assert re.findall(r"(?:revi|ver)sion \d+", footer) == ([number] if number else [])


def test_the_difference_is_to_the_text_before_in_the_same_language(client: FlaskClient) -> None:
    make_letter(markdown="We ask for fair terms.\n\nThis stays.")
    publish_text("Nous demandons.", Change.CORRECTION, "fr")
    publish_text("We ask for open terms.\n\nThis stays.", Change.CORRECTION)

    page = client.get("/letters/a-letter/revisions/3").text

    assert "What was changed since revision 1" in page
    assert '<del><span class="hidden" lang="en">[removed: </span>fair<span' in page
    assert '<ins><span class="hidden" lang="en">[added: </span>open<span' in page
    assert "demandons" not in page
    assert "What was changed" not in client.get("/letters/a-letter/revisions/1").text
    assert "What was changed" not in client.get("/letters/a-letter/revisions/2").text


@pytest.mark.parametrize(
    "markdown", ["We ask.", "Café ☕\n\n> “quoted” &amp; <b>\n\n字 ", "x" * 10_000]
)
def test_the_file_has_the_hash(client: FlaskClient, markdown: str) -> None:
    found = make_letter(markdown=markdown.strip())
    answer = client.get("/letters/a-letter/revisions/1/text")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert hashlib.sha256(answer.data).hexdigest() == found.revision.sha256
    assert answer.text.startswith("A letter\n\nTo: the makers\nFrom: the artists\n\n")
    assert client.get("/letters/a-letter/revisions/1/text").headers["ETag"]


def test_a_number_that_no_text_has_leads_nowhere(client: FlaskClient) -> None:
    make_letter()
    for number in ("2", "0", "2147483648", "9223372036854775807", "9223372036854775808", "x"):
        for rest in ("", "/text"):
            assert client.get(f"/letters/a-letter/revisions/{number}{rest}").status_code == 404


def test_another_letters_text_is_not_this_ones(client: FlaskClient) -> None:
    make_letter(slug="other", title="Other")
    make_letter()
    publish_text("Two.", Change.CORRECTION, slug="other")
    assert client.get("/letters/a-letter/revisions/2").status_code == 404
    assert client.get("/letters/other/revisions/2").status_code == 200


def test_a_text_that_stayed_behind_says_so(client: FlaskClient) -> None:
    make_letter(markdown="One.")
    publish_text("Uno.", Change.CORRECTION, "es")
    publish_text("Two.", Change.SUBSTANCE)
    assert "you read the earlier text" in client.get("/letters/a-letter?lang=es").text
    assert "Changed in substance on" in client.get("/letters/a-letter").text

    corrected = publish_text("¡Uno!", Change.CORRECTION, "es")
    assert corrected.edition == 1
    followed = publish_text("Dos.", Change.SUBSTANCE, "es")
    assert followed.edition == 2
    assert "you read the earlier text" not in client.get("/letters/a-letter?lang=es").text
    third = publish_text("Tres.", Change.SUBSTANCE, "es")
    assert third.edition == 3
    assert "you read the earlier text" in client.get("/letters/a-letter").text


def test_names_under_an_earlier_version_are_marked_and_counted(client: FlaskClient) -> None:
    found = make_letter(markdown="One.")
    make_signature(found, name="Early Bird")
    corrected = publish_text("One!", Change.CORRECTION)
    assert 'class="edition"' not in client.get("/letters/a-letter").text
    assert corrected.edition == 1
    newest = publish_text("Two.", Change.SUBSTANCE)
    make_signature(LetterText(found.letter, newest), name="Late Riser")
    for path in ("/letters/a-letter", "/letters/a-letter/signatures"):
        page = client.get(path).text
        assert page.count('class="edition">revision 1') == 1
        early = page.index("Early Bird")
        assert ">revision 1<" in page[early : page.index("</li>", early)]
        assert "2 people have signed" in page


def test_a_correction_does_not_hide_the_change_of_substance_before_it(client: FlaskClient) -> None:
    make_letter(markdown="One.")
    publish_text("One!", Change.CORRECTION, note="A mark.")
    publish_text("Two.", Change.SUBSTANCE, note="They moved.")
    publish_text("Two!", Change.CORRECTION, note="Another mark.")
    for path in ("/letters/a-letter", "/letters/a-letter/copy"):
        page = client.get(path).text
        substance, correction = page.index("Changed in substance"), page.index("Corrected on")
        assert substance < page.index("They moved.") < correction < page.index("Another mark.")
        assert "/letters/a-letter/revisions/3" in page[substance:correction]
        assert "/letters/a-letter/revisions/4" in page[correction:]
        assert "A mark." not in page
    assert '"dateModified"' in client.get("/letters/a-letter").text


def test_names_of_a_newer_version_are_marked_under_a_text_that_stayed_behind(
    client: FlaskClient,
) -> None:
    found = make_letter(markdown="One.")
    publish_text("Uno.", Change.TRANSLATION, "es")
    make_signature(found, name="Early Bird")
    newest = publish_text("Two.", Change.SUBSTANCE)
    make_signature(LetterText(found.letter, newest), name="Late Riser")
    for path in ("/letters/a-letter", "/letters/a-letter/signatures", "/letters/a-letter/copy"):
        for query, marked, number in (("", "Early Bird", 1), ("?lang=es", "Late Riser", 3)):
            page = client.get(path + query).text
            assert page.count('class="edition"') == 1
            name = page.index(marked)
            assert f">revision {number}<" in page[name : page.index("</li>", name)]
            assert "says something else than the one shown here" in page
