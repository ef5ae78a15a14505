"""What guards a letter for a while: each switch through HTTP, on and off again."""

import pytest
from flask.testing import FlaskClient

from petition import tokens
from petition.extensions import db
from petition.models import AuditEntry, Letter, Role, Signature, State
from petition.queries.letters import LetterText
from tests.factories import (
    confirm_path,
    form,
    fresh,
    make_letter,
    make_signature,
    sign_in,
    signature_path,
    solve,
)

SIGN = "/letters/a-letter/sign"
PAGE = "/letters/a-letter"


@pytest.fixture
def found() -> LetterText:
    return make_letter()


def _turn(client: FlaskClient, switch: str, on: bool, **more: str) -> None:
    fields = {"on": "yes" if on else "no", **more}
    answer = client.post(f"/organize/letters/a-letter/switches/{switch}", data=fields)
    assert answer.status_code == 303


@pytest.fixture
def moderator(client: FlaskClient, found: LetterText) -> FlaskClient:
    sign_in(client, "moderator@example.org", Role.MODERATOR)
    return client


def test_a_pause_refuses_whoever_comes_and_lets_confirm_who_came_before(
    moderator: FlaskClient, found: LetterText
) -> None:
    waiting = make_signature(found, state=State.PENDING)
    assert 'id="sign" method="post"' in moderator.get(PAGE).text
    _turn(moderator, "pause", True, sentence="We look after\nwhat a robot has left.")
    page = moderator.get(PAGE)
    assert page.status_code == 200
    assert "Signing is paused for the moment." in page.text
    assert "what a robot has left" in page.text
    assert 'method="post"' not in page.text
    assert "potentialAction" not in page.text
    refused = moderator.post(SIGN, data=form(comment="Because of\nthe lamps"))
    assert refused.status_code == 403
    for said in ("The organizers write:", "what a robot has left", "What you typed", "the lamps"):
        assert said in refused.text
    assert moderator.get(f"{PAGE}/puzzle").status_code == 403
    assert db.session.query(Signature).count() == 1
    assert moderator.get("/embed/a-letter/count.json").json["state"] == "open"
    assert "Read and sign" not in moderator.get("/embed/a-letter").text
    assert moderator.post(confirm_path(waiting), data={"decision": "confirm"}).status_code == 303
    assert fresh(waiting.id).state == State.PUBLISHED
    told = moderator.get("/organize/letters/a-letter/rules").text
    assert "Signing is paused" in told
    assert "moderator@example.org" in told
    _turn(moderator, "pause", False)
    assert moderator.post(SIGN, data=form()).status_code == 303
    words = [
        (each.action, each.about)
        for each in db.session.query(AuditEntry).filter_by(action="switch").order_by("id")
    ]
    assert words == [
        ("switch", {"switch": "pause", "on": True}),
        ("switch", {"switch": "pause", "on": False}),
    ]


def test_a_sentence_too_long_is_kept_and_nothing_is_paused(moderator: FlaskClient) -> None:
    answer = moderator.post(
        "/organize/letters/a-letter/switches/pause", data={"on": "yes", "sentence": "so " * 200}
    )
    assert answer.status_code == 422
    assert "Shorten this by" in answer.text
    assert "so so so" in answer.text
    assert 'method="post"' in moderator.get(PAGE).text


def test_everything_new_waits_and_stands_again_as_before(
    moderator: FlaskClient, found: LetterText
) -> None:
    before = make_signature(found)
    _turn(moderator, "hold", True)
    held = make_signature(found, state=State.PENDING)
    assert "Names are read by an organizer" in moderator.get(PAGE).text
    moderator.post(confirm_path(held), data={"decision": "confirm"})
    assert fresh(held.id).state == State.HELD
    assert fresh(before.id).state == State.PUBLISHED
    _turn(moderator, "hold", False)
    make_signature(found, state=State.PUBLISHED)


def test_without_proof_of_work_a_form_comes_back_with_what_was_typed(
    moderator: FlaskClient, found: LetterText
) -> None:
    _turn(moderator, "proof", True)
    page = moderator.get(PAGE).text
    assert page.index("<noscript>") < page.index('name="name"')
    answer = moderator.post(SIGN, data=form(name="Ann Lee-Ray"))
    assert answer.status_code == 422
    assert "Turn JavaScript on" in answer.text
    assert 'value="Ann Lee-Ray"' in answer.text
    assert db.session.query(Signature).count() == 0
    puzzle = moderator.get(f"{PAGE}/puzzle").get_json()
    assert moderator.post(SIGN, data=form(puzzle=solve(puzzle))).status_code == 303
    _turn(moderator, "proof", False)
    assert moderator.post(SIGN, data=form(email="other@example.org")).status_code == 303


def test_a_hidden_list_shows_no_name_anywhere_and_the_count_stands(
    moderator: FlaskClient, found: LetterText
) -> None:
    name, said = "Zenobia Quill", "Because of the lamps"
    shown = make_signature(found, name=name, comment=said, affiliation="Lamp works")
    line = tokens.line(shown.id)
    places = [
        PAGE,
        f"{PAGE}/signatures",
        f"{PAGE}/signatures?q=Zenobia",
        f"{PAGE}/signatures?by=affiliation",
        f"{PAGE}/comments",
        f"{PAGE}/copy",
        f"{PAGE}/names/{line}",
        f"{PAGE}/names/{line}/report",
    ]
    assert name in moderator.get(places[0]).text
    own = signature_path(shown)
    assert f"/names/{line}" in moderator.get(own).text
    _turn(moderator, "hide", True)
    page = moderator.get(own).text
    assert f"/names/{line}" not in page
    assert "not shown for the moment, like all names" in page
    assert f"{PAGE}/count" in moderator.get(f"{PAGE}/signatures").text
    for place in places:
        page = moderator.get(place)
        assert page.status_code == 200, place
        assert "not shown for the moment" in page.text, place
        for word in (name, said, "Lamp works"):
            assert word not in page.text, place
    assert moderator.get("/embed/a-letter/count.json").json["count"] == 1
    _turn(moderator, "hide", False)
    assert name in moderator.get(f"{PAGE}/names/{line}").text


def test_the_sentence_is_changed_while_it_is_paused(
    moderator: FlaskClient, found: LetterText
) -> None:
    rules = "/organize/letters/a-letter/rules"
    path = "/organize/letters/a-letter/switches/pause"
    moderator.post(path, data={"on": "yes", "sentence": "Robots."})
    page = moderator.get(rules).text
    assert "</span>, paused" in page
    assert "Change the sentence" in page
    moderator.post(path, data={"on": "yes", "sentence": "Back at noon."})
    page = moderator.get(rules).text
    assert 'name="on" value="yes"' in page
    assert 'name="sentence" value="Robots."' in page  # what Undo sends
    assert "Back at noon." in moderator.get(PAGE).text
    record = moderator.get("/organize/letters/a-letter/record").text
    assert "changed what is said while signing is paused" in record
    assert record.count("paused signing") == 1


def test_a_switch_does_not_get_into_the_way_of_who_changes_the_settings(
    moderator: FlaskClient, found: LetterText
) -> None:
    version = db.session.get_one(Letter, found.letter.id).version
    _turn(moderator, "hold", True)
    db.session.expire_all()
    assert db.session.get_one(Letter, found.letter.id).version == version
