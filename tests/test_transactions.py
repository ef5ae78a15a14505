"""However a transaction ends, it ends: nobody is kept waiting by it. On both databases."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import Connection, event, update
from sqlalchemy.exc import InvalidRequestError

from petition.clock import now
from petition.database import Step, take, writing
from petition.extensions import db
from petition.models import Letter
from tests.factories import make_letter


class Fault(Exception):
    """What goes wrong in a block."""


def _write(slug: str) -> None:
    db.session.execute(update(Letter).values(slug=slug))


def _past_the_session(slug: str) -> None:
    take(db.session, Step(update(Letter).values(slug=slug), {}))


def _raises(write: Callable[[str], None]) -> None:
    with writing(db.session):
        write("another")
        raise Fault


def _raises_inside(write: Callable[[str], None]) -> None:
    with writing(db.session), writing(db.session):
        write("another")
        raise Fault


def _cannot_commit(write: Callable[[str], None]) -> None:
    def commit(_connection: Connection) -> None:
        raise Fault

    event.listen(db.engine, "commit", commit)
    try:
        with writing(db.session):
            write("another")
    finally:
        event.remove(db.engine, "commit", commit)


def _rolls_back(write: Callable[[str], None]) -> None:
    """Nothing may be written any more, rather than half of it."""
    with writing(db.session):
        write("another")
        db.session.connection()
        db.session.rollback()
        _write("a third")


@pytest.mark.parametrize("write", [_write, _past_the_session])
@pytest.mark.parametrize("end", [_raises, _raises_inside, _cannot_commit, _rolls_back])
def test_a_transaction_that_fails_leaves_nothing_and_keeps_nobody_waiting(
    app: Flask, end: Callable[[Callable[[str], None]], None], write: Callable[[str], None]
) -> None:
    make_letter(slug="a-letter")
    db.session.rollback()  # ends the reading
    with pytest.raises((Fault, InvalidRequestError)):
        end(write)
    db.session.remove()
    assert [_slug_elsewhere(app) for _ in range(3)] == ["a-letter"] * 3
    with writing(db.session):
        _write("a-letter-again")
    assert _slug_elsewhere(app) == "a-letter-again"


def _slug_elsewhere(app: Flask) -> str:
    """What somebody else finds, who writes too, and takes no other's transaction for their own."""
    found: list[str] = []

    def look() -> None:
        with app.app_context():
            with writing(db.session):
                db.session.execute(update(Letter).values(created_at=now()))
                found.append(db.session.query(Letter.slug).scalar())
            db.session.remove()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    return found[0]
