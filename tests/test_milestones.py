"""Milestones: each once, when it is reached, and only for as long as it is."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

from flask import Flask

from petition.actions import milestones
from petition.clock import now
from petition.extensions import db
from petition.models import Letter, Milestone
from tests.conftest import Statements
from tests.factories import change, count, make_letter

HOUR = timedelta(hours=1)


def _reached() -> dict[int, datetime]:
    """What was reached when, after the worker has looked."""
    while milestones.look():
        pass
    rows = db.session.query(Milestone).order_by(Milestone.number)
    return {each.number: each.reached_at for each in rows}


def test_round_numbers_and_goals_are_noted_once_and_struck_again(app: Flask) -> None:
    found = make_letter(goal=120)
    count(found, 99)
    assert _reached() == {}
    before = now()
    count(found, 1)
    first = _reached()
    assert [*first] == [100]
    assert before <= first[100] <= now()
    change(found, paper=900)
    whole = _reached()
    assert [*whole] == [100, 120, 250, 500, 1000]
    assert whole[100] == first[100]
    count(found, -1)
    assert _reached() == {number: at for number, at in whole.items() if number < 1000}
    count(found, 1)
    again = _reached()
    assert again[1000] > whole[1000]
    assert again | {1000: whole[1000]} == whole
    count(found, -1000 + 30)
    change(found, paper=0)
    assert _reached() == {}


def test_a_goal_set_when_it_was_passed_is_no_milestone(app: Flask) -> None:
    found = make_letter(goal=None)
    count(found, 400)
    assert [*_reached()] == [100, 250]
    change(found, goals=[300, 402])
    count(found, 1)
    assert [*_reached()] == [100, 250]
    count(found, 1)
    assert [*_reached()] == [100, 250, 402]


def test_nothing_is_reached_before_the_world_can_read(app: Flask) -> None:
    found = make_letter(opens=now() + HOUR)
    count(found, 150)
    assert _reached() == {}
    change(found, opens_at=now(), published_at=None)
    assert _reached() == {}
    change(found, published_at=now())
    assert [*_reached()] == [100]


def test_workers_at_once_note_each_once(app: Flask) -> None:
    for number in range(5):
        count(make_letter(slug=f"letter-{number}"), 1000)
    together = Barrier(3)

    def work(_: int) -> None:
        with app.app_context():
            together.wait()
            _reached()

    with ThreadPoolExecutor(3) as workers:
        assert [*workers.map(work, range(3))] == [None] * 3
    db.session.rollback()
    assert db.session.query(Milestone).count() == 5 * 4
    assert {each.counted for each in db.session.query(Letter)} == {1000}


def test_a_look_at_what_has_not_changed_costs_one_statement(
    app: Flask, statements: Statements
) -> None:
    count(make_letter(), 1000)
    _reached()
    statements.clear()
    assert not milestones.look()
    assert [kind for kind in statements.kinds() if kind != "BEGIN"] == ["SELECT"]
    assert "signature" not in "".join(statements)
