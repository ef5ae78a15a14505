"""Reporting a public signature: into the queue, never a way to learn or to hide anything."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from petition import address, caching, limits, tokens
from petition.actions.report import MOST
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.mail import messages, outbox
from petition.mail.suppressions import suppress
from petition.models import Cause, Kind, Letter, Listing, Report, Signature, State
from petition.queries import tallies
from tests.conftest import Statements
from tests.factories import confirm_path, fresh, make_letter, make_signature, sign_in
from tests.postman import change, mails

KNOWN = "known@example.org"


def _let_pass() -> None:
    """The last mail was written some time ago, and has left."""
    earlier = now() - limits.MAIL_PAUSE - timedelta(seconds=1)
    change(created_at=earlier, delivery="sent", sent_at=earlier)


def _path(signature: Signature) -> str:
    return f"/letters/a-letter/names/{tokens.line(signature.id)}/report"


def _reports() -> list[Report]:
    db.session.rollback()
    return db.session.query(Report).order_by(Report.id).all()


def _send(client: FlaskClient, signature: Signature, **typed: str) -> None:
    answer = client.post(_path(signature), data={"cause": "other", **typed})
    assert (answer.status_code, answer.location) == (303, "/letters/a-letter/reported")


def test_a_report_waits_for_the_organizers_and_changes_nothing(client: FlaskClient) -> None:
    signature = make_signature(make_letter(), name="Ann Lee", email=KNOWN)
    page = client.get(_path(signature)).text
    assert "Ann Lee" in page
    assert KNOWN not in page
    _send(client, signature, cause="somebody-else", words=" She told me.\r\n\r\nYesterday. ")
    assert "not write twice" in client.get("/letters/a-letter/reported").text
    [report] = _reports()
    assert (report.cause, report.words) == (Cause.SOMEBODY_ELSE, "She told me.\n\nYesterday.")
    assert (report.signature_id, report.settled_at) == (signature.id, None)
    assert fresh(signature.id).state == State.PUBLISHED
    assert "Ann Lee" in client.get("/letters/a-letter").text


def test_what_is_wrong_is_told_beside_its_field_and_kept(client: FlaskClient) -> None:
    signature = make_signature(make_letter())
    typed = {"cause": "revenge", "words": "w" * 1001, "email": "nobody"}
    answer = client.post(_path(signature), data=typed)
    assert answer.status_code == 422
    for told in ('id="cause-error"', 'id="words-error"', 'id="email-error"', "w" * 1001):
        assert told in answer.text
    assert 'value="nobody"' in answer.text
    client.post(_path(signature), data={"cause": "abuse", "website": "x"})
    assert _reports() == []


@pytest.mark.parametrize("state", [*State, "hidden", "unlisted", "elsewhere", "forged"])
def test_only_what_is_public_can_be_reported(client: FlaskClient, state: str) -> None:
    found = make_letter(slug="elsewhere" if state == "elsewhere" else "a-letter")
    signature = make_signature(found)
    path = _path(signature)
    if state == "elsewhere":
        make_letter()
    if state == "forged":
        path = f"/letters/a-letter/names/{'A' * 12}/report"
    with writing(db.session):
        row = fresh(signature.id)
        if state in set(State):
            row.state = state
        row.show_name = state != "hidden"
        if state == "unlisted":
            db.session.get_one(Letter, row.letter_id).listing = Listing.NOT
    caching.recent.clear()
    unknown = client.get("/letters/a-letter/names/AAAAAAAAAAAA/report")
    for answer in (client.get(path), client.post(path, data={"cause": "abuse"})):
        if state == State.PUBLISHED:
            assert answer.status_code in {200, 303}
        else:
            assert (answer.status_code, answer.text) == (404, unknown.text)
    assert len(_reports()) == (state == State.PUBLISHED)


@pytest.mark.parametrize("kind", ["owner", "erased", "suppressed", "limited", "other-spelling"])
def test_a_typed_address_tells_and_hides_nothing(
    client: FlaskClient, statements: Statements, kind: str
) -> None:
    signature = make_signature(make_letter(), email=KNOWN)
    if kind != "limited":
        _let_pass()
    with writing(db.session):
        if kind in {"erased", "other-spelling"}:
            row = fresh(signature.id)
            row.email, row.mailbox = None, address.mailbox(KNOWN)
        if kind == "suppressed":
            suppress(address.digest(KNOWN), "not-me")
    typed = KNOWN.replace("@", "+x@") if kind == "other-spelling" else KNOWN
    seen, path = [], _path(signature)
    before = len(mails())
    for email in ("stranger@example.org", typed):
        caching.recent.clear()
        statements.clear()
        answer = client.post(path, data={"cause": "not-me", "email": email})
        seen.append(
            (answer.status_code, answer.headers.to_wsgi_list(), answer.text, list(statements))
        )
    assert seen[0] == seen[1]
    assert fresh(signature.id).state == State.PUBLISHED
    assert [mail.kind for mail in mails()[before:]] == (
        [Kind.REPORTED] if kind in {"owner", "erased"} else []
    )


def test_the_owner_of_the_address_takes_it_down_at_once(client: FlaskClient) -> None:
    signature = make_signature(make_letter(), name="Ann Lee", email=KNOWN)
    _let_pass()
    _send(client, signature, cause="not-me", email=KNOWN)
    jobs = [job for job in outbox.claim("a worker", 9) if job.kind == Kind.REPORTED]
    mail = messages.compose(jobs[0])
    assert mail.to == KNOWN
    assert "/confirm/" in mail.text
    answer = client.post(confirm_path(signature), data={"decision": "not-me"})
    assert answer.status_code == 303
    assert "Ann Lee" not in client.get("/letters/a-letter").text
    assert client.get("/embed/a-letter/count.json").json["count"] == 0
    assert (fresh(signature.id).state, fresh(signature.id).name) == (State.WITHDRAWN, "")
    # What strangers said is settled by it; that it was forged waits to be seen.
    assert [(each.cause, each.settled_at is None) for each in _reports()] == [
        ("not-me", False),
        ("not-me", True),
    ]
    assert tallies.drift() == []
    sign_in(client)
    queue = client.get("/organize/letters/a-letter/moderation?tab=reported").text
    assert queue.count("and I did not sign") == 1
    assert "Ann Lee" not in queue


def test_one_signature_does_not_fill_the_queue(client: FlaskClient) -> None:
    signature = make_signature(make_letter())
    for _ in range(MOST):
        _send(client, signature)
    assert client.post(_path(signature), data={"cause": "abuse"}).status_code == 429
    visitor = {"REMOTE_ADDR": "198.51.100.9"}
    data = {"cause": "abuse"}
    assert client.post(_path(signature), data=data, environ_base=visitor).status_code == 303
    assert len(_reports()) == MOST
