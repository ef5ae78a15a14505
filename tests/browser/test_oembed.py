"""A site shows a letter in the place of its address: a stranger's consumer, and WordPress's way."""

import re

import micawber
import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import expect

from tests.browser.conftest import Browse, Host
from tests.browser.places import count
from tests.site import DEMO_LETTER, Site
from tests.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HEARING = """<script>
  window.heard = [];
  addEventListener("message", ({ source, origin, data }) => {
    const frame = document.querySelector("iframe");
    if (source !== frame.contentWindow || data.secret !== "s3cretS3cr") return;
    heard.push({ ...data, origin });
    if (data.message === "height") { frame.removeAttribute("style"); frame.height = data.value; }
  });
</script>"""


def _provider(site: Site, path: str) -> micawber.Provider:
    """Where a page says that one is to ask about it."""
    head = BeautifulSoup(Visitor(site.url).get(path).html, "html.parser").head
    assert head is not None
    found = head.find("link", type="application/json+oembed")
    assert found is not None
    return micawber.Provider(found["href"])


def test_a_public_consumer_shows_the_letter(browse: Browse, demo: Site, host: Host) -> None:
    letter = f"{demo.url}/letters/{DEMO_LETTER}"
    registry = micawber.ProviderRegistry()
    registry.register(re.escape(letter), _provider(demo, f"/letters/{DEMO_LETTER}"))

    told = registry.request(letter, maxwidth=500)
    written = micawber.parse_html(f"<p>{letter}</p>", registry, maxwidth=500)

    assert (told["type"], told["version"], told["width"]) == ("rich", "1.0", 500)
    assert told["title"] in written
    reader = browse(width=1280)
    reader.goto(host.publish("/article", written))
    expect(reader.locator("blockquote")).to_be_hidden()
    frame = reader.frame_locator("iframe")
    expect(frame.locator(".figure")).to_contain_text(f"{count(demo)} people")
    with reader.expect_popup() as opened:
        frame.get_by_role("link", name="Read and sign").click()
    opened.value.wait_for_url(f"{letter}?via=embed%3A127.0.0.1")


def test_it_tells_wordpress_its_height_and_what_was_pressed(
    browse: Browse, demo: Site, host: Host
) -> None:
    address = f"{demo.url}/embed/{DEMO_LETTER}?oembed=1"
    hidden = "position: absolute; clip: rect(1px, 1px, 1px, 1px);"
    frame = f"sandbox='allow-scripts' style='{hidden}' width=280 height=200 title=Letter"
    reader = browse()
    reader.goto(
        host.publish("/post", f"{HEARING}<iframe {frame} src='{address}#?secret=s3cretS3cr'>")
    )

    # Hidden, it is drawn by nobody; it speaks all the same, and from no origin.
    reader.wait_for_function("document.querySelector('iframe').style.length === 0")
    assert reader.evaluate("heard[0].origin") == "null"
    inside = reader.frame_locator("iframe")
    expect(inside.get_by_text("How this count is made")).to_be_in_viewport(ratio=1)
    reader.evaluate("document.querySelector('iframe').width = 600")
    reader.wait_for_function("heard.at(-1).value < heard[0].value")

    told = reader.evaluate("heard.length")
    reader.evaluate(
        """() => document.querySelector("iframe").contentWindow.postMessage(
            { message: "ready", secret: "s3cretS3cr" }, "*")"""
    )
    reader.wait_for_function(f"heard.length > {told}")
    inside.get_by_role("link", name="Read and sign").click()
    reader.wait_for_function("heard.at(-1).message === 'link'")
    led = reader.evaluate("heard.at(-1).value")
    assert led == f"{demo.url}/letters/{DEMO_LETTER}?via=embed%3A127.0.0.1"

    # Where there is no secret it says nothing, and leads on by itself.
    reader.goto(host.publish("/page", f"{HEARING}<iframe title=Letter src='{address}'></iframe>"))
    with reader.expect_popup():
        reader.frame_locator("iframe").get_by_role("link", name="Read and sign").click()
    assert reader.evaluate("heard") == []
