"""Somebody signs on another site, in a frame of ours that can keep no cookie."""

import re
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Page, expect

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


def overflow(page: Page) -> int:
    """How many pixels of the form do not fit into its frame."""
    inside = page.frames[1]
    return int(inside.evaluate("document.documentElement.scrollHeight - window.innerHeight"))


def test_it_is_signed_in_the_element_where_cookies_of_others_are_blocked(
    browse: Browse, demo: Site, host: Host
) -> None:
    reader, before = browse(), count(demo)
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
    assert overflow(reader) <= 0
    form.get_by_text("The text you sign").click()
    expect(form.locator(".text")).to_be_visible()
    reader.wait_for_timeout(100)
    assert overflow(reader) <= 0
    sign(form, "Fran Frame", "fran@example.org")
    expect(form.get_by_role("heading", name="Now confirm")).to_be_in_viewport()
    assert came(demo) == (1, 1), "with its proof of work"
    confirm(form, demo, "fran@example.org")
    expect(form.get_by_role("heading", name="Your signature is counted")).to_be_visible()
    expect(form.get_by_text("Fran Frame")).to_be_visible()

    assert count(demo) == before + 1
    assert overflow(reader) <= 0
    assert reader.context.cookies() == []
    with reader.expect_popup() as apart:
        form.get_by_role("link", name="Read the letter").click()
    assert apart.value.url == f"{demo.url}/letters/{DEMO_LETTER}?via=embed"


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
    for width in (240, 300, 390, 700):
        page.locator("iframe").evaluate("(frame, width) => frame.style.width = width + 'px'", width)
        page.frames[1].wait_for_function("width => window.innerWidth === width", arg=width)
        found.append(page.frames[1].evaluate("document.body.getBoundingClientRect().height"))
    return found


LONG = "Wolfeschlegelsteinhausenbergerdorff "


def test_its_height_tells_nothing_of_what_is_typed(browse: Browse, demo: Site, host: Host) -> None:
    told = []
    for name, address, words in (
        ("Al", "al@example.org", "x"),
        (f"འབྲུག {2 * LONG}", f"{60 * 'a'}@gmial.com", 5 * LONG + 9 * "\ny"),
    ):
        reader = browse()
        reader.goto(host.publish("/measured", frame(demo, DEMO_LETTER)))
        form = reader.frame_locator("iframe")
        form.locator(".more summary").click()
        for each in form.locator("form .field :is([type=text], textarea)").all():
            each.fill(words[: int(each.get_attribute("maxlength") or 60)])
        form.get_by_label("Your name").fill(name)
        form.get_by_label("E-mail address").fill(address)
        reader.wait_for_timeout(700)  # a script may look at what was typed
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


def letter_on(site: Site, slug: str, listed: Iterable[str]) -> str:
    """A letter that can be signed on these sites alone."""
    site.run("letter", "publish", str(sites.letter_file(site.folder, slug)))
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
    expect(link).to_have_attribute("href", f"{demo.url}/letters/{elsewhere}?via=embed%3A127.0.0.1")
    expect(reader.frame_locator("iframe").locator("form")).to_have_count(0)
    reader.goto(host.publish("/element", element(demo, elsewhere)))
    expect(reader.locator("iframe")).to_be_hidden()
    expect(reader.get_by_role("link", name="sign")).to_be_visible()
    assert watch.complaints == []

    silent = frame(demo, elsewhere, referrerpolicy="no-referrer")
    with reader.expect_event("console", lambda said: "frame-ancestors" in said.text):
        reader.goto(host.publish("/silent", silent))
    expect(reader.frame_locator("iframe").locator("form")).to_have_count(0)
    watch.complaints.clear()
