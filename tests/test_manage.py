"""The signer's own page: see, correct, hide, show, withdraw."""

import pytest
from flask.testing import FlaskClient

from petition import caching, tokens
from petition.actions.move import locked, move
from petition.database import writing
from petition.extensions import db
from petition.models import Actor, Decision, Letter, Moderation, Signature, State
from petition.queries import tallies
from petition.tokens import Purpose
from tests.factories import fresh, make_letter, make_signature, signature_path


def _press(client: FlaskClient, path: str, decision: str) -> tuple[int, str | None]:
    response = client.post(path, data={"decision": decision})
    return response.status_code, response.location


def _count(client: FlaskClient) -> int:
    return int(client.get("/embed/a-letter/count.json").json["count"])


def test_it_shows_the_signature_and_changes_nothing(client: FlaskClient) -> None:
    signature = make_signature(make_letter(), name="Ann Lee", role="poet")
    page = client.get(signature_path(signature))
    assert page.status_code == 200
    assert "Ann Lee" in page.text
    assert "poet" in page.text
    assert "@example.org" not in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_hiding_the_name_keeps_the_count(client: FlaskClient) -> None:
    signature = make_signature(make_letter(), name="Shy Person")
    path = signature_path(signature)
    assert _press(client, path, "hide") == (303, f"{path}?done=hide")
    assert "Shy Person" not in client.get("/letters/a-letter").text
    assert "Shy Person" not in client.get("/letters/a-letter/signatures").text
    assert _count(client) == 1
    _press(client, path, "show")
    assert "Shy Person" in client.get("/letters/a-letter/signatures").text


def test_withdrawing_leaves_count_and_list_and_deletes_the_words(client: FlaskClient) -> None:
    signature = make_signature(make_letter(), name="Ann Lee", comment="Words.")
    path = signature_path(signature)
    assert _press(client, path, "withdraw") == (303, "/letters/a-letter/withdrawn")
    assert client.get("/letters/a-letter/withdrawn").status_code == 200
    signature = fresh(signature.id)
    assert (signature.state, signature.name, signature.comment) == (State.WITHDRAWN, "", "")
    assert signature.email is None
    assert _count(client) == 0
    assert "Ann Lee" not in client.get("/letters/a-letter").text
    assert tallies.drift() == []
    assert client.get(path).status_code == 200
    assert _press(client, path, "withdraw")[0] == 303


def test_a_held_signature_can_be_withdrawn(client: FlaskClient) -> None:
    signature = make_signature(make_letter(moderation=Moderation.BEFORE), state=State.HELD)
    _press(client, signature_path(signature), "withdraw")
    assert fresh(signature.id).state == State.WITHDRAWN


def test_withdrawing_is_no_way_round_a_rejection(client: FlaskClient) -> None:
    signature = make_signature(make_letter(), state=State.REJECTED)
    _press(client, signature_path(signature), "withdraw")
    signature = fresh(signature.id)
    assert (signature.state, signature.name, signature.email) == (State.REJECTED, "", None)


@pytest.mark.parametrize("decision", ["", "destroy", "confirm"])
def test_a_button_there_is_not_does_nothing(client: FlaskClient, decision: str) -> None:
    signature = make_signature(make_letter())
    assert _press(client, signature_path(signature), decision)[0] == 400
    assert fresh(signature.id).state == State.PUBLISHED


def test_a_confirmation_link_is_no_key_to_the_page(client: FlaskClient) -> None:
    signature = make_signature(make_letter())
    token = tokens.make(Purpose.CONFIRM, signature.id)
    assert client.get(f"/signature/{token}").status_code == 404
    assert _press(client, f"/signature/{token}", "withdraw")[0] == 404


def test_before_confirming_it_says_how_to(client: FlaskClient) -> None:
    signature = make_signature(make_letter(), state=State.PENDING)
    assert "not confirmed yet" in client.get(signature_path(signature)).text


def _correct(client: FlaskClient, signature: Signature, **typed: str) -> int:
    data = {"decision": "correct", "name": "Ann Lee"} | typed
    return int(client.post(signature_path(signature), data=data).status_code)


def test_a_signer_corrects_what_they_wrote(client: FlaskClient) -> None:
    found = make_letter()
    signature = make_signature(found, name="An Le", role="poet", location="Bergen")
    page = client.get(signature_path(signature)).text
    for standing in ('value="An Le"', 'value="poet"', 'value="Bergen"'):
        assert standing in page
    typed = {"role": " painter ", "location": "", "comment": "Because."}
    assert _correct(client, signature, **typed) == 303
    corrected = fresh(signature.id)
    assert (corrected.name, corrected.role, corrected.location) == ("Ann Lee", "painter", "")
    assert (corrected.state, corrected.comment) == (State.PUBLISHED, "Because.")
    assert corrected.email is not None
    assert "Ann Lee" in client.get("/letters/a-letter").text
    assert _count(client) == 1


def test_a_wrong_correction_is_told_beside_its_field_and_kept(client: FlaskClient) -> None:
    signature = make_signature(make_letter())
    data = {"decision": "correct", "name": "", "role": "see www.x.y", "location": "Bergen"}
    answer = client.post(signature_path(signature), data=data)
    assert answer.status_code == 422
    for told in ('id="problems"', 'id="name-error"', 'id="role-error"', 'value="see www.x.y"'):
        assert told in answer.text
    assert 'value="Bergen"' in answer.text
    assert (fresh(signature.id).name, fresh(signature.id).location) == ("Ann Lee", "")


def test_what_is_not_asked_stays_and_what_is_asked_must_be_answered(client: FlaskClient) -> None:
    found = make_letter()
    signature = make_signature(found, role="Composer")
    with writing(db.session):
        letter = db.session.get_one(Letter, found.letter.id)
        letter.fields = {"role": {"demand": "not", "shown": False}}
        question = {"shape": "text", "choices": [], "shown": True}
        letter.questions = [
            {**question, "key": "a", "labels": {"en": "Old?"}, "required": True, "retired": True},
            {**question, "key": "b", "labels": {"en": "New?"}, "required": True, "retired": False},
        ]
        db.session.get_one(Signature, signature.id).answers = {"a": "yes"}
    caching.recent.clear()
    assert _correct(client, signature, role="Nobody") == 422
    assert _correct(client, signature, role="Nobody", question_b="of course") == 303
    corrected = fresh(signature.id)
    assert (corrected.role, corrected.answers) == ("Composer", {"a": "yes", "b": "of course"})


def test_what_a_moderator_read_is_read_once_more_when_it_changes(client: FlaskClient) -> None:
    found = make_letter(moderation=Moderation.BEFORE)
    signature = make_signature(found, state=State.HELD)
    with writing(db.session):
        move(locked(signature.id), State.PUBLISHED, Actor.ORGANIZER)
    assert _correct(client, signature) == 303
    assert fresh(signature.id).state == State.PUBLISHED  # nothing was changed
    assert "until then" in client.get(signature_path(signature)).text.lower()
    assert _correct(client, signature, name="Famous Person") == 303
    assert (fresh(signature.id).state, fresh(signature.id).name) == (State.HELD, "Famous Person")
    assert "Famous Person" not in client.get("/letters/a-letter").text
    assert _count(client) == 0
    assert tallies.drift() == []
    last = db.session.query(Decision).order_by(Decision.id.desc()).first()
    assert last is not None
    assert (last.actor, last.from_state, last.to_state) == ("signer", "published", "held")


@pytest.mark.parametrize("state", [State.PENDING, State.REJECTED, State.WITHDRAWN])
def test_what_does_not_stand_is_not_corrected(client: FlaskClient, state: State) -> None:
    signature = make_signature(make_letter(), state=state)
    assert _correct(client, signature, name="Bo Li") == 409
    assert fresh(signature.id).name == "Ann Lee"
    assert 'value="correct"' not in client.get(signature_path(signature)).text


def test_updates_are_switched_on_and_off(client: FlaskClient) -> None:
    signature = make_signature(make_letter())
    path = signature_path(signature)
    for decision, wanted in (("updates", True), ("no-updates", False)):
        assert _press(client, path, decision) == (303, f"{path}?done={decision}")
        assert fresh(signature.id).updates is wanted
        assert ("as you asked" in client.get(path).text) is wanted
