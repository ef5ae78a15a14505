"""A rejected signer writes to the organizers: what they see, what becomes of it, who may answer."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition.actions import erase, moderate
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import (
    Cause,
    Decision,
    Moderation,
    Report,
    Role,
    Signature,
    State,
    Team,
)
from petition.queries import tallies
from tests.accounts import make_member
from tests.factories import fresh, make_letter, make_signature, sign_in, signature_path
from tests.postman import carry
from tests.smtp_server import SmtpServer

LETTER = "/organize/letters/a-letter"


def _rejected(reason: str = "not-a-name", **entry: str) -> Signature:
    """Somebody who was rejected without a word."""
    found = make_letter(moderation=Moderation(entry.pop("moderation", "after")))
    state = State.HELD if found.letter.moderation == Moderation.BEFORE else State.PUBLISHED
    signature = make_signature(found, state=state, **entry)
    organizer = make_member("deciding@example.org", Role.MODERATOR).id
    moderate.reject(found.letter, Role.MODERATOR, organizer, signature.id, reason, state)
    return fresh(signature.id)


def _write(client: FlaskClient, signature: Signature, words: str) -> int:
    typed = {"decision": "appeal", "appeal": words}
    return int(client.post(signature_path(signature), data=typed).status_code)


def _reports() -> list[Report]:
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Report).order_by(Report.id).all()


def test_a_signer_writes_is_answered_writes_again_and_stands_again(
    client: FlaskClient, smtp: SmtpServer
) -> None:
    signature = _rejected(name="Ann Lee", email="ann@example.org")
    page = client.get(signature_path(signature)).text
    assert "Not the name of a real person" in page
    assert 'name="appeal"' in page
    assert "3 more times" in page
    assert _write(client, signature, " It is my name. \r\n\r\nReally. ") == 303
    page = client.get(signature_path(signature)).text
    assert "It waits to be read by them." in page
    assert 'name="appeal"' not in page
    assert "What you wrote to the organizers" in page
    assert _write(client, signature, "Once more.") == 409
    [appeal] = _reports()
    assert (appeal.cause, appeal.words) == (Cause.APPEAL, "It is my name.\n\nReally.")

    sign_in(client, "mod@example.org", Role.MODERATOR)
    listed = client.get(f"{LETTER}/moderation?tab=reported").text
    assert "its signer" in listed
    assert "It is my name." in listed
    answer = client.post(
        f"{LETTER}/reports/{appeal.id}/answer", data={"words": "Send us a photo, <b>Ann</b>."}
    )
    assert answer.status_code == 303
    again = client.post(f"{LETTER}/reports/{appeal.id}/answer", data={"words": "Twice."})
    assert again.status_code == 409
    [mail] = carry(smtp)
    assert mail.to == "ann@example.org"
    assert "> Send us a photo, <b>Ann</b>." in str(mail.message.get_body(("plain",)))
    assert "&lt;b&gt;Ann" in str(mail.message.get_body(("html",)))
    assert "Send us a photo" in client.get(signature_path(signature)).text
    assert fresh(signature.id).state == State.REJECTED

    assert _write(client, signature, "Here it is.") == 303
    second = _reports()[1]
    assert client.post(f"{LETTER}/reports/{second.id}/grant").status_code == 303
    assert fresh(signature.id).state == State.PUBLISHED
    assert _reports()[1].settled_at is not None
    # It can be undone: then it is rejected for what it was, and what was written waits again.
    newest = db.session.query(Decision).order_by(Decision.id.desc()).first()
    assert newest is not None
    assert client.post(f"{LETTER}/decisions/{newest.id}/undo").status_code == 303
    assert fresh(signature.id).removed_for == "not-a-name"
    assert _reports()[1].settled_at is None
    assert carry(smtp) == []
    client.post(f"{LETTER}/reports/{second.id}/grant")
    [standing] = carry(smtp)
    assert standing.message["Subject"] == "Your signature counts again: A letter"
    assert "Ann Lee" in client.get("/letters/a-letter").text
    assert tallies.drift() == []


def test_what_cannot_be_taken_is_still_there_and_there_is_an_end(client: FlaskClient) -> None:
    signature = _rejected()
    path = signature_path(signature)
    empty = client.post(path, data={"decision": "appeal", "appeal": "  "})
    assert (empty.status_code, 'id="appeal-error"' in empty.text) == (422, True)
    long = client.post(path, data={"decision": "appeal", "appeal": "w" * 1001})
    assert (long.status_code, "w" * 1001 in long.text) == (422, True)
    for number in range(3):
        assert _write(client, signature, f"Words {number}.") == 303
        with writing(db.session):
            db.session.query(Report).update({"settled_at": now()})
    late = client.post(path, data={"decision": "appeal", "appeal": "And again."})
    assert (late.status_code, "And again." in late.text) == (409, True)
    assert len(_reports()) == 3


@pytest.mark.parametrize("state", [State.PUBLISHED, State.QUARANTINED])
def test_who_is_set_aside_learns_nothing_by_writing(client: FlaskClient, state: State) -> None:
    signature = make_signature(make_letter(), state=State.PUBLISHED, name="Ann Lee")
    with writing(db.session):
        fresh(signature.id).state = state
    typed = {"decision": "appeal", "appeal": "Why?"}
    answer = client.post(signature_path(signature), data=typed)
    assert answer.status_code == 409
    assert "not to count" not in answer.text
    assert "counted" in answer.text
    assert _reports() == []


def test_only_those_who_decide_answer_and_only_what_a_signer_wrote(client: FlaskClient) -> None:
    signature = _rejected(moderation="before")
    _write(client, signature, "It is my name.")
    [appeal] = _reports()
    with writing(db.session):
        other = Report(letter_id=signature.letter_id, signature_id=signature.id, cause=Cause.OTHER)
        db.session.add(other)
    sign_in(client, "looking@example.org", Role.VIEWER)
    for act in ("answer", "grant"):
        path = f"{LETTER}/reports/{appeal.id}/{act}"
        assert client.post(path, data={"words": "No."}).status_code == 403
    sign_in(client, "mod@example.org", Role.MODERATOR)
    typed = client.post(f"{LETTER}/reports/{appeal.id}/answer", data={"words": "w" * 1001})
    assert (typed.status_code, "w" * 1001 in typed.text) == (422, True)
    for act in ("answer", "grant"):
        path = f"{LETTER}/reports/{other.id}/{act}"
        assert client.post(path, data={"words": "No."}).status_code == 404
    assert client.post(f"{LETTER}/reports/{appeal.id}/grant").status_code == 303
    assert fresh(signature.id).state == State.HELD  # this letter reads each before it stands


def test_of_those_who_settle_it_at_once_one_does(app: Flask, client: FlaskClient) -> None:
    signature = _rejected(name="Ann Lee")
    assert _write(client, signature, "It is my name.") == 303
    [appeal] = _reports()
    sign_in(client)
    cookie = client.get_cookie("session")
    assert cookie is not None

    def act(how: str) -> int:
        browser = app.test_client()
        browser.set_cookie("session", cookie.value)
        path = f"{LETTER}/reports/{appeal.id}/{how}"
        return int(browser.post(path, data={"words": "No."}).status_code)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(act, ["answer", "grant", "settle"] * 2))
    assert sorted(answers) == [303] + [409] * 5
    [settled] = _reports()
    granted = fresh(signature.id).state == State.PUBLISHED
    assert settled.settled_at is not None
    assert not (granted and settled.answer)
    assert tallies.drift() == []


def test_a_retired_reason_is_still_worded_and_what_was_written_can_be_taken_along(
    client: FlaskClient,
) -> None:
    signature = _rejected("own-1")
    with writing(db.session):
        own = {"code": "own-1", "name": "x", "public": {"en": "Off topic"}, "retired": True}
        db.session.query(Team).one().reasons = [own]
    _write(client, signature, "It was on topic.")
    assert "Off topic" in client.get(signature_path(signature)).text
    path = f"{signature_path(signature)}/data.json"
    held = json.loads(client.get(path).text)
    assert held["decisions"][-1]["reason_in_words"] == "Off topic"
    assert [each["words"] for each in held["appeals"]] == ["It was on topic."]
    erase.erase(signature.id, None)
    assert [each.words for each in _reports()] == [""]
    assert 'name="appeal"' not in client.get(signature_path(signature)).text
