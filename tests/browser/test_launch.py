"""A letter is launched and handed over: first signatories, the opening, the copy on paper."""

import re

import pytest
from playwright.sync_api import expect

from tests import site as sites
from tests.browser.conftest import Browse
from tests.browser.places import Places, link, mail_to
from tests.site import DEMO_LETTER
from tests.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SLUG = "under-embargo"
ASKED = "Kim Ray; Composer; House of Sound; kim@example.org\nLou Ash; Poet; lou@example.org"


def test_first_signatories_sign_under_embargo_and_stand_first_at_the_opening(
    browse: Browse, places: Places
) -> None:
    site = places.site
    coming = sites.letter_file(site.folder, SLUG, title="Under embargo", opens="2999-01-01")
    site.run("letter", "publish", str(coming))
    organizer = browse(state=places.organizer, width=1280)
    organizer.goto(f"/organize/letters/{SLUG}/first")
    organizer.get_by_label("People").fill(ASKED)
    organizer.get_by_role("button", name="Add these people").click()
    organizer.get_by_role("button", name="Down").first.click()
    organizer.get_by_role("button", name="Send 2 invitations").click()
    organizer.get_by_text("2 invitations are on their way").wait_for()

    lou = browse(javascript=False)
    lou.goto(link(mail_to(site, "lou@example.org"), "first"))
    expect(lou.get_by_text("Under embargo until")).to_be_visible()
    expect(lou.get_by_text("We ask for fair terms.")).to_be_visible()
    assert Visitor(site.url).get(f"/letters/{SLUG}").status == 404
    lou.get_by_label("Title").fill("Poet and printer")
    lou.get_by_label("I sign this letter").check()
    lou.get_by_role("button", name="Sign as one of the first").click()
    expect(lou.get_by_text("You have signed this letter")).to_be_visible()

    kim = browse()
    kim.goto(link(mail_to(site, "kim@example.org"), "first"))
    expect(kim.get_by_role("heading", name="Who has signed so far")).to_be_visible()
    expect(kim.get_by_text("Poet and printer")).to_be_visible()
    kim.get_by_label("I sign this letter").check()
    kim.get_by_role("button", name="Sign as one of the first").click()
    kim.get_by_role("link", name="See, hide or withdraw my signature").wait_for()

    organizer.reload()
    expect(organizer.locator(".queue .state.published")).to_have_count(2)
    assert Visitor(site.url).get(f"/letters/{SLUG}").status == 404

    opened = sites.letter_file(site.folder, SLUG, title="Under embargo", opens="2020-01-01")
    site.run("letter", "publish", str(opened))
    reader = browse()
    reader.goto(f"/letters/{SLUG}")
    expect(reader.get_by_text("2 people have signed").first).to_be_visible()
    first = reader.locator(".names .first li")
    expect(first.locator(".name")).to_have_text(["Lou Ash", "Kim Ray"])
    expect(first.locator(".about")).to_have_text(["Poet and printer", "Composer, House of Sound"])


def test_the_copy_on_paper_has_all_of_it_and_no_navigation(browse: Browse, places: Places) -> None:
    page = browse(state=places.organizer, width=1280)
    page.goto(f"/organize/letters/{DEMO_LETTER}/export")
    page.get_by_role("button", name="Page to print").click()
    page.locator(".people li").first.wait_for()
    page.emulate_media(media="print")
    for shown in (".letter h1", ".sum h2", ".sum code", ".people li"):
        expect(page.locator(shown).first).to_be_visible()
    page.wait_for_load_state()
    expect(page.locator("header.site")).to_be_hidden()
    columns = page.locator(".people").evaluate("each => getComputedStyle(each).columnCount")
    assert columns == "3"
    assert _pages(page.pdf(format="A4")) > 1
    long = "Write, paint and compose with us "
    file = sites.letter_file(places.site.folder, "long-title", title=f"{long * 6}ok")
    places.site.run("letter", "publish", str(file))
    for slug in (DEMO_LETTER, "long-title"):
        page.goto(f"/letters/{slug}/poster")
        for sheet in ("A4", "Letter"):
            assert _pages(page.pdf(format=sheet)) == 1


def _pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


def test_a_link_is_copied_by_a_button_where_the_browser_can(browse: Browse, places: Places) -> None:
    page = browse(state=places.organizer)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/letters/{DEMO_LETTER}")
    page.get_by_role("button", name="Copy the link").click()
    page.get_by_text("The link is copied.").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith(f"/letters/{DEMO_LETTER}?via=share")
    page.goto(f"/organize/letters/{DEMO_LETTER}/share")
    page.get_by_role("button", name="Copy the address, English").click()
    page.get_by_text("Copied.").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith(f"/letters/{DEMO_LETTER}")
    plain = browse(javascript=False)
    plain.goto(f"/letters/{DEMO_LETTER}")
    expect(plain.get_by_role("link", name="Mastodon")).to_be_visible()
    expect(plain.get_by_role("button", name="Copy the link")).to_be_hidden()


def test_what_is_chosen_for_other_sites_is_seen_at_once_and_copied(
    browse: Browse, places: Places
) -> None:
    page = browse(state=places.organizer, width=1280)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/organize/letters/{DEMO_LETTER}/embed")
    light = page.frame_locator(".samples iframe.light")
    expect(light.locator("open-letter").get_by_text("have signed")).to_be_visible()
    expect(page.get_by_role("button", name="Show")).to_be_hidden()
    page.get_by_label("What", exact=True).select_option("frame")
    expect(page.locator("#code")).to_contain_text("<iframe")
    count = light.frame_locator("iframe").get_by_text("have signed")
    expect(count).to_be_visible()
    page.get_by_label("Background").select_option("dark")
    page.get_by_label("Colour of buttons").fill("#111")
    page.get_by_label("Language").focus()
    page.get_by_text("Too dark on a dark background").wait_for()
    expect(page.get_by_label("Language")).to_be_focused()
    page.get_by_label("Colour of buttons").fill("e0a030")
    page.get_by_label("Language").select_option("ar")
    expect(page.locator("#code")).to_contain_text("lang=ar&amp;theme=dark&amp;accent=e0a030")
    page.get_by_role("button", name="Copy").click()
    page.get_by_text("Copied.").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#code").inner_text()
    page.reload()  # the address says what is chosen
    expect(page.locator("#code")).to_have_text(copied)
