"""Organizers come in by a one-time link; old cookies are refused."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, text

from petition import limits, tokens
from petition.actions import organizers
from petition.actions.move import MOVES, move
from petition.database import writing
from petition.exceptions import DecisionConflict
from petition.extensions import db
from petition.forms.decision import RejectForm
from petition.models import Actor, Moderation, Reason, Role, State
from petition.queries import signatures, tallies
from petition.tokens import Purpose
from tests.factories import TEAM, fresh, make_letter, make_signature, sign_in

HOME = "/organize/"


def _link() -> str:
    return f"/organize/sign-in/{organizers.add('ann@example.org', Role.OWNER, TEAM)}"


def _spend(client: FlaskClient, link: str) -> int:
    client.application.config["WTF_CSRF_ENABLED"] = False
    return client.post(link).status_code


def test_opening_the_link_spends_nothing(client: FlaskClient) -> None:
    link = _link()
    for method in ("HEAD", "GET", "GET"):
        assert client.open(link, method=method).status_code == 200
    assert client.get(HOME).status_code == 303
    assert _spend(client, link) == 303
    assert client.get(HOME).status_code == 200


def test_a_link_works_once(client: FlaskClient) -> None:
    link = _link()
    assert _spend(client, link) == 303
    other = client.application.test_client()
    assert _spend(other, link) == 410
    assert other.get(HOME).status_code == 303


def test_an_old_link_does_not_work(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    link = _link()
    monkeypatch.setattr(Purpose.SIGN_IN, "age", timedelta(seconds=-1))
    assert _spend(client, link) == 410


def test_a_forged_link_does_not_work(client: FlaskClient) -> None:
    _link()
    token = tokens.make(Purpose.CONFIRM, 1)
    assert _spend(client, f"/organize/sign-in/{token}") == 410
    assert _spend(client, "/organize/sign-in/nonsense") == 410


def test_signing_out_ends_every_session(client: FlaskClient) -> None:
    sign_in(client)
    cookie = client.get_cookie("session")
    assert cookie is not None
    client.post("/organize/sign-out")
    other = client.application.test_client()
    other.set_cookie("session", cookie.value)
    assert other.get(HOME).status_code == 303


def test_a_changed_role_ends_every_session(client: FlaskClient) -> None:
    organizers.add("another@example.org", Role.OWNER, TEAM)
    sign_in(client, role=Role.OWNER)
    organizers.add("organizer@example.org", Role.VIEWER, TEAM)
    assert client.get(HOME).status_code == 303


def test_a_planted_session_is_not_kept(client: FlaskClient) -> None:
    with client.session_transaction(HOME) as planted:
        planted["planted"] = "x"
    sign_in(client)
    with client.session_transaction(HOME) as kept:
        assert "_user_id" in kept
        assert "planted" not in kept


def test_the_cookie_is_closed(client: FlaskClient) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = False
    cookie = client.post(_link()).headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie


def test_it_shows_the_letters_of_my_teams_only(client: FlaskClient) -> None:
    make_letter(slug="mine", title="Mine")
    make_letter(slug="theirs", title="Theirs", team="Others")
    sign_in(client)
    page = client.get(HOME).text
    assert "Mine" in page
    assert "Theirs" not in page


def test_an_organizer_without_letters_is_told_how_to_begin(client: FlaskClient) -> None:
    sign_in(client)
    assert "petition letter publish" in client.get(HOME).text


def test_following_links_is_limited(client: FlaskClient) -> None:
    answers = [_spend(client, "/organize/sign-in/x") for _ in range(limits.SIGN_IN[0].amount + 1)]
    assert answers[-1] == 429


def test_adding_twice_is_one_organizer_and_two_links(client: FlaskClient) -> None:
    one, two = _link(), _link()
    assert one != two
    assert _spend(client, one) == 303
    assert _spend(client, two) == 303


def test_decisions_are_found_among_a_million_confirmations(app: Flask) -> None:
    statement = signatures.by_organizers(1).limit(20)
    sql = str(statement.compile(db.engine, compile_kwargs={"literal_binds": True}))
    with db.engine.begin() as connection:
        if db.engine.dialect.name == "postgresql":
            # So that it looks for a way although the tables are empty.
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            connection.execute(text("SET LOCAL enable_bitmapscan = off"))
            connection.execute(text("SET LOCAL enable_sort = off"))
            plan = connection.execute(text(f"EXPLAIN {sql}")).scalars().all()
        else:
            plan = [row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {sql}"))]
    assert any("ix_decision_recent" in step for step in plan), plan
    assert not any("SORT" in step.upper() or "TEMP" in step for step in plan), plan


def test_confirmations_are_not_in_the_index_of_decisions(app: Flask) -> None:
    found = inspect(db.engine).get_indexes("decision")
    recent = next(index for index in found if index["name"] == "ix_decision_recent")
    where = recent["dialect_options"][f"{db.engine.dialect.name}_where"]
    assert "organizer_id IS NOT NULL" in str(where)


NO_MOVES = [(before, to) for before in State for to in State if (before, to) not in MOVES]


@pytest.mark.parametrize(("before", "to"), NO_MOVES)
def test_a_move_that_is_none_is_refused(app: Flask, before: State, to: State) -> None:
    moderation = Moderation.BEFORE if before is State.HELD else Moderation.AFTER
    signature = make_signature(make_letter(moderation=moderation), state=before)
    with pytest.raises(DecisionConflict), writing(db.session):
        move(signature, to, Actor.ORGANIZER)
    assert fresh(signature.id).state == before
    assert tallies.drift() == []


def test_the_reasons_to_choose_are_those_that_are_understood(app: Flask) -> None:
    with app.test_request_context():
        offered = [value for value, *_ in RejectForm().reason.iter_choices()]
    assert offered == ["", *Reason]
