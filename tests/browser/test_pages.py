"""Every page: accessible, quiet, self-contained, light, and whole on the smallest phone."""

from typing import Any, Literal

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response

from tests.browser.conftest import Browse, Watch
from tests.browser.places import PANEL, PUBLIC, Places
from tests.site import DEMO_LETTER, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

AXE = Axe()
AXE_RUN = "rules => axe.run({runOnly: rules, resultTypes: ['violations']})"
LIGHTS: tuple[Literal["light", "dark"], ...] = ("light", "dark")
RULES = {
    "light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "dark": ["color-contrast", "link-in-text-block"],
}
"""What axe looks for; by night only the colours differ."""
PAGES = PUBLIC | PANEL

every_page = pytest.mark.parametrize("name", PAGES)


def visit(browse: Browse, places: Places, name: str, **how: Any) -> Page:
    """Come to a page, signed in where it needs an account, and unfold what is folded."""
    page = browse(state=places.organizer if name in PANEL else None, **how)
    PAGES[name](page, places)
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
    return page


@every_page
def test_it_has_nothing_that_axe_finds(browse: Browse, places: Places, name: str) -> None:
    page = visit(browse, places, name)
    page.evaluate(AXE.axe_script)
    found = []
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        for scheme in LIGHTS:
            page.emulate_media(color_scheme=scheme)
            results = AxeResults(page.evaluate(AXE_RUN, RULES[scheme]))
            if results.violations_count:
                found.append(f"{width} px, {scheme}: {results.generate_report()}")
    assert not found, "\n".join(found)


@every_page
def test_it_fits_on_the_smallest_phone(browse: Browse, places: Places, name: str) -> None:
    page = visit(browse, places, name, width=320)

    too_wide = page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= width) return [];
            return [...document.querySelectorAll("body *")]
                .filter(each => each.getBoundingClientRect().right > width + 0.5)
                .map(each => each.outerHTML.slice(0, 80));
        }"""
    )

    assert too_wide == []


@every_page
def test_it_asks_nobody_else_and_complains_of_nothing(
    browse: Browse, places: Places, watch: Watch, name: str
) -> None:
    visit(browse, places, name)

    assert watch.origins() == {places.site.url}
    assert watch.complaints == []


def test_it_shows_a_letter_with_less_than_60_kilobytes(browse: Browse, demo: Site) -> None:
    page = browse()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))

    page.goto(f"/letters/{DEMO_LETTER}", wait_until="networkidle")

    sizes = {answer.url: len(answer.body()) for answer in answers}
    assert sum(sizes.values()) < 60_000, sizes
