"""Two look at one queue: each hears what the other looks at, and what is decided meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from petition.actions import attention
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import Attention, Moderation, Role, State
from petition.queries.attention import LASTS
from petition.queries.letters import LetterText
from tests.conftest import Statements
from tests.factories import make_letter, make_signature, sign_in

QUEUE = "/organize/letters/a-letter"


@pytest.fixture
def found(client: FlaskClient) -> LetterText:
    """A letter whose names are read first, and its owner signed in."""
    letter = make_letter(moderation=Moderation.BEFORE)
    sign_in(client, "anna@example.org")
    return letter


@pytest.fixture
def colleague(client: FlaskClient, found: LetterText) -> FlaskClient:
    """The browser of a second moderator."""
    other = client.application.test_client()
    sign_in(other, "ben@example.org", Role.MODERATOR)
    return other


def _hear(client: FlaskClient, *rows: str, at: int | None = None, **sent: str) -> Any:
    fields: dict[str, Any] = {
        "since": (now() - timedelta(minutes=1)).isoformat(),
        "row": list(rows),
        **sent,
    }
    answer = client.post(f"{QUEUE}/attention", data=fields | ({"signature": at} if at else {}))
    assert answer.status_code == 200, answer.text
    return answer.json


def test_each_hears_what_the_other_looks_at_for_a_while(
    client: FlaskClient, colleague: FlaskClient, found: LetterText
) -> None:
    one = make_signature(found, state=State.HELD)
    stranger = client.application.test_client()
    make_letter(slug="other", team="Others")
    sign_in(stranger, "other@example.org", team="Others")

    assert _hear(client, at=one.id)["others"] == []
    assert _hear(colleague)["others"] == [{"who": "anna@example.org", "signature": one.id}]
    assert _hear(client)["others"] == [{"who": "ben@example.org", "signature": None}]
    assert stranger.post(f"{QUEUE}/attention").status_code == 404

    with writing(db.session):
        db.session.execute(update(Attention).values(seen_at=now() - LASTS))
    assert _hear(client)["others"] == []
    assert attention.forget() is False
    assert db.session.query(Attention).count() == 1


def test_it_tells_how_rows_stand_that_were_decided_elsewhere(
    client: FlaskClient, colleague: FlaskClient, found: LetterText
) -> None:
    one, two, three = (make_signature(found, state=State.HELD) for _ in range(3))
    shown = [f"{each.id}-held" for each in (one, two, three)]
    assert _hear(colleague, *shown)["rows"] == []

    rejected = f"{QUEUE}/signatures/{one.id}/reject"
    client.post(rejected, data={"seen": "held", "reason": "abuse"})
    client.post(f"{QUEUE}/signatures/{two.id}/publish", data={"seen": "held"})
    rows = _hear(colleague, *shown)["rows"]
    assert [(row["signature"], row["state"], row["told"]) for row in rows] == [
        (one.id, "rejected", "Rejected: abuse, by anna@example.org"),
        (two.id, "published", "Published, by anna@example.org"),
    ]
    assert [row["told"] for row in _hear(client, *shown)["rows"]] == [
        "Rejected: abuse",
        "Published",
    ]

    assert colleague.post(rows[0]["undo"]).status_code == 303
    now_shown = [f"{one.id}-rejected", f"{two.id}-published", f"{three.id}-held"]
    [row] = _hear(client, *now_shown)["rows"]
    assert (row["state"], row["told"]) == ("held", "Waits again, by ben@example.org")
    assert row["undo"] is None, "an undoing is not undone"


def test_it_tells_the_numbers_and_what_is_new_in_as_many_statements_for_one_as_for_many(
    client: FlaskClient, found: LetterText, statements: Statements
) -> None:
    make_signature(found, state=State.HELD)
    statements.clear()
    heard = _hear(client, "1-held", since=(now() + timedelta(minutes=1)).isoformat())
    few = len(statements)
    assert (heard["news"], heard["numbers"]["waiting"]) == ("", "1")
    rows = [f"{make_signature(found, state=State.HELD).id}-held" for _ in range(3)]

    statements.clear()
    heard = _hear(client, *rows)
    assert (heard["news"], heard["numbers"]["waiting"]) == ("4 new ones wait", "4")
    assert len(statements) == few
    page = client.get(heard["new"]).text
    assert [f'id="signature-{row.partition("-")[0]}"' in page for row in rows] == [True] * 3
    for wrong in ({"since": "yesterday"}, {"since": "2020-02-02T02:02"}, {"row": "x-held"}):
        sent = {"since": now().isoformat()} | wrong
        assert client.post(f"{QUEUE}/attention", data=sent).status_code == 404


def _press(client: FlaskClient, address: str, **sent: str) -> Any:
    """Press a button as the script of the queue does."""
    where = address if address.startswith("/") else f"{QUEUE}/{address}"
    fields = {"seen": "held", **sent}
    answer = client.post(where, data=fields, headers={"Accept": "application/json"})
    return answer.status_code, answer.json


def test_a_script_hears_what_was_done_and_what_was_not_to_change_the_row_in_its_place(
    client: FlaskClient, colleague: FlaskClient, found: LetterText
) -> None:
    one = make_signature(found, state=State.HELD, name="Kim One")
    reject, publish = f"signatures/{one.id}/reject", f"signatures/{one.id}/publish"

    status, asked = _press(client, reject)
    assert (status, asked["said"]) == (422, "Choose a reason before you reject.")
    assert asked["row"]["state"] == "held"
    status, done = _press(client, reject, reason="abuse")
    assert (status, done["said"]) == (200, "Rejected Kim One: abuse.")
    assert (done["row"]["state"], done["row"]["told"]) == ("rejected", "Rejected: abuse")

    status, late = _press(colleague, publish)
    assert (status, late["row"]["told"]) == (409, "Rejected: abuse, by anna@example.org")
    assert late["said"].startswith("Kim One: somebody decided first.")
    assert late["row"]["undo"] == done["row"]["undo"]

    status, back = _press(client, done["row"]["undo"])
    assert (status, back["said"]) == (200, "Kim One waits again.")
    assert (back["row"]["told"], back["row"]["undo"]) == ("Waits again", None)
    assert _press(colleague, late["row"]["undo"])[0] == 409
    page = client.get(f"{QUEUE}/moderation").text
    assert 'class="done"' not in page, "nothing is told a second time on the next page"
