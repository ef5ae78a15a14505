"""An organizer writes a letter in the browser; readers sign it, and sign what it became."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Browse, stay_when_asked
from tests.browser.places import Places, confirm, count, link, mail_to, mails_to, sign
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WIDE = 1280


def begin(editor: Page, title: str) -> str:
    """Begin a letter; its slug."""
    editor.goto("/organize/letters/new")
    editor.get_by_label("Title").fill(title)
    editor.get_by_role("button", name="Begin the letter").click()
    editor.wait_for_url("**/text")
    return editor.url.split("/")[-2]


def text_of(editor: Page) -> str:
    """What stands in the field of the text."""
    return editor.get_by_label("Text", exact=True).input_value()


def write(editor: Page, markdown: str, **others: str) -> None:
    """Type into the editor's fields."""
    for label, words in others.items():
        editor.get_by_label(label, exact=True).fill(words)
    editor.get_by_label("Text", exact=True).fill(markdown)


def publish(editor: Page, kind: str = "", note: str = "") -> None:
    """Save, look at what publishing does, declare it where that is asked, and publish."""
    editor.get_by_role("button", name="Save and publish").click()
    editor.wait_for_url("**/publish*")
    if kind:
        editor.get_by_label(kind).check()
        editor.get_by_label("What was changed, and why").fill(note)
    editor.get_by_role("button", name="Publish", exact=True).click()
    expect(editor.get_by_role("status").first).to_contain_text("Published as revision")


def test_a_letter_is_written_translated_corrected_changed_and_signed_anew(
    browse: Browse, demo: Site, places: Places
) -> None:
    editor = browse(state=places.organizer, width=WIDE)
    slug = begin(editor, "Fair terms")
    write(editor, "We ask for terms.\n\nAll of us.", To="the makers", From="the artists")

    # The preview is the page that will be, while nothing is saved.
    preview = editor.frame_locator("iframe[title=Preview]")
    expect(preview.get_by_text("We ask for terms.")).to_be_visible()
    expect(preview.get_by_role("heading", level=1)).to_have_text("Fair terms")
    area = editor.get_by_label("Text", exact=True)
    area.evaluate("each => each.setSelectionRange(11, 16)")
    editor.get_by_role("button", name="Bold").click()
    assert text_of(editor) == "We ask for **terms**.\n\nAll of us."
    expect(preview.locator("strong")).to_have_text("terms")
    area.press("Control+b")
    assert text_of(editor) == "We ask for terms.\n\nAll of us."
    publish(editor)

    editor.get_by_text("Add a language").last.click()
    editor.get_by_label("Language", exact=True).fill("French")
    editor.get_by_role("button", name="Begin the translation").click()
    expect(editor.get_by_text("The text in English")).to_be_visible()
    write(editor, "Nous demandons des termes.", Title="Des termes justes", To="aux fabricants")
    publish(editor)

    reader = browse(javascript=False)
    reader.goto(f"/letters/{slug}")
    reader.get_by_role("link", name="Français").click()
    expect(reader.locator("article")).to_contain_text("Nous demandons")
    assert reader.locator("article").get_attribute("lang") == "fr"
    confirm(demo, sign(demo, "english@example.org", slug=slug, name="Emma English"))
    confirm(demo, sign(demo, "french@example.org", slug=slug, lang="fr", name="Fanny French"))
    assert count(demo, slug) == 2

    # A correction: the name stays under it, and everybody sees what was corrected.
    editor.goto(f"/organize/letters/{slug}/text")
    write(editor, "We ask for fair terms.\n\nAll of us.")
    publish(editor, "A correction", "A word was missing.")
    reader.goto(f"/letters/{slug}")
    expect(reader.locator("article")).to_contain_text("Corrected on")
    reader.get_by_role("link", name="What was changed").click()
    expect(reader.locator("ins")).to_contain_text("fair")

    # A change of substance: who signed before is asked, and signs with one button.
    editor.goto(f"/organize/letters/{slug}/text")
    write(editor, "We ask for fair terms, in writing.\n\nAll of us.")
    publish(editor, "A change of substance", "A promise is not enough.")
    reader.goto(f"/letters/{slug}/signatures")
    expect(reader.get_by_text(re.compile("^revision [12]$"))).to_have_count(2)
    assert count(demo, slug) == 2
    signer = browse(javascript=False)
    signer.goto(link(mail_to(demo, "english@example.org", "has changed"), "signature"))
    expect(signer.get_by_text("A promise is not enough.")).to_be_visible()
    expect(signer.locator("ins").last).to_contain_text("in writing")
    signer.get_by_role("button", name="Sign the new text").click()
    expect(signer.get_by_role("button", name="Sign the new text")).to_have_count(0)
    reader.reload()
    expect(reader.get_by_text(re.compile("^revision [12]$"))).to_have_text("revision 2")
    assert count(demo, slug) == 2
    assert mails_to(demo, "french@example.org") == 1


def test_two_colleagues_lose_no_word(browse: Browse, demo: Site, places: Places) -> None:
    mine = browse(state=places.organizer, width=WIDE)
    slug = begin(mine, "Two write")
    theirs = browse(state=places.organizer, javascript=False)
    theirs.goto(mine.url)
    write(theirs, "Theirs.", To="them", From="us")
    with theirs.context.expect_page() as opened:
        theirs.get_by_role("button", name="Preview").click()
    expect(opened.value.locator("article")).to_contain_text("Theirs")
    theirs.get_by_role("button", name="Save", exact=True).click()
    expect(theirs.get_by_role("status").first).to_contain_text("Saved")

    write(mine, "Mine.")
    stay_when_asked(mine)
    expect(mine.get_by_text("words here that are not saved")).to_be_visible()
    mine.get_by_role("button", name="Save", exact=True).click()

    overtaken = mine.get_by_role("alert")
    expect(overtaken).to_contain_text("You have saved this text in another window")
    expect(overtaken.locator("del").last).to_contain_text("Theirs")
    expect(overtaken.locator("ins").last).to_contain_text("Mine")
    assert text_of(mine) == "Mine."
    theirs.reload()
    assert text_of(theirs) == "Theirs."
    write(mine, "Mine, and theirs.", To="them", From="us")
    mine.get_by_role("button", name="Save over the other text", exact=True).click()
    expect(mine.get_by_role("status").first).to_contain_text("Saved")
    theirs.reload()
    assert text_of(theirs) == "Mine, and theirs."
    mine.get_by_role("status").first.get_by_role("button", name="Bring it back").click()
    expect(mine.get_by_label("Text", exact=True)).to_have_value("Theirs.")
    assert re.search(rf"/letters/{slug}/text", theirs.url)
