"""Taking signatures along: what is in the file, who may have it, that it harms nobody, and that it
agrees with the count."""

import csv
import io
import json
import os
import re
import threading
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from petition.actions import index_names, manage, moderate, seed, sign
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import (
    Action,
    AuditEntry,
    Decision,
    Letter,
    Role,
    Signal,
    Signature,
    State,
)
from petition.queries import exports, letters, signatures
from petition.text import defused
from tests.accounts import age_sessions, make_member
from tests.factories import fresh, make_entry, make_letter, make_signature, sign_in

EXPORT = "/organize/letters/a-letter/export"
CSV, JSON = f"{EXPORT}/work.csv", f"{EXPORT}/work.jsonl"
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


def _lines(client: FlaskClient, path: str = JSON, **typed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in client.post(path, data=typed).text.splitlines()]


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
    taken = _lines(client)
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
    assert _lines(client)[0]["answers"] == {
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
    assert plain.headers["Content-Disposition"].startswith('attachment; filename="a-letter-work-20')
    assert plain.headers["X-Content-Type-Options"] == "nosniff"
    assert (plain.text[0], excel.text[0]) == ('"', "\ufeff")
    assert _lines(client) == []
    for answer in (plain, excel):
        assert "-count-0.csv" in answer.headers["Content-Disposition"]


def test_it_is_made_only_for_who_proved_just_now_that_it_is_them(client: FlaskClient) -> None:
    make_letter()
    sign_in(client)
    age_sessions(proved_at=timedelta(hours=2))
    assert client.post(CSV).status_code == 403


def test_it_is_recorded_who_made_it_and_of_nobody_else_anything(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    make_signature(make_letter(), name="Ann Lee", email="ann@example.org")
    sign_in(client)
    for path in (f"{EXPORT}/delivery.html", f"{EXPORT}/decisions.jsonl", CSV):
        client.post(path, data={"addresses": "y"})
    entries = db.session.query(AuditEntry).filter_by(action=Action.EXPORT).order_by(AuditEntry.id)
    assert [entry.about for entry in entries] == [
        {"kind": "delivery", "format": "html", "number": 1},
        {"kind": "decisions", "format": "jsonl", "number": 1},
        {"kind": "work", "format": "csv", "number": 1, "addresses": True},
    ]
    page = client.get(EXPORT).text
    told = re.search(r"<li>(.*?to work with.*?)</li>", page)
    assert told
    for said in ("organizer@example.org", "csv", "count 1", "with addresses"):
        assert said in told[1]
    said = capsys.readouterr().err
    for never in ("Ann", "@"):
        assert never not in said


def test_what_is_handed_over_is_a_document(client: FlaskClient) -> None:
    found = make_letter(title="=A letter", markdown="We ask for *fair* terms.\n\n- One\n- Two")
    first = make_signature(found, name="Kim First", role="Composer")
    make_signature(found, name="Ann Lee", affiliation="Ink", comment="Not in it")
    make_signature(found, name="Bo Hidden", show_name=False)
    manage.show_name(make_signature(found, name="Cy Fox").id, True, None, initials=True)
    with writing(db.session):
        fresh(first.id).position = 1
        db.session.get_one(Letter, found.letter.id).paper = 7
    sign_in(client, role=Role.EDITOR)
    answer = client.post(f"{EXPORT}/delivery.csv", data={"bom": "y"})
    assert "-count-11-paper-7.csv" in answer.headers["Content-Disposition"]
    head, rows = answer.text.removeprefix("\ufeff").split("\r\n\r\n", 1)
    known = [row[:2] for row in csv.reader(io.StringIO(head))]
    assert known[:6] == [
        ["Letter", "'=A letter"],
        ["To whom", "the makers"],
        ["From whom", "the artists"],
        ["Text", "We ask for *fair* terms."],
        ["", "'- One"],
        ["", "'- Two"],
    ]
    assert ["SHA-256", found.revision.sha256] in known
    assert known[-2:] == [["The count", "11"], ["Of these on paper", "7"]]
    _, *names = csv.reader(io.StringIO(rows))
    assert [row[:4] for row in names] == [
        ["1", "Kim First", "Composer", ""],
        ["2", "Ann Lee", "", "Ink"],
        ["3", "C. F.", "", ""],
        [],
        ["Names listed", "3"],
        ["Counted and not listed", "1"],
    ]
    page = client.post(f"{EXPORT}/delivery.html").text
    assert [html in page for html in ('class="first numbered"', 'start="2"', "Bo Hidden")] == [
        True,
        True,
        False,
    ]
    assert client.post(f"{EXPORT}/delivery.csv", data={"lang": "xx"}).status_code == 200
    sign_in(client, "moderator@example.org", role=Role.MODERATOR)
    assert client.post(f"{EXPORT}/delivery.csv").status_code == 403


def test_decisions_say_who_when_from_where_to_where_and_why(client: FlaskClient) -> None:
    signature = make_signature(make_letter())
    sign_in(client, role=Role.MODERATOR)
    panel, typed = "/organize/letters/a-letter", {"reason": "abuse", "seen": "published"}
    client.post(f"{panel}/signatures/{signature.id}/reject", data=typed)
    (rejected,) = _lines(client, f"{EXPORT}/decisions.jsonl")
    client.post(f"{panel}/decisions/{rejected['number']}/undo")
    rows = list(csv.DictReader(io.StringIO(client.post(f"{EXPORT}/decisions.csv").text)))
    said = [
        (row["by"], int(row["signature"]), row["from"], row["to"], row["reason"], row["undoes"])
        for row in rows
    ]
    by = ("organizer@example.org", signature.id)
    assert said == [
        (*by, "published", "rejected", "abuse", ""),
        (*by, "rejected", "published", "", str(rejected["number"])),
    ]
    assert rows[0]["at"].endswith("+00:00")


def test_only_what_was_looked_for_is_exported_where_that_is_wanted(client: FlaskClient) -> None:
    found = make_letter()
    make_signature(found, name="Ann Lee", affiliation="Ink")
    make_signature(found, name="Bo Li")
    sign_in(client, role=Role.MODERATOR)
    queue = client.get("/organize/letters/a-letter/moderation?q=ink").text
    assert f'href="{EXPORT}?q=ink"' in queue
    assert 'name="q" value="ink"' in client.get(f"{EXPORT}?q=ink").text
    index_names.some_names()
    answer = client.post(CSV, data={"q": "ink"})
    assert "-selection-" in answer.headers["Content-Disposition"]
    assert [row["name"] for row in csv.DictReader(io.StringIO(answer.text))] == ["Ann Lee"]
    assert client.post(CSV, data={"since": "soon"}).status_code == 422


@pytest.mark.parametrize("path", [f"{EXPORT}/delivery.csv", CSV, f"{EXPORT}/delivery.html"])
def test_rows_and_count_agree_whatever_is_signed_and_decided_meanwhile(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    for module in (exports, signatures):
        monkeypatch.setattr(module, "BATCH", 5)
    found = make_letter()
    listed = [make_signature(found, name=f"Signer {number}").id for number in range(12)]
    sign_in(client)
    moderator = make_member("moderator@example.org", Role.MODERATOR).id

    def meanwhile() -> None:
        with client.application.app_context():
            now_ = letters.public_by_slug("a-letter")
            for number in (listed[2], listed[-1]):
                by = (now_.letter, Role.MODERATOR, moderator)
                moderate.reject(*by, number, "abuse", State.PUBLISHED)
            for number in range(4):
                make_signature(now_, name=f"Late {number}")

    looks = count(1)

    def interfere(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if "LIMIT" in statement and "signature.consents" in statement and next(looks) == 2:
            other = threading.Thread(target=meanwhile)
            other.start()
            other.join()

    event.listen(db.engine, "before_cursor_execute", interfere)
    answer = client.post(path)
    event.remove(db.engine, "before_cursor_execute", interfere)
    assert next(looks) > 2
    assert client.get("/embed/a-letter/count.json").json["count"] == 14
    stated = re.search(r"count-(\d+)", answer.headers.get("Content-Disposition", "count-12"))
    assert stated
    assert int(stated[1]) == 12 == len(set(re.findall(r"Signer \d+", answer.text)))
    assert "Late" not in answer.text
    assert "rejected" not in answer.text.partition("\n")[2]
    assert ("12 people have signed" in answer.text) is path.endswith("html")


def test_what_fails_halfway_does_not_look_whole(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Iterator[list[Any]]:
        yield []
        raise RuntimeError

    make_letter()
    sign_in(client)
    monkeypatch.setattr(exports, "confirmed", fail)
    with pytest.raises(RuntimeError):
        client.post(CSV)


def test_who_stops_taking_it_leaves_nothing_behind(client: FlaskClient) -> None:
    found = make_letter()
    list(seed.seed(found.letter, found.revision, 3_000))
    sign_in(client)
    for path in (CSV, f"{EXPORT}/delivery.html"):
        answer = client.post(path, buffered=False)
        assert next(iter(answer.response))
        assert _waiting(client)
        answer.close()
        for thread in threading.enumerate():
            if thread.name == "export":
                thread.join(10)
        assert not _waiting(client)


def _waiting(client: FlaskClient) -> list[str]:
    """The files that hold what is to be taken yet."""
    folder = client.application.config["PETITION"].data_dir
    opened = (os.path.realpath(each) for each in Path("/proc/self/fd").iterdir())
    return [each for each in opened if each.startswith(str(folder)) and "(deleted)" in each]


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
