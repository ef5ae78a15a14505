"""An organizer shapes the form, counts on paper, and closes a letter with what came of it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import site as sites
from tests.browser.conftest import Browse, stay_when_asked
from tests.browser.places import Places, count
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def _publish(site: Site, slug: str) -> None:
    site.run("letter", "publish", str(sites.letter_file(site.folder, slug, title="To shape")))


def _says(page: Page, words: str) -> None:
    """Wait until the page tells what was just done."""
    expect(page.get_by_role("status").first).to_contain_text(words)


@pytest.mark.parametrize("javascript", [True, False])
def test_the_form_asks_what_the_organizer_wants(
    browse: Browse, demo: Site, places: Places, *, javascript: bool
) -> None:
    slug = f"shaped-{javascript}".lower()
    _publish(demo, slug)
    editor = browse(javascript=javascript, state=places.organizer)
    editor.goto(f"/organize/letters/{slug}/settings")
    editor.get_by_label("Names in public").select_option("initials only")
    editor.get_by_role("combobox", name="Profession or role").select_option("must be filled in")
    editor.get_by_role("combobox", name="Organization").select_option("not asked")
    editor.get_by_role("button", name="Save the settings").click()
    _says(editor, "holds from now on")
    editor.get_by_role("link", name="Ask a question of your own").click()
    expect(editor.get_by_label("Choices")).to_be_visible(visible=not javascript)
    editor.get_by_label("Answered by").select_option("choosing from a list")
    editor.get_by_label("Question").fill("Where do you play?")
    editor.get_by_label("Choices").fill("On stage\n\nIn the street")
    editor.get_by_label("Show the answer in public").check()
    editor.get_by_role("button", name="Ask this question").click()
    expect(editor.get_by_text("Where do you play?")).to_be_visible()

    signer = browse(javascript=javascript)
    signer.goto(f"/letters/{slug}")
    expect(signer.get_by_label("Organization")).to_have_count(0)
    signer.get_by_label("Your name").fill("Ann Lee")
    signer.get_by_label("E-mail address").fill(f"{slug}@example.org")
    signer.get_by_label("I sign this letter").check()
    signer.get_by_label("Where do you play?").select_option("In the street")
    signer.get_by_role("button", name="Sign the letter").click()
    expect(signer.get_by_role("alert")).to_contain_text("the letter asks everybody for it")
    signer.get_by_label("Profession or role").fill("Composer")
    expect(signer.get_by_label("Where do you play?")).to_have_value("2")
    signer.get_by_role("button", name="Sign the letter").click()
    expect(signer.get_by_role("heading", level=1)).to_have_text("Now confirm your signature")


def test_a_letter_is_closed_with_what_came_of_it_and_opened_again(
    browse: Browse, demo: Site, places: Places
) -> None:
    _publish(demo, "to-close")
    editor, reader = browse(state=places.organizer, width=1280, zone="Asia/Tokyo"), browse()
    editor.goto("/organize/letters/to-close/paper")
    editor.get_by_label("How many").fill("12")
    editor.get_by_label("Collected on").fill("2026-05-01")
    editor.get_by_label("Where").fill("Market square")
    editor.get_by_role("button", name="Count them").click()
    _says(editor, "12 signatures on paper")
    assert count(demo, "to-close") == 12

    editor.get_by_role("link", name="Open and close").click()
    closes = editor.get_by_label("Closes")
    expect(editor.get_by_text("In your own time.")).to_be_visible()
    closes.fill("2999-05-01T10:00")
    expect(editor.locator("output")).to_have_text(re.compile(r"2999.*10:00.*\b1:00\sAM UTC"))
    stay_when_asked(editor)
    expect(closes).to_have_value("2999-05-01T10:00")
    editor.get_by_role("button", name="Save the dates").click()
    _says(editor, "closes at exactly this time")
    expect(editor.get_by_label("Closes")).to_have_value("2999-05-01T10:00")
    expect(editor.locator("input[name=closes]")).to_have_value("2999-05-01T01:00")
    editor.get_by_label("What came of it").select_option("won: what was asked for happens")
    editor.get_by_label("Message to all readers").fill("They agreed.\n\nThank you.")
    editor.get_by_role("button", name="Close the letter").click()
    _says(editor, "The letter is closed.")
    reader.goto("/letters/to-close")
    expect(reader.get_by_role("region", name="Won")).to_be_visible()
    expect(reader.get_by_text("They agreed.")).to_be_visible()
    expect(reader.get_by_text("12 people have signed").first).to_be_visible()
    expect(reader.get_by_role("button", name="Sign the letter")).to_have_count(0)

    editor.get_by_role("button", name="Undo").click()
    _says(editor, "open again")
    reader.reload()
    expect(reader.get_by_role("button", name="Sign the letter")).to_be_visible()
    expect(reader.get_by_text("They agreed.")).to_have_count(0)
