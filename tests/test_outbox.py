"""The queue: what is written into it, who may take it, what becomes of it. On both databases."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Connection, event, func, select, text
from sqlalchemy.exc import DBAPIError

from petition import address, limits
from petition.actions import confirm, manage, sign
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.mail import outbox
from petition.mail.suppressions import suppress
from petition.models import Delivery, Kind, OutgoingMail, Signature, State, Tally
from petition.queries import mails as queue_queries
from petition.queries.letters import LetterText
from tests.factories import make_entry, make_letter, make_signature
from tests.postman import (
    addresses,
    change,
    deliveries,
    let_time_pass,
    mails,
    visitor,
    write_mails,
)

WORKER, OTHER = "a worker", "another worker"


def claimed(worker: str = WORKER, limit: int = 100) -> list[str]:
    return [job.message_id for job in outbox.claim(worker, limit)]


def test_a_signature_and_its_mail_are_one_commit(app: Flask) -> None:
    found = make_letter()
    with (
        _crash_at_commit(),
        pytest.raises((RuntimeError, DBAPIError), match="1 signature, 1 mail, 1 tally"),
    ):
        sign.sign(found.letter, found.revision, make_entry(), visitor())
    assert mails() == []
    assert db.session.query(Signature).count() == 0
    sign_again(found)
    assert len(mails()) == 1


@contextmanager
def _crash_at_commit() -> Iterator[None]:
    """Let the commit of a new signature fail, and say what it would have written."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.begin() as connection:
            connection.execute(text(_CRASH_AT_COMMIT))
        try:
            yield
        finally:
            with db.engine.begin() as connection:
                connection.execute(text("DROP FUNCTION crash CASCADE"))
        return

    def crash(connection: Connection) -> None:
        counts = [
            connection.scalar(select(func.count()).select_from(model))
            for model in (Signature, OutgoingMail, Tally)
        ]
        if counts[0]:
            raise RuntimeError("{} signature, {} mail, {} tally".format(*counts))

    event.listen(db.engine, "commit", crash)
    try:
        yield
    finally:
        event.remove(db.engine, "commit", crash)


_CRASH_AT_COMMIT = """
    CREATE FUNCTION crash() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION '% signature, % mail, % tally', (SELECT count(*) FROM signature),
            (SELECT count(*) FROM outgoing_mail), (SELECT count(*) FROM tally);
    END $$;
    CREATE CONSTRAINT TRIGGER crash AFTER INSERT ON signature
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION crash()
"""


def test_who_has_waited_longest_leaves_first(app: Flask) -> None:
    first, second, third = write_mails(*addresses(3))
    with writing(db.session):
        db.session.query(OutgoingMail).filter_by(message_id=first).update(
            {"due_at": now() - timedelta(seconds=1)}
        )
        db.session.query(OutgoingMail).filter_by(message_id=third).update(
            {"due_at": now() - timedelta(seconds=5)}
        )
    assert claimed(limit=2) == [third, first]
    assert claimed() == [second]


def test_a_claimed_mail_is_nobody_elses_until_the_lease_ends(app: Flask) -> None:
    ids = write_mails(*addresses(2))
    assert outbox.due()
    assert claimed() == ids
    assert not outbox.due()
    assert claimed(OTHER) == []
    let_time_pass()
    assert claimed(OTHER) == ids


def test_a_worker_that_lost_its_lease_records_nothing(app: Flask) -> None:
    write_mails("ann@example.org")
    (late,) = outbox.claim(WORKER, 1)
    let_time_pass()
    (job,) = outbox.claim(OTHER, 1)
    for record in (outbox.drop, outbox.sent):
        record(late)
    outbox.fail(late, "no")
    outbox.postpone(late, "no")
    outbox.give_back([late])
    outbox.release(WORKER)
    (mail,) = mails()
    assert (mail.delivery, mail.claimed_by, mail.attempts) == (Delivery.QUEUED, OTHER, 0)
    outbox.sent(job)
    (mail,) = mails()
    assert (mail.delivery, mail.claimed_by, mail.attempts) == (Delivery.SENT, None, 1)
    assert mail.sent_at is not None


def test_the_same_worker_records_a_claim_of_its_own_only_once(app: Flask) -> None:
    write_mails("ann@example.org")
    (late,) = outbox.claim(WORKER, 1)
    let_time_pass()
    outbox.claim(WORKER, 1)
    outbox.sent(late)
    assert deliveries() == [Delivery.QUEUED]


def test_what_is_given_back_was_never_tried_and_comes_first(app: Flask) -> None:
    ids = write_mails(*addresses(2))
    outbox.give_back(outbox.claim(WORKER, 2))
    newer = write_mails("last@example.org", found=make_letter(slug="another"))
    assert [mail.attempts for mail in mails()] == [0, 0, 0]
    assert claimed(OTHER) == ids + newer


def test_a_worker_that_comes_back_frees_its_own_claims_to_the_end(app: Flask) -> None:
    ids = write_mails(*addresses(4))
    assert claimed(WORKER, 2) == ids[:2]
    assert claimed(OTHER, 1) == ids[2:3]
    outbox.release(WORKER)
    assert claimed(WORKER) == [ids[3], *ids[:2]]


def test_two_workers_at_once_never_take_the_same(app: Flask) -> None:
    ids = write_mails(*addresses(40))
    taken: list[str] = []
    start = threading.Barrier(4)

    def work(name: str) -> None:
        with app.app_context():
            start.wait()
            for _ in ids:
                taken.extend(claimed(name, 3))

    run_at_once(work, [f"worker {n}" for n in range(4)])
    assert Counter(taken) == Counter(ids)


def run_at_once(work: Callable[[str], None], names: list[str]) -> None:
    with ThreadPoolExecutor(len(names)) as threads:
        list(threads.map(work, names))


@pytest.mark.parametrize(
    ("ours", "minutes"), [(False, [1, 5, 15, 60, 60]), (True, [1, 5, 5, 5, 5])]
)
def test_it_tries_again_in_growing_intervals(app: Flask, ours: bool, minutes: list[int]) -> None:
    write_mails("ann@example.org")
    for tried, expected in enumerate(minutes, start=1):
        (job,) = outbox.claim(WORKER, 1)
        outbox.postpone(job, "SMTPDataError 451", ours=ours)
        (mail,) = mails()
        wait = (mail.due_at - now()) / timedelta(minutes=1)
        assert 0.8 * expected - 0.1 < wait <= 1.2 * expected
        assert (mail.attempts, mail.error) == (tried, "SMTPDataError 451")
        let_time_pass()


@pytest.mark.parametrize(("ours", "patience"), [(False, 48), (True, 14 * 24)])
def test_it_gives_up_some_day(app: Flask, ours: bool, patience: int) -> None:
    write_mails("ann@example.org")
    change(created_at=now() - timedelta(hours=patience - 1))
    outbox.postpone(outbox.claim(WORKER, 1)[0], "a fault", ours=ours)
    assert deliveries() == [Delivery.QUEUED]
    change(created_at=now() - timedelta(hours=patience + 1))
    let_time_pass()
    outbox.postpone(outbox.claim(WORKER, 1)[0], "a fault", ours=ours)
    assert deliveries() == [Delivery.FAILED]


STANDING = {State.PUBLISHED, State.HELD, State.QUARANTINED}
TRUE_OF = {
    Kind.CONFIRM: {State.PENDING, State.WITHDRAWN},  # who withdrew has signed anew, see below
    Kind.REMINDER: {State.PENDING},
    Kind.ALREADY_SIGNED: STANDING,
    Kind.OWN_LINK: {*STANDING, State.REJECTED},
    Kind.REPORTED: STANDING,
}


@pytest.mark.parametrize("kind", TRUE_OF)
def test_a_mail_leaves_while_what_it_says_is_true(app: Flask, kind: Kind) -> None:
    make_signature(make_letter(), state=State.PENDING)
    for state in State:
        with writing(db.session):
            db.session.query(Signature).update({"state": state})
        change(kind=kind, due_at=now() - timedelta(seconds=1))
        (job,) = outbox.claim(WORKER, 1)
        assert job.wanted is (state in TRUE_OF[kind]), state


def test_who_confirmed_by_code_is_not_asked_any_more(app: Flask) -> None:
    make_signature(make_letter(), state=State.PUBLISHED)
    assert not outbox.claim(WORKER, 1)[0].wanted


def test_who_withdrew_gets_no_mail_until_they_sign_anew(app: Flask) -> None:
    found = make_letter()
    signature = make_signature(found, email="ann@example.org", state=State.PUBLISHED)
    manage.withdraw(signature.id, None)
    assert not outbox.claim(WORKER, 1)[0].wanted
    change(created_at=now() - limits.MAIL_PAUSE)
    sign.sign(found.letter, found.revision, make_entry(email="ann@example.org"), None)
    (job,) = outbox.claim(WORKER, 1)
    assert job.wanted
    assert job.email == "ann@example.org"


def test_who_disowned_gets_nothing(app: Flask) -> None:
    signature = make_signature(make_letter(), state=State.PENDING)
    manage.disown(signature.id, None)
    assert mails() == []


def test_a_mailbox_suppressed_meanwhile_gets_nothing(app: Flask) -> None:
    write_mails("ann@example.org")
    with writing(db.session):
        suppress(address.digest("ann@example.org"), "bounced", now() + timedelta(days=1))
    assert not outbox.claim(WORKER, 1)[0].wanted
    with writing(db.session):
        suppress(address.digest("ann@example.org"), "bounced", now() - timedelta(days=1))
    let_time_pass()
    assert outbox.claim(WORKER, 1)[0].wanted


def test_of_two_mails_that_say_the_same_the_later_leaves(app: Flask) -> None:
    found = make_letter()
    write_mails("ann@example.org", found=found)
    change(created_at=now() - limits.MAIL_PAUSE)
    write_mails("ann@example.org", found=found)
    first, second = outbox.claim(WORKER, 2)
    assert (first.wanted, second.wanted) == (False, True)
    outbox.fail(second, "no")
    let_time_pass()
    assert outbox.claim(WORKER, 2)[0].wanted


def test_an_address_that_does_not_exist_is_left_alone_for_a_while(app: Flask) -> None:
    write_mails("ann@example.org")
    outbox.fail(outbox.claim(WORKER, 1)[0], "SMTPRecipientsRefused 550", undeliverable=True)
    assert deliveries() == [Delivery.FAILED]
    write_mails("Ann+again@example.org", found=make_letter(slug="another"))
    assert len(mails()) == 1


def test_a_mail_refused_for_another_reason_keeps_its_address(app: Flask) -> None:
    write_mails("ann@example.org")
    outbox.fail(outbox.claim(WORKER, 1)[0], "SMTPDataError 554")
    write_mails("ann@example.org", found=make_letter(slug="another"))
    assert len(mails()) == 2


def sign_again(found: LetterText, times: int = 1, email: str = "ann@example.org") -> None:
    for _ in range(times):
        sign.sign(found.letter, found.revision, make_entry(email=email), visitor())


def test_ten_minutes_lie_between_two_mails_of_a_signature(app: Flask) -> None:
    found = make_letter()
    sign_again(found, times=3)
    assert len(mails()) == 1
    change(created_at=now() - limits.MAIL_PAUSE + timedelta(seconds=30))
    sign_again(found)
    assert len(mails()) == 1
    change(created_at=now() - limits.MAIL_PAUSE - timedelta(seconds=1))
    sign_again(found)
    assert len(mails()) == 2


def test_a_signature_causes_five_mails_for_ever(app: Flask) -> None:
    found = make_letter()
    for _ in range(8):
        sign_again(found)
        change(created_at=now() - timedelta(days=30))
    assert len(mails()) == limits.MAILS_A_SIGNATURE == 5


def test_a_mailbox_gets_so_many_mails_a_day_over_all_letters(app: Flask) -> None:
    for number in range(limits.MAILS_A_DAY + 3):
        sign_again(make_letter(slug=f"letter-{number}"), email=f"Ann+{number}@example.org")
    assert len(mails()) == limits.MAILS_A_DAY
    assert db.session.query(Signature).count() == limits.MAILS_A_DAY + 3
    sign_again(make_letter(), email="bob@example.org")
    assert len(mails()) == limits.MAILS_A_DAY + 1
    change(created_at=now() - timedelta(days=1, seconds=1))
    sign_again(make_letter(slug="tomorrow"))
    assert len(mails()) == limits.MAILS_A_DAY + 2


@pytest.mark.parametrize("letters", [1, 20])
def test_the_limits_hold_when_everything_comes_at_once(app: Flask, letters: int) -> None:
    slugs = [f"letter-{number % letters}" for number in range(20)]
    found = {slug: make_letter(slug=slug) for slug in dict.fromkeys(slugs)}
    db.session.expunge_all()
    start = threading.Barrier(len(slugs))

    def try_it(slug: str) -> None:
        with app.app_context():
            start.wait()
            sign_again(found[slug])
            db.session.remove()

    run_at_once(try_it, slugs)
    assert len(mails()) == (1 if letters == 1 else limits.MAILS_A_DAY)
    assert db.session.query(Signature).count() == letters


def test_the_confirmed_get_another_mail_within_the_same_limits(app: Flask) -> None:
    found = make_letter()
    signature = make_signature(found, email="ann@example.org", state=State.PENDING)
    confirm.confirm(signature.id, None)
    change(created_at=now() - timedelta(hours=1))
    sign_again(found, times=3)
    assert [mail.kind for mail in mails()] == [Kind.CONFIRM, Kind.ALREADY_SIGNED]


def test_every_mail_has_a_message_id_of_its_own(app: Flask) -> None:
    ids = write_mails(*addresses(5))
    assert len(set(ids)) == 5
    assert all(each.endswith("@letters.example.org>") for each in ids)


def test_how_the_queue_stands(app: Flask) -> None:
    assert queue_queries.standing().problem is None
    write_mails(*addresses(2))
    assert queue_queries.standing().waiting == 2
    assert queue_queries.standing().problem is None
    change(created_at=now() - timedelta(minutes=20))
    assert "20 minutes" in (queue_queries.standing().problem or "")
    change(delivery=Delivery.SENT)
    assert queue_queries.standing().problem is None
