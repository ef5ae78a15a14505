"""Failures have pages in the voice of the rest, and say whether to try again."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from petition.actions import sign
from tests.factories import form, make_letter


@pytest.mark.parametrize(
    "failure", [OperationalError("x", {}, Exception("ann@x.org")), PoolTimeout("full")]
)
def test_a_database_that_is_away_is_told_as_such(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    make_letter()

    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr(sign, "_record", fail)
    response = client.post("/letters/a-letter/sign", data=form())
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "30"
    assert response.headers["Cache-Control"] == "no-store"
    assert "ann@x.org" not in response.text


def test_a_wrong_method_is_told_which_are_right(client: FlaskClient) -> None:
    response = client.put("/letters/a-letter/sign")
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
