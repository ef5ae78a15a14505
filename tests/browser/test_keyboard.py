"""The form with nothing but a keyboard: in order, visible, and helpful when something is wrong."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Browse
from tests.browser.keyboard import tab_to
from tests.site import DEMO_LETTER

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LETTER = f"/letters/{DEMO_LETTER}"


def test_it_goes_through_the_form_in_order_and_shows_where_it_is(browse: Browse) -> None:
    page = browse()
    page.goto(LETTER)

    went = tab_to(page, "#sign button[type=submit]")

    fields = [each["name"] for each in went if each["name"]]
    assert fields[:2] == ["name", "email"]
    assert set(fields) == {
        *("name", "email", "role", "affiliation", "location", "comment"),
        *("show_name", "updates", "consent"),
    }, "each field once, and the trap for robots never"
    assert len(fields) == len(set(fields))


@pytest.mark.parametrize("javascript", [True, False])
def test_it_leads_from_the_summary_of_errors_to_each_field(
    browse: Browse, javascript: bool
) -> None:
    page = browse(javascript=javascript)
    page.goto(LETTER)
    tab_to(page, "#name")
    page.keyboard.type("Kay Keyboard")
    page.keyboard.press("Tab")
    page.keyboard.type("kay at example")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign#*")

    summary = page.locator(f"#{page.url.rsplit('#', 1)[1]}")
    links = summary.get_by_role("link")
    expect(summary).to_be_focused()
    expect(summary).to_be_in_viewport()
    expect(links).to_have_count(2)
    expect(page.get_by_label("Your name")).to_have_value("Kay Keyboard")
    expect(page.get_by_label("E-mail address")).to_have_value("kay at example")
    for number, wrong in enumerate(["E-mail address", "I sign this letter"]):
        field = page.get_by_label(wrong)
        problem = links.nth(number).inner_text().removeprefix(f"{wrong} – ")
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(problem_within(problem))
        links.nth(number).focus()
        page.keyboard.press("Enter")
        expect(field).to_be_focused()
        expect(field).to_be_in_viewport()
    expect(page.get_by_label("Your name")).not_to_have_attribute("aria-invalid", "true")


def problem_within(problem: str) -> re.Pattern[str]:
    """Matches a description that holds the problem, perhaps beside a hint."""
    return re.compile(re.escape(problem))


def test_it_takes_what_was_corrected(browse: Browse) -> None:
    page = browse(javascript=False)
    page.goto(LETTER)
    page.get_by_role("button", name="Sign the letter").click()
    page.wait_for_url("**/sign#*")

    page.get_by_label("Your name").fill("Kay Keyboard")
    page.get_by_label("E-mail address").fill("kay@example.org")
    page.get_by_label("I sign this letter").check()
    page.get_by_role("button", name="Sign the letter").click()

    page.wait_for_url(f"**{LETTER}/thanks*")
