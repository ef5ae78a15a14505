"""Robots are kept out without a word, classrooms are let in, and each proof of work is taken once."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import altcha
import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import address, config, puzzle, tokens
from petition.actions import confirm, moderate, networks, quarantine
from petition.clock import now
from petition.database import writing
from petition.exceptions import Forbidden, NetworkInvalid, NotFound
from petition.extensions import db
from petition.models import (
    AllowedNetwork,
    DailySalt,
    Decision,
    Letter,
    Moderation,
    Organizer,
    OutgoingMail,
    Role,
    Signal,
    Signature,
    State,
    UsedPuzzle,
)
from petition.queries import tallies
from petition.queries.letters import LetterText
from petition.queries.networks import allowed
from tests.factories import (
    confirm_path,
    form,
    fresh,
    make_letter,
    make_signature,
    sign_in,
    signature_path,
)

LETTER = "/letters/a-letter"
YES = {"decision": "confirm"}
SCHOOL = "192.0.2.7"


def solve(challenge: dict[str, Any]) -> str:
    """What a browser hands in for a puzzle."""
    asked = altcha.Challenge.from_dict(challenge)
    solution = altcha.solve_challenge(asked)
    assert solution is not None
    return altcha.Payload(asked, solution).to_base64()


@pytest.fixture(autouse=True)
def easy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puzzles that take no time here."""
    monkeypatch.setattr(puzzle, "COST", 10)
    monkeypatch.setattr(puzzle, "EASIEST", 10)
    monkeypatch.setattr(puzzle, "HARDEST", 20)


def _solved(client: FlaskClient, letter: str = LETTER) -> str:
    return solve(client.get(f"{letter}/puzzle").json)


def _sign(client: FlaskClient, visitor: str, **typed: str) -> Any:
    return client.post(
        f"{LETTER}/sign", data=form(**typed), environ_base={"REMOTE_ADDR": visitor}
    )


def _signature(email: str) -> Signature:
    digest = address.digest(address.parse(email).canonical)
    return fresh(db.session.query(Signature.id).filter_by(digest=digest).scalar())


def _confirm(client: FlaskClient, email: str) -> Any:
    return client.post(confirm_path(_signature(email)), data=YES)


def _count(client: FlaskClient) -> tuple[int, int]:
    counted = client.get("/embed/a-letter/count.json").json
    return counted["count"], counted["being_checked"]


def _robot(number: int) -> tuple[str, dict[str, str]]:
    """A network, and a form: each unlike all others."""
    name = "".join(c.upper() if number >> i & 1 else c for i, c in enumerate("john smith"))
    return f"2001:db8:{number:x}::1", {"name": name, "email": f"john.{number}+x@example{number}.org"}


@pytest.mark.parametrize("at_once", [True, False], ids=["each at once", "all in the end"])
def test_of_two_hundred_signatures_by_a_robot_none_is_counted(
    client: FlaskClient, at_once: bool
) -> None:
    letter_id = make_letter().letter.id
    forms = [_robot(number) for number in range(200)]
    for visitor, typed in forms:
        assert _sign(client, visitor, **typed).status_code == 303
        if at_once:
            assert _confirm(client, typed["email"]).status_code == 303
    if not at_once:
        for _, typed in forms:
            assert _confirm(client, typed["email"]).location == f"{LETTER}/signed"
    assert _count(client) == (0, 0)
    kept = tallies.of_letter(letter_id)
    assert (kept.quarantined, kept.anybody) == (200, True)
    assert tallies.drift() == []
    assert all(each.signals & Signal.UNSOLVED for each in db.session.query(Signature))
    moved = db.session.query(Decision).filter_by(from_state=State.PUBLISHED).count()
    assert moved == (quarantine.ROVING.windows[0].most if at_once else moved)


def test_a_class_is_counted_while_a_robot_is_at_work(client: FlaskClient) -> None:
    make_letter()
    pupils = [f"pupil{number}@example.org" for number in range(30)]
    for number in range(100):
        visitor, typed = _robot(number)
        _sign(client, visitor, **typed)
        _confirm(client, typed["email"])
        if number >= 70:
            _sign(client, SCHOOL, email=pupils[number - 70])
            _confirm(client, pupils[number - 70])
    assert _count(client) == (30, 0)
    assert tallies.of_letter(_signature(pupils[0]).letter_id).quarantined == 100
    assert tallies.drift() == []


def test_a_robot_behind_one_address_is_set_aside_and_a_class_is_not(client: FlaskClient) -> None:
    make_letter()
    pupils = [f"pupil{number}@example.org" for number in range(30)]
    robots = [f"robot{number}@example.org" for number in range(50)]
    for visitor, emails in ((SCHOOL, pupils), ("198.51.100.9", robots)):
        for email in emails:
            assert _sign(client, visitor, email=email).status_code == 303
        for email in emails:
            assert _confirm(client, email).status_code == 303
    assert _count(client) == (30, 0)
    assert _signature(pupils[0]).signals == Signal.UNSOLVED
    assert all(_signature(email).signals & Signal.NETWORK for email in robots)
    assert tallies.drift() == []
