"""The record: each press once, by whom, about what; read by who may, changed by nobody."""

import ast
import csv
import io
import json
import re
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from petition import deeds
from petition.actions.record import Action, record
from petition.database import writing
from petition.extensions import db
from petition.models import AuditEntry, Moderation, Organizer, Role, State
from petition.queries import record as queries
from petition.queries.record import PAGE
from tests.accounts import make_member
from tests.conftest import Statements
from tests.factories import make_letter, make_signature, sign_in
from tests.plans import read_whole, recorded

RECORD = "/organize/letters/a-letter/record"
CODE = Path(deeds.__file__).parent


def _entries(*actions: Action) -> list[AuditEntry]:
    db.session.rollback()
    wanted = select(AuditEntry).where(AuditEntry.action.in_(actions)).order_by(AuditEntry.id)
    return list(db.session.scalars(wanted))


def test_each_action_has_words_and_is_of_one_kind() -> None:
    kinds = [action for _, actions in deeds.KINDS.values() for action in actions]
    assert sorted(kinds) == sorted(Action)
    assert set(deeds.NAMES) == set(Action)


def test_nobody_changes_the_record() -> None:
    """Entries are written in one place; nothing else but reading them names their table."""
    naming = {
        file.relative_to(CODE).as_posix()
        for file in CODE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Name) and node.id == "AuditEntry"
    }
    assert {each for each in naming if not each.startswith("queries/")} == {"actions/record.py"}
    written = (CODE / "actions/record.py").read_text()
    assert "update(" not in written
    assert "delete(" not in written


def test_a_decision_and_its_undo_are_recorded_and_what_failed_is_not(client: FlaskClient) -> None:
    found = make_letter(moderation=Moderation.BEFORE)
    signature = make_signature(found, state=State.HELD)
    sign_in(client)
    at = f"/organize/letters/a-letter/signatures/{signature.id}"
    assert client.post(f"{at}/publish").status_code == 303
    assert client.post(f"{at}/publish").status_code == 409  # decided already
    me = db.session.query(Organizer).one()
    (entry,) = _entries(Action.DECIDE)
    assert (entry.organizer_id, entry.letter_id, entry.team_id, entry.signature_id) == (
        *(me.id, found.letter.id, found.letter.team_id),
        signature.id,
    )
    assert entry.about == {"before": "held", "after": "published", "reason": None}
    page = client.get(RECORD).text
    assert "published a signature that waited<" in page
    assert signature.name not in page


def test_sign_ins_and_roles_stand_in_the_record_of_the_team(client: FlaskClient) -> None:
    team_id = make_letter().letter.team_id
    sign_in(client)
    member = make_member("member@example.org", Role.VIEWER)
    path = f"/organize/teams/{team_id}/members/{member.id}/role"
    assert client.post(path, data={"role": "moderator"}).status_code == 303
    page = client.get(f"/organize/teams/{team_id}/record").text
    assert "signed in (link" in page
    assert "made member@example.org moderator" in page


def test_who_acts_is_nobody_once_the_request_is_over(app: Flask, client: FlaskClient) -> None:
    found = make_letter()
    sign_in(client)
    assert client.get(RECORD).status_code == 200
    with writing(db.session):
        record(Action.OPENED, letter=found.letter)
    (entry,) = _entries(Action.OPENED)
    assert entry.organizer_id is None


def test_it_is_searched_paged_and_taken_along(
    client: FlaskClient, statements: Statements, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = make_letter()
    sign_in(client)
    with writing(db.session):
        for number in range(PAGE + 5):
            record(Action.LOOK, letter=found.letter, signature_id=number + 1)
        record(Action.EXPORT, letter=found.letter, kind="=cmd()", format="csv")
    statements.clear()
    first = client.get(RECORD).text
    budget = len(statements)
    assert first.count('<li class="row"') == PAGE
    assert 'rel="next"' in first
    statements.clear()
    rest = client.get(RECORD, query_string={"what": "looks", "before": 50}).text
    assert len(statements) <= budget + 1  # how far one page looks
    assert "exported" not in rest.partition("<ol")[2].partition("</ol>")[0]
    found_one = client.get(RECORD, query_string={"signature": "7"}).text
    assert found_one.count('<li class="row"') == 1
    monkeypatch.setattr(queries, "REACH", 40)
    far = client.get(RECORD, query_string={"signature": "7"}).text
    assert "Nothing of that kind is among those looked at." in far
    further = re.search(r'rel="next" href="([^"]+)"', far)
    assert further
    with recorded() as these:
        further = re.search(r'rel="next" href="([^"]+)"', client.get(unescape(further[1])).text)
        assert further
        assert client.get(unescape(further[1])).text.count('<li class="row"') == 1
        client.get("/organize/letters/a-letter/export")
    assert "audit_entry" not in read_whole(these)
    wrong = client.get(RECORD, query_string={"since": "yesterday"})
    assert wrong.status_code == 422
    assert "yesterday" in wrong.text
    turned = client.get(RECORD, query_string={"since": "2026-03-02", "until": "2026-03-01"})
    assert turned.status_code == 422
    assert "not before the other" in turned.text

    rows = list(csv.DictReader(io.StringIO(client.post(f"{RECORD}.csv?what=exports").text)))
    assert {row["action"] for row in rows} == {"export"}
    assert len(rows) == 2  # this one too
    assert not any(value.startswith("=") for row in rows for value in row.values())
    lines = client.post(f"{RECORD}.jsonl").text.splitlines()
    about_letters = [each for each in _entries(*Action) if each.letter_id]
    assert len(lines) == len(about_letters)
    assert json.loads(lines[0])["by"] == "organizer@example.org"
