"""What a crowd is told twice, and what nobody is."""

import gzip
import re
import time

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from petition import packing
from petition.actions import manage
from petition.echo import MOMENT
from petition.queries import tallies
from tests.factories import form, make_letter, make_signature, sign_in, signature_path

PAGE = "/letters/a-letter"
COUNT = "/embed/a-letter/count.json"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the clock shows: it stands still, however long a machine takes over a page."""
    shown = [time.monotonic()]
    monkeypatch.setattr(time, "monotonic", lambda: shown[0])
    return shown


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


def test_only_for_a_moment(client: FlaskClient, asked: list[str], clock: list[float]) -> None:
    make_letter()
    client.get(PAGE)
    clock[0] += MOMENT
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


PACKED = {"Accept-Encoding": "br, gzip;q=0.8"}
COUNTED = ("Content-Encoding", "ETag", "Vary")


def _told(client: FlaskClient, path: str, headers: dict[str, str]) -> list[str | None]:
    answer = client.get(path, headers=headers)
    return [answer.headers.get(name) for name in COUNTED]


def test_pages_and_style_sheets_leave_packed_for_who_takes_them(client: FlaskClient) -> None:
    make_letter()
    sheet = re.search(r'href="(/static/css/letter[^"]+)"', client.get(PAGE).text)
    assert sheet
    for path in (PAGE, sheet[1]):
        whole = client.get(path, headers={"Accept-Encoding": "gzip;q=0, br"})
        tag = whole.headers["ETag"]
        for _ in range(2):  # made, and repeated
            packed = client.get(path, headers=PACKED)
            assert gzip.decompress(packed.data) == whole.data
            assert packed.content_length == len(packed.data) < len(whole.data) / 2
            assert [packed.headers.get(name) for name in COUNTED] == [
                "gzip", f"W/{tag}", "Accept-Encoding",
            ]  # fmt: skip
            assert _told(client, path, {}) == [None, tag, "Accept-Encoding"]
        for known in (tag, f"W/{tag}"):
            again = client.get(path, headers=PACKED | {"If-None-Match": known})
            assert (again.status_code, again.data) == (304, b"")
            assert [again.headers.get(name) for name in COUNTED] == [
                None, known, "Accept-Encoding",
            ]  # fmt: skip


def test_what_is_somebodys_own_or_small_is_not_packed(client: FlaskClient) -> None:
    signature = make_signature(make_letter())
    own = client.get(signature_path(signature), headers=PACKED)
    assert [own.headers.get("Content-Encoding"), own.headers.get("Vary")] == [None, None]
    assert len(own.data) > packing.LEAST
    assert _told(client, COUNT, PACKED)[0] is None
    assert client.get(COUNT, headers=PACKED).json["count"] == 1
