"""The count of a letter in a frame on another site."""

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import colours
from petition.caching import Policy
from petition.clock import now
from petition.models import Listing, Outcome, SiteStanding
from tests.factories import change, make_letter, make_signature, say

FRAME = "/embed/a-letter"
LIAR = {"Referer": "https://innocent.example"}
STYLES = Path("static/css/embed.css")


def test_it_holds_nothing_that_changes_anything(client: FlaskClient) -> None:
    make_letter()
    page = client.get(FRAME).text
    for never in ("<form", "<button", "<input", "style="):
        assert never not in page
    (script,) = re.findall("<script.*?</script>", page)
    assert re.fullmatch(r'<script src="/static/js/via\.js[^"]*" defer></script>', script)
    links = re.findall("<a [^>]*>", page)
    assert links
    assert all('target="_blank" rel="noopener"' in link for link in links)
    assert 'href="http://letters.example.org/letters/a-letter?via=embed"' in page


def test_it_shows_the_latest_first_names_where_names_are_shown(client: FlaskClient) -> None:
    found = make_letter()
    for name in ("Early Bird", "Dr. Ann Lee", "Bo <b>Ek", "Cy Fox", "Di Gee", "Ed Hay", "Flo Ito"):
        make_signature(found, name=name)
    make_signature(found, name="Gil Hidden", show_name=False)
    names = re.search(r'class="names">(.*?)</p>', client.get(FRAME).text)
    assert names
    shown = re.findall("<bdi>(.*?)</bdi>", names[1])
    assert shown == ["Flo", "Ed", "Di", "Cy", "Bo", "Ann"]

    for hidden in ({"list_hidden_at": now()}, {"list_hidden_at": None, "listing": Listing.NOT}):
        change(found, **hidden)
        assert 'class="names"' not in client.get(FRAME).text


def test_a_closed_letter_shows_its_last_count_and_what_came_of_it(client: FlaskClient) -> None:
    found = make_letter(goal=None)
    make_signature(found)
    change(found, closes_at=now() - timedelta(days=1), outcome=Outcome.WON)
    page = client.get(FRAME).text
    for words in ("1 person has signed", "Won. ", "This letter is closed.", "Read the letter"):
        assert words in page
    assert "Read and sign" not in page


def test_it_looks_as_its_address_says(client: FlaskClient) -> None:
    found = make_letter()
    plain = client.get(FRAME)
    assert 'name="color-scheme" content="light dark"' in plain.text
    dark = client.get(f"{FRAME}?theme=dark&accent=%23FD0")
    assert 'dir="ltr" data-theme="dark"' in dark.text
    assert 'name="color-scheme" content="dark"' in dark.text
    assert '<link rel="stylesheet" href="/embed/accent/ffdd00.css">' in dark.text
    assert dark.headers["ETag"] != plain.headers["ETag"]
    for nonsense in ("theme=%22%3E", "accent=red", "accent=777777", "accent=", "lang=xx"):
        assert client.get(f"{FRAME}?{nonsense}").data == plain.data, nonsense
    say(found, "blocked.example", SiteStanding.BLOCKED)
    blocked, boxed = {"Referer": "https://blocked.example"}, {"Origin": "null"}
    for answer in (
        client.get(f"{FRAME}/form?accent=fd0"),
        client.get(f"{FRAME}?accent=fd0", headers=blocked),
        client.get("/embed/none?accent=fd0"),
        client.post(f"{FRAME}/sign?accent=fd0", headers=boxed),
    ):
        assert answer.text.count("/embed/accent/ffdd00.css") == 1


def test_a_colour_stands_where_it_can_be_read(client: FlaskClient) -> None:
    for accent, sheet in (
        ("1d4f91", ":root{--accent-on-light:#1d4f91}\n"),
        ("ffdd00", ":root{--accent-on-dark:#ffdd00}\n"),
    ):
        response = client.get(f"/embed/accent/{accent}.css")
        assert (response.text, response.mimetype) == (sheet, "text/css")
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    for nonsense in ("777777", "red", "1D4F91", "1d4f9g"):
        assert client.get(f"/embed/accent/{nonsense}.css").status_code == 404


def test_contrast_is_that_of_the_rule_and_of_the_style_sheet() -> None:
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert colours.contrast("ffffff", "ffffff") == 1
    said = dict(re.findall(r"--([a-z-]+): light-dark\((.*)\);", STYLES.read_text()))
    assert said["ground"] == f"{colours.LIGHT}, {colours.DARK}"
    ours = re.findall("#[0-9a-f]{6}", said["accent"])
    for ground, *inks in zip(
        (colours.LIGHT, colours.DARK),
        said["ink"].split(", "),
        said["soft"].split(", "),
        ours,
        strict=True,
    ):
        assert all(colours.contrast(ink, ground) >= colours.ENOUGH for ink in inks)


def test_a_blocked_site_is_given_the_way_and_nothing_else(client: FlaskClient) -> None:
    found = make_letter(title="Fair terms")
    make_signature(found, name="Ann Lee")
    assert "public" in client.get(FRAME).headers["Cache-Control"]
    say(found, "blocked.example", SiteStanding.BLOCKED)
    for referrer, shown in (
        (None, True),
        ("https://news.example/today?x=1", True),
        ("https://blocked.example", False),
        ("https://WWW.blocked.example:8443/a/page", False),
        ("http://below.blocked.example/", False),
    ):
        answer = client.get(FRAME, headers={"Referer": referrer} if referrer else {})

        assert answer.status_code == 200
        assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
        # No cache in front may hand the one page to who should be given the other.
        assert answer.headers["Cache-Control"] == "no-store"
        assert ("1 person has signed" in answer.text) is shown
        assert ("Ann" in answer.text) is shown
        # Unless it asks by site: then the address decides, and nothing beside it.
        named = client.get(FRAME, query_string={"site": referrer or ""}, headers=LIAR)
        assert (named.headers["Cache-Control"], named.data) == (Policy.PAGE, answer.data)
        assert 'href="http://letters.example.org/letters/a-letter' in answer.text
        assert "Fair terms" in answer.text


@pytest.mark.parametrize("path", ["/embed/none", "/embed/a-letter"])
def test_where_there_is_no_letter_a_frame_says_so(client: FlaskClient, path: str) -> None:
    make_letter(title="A secret", opens=now() + timedelta(days=1))
    answer = client.get(path)
    assert answer.status_code == 404
    assert "There is no letter here" in answer.text
    assert "secret" not in answer.text
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer.headers
    assert answer.headers["Cache-Control"] == Policy.MISSING
    assert 'lang="ar" dir="rtl"' in client.get(f"{path}?lang=ar").text
    assert 'lang="en"' in client.get(f"{path}?lang=%00nonsense").text
    policy = client.get(f"{path}/count.json").headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy


def test_it_is_small(app: Flask, client: FlaskClient) -> None:
    found = make_letter()
    for number in range(6):
        make_signature(found, name=f"Name{number} Surname")
    pieces = {
        "page": client.get(f"{FRAME}?oembed=1&accent=1d4f91").data,
        "accent": client.get("/embed/accent/1d4f91.css").data,
        "style": STYLES.read_bytes(),
        "via": Path("static/js/via.js").read_bytes(),
        "script": Path("static/js/wordpress.js").read_bytes(),
    }
    sizes = {name: len(gzip.compress(piece)) for name, piece in pieces.items()}
    print("iframe page, gzip:", sizes, "together", sum(sizes.values()))
    assert sum(sizes.values()) < 12_000
