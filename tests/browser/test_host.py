"""A page of a newspaper, under a name of its own, that shows a letter in every way there is."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser.conftest import Browse, Host, Scheme, Watch
from tests.browser.places import count
from tests.browser.test_pages import AXE, AXE_RUN, RULES, TOO_WIDE
from tests.site import DEMO_LETTER, Site
from tests.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MARGINS = 16
"""Pixels that a browser leaves at the sides of a page by itself."""
NUMBERS = "fetch(`${site}/embed/${letter}/count.json`).then((answer) => answer.json())"


def _policy(site: str) -> str:
    kinds = ("script-src", "connect-src", "frame-src", "img-src")
    lines = "; ".join(f"{kind} {site}" for kind in kinds)
    return f"default-src 'none'; {lines} data:; require-trusted-types-for 'script'"


def _article(site: Site, language: str, width: int) -> str:
    """What stands in the article, each as it is given out to be pasted."""
    letter = f"{site.url}/letters/{DEMO_LETTER}?lang={language}"
    asked = urlencode({"url": letter, "format": "json", "maxwidth": width})
    written = Visitor(site.url).get(f"/oembed?{asked}").json["html"]
    embed = f"{site.url}/embed/{DEMO_LETTER}"
    link = f'<a href="{letter}">The letter</a>'
    card = f'<open-letter letter="{DEMO_LETTER}">{link}</open-letter>'
    frame = f'<iframe src="{embed}?lang={language}" title="The count" width="100%" height="320">'
    badges = [
        f'<p><img src="{embed}/badge.svg?lang={language}&size={size}" alt="The count"></p>'
        for size in ("small", "large")
    ]
    script = f'<script async src="{site.url}/embed/v1.js"></script>'
    shown = [card, card.replace(">", ' view="progress">', 1), frame + "</iframe>", *badges]
    form = card.replace(">", ' view="form">', 1)
    return "\n".join((*shown, written, form, script))


def _frames(page: Page) -> list[Frame]:
    """The frames of a page, once what is in them has come: the count, oEmbed's, the form."""
    expect(page.locator("open-letter .figure")).to_have_text([re.compile(r"\d")] * 3)
    page.locator("open-letter iframe").scroll_into_view_if_needed()
    form = page.frame_locator("open-letter iframe").locator("[name=email]")
    expect(form).to_be_visible()
    frames = page.frames[1:]
    for frame in frames:
        frame.wait_for_load_state()
    return frames


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("en", 240, "light"), ("ar", 1200, "dark")]
)
def test_it_shows_a_letter_in_every_way_and_allows_nothing_else(
    browse: Browse,
    demo: Site,
    host: Host,
    watch: Watch,
    language: str,
    width: int,
    scheme: Scheme,
) -> None:
    direction = "rtl" if language == "ar" else "ltr"
    host.pages["/today"] = (
        f'<!doctype html><html lang="{language}" dir="{direction}"><meta charset="utf-8">'
        '<meta name="color-scheme" content="light dark"><title>News</title>'
        f'<link rel="icon" href="data:,"><meta http-equiv="Content-Security-Policy" '
        f'content="{_policy(demo.url)}"><main><h1>News</h1>{_article(demo, language, width)}</main>'
    ).encode()
    page = browse(width=width + MARGINS)
    page.emulate_media(color_scheme=scheme)

    page.goto(f"{host.named('news.example')}/today")
    frames = _frames(page)

    number = count(demo)
    figures = page.locator("open-letter .figure").all_inner_texts()
    figures += [each.locator(".figure").first.inner_text() for each in frames]
    assert [re.findall(r"\d+", each) for each in figures] == [[str(number)]] * 6
    read = page.evaluate(f"async ([site, letter]) => {NUMBERS}", [demo.url, DEMO_LETTER])
    assert (read["count"], read["letter"]) == (number, DEMO_LETTER)
    for badge in page.get_by_role("img").all():
        assert badge.evaluate("image => image.naturalWidth") > 50
    assert page.evaluate(TOO_WIDE) == []
    assert page.context.cookies() == []
    for each in page.frames:
        each.evaluate(AXE.axe_script)
        told: dict[str, Any] = each.evaluate(AXE_RUN, RULES)
        assert told["violations"] == [], each.url
