"""Many processes at once, on real databases: one row, one mail, no drift."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from flask import Flask

from petition import create_app, schema
from petition.config import Config
from petition.extensions import db
from petition.models import Decision, OutgoingMail, Signature, State
from petition.queries import tallies
from tests.conftest import DATABASES, settings
from tests.factories import confirm_path, form, make_letter, make_signature

pytestmark = pytest.mark.slow

SPELLINGS = ["Ann@gmail.com", "a.n.n@gmail.com", "ann+{}@gmail.com", "a.nn+{}@googlemail.com"]


@pytest.fixture(params=DATABASES)
def shared(
    request: pytest.FixtureRequest, tmp_path: Any, new_database: Callable[[str, str], str]
) -> Config:
    """The settings of a migrated database with one letter, for many processes."""
    url = new_database(request.param, "races")
    config = settings(tmp_path, url, PETITION_RATELIMIT_ENABLED="0")
    with _opened(config):
        schema.upgrade()
        make_letter()
    return config


@contextmanager
def _opened(config: Config) -> Iterator[Flask]:
    app = create_app(config)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def _post(config: Config, gate: Any, answers: Any, posts: list[tuple[str, dict[str, str]]]) -> None:
    app = create_app(config)
    gate.wait()
    answers.put([app.test_client().post(path, data=data).status_code for path, data in posts])


def _at_once(config: Config, work: list[list[tuple[str, dict[str, str]]]]) -> list[int]:
    """Each list of posts in a process of its own, all let loose at the same moment."""
    fork = multiprocessing.get_context("fork")
    gate, answers = fork.Barrier(len(work)), fork.Queue()
    target = partial(_post, config, gate, answers)
    processes = [fork.Process(target=target, args=(posts,)) for posts in work]
    for process in processes:
        process.start()
    statuses = [status for _ in processes for status in answers.get(timeout=60)]
    for process in processes:
        process.join(30)
    answers.close()
    answers.join_thread()
    return statuses


def test_twenty_processes_with_one_address_make_one_row_and_one_mail(shared: Config) -> None:
    path = "/letters/a-letter/sign"
    work = [
        [(path, form(email=SPELLINGS[n % 4].format(n), name=f"Ann {'I' * (n + 1)}"))]
        for n in range(20)
    ]
    assert _at_once(shared, work) == [303] * 20
    with _opened(shared):
        assert db.session.query(Signature).count() == 1
        assert db.session.query(Signature).one().requests == 20
        assert db.session.query(OutgoingMail).count() == 1
        assert tallies.drift() == []


def test_two_hundred_confirmations_add_two_hundred(shared: Config) -> None:
    with _opened(shared):
        found = make_letter()
        paths = [confirm_path(make_signature(found, state=State.PENDING)) for _ in range(200)]
        letter_id = found.letter.id
    work = [[(path, {"decision": "confirm"}) for path in paths[n::10]] for n in range(10)]
    assert _at_once(shared, work) == [303] * 200
    with _opened(shared):
        assert tallies.of_letter(letter_id).published == 200
        assert db.session.query(Decision).count() == 200
        assert tallies.drift() == []


def test_signing_confirming_and_leaving_at_once_end_without_drift(shared: Config) -> None:
    with _opened(shared):
        found = make_letter()
        paths = [confirm_path(make_signature(found, state=State.PENDING)) for _ in range(40)]
    yes, no = {"decision": "confirm"}, {"decision": "not-me"}
    sign = [[("/letters/a-letter/sign", form(email=f"new{n}@example.org"))] * 3 for n in range(4)]
    work = [*sign, *([(path, d) for path in paths[n::4]] for n in range(4) for d in (yes, no))]
    assert set(_at_once(shared, work)) <= {303, 404}
    with _opened(shared):
        assert tallies.drift() == []


def test_nobody_signs_past_a_never_again(shared: Config) -> None:
    with _opened(shared):
        found = make_letter()
        emails = [f"victim{n}@example.org" for n in range(30)]
        paths = [
            confirm_path(make_signature(found, state=State.PENDING, email=email))
            for email in emails
        ]
    no = [[(path, {"decision": "not-me"}) for path in paths]]
    again = [[("/letters/a-letter/sign", form(email=e)) for e in emails] for _ in range(3)]
    assert set(_at_once(shared, no + again)) <= {303, 404}
    with _opened(shared):
        assert db.session.query(Signature).count() == 0
        assert tallies.drift() == []
