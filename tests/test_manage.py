"""The signer's own page: see, hide, show, withdraw."""

import pytest
from flask.testing import FlaskClient

from petition import tokens
from petition.models import Moderation, State
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
    assert _press(client, path, "hide") == (303, path)
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
