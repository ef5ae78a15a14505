"""What is remembered for a moment: made once, forgotten at a change, and never too much."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient

from petition.caching import Recent
from petition.exceptions import NotFound
from tests.factories import make_letter


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


def test_eight_at_once_make_it_once(recent: Recent) -> None:
    all_here = threading.Barrier(8)
    made: list[int] = []

    def make() -> int:
        time.sleep(0.1)  # the others come meanwhile
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
            return asked.result(timeout=5)

    assert recent.get("a-letter", "page", make) == "at once"


def test_who_asks_after_a_change_does_not_wait_for_what_was_before(recent: Recent) -> None:
    def make() -> str:
        recent.forget("a-letter")
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(recent.get, "a-letter", "page", lambda: "after")
            assert asked.result(timeout=5) == "after"
        return "before"

    assert recent.get("a-letter", "page", make) == "before"
    assert recent.get("a-letter", "page", lambda: "later") == "after"


def test_all_who_wait_hear_what_went_wrong_and_the_next_tries_again(recent: Recent) -> None:
    all_here = threading.Barrier(4)
    tries: list[int] = []

    def make() -> str:
        time.sleep(0.1)
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
