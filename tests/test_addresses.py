"""Addresses that are erased: who owns one is still known, and nobody else is taken for them."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import address, config, limits
from petition.actions import launch, manage, sign, tally, turns
from petition.actions.launch import FirstEntry
from petition.clock import now
from petition.database import Step, take, writing
from petition.extensions import db
from petition.mail import messages, outbox
from petition.models import Kind, Signatory, Signature, State
from petition.queries.letters import LetterText
from tests.factories import fresh, make_entry, make_letter, make_signatory, make_signature
from tests.postman import change, mails, make_worker
from tests.smtp_server import SmtpServer

TYPED = "Ann.Lee+letters@Example.org"


@pytest.fixture
def _at_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(config.current(), keep_addresses_days=0)
    monkeypatch.setitem(app.config, "PETITION", settings)


def _sign(found: LetterText, email: str, **entry: str) -> None:
    sign.sign(found.letter, found.revision, make_entry(email=email, **entry), None)


@pytest.mark.usefixtures("_at_once")
def test_an_address_is_erased_in_the_transaction_that_confirms(client: FlaskClient) -> None:
    found = make_letter()
    signature = make_signature(found, email=TYPED)
    assert signature.email is None
    assert signature.mailbox == address.mailbox("ann.lee+LETTERS@example.org")
    waiting = make_signature(found, state=State.PENDING, email="waits@example.org")
    assert (waiting.email, waiting.mailbox) == ("waits@example.org", None)
    asks = replace(make_entry(email="asks@example.org"), updates=True)
    sign.sign(found.letter, found.revision, asks, None)
    asking = db.session.query(Signature).filter_by(email="asks@example.org").one()
    client.post("/letters/a-letter/code", data={"email": "asks@example.org", "code": _code(asking)})
    assert (fresh(asking.id).state, asking.email) == (State.PUBLISHED, "asks@example.org")


def _code(signature: Signature) -> str:
    job = next(job for job in outbox.claim("a worker", 9) if job.email == signature.email)
    return messages.compose(job).text.partition("The code: ")[2][:7]


@pytest.mark.usefixtures("_at_once")
@pytest.mark.parametrize(
    ("typed", "reached"),
    [
        (TYPED, True),
        ("ann.lee+LETTERS@example.org", True),
        ("ann.lee@example.org", False),  # perhaps another person's, where a plus means something
        ("ann.lee+other@example.org", False),
    ],
)
def test_what_is_mailed_goes_to_the_owner_alone(app: Flask, typed: str, reached: bool) -> None:
    found = make_letter()
    signature = make_signature(found, email=TYPED, name="The First")
    steps: dict[Kind, Callable[[], None]] = {
        Kind.ALREADY_SIGNED: lambda: _sign(found, typed, name="Another"),
        Kind.OWN_LINK: lambda: _ask(found, typed),
        Kind.REPORTED: lambda: _report(signature, typed),
    }
    for kind, ask in steps.items():
        change(created_at=now() - limits.MAIL_PAUSE, delivery="sent")
        before = len(mails())
        ask()
        new = mails()[before:]
        assert [(mail.kind, mail.recipient) for mail in new] == [(kind, typed_as(typed))] * reached
        if reached:
            (job,) = outbox.claim("a worker", 9)
            assert job.wanted
            assert messages.compose(job).to == typed_as(typed)
            outbox.sent(job)
            assert mails()[-1].recipient is None
    assert (fresh(signature.id).name, signature.email) == ("The First", None)


def typed_as(address_: str) -> str:
    """As mail is sent to it."""
    return address.parse(address_).delivery


def _ask(found: LetterText, typed: str) -> None:
    email = address.parse(typed)
    with writing(db.session):
        turns.queue_for(address.digest(email.canonical))
        _take(outbox.own_link(found.letter.id, address.digest(email.canonical), email))


def _report(signature: Signature, typed: str) -> None:
    email = address.parse(typed)
    with writing(db.session):
        _take(outbox.reported(signature.id, address.digest(email.canonical), email))


def _take(step: Step) -> None:
    take(db.session, step)


@pytest.mark.usefixtures("_at_once")
def test_who_withdraws_and_signs_anew_has_an_address_again(app: Flask) -> None:
    found = make_letter()
    signature = make_signature(found, email=TYPED)
    manage.withdraw(signature.id, None)
    assert fresh(signature.id).mailbox is None
    change(created_at=now() - limits.MAIL_PAUSE)
    _sign(found, "ann.lee@example.org")
    assert fresh(signature.id).email == "ann.lee@example.org"
    assert mails()[-1].kind == Kind.CONFIRM


@pytest.mark.usefixtures("_at_once")
def test_so_is_that_of_a_first_signatory_whose_link_works_on(app: Flask) -> None:
    found = make_letter()
    person = make_signatory(found, email="kim@example.org")
    for name in ("Kim Ray", "Kim A. Ray"):
        signature = launch.sign_first(
            person.id, found.revision.id, FirstEntry(name, "Composer", ""), None
        )
        signature = fresh(signature.id)
        assert (signature.name, signature.email) == (name, None)
        assert signature.mailbox == address.mailbox("kim@example.org")
        assert db.session.query(Signatory.email).scalar() is None
    assert make_signatory(found, email="another@example.org").position == 2


@pytest.mark.usefixtures("_at_once")
def test_who_was_set_aside_and_signs_first_is_still_told_how_it_goes_on(app: Flask) -> None:
    found = make_letter()
    wants = replace(make_entry(email=TYPED), updates=True)
    sign.sign(found.letter, found.revision, wants, None)
    signature = db.session.query(Signature).one()
    with writing(db.session):
        signature.state = State.QUARANTINED
        tally.adjust(found.letter.id, {State.PENDING: -1, State.QUARANTINED: 1})
    person = make_signatory(found, email=TYPED)
    launch.sign_first(person.id, found.revision.id, FirstEntry("Ann Lee", "", ""), None)
    signature = fresh(signature.id)
    assert (signature.state, signature.updates) == (State.PUBLISHED, True)
    assert signature.email == "Ann.Lee+letters@example.org"


@pytest.mark.usefixtures("_at_once")
def test_a_worker_writes_to_who_has_no_address_here_and_forgets_it_again(
    app: Flask, smtp: SmtpServer
) -> None:
    found, worker = make_letter(), make_worker(smtp)
    make_signature(found, email="ann@example.org")
    change(created_at=now() - limits.MAIL_PAUSE)
    _sign(found, "Ann@example.org")
    while worker.work():
        pass
    assert [each.delivery for each in mails()] == ["dropped", "sent"], "the first is confirmed"
    assert [each.recipient for each in mails()] == [None, None]
    assert [each.to for each in smtp.taken] == ["Ann@example.org"]
