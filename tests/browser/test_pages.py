"""Every page: accessible, quiet, self-contained, light, and whole on the smallest phone."""

import re
from collections.abc import Iterator
from functools import partial

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response

from tests.browser.conftest import Browse, Scheme, Watch, until
from tests.browser.places import ARABIC, PANEL, PUBLIC, UNBROKEN, Places
from tests.site import DEMO_LETTER

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

AXE = Axe()
AXE_RUN = "rules => axe.run({runOnly: rules, resultTypes: ['violations'], iframes: false})"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SEEN: tuple[tuple[int, Scheme], ...] = ((390, "light"), (1280, "dark"))
"""Each width and each scheme once: what is wrong in one scheme is so at every width."""
TOO_WIDE = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll("body *")]
        .filter(each => {
            const box = each.getBoundingClientRect();
            return box.right > width + 0.5 || box.left < -0.5;
        })
        .map(each => each.outerHTML.slice(0, 80));
}"""
LARGE_TEXT = "() => { document.documentElement.style.fontSize = '200%'; }"
CONTRAST = "color-contrast"
AXE_RUN_REST = f"""rules => axe.run({{
    runOnly: rules, rules: {{"{CONTRAST}": {{enabled: false}}}},
    resultTypes: ["violations"], iframes: false,
}})"""
AXE_RUN_CONTRAST = f"""async (known) => {{
    const grounds = new Map([[null, ""]]);
    const ground = (each) => {{
        if (!grounds.has(each)) {{
            const {{ backgroundColor, backgroundImage, opacity }} = getComputedStyle(each);
            const own = `${{backgroundColor}} ${{backgroundImage}} ${{opacity}}`;
            const around = ground(each.parentElement);
            grounds.set(each, own === "rgba(0, 0, 0, 0) none 1" ? around : `${{around}} ${{own}}`);
        }}
        return grounds.get(each);
    }};
    const worded = (each) => each.matches("input, select, textarea")
        || [...each.childNodes].some(({{ data }}) => data?.trim());
    const looks = new Map();
    for (const each of document.body.querySelectorAll("*")) {{
        if (!worded(each) || !each.checkVisibility()) continue;
        const {{ color, fontSize, fontWeight }} = getComputedStyle(each);
        looks.set(`${{color}} ${{fontSize}} ${{fontWeight}} on${{ground(each)}}`, each);
    }}
    for (const look of known) looks.delete(look);
    const violations = looks.size === 0 ? [] : (await axe.run(
        {{include: [...looks.values()]}},
        {{runOnly: {{type: "rule", values: ["{CONTRAST}"]}}, resultTypes: ["violations"]}},
    )).violations;
    return [[...looks.keys()], violations];
}}"""
"""What has the same colour and size on the same grounds is as easy to read on each page; to find
that out is most of axe's work. Told is what was looked at, too."""
PAGES = PUBLIC | ARABIC | PANEL


@pytest.fixture(scope="module")
def tabs(chromium: Browser, places: Places) -> Iterator[dict[bool, Page]]:
    """A tab of a stranger and one of an organizer who is signed in."""
    new = partial(
        chromium.new_context, base_url=places.site.url, timezone_id="UTC", reduced_motion="reduce"
    )
    contexts = {False: new(), True: new(storage_state=places.organizer)}
    yield {signed_in: context.new_page() for signed_in, context in contexts.items()}
    for context in contexts.values():
        context.close()


@pytest.fixture(scope="module")
def looks() -> set[str]:
    """The colours of words and of what is below them that were found easy to read."""
    return set()


@pytest.fixture
def page(tabs: dict[bool, Page], watch: Watch, name: str) -> Iterator[Page]:
    """An empty tab of who may see the page; a stranger has been nowhere before.

    One tab for all of them, one after the other: to open another takes as long as to look.
    """
    page = tabs[name in PANEL]
    if name not in PANEL:
        page.context.clear_cookies()
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="light")
    watch.over(page)
    yield page
    watch.leave(page)
    page.goto("about:blank")


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_accessible_whole_and_quiet(
    page: Page, places: Places, watch: Watch, looks: set[str], name: str
) -> None:
    PAGES[name](page, places)
    page.wait_for_load_state()
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
    # Seen in one visit, because there are many pages; told together, whatever is wrong.
    found = [f"asks {origin}" for origin in watch.origins() - {places.site.url}]
    found += [f"complains: {complaint}" for complaint in watch.unpardoned()]
    if name in ARABIC and page.locator("html").get_attribute("dir") != "rtl":
        found.append("not laid out from right to left")
    page.evaluate(AXE.axe_script)
    for width, scheme in SEEN:
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)
        results = AxeResults(page.evaluate(AXE_RUN_REST, RULES))
        fresh, hard_to_read = page.evaluate(AXE_RUN_CONTRAST, sorted(looks))
        results.response["violations"] += hard_to_read
        looks.update(fresh)
        if results.violations_count:
            found.append(f"{width} px, {scheme}: {results.generate_report()}")
    page.set_viewport_size({"width": 320, "height": 844})
    found += [f"wider than the smallest phone: {each}" for each in page.evaluate(TOO_WIDE)]
    page.set_viewport_size({"width": 1280 if name in PANEL else 390, "height": 844})
    page.evaluate(LARGE_TEXT)
    found += [f"too wide with large text: {each}" for each in page.evaluate(TOO_WIDE)]
    assert not found, "\n".join(found)


def test_long_words_fit_the_smallest_phone_at_twice_their_size(browse: Browse) -> None:
    page = browse()
    page.set_viewport_size({"width": 320, "height": 640})
    found = []
    for path in ("", "/signatures", "/thanks"):
        page.goto(f"/letters/{DEMO_LETTER}{path}?lang=de")
        page.evaluate(LARGE_TEXT)
        found += [f"{path}: {each}" for each in page.evaluate(TOO_WIDE)]
    assert not found, "\n".join(found)


LONG_NAMED = re.compile(rb"<li\b(?:(?!</li>).)*?(?:" + UNBROKEN.encode() + rb").*?</li>", re.DOTALL)
"""What other tests have signed with as many letters as the form takes."""


@pytest.mark.parametrize("language", ["ar", "de", "en", "fr"])
def test_it_shows_a_letter_with_less_than_60_kilobytes(browse: Browse, language: str) -> None:
    page = browse()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    arrived: list[float] = []
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda one: arrived.append(one["encodedDataLength"]))

    page.goto(f"/letters/{DEMO_LETTER}?lang={language}")
    until(page, lambda: len(arrived) == len(answers))

    sizes = {answer.url: len(LONG_NAMED.sub(b"", answer.body())) for answer in answers}
    assert sum(sizes.values()) < 60_000, sizes  # for a browser that unpacks nothing
    assert sum(arrived) < 30_000, arrived  # on the wire, headers and all
