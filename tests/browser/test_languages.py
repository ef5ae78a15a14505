"""Signing in three languages, on a phone, by keyboard alone, among names in many scripts."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Browse
from tests.browser.keyboard import tab_to
from tests.browser.places import confirm, count, link, mail_to, sign
from tests.browser.test_pages import TOO_WIDE
from tests.site import DEMO_LETTER, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LETTER = f"/letters/{DEMO_LETTER}"
DIRECTIONS = {"en": "ltr", "de": "ltr", "ar": "rtl"}
SIGNERS = ["山田 花子", "सीता शर्मा", "יעל כהן"]


@pytest.fixture(scope="module", autouse=True)
def _signed_from_everywhere(demo: Site) -> None:
    for number, name in enumerate(SIGNERS):
        confirm(demo, sign(demo, f"signer{number}@example.org", name=name, affiliation="Ateliers"))


def speaks(page: Page, language: str) -> None:
    """Whether a page is laid out for its language, and whole on a phone."""
    html = page.locator("html")
    expect(html).to_have_attribute("lang", language)
    expect(html).to_have_attribute("dir", DIRECTIONS[language])
    assert page.evaluate(TOO_WIDE) == []


def press(page: Page, wanted: str, key: str = "Enter") -> None:
    """Come to something by Tab, and press it."""
    tab_to(page, wanted)
    page.keyboard.press(key)


@pytest.mark.parametrize(("language", "javascript"), [("ar", True), ("de", False), ("en", False)])
def test_it_is_signed_by_keyboard(
    browse: Browse, demo: Site, language: str, javascript: bool
) -> None:
    before = count(demo)
    address = f"{language}.{javascript}@example.org".lower()
    page = browse(javascript=javascript)
    page.goto(f"{LETTER}?lang={language}")
    speaks(page, language)
    for name in SIGNERS:
        expect(page.get_by_text(name, exact=True)).to_be_visible()

    press(page, "a[href='#sign']")
    page.wait_for_url("**#sign")
    tab_to(page, "#name")
    page.keyboard.type("ليلى Lang")
    tab_to(page, "#email")
    page.keyboard.type(address)
    for box in ("#show_name", "#consent"):
        press(page, box, "Space")
    press(page, "#sign button[type=submit]")

    page.wait_for_url(f"**{LETTER}/thanks*")
    speaks(page, language)
    expect(page.locator("strong").get_by_text(address, exact=True)).to_be_visible()
    expect(page.locator("#email")).to_have_value(address)
    tab_to(page, "#code")
    page.goto(link(mail_to(demo, address), "confirm"))
    speaks(page, language)
    press(page, "button[value=confirm]")

    page.wait_for_url(f"**{LETTER}/signed*")
    speaks(page, language)
    expect(page.get_by_text("ليلى Lang", exact=True)).to_be_visible()
    assert count(demo) == before + 1
    press(page, f"a[href*='{LETTER}/names/']")
    page.wait_for_url(f"**{LETTER}/names/*")
    expect(page.get_by_text("ليلى Lang", exact=True)).to_be_visible()
    speaks(page, language)
