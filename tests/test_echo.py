"""What a crowd is told twice, and what nobody is."""

import time

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from petition.actions import manage
from petition.echo import MOMENT
from petition.queries import tallies
from tests.factories import form, make_letter, make_signature, sign_in

PAGE = "/letters/a-letter"
COUNT = "/embed/a-letter/count.json"


@pytest.fixture
def asked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that Flask itself was asked for."""
    seen: list[str] = []
    monkeypatch.setitem(
        app.before_request_funcs, None, [*app.before_request_funcs[None], _note(seen)]
    )
    return seen


def _note(seen: list[str]) -> object:
    def note() -> None:
        seen.append(request.path)

    return note


@pytest.mark.parametrize("path", [PAGE, COUNT, "/letters/a-letter/signatures"])
def test_the_same_answer_is_given_again_headers_and_all(
    client: FlaskClient, asked: list[str], path: str
) -> None:
    make_letter()
    first, second = client.get(path), client.get(path)
    assert (second.status, second.headers, second.data) == (
        first.status,
        first.headers,
        first.data,
    )
    assert asked == [path]


def test_only_for_a_moment(client: FlaskClient, asked: list[str]) -> None:
    make_letter()
    client.get(PAGE)
    time.sleep(MOMENT + 0.05)
    client.get(PAGE)
    assert asked == [PAGE, PAGE]


def test_a_change_is_seen_at_once(client: FlaskClient) -> None:
    signature = make_signature(make_letter())
    assert client.get(COUNT).json["count"] == 1
    manage.withdraw(signature.id, None)
    assert client.get(COUNT).json["count"] == 0


def test_who_has_it_already_is_told_so_again(client: FlaskClient, asked: list[str]) -> None:
    make_letter()
    tag = client.get(PAGE).headers["ETag"]
    for _ in range(2):
        answer = client.get(PAGE, headers={"If-None-Match": tag})
        assert (answer.status_code, answer.data) == (304, b"")
    assert asked == [PAGE, PAGE]


@pytest.mark.parametrize("query", ["utm_source=x", "after=zz", "q=ann"])
def test_what_visitors_make_up_is_not_remembered(
    client: FlaskClient, asked: list[str], query: str
) -> None:
    make_letter()
    client.get(f"{PAGE}?{query}")
    client.get(f"{PAGE}?{query}")
    assert asked == [PAGE, PAGE]


def test_another_host_is_another_question(client: FlaskClient) -> None:
    make_letter()
    assert client.get(PAGE).status_code == 200
    assert client.get(PAGE, headers={"Host": "evil.example"}).status_code == 400


def test_what_is_private_and_what_failed_is_asked_for_each_time(
    client: FlaskClient, asked: list[str]
) -> None:
    make_letter()
    sign_in(client)
    asked.clear()
    for path in ("/organize/", "/letters/nowhere", "/letters/a-letter/signed"):
        client.get(path)
        client.get(path)
        assert asked == [path, path]
        asked.clear()


def test_a_form_is_never_an_echo(client: FlaskClient) -> None:
    found = make_letter()
    for number in range(2):
        data = form(email=f"ann{number}@example.org")
        assert client.post(f"{PAGE}/sign", data=data).status_code == 303
    assert tallies.of_letter(found.letter.id).pending == 2
