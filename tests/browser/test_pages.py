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


def visit(browse: Browse, places: Places, name: str, **how: Any) -> Page:
    """Come to a page, signed in where it needs an account, and unfold what is folded."""
    page = browse(state=places.organizer if name in PANEL else None, **how)
    PAGES[name](page, places)
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
    return page


TOO_WIDE = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll("body *")]
        .filter(each => each.getBoundingClientRect().right > width + 0.5)
        .map(each => each.outerHTML.slice(0, 80));
}"""


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_accessible_whole_and_quiet(
    browse: Browse, places: Places, watch: Watch, name: str
) -> None:
    page = visit(browse, places, name)
    # Seen in one visit, because there are many pages; told together, whatever is wrong.
    found = [f"asks {origin}" for origin in watch.origins() - {places.site.url}]
    found += [f"complains: {complaint}" for complaint in watch.complaints]
    page.evaluate(AXE.axe_script)
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        for scheme in LIGHTS:
            page.emulate_media(color_scheme=scheme)
            results = AxeResults(page.evaluate(AXE_RUN, RULES[scheme]))
            if results.violations_count:
                found.append(f"{width} px, {scheme}: {results.generate_report()}")
    page.set_viewport_size({"width": 320, "height": 844})
    found += [f"wider than the smallest phone: {each}" for each in page.evaluate(TOO_WIDE)]
    assert not found, "\n".join(found)


def test_it_shows_a_letter_with_less_than_60_kilobytes(browse: Browse, demo: Site) -> None:
    page = browse()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))

    page.goto(f"/letters/{DEMO_LETTER}", wait_until="networkidle")

    sizes = {answer.url: len(answer.body()) for answer in answers}
    assert sum(sizes.values()) < 60_000, sizes
