"""Somebody signs on another site, in a frame of ours that can keep no cookie."""

import re
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, Route, expect

from tests import site as sites
from tests.browser.conftest import Browse, Host, Watch
from tests.browser.places import count, mail_to
from tests.browser.test_puzzle import came
from tests.site import DEMO_LETTER, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

COOKIE = """<p><script>
document.cookie = "x=1; SameSite=None; Secure";
document.write(`(${document.cookie})`);
</script>"""
"""A page that shows whether a browser keeps its cookie."""


def element(site: Site, slug: str, **chosen: str) -> str:
    """What an editor pastes, on a page that allows our origin, and nothing else."""
    ours = " ".join(f"{what}-src {site.url};" for what in ("script", "connect", "frame"))
    policy = f"default-src 'none'; img-src data:; {ours}"
    wishes = "".join(f" {name}='{chosen[name]}'" for name in chosen)
    return (
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<open-letter letter='{slug}' view='form'{wishes}><a href='{site.url}/letters/{slug}'>"
        f"Read and sign</a></open-letter><script async src='{site.url}/embed/v1.js'></script>"
    )


def frame(site: Site, slug: str, **others: str) -> str:
    """The form as a plain frame."""
    said = "".join(f" {name}='{others[name]}'" for name in others)
    address = f"{site.url}/embed/{slug}/form"
    return f"<iframe title=Form width=380 height=500 src='{address}'{said}></iframe>"


def sign(form: FrameLocator, name: str, address: str) -> None:
    """Fill in the form, and press its button."""
    form.get_by_label("Your name").fill(name)
    form.get_by_label("E-mail address").fill(address)
    form.get_by_label("Show my name").check()
    form.get_by_label("I sign this letter").check()
    form.get_by_role("button", name="Sign the letter").click()


def confirm(form: FrameLocator, site: Site, address: str) -> None:
    """Type the code of the mail: first another, then the right one."""
    code = re.search(r"\b\d{3}\s?\d{3}\b", mail_to(site, address).text)
    assert code
    wrong = code[0].translate(str.maketrans("0123456789", "1234567890"))
    for typed in (wrong, code[0]):
        expect(form.get_by_label("address you signed with")).to_have_value(address)
        form.get_by_label("code from the mail").fill(typed)
        form.get_by_role("button", name="Confirm").click()
        if typed == wrong:
            expect(form.get_by_role("alert")).to_contain_text("This code does not fit")
            expect(form.locator(".typed")).to_contain_text(address)


def fits(page: Page) -> None:
    """Wait until the whole form stands in its frame."""
    page.frames[1].wait_for_function(
        "document.documentElement.scrollHeight <= window.innerHeight", polling=20
    )


def test_it_is_signed_in_the_element_where_cookies_of_others_are_blocked(
    browse: Browse, demo: Site, host: Host
) -> None:
    reader, before = browse(), count(demo)
    refuse_cookies_of_others(reader)
    host.publish("/cookie", COOKIE)
    reader.goto(f"{host.sibling_url}/cookie")
    expect(reader.get_by_text("(x=1)")).to_be_visible()
    reader.goto(host.publish("/around", f"<iframe src='{host.sibling_url}/cookie'></iframe>"))
    expect(reader.frame_locator("iframe").get_by_text("()")).to_be_visible()
    reader.context.clear_cookies()

    reader.goto(host.publish("/article", element(demo, DEMO_LETTER)))
    form = reader.frame_locator("iframe")
    form.get_by_role("button", name="Sign the letter").click()
    expect(form.get_by_role("alert")).to_be_focused()
    expect(form.get_by_role("alert")).to_be_in_viewport()
    fits(reader)
    form.get_by_text("The text you sign").click()
    expect(form.locator(".text")).to_be_visible()
    fits(reader)
    sign(form, "Fran Frame", "fran@example.org")
    expect(form.get_by_role("heading", name="Now confirm")).to_be_in_viewport()
    assert came(demo) == (1, 1), "with its proof of work"
    confirm(form, demo, "fran@example.org")
    expect(form.get_by_role("heading", name="Your signature is counted")).to_be_visible()
    expect(form.get_by_text("Fran Frame")).to_be_visible()

    assert count(demo) == before + 1
    fits(reader)
    assert reader.context.cookies() == []
    with reader.expect_popup() as apart:
        form.get_by_role("link", name="Read the letter").click()
    expect(apart.value).to_have_url(f"{demo.url}/letters/{DEMO_LETTER}?via=embed%3A127.0.0.1")


def broken(route: Route) -> None:
    """We are away, and a proxy of ours says so."""
    route.fulfill(status=502, body="<h1>Bad Gateway</h1>", content_type="text/html")


def cut(route: Route) -> None:
    """The network is away."""
    route.abort("connectionreset")


def missing(route: Route) -> None:
    """A proxy of ours has nobody to ask at this address."""
    route.fulfill(status=404, body="<h1>Not found</h1>", content_type="text/html")


def silent(_route: Route) -> None:
    """Nobody answers."""


def lost(route: Route) -> None:
    """What was sent arrives, and the answer does not."""
    assert route.fetch().ok
    route.abort("connectionreset")


def gone(route: Route) -> None:
    """There is no letter any more."""
    route.fulfill(status=410, body="<body class=embed>Withdrawn", content_type="text/html")


def test_what_is_typed_outlives_a_site_that_is_away(
    browse: Browse, demo: Site, host: Host, watch: Watch
) -> None:
    watch.pardon("Failed to load resource", "no numbers for the moment")
    reader, before = browse(), count(demo)
    reader.clock.install()
    reader.goto(host.publish("/outage", element(demo, DEMO_LETTER)))
    form = reader.frame_locator("iframe")
    press, status = form.get_by_role("button", name="Sign the letter"), form.get_by_role("status")
    form.locator(".more summary").click()
    form.get_by_label("Why you sign").fill("Because of the lamps.")
    for fault in (broken, missing, cut, silent, lost):
        reader.route("**/sign*", fault)
        with reader.expect_request("**/sign*"):
            sign(form, "Olga Outage", "olga@example.org")
        if fault is silent:
            reader.clock.run_for(1_000)
            expect(status).to_contain_text("One moment, please.")
            reader.clock.run_for(14_000)
        expect(status).to_contain_text("No answer came. What you typed is still here")
        expect(status).to_be_in_viewport()
        expect(press).to_be_focused()
        reader.clock.run_for(3_000)  # the element takes away what is no form
        expect(form.get_by_label("Your name")).to_have_value("Olga Outage")
        expect(form.get_by_label("Why you sign")).to_have_value("Because of the lamps.")
        expect(form.get_by_label("I sign this letter")).to_be_checked()
        fits(reader)
        reader.unroute("**/sign*")
    press.click()
    heading = form.get_by_role("heading", name="Now confirm")
    expect(heading).to_be_focused()
    expect(heading).to_be_in_viewport()
    assert came(demo) == (1, 2), "each time with a proof of work of its own"
    fits(reader)

    reader.route("**/code*", cut)
    form.get_by_label("code from the mail").fill("12 34")
    form.get_by_role("button", name="Confirm").click()
    expect(status).to_contain_text("No answer came.")
    expect(form.get_by_label("code from the mail")).to_have_value("12 34")
    reader.unroute("**/code*")
    confirm(form, demo, "olga@example.org")
    expect(form.get_by_text("Olga Outage")).to_be_visible()
    assert count(demo) == before + 1
    fits(reader)

    reader.route("**/sign*", gone)
    for another_version in (False, True):
        reader.reload()
        if another_version:
            status.evaluate("status => status.remove()")
        with reader.expect_event("framenavigated", lambda frame: "/sign" in frame.url):
            press.click()


def test_it_is_signed_in_a_plain_frame_without_scripts(
    browse: Browse, demo: Site, host: Host
) -> None:
    reader, before = browse(javascript=False), count(demo)
    reader.goto(host.publish("/plain", frame(demo, DEMO_LETTER)))
    form = reader.frame_locator("iframe")
    sign(form, "Nora Noscript", "nora@example.org")
    confirm(form, demo, "nora@example.org")
    expect(form.get_by_text("Nora Noscript")).to_be_visible()
    assert count(demo) == before + 1
    assert reader.context.cookies() == []


def heights(page: Page) -> list[float]:
    """How high the frame's page is at several widths, as the page around may know."""
    found = []
    page.frames[1].wait_for_load_state()
    for width in (240, 300, 390, 700):
        page.locator("iframe").evaluate("(frame, width) => frame.style.width = width + 'px'", width)
        page.frames[1].wait_for_function(
            "width => window.innerWidth === width", arg=width, polling=20
        )
        found.append(page.frames[1].evaluate("document.body.getBoundingClientRect().height"))
    return found


LONG = "Wolfeschlegelsteinhausenbergerdorff "


def test_its_height_tells_nothing_of_what_is_typed(browse: Browse, demo: Site, host: Host) -> None:
    told: list[list[list[float]]] = []
    for name, address, words in (
        ("Al", "al@example.org", "x"),
        (f"འབྲུག {2 * LONG}", f"{60 * 'a'}@gmial.com", 5 * LONG + 9 * "\ny"),
    ):
        reader = browse()
        reader.clock.install()
        letter = published(demo, f"measured-{len(told)}")
        reader.goto(host.publish("/measured", frame(demo, letter)))
        form = reader.frame_locator("iframe")
        form.locator(".more summary").click()
        for each in form.locator("form .field :is([type=text], textarea)").all():
            each.fill(words[: int(each.get_attribute("maxlength") or 60)])
        form.get_by_label("Your name").fill(name)
        form.get_by_label("E-mail address").fill(address)
        reader.clock.run_for(700)  # a script may look at what was typed
        seen = [heights(reader)]
        form.get_by_role("button", name="Sign the letter").click()
        expect(form.get_by_role("alert")).to_be_visible()
        seen.append(heights(reader))
        sign(form, name, address)
        expect(form.get_by_text(address)).to_have_count(1)
        seen.append(heights(reader))
        confirm(form, demo, address)
        expect(form.locator(".as-signed")).to_contain_text(name.strip())
        seen.append(heights(reader))
        told.append(seen)
    assert told[0] == told[1]


CUT = """() => [...document.querySelectorAll(".typed, .as-signed")].filter(
  ({ clientHeight, clientWidth, scrollHeight, scrollWidth }) =>
    scrollHeight > clientHeight || scrollWidth > clientWidth
).length"""


def test_what_is_usually_typed_is_not_cut(browse: Browse, demo: Site) -> None:
    reader, address = browse(), "juergen.hohenstein@gmial.com"

    def stands_whole() -> None:
        for width in (240, 320, 390, 700):
            reader.set_viewport_size({"width": width, "height": 800})
            assert reader.evaluate(CUT) == 0, width

    reader.goto(f"{demo.url}/embed/{DEMO_LETTER}/form?lang=de")
    reader.locator("#name").fill("Jürgen Hohenstein-Wiedemann")
    reader.locator("#email").fill(address)
    reader.locator("#show_name").check()
    reader.locator("#consent").check()
    reader.locator("#sign button").click()
    expect(reader.locator(".typed a")).to_be_visible()
    stands_whole()
    reader.emulate_media(media="print")
    expect(reader.get_by_text(f"{demo.url}/letters/{DEMO_LETTER}?lang=de")).to_be_visible()
    reader.emulate_media(media="screen")
    code = re.search(r"\b\d{3}\s?\d{3}\b", mail_to(demo, address).text)
    assert code
    reader.locator("#code").fill(code[0])
    reader.locator("#code").press("Enter")
    expect(reader.locator(".as-signed .name")).to_be_visible()
    stands_whole()


def refuse_cookies_of_others(page: Page) -> None:
    """As most browsers do by themselves, and the others where somebody has set it."""
    controls = {
        "enableThirdPartyCookieRestriction": True,
        "disableThirdPartyCookieMetadata": True,
        "disableThirdPartyCookieHeuristics": True,
    }
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCookieControls", controls)


def published(site: Site, slug: str) -> str:
    """A letter of its own, whose names are no others'."""
    site.run("letter", "publish", str(sites.letter_file(site.folder, slug)))
    return slug


def letter_on(site: Site, slug: str, listed: Iterable[str]) -> str:
    """A letter that can be signed on these sites alone."""
    published(site, slug)
    file = Path(site.environment["PETITION_DATA_DIR"]) / "petition.sqlite3"
    with sqlite3.connect(file) as database:
        database.execute("UPDATE letter SET framing = 'listed' WHERE slug = ?", (slug,))
        database.executemany(
            "INSERT INTO embed_site (letter_id, name, standing, organizer_id, created_at) "
            "SELECT letter.id, ?, 'listed', (SELECT min(id) FROM organizer), '2026-01-01' "
            "FROM letter WHERE slug = ?",
            [(name, slug) for name in listed],
        )
    database.close()
    return slug


def test_only_listed_sites_frame_it(browse: Browse, demo: Site, host: Host, watch: Watch) -> None:
    reader = browse()
    name = host.url.removeprefix("http://")
    here = letter_on(demo, "signed-there", ["news.example", name])
    for page in (frame(demo, here), frame(demo, here, referrerpolicy="no-referrer")):
        reader.goto(host.publish("/listed", page))
        expect(reader.frame_locator("iframe").get_by_label("Your name")).to_be_visible()

    elsewhere = letter_on(demo, "signed-elsewhere", ["news.example"])
    reader.goto(host.publish("/unlisted", frame(demo, elsewhere)))
    link = reader.frame_locator("iframe").get_by_role("link", name="Read and sign")
    expect(link).to_have_attribute("href", f"{demo.url}/letters/{elsewhere}?via=embed")
    expect(reader.frame_locator("iframe").locator("form")).to_have_count(0)
    with reader.expect_response("**/card.json*"):
        reader.goto(host.publish("/element", element(demo, elsewhere)))
    expect(reader.locator("open-letter .box")).to_be_visible()
    expect(reader.locator("iframe")).to_be_hidden()
    expect(reader.get_by_role("link", name="sign")).to_be_visible()
    assert watch.complaints == []

    watch.pardon("frame-ancestors")
    silent = frame(demo, elsewhere, referrerpolicy="no-referrer")
    with reader.expect_event("console", lambda said: "frame-ancestors" in said.text):
        reader.goto(host.publish("/silent", silent))
    expect(reader.frame_locator("iframe").locator("form")).to_have_count(0)
