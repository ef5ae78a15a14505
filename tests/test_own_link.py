"""The link to one's signature, mailed again: to its owner, and with one answer for everybody."""

from collections import Counter
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from petition import address, caching, limits, tokens
from petition.actions import sign_again
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.mail import messages, outbox
from petition.mail.suppressions import suppress
from petition.models import Change, Kind, Letter, State
from tests.conftest import Statements
from tests.factories import (
    confirm_path,
    form,
    fresh,
    make_letter,
    make_signature,
    publish_text,
    signature_path,
)
from tests.postman import change, mails

LINK = "/letters/a-letter/link"
KNOWN = "known@example.org"


def _let_pass(time: timedelta = limits.MAIL_PAUSE) -> None:
    """The mails so far have left, some time ago."""
    change(created_at=now() - time - timedelta(seconds=1), delivery="sent", sent_at=now())


def _ask(client: FlaskClient, email: str = KNOWN, **more: str) -> None:
    answer = client.post(LINK, data={"email": email, **more})
    assert (answer.status_code, answer.location) == (303, f"{LINK}/sent")


KINDS = [*sorted(set(State) - {State.HELD}), "nobody", "erased", "suppressed", "limited", "robot"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_stranger_learns_nothing_about_an_address(
    client: FlaskClient, statements: Statements, kind: str
) -> None:
    found = make_letter()
    more = {"website": "x"} if kind == "robot" else {}
    if kind not in {"nobody", "robot"}:
        state = State(kind) if kind in set(State) else State.PUBLISHED
        signature = make_signature(found, state=state, email=KNOWN)
        if kind != "limited":
            _let_pass()
    with writing(db.session):
        if kind == "erased":
            signature.email, signature.mailbox = None, address.mailbox(KNOWN)
        if kind == "suppressed":
            suppress(address.digest(KNOWN), "not-me")
    caching.recent.clear()
    statements.clear()
    expected = client.post(LINK, data={"email": "reference@example.org"})
    reference = list(statements)
    caching.recent.clear()
    statements.clear()
    before = len(mails())
    statements.clear()
    answer = client.post(LINK, data={"email": KNOWN, **more})
    assert (answer.status_code, answer.headers.to_wsgi_list(), answer.text) == (
        expected.status_code,
        expected.headers.to_wsgi_list(),
        expected.text,
    )
    if kind != "robot":  # whose form nobody looks at
        assert list(statements) == reference
    none = {"nobody", "suppressed", "limited", "robot"}
    assert len(mails()) - before == (kind not in none)


def test_the_mail_leads_to_the_signers_own_page(client: FlaskClient) -> None:
    signature = make_signature(make_letter(), email=KNOWN)
    _let_pass()
    _ask(client, "Known+again@example.org")
    assert "/letters/a-letter/link" in client.get("/letters/a-letter").text
    (job,) = outbox.claim("a worker", 9)
    mail = messages.compose(job)
    assert (job.kind, mail.to) == (Kind.OWN_LINK, KNOWN)
    assert signature_path(signature).partition(".")[0] in mail.text
    assert client.get(f"{LINK}/sent").status_code == 200


def test_strangers_who_ask_all_day_lock_the_owner_out_until_tomorrow_at_most(
    client: FlaskClient,
) -> None:
    signature = make_signature(make_letter(), email=KNOWN)
    report = f"/letters/a-letter/names/{tokens.line(signature.id)}/report"
    for day in range(1, 4):
        _let_pass(timedelta(days=1))
        before = len(mails())
        for _ in range(limits.OWNER_MAILS_A_DAY + 1):
            for path, typed in (
                (LINK, {"email": KNOWN}),
                (report, {"email": KNOWN, "cause": "not-me"}),
                ("/letters/a-letter/sign", form(email=KNOWN)),
            ):
                client.post(path, data=typed)
                _age(limits.MAIL_PAUSE)
        kinds = Counter(mail.kind for mail in mails()[before:])
        owners = (Kind.OWN_LINK, Kind.REPORTED, Kind.ALREADY_SIGNED)
        assert kinds == dict.fromkeys(owners, limits.OWNER_MAILS_A_DAY), day
    # What the organizers ask is not used up by them either.
    publish_text("Two.", Change.SUBSTANCE)
    _let_pass(timedelta(days=1))
    sign_again.ask()
    assert mails()[-1].kind == Kind.SIGN_AGAIN


def _age(time: timedelta) -> None:
    with writing(db.session):
        for mail in mails():
            mail.created_at -= time + timedelta(seconds=1)


def test_who_waits_gets_the_mail_to_confirm_whose_code_works(client: FlaskClient) -> None:
    found = make_letter()
    client.post("/letters/a-letter/sign", data=form(email=KNOWN))
    _ask(client)
    assert len(mails()) == 1, "not twice within a while"
    _let_pass()
    _ask(client)
    (job,) = outbox.claim("a worker", 9)
    mail = messages.compose(job)
    assert job.kind == Kind.CONFIRM
    signature = fresh(mails()[-1].signature_id or 0)
    assert confirm_path(signature).partition(".")[0] in mail.text
    code = mail.text.partition("The code: ")[2][:7]
    client.post("/letters/a-letter/code", data={"email": KNOWN, "code": code})
    assert fresh(signature.id).state == State.PUBLISHED
    assert found.letter.id == signature.letter_id


def test_a_code_mailed_again_publishes_no_words_that_its_mail_was_not_about(
    client: FlaskClient,
) -> None:
    make_letter()
    client.post("/letters/a-letter/sign", data=form(email=KNOWN))
    client.post("/letters/a-letter/sign", data=form(email=KNOWN, name="Somebody Else"))
    _let_pass()
    _ask(client)
    (job,) = outbox.claim("a worker", 9)
    code = messages.compose(job).text.partition("The code: ")[2][:7]
    answer = client.post("/letters/a-letter/code", data={"email": KNOWN, "code": code})
    assert answer.status_code == 409
    assert "Somebody Else" in answer.text


def test_it_works_under_a_closed_letter(client: FlaskClient) -> None:
    found = make_letter()
    make_signature(found, email=KNOWN)
    with writing(db.session):
        db.session.get_one(Letter, found.letter.id).closes_at = now() - timedelta(days=9)
    caching.recent.clear()
    _let_pass()
    assert LINK in client.get("/letters/a-letter").text
    _ask(client)
    assert mails()[-1].kind == Kind.OWN_LINK


def test_what_is_no_address_is_told_beside_its_field_and_kept(client: FlaskClient) -> None:
    make_letter()
    answer = client.post(LINK, data={"email": "not an address"})
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text
    assert 'value="not an address"' in answer.text
    assert client.get("/letters/nowhere/link").status_code == 404


def test_one_network_cannot_ask_without_end(client: FlaskClient) -> None:
    make_letter()
    most = limits.OWN_LINK[0].amount
    answers = [client.post(LINK, data={"email": f"a{n}@example.org"}) for n in range(most + 1)]
    assert [each.status_code for each in answers] == [303] * most + [429]
