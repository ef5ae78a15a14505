"""What a day brings: reminders, and what was kept for long enough is forgotten."""

import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import takewhile
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import address, caching, limits
from petition.actions import anonymize, confirm, daily, forget, life, manage, organizers, seed, sign
from petition.actions.daily import Daily, Work
from petition.actions.move import locked
from petition.actions.unconfirmed import SPREAD
from petition.clock import now
from petition.database import writing
from petition.exceptions import NotFound, OtherLife
from petition.extensions import db
from petition.mail import messages, outbox
from petition.mail.suppressions import suppress
from petition.models import (
    Decision,
    Delivery,
    Kind,
    Letter,
    Moderation,
    NameWord,
    OutgoingMail,
    Report,
    Role,
    Signatory,
    Signature,
    Stage,
    State,
    UsedPuzzle,
)
from petition.queries import signatures, tallies
from petition.queries.letters import LetterText
from tests.factories import (
    TEAM,
    fresh,
    make_entry,
    make_letter,
    make_signatory,
    make_signature,
    make_sweep,
    sign_in,
    signature_path,
)
from tests.postman import change, mails
from tests.site import PETITION
from tests.time_passing import pass_time


def _run() -> dict[Work, int]:
    """A whole run; what it did."""
    done: Counter[Work] = Counter()
    for part in daily.run():
        if part.work is not None:
            done[part.work] += part.number
    db.session.rollback()
    db.session.expire_all()
    return {work: number for work, number in done.items() if number}


def _all() -> list[Signature]:
    db.session.expire_all()
    return list(db.session.query(Signature).order_by(Signature.id))


def _all_sent() -> None:
    change(delivery=Delivery.SENT, sent_at=now())


def _waiting(found: LetterText, email: str = "ann@example.org") -> Signature:
    """Somebody who signed, and whose mail has left."""
    signature = make_signature(found, state=State.PENDING, email=email)
    with writing(db.session):
        mine = db.session.query(OutgoingMail).filter_by(signature_id=signature.id)
        mine.update({"delivery": Delivery.SENT, "sent_at": now()})
    return signature


def test_what_is_not_confirmed_is_deleted_but_not_while_its_link_works(app: Flask) -> None:
    found = make_letter()
    _waiting(found, "old@example.org")
    linked = _waiting(found, "linked@example.org").id
    pass_time(31)
    with writing(db.session):
        mails()[-1].sent_at = now()  # it waited long to leave
    young = _waiting(found).id
    assert _run()[Work.UNCONFIRMED] == 1
    assert {each.id for each in _all()} == {linked, young}
    assert {mail.signature_id for mail in mails()} == {linked, young}
    pass_time(8)
    assert _run() == {Work.UNCONFIRMED: 1}
    assert {each.id for each in _all()} == {young}
    assert tallies.of_letter(found.letter.id).pending == 1
    assert tallies.drift() == []
    assert _run() == {}


def test_what_was_typed_after_withdrawing_goes_as_well(app: Flask) -> None:
    found = make_letter()
    signature = make_signature(found, email="ann@example.org")
    manage.withdraw(signature.id, None)
    pass_time(1)
    sign.sign(found.letter, found.revision, make_entry(email="ann@example.org"), None)
    pass_time(29)
    assert Work.RETYPED not in _run()
    pass_time(2)
    assert _run()[Work.RETYPED] == 1
    signature = fresh(signature.id)
    assert (signature.name, signature.email, signature.state) == ("", None, State.WITHDRAWN)
    assert signature.digest == address.digest("ann@example.org")
    assert tallies.drift() == []


def test_addresses_and_networks_are_erased_in_time(app: Flask) -> None:
    found = make_letter()
    kept = make_signature(found, email="ann@example.org")
    wants = make_signature(found, email="wants@example.org")
    manage.send_updates(wants.id, None)
    assert kept.network is not None
    _all_sent()
    pass_time(29)
    assert _run() == {}
    pass_time(2)
    sign.sign(found.letter, found.revision, make_entry(email="ann@example.org"), None)
    done = _run()
    assert done[Work.NETWORKS] == 2
    assert Work.ADDRESSES not in done, "a mail to it has still to leave"
    _all_sent()
    assert _run()[Work.ADDRESSES] == 1
    kept = fresh(kept.id)
    assert (kept.email, kept.mailbox) == (None, address.mailbox("ann@example.org"))
    assert (kept.name, kept.state, kept.network) == ("Ann Lee", State.PUBLISHED, None)
    assert fresh(wants.id).email == "wants@example.org"
    manage.send_no_updates(wants.id, None)
    assert _run()[Work.ADDRESSES] == 1


def test_a_first_signatory_s_address_goes_too(app: Flask) -> None:
    found = make_letter()
    person = make_signatory(found, email="kim@example.org")
    signature = make_signature(found, email="kim@example.org")
    with writing(db.session):
        person.signature_id = signature.id
    _all_sent()
    pass_time(31)
    assert _run()[Work.ADDRESSES] == 1
    assert db.session.query(Signatory.email).scalar() is None


def _leave() -> str:
    """Let the one mail leave that waits; the code in it."""
    with writing(db.session):
        waiting = db.session.query(OutgoingMail).filter_by(delivery=Delivery.QUEUED)
        waiting.update({"due_at": now()})
    (job,) = outbox.claim("a worker", 9)
    assert job.wanted
    outbox.sent(job)
    return messages.compose(job).text.partition("The code: ")[2][:7]


def _type(client: FlaskClient, code: str) -> None:
    client.post("/letters/a-letter/code", data={"email": "ann@example.org", "code": code})


@pytest.mark.parametrize("left", [True, False])
def test_who_has_not_confirmed_is_reminded_once(client: FlaskClient, left: bool) -> None:
    signature = make_signature(make_letter(), state=State.PENDING, email="ann@example.org")
    code = _leave()
    pass_time(1.9)
    assert _run() == {}
    pass_time(0.2)
    assert _run() == {Work.REMINDERS: 1}
    assert _run() == {}
    reminder = mails()[-1]
    assert (reminder.kind, reminder.signature_id) == (Kind.REMINDER, signature.id)
    assert now() < reminder.due_at < now() + SPREAD
    if left:
        code = _leave()
        pass_time(3)
        assert _run() == {}, "never a second"
    _type(client, code)  # before the reminder has left, the first mail's still fits
    assert fresh(signature.id).state == State.PUBLISHED


def _suppress(signature: Signature) -> None:
    with writing(db.session):
        suppress(signature.digest, "not-me")


def _unsent(_signature: Signature) -> None:
    change(delivery=Delivery.QUEUED)


def _mailed_often(signature: Signature) -> None:
    with writing(db.session):
        for number in range(limits.MAILS_A_SIGNATURE - 1):
            at = now().replace(microsecond=number)
            mail = OutgoingMail(
                kind=Kind.CONFIRM,
                signature_id=signature.id,
                message_id=f"<{number}@example.org>",
                delivery=Delivery.SENT,
                created_at=at,
                sent_at=at,
            )
            db.session.add(mail)
    pass_time(2.1)


def _close(signature: Signature) -> None:
    with writing(db.session):
        db.session.get_one(Letter, signature.letter_id).closes_at = now()


def _withdraw_letter(signature: Signature) -> None:
    life.take_from_view(db.session.get_one(Letter, signature.letter_id), Role.OWNER, "So.")


NO_REMINDER: dict[str, Callable[[Signature], None]] = {
    "suppressed": _suppress,
    "the first mail has not left": _unsent,
    "mailed often": _mailed_often,
    "closed": _close,
    "letter withdrawn": _withdraw_letter,
    "confirmed": lambda signature: vars(confirm.confirm(signature.id, None)) and None,
    "disowned": lambda signature: manage.disown(signature.id, None),
    "too long ago": lambda _: pass_time(5.1),
}


@pytest.mark.parametrize("why", NO_REMINDER)
def test_nobody_is_reminded_in_vain(app: Flask, why: str) -> None:
    signature = _waiting(make_letter())
    pass_time(2.1)
    NO_REMINDER[why](signature)
    assert Work.REMINDERS not in _run()


@pytest.mark.parametrize("why", ["closed", "letter withdrawn"])
def test_a_reminder_that_waits_stays_here_where_a_letter_ends(app: Flask, why: str) -> None:
    signature = _waiting(make_letter())
    pass_time(2.1)
    assert _run() == {Work.REMINDERS: 1}
    NO_REMINDER[why](signature)
    change(due_at=now())
    assert not outbox.claim("a worker", 9)[-1].wanted


CLOSED = 184 + 1
"""Days that are more than six months, and a day."""
WORDS = {"name": "Ann Lee", "affiliation": "A Guild", "role": "poet", "location": "Bergen"}


def test_long_after_closing_only_the_number_stays(client: FlaskClient) -> None:
    found, other = make_letter(), make_letter(slug="another")
    person = make_signatory(found)
    stand = [make_signature(found, **WORDS, comment="Yes.") for _ in range(2)]
    with writing(db.session):
        person.signature_id, stand[0].position = stand[0].id, 1
        db.session.add(NameWord(letter_id=found.letter.id, word="ann", signature_id=stand[0].id))
        report = Report(letter_id=found.letter.id, signature_id=stand[0].id, cause="abuse")
        report.words = "Words about Ann"
        db.session.add(report)
    manage.withdraw(make_signature(found, email="gone@example.org").id, None)
    manage.correct(stand[1].id, {**WORDS, "name": "Ann B. Lee", "comment": ""}, {}, None)
    waits = make_signature(found, state=State.PENDING).id
    elsewhere = make_signature(other)
    link, digests = signature_path(stand[1]), {each.digest for each in stand}
    _close(stand[0])
    pass_time(180)
    assert Work.ANONYMOUS not in _run()
    assert "Ann B. Lee" in client.get("/letters/a-letter").text
    pass_time(CLOSED - 180)
    assert _run()[Work.ANONYMOUS] == 3
    assert db.session.get(Signature, waits) is None
    counts = tallies.of_letter(found.letter.id)
    assert (counts.published, counts.withdrawn, counts.pending) == (2, 1, 0)
    assert tallies.drift() == []
    for signature in (fresh(each.id) for each in stand):
        said = (signature.name, signature.affiliation, signature.role, signature.location)
        assert (*said, signature.comment) == ("",) * 5
        known = (signature.email, signature.mailbox, signature.network, signature.consents)
        assert known == (None,) * 4
        assert signature.digest not in digests
        assert (signature.state, signature.position) == (State.PUBLISHED, None)
    assert [row for row in db.session.query(NameWord) if row.letter_id == found.letter.id] == []
    assert {each.before for each in db.session.query(Decision)} == {None}
    assert {each.words for each in db.session.query(Report)} == {""}
    assert db.session.query(Signatory).count() == 0
    assert fresh(elsewhere.id).name == "Ann Lee", "another letter's stay"
    for path in ("/letters/a-letter", "/letters/a-letter/signatures"):
        page = client.get(path)
        assert page.status_code == 200
        assert "The signatures were made anonymous on" in page.text, path
        assert "2 people have signed" in page.text, path
        assert "Ann" not in page.text, path
    assert client.get("/embed/a-letter/count.json").json["count"] == 2
    assert client.get(link).status_code == 404
    assert client.post(link, data={"decision": "withdraw"}).status_code == 404
    with pytest.raises(NotFound):
        manage.withdraw(stand[1].id, None)
    with pytest.raises(OtherLife):
        life.reopen(found.letter, Role.OWNER)
    left = {each.id: each.digest for each in _all()}
    assert _run() == {}
    assert {each.id: each.digest for each in _all()} == left


def test_who_goes_while_all_is_made_anonymous_waits_for_nobody_who_waits(app: Flask) -> None:
    signature = make_signature(make_letter())
    _close(signature)
    pass_time(CLOSED)
    whose = signature.id
    db.session.rollback()
    going, gone = threading.Event(), threading.Event()

    def go() -> None:
        with app.app_context():
            with writing(db.session):
                mine = locked(whose)
                going.set()
                gone.wait(1)  # until the run waits for this one, or is done
                manage.take_back(mine)
            db.session.remove()

    with ThreadPoolExecutor() as pool:
        leaving = pool.submit(go)
        assert going.wait(9)
        assert list(anonymize.anonymize()) == [1]
        gone.set()
        leaving.result()
    db.session.rollback()
    assert (fresh(whose).name, tallies.drift()) == ("", [])


def test_what_was_looked_for_among_the_names_goes_with_them(app: Flask) -> None:
    found = make_letter()
    organizers.add("organizer@example.org", None, TEAM)
    signature = make_signature(found, name="Ann Lee")
    looked_for = make_sweep(found, pattern="Ann*")
    _withdraw_letter(signature)
    pass_time(CLOSED)
    assert _run()[Work.ANONYMOUS] == 1
    db.session.refresh(looked_for)
    assert (looked_for.stage, looked_for.conditions) == (Stage.DISCARDED, None)


def test_a_letter_that_was_withdrawn_and_forgotten_ends_too(client: FlaskClient) -> None:
    found = make_letter()
    signature = make_signature(found)
    _withdraw_letter(signature)
    pass_time(CLOSED)
    assert _run()[Work.ANONYMOUS] == 1
    assert fresh(signature.id).name == ""
    letter = db.session.get_one(Letter, found.letter.id)
    life.bring_back(letter, Role.OWNER)
    caching.recent.clear()
    assert "made anonymous on" in client.get("/letters/a-letter").text


def test_nothing_waits_for_anybody_where_all_is_anonymous(client: FlaskClient) -> None:
    found = make_letter(moderation=Moderation.BEFORE)
    signature = make_signature(found, state=State.HELD)
    make_signature(found, state=State.QUARANTINED)
    sign_in(client, role=Role.EDITOR)
    home = client.get("/organize/").text
    assert "waits for you" in home
    assert "1 set aside" in home
    closing = client.get("/organize/letters/a-letter/life").text
    assert "its signatures are made anonymous" in closing[closing.index('id="close"') :]
    assert "1 still waits for a decision" in closing
    with writing(db.session):
        db.session.get_one(Letter, found.letter.id).watch = ["Kim Ray"]
    _close(signature)
    assert "anonymous from" not in client.get("/organize/").text
    assert "are taken for 24 hours" in client.get("/organize/letters/a-letter/life").text
    pass_time(CLOSED - 20)
    assert "anonymous from" in client.get("/organize/").text
    closed = client.get("/organize/letters/a-letter/life").text
    assert 'href="/organize/letters/a-letter/export"' in closed
    assert "are taken for 24 hours" not in closed
    pass_time(20)
    assert _run()[Work.ANONYMOUS] == 2
    caching.recent.clear()
    assert client.get("/embed/a-letter/count.json").json["being_checked"] == 0
    assert "being checked" not in client.get("/letters/a-letter").text
    home = client.get("/organize/").text
    assert "waits for you" not in home
    assert "set aside" not in home
    names = "/letters/a-letter/signatures"
    for page in (f"{names}?q=Ann", f"{names}?by=affiliation", "/letters/a-letter/comments"):
        assert "The signatures were made anonymous on" in client.get(page).text, page
        assert 'role="search"' not in client.get(page).text, page
    for page in ("first", "export", "share"):
        text = client.get(f"/organize/letters/a-letter/{page}").text
        for never in ("Add this person", "what its signer wrote", "Copy to hand over"):
            assert never not in text, page
    person = {"name": "Kim Ray", "email": "kim@example.org", "language": "en"}
    assert client.post("/organize/letters/a-letter/first", data=person).status_code == 409
    assert db.session.query(Signatory).count() == 0
    assert db.session.query(Letter.watch).scalar() == []
    for page in ("moderation", "moderation?tab=aside", "moderation?tab=reported"):
        text = client.get(f"/organize/letters/a-letter/{page}").text
        assert "still waiting 1, set aside 1" in text, page
        assert "<form" not in text[text.index("<main") :]
        assert "somebody who left" not in text
        assert 'class="quiet">Let' not in text


def test_mails_and_settled_reports_are_forgotten(app: Flask) -> None:
    found = make_letter()
    signature = make_signature(found, email="ann@example.org")
    with writing(db.session):
        for settled in (now(), None):
            report = Report(letter_id=found.letter.id, signature_id=signature.id, cause="abuse")
            report.settled_at = settled
            db.session.add(report)
        outbox.post(Kind.PROOF, "organizer@example.org", "en", {"sign_in": 1})
    _all_sent()
    waiting = make_signature(found, state=State.PENDING)  # its mail was never handed over
    pass_time(29)
    assert not {Work.MAILS, Work.REPORTS} & set(_run())
    pass_time(2)
    make_signature(found, state=State.PENDING, email="young@example.org")
    with writing(db.session):
        fresh(waiting.id).consented_at = now()
    assert _run()[Work.MAILS] == 2
    assert len(mails()) == 2, "of those who wait each is kept"
    pass_time(180)
    assert _run()[Work.REPORTS] == 1
    assert db.session.query(Report).one().settled_at is None


def test_a_worker_does_a_run_a_day_and_begins_anew_after_a_fault(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_signature(make_letter())
    work = Daily()
    _whole(work)
    assert not work.part(), "it was done just now"
    later = now() + daily.DAY
    monkeypatch.setattr(daily, "now", lambda: later)
    monkeypatch.setitem(daily._IN_PIECES, Work.MAILS, lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        _whole(work)
    monkeypatch.undo()
    assert _whole(work) > 0


def test_what_is_done_hourly_is_not_done_daily_too(app: Flask) -> None:
    with writing(db.session):
        db.session.add(UsedPuzzle(nonce=b"n" * 16, expires_at=now()))
    _whole(Daily())
    assert db.session.query(UsedPuzzle).count() == 1
    _run()
    assert db.session.query(UsedPuzzle).count() == 0


def test_mails_are_passed_once_however_many_pieces_they_are(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forget, "PIECE", 2)
    signature = make_signature(make_letter())
    old = {"kind": Kind.CONFIRM, "signature_id": signature.id, "message_id": "x"}
    old |= {"delivery": Delivery.SENT, "created_at": now() - timedelta(days=60)}
    with writing(db.session):
        db.session.add_all(OutgoingMail(**old) for _ in range(5))
    numbers = [mail.id for mail in mails() if mail.delivery == Delivery.SENT]
    run = forget.forget_mails()
    taken = [next(run)]
    with writing(db.session):  # who comes behind is met tomorrow
        db.session.add(OutgoingMail(id=numbers[0], **old))
    assert [*taken, *run] == [2, 2, 1]
    assert list(forget.forget_mails()) == [1]


def _whole(work: Daily) -> int:
    """In how many parts a run is done."""
    return len(list(takewhile(bool, iter(work.part, None))))


MANY = 2500


def _aged_crowd() -> LetterText:
    """Many signatures with an address that is due to be erased, under a letter closed long ago."""
    found = make_letter()
    for _ in seed.seed(found.letter, found.revision, MANY):
        pass
    old = now().replace(year=now().year - 1)
    with writing(db.session):
        every = {"email": "ann@example.org", "confirmed_at": old, "created_at": old, "network": 1}
        db.session.query(Signature).update(every)
        db.session.query(Letter).update({"closes_at": old, "published_at": old})
    return found


@pytest.mark.slow
def test_killed_in_the_middle_and_run_again_it_is_complete(app: Flask, tmp_path: Path) -> None:
    found = _aged_crowd()
    environment = {
        **os.environ,
        "PETITION_DATA_DIR": str(tmp_path),
        "PETITION_DATABASE_URL": db.engine.url.render_as_string(hide_password=False),
    }

    def start() -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [PETITION, "forget"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def left() -> int:
        db.session.rollback()
        return db.session.query(Signature).filter(Signature.name != "").count()

    killed = start()
    while left() == MANY:
        assert killed.poll() is None
        time.sleep(0.02)
    killed.kill()
    killed.communicate()
    between = left()
    assert 0 < between < MANY, "it was killed too late to prove anything"
    stopped = start()
    while left() == between:
        assert stopped.poll() is None
        time.sleep(0.02)
    stopped.send_signal(signal.SIGTERM)
    said = stopped.communicate(timeout=60)[0]
    if stopped.returncode:
        assert "stopped before the end" in said
    said = start().communicate(timeout=60)[0]
    assert "made anonymous" in said
    assert left() == 0
    db.session.expire_all()
    assert db.session.query(Signature).filter(Signature.email.is_not(None)).count() == 0
    assert db.session.query(Letter).one().anonymous_at is not None
    assert tallies.of_letter(found.letter.id).published == MANY
    assert tallies.drift() == []
    assert _run() == {}
    assert signatures.latest(found.letter.id, 5) == []
