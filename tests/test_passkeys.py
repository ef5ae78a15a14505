"""Passkeys: made, used, refused. The device is played; what it answers is really checked."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition.actions import organizers
from petition.database import writing
from petition.extensions import db
from petition.mail import messages, outbox
from petition.models import Kind, Organizer, OrganizerSession, Passkey, Role, SignIn, Team
from tests.accounts import is_in, mailed_code, make_member, make_passkey
from tests.authenticator import PRESENT, Authenticator
from tests.factories import TEAM, sign_in

ANN, BOB = "organizer@example.org", "bob@example.org"
DOOR, MINE, PROOF = "/organize/sign-in/passkey", "/organize/passkeys", "/organize/proof/passkey"
NEEDED = "/organize/passkeys/needed"


@pytest.fixture(autouse=True)
def _owner(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    make_member("owner@example.org", Role.OWNER)


def task(client: FlaskClient, at: str) -> dict[str, Any]:
    response = client.post(f"{at}/challenge")
    assert (response.status_code, response.mimetype) == (200, "application/json")
    return dict(response.get_json())


def register(client: FlaskClient, device: Authenticator, label: str = "My phone") -> int:
    answer = device.create(task(client, MINE))
    return client.post(MINE, data={"label": label, "credential": answer}).status_code


def enter(client: FlaskClient, device: Authenticator) -> int:
    answer = device.get(task(client, DOOR))
    return client.post(DOOR, data={"credential": answer}).status_code


@pytest.fixture
def device(client: FlaskClient) -> Authenticator:
    """A device with Ann's passkey, and Ann signed out again."""
    device = Authenticator()
    sign_in(client)
    assert register(client, device) == 303
    client.post("/organize/sign-out")
    return device


def test_a_passkey_is_made_listed_and_lets_in(client: FlaskClient) -> None:
    device = Authenticator()
    sign_in(client)
    assert register(client, device, "Ann's phone") == 303
    assert "Ann&#39;s phone" in client.get("/organize/account").text
    kept = db.session.query(Passkey).one()
    assert (kept.transports, kept.used_at) == ("internal", None)
    client.post("/organize/sign-out")
    assert enter(client, device) == 303
    assert is_in(client)
    db.session.expire_all()
    assert db.session.query(OrganizerSession).one().method == "passkey"
    assert db.session.query(Passkey).one().used_at is not None


def test_an_answer_is_good_once(client: FlaskClient, device: Authenticator) -> None:
    answer = device.get(task(client, DOOR))
    with client.session_transaction(DOOR) as cookie:
        challenge, browser = cookie["challenge"], cookie["browser"]
    assert client.post(DOOR, data={"credential": answer}).status_code == 303
    thief = client.application.test_client()
    with thief.session_transaction(DOOR) as cookie:
        cookie["challenge"], cookie["browser"] = challenge, browser
    assert thief.post(DOOR, data={"credential": answer}).status_code == 422
    assert not is_in(thief)


def test_an_answer_is_good_where_it_was_asked(client: FlaskClient, device: Authenticator) -> None:
    answer = device.get(task(client, DOOR))
    with client.session_transaction(DOOR) as cookie:
        challenge = cookie["challenge"]
    thief = client.application.test_client()
    task(thief, DOOR)
    with thief.session_transaction(DOOR) as cookie:
        cookie["challenge"] = challenge
    assert thief.post(DOOR, data={"credential": answer}).status_code == 422
    assert not is_in(thief)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda device: setattr(device, "origin", "https://evil.example"),
        lambda device: setattr(device, "flags", PRESENT),  # somebody is there: anybody
        lambda device: setattr(device, "count", 0),
        lambda device: setattr(device, "id", b"another"),
        lambda device: setattr(device, "_key", Authenticator()._key),
    ],
    ids=["phished", "unverified", "copied", "unknown", "forged"],
)
def test_what_is_wrong_is_refused(
    client: FlaskClient, device: Authenticator, spoil: Callable[[Authenticator], None]
) -> None:
    device.count = 5
    assert enter(client, device) == 303
    client.post("/organize/sign-out")
    spoil(device)
    assert enter(client, device) == 422
    assert not is_in(client)


GARBAGE = [
    "",
    "x",
    "null",
    "[]",
    "[" * 5000,
    '{"rawId": 1}',
    '{"rawId": "é", "response": []}',
    json.dumps({"rawId": "AAAA", "id": "AAAA", "type": "public-key", "response": {}}),
    "x" * 50_000,
]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_is_refused(client: FlaskClient, garbage: str) -> None:
    sign_in(client)
    task(client, MINE)
    filled = {"label": "x", "credential": garbage}
    assert client.post(MINE, data=filled).status_code == 422
    task(client, "/organize/proof")
    assert client.post(PROOF, data={"proof-credential": garbage}).status_code == 422
    stranger = client.application.test_client()
    assert stranger.post(DOOR, data=filled).status_code == 422
    task(stranger, DOOR)
    assert stranger.post(DOOR, data=filled).status_code == 422
    assert db.session.query(Passkey).count() == 0


def test_a_passkey_belongs_to_one_account(client: FlaskClient, device: Authenticator) -> None:
    sign_in(client, BOB, Role.VIEWER)
    assert register(client, device) == 422
    answer = device.get(task(client, "/organize/proof"))
    assert client.post(PROOF, data={"proof-credential": answer}).status_code == 422
    bobs = Authenticator()
    assert register(client, bobs) == 303
    offered = task(client, "/organize/proof")["allowCredentials"]
    assert [each["transports"] for each in offered] == [["internal"]]
    answer = bobs.get(task(client, "/organize/proof"))
    assert client.post(PROOF, data={"proof-credential": answer}).status_code == 303


def test_a_removed_passkey_opens_nothing(client: FlaskClient, device: Authenticator) -> None:
    sign_in(client)
    number = db.session.query(Passkey).one().id
    client.post(f"{MINE}/{number}/name", data={"label": "Old phone"})
    assert "Old phone" in client.get("/organize/account").text
    client.post(f"{MINE}/{number}/remove")
    client.post("/organize/sign-out")
    assert enter(client, device) == 422


def test_its_owner_is_told_of_each_passkey_that_comes_or_goes(
    client: FlaskClient, device: Authenticator
) -> None:
    sign_in(client)
    number = db.session.query(Passkey).one().id
    client.post(f"{MINE}/{number}/name", data={"label": "Old <phone>"})
    client.post(f"{MINE}/{number}/remove")
    told = [each for each in outbox.claim("w", 10) if each.kind == Kind.PASSKEYS_CHANGED]
    assert [each.email for each in told] == [ANN, ANN]
    made, gone = (messages.compose(each) for each in told)
    assert "A passkey was added to your account" in " ".join(made.text.split())
    assert "open letters: My phone. Whoever" in " ".join(made.text.split())
    assert "A passkey was removed from your account" in " ".join(gone.text.split())
    assert "letters: Old <phone>. It opens nothing" in " ".join(gone.text.split())
    assert "letters: Old &lt;phone&gt;. It opens nothing" in gone.html


def test_the_last_passkey_stays_while_a_team_asks_for_it(
    client: FlaskClient, device: Authenticator
) -> None:
    sign_in(client)
    assert enter(client, device) == 303
    with writing(db.session):
        db.session.query(Team).update({"passkey_required": True})
    (mine,) = db.session.query(Passkey.id).one()
    told = client.post(f"{MINE}/{mine}/remove", follow_redirects=True)
    assert "your only passkey, and Organizers asks for one" in told.text
    make_passkey(db.session.query(Organizer).filter_by(email=ANN).one())
    assert (
        "The passkey is removed" in client.post(f"{MINE}/{mine}/remove", follow_redirects=True).text
    )
    assert db.session.query(Passkey).count() == 1


def test_nobody_touches_anothers_passkey(client: FlaskClient) -> None:
    foreign = make_passkey(make_member(BOB))
    sign_in(client)
    for what in ("name", "remove"):
        assert client.post(f"{MINE}/{foreign.id}/{what}", data={"label": "x"}).status_code == 404
    assert db.session.query(Passkey).one().name == foreign.name


def test_who_is_in_no_team_does_not_come_in(client: FlaskClient, device: Authenticator) -> None:
    organizers.remove(ANN, TEAM)
    assert enter(client, device) == 422


def test_the_challenge_of_one_errand_answers_no_other(
    client: FlaskClient, device: Authenticator
) -> None:
    sign_in(client)
    answer = device.get(task(client, "/organize/proof"))
    with writing(db.session):
        db.session.query(SignIn).update({"errand": "register"})
    assert client.post(PROOF, data={"proof-credential": answer}).status_code == 422


def require_passkeys() -> None:
    with writing(db.session):
        db.session.query(Team).update({"passkey_required": True})


def test_who_has_none_makes_one_before_anything_else(client: FlaskClient) -> None:
    sign_in(client)
    require_passkeys()
    assert client.get("/organize/").location == NEEDED
    assert "Make a passkey" in client.get(NEEDED).text
    assert client.get("/letters/x").status_code == 404  # the public side is as it was
    assert register(client, Authenticator()) == 303
    assert client.get("/organize/").status_code == 200
    assert client.get(NEEDED).status_code == 303


def test_a_mailbox_alone_opens_no_team_that_requires_passkeys(
    client: FlaskClient, device: Authenticator
) -> None:
    require_passkeys()
    sign_in(client)
    assert "Use your passkey" in client.get(NEEDED).text
    for path in ("/organize/", "/organize/account", f"{MINE}/new"):
        assert client.get(path).location == NEEDED
    assert client.post(f"{MINE}/challenge").location == NEEDED  # not one more, either
    client.post("/organize/proof/send")
    assert client.get("/organize/").location == NEEDED
    answer = device.get(task(client, "/organize/proof"))
    assert client.post(PROOF, data={"proof-credential": answer}).status_code == 303
    assert client.get("/organize/").status_code == 200


def test_a_code_does_not_stand_for_a_passkey(client: FlaskClient, device: Authenticator) -> None:
    sign_in(client)
    client.post("/organize/proof/send")
    code = {"proof-code": mailed_code(Kind.PROOF)}
    assert client.post("/organize/proof/code", data=code).status_code == 303
    require_passkeys()
    assert client.get("/organize/").location == NEEDED


def test_who_has_lost_it_is_helped_by_the_operator(
    client: FlaskClient, device: Authenticator
) -> None:
    require_passkeys()
    assert enter(client, device) == 303
    organizers.forget_passkeys(ANN)
    assert not is_in(client)
    sign_in(client)
    assert "Make a passkey" in client.get(NEEDED).text
    assert db.session.query(Organizer).filter_by(email=ANN).count() == 1
