"""The worker between the queue and a real mail server, on both databases."""

import json
import multiprocessing
import re
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from structlog.testing import capture_logs

from petition import database, serving, tokens
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.mail import outbox, transports, worker
from petition.mail.outbox import Job
from petition.mail.transports import Folder, Smtp
from petition.mail.worker import Worker, identity
from petition.models import Card, Delivery, OutgoingMail, Signature, State, Suppression
from petition.queries import mailbox
from tests.conftest import Statements, settings
from tests.factories import form, make_letter, make_signature
from tests.postman import (
    addresses,
    all_sent,
    deliveries,
    let_time_pass,
    mails,
    make_worker,
    wait_until,
    write_mails,
)
from tests.smtp_server import SmtpServer

pytestmark = pytest.mark.slow


QUEUED, SENT, FAILED, DROPPED = Delivery


@contextmanager
def running(app: Flask, each: Worker) -> Iterator[None]:
    """A worker at work beside the test; told to stop at the end, and waited for."""

    def run() -> None:
        with app.app_context():
            each.run()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        each._stop.set()
        thread.join()


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses are short."""
    monkeypatch.setattr(worker, "IDLE", 0.02)
    monkeypatch.setattr(worker, "LONGEST_PAUSE", 0.05)


@pytest.fixture
def in_hand(smtp: SmtpServer) -> Iterator[Worker]:
    """A worker that does one batch when asked."""
    each = make_worker(smtp)
    yield each
    each._transport.close()


def test_every_mail_leaves_once_to_its_own_reader(
    app: Flask, smtp: SmtpServer, in_hand: Worker
) -> None:
    readers = addresses(7)
    ids = write_mails(*readers)
    assert in_hand.work()
    assert not in_hand.work()
    assert [(taken.message_id, taken.to) for taken in smtp.taken] == list(
        zip(ids, readers, strict=True)
    )
    assert smtp.lines == 1
    assert {mail.delivery for mail in mails()} == {SENT}
    assert {mail.attempts for mail in mails()} == {1}


def test_what_leaves_confirms_the_signature_it_is_about(
    app: Flask, smtp: SmtpServer, in_hand: Worker
) -> None:
    signature = make_signature(make_letter(), state=State.PENDING, name="Ann Lee")
    in_hand.work()
    body = smtp.taken[0].message.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "Ann Lee" in text
    (token,) = re.findall(r"/confirm/(\S+)", text)
    assert tokens.read(tokens.Purpose.CONFIRM, token) == signature.id


def test_nothing_of_the_database_is_held_while_the_server_is_talked_to(
    app: Flask, smtp: SmtpServer, in_hand: Worker
) -> None:
    write_mails(*addresses(3))
    db.session.remove()
    pool: Any = db.engine.pool
    held: list[int] = []
    smtp.heard = lambda _command: held.append(pool.checkedout())
    in_hand.work()
    assert len(held) == 1 + 3 * 3  # CONNECT; then MAIL, RCPT, DATA of each
    assert set(held) == {0}


def test_each_mail_is_written_down_before_the_next_is_said(
    app: Flask, smtp: SmtpServer, in_hand: Worker
) -> None:
    write_mails(*addresses(4))
    sent_by_then: list[int] = []

    def look(command: str) -> None:
        if command == "MAIL":
            with app.app_context():
                sent_by_then.append(deliveries().count(SENT))

    smtp.heard = look
    in_hand.work()
    assert sent_by_then == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("reply", "delivery", "suppressed"),
    [
        ("450 4.2.0 Greylisted", QUEUED, False),
        ("550 5.1.1 No such user", FAILED, True),
        ("550 No", FAILED, False),
    ],
)
def test_a_refused_mail_does_not_stop_the_others(
    app: Flask, smtp: SmtpServer, in_hand: Worker, reply: str, delivery: str, suppressed: bool
) -> None:
    write_mails(*addresses(3))
    smtp.refuse("RCPT", reply, to="signer-1@example.org")
    assert in_hand.work()
    assert deliveries() == [SENT, delivery, SENT]
    refused = mails()[1]
    assert (refused.error or "").endswith(reply[:3])
    assert refused.due_at > now() or delivery == FAILED
    assert (db.session.query(Suppression).count() == 1) is suppressed


def test_a_mail_that_cannot_be_written_does_not_stop_the_others(
    app: Flask, smtp: SmtpServer, in_hand: Worker
) -> None:
    write_mails(*addresses(4))
    first, second, _third, _last = mails()
    with writing(db.session):
        db.session.query(OutgoingMail).filter_by(id=first.id).update({"kind": "newsletter"})
        db.session.query(Signature).filter_by(id=second.signature_id).update(
            {"email": "ümlaut@example.org\r\n"}
        )
    assert in_hand.work()
    assert deliveries() == [FAILED, FAILED, SENT, SENT]


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_mail_that_breaks_the_line_does_not_stop_the_others(
    app: Flask, smtp: SmtpServer, in_hand: Worker, command: str
) -> None:
    write_mails("poison@example.org", *addresses(3))
    smtp.hang_up(command, times=1)
    assert not in_hand.work()
    assert in_hand.work()
    assert deliveries() == [QUEUED, SENT, SENT, SENT]
    assert [mail.attempts for mail in mails()] == [1, 1, 1, 1]
    let_time_pass()
    in_hand.work()
    assert set(deliveries()) == {SENT}


def test_an_answer_lost_is_a_repetition_under_the_same_message_id(
    app: Flask, smtp: SmtpServer, in_hand: Worker
) -> None:
    (only,) = write_mails("ann@example.org")
    smtp.hang_up("DATA", take=True, times=1)
    in_hand.work()
    let_time_pass()
    in_hand.work()
    assert [taken.message_id for taken in smtp.taken] == [only, only]
    assert deliveries() == [SENT]


def test_an_answer_always_lost_is_not_repeated_for_ever(
    app: Flask, smtp: SmtpServer, in_hand: Worker
) -> None:
    write_mails("ann@example.org")
    smtp.hang_up("DATA", take=True)
    for _ in range(6):
        in_hand.work()
        let_time_pass()
    assert len(smtp.taken) == worker.TRIES_UNANSWERED
    assert deliveries() == [FAILED]


def test_what_is_no_longer_wanted_does_not_leave(
    app: Flask, smtp: SmtpServer, in_hand: Worker
) -> None:
    make_signature(make_letter(), state=State.PUBLISHED)
    assert in_hand.work()
    assert deliveries() == [DROPPED]
    assert smtp.taken == []


def test_a_server_that_does_not_want_us_is_held_against_no_mail(
    app: Flask, smtp: SmtpServer, in_hand: Worker
) -> None:
    write_mails(*addresses(3))
    smtp.refuse("MAIL", "550 5.7.1 Who are you", times=1)
    assert not in_hand.work()
    assert deliveries() == [QUEUED] * 3
    assert [mail.attempts for mail in mails()] == [1, 0, 0]
    assert db.session.query(Suppression).count() == 0
    let_time_pass()
    in_hand.work()
    assert set(deliveries()) == {SENT}


def test_a_server_that_refuses_our_password_sees_no_mail(
    app: Flask, statements: Statements
) -> None:
    write_mails(*addresses(2))
    statements.clear()
    with SmtpServer() as server:
        each = Worker("w", Smtp(server.address(user="u", password="p")), threading.Event())
        assert not each.work()
        assert server.commands == []
    assert statements.kinds() == ["SELECT"]


def test_a_server_that_is_down_costs_nothing_but_time(
    app: Flask, smtp: SmtpServer, hurried: None, client: Any, statements: Statements
) -> None:
    make_letter()
    signed: list[list[str]] = []

    def sign(email: str) -> None:
        statements.clear()
        assert client.post("/letters/a-letter/sign", data=form(email=email)).status_code == 303
        signed.append(statements.kinds())

    sign("first@example.org")
    sign("before@example.org")
    smtp.stop()
    for address in addresses(4):
        sign(address)
    assert all(each == signed[1] for each in signed[2:])
    with running(app, make_worker(smtp)):
        time.sleep(0.3)  # several knocks at a closed door
        assert {(mail.delivery, mail.attempts) for mail in mails()} == {(QUEUED, 0)}
        smtp.start()
        wait_until(all_sent, "all mail has left")
    assert Counter(taken.to for taken in smtp.taken) == Counter(
        ["first@example.org", "before@example.org", *addresses(4)]
    )


def test_a_slow_server_does_not_outlast_the_lease(
    app: Flask, smtp: SmtpServer, in_hand: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = write_mails(*addresses(5))
    monkeypatch.setattr(worker, "BATCH_SECONDS", 0.2)
    smtp.delay = 0.15
    assert in_hand.work()
    assert 1 <= len(smtp.taken) < 5
    waiting = mails()[len(smtp.taken) :]
    assert {(mail.delivery, mail.attempts, mail.claimed_by) for mail in waiting} == {
        (QUEUED, 0, None)
    }
    smtp.delay = 0
    in_hand.work()
    assert [taken.message_id for taken in smtp.taken] == ids


def test_a_batch_and_the_longest_hand_over_fit_into_the_lease() -> None:
    # Greeting, EHLO, STARTTLS, EHLO, three of a sign-in, and of a mail four and a parting twice.
    answers = 7 + 2 * 5
    longest = worker.BATCH_SECONDS + answers * transports.TIMEOUT
    assert timedelta(seconds=longest) < outbox.LEASE


def test_told_to_stop_it_finishes_the_mail_in_hand(app: Flask, smtp: SmtpServer) -> None:
    write_mails(*addresses(3))
    smtp.delay = 0.2
    each = make_worker(smtp)
    with running(app, each):
        wait_until(lambda: "DATA" in smtp.commands, "the first mail is said")
    assert deliveries() == [SENT, QUEUED, QUEUED]
    assert {mail.claimed_by for mail in mails()} == {None}
    assert len(smtp.taken) == 1
    assert "QUIT" in smtp.commands
    assert outbox.due()


@contextmanager
def no_database(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Takes the database away from everybody who has a connection, or would write."""
    with app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
        if db.engine.dialect.name == "postgresql":
            other = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
            yield lambda: _cut_off(other)
            other.close()
            return
        monkeypatch.setattr(database, "BUSY_TIMEOUT", 0)
        db.engine.dispose()  # new connections do not wait
        lock = sqlite3.connect(
            str(db.engine.url.database), isolation_level=None, check_same_thread=False
        )

        release = threading.Timer(0.3, lock.rollback)

        def lock_for_a_while() -> None:
            lock.execute("BEGIN IMMEDIATE")
            release.start()

        yield lock_for_a_while
        release.join()
        lock.close()
        db.session.remove()
        db.engine.dispose()


def _cut_off(connection: psycopg.Connection[Any]) -> None:
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


def test_a_mail_handed_over_while_the_database_is_away_is_still_written_down(
    app: Flask, smtp: SmtpServer, hurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_mails(*addresses(4))
    db.session.remove()
    with no_database(app, monkeypatch) as take_away:
        left = iter([take_away])

        def hear(command: str) -> None:
            if command == "DATA" and len(smtp.taken) == 1:
                with suppress(StopIteration):
                    next(left)()

        smtp.heard = hear
        with running(app, make_worker(smtp)):
            wait_until(lambda: len(smtp.taken) >= 4, "all mails are said")
            wait_until(lambda: _try(all_sent), "all mails are written down")
    assert Counter(taken.to for taken in smtp.taken) == Counter(addresses(4))


def _try(look: Callable[[], bool]) -> bool:
    with suppress(Exception):
        return look()
    db.session.remove()
    return False


def test_a_database_that_comes_back_finds_nothing_left_behind(
    app: Flask, smtp: SmtpServer, hurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_mails(*addresses(4))
    real, failed = outbox.give_back, threading.Event()

    def fail_once(jobs: list[Job]) -> None:
        if not failed.is_set():
            monkeypatch.setattr(worker, "BATCH_SECONDS", 10.0)
            failed.set()
            raise SQLAlchemyError("gone")
        real(jobs)

    monkeypatch.setattr(outbox, "give_back", fail_once)
    monkeypatch.setattr(worker, "BATCH_SECONDS", 0.0)
    with running(app, make_worker(smtp)):
        wait_until(failed.is_set, "the database is away")
        wait_until(all_sent, "all mail has left")
    assert len(smtp.taken) == 4


def test_a_line_with_nothing_to_say_is_closed(
    app: Flask, smtp: SmtpServer, hurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "HANG_UP_AFTER", 0.1)
    write_mails("ann@example.org")
    with running(app, make_worker(smtp)):
        wait_until(lambda: "QUIT" in smtp.commands, "the line is closed")
        write_mails("bob@example.org", found=make_letter(slug="another"))
        wait_until(all_sent, "the next mail has left")
    assert smtp.lines == 2


def test_workers_at_once_send_nothing_twice(app: Flask, smtp: SmtpServer, hurried: None) -> None:
    readers = addresses(60)
    write_mails(*readers)
    with (
        running(app, make_worker(smtp, "one")),
        running(app, make_worker(smtp, "two")),
        running(app, make_worker(smtp, "three")),
    ):
        wait_until(all_sent, "all mail has left")
    assert Counter(taken.to for taken in smtp.taken) == Counter(readers)


def test_a_worker_that_comes_back_sends_at_once_what_it_had_claimed(
    app: Flask, smtp: SmtpServer, hurried: None
) -> None:
    (only,) = write_mails("ann@example.org")
    assert [job.message_id for job in outbox.claim("one", 5)] == [only]
    with running(app, make_worker(smtp, "two")), running(app, make_worker(smtp, "one")):
        wait_until(all_sent, "the mail has left")
    assert [taken.message_id for taken in smtp.taken] == [only]


def test_what_is_logged_names_nobody_and_opens_nothing(
    app: Flask, smtp: SmtpServer, in_hand: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_mails(*addresses(6), name="Ann Lee")
    smtp.refuse("RCPT", "550 5.1.1 <signer-1@example.org> unknown", to="signer-1@example.org")
    smtp.refuse("RCPT", "450 4.2.0 <signer-2@example.org> later", to="signer-2@example.org")
    smtp.refuse("DATA", "554 5.7.1 Ann Lee is spam", to="signer-4@example.org")
    monkeypatch.setattr(transports, "FRESH", 0.0)
    with writing(db.session):
        db.session.query(OutgoingMail).filter_by(id=mails()[3].id).update({"kind": "newsletter"})
    with capture_logs() as logged:
        in_hand.work()
        let_time_pass()
        in_hand.work()
        smtp.stop()
        let_time_pass()
        in_hand.work()
    words = json.dumps(logged)
    assert {each["event"] for each in logged} == {
        "mail.sent",
        "mail.refused",
        "mail.unwritable",
        "mail.unreachable",
    }
    for secret in ("signer-", "@example", "Ann", "/confirm/", "spam"):
        assert secret not in words
    for taken in smtp.taken:
        body = taken.message.get_body(("plain",))
        assert body is not None
        for token in re.findall(r"/(?:confirm|signature)/(\S+)", body.get_content()):
            assert token not in words


def test_without_a_mail_server_the_mails_are_in_a_folder_to_read(app: Flask) -> None:
    write_mails("ann@example.org")
    each = Worker("w", Folder(mailbox.folder()), threading.Event())
    assert each.work()
    kept = mailbox.newest()[0]
    assert kept.to == "ann@example.org"
    assert kept.subject == "Confirm your signature: A letter"
    assert 'href="http://letters.example.org/confirm/' in kept.linked
    assert deliveries() == [SENT]


def test_a_worker_has_its_name_again_when_it_comes_back(tmp_path: Path) -> None:
    with identity(tmp_path) as first, identity(tmp_path) as second:
        assert first != second
    with identity(tmp_path) as again:
        assert again == first
    assert len(first) <= worker.NAME_LENGTH


def test_a_copied_data_folder_does_not_make_two_machines_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with identity(tmp_path) as here:
        pass
    monkeypatch.setattr("socket.gethostname", lambda: "another-machine")
    with identity(tmp_path) as there:
        assert there != here


def test_without_a_mail_server_the_rest_is_done_and_the_mail_waits(
    app: Flask, tmp_path: Path
) -> None:
    write_mails("ann@example.org")
    url = db.engine.url.render_as_string(hide_password=False)
    config = settings(tmp_path, url)
    db.session.remove()
    db.engine.dispose()
    process = multiprocessing.get_context("fork").Process(target=serving.work, args=(config,))
    process.start()

    def drawn() -> bool:
        db.session.rollback()
        return db.session.query(Card).count() == 1

    try:
        wait_until(drawn, "the picture is drawn")
        assert deliveries() == [QUEUED]
    finally:
        process.terminate()
        process.join()
    assert process.exitcode == 0
