"""An organizer comes in by code, by link and by passkey; invites a colleague, who comes in too."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import site as sites
from tests.browser.conftest import Browse
from tests.browser.places import TEAM, Places, link, mail_to
from tests.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def ann(demo: Site) -> str:
    """The address of an organizer."""
    demo.run("organizer", "add", "ann.accounts@example.org", "--role", "editor")
    return "ann.accounts@example.org"


def ask(page: Page, address: str) -> None:
    """Have a code mailed."""
    page.goto("/organize/sign-in")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")


def is_in(page: Page) -> None:
    """See that the panel is open."""
    page.wait_for_url("**/organize/*")
    expect(page.get_by_role("navigation", name="Organize")).to_be_visible()


def test_by_code_and_by_link_without_javascript(browse: Browse, demo: Site, ann: str) -> None:
    page = browse(javascript=False)
    ask(page, ann)
    mail = mail_to(demo, ann)
    code = re.search(r"\b\d{3}\s\d{3}\b", mail.text)
    assert code

    elsewhere = browse(javascript=False)
    elsewhere.goto(link(mail, "sign-in"))
    expect(elsewhere.get_by_role("heading", level=1)).to_contain_text("Another browser")

    page.get_by_label("The code from the mail").fill("000 000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#code-error")).to_contain_text("does not fit")
    page.get_by_label("The code from the mail").fill(code[0])
    page.get_by_role("button", name="Sign in").click()
    is_in(page)

    page.get_by_role("button", name="Sign out").click()
    page.goto("/organize/")
    expect(page).to_have_url(re.compile("/sign-in$"))


def test_by_link_in_the_same_browser(browse: Browse, demo: Site) -> None:
    demo.run("organizer", "add", "link.accounts@example.org", "--role", "viewer")
    page = browse(javascript=False)
    ask(page, "link.accounts@example.org")
    page.goto(link(mail_to(demo, "link.accounts@example.org"), "sign-in"))
    page.get_by_role("button", name="Sign in").click()
    is_in(page)


def test_by_passkey(browse: Browse, demo: Site, ann: str) -> None:
    page = browse(width=1280)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    abilities = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options | abilities})

    page.goto(sites.sign_in_link(demo.run("organizer", "add", ann)))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Your account").click()
    page.get_by_role("link", name="Make a passkey").click()
    page.get_by_label("Name of the passkey").fill("Ann's laptop")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("status")).to_contain_text("The passkey is made")
    expect(page.get_by_text("Ann's laptop")).to_be_visible()

    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("button", name="Use a passkey").click()
    is_in(page)

    page.goto("/organize/proof?to=/organize/teams")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your teams")

    page.get_by_role("link", name="Your account").click()
    page.get_by_text("Ann's laptop").click()
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("opens nothing here")


def test_a_colleague_is_invited_and_comes_in(browse: Browse, demo: Site, places: Places) -> None:
    owner = browse(javascript=False, width=1280, state=places.organizer)
    owner.goto(TEAM)
    owner.get_by_label("E-mail address").fill("bea.accounts@example.org")
    owner.get_by_label("Role", exact=True).select_option("moderator")
    owner.get_by_role("button", name="Invite", exact=True).click()
    expect(owner.get_by_role("status")).to_contain_text("bea.accounts@example.org")

    bea = browse(javascript=False)
    bea.goto(link(mail_to(demo, "bea.accounts@example.org"), "invitations"))
    expect(bea.get_by_text("moderator:")).to_be_visible()
    bea.get_by_role("button", name="Join the team").click()
    expect(bea.get_by_role("status")).to_contain_text("You are in Organizers now.")

    owner.goto(TEAM)
    owner.get_by_label("Role of bea.accounts@example.org").select_option("viewer")
    row = owner.get_by_role("listitem").filter(has_text="bea.accounts@example.org")
    row.get_by_role("button", name="Change").click()
    expect(owner.get_by_role("status")).to_contain_text("has another role now")
    bea.goto(TEAM)
    expect(bea.get_by_role("heading", level=1)).to_have_text("Sign in to organize")

    row.locator("summary").click()
    row.get_by_role("button", name="Remove from the team").click()
    expect(owner.get_by_role("status")).to_contain_text("no longer in the team")
    owner.get_by_role("button", name="Invite again").click()
    expect(owner.get_by_role("status")).to_contain_text("An invitation goes to")
