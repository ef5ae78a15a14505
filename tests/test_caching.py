"""What is remembered for a moment: made once, forgotten at a change, and never too much."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest
from flask.testing import FlaskClient

from petition import caching
from petition.actions import tally
from petition.caching import Made, Policy, Recent
from petition.database import writing
from petition.exceptions import NotFound
from petition.extensions import db
from petition.models import State
from tests.factories import make_letter
from tests.guards.test_routes import ROUTES
from tests.postman import PATIENCE


@pytest.fixture
def recent() -> Recent:
    """A memory so long that no test outlives it."""
    return Recent(seconds=60, most=3)


def _changed_while_made(recent: Recent, changed: str) -> str:
    """What is remembered of a letter if another, or the same, changes while it is made."""

    def make() -> str:
        recent.forget(changed)
        return "before"

    assert recent.get("a-letter", "page", make) == "before"
    return recent.get("a-letter", "page", lambda: "after")


def test_it_is_made_once(recent: Recent) -> None:
    assert recent.get("a-letter", "page", lambda: "one") == "one"
    assert recent.get("a-letter", "page", lambda: "two") == "one"
    assert recent.get("a-letter", "badge", lambda: "three") == "three"


def test_it_grows_old() -> None:
    recent = Recent(seconds=0)
    recent.get("a-letter", "page", lambda: "one")
    assert recent.get("a-letter", "page", lambda: "two") == "two"


def test_what_changes_while_it_is_made_is_not_remembered(recent: Recent) -> None:
    assert _changed_while_made(recent, "a-letter") == "after"


def test_another_letters_change_does_not_matter(recent: Recent) -> None:
    assert _changed_while_made(recent, "another") == "before"


def test_a_letters_change_changes_what_is_made_from_all(recent: Recent) -> None:
    recent.get("", "index", lambda: "before")
    recent.forget("a-letter")
    assert recent.get("", "index", lambda: "after") == "after"


def test_the_home_page_shows_a_new_letter_at_once(client: FlaskClient) -> None:
    make_letter(slug="one", title="First letter")
    assert "Second letter" not in client.get("/").text
    make_letter(slug="two", title="Second letter")
    assert "Second letter" in client.get("/").text


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Released whenever somebody listens to an answer, made or in the making."""
    listening, listen = threading.Semaphore(0), Made.result

    def result(made: Made, timeout: float | None = None) -> object:
        listening.release()
        return listen(made, timeout)

    monkeypatch.setattr(Made, "result", result)
    return listening


def test_eight_at_once_make_it_once(recent: Recent, heard: threading.Semaphore) -> None:
    all_here = threading.Barrier(8)
    made: list[int] = []

    def make() -> int:
        assert all(heard.acquire(timeout=PATIENCE) for _ in range(7)), "the others come meanwhile"
        made.append(1)
        return len(made)

    def ask(_: int) -> int:
        all_here.wait()
        return recent.get("a-letter", "page", make)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == [1] * 8
    assert made == [1]


def test_nobody_waits_for_another_letter(recent: Recent) -> None:
    def make() -> str:
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(recent.get, "another", "page", lambda: "at once")
            return asked.result(timeout=PATIENCE)

    assert recent.get("a-letter", "page", make) == "at once"


def test_who_asks_after_a_change_does_not_wait_for_what_was_before(recent: Recent) -> None:
    def make() -> str:
        recent.forget("a-letter")
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(recent.get, "a-letter", "page", lambda: "after")
            assert asked.result(timeout=PATIENCE) == "after"
        return "before"

    assert recent.get("a-letter", "page", make) == "before"
    assert recent.get("a-letter", "page", lambda: "later") == "after"


def test_all_who_wait_hear_what_went_wrong_and_the_next_tries_again(
    recent: Recent, heard: threading.Semaphore
) -> None:
    all_here = threading.Barrier(4)
    tries: list[int] = []

    def make() -> str:
        assert all(heard.acquire(timeout=PATIENCE) for _ in range(3)), "the others come meanwhile"
        tries.append(1)
        raise NotFound

    def ask(_: int) -> bool:
        all_here.wait()
        with pytest.raises(NotFound):
            recent.get("a-letter", "page", make)
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(4)))
    assert tries == [1]
    assert recent.get("a-letter", "page", lambda: "there") == "there"


def test_what_does_not_exist_leaves_nothing_behind(recent: Recent) -> None:
    def missing() -> str:
        raise NotFound

    for number in range(10):
        with pytest.raises(NotFound):
            recent.get(f"no-{number}", "page", missing)
        recent.forget(f"no-{number}")
    assert recent._answers == {}


def test_it_never_remembers_too_much(recent: Recent) -> None:
    for number in range(10):
        recent.get(f"letter-{number}", "page", lambda: "page")
        assert len(recent._answers) <= 3


def test_no_count_is_older_than_a_second_whatever_was_asked_before(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, count, clock = make_letter(goal=None), 1000, [time.monotonic()]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    counts = {
        "element.count": "/embed/a-letter/count.json",
        "element.card": "/embed/a-letter/card.json",
        "composition.numbers": "/letters/a-letter/count.json",
        "count_frame.show": "/embed/a-letter",
        "badge.picture": "/embed/a-letter/badge.svg",
        "badge.shields": "/embed/a-letter/shields.json",
    }
    assert counts.keys() == {at for (at, _), row in ROUTES.items() if row.policy == Policy.COUNT}
    views = [*counts.values(), f"{counts['badge.picture']}?label=unusual"]
    with writing(db.session):
        tally.adjust(found.letter.id, {State.PUBLISHED: count})
    for first, second in product(views, views):
        caching.recent.clear()
        assert str(count) in client.get(first).text.replace(",", "")
        clock[0] += 0.01
        count += 1
        with writing(db.session):  # as another process would
            tally.adjust(found.letter.id, {State.PUBLISHED: 1})
        clock[0] += 0.7
        client.get(second)
        clock[0] += 0.3
        assert str(count) in client.get(second).text.replace(",", ""), (first, second)
        clock[0] += 5
