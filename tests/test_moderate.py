"""Moderation: held, published, rejected, undone; each change is a decision."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition.actions import manage
from petition.extensions import db
from petition.models import Decision, Moderation, Signature, State
from petition.queries import tallies
from petition.queries.letters import LetterText
from tests.factories import fresh, make_letter, make_signature, sign_in

QUEUE = "/organize/letters/a-letter/moderation"


@pytest.fixture
def found(client: FlaskClient) -> LetterText:
    """A letter moderated before, with a moderator looking at it."""
    sign_in(client)
    return make_letter(moderation=Moderation.BEFORE)


def _act(client: FlaskClient, path: str, **data: str) -> int:
    return client.post(f"/organize/letters/a-letter/{path}", data=data).status_code


def _held(found: LetterText, **entry: object) -> Signature:
    return make_signature(found, state=State.HELD, **entry)


def _last_decision() -> Decision:
    db.session.rollback()  # ends the reading that began before
    db.session.expire_all()
    return db.session.query(Decision).order_by(Decision.id.desc()).first()


def test_the_queue_shows_what_waits_oldest_first(client: FlaskClient, found: LetterText) -> None:
    _held(found, name="First Comer")
    _held(found, name="Second Comer")
    page = client.get(QUEUE).text
    assert page.index("First Comer") < page.index("Second Comer")


def test_an_empty_queue_says_so(client: FlaskClient, found: LetterText) -> None:
    assert client.get(QUEUE).status_code == 200


def test_publishing_counts_and_shows_at_once(client: FlaskClient, found: LetterText) -> None:
    signature = _held(found, name="Good Name")
    client.get("/letters/a-letter")
    assert _act(client, f"signatures/{signature.id}/publish") == 303
    assert "Good Name" in client.get("/letters/a-letter").text
    assert client.get("/embed/a-letter/count.json").json["count"] == 1
    decision = _last_decision()
    assert (decision.from_state, decision.to_state) == (State.HELD, State.PUBLISHED)
    assert (decision.actor, decision.organizer_id is None) == ("organizer", False)


def test_rejecting_needs_a_reason(client: FlaskClient, found: LetterText) -> None:
    signature = _held(found)
    for reason in ("", "because"):
        assert _act(client, f"signatures/{signature.id}/reject", reason=reason) == 422
    assert fresh(signature.id).state == State.HELD
    assert _act(client, f"signatures/{signature.id}/reject", reason="abuse") == 303
    assert fresh(signature.id).state == State.REJECTED
    assert _last_decision().reason == "abuse"


def test_nothing_is_deleted_by_moderation(client: FlaskClient, found: LetterText) -> None:
    signature = _held(found, name="Kept Name", email="kept@example.org")
    _act(client, f"signatures/{signature.id}/reject", reason="abuse")
    signature = fresh(signature.id)
    assert (signature.name, signature.email) == ("Kept Name", "kept@example.org")


@pytest.mark.parametrize("action", ["publish", "reject"])
def test_a_decision_can_be_undone_and_that_is_a_decision(
    client: FlaskClient, found: LetterText, action: str
) -> None:
    signature = _held(found)
    _act(client, f"signatures/{signature.id}/{action}", reason="abuse")
    done = _last_decision()
    assert _act(client, f"decisions/{done.id}/undo") == 303
    assert fresh(signature.id).state == State.HELD
    assert _last_decision().undoes_id == done.id
    assert tallies.drift() == []
    assert _act(client, f"decisions/{done.id}/undo") == 409


def test_an_undoing_is_not_undone(client: FlaskClient, found: LetterText) -> None:
    signature = _held(found)
    _act(client, f"signatures/{signature.id}/publish")
    _act(client, f"decisions/{_last_decision().id}/undo")
    assert _act(client, f"decisions/{_last_decision().id}/undo") == 409


def test_what_the_signer_withdrew_is_not_brought_back(
    client: FlaskClient, found: LetterText
) -> None:
    signature = _held(found)
    _act(client, f"signatures/{signature.id}/publish")
    done = _last_decision()
    manage.withdraw(signature.id, None)
    assert _act(client, f"decisions/{done.id}/undo") == 409
    assert fresh(signature.id).state == State.WITHDRAWN


def test_the_second_to_decide_is_told(client: FlaskClient, found: LetterText) -> None:
    signature = _held(found)
    _act(client, f"signatures/{signature.id}/publish")
    response = client.post(
        f"/organize/letters/a-letter/signatures/{signature.id}/reject", data={"reason": "abuse"}
    )
    assert response.status_code == 409
    assert "first" in response.text
    assert fresh(signature.id).state == State.PUBLISHED


def test_two_at_once_decide_once(app: Flask, client: FlaskClient, found: LetterText) -> None:
    signature = _held(found)
    cookie = client.get_cookie("session")
    assert cookie is not None

    def decide(path: str) -> int:
        browser = app.test_client()
        browser.set_cookie("session", cookie.value)
        return _act(browser, f"signatures/{signature.id}/{path}", reason="abuse")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(decide, ["publish", "reject"] * 4))
    assert sorted(answers) == [303] + [409] * 7
    assert tallies.drift() == []


def test_a_signature_of_another_letter_is_out_of_reach(
    client: FlaskClient, found: LetterText
) -> None:
    other = make_letter(slug="other", moderation=Moderation.BEFORE)
    signature = _held(other)
    assert _act(client, f"signatures/{signature.id}/publish") == 404
    assert fresh(signature.id).state == State.HELD
