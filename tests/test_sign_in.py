"""Organizers come in by a mailed code or link: once, in time, in the browser that asked."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import limits, tokens
from petition.actions import organizers, sign_in
from petition.clock import now
from petition.database import writing
from petition.exceptions import CodeWrong
from petition.extensions import db
from petition.mail import messages, outbox
from petition.models import Delivery, Kind, OrganizerSession, OutgoingMail, Role, SignIn
from petition.tokens import Purpose
from tests.accounts import (
    how_many,
    is_in,
    mailed,
    mailed_code,
    mailed_link,
    make_member,
    without_tokens,
)
from tests.conftest import Statements
from tests.factories import TEAM, make_letter, make_signature

ANN = "ann@example.org"
DOOR, CODE = "/organize/sign-in", "/organize/sign-in/code"


@pytest.fixture(autouse=True)
def _ann(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    make_member(ANN)


def ask(client: FlaskClient, email: str = ANN) -> None:
    response = client.post(DOOR, data={"email": email})
    assert (response.status_code, response.location) == (303, CODE)


def enter(client: FlaskClient, code: str) -> int:
    return client.post(CODE, data={"code": code}).status_code


def printed_link() -> str:
    return f"/organize/sign-in/{organizers.add(ANN, None, TEAM)}"


def let_challenges_age(by: timedelta) -> None:
    with writing(db.session):
        for challenge in db.session.query(SignIn):
            challenge.created_at -= by
            challenge.expires_at -= by


def test_a_code_lets_in_once(client: FlaskClient) -> None:
    ask(client, "Ann@Example.org")
    code = mailed_code(Kind.SIGN_IN)
    assert "ann@example.org" in client.get(CODE).text.lower()
    assert enter(client, f" {code[:3]} {code[3:]} ") == 303
    assert is_in(client)
    client.post("/organize/sign-out")
    assert enter(client, code) == 303  # this browser has forgotten that it asked
    assert not is_in(client)


def test_a_link_lets_in_once_and_opening_it_spends_nothing(client: FlaskClient) -> None:
    ask(client)
    link = mailed_link()
    for method in ("HEAD", "GET", "GET"):
        assert client.open(link, method=method).status_code == 200
    assert not is_in(client)
    assert client.post(link).status_code == 303
    assert is_in(client)
    client.post("/organize/sign-out")
    assert client.get(link).status_code == 410
    assert client.post(link).status_code == 410
    assert not is_in(client)


def test_link_and_code_work_only_where_they_were_asked_for(client: FlaskClient) -> None:
    ask(client)
    link, code = mailed_link(), mailed_code(Kind.SIGN_IN)
    thief = client.application.test_client()
    for method in ("GET", "POST"):
        answer = thief.open(link, method=method)
        assert answer.status_code == 409
        assert "Another browser asked" in answer.text
    ask(thief, "else@example.org")
    assert enter(thief, code) == 422
    assert not is_in(thief)
    assert enter(client, code) == 303  # nothing was spent
    assert is_in(client)


def test_a_stolen_number_is_no_challenge_of_this_browser(client: FlaskClient) -> None:
    ask(client)
    code, challenge = mailed_code(Kind.SIGN_IN), (mailed(Kind.SIGN_IN).about or {})["sign_in"]
    thief = client.application.test_client()
    ask(thief, "else@example.org")
    with thief.session_transaction(DOOR) as cookie:
        cookie["mailed-challenge"] = challenge
    assert enter(thief, code) == 422
    assert not is_in(thief)


def test_a_code_survives_few_wrong_tries(client: FlaskClient) -> None:
    ask(client)
    code = mailed_code(Kind.SIGN_IN)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(limits.CODE_TRIES):
        assert enter(client, wrong) == 422
    answer = client.post(CODE, data={"code": code})
    assert answer.status_code == 422
    assert "does not fit" in answer.text
    ask(client)
    assert enter(client, mailed_code(Kind.SIGN_IN)) == 303


def test_it_is_over_after_ten_minutes(client: FlaskClient) -> None:
    ask(client)
    let_challenges_age(timedelta(minutes=10, seconds=1))
    assert enter(client, mailed_code(Kind.SIGN_IN)) == 422
    assert client.get(mailed_link()).status_code == 410
    assert client.post(mailed_link()).status_code == 410


def test_the_operators_link_works_a_day_in_any_browser(client: FlaskClient) -> None:
    link, other = printed_link(), printed_link()
    let_challenges_age(timedelta(hours=23))
    assert client.get(link).status_code == 200
    assert client.post(link).status_code == 303
    assert is_in(client)
    let_challenges_age(timedelta(hours=2))
    assert client.application.test_client().post(other).status_code == 410


def test_forged_links_open_nothing(client: FlaskClient) -> None:
    ask(client)
    challenge = (mailed(Kind.SIGN_IN).about or {})["sign_in"]
    for token in ("nonsense", tokens.make(Purpose.CONFIRM, challenge), "x" * 5000):
        for method in ("GET", "POST"):
            assert client.open(f"/organize/sign-in/{token}", method=method).status_code == 410


def test_nobody_learns_whose_address_it_is(client: FlaskClient, statements: Statements) -> None:
    seen = []
    gone = make_member("gone@example.org")
    organizers.remove("gone@example.org", None)
    for email in (ANN, "bob@example.org", gone.email):
        visitor = client.application.test_client()
        visitor.set_cookie("familiar", tokens.make(Purpose.FAMILIAR, gone.id - 1))  # Ann's
        statements.clear()
        answer = visitor.post(DOOR, data={"email": email})
        headers = {k: v for k, v in answer.headers if k not in {"Set-Cookie", "Date"}}
        kinds = statements.kinds()
        page = without_tokens(visitor.get(CODE).text).replace(email, "")
        seen.append((answer.status_code, answer.text, headers, kinds, page))
    assert seen[0] == seen[1] == seen[2]
    assert how_many(Kind.SIGN_IN) == 1


def test_an_unknown_address_has_no_code(client: FlaskClient) -> None:
    ask(client, "bob@example.org")
    challenge = db.session.query(SignIn).order_by(SignIn.id.desc()).first()
    assert challenge is not None
    assert enter(client, tokens.sign_in_code(challenge.id)) == 422


def test_what_is_no_address_is_told_beside_the_field(client: FlaskClient) -> None:
    for typed in ("", "ann", "ann@", "a b@example.org", "x" * 300 + "@example.org"):
        answer = client.post(DOOR, data={"email": typed})
        assert answer.status_code == 422
        assert 'id="email-error"' in answer.text
    assert enter(client, "1") == 303  # there is nothing to type a code for


def test_a_mailbox_is_not_flooded(client: FlaskClient) -> None:
    for _ in range(limits.CODES_AN_HOUR + 2):
        ask(client)
    assert how_many(Kind.SIGN_IN) == limits.CODES_AN_HOUR
    untold = db.session.query(SignIn).order_by(SignIn.id.desc()).first()
    assert untold is not None
    assert enter(client, tokens.sign_in_code(untold.id)) == 422  # nobody guesses it, either
    let_challenges_age(timedelta(hours=1))
    ask(client)
    assert how_many(Kind.SIGN_IN) == limits.CODES_AN_HOUR + 1


def test_strangers_lock_nobody_out(client: FlaskClient) -> None:
    ask(client)
    assert enter(client, mailed_code(Kind.SIGN_IN)) == 303
    client.post("/organize/sign-out")
    stranger = client.application.test_client()
    let_challenges_age(timedelta(days=1))
    for _ in range(3):
        for _ in range(limits.CODES_AN_HOUR + 1):
            ask(stranger)
        let_challenges_age(timedelta(hours=1))
        limits.forget()
    assert how_many(Kind.SIGN_IN) == 1 + limits.MAILS_A_DAY
    for number in range(1, 4):  # nothing of that counts here
        ask(client)
        assert how_many(Kind.SIGN_IN) == 1 + limits.MAILS_A_DAY + number
    assert enter(client, mailed_code(Kind.SIGN_IN)) == 303
    assert is_in(client)


def test_a_browser_is_familiar_with_one_organizer_alone(client: FlaskClient) -> None:
    make_member("bob@example.org")
    ask(client)
    enter(client, mailed_code(Kind.SIGN_IN))
    client.post("/organize/sign-out")
    forger = client.application.test_client()
    forger.set_cookie("familiar", tokens.make(Purpose.SIGN_IN, 1))
    for visitor, email in ((client, "bob@example.org"), (forger, "bob@example.org")):
        for _ in range(limits.CODES_AN_HOUR):
            ask(visitor, email)
    assert how_many(Kind.SIGN_IN) == 1 + limits.CODES_AN_HOUR
    for _ in range(limits.CODES_AN_HOUR + 1):  # nor is it without a limit at home
        ask(client)
    assert how_many(Kind.SIGN_IN) == 1 + 2 * limits.CODES_AN_HOUR


def test_what_got_no_mail_is_not_counted(client: FlaskClient) -> None:
    for _ in range(limits.CODES_AN_HOUR):
        ask(client, "bob@example.org")
    make_member("bob@example.org")
    ask(client, "bob@example.org")
    assert how_many(Kind.SIGN_IN) == 1


def test_a_network_does_not_ask_and_try_for_ever(client: FlaskClient) -> None:
    asked = [
        client.post(DOOR, data={"email": f"{n}@example.org"}).status_code
        for n in range(limits.SIGN_IN_MAIL[0].amount + 1)
    ]
    tried = [enter(client, "1") for _ in range(limits.CODE[0].amount + 1)]
    link = "/organize/sign-in/x"
    followed = [client.post(link).status_code for _ in range(limits.SIGN_IN[0].amount + 1)]
    assert (asked[-2:], tried[-2:], followed[-2:]) == ([303, 429], [422, 429], [410, 429])


def test_of_many_who_type_a_code_at_once_one_comes_in(client: FlaskClient, app: Flask) -> None:
    ask(client)
    code, challenge = mailed_code(Kind.SIGN_IN), (mailed(Kind.SIGN_IN).about or {})["sign_in"]
    with client.session_transaction(DOOR) as cookie:
        browser = cookie["browser"]
    gate = threading.Barrier(limits.CODE_TRIES)

    def run(number: int) -> bool:
        with app.app_context():
            gate.wait()
            try:
                sign_in.by_code(challenge, browser, code, "", f"10.0.0.{number}")
            except CodeWrong:
                return False
            finally:
                db.session.remove()
            return True

    db.session.remove()
    with ThreadPoolExecutor(limits.CODE_TRIES) as pool:
        assert sum(pool.map(run, range(limits.CODE_TRIES))) == 1
    assert db.session.query(OrganizerSession).count() == 1


def test_who_was_removed_meanwhile_stays_out(client: FlaskClient) -> None:
    make_member("owner@example.org", Role.OWNER)
    ask(client)
    link = printed_link()
    organizers.remove(ANN, TEAM)
    assert enter(client, mailed_code(Kind.SIGN_IN)) == 422
    assert client.post(link).status_code == 410
    assert not is_in(client)


def test_the_mail_says_who_asked_and_carries_code_and_link(client: FlaskClient) -> None:
    client.post(
        DOOR, data={"email": ANN}, headers={"User-Agent": "X11; Linux; rv:1 Gecko Firefox/140"}
    )
    (job,) = outbox.claim("a worker", 5)
    mail = messages.compose(job)
    code = mailed_code(Kind.SIGN_IN)
    assert mail.to == ANN
    assert mail.subject == f"{code[:3]} {code[3:]} is your code to sign in: Open letters"
    for body in (mail.text, mail.html):
        assert mailed_link() in re.sub(r"\s", "", body)
        assert f"{code[:3]}\u00a0{code[3:]}" in body
        assert "Firefox, Linux" in body
    assert b"Subject: " in mail.as_bytes()


def test_the_mail_leaves_first_or_not_at_all(client: FlaskClient) -> None:
    found = make_letter()
    for _ in range(2):
        make_signature(found, state="pending")
    ask(client)
    (job,) = outbox.claim("a worker", 1)
    assert job.kind == Kind.SIGN_IN
    assert job.wanted
    outbox.postpone(job, "SMTPDataError 451")
    assert mailed(Kind.SIGN_IN).delivery == Delivery.QUEUED
    with writing(db.session):
        db.session.query(OutgoingMail).filter_by(kind=Kind.SIGN_IN).update(
            {"created_at": now() - timedelta(minutes=11), "due_at": now() - timedelta(days=1)}
        )
    (job,) = outbox.claim("a worker", 1)
    assert not job.wanted
    outbox.postpone(job, "SMTPDataError 451")
    mail = mailed(Kind.SIGN_IN)
    assert (mail.delivery, mail.recipient) == (Delivery.FAILED, None)


def test_the_address_is_forgotten_when_the_mail_has_left(client: FlaskClient) -> None:
    ask(client)
    assert mailed(Kind.SIGN_IN).recipient == ANN
    (job,) = outbox.claim("a worker", 1)
    outbox.sent(job)
    assert mailed(Kind.SIGN_IN).recipient is None
