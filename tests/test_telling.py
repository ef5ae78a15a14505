"""Signers are told what was decided: in their language, once, and only while it is true."""

from datetime import timedelta

import pytest
from babel.dates import format_date
from flask.testing import FlaskClient

from petition import address, limits
from petition.actions import forget, telling
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.mail.suppressions import suppress
from petition.models import (
    Decision,
    Delivery,
    Kind,
    Moderation,
    OutgoingMail,
    Signature,
    State,
    Team,
)
from tests.conftest import Statements
from tests.factories import fresh, make_letter, make_signature, sign_in
from tests.postman import carry, mails
from tests.smtp_server import SmtpServer

MODERATION = "/organize/letters/a-letter"


def _reject(client: FlaskClient, signature: Signature, reason: str = "abuse", **ticks: str) -> None:
    typed = {"reason": reason, "seen": fresh(signature.id).state, **ticks}
    answer = client.post(f"{MODERATION}/signatures/{signature.id}/reject", data=typed)
    assert answer.status_code == 303, answer.text


def _undo(client: FlaskClient, signature: Signature) -> None:
    newest = db.session.query(Decision.id).filter_by(signature_id=signature.id)
    decision = newest.order_by(Decision.id.desc()).first()
    assert decision is not None
    assert client.post(f"{MODERATION}/decisions/{decision.id}/undo").status_code == 303


def _decided() -> list[OutgoingMail]:
    return [mail for mail in mails() if mail.kind == Kind.DECIDED]


def test_a_rejected_signer_is_told_why_in_their_language_and_hears_when_they_stand_again(
    client: FlaskClient, smtp: SmtpServer
) -> None:
    german = make_letter(slug="ein-brief", language="de")
    found = make_letter()
    told = make_signature(found, name="Ann Lee", email="ann@example.org")
    silent = make_signature(found, email="silent@example.org")
    other = make_signature(german, name="Uwe Lux", email="uwe@example.org")
    with writing(db.session):
        team = db.session.query(Team).one()
        own = {"code": "own-1", "name": "off topic", "public": {"en": "Nothing to do with it"}}
        team.reasons = [{"code": "abuse", "mail": {"en": "You insulted Bo."}}, own]
    sign_in(client)
    _reject(client, told, tells="y")
    _reject(client, silent)
    typed = {"reason": "own-1", "seen": "published", "tells": "y"}
    client.post(f"/organize/letters/ein-brief/signatures/{other.id}/reject", data=typed)
    assert {mail.signature_id for mail in _decided()} == {told.id, other.id}
    assert all(mail.due_at > now() + timedelta(minutes=9) for mail in _decided())
    english, in_german = sorted((taken.message for taken in carry(smtp)), key=lambda m: m["To"])
    plain = english.get_body(("plain",))
    assert plain is not None
    words = str(plain.get_content())
    assert english["Subject"] == "Your signature is not counted: A letter"
    assert "Insults or other abuse" in words
    assert "> You insulted Bo." in words
    assert f"You signed on {format_date(now(), 'long', locale='en')}" in words
    assert "/signature/" in words
    assert "nicht gezählt" in in_german["Subject"]
    assert "Nothing to do with it" in str(in_german)  # the team has no German words for it
    _undo(client, told)
    _undo(client, silent)
    [again] = carry(smtp)
    assert (again.to, again.message["Subject"]) == (
        "ann@example.org",
        "Your signature counts again: A letter",
    )
    # What organizers write keeps no signer from what they ask for.
    with writing(db.session):
        asked = OutgoingMail.kind == Kind.CONFIRM
        db.session.query(OutgoingMail).filter(asked).update(
            {"created_at": now() - timedelta(hours=1)}
        )
    client.post("/letters/a-letter/link", data={"email": "ann@example.org"})
    assert Kind.OWN_LINK in {mail.kind for mail in mails()}


def test_what_waits_again_is_not_said_to_count(client: FlaskClient, smtp: SmtpServer) -> None:
    found = make_letter(moderation=Moderation.BEFORE)
    signature = make_signature(found, state=State.HELD)
    sign_in(client)
    _reject(client, signature, tells="y")
    assert len(carry(smtp)) == 1
    _undo(client, signature)
    [again] = carry(smtp)
    assert again.message["Subject"] == "Your signature is being looked at again: A letter"
    assert "until then it waits" in str(again.message)


def test_who_was_told_long_ago_hears_that_they_stand_again(
    client: FlaskClient, smtp: SmtpServer
) -> None:
    signature = make_signature(make_letter())
    sign_in(client)
    _reject(client, signature, tells="y")
    assert len(carry(smtp)) == 1
    with writing(db.session):
        db.session.query(OutgoingMail).update({"created_at": now() - timedelta(days=99)})
    assert sum(forget.forget_mails()) > 0
    assert [mail.kind for mail in mails()] == [Kind.DECIDED]
    _undo(client, signature)
    assert len(carry(smtp)) == 1


def test_what_was_undone_before_its_mail_left_is_never_told(
    client: FlaskClient, smtp: SmtpServer
) -> None:
    signature = make_signature(make_letter())
    sign_in(client)
    _reject(client, signature, tells="y")
    _undo(client, signature)
    assert carry(smtp) == []
    assert [mail.delivery for mail in _decided()] == [Delivery.DROPPED]
    # Rejected again, for something else and without a word: the first mail is not true either.
    _reject(client, signature, tells="y")
    _undo(client, signature)
    _reject(client, signature, "advertising")
    assert carry(smtp) == []
    assert {mail.delivery for mail in _decided()} == {Delivery.DROPPED}


@pytest.mark.parametrize("kind", ["erased", "suppressed", "full", "often"])
def test_who_wants_no_mail_or_has_had_enough_gets_none(client: FlaskClient, kind: str) -> None:
    signature = make_signature(make_letter(), email="known@example.org")
    with writing(db.session):
        if kind == "erased":
            fresh(signature.id).email = None
        if kind == "suppressed":
            suppress(address.digest("known@example.org"), "not-me")
        for number in range({"full": limits.MAILS_A_DAY, "often": 3}.get(kind, 0)):
            mail_kind = Kind.DECIDED if kind == "often" else Kind.OWN_LINK
            mail = OutgoingMail(
                kind=mail_kind, signature_id=signature.id, message_id=f"<{number}@x>"
            )
            db.session.add(mail)
    before = len(_decided())
    sign_in(client)
    _reject(client, signature, tells="y")
    assert fresh(signature.id).state == State.REJECTED
    assert len(_decided()) == before


def test_many_are_told_by_a_fixed_number_of_statements_and_not_all_at_once(
    client: FlaskClient, statements: Statements
) -> None:
    found = make_letter()
    numbers = []
    for size in (2, 5):
        some = [make_signature(found).id for _ in range(size)]
        statements.clear()
        with writing(db.session):
            telling.tell(found.letter, some, "abuse")
        numbers.append(len([each for each in statements if not each.startswith("BEGIN")]))
    assert numbers[0] == numbers[1]
    db.session.rollback()
    assert len({mail.message_id for mail in db.session.query(OutgoingMail)}) == len(mails())
    first, last = _decided()[0], _decided()[-1]
    assert last.due_at - first.due_at >= 5 * telling.PACE
