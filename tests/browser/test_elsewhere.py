"""What the page of another origin can do with a letter, and what it cannot."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Browse, Host, Watch
from tests.browser.places import CLOSED, Places, count, link, mails_to, shown_count, sign
from tests.site import DEMO_LETTER, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


CUT = """() => {
    const root = document.documentElement;
    const cut = ["h1", ".figure", ".button"].filter(each => {
        const box = document.querySelector(each).getBoundingClientRect();
        return box.top < 0 || box.left < 0 || box.right > innerWidth || box.bottom > innerHeight;
    });
    return root.scrollHeight > innerHeight || root.scrollWidth > innerWidth ? [...cut, "all"] : cut;
}"""
"""What of a frame does not stand whole in it."""


def test_it_shows_the_count_in_a_frame(browse: Browse, demo: Site, host: Host) -> None:
    reader = browse()
    address = f"{demo.url}/embed/{DEMO_LETTER}"

    reader.goto(host.publish("/frame", f"<iframe title=Count src='{address}'></iframe>"))
    frame = reader.frame_locator("iframe")

    assert shown_count(frame.locator("body").inner_text()) == count(demo)
    expect(frame.locator("form")).to_have_count(0)
    assert reader.context.cookies() == []


def test_a_frame_says_on_which_site_it_stands(browse: Browse, demo: Site, host: Host) -> None:
    frame = f"<iframe title=Count src='{demo.url}/embed/{DEMO_LETTER}'></iframe>"
    host.publish("/article", frame)
    for reader, said in ((browse(), "embed:news.example"), (browse(javascript=False), "embed")):
        reader.goto(f"{host.named('news.example')}/article")
        for name in ("Pay us, ask us", "Read and sign"):
            link = reader.frame_locator("iframe").get_by_role("link", name=name)
            with reader.expect_popup() as opened:
                link.click()
            letter = opened.value
            expect(letter).to_have_url(re.compile(f"[?&]via={said.replace(':', '(:|%3A)')}(&|$)"))
            letter.wait_for_load_state()
        letter.get_by_role("button", name="Sign the letter").click()
        letter.locator("#problems").wait_for()
        expect(letter.locator("#sign [name=via]")).to_have_value(said)


@pytest.mark.parametrize("letter", [DEMO_LETTER, CLOSED])
def test_a_frame_is_whole_in_little_room(
    browse: Browse, demo: Site, host: Host, places: Places, letter: str
) -> None:
    reader = browse(width=1280)
    frames = "".join(
        f"<iframe title=Count width={width} height={height} frameborder=0 "
        f"src='{demo.url}/embed/{letter}?lang={language}&theme={theme}'></iframe>"
        for width, height in (
            (240, 120),
            (240, 160),
            (240, 280),
            (320, 180),
            (500, 120),
            (600, 150),
            (1200, 120),
        )
        for language, theme in (("de", "light"), ("ar", "dark"))
    )
    reader.goto(host.publish(f"/little-{letter}", frames))
    cut, grounds = "", []
    for frame in reader.frames[1:]:
        cut += "".join(f"{frame.url}: {each}\n" for each in frame.evaluate(CUT))
        grounds.append(frame.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    assert cut == ""
    assert grounds == ["rgb(253, 252, 249)", "rgb(24, 23, 21)"] * 7


def test_it_gives_the_count_to_a_script(browse: Browse, demo: Site, host: Host) -> None:
    reader = browse()
    reader.goto(host.publish("/fetch", "<p>A page with a script</p>"))

    numbers = reader.evaluate(
        "address => fetch(address, {cache: 'no-store'}).then(answer => answer.json())",
        f"{demo.url}/embed/{DEMO_LETTER}/count.json",
    )

    assert numbers["count"] == count(demo)
    assert numbers["letter"] == DEMO_LETTER


def test_it_shows_the_badge(browse: Browse, demo: Site, host: Host) -> None:
    reader = browse()
    address = f"{demo.url}/embed/{DEMO_LETTER}/badge.svg"

    reader.goto(host.publish("/badge", f"<img alt=Count src='{address}'>"))

    assert reader.get_by_role("img").evaluate("image => image.naturalWidth") > 50


def test_it_lets_nobody_read_the_letter_or_its_names_by_script(
    browse: Browse, demo: Site, host: Host, watch: Watch
) -> None:
    reader = browse()
    reader.goto(host.publish("/read", "<p>A page with a script</p>"))

    for path in (f"/letters/{DEMO_LETTER}", f"/letters/{DEMO_LETTER}/signatures", "/organize/"):
        outcome = reader.evaluate(
            "address => fetch(address).then(() => 'read', () => 'refused')", demo.url + path
        )
        assert outcome == "refused"

    watch.pardon("CORS", "ERR_FAILED")


@pytest.mark.parametrize("page", ["letter", "confirm", "signature", "queue", "sign-in"])
def test_it_cannot_be_framed(
    browse: Browse, demo: Site, host: Host, places: Places, watch: Watch, page: str
) -> None:
    address = {
        "letter": f"{demo.url}/letters/{DEMO_LETTER}",
        "confirm": places.confirm,
        "signature": places.signature,
        "queue": f"{demo.url}/organize/letters/{DEMO_LETTER}/moderation",
        "sign-in": places.sign_in,
    }[page]
    reader = browse(state=places.organizer)

    watch.pardon("frame-ancestors")

    with reader.expect_console_message(lambda said: "frame-ancestors" in said.text):
        reader.goto(host.publish("/trap", f"<iframe title=Trap src='{address}'></iframe>"))

    expect(reader.frame_locator("iframe").get_by_role("button")).to_have_count(0)
    expect(reader.frame_locator("iframe").locator("form")).to_have_count(0)


def test_it_is_told_as_what_led_a_reader_here_and_so_are_our_links(
    browse: Browse, demo: Site, host: Host
) -> None:
    reader = browse()
    address = f"{demo.url}/letters/{DEMO_LETTER}"
    reader.goto(host.publish("/news/today", f"<a href='{address}'>A letter</a>"))
    reader.get_by_role("link").click()
    said = reader.locator("#sign [name=via]")
    expect(said).to_have_value("site:127.0.0.1")
    assert reader.evaluate("localStorage.length + sessionStorage.length") == 0
    assert reader.context.cookies() == []

    plain = browse(javascript=False)
    plain.goto(f"{address}?via=share")
    plain.get_by_role("button", name="Sign the letter").click()
    plain.locator("#problems").wait_for()
    expect(plain.locator("#sign [name=via]")).to_have_value("share")


@pytest.mark.parametrize("origin", ["another site", "another origin of our site"])
def test_it_refuses_forms_from_elsewhere(
    browse: Browse, demo: Site, host: Host, origin: str
) -> None:
    mail = sign(demo, f"forged-{len(origin)}@example.org")
    before = count(demo)
    reader = browse()
    forms = {
        f"{demo.url}/letters/{DEMO_LETTER}/sign": {
            "name": "Fay Forged",
            "email": "fay@example.org",
            "consent": "y",
        },
        f"{demo.url}/letters/{DEMO_LETTER}/code": {"email": "fay@example.org", "code": "123456"},
        link(mail, "confirm"): {"decision": "confirm"},
        link(mail, "signature"): {"decision": "withdraw"},
    }

    for address, typed in forms.items():
        fields = "".join(f"<input name='{name}' value='{typed[name]}'>" for name in typed)
        trap = f"<form method=post action='{address}'>{fields}<button>Win a prize</button></form>"
        trap = host.publish("/forge", trap)
        reader.goto(trap if origin == "another site" else f"{host.sibling_url}/forge")
        with reader.expect_navigation() as answer:
            reader.get_by_role("button").click()
        assert answer.value is not None
        assert answer.value.status == 403, address

    assert count(demo) == before
    assert mails_to(demo, "fay@example.org") == 0
