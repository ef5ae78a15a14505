"""The element `<open-letter>`, on pages of another origin that allow it as little as they can."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from babel import Locale
from babel.numbers import format_decimal
from flask import Flask, render_template
from flask_babel import force_locale
from playwright.sync_api import Browser, ConsoleMessage, Locator, expect

from petition import public, sites
from petition.models import Life, Outcome
from petition.views.embed.surroundings import Surroundings
from petition.views.letters import in_force, with_count
from tests.browser.conftest import NOON, PATIENCE, Host, Scheme, box_of, stop_clock
from tests.browser.misbehaving import GARBAGE, HTML, LETTER, Fault, Misbehaving, misbehaving
from tests.browser.places import CLOSED, Places
from tests.factories import make_letter
from tests.site import DEMO_LETTER

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LANGUAGES = ["en", "de", "fr", "ar"]
LINK = "A letter: read and sign"
SEEN: tuple[tuple[int, Scheme], ...] = ((240, "light"), (1200, "dark"))
SECOND = 1000
MOMENT = 20
"""Milliseconds in which a page is drawn."""
# Counts what is asked for until the page has had its turn with the answer.
COUNT_ASKING = """
window.asked = 0;
window.asking = 0;
const {fetch: ask} = window;
const {json: read} = Response.prototype;
const turn = () => new Promise((done) => {
    const {port1, port2} = new MessageChannel();
    port1.onmessage = done;
    port2.postMessage(null);
});
const counted = (awaited) => {
    asking += 1;
    awaited.catch(() => {}).then(turn).then(() => { asking -= 1; });
    return awaited;
};
window.fetch = (...what) => {
    asked += 1;
    return counted(ask(...what));
};
Response.prototype.json = function () { return counted(read.call(this)); };
"""
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def policy(site: str) -> str:
    """The lines that a page with the strictest policy adds, to show the element from a site."""
    return (
        f"default-src 'none'; script-src {site}; connect-src {site}; frame-src {site}; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def element(slug: str = LETTER, **wishes: str) -> str:
    """An element with the link inside."""
    said = "".join(f' {name}="{wishes[name]}"' for name in wishes)
    return f'<open-letter letter="{slug}"{said}><a href="/there">{LINK}</a></open-letter>'


def page_with(site: str, *elements: str, scripts: tuple[str, ...] = ("v1.js",)) -> str:
    """A page that shows elements, as a newspaper's might be."""
    icon = "; img-src data:"
    tags = "".join(f'<script async src="{site}/embed/{each}"></script>' for each in scripts)
    return (
        f'<meta http-equiv="Content-Security-Policy" content="{policy(site)}{icon}">'
        '<meta name="viewport" content="width=device-width"><main><h1>News</h1>'
        f"{''.join(elements)}{tags}</main>"
    )


class Reader:
    """Somebody's browser, with all that its console tells of, and the clock in our hands."""

    def __init__(self, chromium: Browser, *, motion: bool = False) -> None:
        moving: Literal["no-preference", "reduce"] = "no-preference" if motion else "reduce"
        self.context = chromium.new_context(
            viewport={"width": 390, "height": 844}, reduced_motion=moving
        )
        self.context.add_init_script(
            "window.failed = [];"
            "window.onerror = (told) => { failed.push(`${told}`); };"
            "window.onunhandledrejection = ({reason}) => { failed.push(`${reason}`); };"
        )
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.broken: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.broken.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        # What the browser's own network tells of is not ours to keep quiet.
        if not message.text.startswith(("Failed to load resource", "Access to fetch")):
            self.said.append(message.text)

    def stop_clock(self) -> None:
        """From here on time passes by `wait` and `rest` alone; answers still take their own."""
        self.context.add_init_script(COUNT_ASKING)
        stop_clock(self.page)

    def wait(self, seconds: float) -> None:
        """Let time pass for the page. What is asked for meanwhile is answered in the same second
        of the page, and drawn."""
        while seconds > 0:
            self.settle()
            self.page.clock.run_for(round(min(seconds, 1) * SECOND))
            seconds -= 1
        self.draw()

    def draw(self) -> None:
        """Let all that was answered be drawn."""
        drawn = -1
        while drawn != (drawn := self.page.evaluate("window.asked")):
            self.settle()
            self.page.clock.run_for(MOMENT)  # in which it may ask once more

    def rest(self, seconds: float) -> None:
        """Let a long time pass at once, in which the page is to ask for nothing."""
        self.settle()
        self.page.clock.run_for(round(seconds * SECOND))
        self.settle()

    def settle(self) -> None:
        """Wait until all that was asked for has been answered, and the page has acted on it."""
        deadline = time.monotonic() + PATIENCE
        while self.page.evaluate("window.asking"):
            assert time.monotonic() < deadline, "an answer did not come"
            time.sleep(0.005)

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds that comes in its own time, and is drawn in the page's."""
        deadline = time.monotonic() + PATIENCE
        while not holds() and time.monotonic() < deadline:
            self.page.clock.run_for(MOMENT)
            time.sleep(0.005)
        assert holds()

    def comes_to(self, words: str) -> None:
        """Wait until the element says so."""
        self.until(lambda: words in (self.card.text_content() or ""))

    def thrown(self) -> list[str]:
        """What has reached the page around."""
        return [*self.broken, *self.page.evaluate("failed")]

    @property
    def card(self) -> Locator:
        """What the element shows of its own."""
        return self.page.locator("open-letter .box").first


@pytest.fixture(scope="module")
def there() -> Iterator[Misbehaving]:
    with misbehaving() as site:
        yield site


@pytest.fixture
def site(there: Misbehaving) -> Misbehaving:
    """The site that misbehaves, behaving."""
    there.begin()
    return there


@pytest.fixture
def readers(chromium: Browser) -> Iterator[list[Reader]]:
    made: list[Reader] = []
    yield made
    for each in made:
        each.context.close()


@pytest.fixture
def reader(chromium: Browser, readers: list[Reader]) -> Reader:
    readers.append(Reader(chromium))
    return readers[-1]


def asked_for(site: Misbehaving, number: int) -> None:
    """Wait until the site was asked so often, and was not asked more."""
    deadline = time.monotonic() + PATIENCE
    while len(site.asked) < number and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.05)
    assert len(site.asked) == number, site.asked


def came(site: Misbehaving, forms: int) -> bool:
    """Whether the form was asked for so often."""
    return site.forms == forms


def asked_after(reader: Reader, site: Misbehaving, least: float, most: float) -> None:
    """Let time pass until the site is asked again, from the least to the most seconds from now."""
    asked = len(site.asked)
    reader.rest(least - 1)  # the answer before may be a second old
    assert len(site.asked) == asked, site.asked
    for _ in range(round(most - least) + 3):
        if len(site.asked) == asked:
            reader.wait(1)
    asked_for(site, asked + 1)


def test_it_shows_all_under_the_strictest_policy(
    chromium: Browser, host: Host, places: Places, readers: list[Reader]
) -> None:
    ours, letter = places.site.url, DEMO_LETTER
    print(f"\nThe policy of a page that allows the element and nothing else: {policy(ours)}")
    elements = [
        element(letter),
        element(letter, view="progress", lang="de"),
        element(letter, view="count", lang="fr-CA"),
        element(letter, lang="ar", theme="dark", accent="#ffcc66"),
        element(letter, lang="pl", accent="#777777"),
        element(CLOSED),
    ]
    address = host.publish("/strict", page_with(ours, *elements))
    reader = Reader(chromium)
    readers.append(reader)
    page, asked = reader.page, []
    page.on("request", lambda request: asked.append(request))
    page.goto(address)
    boxes = page.locator("open-letter .box")
    expect(boxes).to_have_count(6)
    shown = boxes.all_inner_texts()

    assert "people have signed" in shown[0]
    assert "Read and sign" in shown[0]
    assert "Menschen haben unterschrieben" in shown[1]
    assert "ont signé" in shown[2]
    assert "people have signed" in shown[4], "where a letter has no Polish text, its own is shown"
    assert "This letter is closed." in shown[5]
    assert "Read the letter" in shown[5]
    assert boxes.nth(3).get_attribute("dir") == "rtl"
    assert boxes.nth(3).get_attribute("lang") == "ar"
    link = boxes.nth(1).get_by_role("link")
    expect(link).to_have_attribute("href", f"{ours}/letters/{letter}?lang=de&via=embed:127.0.0.1")
    numbers = [each for each in asked if each.url.startswith(f"{ours}/embed/{letter}/")]
    assert [each.url.rpartition("/")[2] for each in numbers] == ["card.json"]
    assert "cookie" not in numbers[0].headers
    assert numbers[0].headers["referer"] == f"{host.url}/"
    assert (
        page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
    )
    assert reader.context.cookies() == []

    axe = Axe()
    for width, scheme in SEEN:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        results = page.context.new_cdp_session(page)
        results.send("Page.setBypassCSP", {"enabled": True})
        page.reload()
        expect(page.locator("open-letter .box")).to_have_count(6)
        found = axe.run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        assert found.violations_count == 0, found.generate_report()
    ground, button = page.evaluate(
        """() => [...document.querySelectorAll("open-letter")].slice(3, 5).map((each) =>
            getComputedStyle(each.shadowRoot.querySelector(".press a")).backgroundColor)"""
    )
    assert ground == "rgb(255, 204, 102)"
    assert button == "rgb(157, 189, 236)", "an accent that cannot be read gives way to ours"
    assert [each for each in reader.said if "accent" not in each] == []
    assert reader.thrown() == []


FAULTS = {
    "500": Fault(500, b"{}"),
    "busy": Fault(503, b"{}", (("Retry-After", "60"),)),
    "HTML": Fault(200, HTML, (("Content-Type", "text/html"),)),
    "garbage": Fault(200, GARBAGE),
    "away": Fault(hangs_up=True),
    "slow": Fault(200, b"{}", seconds=1),
}


def test_whatever_is_wrong_the_page_keeps_its_link_or_the_last_good_number(
    site: Misbehaving, host: Host, reader: Reader
) -> None:
    address = host.publish("/faults", page_with(site.url, element()))
    link = f"open-letter >> text={LINK}"
    reader.stop_clock()
    for name, fault in FAULTS.items():
        site.begin()
        site.fault = fault
        reader.said.clear()
        reader.page.goto(address)
        reader.page.clock.run_for(100)
        asked_for(site, 1)
        expect(reader.page.locator(link), name).to_be_visible()
        if fault.seconds:
            assert reader.said == []
            reader.page.clock.run_for(10 * SECOND)  # as long as it is waited for
        reader.wait(0.1)
        assert len(reader.said) == 1
        site.begin()
        asked_after(reader, site, *(60, 75) if name == "busy" else (16, 20))
        reader.comes_to("998 people have signed")
        site.fault = fault
        asked_after(reader, site, 8, 10)
        reader.comes_to("998 people have signed")
        assert len(reader.said) == 1, (name, reader.said)
        assert reader.thrown() == [], name


def test_what_does_not_hold_together_is_not_shown(
    site: Misbehaving, host: Host, reader: Reader
) -> None:
    good = site.card()
    text = good["texts"]["en"]
    wrong: list[bytes | dict[str, Any]] = [
        b"",
        b"null",
        b"[1, 2]",
        {"count": "998"},
        {"count": -1},
        {"count": 1.5},
        {"letter": "another-letter"},
        {"as_of": "yesterday"},
        {"not_on": None},
        {"not_on": "abc"},
        {"texts": {}},
        {"texts": {"en": "text"}},
        {"texts": {"en": text | {"url": "javascript:alert(1)"}}},
        {"texts": {"en": text | {"words": {}}}},
        {"texts": {"en": text | {"spoken": "no language"}}},
        {"names": None},
        {},
    ]
    for at, each in enumerate(wrong):
        whole = good | {"letter": f"wrong-{at}"}
        site.letters[f"wrong-{at}"] = each if isinstance(each, bytes) else whole | each
    address = host.publish("/wrong", page_with(site.url, *map(element, site.letters)))
    reader.stop_clock()
    reader.page.goto(address)
    reader.wait(1)
    asked_for(site, len(wrong))
    shown = reader.page.locator("open-letter").get_by_text("998 people")
    expect(shown.last).to_be_visible()
    expect(shown).to_have_count(1)  # the one with nothing wrong
    for link in reader.page.locator("open-letter").get_by_text(LINK).all()[:-1]:
        expect(link).to_be_visible()
    assert len(reader.said) == 1, "however much is wrong, it is said once"
    assert reader.thrown() == []


def test_it_asks_politely(site: Misbehaving, host: Host, reader: Reader) -> None:
    page = reader.page
    reader.stop_clock()
    page.goto(
        host.publish("/polite", page_with(site.url, element(), *[element(view="count")] * 99))
    )
    reader.wait(1)
    asked_for(site, 1)  # once, however many elements
    expect(reader.card).to_be_visible()
    reader.wait(7)
    asked_for(site, 1)
    reader.wait(3)
    asked_for(site, 2)
    assert site.asked[1].endswith("/count.json")

    shows = "Object.defineProperty(document, 'hidden', {configurable: true, get: () => %s});"
    seen = "document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(shows % "true" + seen)
    reader.rest(600)
    asked_for(site, 2)  # a hidden page rests
    reader.comes_to("Latest to sign: Ann")
    site.nobody()  # she has withdrawn
    page.evaluate(shows % "false" + seen)
    reader.wait(0.1)
    asked_for(site, 3)  # at once, and for names too
    assert site.asked[2].endswith("/card.json")
    expect(reader.card).not_to_contain_text("Ann")

    site.max_age = 40
    asked_after(reader, site, 8, 10)
    site.fault = Fault(503, b"", (("Retry-After", "300"),))
    asked_after(reader, site, 40, 50)
    site.fault = Fault(500)
    asked_after(reader, site, 300, 375)
    for seconds in (32, 64, 128, 256, 300):  # ever less often, up to five minutes
        asked_after(reader, site, seconds, seconds * 1.25)
    site.fault = None
    asked_after(reader, site, 300, 375)
    asked = len(site.asked)
    site.say(1, count=1002)
    page.evaluate("document.querySelectorAll('open-letter').forEach((each) => each.remove())")
    reader.rest(600)
    asked_for(site, asked)  # for nobody
    page.evaluate("document.querySelector('main').append(document.createElement('open-letter'))")
    page.evaluate(f"document.querySelector('open-letter').setAttribute('letter', '{LETTER}')")
    reader.wait(1)
    asked_for(site, asked + 1)
    reader.comes_to("1,002")
    site.fault = Fault(410)
    asked_after(reader, site, 38, 50)
    expect(reader.card).to_be_hidden()
    reader.rest(5000)
    asked_for(site, asked + 2)  # it is over
    assert reader.thrown() == []


RECORD = """() => {
    const box = document.querySelector("open-letter").shadowRoot.querySelector(".figure");
    window.seen = [];
    const look = () => {
        const {width, height} = box.getBoundingClientRect();
        const number = box.querySelector(".number");
        seen.push([Number(number.textContent.replace(/\\D/g, "")), width, height,
            number.getBoundingClientRect().width]);
        requestAnimationFrame(look);
    };
    look();
}"""
SPOKEN = """() => document.querySelector("open-letter").shadowRoot
    .querySelector("[role=status]").textContent"""


def test_it_rises_without_a_jump_never_falls_by_a_cache_and_is_spoken_seldom(
    site: Misbehaving, host: Host, chromium: Browser, readers: list[Reader]
) -> None:
    address = host.publish("/rise", page_with(site.url, element(), element()))
    reader = Reader(chromium, motion=True)
    readers.append(reader)
    page = reader.page
    reader.stop_clock()
    page.goto(address)
    reader.wait(1)
    reader.comes_to("998 people have signed")
    page.evaluate(RECORD)
    site.say(1, count=1004)
    asked_after(reader, site, 8, 10)
    assert page.evaluate(SPOKEN) == "1,004 people have signed"
    reader.wait(1.5)
    reader.comes_to("1,004 people have signed")
    seen = page.evaluate("seen")
    numbers = [each[0] for each in seen]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) > 3, "it counts up"
    rising = [each for each in seen if 998 < each[0] < 1004]
    assert {tuple(each[1:]) for each in rising} == {tuple(seen[-1][1:])}, "and nothing moves"

    reader = Reader(chromium)
    readers.append(reader)
    page = reader.page
    reader.stop_clock()
    page.goto(address)
    reader.wait(1)
    reader.comes_to("1,004")
    page.evaluate(RECORD)
    said = []
    for minute, count, shown in (
        (2, 1010, "1,010"),
        (1, 1005, "1,010"),  # a cache that is behind
        (2, 1009, "1,010"),  # of the same moment
        (3, 1008, "1,008"),  # somebody withdrew
    ):
        site.say(minute, count=count)
        asked_after(reader, site, 5, 10)
        expect(reader.card.locator(".figure")).to_have_text(f"{shown} people have signed")
        reader.wait(0.1)
        said.append(page.evaluate(SPOKEN))
    assert set(page.evaluate("seen.map(([number]) => number)")) <= {1004, 1010, 1008}
    assert said[0] == "1,010 people have signed"
    assert said[-1] == "", "not twice in a minute"
    for _ in range(5):
        reader.wait(8)
        said.append(page.evaluate(SPOKEN))
    assert {each for each in said if each} == {
        "1,010 people have signed",
        "1,008 people have signed",
    }
    assert reader.thrown() == []


def test_sites_that_are_blocked_show_the_link_alone(
    site: Misbehaving, host: Host, reader: Reader
) -> None:
    address = host.publish("/blocked", page_with(site.url, element()))
    port = address.split(":")[2].split("/")[0]
    reader.stop_clock()
    news = f"http://www.daily.news.localhost:{port}/blocked"
    for name, where, shown in (
        ("news.localhost", news, False),
        ("daily.news.localhost", news, False),
        (f"news.localhost:{port}", news, False),
        ("news.localhost:1", news, True),
        ("other.news.localhost", news, True),
        ("127.0.0.1", address, False),
    ):
        site.begin()
        site.say(1, not_on=[sites.shorthand("evil.example"), sites.shorthand(name)])
        reader.page.goto(where)
        reader.wait(1)
        asked_for(site, 1)
        if shown:
            expect(reader.card).to_be_visible()
        else:
            expect(reader.page.get_by_text(LINK)).to_be_visible()
            expect(reader.card).to_be_hidden()
    assert reader.said + reader.thrown() == []


FORM = """<!doctype html><title>Form</title><input aria-label="Your name"><script>
const tell = (said) => parent.postMessage(said, "*");
addEventListener("message", ({data}) => tell(data));
tell({type: "open-letter", what: "ready", height: 321});
</script>"""


def test_it_believes_its_own_frame_and_nobody_else(
    site: Misbehaving, host: Host, reader: Reader
) -> None:
    page = reader.page
    address = host.publish(
        "/form",
        page_with(site.url, element(view="form", theme="dark", accent="#ffcc66"), element()),
    )
    reader.stop_clock()
    page.goto(address)
    frame = page.locator("iframe")
    reader.until(lambda: frame.count() == 1)
    forged = {"type": "open-letter", "what": "ready", "height": 5000}
    page.evaluate("said => window.postMessage(said, '*')", forged)
    reader.wait(1)
    expect(frame).to_be_hidden()  # it has said nothing, as where a browser refuses it
    expect(reader.card.get_by_role("link", name="Read and sign")).to_be_visible()

    site.form = FORM.encode()
    page.goto(address)
    reader.until(frame.is_visible)
    expect(reader.card.get_by_role("link", name="Read and sign")).to_be_hidden()
    assert box_of(frame)["height"] == 321
    source = (
        f"{site.url}/embed/{LETTER}/form?lang=en&theme=dark&accent=ffcc66&via=embed%3A127.0.0.1"
    )
    expect(frame).to_have_attribute("src", source)
    expect(frame).to_have_attribute("title", "Sign the letter")
    inside = "document.querySelector('open-letter').shadowRoot.querySelector('iframe')"
    send = f"said => {inside}.contentWindow.postMessage(said, '*')"
    wrong: list[object] = [-5, 1.5, "99999px", None, {}, 10**9]
    for height in wrong:
        page.evaluate(send, {"type": "open-letter", "what": "height", "height": height})
    page.evaluate(send, ["nothing"])
    page.evaluate(send, None)
    reader.until(lambda: page.evaluate(f"{inside}.clientHeight") == 10_000)
    asked = len(site.asked)
    site.say(5, count=1005)
    page.evaluate(send, {"type": "open-letter", "what": "signed", "height": 200})
    reader.until(lambda: page.evaluate(f"{inside}.clientHeight") == 200)
    reader.wait(3)  # when no cache in between is behind
    expect(page.locator("open-letter").nth(1)).to_contain_text("1,005")
    asked_for(site, asked + 1)
    site.say(6, state="closed", outcome="won")
    reader.wait(11)
    reader.comes_to("Won. This letter is closed.")
    assert reader.said + reader.thrown() == []


def test_a_form_that_has_come_stays_with_its_reader(
    site: Misbehaving, host: Host, reader: Reader
) -> None:
    page, it = reader.page, "document.querySelector('open-letter')"
    frame = page.locator("iframe")
    typed = page.frame_locator("iframe").get_by_label("Your name")
    link = reader.card.get_by_role("link", name="Read")
    site.form = FORM.encode()
    reader.stop_clock()
    page.goto(host.publish("/kept", page_with(site.url, "<p></p>", element(view="form"))))
    reader.until(typed.is_visible)
    typed.fill("Fran")
    for name, value in (("theme", "dark"), ("accent", "#ffcc66")):
        page.evaluate(f"{it}.setAttribute('{name}', '{value}')")
    page.evaluate(f"document.querySelector('p').moveBefore({it}, null)")
    stands: list[dict[str, Any]] = [
        {"paused": True},
        {"state": "closed"},
        {"not_on": [sites.shorthand("127.0.0.1")]},
    ]
    for minute, numbers in enumerate(stands, 1):
        site.say(minute, **numbers)
        reader.wait(11)
        asked_for(site, minute + 1)
        expect(typed).to_have_value("Fran")
        expect(typed).to_be_visible()

    site.say(4, state="open", paused=False, not_on=[])
    page.reload()
    for good, asked in ((True, 3), (False, 4)):
        reader.until(typed.is_visible)
        typed.fill("Fran")
        site.fault = Fault(503)
        page.evaluate(
            f"{it}.shadowRoot.querySelector('iframe').contentWindow.location = '{site.url}/sign'"
        )
        reader.until(lambda: not frame.count())
        expect(link).to_be_visible()
        site.fault = None
        site.form = FORM.encode() if good else b"Back soon"
        reader.wait(21)
        reader.until(partial(came, site, asked))
    reader.wait(11)
    assert site.forms == 4, "once more, and not again and again"
    expect(link).to_be_visible()
    page.evaluate(f"{it}.setAttribute('view', 'progress')")
    reader.wait(1)
    expect(frame).to_have_count(0)
    expect(reader.card).to_have_role("group")
    expect(reader.card).to_have_accessible_name("A letter")
    assert reader.thrown() == []


def test_copies_releases_and_hosts_do_not_fight(
    site: Misbehaving, host: Host, chromium: Browser, readers: list[Reader]
) -> None:
    style = "<style>:root { --ground: red; --accent: red } a { color: red !important }</style>"
    for scripts in (("v1.js", "v1.0.js"), ("v1.0.js", "v1.js", "v1.js")):
        site.begin()
        reader = Reader(chromium)
        readers.append(reader)
        html = style + page_with(site.url, element(), element(), scripts=scripts)
        reader.page.goto(host.publish("/copies", html))
        expect(reader.card).to_contain_text("998 people have signed")
        asked_for(site, 1)
        link = "document.querySelector('open-letter').shadowRoot.querySelector('.press a')"
        assert reader.page.evaluate(f"getComputedStyle({link}).color") == "rgb(253, 252, 249)"
        reader.page.evaluate(
            "Object.assign(document.querySelector('open-letter'), "
            "{letter: 1, view: 2, text: 3, draw: 4, join: null})"
        )
        for name, value in (("view", "count"), ("theme", "dark"), ("lang", "en")):
            set_it = f"document.querySelector('open-letter').setAttribute('{name}', '{value}')"
            reader.page.evaluate(set_it)
        expect(reader.card).to_have_class("box count ")
        assert reader.thrown() == []

    reader = Reader(chromium)
    readers.append(reader)
    reader.context.add_init_script(
        "customElements.define('open-letter', class extends HTMLElement {});"
    )
    reader.page.goto(host.publish("/own", page_with(site.url, element())))
    expect(reader.page.get_by_text(LINK)).to_be_visible()
    assert reader.said + reader.thrown() == []


STANDS: list[dict[str, Any]] = [
    {},
    {"life": Life.CLOSED},
    {"count": 1},
    {"count": 2, "paper": 2},
    {"count": 3, "paper": 1, "goal": 4},
    {"count": 1234, "paper": 11, "goal": 12_000, "being_checked": 3},
    {"count": 100, "goal": 100, "being_checked": 1},
    {"count": 5, "goal": 7, "life": Life.CLOSED},
    {"count": 7, "goal": 7, "paper": 7, "life": Life.CLOSED},
    {"being_checked": 1, "goal": 20},
    {"being_checked": 12, "paused": True},
    {"count": 21, "paused": True},
    *({"count": 6, "life": Life.CLOSED, "outcome": each} for each in Outcome),
]
SENTENCES = ".figure, .more, .small, .closed, .names, .press a:first-child"
READ = """([root, sentences]) => [...root.querySelectorAll(sentences)]
    .filter((each) => !each.hidden)
    .map((each) => each.cloneNode(true))
    .map((each) => (each.querySelectorAll("[hidden]").forEach((part) => part.remove()), each))
    .flatMap((each) => each.textContent.split(" · "))
    .map((each) => each.replace(/\\s+|[\u2068\u2069]/g, (gap) => gap.trim() ? "" : " ").trim())
    .filter(Boolean).sort()"""


@pytest.mark.parametrize("migrated_app", ["sqlite"], indirect=True)
def test_the_element_and_the_frame_say_the_same(
    app: Flask, site: Misbehaving, host: Host, reader: Reader
) -> None:
    make_letter(goal=None)
    letter = replace(with_count(in_force("a-letter")), languages=tuple(LANGUAGES))
    names, elements, frames = ["Ann", "نوال"], [], []
    with app.test_request_context():
        for at, stands in enumerate(STANDS):
            shown = replace(letter, slug=f"letter-{at}", **stands)
            texts = {}
            for language in LANGUAGES:
                each = replace(shown, language=language)
                elements.append(element(each.slug, lang=language))
                with force_locale(language):
                    texts[language] = public.card_text(each, names, language)
                    around = Surroundings()
                    frames.append(
                        render_template("embed/count.html", letter=each, names=names, around=around)
                    )
            site.letters[shown.slug] = public.card(shown, (), texts, names, NOON)
    page = reader.page
    page.goto(host.publish("/words", page_with(site.url, *elements)))
    expect(page.locator("open-letter .box")).to_have_count(len(elements))
    said = page.evaluate(
        f"""sentences => [...document.querySelectorAll("open-letter")]
            .map((each) => ({READ})([each.shadowRoot, sentences]))""",
        SENTENCES,
    )
    reader.page.goto("about:blank")
    framed = page.evaluate(
        f"""([pages, sentences]) => pages.map((each) =>
            ({READ})([new DOMParser().parseFromString(each, "text/html"), sentences]))""",
        [frames, SENTENCES],
    )
    assert said == framed
    assert reader.thrown() == []


def test_however_often_it_is_changed_it_is_drawn_once_a_frame(
    site: Misbehaving, host: Host, reader: Reader
) -> None:
    page = reader.page
    page.goto(host.publish("/changes", page_with(site.url, element())))
    expect(reader.card).to_be_visible()
    page.evaluate(
        """() => {
            const element = document.querySelector("open-letter");
            const box = element.shadowRoot.querySelector(".box");
            window.drawn = 0;
            new MutationObserver((all) => { drawn += all.length; })
                .observe(box, {attributeFilter: ["class"]});
            for (let round = 0; round < 10000; round += 1) {
                element.setAttribute("view", round % 2 ? "count" : "card");
                element.setAttribute("letter", round % 2 ? element.id : "another");
                element.remove();
                document.querySelector("main").append(element);
            }
            element.setAttribute("letter", "a-letter");
        }"""
    )
    expect(reader.card).to_have_class("box count ")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert 1 <= page.evaluate("drawn") <= 2
    asked_for(site, 1)
    assert reader.thrown() == []


def test_a_browser_writes_numbers_and_picks_forms_as_we_do(reader: Reader) -> None:
    numbers = [*range(130), 999, 1000, 1101, 9999, 10_000, 123_456, 1_000_000, 1_234_567]
    for language in LANGUAGES:
        written, picked = reader.page.evaluate(
            """([language, numbers]) => {
                const number = new Intl.NumberFormat(`${language}-u-nu-latn`);
                const forms = new Intl.PluralRules(language);
                return [numbers.map(number.format), numbers.map((each) => forms.select(each))];
            }""",
            [language, numbers],
        )
        assert written == [format_decimal(each, locale=language) for each in numbers]
        assert picked == [Locale(language).plural_form(each) for each in numbers]
