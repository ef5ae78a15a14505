"""What is counted of what happens to a letter: each decision once, and no source is kept."""

import gc
import threading
from collections import Counter
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, update

from petition import sources
from petition.actions import confirm, moderate, statistics
from petition.actions.roles import Role
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import (
    Bookmark,
    Decision,
    Measure,
    Moderation,
    Organizer,
    Signature,
    State,
    Statistic,
)
from petition.queries.letters import LetterText
from tests.factories import form, fresh, make_letter, make_signature, sign_in

LETTER = "/letters/a-letter"


def settle(by: timedelta = timedelta(minutes=1)) -> None:
    """As if what was decided had been decided some time ago."""
    with writing(db.session):
        for decision in db.session.scalars(select(Decision)):
            decision.created_at -= by


def count_all() -> None:
    """Do the chore until nothing is left of it."""
    while statistics.some_decisions():
        pass


def counted(measure: Measure) -> Counter[str]:
    """What stands counted, by its keys."""
    db.session.rollback()
    rows = db.session.execute(
        select(Statistic.key, func.sum(Statistic.number))
        .where(Statistic.measure == measure)
        .group_by(Statistic.key)
    )
    return Counter({key: int(number) for key, number in rows})


@pytest.mark.parametrize(
    ("said", "known"),
    [
        (["share"], "share"),
        (["SITE:WWW.Example.ORG."], "site:example.org"),
        (["site:xn--bcher-kva.example"], "site:xn--bcher-kva.example"),
        (["badge", "site:example.org"], "badge:example.org"),
        (["mail", "site:example.org"], "mail"),
        (["unheard-of", "site:example.org"], "site:example.org"),
        (["embed"], "embed"),
        (["site"], None),
        ([None, ""], None),
        (["site:example.org/a/path"], None),
        (["site:somebody@example.org"], None),
        (["site:intranet"], None),
        (["site:192.0.2.7"], None),
        (["site:[2001:db8::1]"], None),
        (["site:-example.org"], None),
        (["site:exa_mple.org"], None),
        ([f"site:{'a' * 60}.{'b' * 60}.org"], None),
        (["site:=cmd.example\n"], None),
        (["share:somebody"], "share"),
    ],
)
def test_a_source_is_one_of_few_words_or_the_name_of_a_site(
    said: list[str | None], known: str | None
) -> None:
    assert sources.read(*said) == known


def test_what_led_to_the_letter_is_told_by_the_link_or_the_page_and_forgotten_once_counted(
    client: FlaskClient,
) -> None:
    make_letter()
    came = {
        "by.link@example.org": (f"http://letters.example.org{LETTER}?lang=en&via=share", ""),
        "by.site@example.org": (f"http://letters.example.org{LETTER}", "site:news.example.org"),
        "by.badge@example.org": (f"http://letters.example.org{LETTER}?via=badge", "site:a.example"),
        "untold@example.org": ("http://[", "site:<script>"),
    }
    for email, (address, via) in came.items():
        sent = form(email=email, via=via)
        answer = client.post(f"{LETTER}/sign", data=sent, headers={"Referer": address})
        assert answer.status_code == 303
    # Who has to correct something comes from the page of the mistakes.
    wrong = client.post(
        f"{LETTER}/sign", data=form(email=""), headers={"Referer": came["by.link@example.org"][0]}
    )
    assert wrong.status_code == 422
    assert 'name="via" autocomplete="off" data-way="site" value="share">' in wrong.text
    rows = db.session.scalars(select(Signature).order_by(Signature.id)).all()
    assert [row.source for row in rows] == [
        "share",
        "site:news.example.org",
        "badge:a.example",
        None,
    ]
    for row in rows:
        confirm.confirm(row.id, None)
    settle()
    count_all()
    assert counted(Measure.SOURCE) == {
        "share": 1,
        "site:news.example.org": 1,
        "badge:a.example": 1,
        "": 1,
    }
    assert [fresh(row.id).source for row in rows] == [None] * 4


def _some(found: LetterText, organizer_id: int) -> None:
    """Three who confirm; of two that wait, one is published, one rejected and then published."""
    signatures = [make_signature(found, state=State.HELD) for _ in range(3)]
    with writing(db.session):
        for row in signatures:
            db.session.merge(row).source = "share"
    settle(timedelta(hours=30))  # they have been waiting since
    owner = (found.letter, Role.OWNER, organizer_id)
    moderate.publish(*owner, signatures[0].id, "held")
    moderate.reject(*owner, signatures[1].id, "not-a-name", "held")
    latest = db.session.scalar(select(func.max(Decision.id)))
    assert latest
    moderate.undo(*owner, latest)
    settle()


def _expected(organizer_id: int) -> dict[Measure, Counter[str]]:
    return {
        Measure.CONFIRMED: Counter({"held": 3}),
        Measure.LANGUAGE: Counter({"en": 3}),
        Measure.SOURCE: Counter({"share": 3}),
        Measure.DECIDED: Counter({f"{organizer_id}:published": 1, f"{organizer_id}:rejected": 1}),
        Measure.OVERTURNED: Counter({f"{organizer_id}:rejected": 1}),
        Measure.WAITED: Counter({str(36 * 3600): 2}),
        Measure.PROMISE: Counter({"late": 2}),
    }


@pytest.fixture
def decided(client: FlaskClient) -> int:
    """A letter with some decisions; the organizer who made them."""
    found = make_letter(moderation=Moderation.BEFORE)
    sign_in(client)
    organizer_id = db.session.query(Organizer.id).scalar()
    assert organizer_id
    _some(found, organizer_id)
    return int(organizer_id)


def test_each_decision_is_counted_once_wherever_the_worker_is_cut_off(decided: int) -> None:
    """At each statement in turn the worker fails, as if it were killed there."""
    gc.freeze()  # what was there before is not looked through each time
    for cut in range(1, 50):
        left = cut

        def fail(*_: object) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise KeyboardInterrupt

        event.listen(db.engine, "after_cursor_execute", fail)
        try:
            statistics.some_decisions()
            break
        except KeyboardInterrupt:
            db.session.rollback()
        finally:
            event.remove(db.engine, "after_cursor_execute", fail)
        gc.collect()  # a process that is killed leaves no connection behind
        assert db.session.scalar(select(func.count()).select_from(Statistic)) == 0
        assert not db.session.scalar(select(Bookmark.number))
        assert db.session.scalar(select(func.count(Signature.source))) == 3
    else:
        pytest.fail("the chore never came to its end")
    assert cut > 8, "it was not cut off anywhere that matters"
    count_all()
    assert {measure: counted(measure) for measure in Measure} == _expected(decided)
    assert db.session.scalar(select(func.count(Signature.source))) == 0


def test_workers_at_once_count_each_decision_once(
    app: Flask, decided: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, "BATCH", 2)
    together = threading.Barrier(3)

    def work() -> None:
        with app.app_context():
            together.wait()
            count_all()
            db.session.remove()

    db.session.rollback()
    workers = [threading.Thread(target=work) for _ in range(3)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    count_all()
    assert {measure: counted(measure) for measure in Measure} == _expected(decided)


def test_what_was_decided_just_now_waits_for_what_may_be_committed_before_it(app: Flask) -> None:
    found = make_letter()
    make_signature(found)
    make_signature(found)
    first, second = db.session.scalars(select(Decision.id).order_by(Decision.id))
    with writing(db.session):  # the first to be numbered is not the first to be decided
        db.session.execute(
            update(Decision).where(Decision.id == second).values(created_at=now() - timedelta(1))
        )
    count_all()
    assert counted(Measure.CONFIRMED) == {}
    with writing(db.session):
        db.session.execute(
            update(Decision)
            .where(Decision.id == first)
            .values(created_at=now() - statistics.SETTLED - timedelta(seconds=1))
        )
    count_all()
    assert counted(Measure.CONFIRMED) == {"published": 2}
