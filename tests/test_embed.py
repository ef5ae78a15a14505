"""Counts on other sites."""

from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from petition.clock import now
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


def test_drafts_are_nothing_to_embeds(client: FlaskClient) -> None:
    make_letter(opens=now() + timedelta(days=1))
    for path in (COUNT, FRAME, BADGE):
        assert client.get(path).status_code == 404
