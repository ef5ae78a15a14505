"""Letters as everybody reads them: the page, the list of names, the home page."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import caching
from petition.actions import seed
from petition.caching import Policy
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import Change, Letter, Moderation, Outcome, Signal, Signature, State
from tests.factories import make_letter, make_signature, publish_text

NAMES = "/letters/a-letter/signatures"


def test_the_letter_is_set_with_all_its_parts(client: FlaskClient) -> None:
    make_letter(title="A title", markdown="Body text.", goal=500)
    page = client.get("/letters/a-letter").text
    for part in ("A title", "the makers", "the artists", "Body text.", "500", 'lang="en"'):
        assert part in page
    assert page.count("<h1") == 1


def test_a_letter_in_another_language_says_so(client: FlaskClient) -> None:
    make_letter(language="ar", title="رسالة")
    page = client.get("/letters/a-letter").text
    assert re.search(r'<article[^>]*lang="ar"[^>]*dir="rtl"', page)


def test_a_closed_letter_stays_readable(client: FlaskClient) -> None:
    make_letter(closes=now() - timedelta(days=1), markdown="Still here.")
    page = client.get("/letters/a-letter")
    assert page.status_code == 200
    assert "Still here." in page.text
    assert "<form" not in page.text


def test_what_came_of_a_letter_stands_before_it_in_the_words_it_was_told_in(
    client: FlaskClient,
) -> None:
    make_letter(closes=now() + timedelta(days=1))
    publish_text("Uno.", Change.TRANSLATION, "es")
    with writing(db.session):
        letter = db.session.query(Letter).one()
        letter.closes_at, letter.outcome = now() - timedelta(days=1), Outcome.WON
        letter.outcome_message = "They agreed.\nAll of them."
    caching.recent.clear()
    page = client.get("/letters/a-letter?lang=es").text
    assert re.search(r'<p lang="en"[^>]*class="plain">They agreed\.\nAll of them\.</p>', page)
    assert page.index("<h1") < page.index("<h2")
    assert page.count("Nobody signed") == 1


def test_each_name_keeps_its_own_direction(client: FlaskClient) -> None:
    found = make_letter()
    make_signature(found, name="ליאת כהן")
    page = client.get(NAMES).text
    assert re.search(r"<bdi[^>]*>\s*ליאת כהן\s*</bdi>", page)


@pytest.mark.parametrize("state", [s for s in State if s is not State.PUBLISHED])
def test_only_what_is_published_is_shown(client: FlaskClient, state: State) -> None:
    found = make_letter(moderation=Moderation.BEFORE)
    make_signature(found, name="Not Shown", state=state)
    for path in ("/letters/a-letter", NAMES):
        assert "Not Shown" not in client.get(path).text


@pytest.mark.parametrize("closes", [None, timedelta(seconds=-1)])
def test_nobody_is_told_that_nobody_signed_while_the_first_are_being_checked(
    client: FlaskClient, closes: timedelta | None
) -> None:
    found = make_letter(moderation=Moderation.BEFORE)
    make_signature(found, state=State.HELD)
    with writing(db.session):
        letter = db.session.query(Letter).one()
        letter.closes_at = now() + closes if closes else None
    caching.recent.clear()
    for path in ("/", "/letters/a-letter", NAMES, "/embed/a-letter", "/letters/a-letter/copy"):
        page = client.get(path).text
        assert page.count("1 signature is being checked") == 1, path
        assert "Nobody" not in page, path


def test_no_address_is_ever_shown(client: FlaskClient) -> None:
    found = make_letter()
    make_signature(found, email="private@example.org", comment="Words.")
    for path in ("/", "/letters/a-letter", NAMES, "/embed/a-letter", "/letters/a-letter/thanks"):
        assert "private@" not in client.get(path).text


def test_a_home_page_without_letters_says_what_will_be_there(client: FlaskClient) -> None:
    assert client.get("/").status_code == 200


def test_a_site_of_one_letter_shows_it_at_home(app: Flask, client: FlaskClient) -> None:
    make_letter(markdown="The only one.")
    kept = app.config["PETITION"]
    app.config["PETITION"] = replace(kept, site_letter="a-letter")
    assert "The only one." in client.get("/").text
    app.config["PETITION"] = kept


def test_invented_signers_are_marked(client: FlaskClient) -> None:
    found = make_letter()
    assert sum(seed.seed(found.letter, found.revision, 12)) == 12
    page = client.get(NAMES).text
    assert page.count("invented") >= 12
    assert client.get("/embed/a-letter/count.json").json["count"] == 12
    known = db.session.query(Signature.name).first()[0]
    assert make_signature(found, name=known.upper()).signals & Signal.SAME_NAME


def test_unchanged_pages_are_answered_304(client: FlaskClient) -> None:
    make_letter()
    for path in ("/letters/a-letter", NAMES, "/embed/a-letter/count.json"):
        tag = client.get(path).headers["ETag"]
        again = client.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Cache-Control"].startswith("public")


def test_a_new_signature_changes_the_tag(client: FlaskClient) -> None:
    found = make_letter()
    before = client.get("/letters/a-letter").headers["ETag"]
    make_signature(found)
    assert client.get("/letters/a-letter").headers["ETag"] != before


@pytest.mark.parametrize(
    "path",
    [
        "/letters/none",
        "/letters/none/signatures",
        "/embed/none",
        "/x",
        "/letters/%00",
        "/letters/a%00b/signatures",
        "/embed/%00/count.json",
        "/letters/%ff%fe",
        "/letters/../letters",
        "/confirm/%00",
        "/signature/%ed%a0%80",
        "/letters/" + "x" * 5000,
    ],
)
def test_what_is_not_there_has_a_page(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert "<h1" in response.text
    of_a_letter = path in {"/letters/none", "/letters/none/signatures", "/embed/none"}
    policy = Policy.MISSING if of_a_letter else Policy.NOTHING
    assert response.headers["Cache-Control"] == policy


def test_the_home_page_shows_open_letters_and_those_that_closed(client: FlaskClient) -> None:
    make_letter(slug="open", title="An open one", markdown="It *begins* here.")
    make_letter(slug="past", title="A closed one", closes=now() - timedelta(days=1))
    make_letter(slug="soon", title="A later one", opens=now() + timedelta(days=1))
    page = client.get("/").text
    assert page.index("An open one") < page.index("Closed letters") < page.index("A closed one")
    assert "It begins here." in page
    assert "the artists" in page
    assert "A later one" not in page
    assert 'type="search"' not in page


def test_many_letters_can_be_searched(client: FlaskClient) -> None:
    for number in range(9):
        make_letter(slug=f"letter-{number}", title=f"Letter {number} for Ärzte")
    make_letter(slug="percent", title="100% fair_play", closes=now() - timedelta(days=1))
    assert 'type="search"' in client.get("/").text

    def found(words: str) -> list[str]:
        answer = client.get("/", query_string={"q": words})
        assert answer.headers["Cache-Control"] == "no-store"
        return sorted(re.findall(r'href="http://letters.example.org/letters/([^"]+)"', answer.text))

    assert found("letter 3") == ["letter-3"]
    assert len(found("ÄRZTE")) == len(found("ärzte")) == 9
    assert found("THE makers percent") == []
    assert found("the makers fair") == ["percent"]
    for literal in ("0%", "r_p", "100%"):
        assert found(literal) == ["percent"]
    for none in ("%%", "nobody", "\\", "' OR 1=1 --", "_____"):
        assert found(none) == []
    assert "Try fewer words" in client.get("/?q=nobody").text
    hostile = client.get("/", query_string={"q": "<script>alert(1)</script>" * 9}).text
    assert "<script>alert" not in hostile
