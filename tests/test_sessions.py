"""Sessions: listed, ended, over in time; what cannot be taken back needs proof once more."""

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import create_app
from petition.actions import organizers
from petition.extensions import db
from petition.models import Kind, Organizer, OrganizerSession, Role
from petition.queries import sessions
from petition.tokens import Purpose
from tests.accounts import (
    age_sessions,
    cookie_of,
    how_many,
    is_in,
    mailed,
    mailed_code,
    make_member,
    make_session,
    with_cookie,
    without_tokens,
)
from tests.conftest import Statements, settings
from tests.factories import TEAM, sign_in

ANN, NEW = "organizer@example.org", "new@example.org"
ACCOUNT, ADDRESS = "/organize/account", "/organize/account/address"
UNPROVED = {"proved_at": sessions.PROOF_LASTS + timedelta(seconds=1)}


@pytest.fixture(autouse=True)
def _owner(app: Flask) -> None:
    make_member("owner@example.org", Role.OWNER)


def me() -> Organizer:
    db.session.rollback()
    return db.session.query(Organizer).filter_by(email=ANN).one()


def test_every_session_is_listed_and_each_can_be_ended(client: FlaskClient) -> None:
    sign_in(client)
    phone = make_session(me(), "Safari, iPhone")
    page = client.get(ACCOUNT).text
    assert "Safari, iPhone" in page
    assert "this one" in page
    assert client.post(f"{ACCOUNT}/sessions/{phone.id}/end").status_code == 303
    assert "Safari, iPhone" not in client.get(ACCOUNT).text
    assert is_in(client)


def test_the_list_is_ones_own(client: FlaskClient) -> None:
    sign_in(client)
    foreign = make_session(make_member("bob@example.org"), "Edge, Windows")
    assert "Edge, Windows" not in client.get(ACCOUNT).text
    assert client.post(f"{ACCOUNT}/sessions/{foreign.id}/end").status_code == 404
    assert db.session.query(OrganizerSession).filter_by(id=foreign.id).count() == 1


@pytest.mark.parametrize("door", ["/organize/sign-out", "/organize/sign-out/everywhere"])
def test_a_copied_cookie_is_refused_after_signing_out(client: FlaskClient, door: str) -> None:
    sign_in(client)
    thief, phone = with_cookie(client, cookie_of(client)), client.application.test_client()
    sign_in(phone)
    assert is_in(thief)
    client.post(door)
    assert not is_in(client)
    assert not is_in(thief)
    assert is_in(phone) is (not door.endswith("everywhere"))


def test_a_role_and_a_removal_end_every_session(client: FlaskClient) -> None:
    sign_in(client, role=Role.EDITOR)
    organizers.add(ANN, Role.VIEWER, TEAM)
    assert not is_in(client)
    sign_in(client, role=Role.VIEWER)
    organizers.add(ANN, Role.VIEWER, TEAM)  # it is the same
    assert is_in(client)
    organizers.add(ANN, Role.VIEWER, "Others")
    organizers.remove(ANN, "Others")
    assert not is_in(client)
    sign_in(client, role=Role.VIEWER)
    organizers.remove(ANN, None)
    assert not is_in(client)


def test_signing_in_anew_ends_the_session_before(client: FlaskClient) -> None:
    sign_in(client)
    before = cookie_of(client)
    sign_in(client)
    assert cookie_of(client) != before
    assert is_in(client)
    assert not is_in(with_cookie(client, before))


def test_a_cookie_from_before_signing_in_is_not_raised(client: FlaskClient) -> None:
    client.get("/organize/sign-in/x")
    with client.session_transaction("/organize/") as planted:
        planted["planted"] = "x"
    before = cookie_of(client)
    sign_in(client)
    with client.session_transaction("/organize/") as kept:
        assert "planted" not in kept
        assert "browser" not in kept
    assert not is_in(with_cookie(client, before))


@pytest.mark.parametrize(
    ("moment", "lasts"), [("created_at", sessions.LASTS), ("seen_at", sessions.IDLE)]
)
def test_a_session_is_over_in_time(client: FlaskClient, moment: str, lasts: timedelta) -> None:
    sign_in(client)
    age_sessions(**{moment: lasts - timedelta(minutes=1)})
    assert is_in(client)
    age_sessions(**{moment: lasts})
    assert not is_in(client)
    assert sessions.of_organizer(me().id) == []


def test_that_a_session_is_used_is_noted_now_and_then(
    client: FlaskClient, statements: Statements
) -> None:
    sign_in(client)
    age_sessions(seen_at=sessions.SEEN_EVERY + timedelta(seconds=1))
    noted = []
    for _ in range(2):
        statements.clear()
        assert is_in(client)
        noted.append([s for s in statements if s.startswith("UPDATE organizer_session")])
    assert [len(each) for each in noted] == [1, 0]


def test_no_key_is_in_the_database(client: FlaskClient) -> None:
    sign_in(client)
    with client.session_transaction("/organize/") as cookie:
        key = cookie["_user_id"]
    digest = db.session.query(OrganizerSession).one().digest
    assert len(key) >= 32
    assert key.encode() not in digest


def test_the_cookies_are_closed_and_on_https_bound_to_the_host(
    client: FlaskClient, app: Flask
) -> None:
    known = app.config["PETITION"]
    site = "https://letters.example.org"
    secure = create_app(settings(known.data_dir, known.database_url, PETITION_SITE_URL=site))
    secure.config["WTF_CSRF_ENABLED"] = app.config["WTF_CSRF_ENABLED"] = False
    for visitor, base, mark in (
        (client, "http://letters.example.org", ""),
        (secure.test_client(), site, "__Host-"),
    ):
        link = f"/organize/sign-in/{organizers.add(ANN, None, TEAM)}"
        cookies = visitor.post(link, base_url=base).headers.getlist("Set-Cookie")
        assert sorted(cookie.partition("=")[0] for cookie in cookies) == [
            f"{mark}familiar",
            f"{mark}session",
        ]
        for cookie in cookies:
            parts = set(cookie.split("; ")[1:])
            assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= parts
            assert ("Secure" in parts) is bool(mark)
            assert "Domain" not in cookie


def hidden(page: str) -> dict[str, str]:
    """What goes along in the hidden fields of a page's last form."""
    form = page.rpartition("<form")[2]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    return {name: unescape(value) for name, value in found}


def test_who_must_prove_themselves_goes_on_where_they_were(client: FlaskClient) -> None:
    sign_in(client)
    client.application.config["WTF_CSRF_ENABLED"] = True
    age_sessions(**UNPROVED)
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(ACCOUNT).text)
    assert found
    typed = {"email": NEW, "more": 'in\r\nlines, "quoted"', "csrf_token": found[1]}
    page = client.post(ADDRESS, data=typed)
    assert page.status_code == 403
    assert how_many(Kind.NEW_ADDRESS) == 0
    way = f"?to={ADDRESS}"
    sent = client.post(f"/organize/proof/send{way}", data=hidden(page.text))
    wrong = client.post(f"/organize/proof/code{way}", data=hidden(sent.text) | {"proof-code": "0"})
    assert (sent.status_code, wrong.status_code) == (200, 422)
    code = {"proof-code": mailed_code(Kind.PROOF)}
    filled = hidden(wrong.text) | code
    assert filled["more"] == typed["more"]
    done = client.post(f"/organize/proof/code{way}", data=filled)
    assert (done.status_code, done.location) == (307, ADDRESS)
    assert client.post(done.location, data=filled).status_code == 303
    assert how_many(Kind.NEW_ADDRESS) == 1
    assert client.post(f"/organize/proof/code{way}", data=filled).status_code == 422


@pytest.mark.parametrize("change", ["address", "field", "another field", "no seal", "old", "lent"])
def test_only_what_was_pressed_here_is_sent_again(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """Else a link from outside and the organizer's own code would press any button."""
    sign_in(client)
    presser = client.application.test_client() if change == "lent" else client
    sign_in(presser)
    age_sessions(**UNPROVED)
    filled = hidden(presser.post(ADDRESS, data={"email": NEW}).text)
    if change == "old":
        monkeypatch.setattr(Purpose.PRESSED, "age", timedelta(seconds=-1))
    assert filled["proof-pressed"]
    client.post("/organize/proof/send")
    filled["proof-code"] = mailed_code(Kind.PROOF)
    to = "/organize/passkeys/1/remove" if change == "address" else ADDRESS
    filled |= {"field": {"email": "x@example.org"}, "another field": {"role": "owner"}}.get(
        change, {}
    )
    if change == "no seal":
        del filled["proof-pressed"]
    done = client.post("/organize/proof/code", query_string={"to": to, "again": 1}, data=filled)
    where = "/organize/" if change == "address" else ADDRESS
    assert (done.status_code, done.location) == (303, where)


def test_who_was_signed_out_meanwhile_is_handed_back_their_words_alone(client: FlaskClient) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = False
    proof = {"proof-pressed": "IjEyMyI.seal", "proof-code": "123 456"}
    path = f"/organize/proof/code?to={ADDRESS}"
    assert client.post(path, data=proof).location == "/organize/sign-in"
    page = client.post(path, data=proof | {"email": NEW})
    assert page.status_code == 401
    assert page.text.count("IjEyMyI.seal") == 1  # hidden, to go along
    assert f'action="{ADDRESS}"' in page.text
    sign_in(client)
    assert client.post(ADDRESS, data=hidden(page.text)).status_code == 303
    assert how_many(Kind.NEW_ADDRESS) == 1
    for elsewhere in ("https://evil.example/", "/letters/a-letter/sign", f"{ACCOUNT}/nowhere"):
        path = f"/organize/proof/code?to={elsewhere}"
        page = client.application.test_client().post(path, data={"email": NEW})
        assert f'action="{path}"' in page.text


def test_a_proof_is_for_this_session_alone(client: FlaskClient) -> None:
    sign_in(client)
    phone = client.application.test_client()
    sign_in(phone)
    age_sessions(**UNPROVED)
    client.post("/organize/proof/send")
    thief = with_cookie(client, cookie_of(client))
    code = {"proof-code": mailed_code(Kind.PROOF)}
    assert phone.post("/organize/proof/code", data=code).status_code == 422
    assert client.post("/organize/proof/code", data=code).status_code == 303
    assert phone.post(ADDRESS, data={"email": NEW}).status_code == 403
    assert not is_in(thief)
    assert client.post(ADDRESS, data={"email": NEW}).status_code == 303


def test_it_leads_to_any_page_of_the_panel(client: FlaskClient) -> None:
    sign_in(client)
    for to in ("/organize/teams", "/organize/teams/1", "/organize/letters/x/life", ACCOUNT):
        page = client.get("/organize/proof", query_string={"to": to})
        assert page.status_code == 200, to
        assert f"?to={to}" in page.text, to


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "https://evil.example/organize/",
        "//evil.example/organize/",
        "/\\evil.example",
        "/organize/\\evil.example",
        "/organize/../letters/x",
        "/organize/passkeys/1/remove",  # no page
        "/letters/x",
        "",
    ],
)
def test_it_leads_nowhere_else(client: FlaskClient, to: str) -> None:
    sign_in(client)
    client.post("/organize/proof/send")
    code = {"proof-code": mailed_code(Kind.PROOF)}
    done = client.post("/organize/proof/code", query_string={"to": to, "again": 1}, data=code)
    assert (done.status_code, done.location) == (303, "/organize/")


def test_a_new_address_is_confirmed_and_the_old_one_told(client: FlaskClient) -> None:
    sign_in(client)
    old_link = f"/organize/sign-in/{organizers.add(ANN, None, TEAM)}"
    phone = client.application.test_client()
    sign_in(phone)
    assert client.post(ADDRESS, data={"email": "New@Example.org"}).status_code == 303
    assert client.get(ADDRESS).status_code == 200
    assert me().email == ANN  # not yet
    assert mailed(Kind.NEW_ADDRESS).recipient == NEW
    code = mailed_code(Kind.NEW_ADDRESS)
    assert phone.post(f"{ADDRESS}/code", data={"code": code}).location == ACCOUNT
    assert client.post(f"{ADDRESS}/code", data={"code": "1"}).status_code == 422
    assert client.post(f"{ADDRESS}/code", data={"code": code}).status_code == 303
    assert NEW in client.get(ACCOUNT).text
    assert not is_in(phone)
    assert mailed(Kind.ADDRESS_CHANGED).recipient == ANN
    assert client.application.test_client().post(old_link).status_code == 410
    before = how_many(Kind.SIGN_IN)
    for email, mails in ((ANN, 0), (NEW, 1)):
        client.application.test_client().post("/organize/sign-in", data={"email": email})
        assert how_many(Kind.SIGN_IN) == before + mails


def test_an_address_that_is_taken_is_not_told(client: FlaskClient, statements: Statements) -> None:
    sign_in(client)
    seen = []
    for email in ("free@example.org", "owner@example.org"):
        statements.clear()
        answer = client.post(ADDRESS, data={"email": email})
        kinds = statements.kinds()
        page = without_tokens(client.get(ADDRESS).text).replace(email, "")
        seen.append((answer.status_code, answer.location, kinds, page))
    assert seen[0] == seen[1]
    assert how_many(Kind.NEW_ADDRESS) == 1


def test_an_address_taken_meanwhile_stays_theirs(client: FlaskClient) -> None:
    sign_in(client)
    client.post(ADDRESS, data={"email": NEW})
    make_member(NEW)
    code = mailed_code(Kind.NEW_ADDRESS)
    assert client.post(f"{ADDRESS}/code", data={"code": code}).status_code == 422
    assert me().email == ANN


def test_one_is_called_as_one_wishes(client: FlaskClient) -> None:
    sign_in(client)
    assert client.post(f"{ACCOUNT}/name", data={"name": "  Ann   Lee "}).status_code == 303
    assert me().name == "Ann Lee"
    for name in ("Win at http://evil.example", "=cmd()", "x" * 101):
        answer = client.post(f"{ACCOUNT}/name", data={"name": name})
        assert answer.status_code == 422
        assert 'id="name-error"' in answer.text
    assert me().name == "Ann Lee"
