"""Signatures on paper: counted with the others, told apart, and never out of step."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from flask import Flask
from flask.testing import FlaskClient

from petition.actions import paper, recount
from petition.actions.paper import Batch
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import Letter, Organizer, PaperBatch, Role
from petition.queries import batches
from petition.queries.batches import PaperDrift
from tests.factories import make_letter, make_signature, sign_in

PAGE = "/organize/letters/a-letter/paper"
BATCH = {"number": "200", "collected_on": "2026-05-01", "place": "Market square", "note": "Box 3"}


def _on_paper() -> int:
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Letter).one().paper


def test_they_count_with_the_others_and_are_told_apart_everywhere(client: FlaskClient) -> None:
    make_signature(make_letter(goal=100))
    sign_in(client)
    assert client.post(PAGE, data=BATCH).status_code == 303
    numbers = client.get("/embed/a-letter/count.json").json
    assert (numbers["count"], numbers["paper"], numbers["goal"]) == (201, 200, 100)
    for path in (
        *("/letters/a-letter", "/letters/a-letter/signatures", "/letters/a-letter/signed"),
        *("/embed/a-letter", "/organize/"),
    ):
        assert "200 of them on paper" in client.get(path).text, path
    assert "201" in client.get("/embed/a-letter/badge.svg").text
    page = client.get(PAGE).text
    for said in ("Market square", "Box 3", "organizer@example.org", "2026-05-01"):
        assert said in page
    assert "Box 3" not in client.get("/letters/a-letter").text


def test_a_batch_is_removed_and_brought_back(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    client.post(PAGE, data=BATCH)
    client.post(PAGE, data=BATCH | {"number": "7"})
    batch_id = db.session.query(PaperBatch.id).filter_by(number=200).scalar()
    for _ in range(2):  # pressing twice takes nothing off twice
        assert client.post(f"{PAGE}/{batch_id}/remove").status_code == 303
        assert _on_paper() == 7
    assert f"{PAGE}/{batch_id}/restore" in client.get(PAGE).text
    for _ in range(2):
        assert client.post(f"{PAGE}/{batch_id}/restore").status_code == 303
        assert _on_paper() == 207
    assert batches.drift() == []


NO_NUMBERS = ("", "0", "-5", "1.5", "1,2500", "1.250,000", "1e3", "٥", "10000001", "9" * 30)
WRONG = [
    *(("number", value) for value in NO_NUMBERS),
    *(("collected_on", value) for value in ("", "today", "0001-01-01", "2026-02-30")),
    ("collected_on", (now() + timedelta(days=3)).date().isoformat()),
    *(("place", value) for value in ("", "\u200b", "x" * 121)),
    ("note", "x" * 501),
]


def test_a_number_is_understood_as_people_write_it(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    for number in ("1250", "1,250", "1.250", "1 250", "1\u00a0250", "1'250"):
        assert client.post(PAGE, data=BATCH | {"number": number}).status_code == 303, number
    assert _on_paper() == 6 * 1250


def test_what_is_wrong_is_said_beside_its_field(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    for field, value in WRONG:
        answer = client.post(PAGE, data=BATCH | {field: value})
        assert answer.status_code == 422, (field, value)
        assert f'id="{field}-error"' in answer.text
    assert _on_paper() == 0


def test_another_letters_batch_does_not_exist(client: FlaskClient) -> None:
    make_letter()
    make_letter(slug="another")
    sign_in(client)
    client.post(PAGE, data=BATCH)
    batch_id = db.session.query(PaperBatch.id).scalar()
    for step in ("remove", "restore"):
        gone = client.post(f"/organize/letters/another/paper/{batch_id}/{step}")
        assert gone.status_code == 404


def test_batches_handed_in_at_once_are_all_counted(app: Flask, client: FlaskClient) -> None:
    letter_id = make_letter().letter.id
    sign_in(client)
    organizer_id = db.session.query(Organizer.id).scalar()

    def hand_in(number: int) -> None:
        with app.app_context():
            letter = db.session.get(Letter, letter_id)
            assert letter
            batch = Batch(number, date(2026, 5, 1), "Here", "")
            paper.add(letter, Role.EDITOR, organizer_id, batch)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(hand_in, range(1, 17)))
    assert _on_paper() == sum(range(1, 17))
    assert batches.drift() == []


def test_a_number_that_drifted_is_found_and_repaired(client: FlaskClient) -> None:
    found = make_letter()
    make_letter(slug="another")
    sign_in(client)
    client.post(PAGE, data=BATCH)
    with writing(db.session):
        found.letter.paper = 5
    drift = PaperDrift(found.letter.id, kept=5, rows=200)
    assert recount.find() == [drift]
    assert recount.repair() == [drift]
    assert recount.find() == []
    assert found.letter.paper == 200


def test_a_letter_signed_on_paper_alone_says_so(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    client.post(PAGE, data=BATCH)
    assert "all of them on paper" in client.get("/letters/a-letter").text
