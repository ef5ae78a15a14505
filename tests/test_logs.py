"""Logs hold no address, no name, no token."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from petition.actions import sign
from petition.extensions import db
from petition.models import State
from tests.factories import confirm_path, form, make_letter, make_signature


def test_an_exception_is_logged_by_kind_and_place_only(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_letter()

    def fail(*_: object) -> None:
        raise RuntimeError("it was ann.lee@example.org")

    monkeypatch.setattr(sign, "_record", fail)
    response = client.post("/letters/a-letter/sign", data=form(name="Private Person"))
    assert response.status_code == 500
    logged = capsys.readouterr().err
    event = json.loads(logged)
    assert (event["event"], event["kind"]) == ("request.failed", "RuntimeError")
    assert any("sign.py" in place for place in event["where"])
    assert "ann.lee" not in logged
    assert "Private" not in logged
    assert "ann.lee" not in response.text


def test_a_database_error_quotes_no_value(app: Flask) -> None:

    with pytest.raises(SQLAlchemyError) as caught:
        db.session.execute(text("SELECT nothing FROM nowhere WHERE x = :x"), {"x": "ann@x.org"})
    assert "ann@x.org" not in str(caught.value)
    db.session.rollback()


def test_the_journey_leaves_no_trace_of_the_person(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    signature = make_signature(make_letter(), state=State.PENDING, name="Private Person")
    client.post("/letters/a-letter/sign", data=form(email="ann.lee@example.org"))
    client.post(confirm_path(signature), data={"decision": "confirm"})
    client.get("/confirm/" + "x" * 40)
    output = capsys.readouterr()
    for secret in ("Private", "ann.lee", "@example.org", "/confirm/", "x" * 40):
        assert secret not in output.err + output.out
