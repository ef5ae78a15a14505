"""Counts on other sites."""

import gzip
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from petition import assets
from petition.clock import now
from petition.models import Change, Listing, Moderation, State
from petition.views import answers
from tests.factories import change, make_letter, make_signature, publish_text

COUNT, FRAME, BADGE = "/embed/a-letter/count.json", "/embed/a-letter", "/embed/a-letter/badge.svg"


def test_the_numbers_are_those_of_the_contract(client: FlaskClient) -> None:
    found = make_letter(goal=500, moderation=Moderation.BEFORE)
    make_signature(found, state=State.HELD)
    numbers = client.get(COUNT).json
    assert datetime.fromisoformat(numbers.pop("as_of")).tzinfo is not None
    assert numbers == {
        "letter": "a-letter",
        "title": "A letter",
        "url": "http://letters.example.org/letters/a-letter",
        "count": 0,
        "goal": 500,
        "state": "open",
        "being_checked": 1,
        "paper": 0,
        "paused": False,
        "outcome": None,
        "not_on": [],
    }


def test_a_closed_letter_shows_its_last_count(client: FlaskClient) -> None:
    make_letter(closes=now() - timedelta(days=1), goal=None)
    numbers = client.get(COUNT).json
    assert (numbers["state"], numbers["goal"]) == ("closed", None)


@pytest.mark.parametrize("path", [COUNT, FRAME, BADGE])
def test_any_site_may_read_it_without_a_cookie(client: FlaskClient, path: str) -> None:
    make_letter()
    response = client.get(path, headers={"Origin": "https://news.example"})
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in response.headers
    asked = client.options(path, headers={"Origin": "https://news.example"})
    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Origin"] == "*"


def test_drafts_are_nothing_to_embeds(client: FlaskClient) -> None:
    make_letter(opens=now() + timedelta(days=1))
    for path in (COUNT, FRAME, BADGE):
        assert client.get(path).status_code == 404


CARD = "/embed/a-letter/card.json"


def test_a_card_says_all_in_every_language_of_the_letter(client: FlaskClient) -> None:
    found = make_letter(title="A letter", goal=500)
    for language in ("ar", "de", "pl"):
        publish_text("?", Change.TRANSLATION, language)
    make_signature(found, name="Dr. Ann Lee")
    make_signature(found, name="Bo", show_name=False)
    numbers, card = client.get(COUNT).json, client.get(CARD).json
    del numbers["as_of"]
    assert numbers.items() <= card.items()
    assert card["language"] == "en"
    assert list(card["texts"]) == ["en", "ar", "de", "pl"]
    assert card["names"] == ["Ann"], "by their first names, and nobody who hides theirs"

    german, arabic = card["texts"]["de"], card["texts"]["ar"]
    assert german["url"] == "http://letters.example.org/letters/a-letter?lang=de&via=embed"
    assert german["words"]["signed"] == {
        "one": "{n} Mensch hat unterschrieben",
        "other": "{n} Menschen haben unterschrieben",
    }
    assert (arabic["direction"], arabic["spoken_direction"]) == ("rtl", "rtl")
    forms = {"zero", "one", "two", "few", "many", "other"}
    for each in ("signed", "checking", "checked", "paper"):
        assert set(arabic["words"][each]) == forms
    assert len(set(arabic["words"]["signed"].values())) == 6
    assert "Ann" in german["latest"]
    polish = card["texts"]["pl"]
    assert (polish["spoken"], polish["words"]["sign"]) == ("en", "Read and sign")
    assert card["texts"]["en"]["words"]["over"]["won"] == "Won. This letter is closed."


def test_a_card_names_nobody_where_no_names_are_shown(client: FlaskClient) -> None:
    found = make_letter()
    make_signature(found, name="Ann Lee", affiliation="Lee & Lee", comment="Why not")
    change(found, listing=Listing.INITIALS)
    assert client.get(CARD).json["names"] == ["A. L."]
    for hidden in ({"listing": Listing.NOT}, {"listing": Listing.NAMES, "list_hidden_at": now()}):
        change(found, **hidden)
        card = client.get(CARD)
        assert (card.json["names"], card.json["texts"]["en"]["latest"]) == ([], "")
        assert "Ann" not in card.text
    change(found, list_hidden_at=None)
    card = client.get(CARD)
    assert card.json["names"] == ["Ann"]
    for never in ("Lee", "Why not", "@", "example.com"):
        assert never not in card.text


def test_numbers_that_stay_are_told_again_each_minute() -> None:
    tags = [
        answers.numbers({"count": 1, "as_of": f"2026-01-01T00:{each}Z"}, None).etag
        for each in ("00:05", "00:59", "01:00")
    ]
    assert tags[0] == tags[1] != tags[2]


def test_the_script_is_light_and_stays_where_it_is_pinned(client: FlaskClient) -> None:
    newest = client.get("/embed/v1.js")
    release = assets.RELEASES[-1]
    pinned = client.get(f"/embed/v1.{release}.js")
    packed = len(gzip.compress(pinned.data))
    print(f"\nThe script: {packed:,} bytes packed, {len(pinned.data):,} unpacked")
    assert packed < 6_000
    assert pinned.data.isascii(), "in whatever writing the page around is read"
    assert newest.data == pinned.data
    for each in (newest, pinned):
        assert each.mimetype == "text/javascript"
        assert each.headers["Access-Control-Allow-Origin"] == "*"
        assert each.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "immutable" in pinned.headers["Cache-Control"]
    assert "max-age=3600" in newest.headers["Cache-Control"]
    assert client.get(f"/embed/v1.{release + 1}.js").status_code == 404
    for never in (
        "innerHTML",
        "eval",
        "insertAdjacent",
        "cookie",
        "localStorage",
        "document.write",
    ):
        assert never not in pinned.text
