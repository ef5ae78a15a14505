"""The count as a badge: what it says, how it may look, and that no word leaves its side."""

import gzip
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import badgepy
import pytest
from bidi import algorithm as bidi
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st

from petition import badges, caching, colours, outlines, text
from petition.badges import LABEL_COLOUR, LABEL_LENGTH, WIDE_LENGTH
from petition.clock import now
from tests.conftest import Statements
from tests.factories import change, count, make_letter

BADGE, SHIELDS = "/embed/a-letter/badge.svg", "/embed/a-letter/shields.json"
SVG = "{http://www.w3.org/2000/svg}"


def _read(picture: bytes) -> ET.Element:
    return ET.fromstring(picture)  # noqa: S314  # our own answer


def _colours(picture: bytes) -> list[str]:
    """Of the sides from left to right, each with that of its words."""
    return [each.attrib["fill"] for each in _read(picture).iter(f"{SVG}path")]


def test_it_is_a_picture_with_words_and_nothing_else(client: FlaskClient) -> None:
    found = make_letter(title="Fish & <chips>")
    count(found, 12_345)
    response = client.get(f"{BADGE}?label=<script>%26%22")
    assert response.mimetype == "image/svg+xml"
    picture = _read(response.data)
    assert picture.attrib["role"] == "img"
    words = "Fish & <chips>: 12,345 people have signed"
    assert picture.attrib["aria-label"] == picture.findtext(f"{SVG}title") == words
    assert {each.tag for each in picture} == {f"{SVG}title", f"{SVG}path", f"{SVG}rect"}
    for never in ("<script", "<text", "style", "href", "font"):
        assert never not in response.text
    assert "sandbox" in response.headers["Content-Security-Policy"]


def test_it_looks_as_asked_and_as_usual_where_that_makes_no_sense(client: FlaskClient) -> None:
    make_letter()
    usual = client.get(BADGE).data
    assert _colours(usual) == ["#22201c", "#fff", "#1d4f91", "#fff"]
    for nonsense in ("style=plastic", "size=9", "color=%22%3E", "label_color=beige", "lang=xx"):
        assert client.get(f"{BADGE}?{nonsense}").data == usual
    asked = client.get(f"{BADGE}?color=yellow&label_color=%23fFf").data
    assert _colours(asked) == ["#ffffff", "#000", "#dfb317", "#000"]
    large = _read(client.get(f"{BADGE}?size=large").data)
    assert (_read(usual).attrib["height"], large.attrib["height"]) == ("20", "28")
    assert b"a3 3" in usual
    assert b"a3 3" not in client.get(f"{BADGE}?style=flat-square").data
    assert _colours(client.get(f"{BADGE}?label=").data) == ["#1d4f91", "#fff"]
    # What nobody sees, and what would turn the words round, is no part of a label.
    plain = client.get(f"{BADGE}?label=so+far").data
    assert client.get(f"{BADGE}?label=%E2%80%AEso+%20far%00%E2%80%8B").data == plain
    assert client.get(f"{BADGE}?label={'n' * 99}").data == (
        client.get(f"{BADGE}?label={'n' * LABEL_LENGTH}").data
    )
    # Nobody can ask for what takes long to draw: wide letters are few.
    wide = "署" * WIDE_LENGTH
    assert badges.look(label=f"{wide}名 and more").label == wide
    assert badges.look(label=f"n{wide[1:]} and more").label == f"n{wide[1:]} and more"


def test_it_speaks_the_languages_of_its_letter(client: FlaskClient) -> None:
    make_letter(language="ar", title="رسالة")
    found = make_letter()
    count(found, 1284)
    english, arabic = client.get(BADGE).data, client.get(f"{BADGE}?lang=ar").data
    assert _read(arabic).attrib["aria-label"].startswith("رسالة: ")
    # Where one reads from right to left, the number stands to the left of its label.
    assert _colours(arabic) == _colours(english)[2:] + _colours(english)[:2]
    assert client.get(f"{SHIELDS}?lang=ar").json["label"] == "التوقيعات"


def test_other_looks_cost_no_query_and_make_nobody_forget(
    client: FlaskClient, statements: Statements
) -> None:
    make_letter()
    client.get(f"{BADGE}?label=first")
    statements.clear()
    kept = len(caching.recent._answers)
    for number in range(5):
        response = client.get(f"{BADGE}?label=number+{number}&color=0000{number:02}")
        assert response.headers["Cache-Control"] == caching.Policy.COUNT
        again = client.get(
            f"{BADGE}?label=number+{number}&color=0000{number:02}",
            headers={"If-None-Match": response.headers["ETag"]},
        )
        assert again.status_code == 304
    assert len(caching.recent._answers) == kept
    assert not statements


# What https://shields.io/badges/endpoint-badge demands; any other field is refused there.
_FIELDS: dict[str, Any] = {
    "schemaVersion": lambda value: value == 1,
    "label": lambda value: isinstance(value, str),
    "message": lambda value: isinstance(value, str) and value != "",
    "color": lambda value: re.fullmatch("#[0-9a-f]{6}", value),
    "labelColor": lambda value: re.fullmatch("#[0-9a-f]{6}", value),
    "isError": lambda value: isinstance(value, bool),
    "cacheSeconds": lambda value: isinstance(value, int) and value >= 0,
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the stranger is old-fashioned
def test_shields_take_the_number(client: FlaskClient) -> None:
    found = make_letter()
    count(found, 1284)
    response = client.get(f"{SHIELDS}?color=green&label_color=000&label=Names")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    told: dict[str, Any] = response.json
    assert told.keys() >= {"schemaVersion", "label", "message"}
    assert all(_FIELDS[name](value) for name, value in told.items())
    assert (told["label"], told["message"]) == ("Names", "1,284")
    # A stranger that draws badges takes it as it is.
    drawn = badgepy.badge(
        left_text=told["label"],
        right_text=told["message"],
        left_color=told["labelColor"],
        right_color=told["color"],
    )
    picture = _read(drawn.encode())
    assert {"Names", "1,284"} <= set(picture.itertext())
    assert {"#97ca00", "#000000"} <= {each.get("fill") for each in picture.iter()}
    assert client.get(f"{SHIELDS}?label=").json["label"] == ""


def test_letters_that_are_not_open(client: FlaskClient) -> None:
    found = make_letter(title="A\x01 letter\ufffe", opens=now() + timedelta(days=1))
    for path in (BADGE, SHIELDS):
        assert client.get(path).status_code == 404
    change(found, opens_at=now() - timedelta(days=3), closes_at=now() - timedelta(days=1))
    count(found, 7)
    assert client.get(SHIELDS).json["message"] == "7"
    assert "7 people" in _read(client.get(BADGE).data).attrib["aria-label"]
    change(found, withdrawn_at=now(), withdrawn_reason="It was wrong.")
    gone, told = client.get(f"{BADGE}?size=large"), client.get(SHIELDS)
    assert (gone.status_code, told.status_code) == (410, 410)
    assert gone.mimetype == "image/svg+xml"
    assert "withdrawn from view" in _read(gone.data).attrib["aria-label"]
    assert all(_FIELDS[name](value) for name, value in json.loads(told.data).items())
    assert (told.json["message"], told.json["isError"]) == ("withdrawn", True)


def test_it_is_small(client: FlaskClient, capsys: pytest.CaptureFixture[str]) -> None:
    for language in ("de", "ar", "ja"):
        make_letter(language=language)
    found = make_letter()
    count(found, 1_234_567)
    asked = {
        "English": "",
        "English, large": "?size=large",
        "German": "?lang=de",
        "Arabic": "?lang=ar",
        "Japanese": "?lang=ja&label=署名した人",
        "forty letters": "?label=Unterschriften+f%C3%BCr+bezahlte+und+faire+Kunst",
    }
    sizes = {
        how: len(gzip.compress(client.get(BADGE + query).data)) for how, query in asked.items()
    }
    with capsys.disabled():
        print("\nbadge, gzip bytes:", ", ".join(f"{how} {size}" for how, size in sizes.items()))
    assert max(sizes.values()) < 3000


_COMMAND = re.compile("([mlqcz])([^mlqcz]*)")
_LENGTHS = {"m": 2, "l": 2, "q": 4, "c": 6}


def _points(path: str) -> Iterator[tuple[int, int]]:
    """The points that the lines of a path run to, and those they are bent by."""
    x = y = 0
    begun = (0, 0)
    for command, said in _COMMAND.findall(path):
        numbers = [int(number) for number in re.findall(r"-?\d+", said)]
        if command == "z":
            x, y = begun
        while numbers:
            ways, numbers = numbers[: _LENGTHS[command]], numbers[_LENGTHS[command] :]
            points = [(x + right, y + down) for right, down in zip(*[iter(ways)] * 2, strict=True)]
            yield from points
            x, y = points[-1]
            begun = (x, y) if command == "m" else begun


@given(
    st.text(max_size=60), st.sampled_from(["en", "ar", "ja", "hi"]), st.sampled_from(badges.SIZES)
)
@example("e" + 30 * "\N{COMBINING ACUTE ACCENT}", "en", "small")
@example("\N{MYANMAR LETTER KA}\u1039" * 6, "my", "large")
def test_any_label_stands_within_its_side(typed: str, language: str, size: str) -> None:
    look = badges.look(label=typed, size=size)
    assert look.label is not None
    assert len(look.label) <= LABEL_LENGTH
    assert text.tidy(look.label) == look.label
    badge = badges.drawn("1,284", look, language)
    x = 0
    for part in badge.parts:
        left, base, scale = (float(number) for number in re.findall(r"-?[\d.]+", part.place))
        for across, down in _points(part.words):
            assert x <= left + across * scale <= x + part.width
            assert 0 <= base + down * scale <= badge.height
        x += part.width
    assert x == badge.width


@pytest.mark.parametrize(
    "ground", ["000", "fff", "767676", "f00", "00f", "0f0", "808080", "1d4f91"]
)
def test_words_can_be_read_on_any_colour(ground: str) -> None:
    (part,) = badges.drawn("1", badges.look(colour=ground, label=""), "en").parts
    ink = "".join(2 * each for each in part.ink.removeprefix("#"))
    assert colours.contrast(ink, part.colour) >= 4.5


def test_what_lines_are_ordered_by_is_there() -> None:
    """It is the inside of python-bidi, which another version may lay out anew."""
    used = set(re.findall(r"\bbidi\.(\w+)", Path(outlines.__file__).read_text("utf-8")))
    missing = sorted(name for name in used if not hasattr(bidi, name))
    assert not missing, f"outlines.py needs a python-bidi that has {missing} (see pyproject.toml)"
    assert len(used) > 5


def test_a_dark_side_is_told_from_a_dark_page(client: FlaskClient) -> None:
    make_letter()
    edge = _read(client.get(BADGE).data).find(f"{SVG}rect")
    assert edge is not None
    share = float(edge.attrib["stroke-opacity"])
    parts = [int(LABEL_COLOUR[at : at + 2], 16) for at in (0, 2, 4)]
    line = "".join(f"{round(share * 255 + (1 - share) * part):02x}" for part in parts)
    assert all(colours.contrast(line, each) > 2.5 for each in ("000000", colours.DARK))
    assert edge.attrib["rx"] == "2.5"
    square = _read(client.get(f"{BADGE}?style=flat-square").data).find(f"{SVG}rect")
    assert square is not None
    assert "rx" not in square.attrib


def test_lines_go_both_ways() -> None:
    whole = outlines.of("abc אבג 12", "he", "ltr", 500)
    turned = outlines.of("abc אבג 12", "he", "rtl", 500)
    assert whole.path != turned.path
    assert whole.right == turned.right
    # A number stays as it is, whichever way the line goes, and so do letters of one direction.
    assert outlines.of("2026", "he", "rtl", 500) == outlines.of("2026", "he", "ltr", 500)
    assert outlines.of("אבג", "he", "rtl", 500) == outlines.of("אבג", "he", "ltr", 500)
