"""The demonstration, furnished: every kind of page, with something on it, and where to find it."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from playwright.sync_api import Page, StorageState, StorageStateCookie

from tests import site as sites
from tests.site import DEMO_LETTER, Site
from tests.visitor import Answer, Visitor

CHECKED, CLOSED, COMING = "looked-at-first", "closed-long-ago", "opens-later"
ASKING, GONE, CHANGED = "asks-more", "out-of-view", "changed-since"
GUARDED = "guarded-for-a-while"
NAMES = f"/letters/{DEMO_LETTER}/signatures"
TEAM = "/organize/teams/1"
UNBROKEN = "Llanfairpwllgwyngyll" * 5
"""A name as long as the form takes, with nowhere to break it."""
WORDS = {
    "name": UNBROKEN,
    "role": "Q" * 60,
    "affiliation": "Donaudampfschifffahrtsgesellschaft" * 3,
    "location": "W" * 60,
    "comment": "m" * 300,
    "show_name": "y",
    "consent": "y",
}


WAITING, SIGNED, BEHIND = "waiting@example.org", "signed@example.org", "behind@example.org"
NOTABLE = "notable@example.org"
IN_ARABIC_WAITING, IN_ARABIC_SIGNED = "waiting.ar@example.org", "signed.ar@example.org"
FIRST = "first@example.org"
"""Who is asked to sign the coming letter first."""


@dataclass(frozen=True)
class Places:
    """Where things are."""

    site: Site
    confirm: str
    confirmed: str
    signature: str
    rejected: str
    under_old_text: str
    earlier_names: str
    confirm_in_arabic: str
    signature_in_arabic: str
    mail: str
    sign_in: str
    first: str
    invitation: str
    organizer: StorageState
    """The browser state of an organizer who is signed in."""


def furnish(site: Site) -> Places:
    """Put something on every kind of page, as people would."""
    letters = {
        CHECKED: {"moderation": "before", "title": "To be looked at first"},
        CLOSED: {"closes": "2020-02-02", "title": "Closed long ago"},
        COMING: {"opens": "2999-01-01", "title": "Opens later"},
        ASKING: {"title": "Asks more"},
        GONE: {"title": "Out of view"},
        CHANGED: {"title": "Changed since"},
        GUARDED: {"title": "Guarded for a while"},
    }
    files = (sites.letter_file(site.folder, slug, **front) for slug, front in letters.items())
    site.run("letter", "publish", *map(str, files))
    visitor = Visitor(site.url)
    held = [f"held{number}@example.org" for number in range(3)]
    for address, where in (
        (WAITING, {}),
        (SIGNED, {}),
        (IN_ARABIC_WAITING, {"lang": "ar"}),
        (IN_ARABIC_SIGNED, {"lang": "ar"}),
        (BEHIND, {"slug": CHANGED}),
        *((each, {"slug": CHECKED}) for each in held),
        (NOTABLE, {"slug": CHECKED, "name": "Bill Gates"}),
    ):
        fill_in(site, address, **(WORDS | where))
    for address in (SIGNED, IN_ARABIC_SIGNED, BEHIND, *held, NOTABLE):
        confirm(site, mail_to(site, address))
    waiting, signed = mail_to(site, WAITING), mail_to(site, SIGNED)
    organizer = Visitor(site.url)
    page = organizer.get(sites.sign_in_link(site.said()))
    organizer.press(page, page.form("Sign in"))
    page = organizer.get(f"/organize/letters/{CHECKED}/moderation")
    form = next(form for form in page.forms() if "/reject" in form.action)
    assert organizer.press(page, form, reason="not-a-name").status == 303
    rejected = link(mail_to(site, held[0]), "signature")
    page = visitor.get(rejected)
    typed = {"decision": "appeal", "appeal": f"{UNBROKEN} is my own name."}
    assert visitor.press(page, page.form("Send it"), **typed).status == 303
    ask_more(organizer)
    ask_first(organizer, COMING, {"name": UNBROKEN, "title": "Q" * 60, "email": FIRST})
    _change(organizer, CHANGED)
    _guard(organizer, GUARDED)
    names = visitor.get(f"/letters/{DEMO_LETTER}/signatures")
    _report(visitor, next(link for link in names.links if "/names/" in link))
    page = organizer.get(f"/organize/letters/{DEMO_LETTER}/moderation?tab=aside")
    allow = page.form("Allow for a day")
    assert organizer.press(page, allow, network="192.0.2.0/24").status == 303
    page = organizer.get(TEAM)
    assert organizer.press(page, page.form("Invite"), email="invited@example.org").status == 303
    return Places(
        site=site,
        confirm=link(waiting, "confirm"),
        confirmed=link(signed, "confirm"),
        signature=link(signed, "signature"),
        rejected=rejected,
        under_old_text=link(mail_to(site, BEHIND), "signature"),
        earlier_names=next(link for link in names.links if "after=" in link),
        confirm_in_arabic=link(mail_to(site, IN_ARABIC_WAITING), "confirm"),
        signature_in_arabic=link(mail_to(site, IN_ARABIC_SIGNED), "signature"),
        mail=waiting.url,
        sign_in=sites.sign_in_link(site.run("organizer", "add", "another@example.org")),
        first=link(mail_to(site, FIRST), "first"),
        invitation=link(mail_to(site, "invited@example.org"), "invitations"),
        organizer=_browser_state(organizer),
    )


def _report(visitor: Visitor, name: str) -> None:
    """Report the signature that a page is about."""
    page = visitor.get(f"{name.partition('?')[0]}/report")
    said = {"cause": "other", "words": f"{UNBROKEN}, as I said."}
    assert visitor.press(page, page.form("Send the report"), **said).status == 303


def ask_more(organizer: Visitor) -> None:
    """Give a letter a question and signatures on paper, and take another from view."""
    for slug, path, about, typed in (
        (
            ASKING,
            "settings/questions/new",
            "Ask this question",
            {"label_en": UNBROKEN, "shape": "choice", "choices_en": f"{'W' * 60}\nNone"},
        ),
        (
            ASKING,
            "paper",
            "Count them",
            {"number": "200", "collected_on": "2026-05-01", "place": UNBROKEN},
        ),
        (GONE, "life", "Withdraw from view", {"reason": f"{UNBROKEN}, by mistake."}),
    ):
        page = organizer.get(f"/organize/letters/{slug}/{path}")
        assert organizer.press(page, page.form(about), **typed).status == 303, about


def _change(organizer: Visitor, slug: str) -> None:
    """Change a letter in substance, translate it, and leave both texts changed once more."""
    text = f"/organize/letters/{slug}/text"
    page = organizer.get(text)
    add = page.form("Begin the translation")
    assert organizer.press(page, add, **{"another-language": "ar"}).status == 303
    for lang, markdown in (("", f"We ask for {UNBROKEN}."), ("?lang=ar", "نطلب شروطا عادلة.")):
        page = organizer.get(f"{text}{lang}")
        assert organizer.press(page, page.form("Bold"), markdown=markdown).status == 303
        page = organizer.get(f"{text}/publish{lang}")
        declared = {"change": "substance", "note": f"{UNBROKEN}, as promised."}
        assert organizer.press(page, page.form("Publish"), **declared).status == 303
        page = organizer.get(f"{text}{lang}")
        assert organizer.press(page, page.form("Bold"), markdown=f"{markdown} *So*.").status == 303


def _guard(organizer: Visitor, slug: str) -> None:
    """Turn on all that guards a letter for a while, and block somebody."""
    rules = f"/organize/letters/{slug}/rules"
    page = organizer.get(rules)
    for form in [form for form in page.forms() if "/switches/" in form.action]:
        assert organizer.press(page, form, sentence=f"{UNBROKEN} for an hour.").status == 303
    typed = {"value": f"*.{'w' * 60}.example.org", "reason": f"{UNBROKEN}.", "lasts": "week"}
    tried = organizer.press(page, page.form("Try it first"), **typed)
    assert organizer.press(tried, tried.form("Block from now on")).status == 303


def ask_first(organizer: Visitor, slug: str, *people: dict[str, str]) -> None:
    """Ask people to sign a letter first, and mail them their links."""
    place = f"/organize/letters/{slug}/first"
    for person in people:
        page = organizer.get(place)
        assert organizer.press(page, page.form("Add this person"), **person).status == 303
    page = organizer.get(place)
    assert organizer.press(page, page.form("Send")).status == 303


def sign(
    site: Site, address: str, *, slug: str = DEMO_LETTER, lang: str = "", **typed: str
) -> Answer:
    """Sign by HTTP; the page of the mail that came."""
    fill_in(site, address, slug=slug, lang=lang, **typed)
    return mail_to(site, address)


def fill_in(
    site: Site, address: str, *, slug: str = DEMO_LETTER, lang: str = "", **typed: str
) -> None:
    """Send the form, and wait for no mail."""
    filled = {"name": "Ann Lee", "consent": "y", "show_name": "y", "email": address}
    path = f"/letters/{slug}/sign" + (f"?lang={lang}" if lang else "")
    assert Visitor(site.url).post(path, filled | typed).status == 303


def mail_to(site: Site, address: str, about: str = "") -> Answer:
    """The newest mail to an address, in the mailbox of the demonstration, once it has come."""
    visitor = Visitor(site.url)
    deadline = time.monotonic() + sites.PATIENCE
    while time.monotonic() < deadline:
        for found in _mailed(visitor, address):
            mail = visitor.get(found)
            if about in mail.text:
                return mail
        time.sleep(0.1)
    raise AssertionError(f"no mail came to {address}")


def mails_to(site: Site, address: str) -> int:
    """How many mails an address has got so far."""
    return len(_mailed(Visitor(site.url), address))


def _mailed(visitor: Visitor, address: str) -> list[str]:
    """Where the mails to an address are, newest first."""
    lines = visitor.get("/mailbox").html.split("<li")
    mails = [re.search(rf'href="(\S+)".*<bdi>{re.escape(address)}</bdi>', line) for line in lines]
    return [mail[1] for mail in mails if mail]


def link(mail: Answer, purpose: str) -> str:
    """The link of a mail that serves a purpose."""
    return next(found for found in mail.links if f"/{purpose}/" in found)


def confirm(site: Site, mail: Answer) -> None:
    """Confirm by the link of a mail."""
    visitor = Visitor(site.url)
    page = visitor.get(link(mail, "confirm"))
    assert visitor.press(page, page.form(), decision="confirm").status == 303


def count(site: Site, slug: str = DEMO_LETTER) -> int:
    """The number that other sites get."""
    return int(Visitor(site.url).get(f"/embed/{slug}/count.json").json["count"])


def shown_count(words: str) -> int:
    """The number in the words of a page."""
    found = re.search(r"([\d,]+)\s+(?:person|people)\b", words)
    assert found, words
    return int(found[1].replace(",", ""))


def signed_in(site: Site, printed: str) -> StorageState:
    """The browser state of who follows the link that a command has printed."""
    visitor = Visitor(site.url)
    page = visitor.get(sites.sign_in_link(printed))
    assert visitor.press(page, page.form("Sign in")).status == 303
    return _browser_state(visitor)


def _browser_state(visitor: Visitor) -> StorageState:
    cookies: list[StorageStateCookie] = [
        {
            "name": name,
            "value": value,
            "domain": "localhost",
            "path": "/",
            "expires": -1,
            "httpOnly": True,
            "secure": False,
            "sameSite": "Lax",
        }
        for name, value in visitor.cookies.items()
    ]
    return {"cookies": cookies, "origins": []}


def _at(path: str) -> Callable[[Page, Places], None]:
    return lambda page, _places: _go(page, path)


def _go(page: Page, address: str) -> None:
    page.goto(address)


def _of_a_name(page: Page, _places: Places) -> None:
    page.goto(f"/letters/{DEMO_LETTER}/signatures")
    page.locator("a.name").first.click()
    page.wait_for_url("**/names/*")


def _wrongly_signed(page: Page, _places: Places, lang: str = "en") -> None:
    page.goto(f"/letters/{DEMO_LETTER}?lang={lang}")
    page.locator("#email").fill("not an address")
    page.locator("#sign button[type=submit]").click()
    page.locator("#problems").wait_for()


def _wrongly_signed_in_a_frame(page: Page, _places: Places, lang: str = "en") -> None:
    page.goto(f"/embed/{DEMO_LETTER}/form?lang={lang}&accent=a02060")
    page.locator("#email").fill("not an address")
    page.locator("#sign button[type=submit]").click()
    page.locator("#problems").wait_for()


def _signed_in_a_frame(page: Page, _places: Places) -> None:
    page.goto(f"/embed/{DEMO_LETTER}/form")
    page.get_by_label("Your name").fill(UNBROKEN)
    page.get_by_label("E-mail address").fill("framed@example.org")
    page.get_by_label("I sign this letter").check()
    page.get_by_role("button", name="Sign the letter").click()
    page.locator("#code").wait_for()


def _wrong_code(page: Page, _places: Places, lang: str = "en") -> None:
    page.goto(f"/letters/{DEMO_LETTER}/thanks?lang={lang}")
    page.locator("main form button").first.click()
    page.locator("#problems").wait_for()


def _wrongly_asked_for(page: Page, _places: Places) -> None:
    page.goto(f"/letters/{DEMO_LETTER}/link")
    page.get_by_role("button", name="Mail me the link").click()
    page.locator("#problems").wait_for()


def _wrongly_reported(page: Page, places: Places) -> None:
    path = next(link for link in Visitor(places.site.url).get(NAMES).links if "/names/" in link)
    page.goto(path.split("?")[0] + ("" if path.endswith("/report") else "/report"))
    page.locator("main form button").first.click()
    page.locator("#problems").wait_for()


def _asked_for_a_code(page: Page, _places: Places) -> None:
    page.goto("/organize/sign-in")
    page.get_by_label("E-mail address").fill("ann@example.org")
    page.get_by_role("button", name="Send me a code").click()
    page.wait_for_url("**/sign-in/code*")


def _wrong_sign_in_code(page: Page, places: Places) -> None:
    _asked_for_a_code(page, places)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()


def _wrongly_invited(page: Page, _places: Places) -> None:
    page.goto(TEAM)
    page.get_by_role("button", name="Invite", exact=True).click()
    page.get_by_role("alert").wait_for()


def _reason_without_words(page: Page, _places: Places) -> None:
    page.goto(f"{TEAM}/reasons/new")
    page.get_by_role("button", name="Add the reason").click()
    page.get_by_role("alert").wait_for()


def _wrong_lines(page: Page, _places: Places) -> None:
    page.goto(f"/organize/letters/{COMING}/first")
    page.locator("#many-lines").fill("Nobody; nowhere")
    page.get_by_role("button", name="Add these people").click()
    page.get_by_role("alert").wait_for()


def _correcting(page: Page, _places: Places) -> None:
    page.goto(f"/organize/letters/{COMING}/first")
    page.get_by_role("link", name="Correct").click()
    page.get_by_role("button", name="Save").wait_for()


def _wrongly_signed_first(page: Page, places: Places) -> None:
    page.goto(places.first)
    page.get_by_role("button", name="Sign as one of the first").click()
    page.get_by_role("alert").wait_for()


def _wrong_settings(page: Page, _places: Places) -> None:
    page.goto(f"/organize/letters/{ASKING}/settings")
    page.get_by_label("Goals").fill("many")
    page.get_by_role("button", name="Save the settings").click()
    page.get_by_role("alert").wait_for()


def _wrong_site(page: Page, _places: Places) -> None:
    page.goto(f"/organize/letters/{COMING}/embed?kind=frame&theme=light&accent=eeeeee")
    page.get_by_label("Sites", exact=True).fill("co.uk")
    page.get_by_role("button", name="List or block").click()
    page.get_by_role("alert").wait_for()


def _handed_back(page: Page, _places: Places) -> None:
    page.goto(f"/organize/letters/{ASKING}/life")
    page.get_by_label("Message to all readers").fill("They agreed.\n\nThank you.")
    page.evaluate("document.querySelectorAll('[name=csrf_token]').forEach((e) => (e.value = 'x'))")
    page.get_by_role("button", name="Close the letter").click()
    page.get_by_role("button", name="Send it again").wait_for()


def _overtaken(page: Page, _places: Places) -> None:
    page.goto(f"/organize/letters/{CHANGED}/text")
    page.locator("[name=version]").evaluate("each => { each.value = '1'; }")
    page.get_by_label("Text", exact=True).fill("Something else.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("alert").wait_for()


def _undeclared(page: Page, _places: Places) -> None:
    page.goto(f"/organize/letters/{CHANGED}/text/publish")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_role("alert").wait_for()


def _without_title(page: Page, _places: Places) -> None:
    page.goto("/organize/letters/new")
    page.get_by_role("button", name="Begin the letter").click()
    page.get_by_role("alert").wait_for()


def _which_reason(page: Page, _places: Places) -> None:
    page.goto(f"/organize/letters/{CHECKED}/moderation")
    button = page.locator(".offers").get_by_role("button", name="Reject").first
    button.evaluate("button => { button.form.action = button.formAction; button.form.submit(); }")
    page.wait_for_url("**/reject*")


def _without_reason(page: Page, places: Places) -> None:
    _which_reason(page, places)
    with page.expect_navigation():
        page.locator(".offers form").evaluate("form => form.submit()")
    page.get_by_role("alert").wait_for()


def _wrong_search(page: Page, _places: Places) -> None:
    page.goto(f"/organize/letters/{CHECKED}/moderation")
    page.get_by_label("Search").fill("10.0.0.0/8")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**/find*")


def _of_a_signature(page: Page, _places: Places) -> None:
    page.goto(f"/organize/letters/{CHECKED}/moderation?tab=all")
    link = page.locator("a.further").first.get_attribute("href")
    assert link
    page.goto(link)


def _unsure(page: Page, _places: Places) -> None:
    page.goto(f"/organize/letters/{CHECKED}/moderation")
    page.get_by_role("link", name="Verify", exact=True).click()
    page.get_by_role("button", name="Verify and publish").click()
    page.wait_for_url("**/verify*")


def _wrong_network(page: Page, _places: Places) -> None:
    page.goto(f"/organize/letters/{DEMO_LETTER}/moderation?tab=aside")
    page.get_by_label("Address or network").fill("10.0.0.0/8")
    page.get_by_role("button", name="Allow for a day").click()
    page.wait_for_url("**/networks*")


def _tried(page: Page, _places: Places, value: str = "192.0.2.0/24") -> None:
    page.goto(f"/organize/letters/{CHECKED}/rules")
    page.get_by_label("Address, domain or network").fill(value)
    page.get_by_label("Reason").fill(UNBROKEN)
    page.get_by_label("For how long").select_option("week")
    page.get_by_role("button", name="Try it first").click()
    page.get_by_role("alert" if value == "com" else "heading").first.wait_for()


def _invalidating(page: Page, _places: Places, name: str = "a*") -> None:
    page.goto(f"/organize/letters/{DEMO_LETTER}/invalidations")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Reason").select_option("abuse")
    page.get_by_label("Why, for your team").fill(UNBROKEN)
    page.get_by_role("button", name="Look how many they are").click()
    page.wait_for_url("**/invalidations*" if name == "*" else "**/sweeps/*")


def _decided_together(page: Page, places: Places) -> None:
    _invalidating(page, places)
    page.goto(f"/organize/letters/{DEMO_LETTER}/sweeps")


def _several_without_reason(page: Page, _places: Places) -> None:
    page.goto(f"/organize/letters/{CHECKED}/moderation")
    page.get_by_label("Choose ").first.check()
    page.locator("#many").get_by_role("button", name="Reject").click()
    page.get_by_role("alert").wait_for()


PUBLIC: dict[str, Callable[[Page, Places], None]] = {
    "index": _at("/"),
    "search that finds nothing": _at("/?q=nothing+like+this"),
    "letter": _at(f"/letters/{DEMO_LETTER}"),
    "poster": _at(f"/letters/{DEMO_LETTER}/poster"),
    "copy": _at(f"/letters/{CHECKED}/copy"),
    "first signatory with errors": _wrongly_signed_first,
    "letter with errors": _wrongly_signed,
    "letter that asks more": _at(f"/letters/{ASKING}"),
    "letter that was changed": _at(f"/letters/{CHANGED}"),
    "letter in another language": _at(f"/letters/{CHANGED}?lang=ar"),
    "texts of a letter": _at(f"/letters/{CHANGED}/revisions"),
    "text of a letter": _at(f"/letters/{CHANGED}/revisions/2"),
    "signer's page, changed since": lambda page, places: _go(page, places.under_old_text),
    "letter that is paused": _at(f"/letters/{GUARDED}"),
    "names that are hidden": _at(f"/letters/{GUARDED}/signatures"),
    "letter out of view": _at(f"/letters/{GONE}"),
    "closed letter": _at(f"/letters/{CLOSED}"),
    "letter being checked": _at(f"/letters/{CHECKED}"),
    "thanks": _at(f"/letters/{DEMO_LETTER}/thanks"),
    "thanks with errors": _wrong_code,
    "signed": _at(f"/letters/{DEMO_LETTER}/signed"),
    "names": _at(f"/letters/{DEMO_LETTER}/signatures"),
    "names that are searched for": _at(f"/letters/{DEMO_LETTER}/signatures?q=ada"),
    "names by organization": _at(f"/letters/{DEMO_LETTER}/signatures?by=affiliation"),
    "comments": _at(f"/letters/{DEMO_LETTER}/comments"),
    "how a count is made": _at(f"/letters/{CHECKED}/count"),
    "page of a name": _of_a_name,
    "link to a signature": _wrongly_asked_for,
    "link that was sent": _at(f"/letters/{CLOSED}/link/sent"),
    "earlier names": lambda page, places: _go(page, places.earlier_names),
    "report with errors": _wrongly_reported,
    "confirm": lambda page, places: _go(page, places.confirm),
    "confirm once more": lambda page, places: _go(page, places.confirmed),
    "signer's page": lambda page, places: _go(page, places.signature),
    "signer's page, rejected": lambda page, places: _go(page, places.rejected),
    "disowned": _at(f"/letters/{DEMO_LETTER}/disowned"),
    "withdrawn": _at(f"/letters/{DEMO_LETTER}/withdrawn"),
    "broken link": _at("/confirm/broken"),
    "nothing here": _at("/nothing/here"),
    "embed": _at(f"/embed/{DEMO_LETTER}"),
    "form in a frame": _wrongly_signed_in_a_frame,
    "thanks in a frame": _signed_in_a_frame,
    "form in a frame that takes none": _at(f"/embed/{CLOSED}/form"),
    "embed, closed": _at(f"/embed/{CLOSED}?accent=c8102e"),
    "embed, withdrawn": _at(f"/embed/{GONE}?theme=dark"),
    "embed, not there": _at("/embed/not-there"),
    "guide": _at("/embed/"),
    "mailbox": _at("/mailbox"),
    "mail": lambda page, places: _go(page, places.mail),
    "sign-in": _at("/organize/sign-in"),
    "sign-in link": lambda page, places: _go(page, places.sign_in),
    "sign-in code": _asked_for_a_code,
    "sign-in code with errors": _wrong_sign_in_code,
    "sign-in link that is used": _at("/organize/sign-in/used"),
    "invitation": lambda page, places: _go(page, places.invitation),
    "invitation that is over": _at("/organize/invitations/over"),
}
"""How to come to each page that needs no account."""
ARABIC: dict[str, Callable[[Page, Places], None]] = {
    "letter in Arabic": _at(f"/letters/{DEMO_LETTER}?lang=ar"),
    "letter with errors in Arabic": partial(_wrongly_signed, lang="ar"),
    "texts of a letter in Arabic": _at(f"/letters/{CHANGED}/revisions?lang=ar"),
    "thanks with errors in Arabic": partial(_wrong_code, lang="ar"),
    "confirm in Arabic": lambda page, places: _go(page, places.confirm_in_arabic),
    "signed in Arabic": _at(f"/letters/{DEMO_LETTER}/signed?lang=ar"),
    "signer's page in Arabic": lambda page, places: _go(page, places.signature_in_arabic),
    "names in Arabic": _at(f"/letters/{DEMO_LETTER}/signatures?lang=ar"),
    "how a count is made in Arabic": _at(f"/letters/{DEMO_LETTER}/count?lang=ar"),
    "withdrawn in Arabic": _at(f"/letters/{DEMO_LETTER}/withdrawn?lang=ar"),
    "poster in Arabic": _at(f"/letters/{DEMO_LETTER}/poster?lang=ar"),
    "form in a frame in Arabic": partial(_wrongly_signed_in_a_frame, lang="ar"),
    "embed in Arabic": _at(f"/embed/{DEMO_LETTER}?lang=ar"),
}
"""How to come to what a signer meets, laid out from right to left."""
PANEL: dict[str, Callable[[Page, Places], None]] = {
    "home": _at("/organize/"),
    "new letter with errors": _without_title,
    "translation": _at(f"/organize/letters/{CHANGED}/text?lang=ar"),
    "text overtaken": _overtaken,
    "words handed back": _handed_back,
    "publishing with errors": _undeclared,
    "queue": _at(f"/organize/letters/{CHECKED}/moderation"),
    "set aside": _at(f"/organize/letters/{DEMO_LETTER}/moderation?tab=aside"),
    "verifying with an error": _unsure,
    "networks with an error": _wrong_network,
    "reports": _at(f"/organize/letters/{DEMO_LETTER}/moderation?tab=reported"),
    "no reports": _at(f"/organize/letters/{ASKING}/moderation?tab=reported"),
    "appeal": _at(f"/organize/letters/{CHECKED}/moderation?tab=reported"),
    "recent": _at(f"/organize/letters/{CHECKED}/moderation?tab=recent"),
    "all, filtered": _at(f"/organize/letters/{DEMO_LETTER}/moderation?tab=all&signal=any"),
    "filter with errors": _at(
        f"/organize/letters/{DEMO_LETTER}/moderation?tab=all&since=soon&domain=no+domain"
    ),
    "search with an error": _wrong_search,
    "one signature": _of_a_signature,
    "empty queue": _at(f"/organize/letters/{DEMO_LETTER}/moderation"),
    "queue that asks for a reason": _which_reason,
    "queue with an error": _without_reason,
    "several without a reason": _several_without_reason,
    "invalidation to begin": _invalidating,
    "invalidation with an error": partial(_invalidating, name="*"),
    "decided together": _decided_together,
    "guarded queue": _at(f"/organize/letters/{GUARDED}/moderation"),
    "rules": _at(f"/organize/letters/{GUARDED}/rules"),
    "rule to try": _tried,
    "rule with an error": partial(_tried, value="com"),
    "rules of a team": _at(f"{TEAM}/rules"),
    "numbers": _at(f"/organize/letters/{DEMO_LETTER}/numbers"),
    "first signatories with errors": _wrong_lines,
    "first signatory to correct": _correcting,
    "settings with an error": _wrong_settings,
    "question": _at(f"/organize/letters/{ASKING}/settings/questions/1"),
    "life": _at(f"/organize/letters/{ASKING}/life"),
    "paper": _at(f"/organize/letters/{ASKING}/paper"),
    "share": _at(f"/organize/letters/{DEMO_LETTER}/share"),
    "on other sites": _at(f"/organize/letters/{DEMO_LETTER}/embed"),
    "on other sites, with an error": _wrong_site,
    "sample of another site": _at(f"/organize/letters/{DEMO_LETTER}/embed/sample?ground=dark"),
    "export": _at(f"/organize/letters/{DEMO_LETTER}/export"),
    "account": _at("/organize/account"),
    "new passkey": _at("/organize/passkeys/new"),
    "proof": _at("/organize/proof"),
    "teams": _at("/organize/teams"),
    "team": _at(TEAM),
    "team with an error": _wrongly_invited,
    "reasons to reject": _at(f"{TEAM}/reasons"),
    "reason with an error": _reason_without_words,
}
"""How to come to each page of an organizer who is signed in."""
