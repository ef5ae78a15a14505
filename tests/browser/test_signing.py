"""A reader with a phone and without JavaScript signs, and the number is one higher everywhere."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Browse, Host, stop_clock
from tests.browser.places import count, mail_to, mails_to, shown_count
from tests.site import DEMO_LETTER, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LETTER = f"/letters/{DEMO_LETTER}"


def read_and_sign(reader: Page, name: str, address: str) -> None:
    """Read the letter, follow its call, fill in the form, and press its button."""
    reader.goto(LETTER)
    expect(reader.get_by_role("heading", level=1)).to_be_visible()
    reader.get_by_role("link", name="Sign the letter").first.click()
    reader.wait_for_url("**#sign")
    reader.get_by_label("Your name").fill(name)
    reader.get_by_label("E-mail address").fill(address)
    reader.get_by_label("Show my name").check()
    reader.get_by_label("I sign this letter").check()
    reader.get_by_role("button", name="Sign the letter").click()
    reader.wait_for_url(f"**{LETTER}/thanks*")


def open_mail(reader: Page, site: Site, address: str) -> None:
    """Find the mail in the mailbox and open it."""
    mail_to(site, address)
    reader.goto("/mailbox")
    reader.get_by_role("listitem").filter(has_text=address).get_by_role("link").first.click()
    expect(reader.get_by_text(address).first).to_be_visible()


def number_on(page: Page) -> int:
    """The count that the words of a page tell."""
    return shown_count(page.locator("body").inner_text())


def number_in_a_frame(reader: Page, host: Host, site: Site) -> int:
    """The count in an iframe on somebody else's page."""
    frame = f"<iframe title=Count src='{site.url}/embed/{DEMO_LETTER}'></iframe>"
    reader.goto(host.publish("/frame", frame))
    return shown_count(reader.frame_locator("iframe").locator("body").inner_text())


def test_it_counts_who_confirms_by_the_button(browse: Browse, demo: Site, host: Host) -> None:
    before = count(demo)
    reader = browse(javascript=False)
    reader.goto(LETTER)
    assert number_on(reader) == before

    read_and_sign(reader, "Nell Noscript", "nell@example.org")
    open_mail(reader, demo, "nell@example.org")
    reader.locator("a[href*='/confirm/']").first.click()
    expect(reader.get_by_text("Nell Noscript").first).to_be_visible()
    assert count(demo) == before
    reader.get_by_role("button", name="Yes, I sign").click()

    reader.wait_for_url(f"**{LETTER}/signed*")
    expect(reader.get_by_text("Nell Noscript").first).to_be_visible()
    assert number_on(reader) == before + 1
    reader.goto(LETTER)
    assert number_on(reader) == before + 1
    expect(reader.get_by_text("Nell Noscript").first).to_be_visible()
    assert count(demo) == before + 1
    assert number_in_a_frame(reader, host, demo) == before + 1


def test_it_counts_who_types_the_code_and_sees_no_style(
    browse: Browse, demo: Site, host: Host
) -> None:
    before = count(demo)
    reader = browse(javascript=False)
    reader.route("**/*.css*", lambda route: route.fulfill(body="", content_type="text/css"))

    read_and_sign(reader, "Cody Code", "cody@example.org")
    code = re.search(r"\b\d{3}\s?\d{3}\b", mail_to(demo, "cody@example.org").text)
    assert code
    expect(reader.get_by_label("address you signed with")).to_have_value("cody@example.org")
    reader.get_by_label("code from the mail").fill(code[0])
    reader.get_by_role("button", name="Confirm").click()

    reader.wait_for_url(f"**{LETTER}/signed*")
    reader.goto(LETTER)
    assert number_on(reader) == before + 1
    assert count(demo) == before + 1
    assert number_in_a_frame(reader, host, demo) == before + 1


def cookies(reader: Page) -> set[tuple[str, str, bool]]:
    """Name, path and closedness of each cookie that a browser keeps."""
    kept = reader.context.cookies()
    return {(each["name"], each["path"], each["httpOnly"]) for each in kept}


def test_it_keeps_no_cookie_before_and_no_token_after_confirming(
    browse: Browse, demo: Site
) -> None:
    reader, stranger = browse(javascript=False), browse(javascript=False)
    reader.goto(LETTER)
    assert cookies(reader) == set()
    read_and_sign(reader, "Petra Private", "petra@example.org")
    assert cookies(reader) == {("written-to", f"{LETTER}/", True)}
    open_mail(reader, demo, "petra@example.org")
    reader.locator("a[href*='/confirm/']").first.click()
    reader.wait_for_url("**/confirm/*")
    token = reader.url.rsplit("/", 1)[1]
    reader.get_by_role("button", name="Yes, I sign").click()
    reader.wait_for_url("**/signed*")

    assert token not in reader.url + reader.content()
    assert cookies(reader) == {("signed", f"{LETTER}/signed", True)}
    stranger.goto(reader.url)
    expect(stranger.get_by_text("Petra Private")).to_have_count(0)


def test_it_confirms_nothing_without_a_pressed_button(browse: Browse, demo: Site) -> None:
    reader = browse(javascript=False)
    read_and_sign(reader, "Sam Scanned", "sam@example.org")
    mail = mail_to(demo, "sam@example.org")
    before = count(demo)
    scanner = browse(javascript=True)

    scanner.clock.install()
    scanner.goto(next(link for link in mail.links if "/confirm/" in link))
    scanner.clock.run_for(60_000)
    for blindly in ("forms[0].submit()", "forms[0].requestSubmit()"):
        with scanner.expect_navigation() as answer:
            scanner.evaluate(f"() => {{ setTimeout(() => document.{blindly}); }}")
        assert answer.value is not None
        assert answer.value.status == 400

    assert count(demo) == before


def test_it_deletes_what_was_typed_when_it_was_not_me(browse: Browse, demo: Site) -> None:
    reader = browse(javascript=False)
    read_and_sign(reader, "Vic Victim", "vic@example.org")
    before = count(demo)

    open_mail(reader, demo, "vic@example.org")
    reader.locator("a[href*='/confirm/']").first.click()
    reader.wait_for_url("**/confirm/*")
    link = reader.url
    reader.get_by_role("button", name="This was not me").click()
    reader.wait_for_url("**/disowned")
    reader.goto(link)

    expect(reader.get_by_role("heading", level=1)).to_contain_text("does not work")
    assert count(demo) == before
    assert mails_to(demo, "vic@example.org") == 1


def test_it_offers_a_slip_corrected_without_insisting(browse: Browse) -> None:
    reader = browse()
    stop_clock(reader)
    reader.goto(LETTER)
    field, offer = reader.get_by_label("E-mail address"), reader.locator(".perhaps")

    def type_in(address: str) -> Locator:
        field.fill(address)
        field.blur()
        reader.clock.run_for(400)
        return offer.get_by_role("button")

    for right in ("ann@gmx.net", "ann@hotmail.fr", "ann@example.org", "ann@", ""):
        expect(type_in(right)).to_have_count(0)
    for wrong, meant in (("gmx.d", "gmx.de"), ("maktob.com", "maktoob.com"), ("gmial,com", None)):
        expect(type_in(f"ann@{wrong}")).to_contain_text(f"ann@{meant or 'gmail.com'}")
    expect(type_in("ann@gamil.com")).to_be_visible()
    expect(offer.get_by_role("status")).to_contain_text("Did you mean")
    offer.get_by_role("button").press("Enter")
    expect(field).to_have_value("ann@gmail.com")
    expect(field).to_be_focused()
    expect(offer.get_by_role("button")).to_have_count(0)

    for typed, shown in (("ann@gamil", 0), ("ann@gamil.com", 1)):  # while the field is typed into
        field.fill(typed)
        reader.clock.run_for(700)
        expect(field).to_be_focused()
        expect(offer.get_by_role("button")).to_have_count(shown)
    reader.get_by_label("Your name").fill("Ann Slip")

    field.fill("ann@gamil.com")  # and where it was left at once, nothing moves under the finger
    field.press("Tab")
    place = "document.activeElement.id + document.activeElement.getBoundingClientRect().top"
    before = reader.evaluate(place)
    reader.clock.run_for(700)
    expect(offer.get_by_role("button")).to_be_visible()
    assert reader.evaluate(place) == before
    reader.get_by_label("I sign this letter").check()
    reader.get_by_role("button", name="Sign the letter").click()
    reader.clock.resume()
    reader.wait_for_url(f"**{LETTER}/thanks*")
    expect(reader.get_by_text("You wrote gamil.com")).to_be_visible()
