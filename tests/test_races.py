"""Many processes at once, on real databases: one row, one mail, no drift."""

import json
import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache, partial
from typing import Any

import pytest
from flask import Flask

from petition import create_app, puzzle, templating
from petition.actions import (
    manage,
    moderate,
    organizers,
    publish,
    recount,
    sweep,
    swept,
    write,
)
from petition.actions.sweep import Asked
from petition.config import Config
from petition.exceptions import PetitionError
from petition.extensions import db
from petition.models import (
    Act,
    Decision,
    Draft,
    Letter,
    Organizer,
    OutgoingMail,
    Revision,
    Signature,
    State,
    Sweep,
    UsedPuzzle,
)
from petition.queries import drafts, letters, shown, tallies
from petition.queries.drafts import Text
from petition.queries.letters import OwnLetter
from tests.conftest import DATABASES, settings
from tests.factories import (
    TEAM,
    confirm_path,
    form,
    make_letter,
    make_signature,
    signature_path,
    solve,
)

pytestmark = pytest.mark.slow

SPELLINGS = ["Ann@gmail.com", "a.n.n@gmail.com", "ann+{}@gmail.com", "a.nn+{}@googlemail.com"]


@pytest.fixture(params=DATABASES)
def shared(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    migrated_database: Callable[[str, str], str],
) -> Config:
    """The settings of a migrated database with one letter, for many processes."""
    folder = tmp_path_factory.getbasetemp() / "races"
    url = migrated_database(request.param, "races")
    config = settings(folder, url, PETITION_RATELIMIT_ENABLED="0")
    with _opened(config):
        make_letter()
    return config


@cache
def _app(config: Config) -> Flask:
    """The application for these settings: each test has its database anew at the same address."""
    app = create_app(config)
    templating.warm(app)
    return app


@contextmanager
def _opened(config: Config) -> Iterator[Flask]:
    app = _app(config)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def _post(app: Flask, posts: list[tuple[str, dict[str, str]]]) -> list[int]:
    return [app.test_client().post(path, data=data).status_code for path, data in posts]


def _do(app: Flask, action: Callable[[], object]) -> list[str]:
    """How an action ended: well, or with which failure."""
    with app.app_context():
        try:
            action()
        except PetitionError as failure:
            return [type(failure).__name__]
        return ["done"]


def _work(app: Flask, gate: Any, answers: Any, how: Any, part: Any) -> None:
    gate.wait()
    answers.put(how(app, part))


def _at_once(config: Config, work: list[Any], how: Any = _post) -> list[Any]:
    """Each part of the work in a process of its own, all let loose at the same moment.

    As on a server, the application is made and warm before they are forked, without a connection.
    """
    fork = multiprocessing.get_context("fork")
    gate, answers = fork.Barrier(len(work)), fork.Queue()
    target = partial(_work, _app(config), gate, answers, how)
    processes = [fork.Process(target=target, args=(part,)) for part in work]
    for process in processes:
        process.start()
    statuses = [status for _ in processes for status in answers.get(timeout=60)]
    for process in processes:
        process.join(30)
    answers.close()
    answers.join_thread()
    return statuses


def test_twelve_processes_with_one_address_make_one_row_and_one_mail(shared: Config) -> None:
    path = "/letters/a-letter/sign"
    work = [
        [(path, form(email=SPELLINGS[n % 4].format(n), name=f"Ann {'I' * (n + 1)}"))]
        for n in range(12)
    ]
    assert _at_once(shared, work) == [303] * 12
    with _opened(shared):
        assert db.session.query(Signature).count() == 1
        assert db.session.query(Signature).one().requests == 12
        assert db.session.query(OutgoingMail).count() == 1
        assert tallies.drift() == []


def test_of_processes_with_one_proof_of_work_one_has_it_taken(shared: Config) -> None:
    with _opened(shared) as app:
        solved = solve(json.loads(puzzle.make(make_letter().letter.id)))
        assert app.test_client().get("/letters/a-letter/puzzle").status_code == 200
    path = "/letters/a-letter/sign"
    work = [[(path, form(email=f"ann{n}@example.org", puzzle=solved))] for n in range(4)]
    assert sorted(_at_once(shared, work)) == [303, 422, 422, 422]
    with _opened(shared):
        assert db.session.query(Signature).one().solved
        assert db.session.query(OutgoingMail).count() == 1
        assert db.session.query(UsedPuzzle).count() == 1
        assert tallies.drift() == []


def test_a_robot_that_confirms_all_at_the_same_moment_is_set_aside(shared: Config) -> None:
    limited = replace(shared, ratelimit_enabled=True)
    with _opened(limited):
        found = make_letter()
        paths = [confirm_path(make_signature(found, state=State.PENDING)) for _ in range(70)]
        letter_id = found.letter.id
    work = [[(path, {"decision": "confirm"}) for path in paths[n::5]] for n in range(5)]
    assert _at_once(limited, work) == [303] * 70
    with _opened(limited):
        kept = tallies.of_letter(letter_id)
        assert (kept.published, kept.quarantined) == (0, 70)
        assert tallies.drift() == []


def test_a_hundred_confirmations_add_a_hundred(shared: Config) -> None:
    with _opened(shared):
        found = make_letter()
        paths = [confirm_path(make_signature(found, state=State.PENDING)) for _ in range(100)]
        letter_id = found.letter.id
    work = [[(path, {"decision": "confirm"}) for path in paths[n::10]] for n in range(10)]
    assert _at_once(shared, work) == [303] * 100
    with _opened(shared):
        assert tallies.of_letter(letter_id).published == 100
        assert db.session.query(Decision).count() == 100
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


def test_whatever_else_is_pressed_who_is_erased_is_erased(shared: Config) -> None:
    with _opened(shared):
        found = make_letter()
        paths = [signature_path(make_signature(found)) for _ in range(15)]
    presses: list[dict[str, str]] = [
        {"decision": "correct", "name": "Bo Li", "comment": "Because."},
        {"decision": "initials"},
        {"decision": "erase"},
        {"decision": "withdraw"},
        {"decision": "erase"},
    ]
    work = [[(path, press) for path in paths] for press in presses]
    assert set(_at_once(shared, work)) <= {303, 409}
    with _opened(shared):
        kept = ("state", "name", "comment", "email", "consents")
        for signature in db.session.query(Signature):
            assert [getattr(signature, name) for name in kept] == ["withdrawn", "", "", None, None]
        assert db.session.query(Decision).filter(Decision.before.is_not(None)).all() == []
        assert db.session.query(OutgoingMail).all() == []
        assert tallies.drift() == []


def _restore(ids: list[int], part: int) -> None:
    for _ in range(3):
        own = _own()
        looked = shown.look(own.letter.id, {})
        some = ids[part * 10 : part * 10 + 30]
        sweep.choose(own.letter, own.role, 1, looked, some, Asked(Act.RESTORE))


def _withdraw(ids: list[int]) -> None:
    for signature_id in ids:
        manage.withdraw(signature_id, None)


def test_who_is_brought_back_and_leaves_at_once_waits_for_nobody_in_a_circle(
    shared: Config,
) -> None:
    with _opened(shared):
        organizers.add("organizer@example.org", None, TEAM)
        found = make_letter()
        names = ["Yann LeCun" if n % 3 else "Ann Lee" for n in range(60)]
        made = [make_signature(found, state=State.QUARANTINED, name=name) for name in names]
        ids = [each.id for each in made]
    leave = [partial(_withdraw, ids[n::2]) for n in range(2)]
    restore = [partial(_restore, ids, part) for part in range(4)]
    assert set(_at_once(shared, [*leave, *restore], _do)) == {"done"}
    with _opened(shared):
        assert {each.state for each in db.session.query(Signature)} == {State.WITHDRAWN}
        assert tallies.drift() == []


def _reject_waiting() -> None:
    own = _own()
    looked = shown.look(own.letter.id, {"state": "published"})
    asked = Asked(Act.REJECT, "abuse")
    begun = sweep.freeze(own.letter, own.role, 1, looked, asked)
    sweep.begin(own.letter, own.role, 1, begun.id)
    for _ in range(10):
        sweep.one_batch()
    sweep.undo(own.letter, own.role, 1, begun.id)


def _be_worker() -> None:
    end = time.monotonic() + 2
    while time.monotonic() < end:
        if not sweep.one_batch():
            time.sleep(0.05)


def _decide_singly(ids: list[int]) -> None:
    own = _own()
    for signature_id in ids:
        with suppress(PetitionError):
            moderate.reject(own.letter, own.role, 1, signature_id, "duplicate", State.PUBLISHED)


def _choose(ids: list[int]) -> None:
    own = _own()
    looked = shown.look(own.letter.id, {})
    for act in (Act.HOLD, Act.PUBLISH, Act.RESTORE):
        sweep.choose(own.letter, own.role, 1, looked, ids, Asked(act))


def test_however_many_decide_about_many_at_once_numbers_equal_rows(
    shared: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(swept, "BATCH", 7)
    with _opened(shared):
        organizers.add("organizer@example.org", None, TEAM)
        found = make_letter()
        ids = [make_signature(found).id for _ in range(40)]
    work = [
        _reject_waiting,
        _reject_waiting,
        _be_worker,
        _be_worker,
        partial(_decide_singly, ids[::3]),
        partial(_choose, ids[:25]),
        partial(_withdraw, ids[::7]),
    ]
    assert set(_at_once(shared, work, _do)) <= {"done", "DecisionConflict"}
    with _opened(shared):
        while sweep.one_batch():
            pass
        assert recount.find() == []
        moves: dict[int, list[Decision]] = {each: [] for each in ids}
        for decision in db.session.query(Decision).order_by(Decision.id):
            moves[decision.signature_id].append(decision)
        for each in db.session.query(Signature):
            states = [State.PENDING, *(decision.to_state for decision in moves[each.id])]
            assert [decision.from_state for decision in moves[each.id]] == states[:-1]
            assert each.state == states[-1]
        for one in db.session.query(Sweep):
            mine = db.session.query(Decision).filter_by(sweep_id=one.id)
            back = mine.filter(Decision.undoes_id.is_not(None)).count()
            assert (one.moved, one.back) == (mine.count() - back, back)


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


def _own(slug: str = "a-letter") -> OwnLetter:
    organizer_id = db.session.query(Organizer.id).scalar()
    return letters.of_organizer_by_slug(organizer_id, slug)


def _save(number: int) -> None:
    own = _own()
    write.save(own, 1, "en", Text("A letter", "to", "from", f"Words of {number}."), 0)


def test_ten_colleagues_who_save_at_once_overwrite_nobody(shared: Config) -> None:
    with _opened(shared):
        organizers.add("organizer@example.org", None, TEAM)
    ends = _at_once(shared, [partial(_save, number) for number in range(10)], _do)
    assert sorted(ends) == ["TextChanged"] * 9 + ["done"]
    with _opened(shared):
        assert db.session.query(Draft).one().version == 1


def _publish() -> None:
    own = _own()
    publish.publish_draft(own, 1, drafts.written(own.letter, "en"))


def test_a_text_is_published_once_whoever_presses(shared: Config) -> None:
    with _opened(shared):
        organizers.add("organizer@example.org", None, TEAM)
        _save(1)
    ends = _at_once(shared, [_publish] * 6, _do)
    assert ends.count("done") == 1
    assert set(ends) <= {"done", "TextChanged", "NotPublishable"}
    with _opened(shared):
        assert [r.number for r in db.session.query(Revision).order_by(Revision.number)] == [1, 2]


def _take_slug(slug: str) -> None:
    write.rename(_own(slug), "wanted")


def test_a_slug_is_given_once(shared: Config) -> None:
    with _opened(shared):
        organizers.add("organizer@example.org", None, TEAM)
        slugs = [make_letter(slug=f"letter-{n}").letter.slug for n in range(5)]
    begin = partial(write.begin, 1, 1, "Wanted", "en")
    ends = _at_once(shared, [*(partial(_take_slug, slug) for slug in slugs), begin], _do)
    assert set(ends) <= {"done", "SlugTaken"}
    with _opened(shared):
        assert db.session.query(Letter).filter_by(slug="wanted").count() == 1
        assert db.session.query(Letter).count() == 7
