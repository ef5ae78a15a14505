"""The page does its proof of work unseen; where it cannot, the form leaves without it."""

import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.conftest import Browse, stop_clock, until
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
    stop_clock(page)  # the form is to leave when the puzzle is solved, and at no time
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


def test_who_waits_is_told(browse: Browse, demo: Site) -> None:
    page, asked = browse(), list[Route]()
    stop_clock(page)
    page.route("**/puzzle", lambda route: asked.append(route))
    fill_in(page, "waits@example.org")
    status = page.locator("#sign").get_by_role("status").last
    page.get_by_role("button", name="Sign the letter").click()
    page.clock.run_for(400)
    expect(status).to_be_empty()
    page.clock.run_for(200)
    expect(status).to_have_text("One moment, please. The form is about to leave.")
    until(page, lambda: bool(asked))
    asked[0].continue_()
    page.wait_for_url(f"**{LETTER}/thanks*")
    assert came(demo) == (1, 1)


@pytest.mark.parametrize("puzzle", ["not understood", "never there"])
def test_who_cannot_solve_signs_without(browse: Browse, demo: Site, puzzle: str) -> None:
    page, asked = browse(), list[Route]()

    def answer(route: Route) -> None:
        asked.append(route)
        if puzzle == "not understood":
            route.fulfill(body="{}", content_type="application/json")

    stop_clock(page)
    page.route("**/puzzle", answer)
    fill_in(page, f"{puzzle.replace(' ', '.')}@example.org")
    until(page, lambda: bool(asked))
    page.get_by_role("button", name="Sign the letter").click()
    if puzzle == "never there":
        page.clock.run_for(14_000)
        assert page.url.endswith(LETTER)
        page.clock.run_for(1_000)
    page.wait_for_url(f"**{LETTER}/thanks*")
    assert came(demo) == (0, 1)
