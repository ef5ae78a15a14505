"""How often is too often, and for whom."""

from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from petition import create_app, limits
from petition.actions import search
from petition.exceptions import TooOften
from petition.extensions import db
from petition.limits import network
from petition.models import Signature
from tests.conftest import Statements, settings
from tests.factories import form, make_letter


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("192.0.2.7:5555", "192.0.2.7"),
        ("[2001:db8:1:2::1]:80", "2001:db8:1:2::/64"),
        ("[::1]", "::/64"),
        ("", "unknown"),
        (None, "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_one_network_is_one_visitor(address: str | None, counts_as: str) -> None:
    assert network(address) == counts_as


def test_a_window_fills_and_others_are_not_touched(app: Flask) -> None:
    for _ in range(limits.SIGN[0].amount):
        limits.check("sign", limits.SIGN, "192.0.2.1")
    with pytest.raises(TooOften):
        limits.check("sign", limits.SIGN, "192.0.2.1")
    limits.check("sign", limits.SIGN, "192.0.2.2")
    limits.check("code", limits.CODE, "192.0.2.1")


def test_who_cannot_be_told_apart_is_one_visitor_and_no_crowd(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    limits._warn_of_unknown.cache_clear()
    make_letter()
    for number in range(3):
        sent = form(email=f"one{number}@example.org")
        hidden = {"REMOTE_ADDR": "proxy.secret"}
        answer = client.post("/letters/a-letter/sign", data=sent, environ_base=hidden)
        assert answer.status_code == 303
    networks = {each.network for each in db.session.query(Signature)}
    assert (len(networks), None in networks) == (3, False)
    logged = capsys.readouterr().err
    assert logged.count("limits.unknown_addresses") == 1
    assert "secret" not in logged


def test_a_network_that_searches_all_the_time_has_to_wait(client: FlaskClient) -> None:
    make_letter(title="A better deal")
    for _ in range(limits.SEARCH[0].amount):
        assert client.get("/?q=deal").status_code == 200
    answer = client.get("/?q=deal")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert client.get("/").status_code == 200
    names = "/letters/a-letter/signatures?q=lee"
    assert client.get(names).status_code == 200, "who looks for letters, looks for no names"


def test_a_class_that_has_signed_looks_for_itself(client: FlaskClient) -> None:
    make_letter()
    names = "/letters/a-letter/signatures?q=lee"
    for _ in range(60):
        search.count_for_names("127.0.0.1")
    assert client.get(names).status_code == 200
    for _ in range(limits.SEARCH_NAMES[0].amount - 61):
        search.count_for_names("127.0.0.1")
    assert client.get(names).status_code == 429
    assert client.get("/?q=deal").status_code == 200


def test_a_search_looks_at_few_words(client: FlaskClient, statements: Statements) -> None:
    make_letter()
    client.get(f"/?q={'+'.join('abcdefgh')}")
    assert max(statement.upper().count("LIKE") for statement in statements) <= 4 * 3 * 3


def test_they_can_be_switched_off_for_load_tests(tmp_path: Path) -> None:
    app = create_app(
        settings(tmp_path, f"sqlite:///{tmp_path}/x.sqlite3", PETITION_RATELIMIT_ENABLED="0")
    )
    with app.app_context():
        for _ in range(limits.SIGN[0].amount + 5):
            limits.check("sign", limits.SIGN, "192.0.2.1")


def _seen(app: Flask, forwarded: str | None) -> str | None:
    @app.get("/seen")
    def seen() -> str:
        return str(request.remote_addr)

    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return app.test_client().get("/seen", headers=headers).text


@pytest.mark.parametrize(
    ("hops", "forwarded", "believed"),
    [
        ("0", "6.6.6.6", "127.0.0.1"),
        ("1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("1", None, "127.0.0.1"),
        ("2", "6.6.6.6, 1.2.3.4, 10.0.0.1", "1.2.3.4"),
        ("2", "1.2.3.4", "127.0.0.1"),
    ],
)
def test_forwarded_headers_are_believed_only_for_our_own_proxies(
    tmp_path: Path, hops: str, forwarded: str | None, believed: str
) -> None:
    app = create_app(
        settings(tmp_path, f"sqlite:///{tmp_path}/x.sqlite3", PETITION_PROXY_HOPS=hops)
    )
    assert _seen(app, forwarded) == believed


def test_a_forwarded_host_changes_no_link(tmp_path: Path, client: FlaskClient) -> None:
    make_letter()
    page = client.get("/letters/a-letter", headers={"X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in page.text


def test_a_store_that_does_not_answer_lets_signers_through(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def away(*_: object) -> bool:
        raise ConnectionError("redis://secret@host")

    monkeypatch.setattr(client.application.extensions["tries"], "hit", away)
    make_letter()
    assert client.post("/letters/a-letter/sign", data=form()).status_code == 303
    logged = capsys.readouterr().err
    assert "limits.away" in logged
    assert "secret" not in logged
