"""After a change of substance: who is asked to sign the new text, who signs it, who need not."""

import multiprocessing
import re
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import SystemRandom

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import create_app, limits, tokens
from petition.actions import manage, sign_again
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.mail import messages, outbox
from petition.mail.messages import Mail
from petition.models import (
    Change,
    Delivery,
    Kind,
    Moderation,
    OutgoingMail,
    Revision,
    Signature,
    State,
    Suppression,
)
from petition.queries import tallies
from petition.queries.letters import LetterText
from tests.conftest import settings
from tests.factories import (
    change,
    confirm_path,
    fresh,
    make_letter,
    make_signature,
    publish_text,
    signature_path,
)
from tests.postman import wait_until


def _leave() -> None:
    """Let every mail that waits have left."""
    db.session.rollback()
    with writing(db.session):
        db.session.query(OutgoingMail).update({"delivery": Delivery.SENT})


def _ask_all() -> list[int]:
    """Do the chore until nothing is left of it; whom it asked, in order."""
    _leave()
    while sign_again.ask():
        _leave()
    asked = db.session.query(OutgoingMail.signature_id).filter_by(kind=Kind.SIGN_AGAIN)
    return [number for (number,) in asked.order_by(OutgoingMail.id)]


def test_who_stands_under_the_old_text_is_asked_once(app: Flask) -> None:
    found = make_letter(markdown="One.")
    french = publish_text("Un.", Change.TRANSLATION, "fr")
    stands = [make_signature(found).id, make_signature(found, show_name=False).id]
    for state in (State.PENDING, State.REJECTED, State.WITHDRAWN):
        make_signature(found, state=state)
    make_signature(LetterText(found.letter, french))
    corrected = publish_text("One!", Change.CORRECTION)
    assert _ask_all() == []
    stands.append(make_signature(LetterText(found.letter, corrected)).id)
    newest = publish_text("Two.", Change.SUBSTANCE)
    make_signature(LetterText(found.letter, newest))

    assert _ask_all() == stands
    assert _ask_all() == stands
    assert db.session.get_one(Revision, newest.id).asked_to is None


def test_who_waits_for_a_moderator_is_asked_too(app: Flask) -> None:
    held = make_signature(make_letter(moderation=Moderation.BEFORE), state=State.HELD)
    publish_text("Two.", Change.SUBSTANCE)
    assert _ask_all() == [held.id]


def test_a_crowd_is_asked_in_batches(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_again, "BATCH", 2)
    found = make_letter(markdown="One.")
    signers = [make_signature(found).id for _ in range(5)]
    publish_text("Two.", Change.SUBSTANCE)
    _leave()
    assert sign_again.ask()
    assert not sign_again.ask()  # while their mails wait, nobody else's wait behind more of them
    assert _ask_all() == signers


def test_a_mailbox_that_puts_a_mail_off_keeps_nobody_from_being_asked(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_again, "BATCH", 1)
    found = make_letter(markdown="One.")
    signers = [make_signature(found).id for _ in range(2)]
    publish_text("Two.", Change.SUBSTANCE)
    _leave()
    assert sign_again.ask()
    db.session.rollback()
    with writing(db.session):
        db.session.query(OutgoingMail).filter_by(delivery=Delivery.QUEUED).update({"attempts": 1})
    assert sign_again.ask()
    asked = db.session.query(OutgoingMail.signature_id).filter_by(kind=Kind.SIGN_AGAIN)
    assert [number for (number,) in asked.order_by(OutgoingMail.id)] == signers


def test_a_text_that_was_replaced_asks_nobody_any_more(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_again, "BATCH", 1)
    found = make_letter(markdown="One.")
    first, second = make_signature(found), make_signature(found)
    publish_text("Two.", Change.SUBSTANCE)
    _leave()
    assert sign_again.ask()
    publish_text("Three.", Change.SUBSTANCE)
    assert _ask_all() == [first.id, first.id, second.id]


@pytest.mark.parametrize(
    "values",
    [
        {"withdrawn_at": now()},
        {"published_at": None},
        {"closes_at": now() - timedelta(minutes=1)},
    ],
    ids=lambda values: next(iter(values)),
)
def test_nobody_is_asked_to_sign_what_cannot_be_signed(
    app: Flask, values: dict[str, object]
) -> None:
    found = make_letter()
    signature = make_signature(found)
    publish_text("Two.", Change.SUBSTANCE)
    change(found, **values)
    assert _ask_all() == []
    change(found, withdrawn_at=None, published_at=now(), closes_at=None)
    assert _ask_all() == [signature.id]


def test_who_had_enough_mail_is_left_alone_and_keeps_nobody_waiting(app: Flask) -> None:
    found = make_letter()
    plagued, suppressed, last = (make_signature(found) for _ in range(3))
    with writing(db.session):
        for _ in range(limits.MAILS_A_SIGNATURE - 1):
            db.session.add(
                OutgoingMail(kind=Kind.CONFIRM, signature_id=plagued.id, message_id="<x@y>")
            )
        db.session.add(Suppression(digest=suppressed.digest, reason="not-me"))
    publish_text("Two.", Change.SUBSTANCE)
    assert _ask_all() == [last.id]


def _composed() -> list[Mail]:
    """The mails of this kind that would leave now."""
    jobs = outbox.claim("a worker", 10)
    return [messages.compose(job) for job in jobs if job.kind == Kind.SIGN_AGAIN and job.wanted]


def test_the_mail_says_what_happened_and_leads_to_the_signers_page(app: Flask) -> None:
    found = make_letter(title="<b>Fair</b> & open")
    signature = make_signature(found, name="Ann <i>Lee</i>")
    publish_text("Two.", Change.SUBSTANCE, note="They moved.")
    publish_text("Two!", Change.CORRECTION, note="A mark.")
    _leave()
    sign_again.ask()
    (mail,) = _composed()
    assert "changed since" in mail.text
    assert "They moved." in mail.text
    assert "A mark." not in mail.text
    assert "Ann &lt;i&gt;Lee" in mail.html
    assert "&lt;b&gt;Fair&lt;/b&gt; &amp; open" in mail.html
    assert "<b>Fair" not in mail.html
    token = re.search(r"http://letters.example.org/signature/(\S+)", mail.text)
    assert token
    assert tokens.read(tokens.Purpose.SIGNATURE, token[1]) == signature.id


def test_who_signed_or_left_meanwhile_gets_no_mail(app: Flask) -> None:
    found = make_letter()
    signed, left = make_signature(found), make_signature(found)
    newest = publish_text("Two.", Change.SUBSTANCE)
    _leave()
    sign_again.ask()
    sign_again.sign_new(signed.id, newest.number, None)
    manage.withdraw(left.id, None)
    assert _composed() == []


def _press(client: FlaskClient, signature: Signature, number: object) -> int:
    data = {"decision": "sign-new", "number": str(number)}
    return client.post(signature_path(signature), data=data).status_code


def test_a_signer_signs_the_new_text_with_one_button(client: FlaskClient) -> None:
    found = make_letter(markdown="We ask for fair terms.")
    signature = make_signature(found)
    consented_at = signature.consented_at
    before = client.get(signature_path(signature)).text
    assert "/letters/a-letter/revisions/1" in before
    assert "sign-new" not in before
    newest = publish_text("We ask for open terms.", Change.SUBSTANCE, note="They moved.")

    page = client.get(signature_path(signature)).text

    for words in (
        "changed since you signed",
        "They moved.",
        "fair<",
        "open<",
        "an earlier text",
    ):
        assert words in page
    assert fresh(signature.id).revision_id == found.revision.id
    for _ in range(2):
        data = {"decision": "sign-new", "number": str(newest.number)}
        thanks = client.post(signature_path(signature), data=data, follow_redirects=True)
        assert "You have signed the new text" in thanks.text
    signed = fresh(signature.id)
    assert (signed.revision_id, signed.state) == (newest.id, State.PUBLISHED)
    assert signed.consented_at > consented_at
    assert [each["purpose"] for each in signed.consents or ()] == ["sign", "name", "sign"]
    page = client.get(signature_path(signature)).text
    assert "sign-new" not in page
    assert "/letters/a-letter/revisions/2" in page
    assert tallies.drift() == []
    assert client.get("/embed/a-letter/count.json").json["count"] == 1
    assert 'class="edition"' not in client.get("/letters/a-letter").text


@pytest.mark.parametrize("state", [State.PENDING, State.PUBLISHED])
def test_every_change_since_is_told_in_its_organizers_words(
    client: FlaskClient, state: State
) -> None:
    found = make_letter(markdown="One.")
    publish_text("One!", Change.CORRECTION, note="Before.")
    publish_text("Two.", Change.SUBSTANCE, note="They moved.")
    publish_text("Three.", Change.SUBSTANCE, note="They moved on.")
    publish_text("Three!", Change.CORRECTION, note="A mark.")
    corrected = LetterText(found.letter, db.session.query(Revision).filter_by(number=2).one())
    signature = make_signature(corrected, state=state)
    path = confirm_path(signature) if state is State.PENDING else signature_path(signature)
    page = client.get(path).text
    assert page.index("They moved.") < page.index("They moved on.")
    assert "Before." not in page
    assert "A mark." not in page


def test_who_signs_once_more_is_told_that_the_text_is_another(app: Flask) -> None:
    found = make_letter(markdown="One.")
    signature = make_signature(found)
    spanish = publish_text("Uno.", Change.TRANSLATION, "es")
    behind = make_signature(LetterText(found.letter, spanish))
    newest = publish_text("Two.", Change.SUBSTANCE)
    _leave()
    with writing(db.session):
        for each in (signature, behind):
            mail = OutgoingMail(
                kind=Kind.ALREADY_SIGNED, signature_id=each.id, message_id=f"<{each.id}@y>"
            )
            db.session.add(mail)
    jobs = outbox.claim("a worker", 10)
    texts = {job.digest: messages.compose(job).text for job in jobs}
    assert "an earlier text" in texts[signature.digest]
    assert "stands as it was" in texts[behind.digest]  # there is no new text in Spanish
    assert newest.edition == 2


def test_only_the_text_that_was_shown_is_signed(client: FlaskClient) -> None:
    found = make_letter()
    signature = make_signature(found)
    publish_text("Two.", Change.SUBSTANCE)
    publish_text("Three.", Change.CORRECTION)
    for number in (1, 2, "", "x", 10**30):
        assert _press(client, signature, number) == 409
    assert fresh(signature.id).revision_id == found.revision.id


def test_who_does_not_stand_signs_nothing_new(client: FlaskClient) -> None:
    found = make_letter()
    gone = [
        make_signature(found, state=s) for s in (State.PENDING, State.REJECTED, State.WITHDRAWN)
    ]
    newest = publish_text("Two.", Change.SUBSTANCE)
    for signature in gone:
        assert "sign-new" not in client.get(signature_path(signature)).text
        assert _press(client, signature, newest.number) == 409
        assert fresh(signature.id).revision_id == found.revision.id


def test_a_letter_that_has_closed_is_not_signed_again(client: FlaskClient) -> None:
    found = make_letter()
    signature = make_signature(found)
    newest = publish_text("Two.", Change.SUBSTANCE)
    change(found, closes_at=now() - timedelta(days=2))
    assert "takes no signatures any more" in client.get(signature_path(signature)).text
    assert _press(client, signature, newest.number) == 410


@pytest.mark.parametrize(("decision", "number"), [("confirm", 1), ("confirm-new", 2)])
def test_who_waits_chooses_between_the_two_texts(
    client: FlaskClient, decision: str, number: int
) -> None:
    signature = make_signature(make_letter(markdown="One."), state=State.PENDING)
    publish_text("Two.", Change.SUBSTANCE, note="They moved.")
    page = client.get(confirm_path(signature)).text
    assert "changed since you read it" in page
    assert "They moved." in page
    shown = page[page.index('name="shown" value="') + 20 :].split('"')[0]

    data = {"decision": decision, "shown": shown, "number": "2"}
    assert client.post(confirm_path(signature), data=data).status_code == 303

    signed = fresh(signature.id)
    assert signed.state == State.PUBLISHED
    assert db.session.get_one(Revision, signed.revision_id).number == number
    assert tallies.drift() == []


def test_a_newer_text_still_is_not_confirmed_unseen(client: FlaskClient) -> None:
    signature = make_signature(make_letter(), state=State.PENDING)
    publish_text("Two.", Change.SUBSTANCE)
    publish_text("Three.", Change.SUBSTANCE)
    for data in ({"number": "2"}, {}, {"number": "x"}):
        answer = client.post(confirm_path(signature), data={"decision": "confirm-new", **data})
        assert answer.status_code == 409
    assert fresh(signature.id).state == State.PENDING


def test_a_correction_asks_who_waits_nothing_new(client: FlaskClient) -> None:
    signature = make_signature(make_letter(), state=State.PENDING)
    publish_text("One!", Change.CORRECTION)
    page = client.get(confirm_path(signature)).text
    assert "confirm-new" not in page
    assert "Yes, I sign" in page


def _ask_for_ever(app: Flask) -> None:
    with app.app_context():
        while True:
            with writing(db.session):
                db.session.query(OutgoingMail).update({"delivery": Delivery.SENT})
            sign_again.ask()
            db.session.remove()


@pytest.mark.slow
def test_killed_at_any_moment_and_with_a_rival_it_asks_nobody_twice(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_again, "BATCH", 3)
    found = make_letter()
    signers = sorted(make_signature(found).id for _ in range(60))
    publish_text("Two.", Change.SUBSTANCE)
    url = db.engine.url.render_as_string(hide_password=False)
    site = create_app(settings(tmp_path, url))
    db.session.remove()
    db.engine.dispose()
    fork = multiprocessing.get_context("fork")
    moments = SystemRandom()

    def asked() -> list[int]:
        db.session.rollback()
        rows = db.session.query(OutgoingMail.signature_id).filter_by(kind=Kind.SIGN_AGAIN)
        return sorted(number for (number,) in rows)

    for _ in range(8):
        pair = [fork.Process(target=_ask_for_ever, args=(site,)) for _ in range(2)]
        for each in pair:
            each.start()
        time.sleep(moments.uniform(0.05, 0.35))
        for each in pair:
            each.kill()
            each.join()
    last = fork.Process(target=_ask_for_ever, args=(site,))
    last.start()
    wait_until(lambda: len(asked()) >= len(signers), "all are asked")
    last.kill()
    last.join()
    assert Counter(asked()) == Counter(signers)
