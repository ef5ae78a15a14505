"""Everything the public meets speaks the language of its letter."""

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale, ngettext

from petition import languages
from petition.actions.publish import translate
from petition.caching import Policy
from petition.letterfile import LetterFile
from petition.mail import messages, outbox
from petition.models import Moderation
from tests.catalogues import kept
from tests.factories import TEAM, form, make_letter, make_signature, sign_in

ARABIC = LetterFile(
    title="رسالة",
    slug="a-letter",
    language="ar",
    to="الشركات",
    sender="الفنانون",
    goal=None,
    opens=None,
    closes=None,
    moderation=Moderation.AFTER,
    markdown="نطلب شروطًا عادلة.",
)


def _said(words: str, language: str = "ar") -> str:
    """How a language says it."""
    message = kept(language).get(words)
    assert message is not None
    assert isinstance(message.string, str)
    return message.string or "untranslated"


def test_a_page_speaks_the_language_its_address_names(client: FlaskClient) -> None:
    make_signature(make_letter())
    translate(ARABIC, TEAM)
    page = client.get("/letters/a-letter?lang=ar").text
    assert '<html lang="ar" dir="rtl">' in page
    assert _said("Sign the letter") in page
    assert "Sign the letter" not in page
    assert "have signed" not in page
    assert re.search(r'type="email"[^>]*dir="ltr"|dir="ltr"[^>]*type="email"', page)
    assert "Sign the letter" in client.get("/letters/a-letter").text


def test_so_do_mistakes_and_failures(client: FlaskClient) -> None:
    make_letter()
    translate(ARABIC, TEAM)
    wrong = client.post("/letters/a-letter/sign?lang=ar", data=form(name=""))
    assert wrong.status_code == 422
    assert _said("Write your name as it should stand under the letter.") in wrong.text
    for path, status in (("revisions/99", 404), ("names/no-such-line", 404)):
        page = client.get(f"/letters/a-letter/{path}?lang=ar")
        assert (page.status_code, '<html lang="ar" dir="rtl">' in page.text) == (status, True)
        assert _said("There is nothing at this address") in page.text
    refused = client.post(
        "/letters/a-letter/sign?lang=ar", data=form(), headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert (refused.status_code, 'lang="ar"' in refused.text) == (403, True)
    unknown = client.get("/letters/no-letter?lang=ar")
    assert (unknown.status_code, 'lang="en"' in unknown.text) == (404, True)


def test_a_mailed_link_that_fails_speaks_its_readers_language(client: FlaskClient) -> None:
    asked = {"Accept-Language": "es, AR-eg;q=0.9, fr;q=0.8"}
    for path in ("/confirm/broken", "/signature/broken", "/first/broken"):
        page = client.get(path, headers=asked)
        assert (page.status_code, '<html lang="ar" dir="rtl">' in page.text) == (404, True), path
        assert _said("To the letters") in page.text
        assert page.headers["Cache-Control"] == Policy.NOTHING
        refused = client.post(path, headers=asked | {"Sec-Fetch-Site": "cross-site"})
        assert (refused.status_code, 'lang="ar"' in refused.text) == (403, True), path
        for unasked in ({}, {"Accept-Language": "es, *;q=0.1"}, {"Accept-Language": "_-;q=,,"}):
            assert '<html lang="en"' in client.get(path, headers=unasked).text
    assert 'lang="en"' in client.get("/organize/nothing", headers=asked).text


def test_a_mail_speaks_the_language_that_was_signed_in(client: FlaskClient) -> None:
    make_letter()
    translate(ARABIC, TEAM)
    for address, query in (("layla@example.org", "?lang=ar"), ("ann@example.org", "")):
        client.post(f"/letters/a-letter/sign{query}", data=form(email=address))
    mails = {job.email: messages.compose(job) for job in outbox.claim("a worker", 9)}
    arabic, english = mails["layla@example.org"], mails["ann@example.org"]
    unpressed = client.post(f"/confirm/{arabic.text.split('/confirm/')[1].split()[0]}")
    assert unpressed.status_code == 400
    assert _said("Press one of the two buttons below.") in unpressed.text
    assert _said("Your name in the signature:") in arabic.text
    assert '<html lang="ar" dir="rtl">' in arabic.html
    assert "Your name in the signature:" in english.text
    assert '<html lang="en" dir="ltr">' in english.html


def test_a_letter_in_a_language_we_do_not_speak_stands_in_english_words_that_say_so(
    client: FlaskClient,
) -> None:
    make_letter(language="es", title="Una carta")
    page = client.get("/letters/a-letter").text
    assert '<html lang="en" dir="ltr">' in page
    assert '<article class="letter" lang="es" dir="ltr">' in page
    assert "Sign the letter" in page
    assert not languages.speaks("es")


def test_the_panel_speaks_english_about_a_letter_in_arabic(client: FlaskClient) -> None:
    make_signature(make_letter(language="ar", title="رسالة"))
    sign_in(client)
    for path in ("text", "moderation", "settings", "first", "export"):
        page = client.get(f"/organize/letters/a-letter/{path}")
        assert (page.status_code, '<html lang="en" dir="ltr">' in page.text) == (200, True), path
        assert _said("Sign the letter") not in page.text
        assert _said("optional") not in page.text


@pytest.mark.parametrize("count", [0, 1, 2, 3, 11, 100])
def test_arabic_has_six_ways_to_say_how_many(app: Flask, count: int) -> None:
    with app.test_request_context(), force_locale("ar"):
        said = ngettext(
            "%(shown)s person has signed", "%(shown)s people have signed", count, shown=count
        )
    message = kept("ar").get("%(shown)s person has signed")
    assert message is not None
    form_of = {0: 0, 1: 1, 2: 2, 3: 3, 11: 5, 100: 4}[count]
    assert said == message.string[form_of] % {"shown": count}


def test_the_first_of_a_month_is_an_ordinal_in_french(app: Flask) -> None:
    for language, first, later in (
        ("fr", "1er décembre 2026", "21 décembre 2026"),
        ("de", "1. Dezember 2026", "21. Dezember 2026"),
    ):
        with app.test_request_context(), force_locale(language):
            say = app.jinja_env.filters["day"]
            said = [say(datetime(2026, 12, day, tzinfo=UTC)) for day in (1, 21)]
        assert said == [first, later]
