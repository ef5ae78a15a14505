"""Failures have pages in the voice of the rest, and say whether to try again."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from petition.actions import sign
from petition.database import writing
from petition.extensions import db
from petition.models import Letter, Role
from tests.factories import form, make_letter, sign_in


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


def test_organizers_stay_in_the_panel_whatever_they_miss(client: FlaskClient) -> None:
    make_letter()
    missing = "/organize/letters/another"
    assert "Your account" not in client.get(missing, follow_redirects=True).text
    sign_in(client, role=Role.VIEWER)
    answer = client.get(missing)
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text
    assert 'href="/organize/account' in answer.text
    assert "Sign out" not in client.get("/letters/another").text
    own = client.get("/organize/letters/a-letter")
    assert (own.status_code, own.headers["Location"]) == (
        302,
        "/organize/letters/a-letter/moderation",
    )
    with writing(db.session):
        db.session.query(Letter).one().published_at = None
    draft = client.get("/organize/letters/a-letter")
    assert draft.headers["Location"] == "/organize/letters/a-letter/text"
