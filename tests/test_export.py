"""Taking signatures along: what is in the file, who may have it, and that it harms nobody."""

import csv
import io
import json
import tracemalloc
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from petition.actions import manage, seed, sign
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import Decision, Letter, Role, Signal, Signature, State
from petition.queries import exports
from petition.text import defused
from tests.accounts import age_sessions
from tests.factories import fresh, make_entry, make_letter, make_signature, sign_in

CSV, JSON = "/organize/letters/a-letter/export.csv", "/organize/letters/a-letter/export.json"
QUESTION = {
    "key": "q1",
    "shape": "yes-no",
    "labels": {"en": "=Do you come?"},
    "choices": [],
    "required": False,
    "shown": False,
    "retired": False,
}


def _rows(client: FlaskClient, **typed: str) -> list[dict[str, str]]:
    answer = client.post(CSV, data=typed)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_what_was_confirmed_is_in_it_and_what_was_not_is_not(client: FlaskClient) -> None:
    found = make_letter()
    make_signature(found, name="Ann Lee", role="Painter", comment='Two\nlines, and "quotes"')
    make_signature(found, name="Bo Li", show_name=False)
    cy, kim = (make_signature(found, name=name) for name in ("Cy Fox", "Kim Ray"))
    manage.show_name(cy.id, True, None, initials=True)
    manage.pass_on(kim.id, True, None)
    make_signature(found, name="Nobody Yet", state=State.PENDING)
    make_signature(found, name="Turned Down", state=State.REJECTED)
    with writing(db.session):
        fresh(cy.id).signals = Signal.SAME_NAME | Signal.JOKE
    sign_in(client, role=Role.EDITOR)
    rows = _rows(client)
    assert [(row["name"], row["shown_as"], row["to_addressee"]) for row in rows] == [
        ("Ann Lee", "Ann Lee", "no"),
        ("Bo Li", "", "no"),
        ("Cy Fox", "C. F.", "no"),
        ("Kim Ray", "Kim Ray", "yes"),
        ("Turned Down", "", "no"),
    ]
    first = rows[0]
    assert first["comment"] == 'Two\nlines, and "quotes"'
    assert (first["role"], first["name_shown"], first["state"]) == ("Painter", "yes", "published")
    assert (first["revision"], first["edition"], first["language"]) == ("1", "1", "en")
    assert first["confirmed_at"].endswith("+00:00")
    assert [row["name_shown"] for row in rows] == ["yes", "no", "yes", "yes", "yes"]
    taken = json.loads(client.post(JSON).text)
    assert [each["name"] for each in taken] == [row["name"] for row in rows]
    assert (rows[2]["signals"], taken[2]["signals"]) == ("joke, same-name", ["joke", "same-name"])
    with writing(db.session):
        fresh(cy.id).verified_at = now()
    panel = "/organize/letters/a-letter"
    for reason in ("duplicate", "abuse"):
        typed = {"reason": reason, "seen": "published"}
        client.post(f"{panel}/signatures/{kim.id}/reject", data=typed)
        if reason == "duplicate":
            client.post(f"{panel}/decisions/{db.session.query(Decision.id).all()[-1][0]}/undo")
            assert _rows(client)[3]["reason"] == ""
    cys, kims = _rows(client)[2:4]
    assert (kims["state"], kims["reason"], kims["shown_as"]) == ("rejected", "abuse", "")
    assert cys["verified"].endswith("+00:00")
    assert (cys["reason"], kims["verified"]) == ("", "")
    assert f'href="{panel}/export"' in client.get(f"{panel}/moderation").text


@pytest.mark.parametrize("path", [CSV, JSON])
def test_no_address_is_in_it_unless_an_owner_says_so(client: FlaskClient, path: str) -> None:
    found = make_letter()
    make_signature(found, name="Ann Lee", email="ann@example.org")
    news = make_signature(found, name="Bo Li", email="bo@example.org")
    with writing(db.session):
        db.session.get_one(Signature, news.id).updates = True
    sign_in(client, role=Role.OWNER)
    assert "@" not in client.post(path).text
    with_addresses = client.post(path, data={"addresses": "y"}).text
    assert "bo@example.org" in with_addresses
    assert "ann@example.org" not in with_addresses
    sign_in(client, "editor@example.org", role=Role.EDITOR)
    assert client.post(path).status_code == 200
    assert client.post(path, data={"addresses": "y"}).status_code == 403
    assert 'name="addresses"' not in client.get("/organize/letters/a-letter/export").text


def test_answers_have_a_column_each_even_to_questions_that_read_the_same(
    client: FlaskClient,
) -> None:
    found = make_letter()
    signature = make_signature(found, name="Ann Lee")
    with writing(db.session):
        twice = [QUESTION, QUESTION | {"key": "q2"}]
        db.session.get_one(Letter, found.letter.id).questions = twice
        db.session.get_one(Signature, signature.id).answers = {"q1": "yes", "q2": "no"}
    sign_in(client)
    head, row = csv.reader(io.StringIO(client.post(CSV).text))
    assert head[-2:] == ["'=Do you come?", "'=Do you come?"]
    assert row[-2:] == ["yes", "no"]
    assert json.loads(client.post(JSON).text)[0]["answers"] == {
        "q1": {"question": "=Do you come?", "answer": "yes"},
        "q2": {"question": "=Do you come?", "answer": "no"},
    }


def test_of_who_withdrew_only_what_they_left_is_in_it(client: FlaskClient) -> None:
    found = make_letter()
    signature = make_signature(found, name="Ann Lee", email="ann@example.org")
    manage.withdraw(signature.id, None)
    stranger = make_entry(name="Not Ann", email="ann@example.org", comment="Not my words")
    sign.sign(found.letter, found.revision, replace(stranger, updates=True), None)
    sign_in(client)
    (row,) = _rows(client, addresses="y")
    said = {name for name, value in row.items() if value}
    assert said == {"number", "state", "signed_at", "confirmed_at", "published_at"}
    assert row["state"] == "withdrawn"
    taken = client.post(JSON, data={"addresses": "y"}).text
    assert not any(words in taken for words in ("Ann", "ann@", "Not my words"))


HOSTILE = ["=cmd|' /C calc'!A0", "\t=1+1", "＝1+1", " =1", "-2+3", "@SUM(A1)", "+1", "\r=1", '"=1"']


def test_no_cell_calculates(client: FlaskClient) -> None:
    found = make_letter()
    signatures = [make_signature(found).id for _ in HOSTILE]
    with writing(db.session):
        for number, typed in zip(signatures, HOSTILE, strict=True):
            db.session.get_one(Signature, number).comment = typed
    sign_in(client)
    assert [row["comment"] for row in _rows(client)] == [f"'{typed}" for typed in HOSTILE]
    assert defused("\0=1") == "'\0=1"  # which no database takes
    for harmless in ("Ann O'Lee-Smith, 5 + 3 = 8", "'t Hooft", "", "“Anna”"):
        assert defused(harmless) == harmless


def test_the_file_has_a_name_and_a_mark_for_excel_where_wanted(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    plain, excel = client.post(CSV), client.post(CSV, data={"bom": "y"})
    assert plain.headers["Content-Disposition"].startswith('attachment; filename="a-letter-20')
    assert plain.headers["X-Content-Type-Options"] == "nosniff"
    assert (plain.text[0], excel.text[0]) == ('"', "\ufeff")
    assert json.loads(client.post(JSON).text) == []


def test_it_is_made_only_for_who_proved_just_now_that_it_is_them(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    age_sessions(proved_at=timedelta(hours=2))
    assert client.post(CSV).status_code == 403


def test_the_log_says_that_it_was_made_and_names_nobody(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    found = make_letter()
    make_signature(found, name="Ann Lee", email="ann@example.org")
    sign_in(client)
    _rows(client, addresses="y")
    said = capsys.readouterr().err
    assert "export.made" in said
    for never in ("Ann", "@", "organizer@example.org"):
        assert never not in said


def test_a_hundred_batches_take_no_more_memory_than_one(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "BATCH", 50)
    found = make_letter()
    list(seed.seed(found.letter, found.revision, 2_000))
    letter_id = found.letter.id
    db.session.rollback()
    db.session.expunge_all()

    def peak(batches: int) -> int:
        tracemalloc.start()
        walk = exports.confirmed(letter_id)
        for _ in range(batches):
            next(walk)
        walk.close()
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    peak(1)
    assert peak(40) < 2 * peak(2)
