"""Failures have pages in the voice of the rest, and say whether to try again."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from petition.actions import sign
from petition.database import writing
from petition.extensions import db
from petition.models import AuditEntry, Letter, Role
from petition.queries import tallies
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


@pytest.mark.parametrize(
    ("failure", "status"), [(PoolTimeout("full"), 503), (ValueError("ann@x.org"), 500)]
)
@pytest.mark.parametrize("path", ["/embed/a-letter", "/embed/a-letter/form"])
def test_a_frame_says_what_went_wrong_and_is_not_left_empty(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str, failure: Exception, status: int
) -> None:
    make_letter()

    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr(tallies, "of_letter", fail)
    answer = client.get(f"{path}?theme=dark")
    assert answer.status_code == status
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'data-theme="dark"' in answer.text
    assert "ann@x.org" not in answer.text


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


HUGE = "9" * 30
NOT_UNDERSTOOD = [
    ("moderation", {"since": "0001-01-01T00:00:00+14:00"}, 422),
    ("moderation", {"until": "9999-12-31T23:00:00-12:00"}, 422),
    ("moderation", {"until": "8999-12-31"}, 422),
    ("moderation", {"revision": "99999999999"}, 422),
    ("export", {"until": "9999-12-31T23:00:00-12:00"}, 422),
    ("sweeps", {"before": "0" * 20 + "9" * 5000}, 404),
    ("record", {"before": str(2**63)}, 404),
    ("record", {"before": f"-{HUGE}"}, 404),
    ("record", {"until": "9999-12-31"}, 422),
    ("record", {"since": "0001-01-01"}, 422),
    ("record", {"who": HUGE}, 422),
    ("record", {"signature": HUGE}, 422),
]


def test_what_nobody_can_mean_is_told_and_exports_nothing(client: FlaskClient) -> None:
    found = make_letter()
    sign_in(client)
    here, team = "/organize/letters/a-letter", f"/organize/teams/{found.letter.team_id}"
    for page, query, status in NOT_UNDERSTOOD:
        for place in (here, team) if page == "record" else (here,):
            answer = client.get(f"{place}/{page}", query_string=query)
            assert answer.status_code == status, (place, page, query)
    for place in (here, team):
        for query in ({"since": "garbage"}, {"who": HUGE}, {"signature": HUGE}, {"what": "\0"}):
            answer = client.post(f"{place}/record.csv", query_string=query)
            assert (answer.status_code, answer.mimetype) == (422, "text/html"), query
            assert f'action="{place}/record"' in answer.text  # to look for something else
    assert db.session.query(AuditEntry).filter_by(action="export").count() == 0
    assert client.post(f"{here}/export/delivery.csv", data={"lang": "\0"}).status_code == 200
