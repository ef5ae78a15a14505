"""Counts on other sites."""

import xml.etree.ElementTree as ET
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from petition.actions import tally
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import Moderation, State
from tests.factories import make_letter, make_signature

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


def test_the_frame_holds_nothing_that_changes_anything(client: FlaskClient) -> None:
    make_letter()
    page = client.get(FRAME).text
    for never in ("<form", "<script", "<button", "<input"):
        assert never not in page
    assert 'rel="noopener"' in page


@pytest.mark.parametrize("number", [0, 1, 12_345, 1_234_567])
def test_the_badge_is_a_picture_with_words(client: FlaskClient, number: int) -> None:
    found = make_letter(title="Fish & <chips>")
    with writing(db.session):
        tally.adjust(found.letter.id, {State.PUBLISHED: number})
    response = client.get(BADGE)
    assert response.mimetype == "image/svg+xml"
    picture = ET.fromstring(response.data)  # noqa: S314  # our own answer
    assert picture.attrib["role"] == "img"
    assert f"{number:,}" in "".join(picture.itertext())
    assert "style" not in response.text
    assert "sandbox" in response.headers["Content-Security-Policy"]


def test_drafts_are_nothing_to_embeds(client: FlaskClient) -> None:
    make_letter(opens=now() + timedelta(days=1))
    for path in (COUNT, FRAME, BADGE):
        assert client.get(path).status_code == 404
