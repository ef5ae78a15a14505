"""The panel's letters are one's own teams', and what organizers decided is found."""

import pytest
from flask import Flask
from sqlalchemy import inspect, text

from petition.actions.move import MOVES, move
from petition.database import writing
from petition.exceptions import DecisionConflict
from petition.extensions import db
from petition.forms.decision import RejectForm
from petition.models import Actor, Moderation, Reason, State
from petition.queries import queue, tallies
from tests.factories import fresh, make_letter, make_signature


def test_decisions_are_found_among_a_million_confirmations(app: Flask) -> None:
    statement = queue.decided(1)
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
        offered = [value for value, *_ in RejectForm([]).reason.iter_choices()]
    assert offered == ["", *Reason]
