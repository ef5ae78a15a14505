"""The page does its proof of work unseen; where it cannot, the form leaves without it."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.conftest import Browse
from tests.site import DEMO_LETTER, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LETTER = f"/letters/{DEMO_LETTER}"


def fill_in(page: Page, address: str) -> None:
    """Everything but the button."""
    page.goto(LETTER)
    page.get_by_label("Your name").fill("Petra Puzzle")
    page.get_by_label("I sign this letter").check()
    page.get_by_label("E-mail address").fill(address)


def came(site: Site) -> tuple[int, int]:
    """Of the latest signature: with proof of work or without, and how often its form came."""
    file = Path(site.environment["PETITION_DATA_DIR"]) / "petition.sqlite3"
    with sqlite3.connect(file) as database:
        row = database.execute("SELECT solved, requests FROM signature ORDER BY id DESC LIMIT 1")
        solved, requests = row.fetchone()
    return solved, requests


@pytest.mark.parametrize("twice", ["a button", "a key"])
def test_a_form_pressed_twice_leaves_once_with_its_proof_of_work(
    browse: Browse, demo: Site, twice: str
) -> None:
    page, posts = browse(), list[Request]()
    page.on("request", lambda sent: posts.append(sent) if sent.method == "POST" else None)
    fill_in(page, f"{twice.replace(' ', '.')}@example.org")
    if twice == "a button":
        page.get_by_role("button", name="Sign the letter").dblclick()
    else:
        page.get_by_label("E-mail address").press("Enter")
        page.keyboard.press("Enter")
    page.wait_for_url(f"**{LETTER}/thanks*")
    assert len(posts) == 1
    assert came(demo) == (1, 1)

    page.go_back()
    page.get_by_role("button", name="Sign the letter").click()
    page.wait_for_url(f"**{LETTER}/thanks*")
    assert came(demo) == (1, 2), "the page that came back did another"


def unsolvable(route: Route) -> None:
    """A puzzle that no worker understands."""
    route.fulfill(body="{}", content_type="application/json")


def late(route: Route) -> None:
    """A puzzle that comes after a while."""
    route.request.frame.page.wait_for_timeout(1500)
    route.continue_()


@pytest.mark.parametrize(("answer", "solved"), [(unsolvable, 0), (late, 1)])
def test_who_waits_is_told_and_who_cannot_solve_signs_without(
    browse: Browse, demo: Site, answer: Callable[[Route], None], solved: int
) -> None:
    page = browse()
    page.route("**/puzzle", answer)
    page.goto(LETTER)
    status = page.locator("#sign").get_by_role("status").last
    expect(status).to_be_empty()
    fill_in(page, f"solved{solved}@example.org")
    page.get_by_role("button", name="Sign the letter").click()
    if solved:
        expect(status).to_have_text("One moment, please. The form is about to leave.")
    page.wait_for_url(f"**{LETTER}/thanks*")
    assert came(demo)[0] == solved
