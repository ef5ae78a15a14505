"""What sites are told that show something in the place of a letter's address."""

import re
import xml.etree.ElementTree as ET
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient

from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import Change, FormerSlug
from petition.text import for_xml
from tests.conftest import SITE_URL
from tests.factories import change, make_card, make_letter, make_signature, publish_text

LETTER = f"{SITE_URL}/letters/a-letter"
HOSTILE = "</blockquote><script>alert(1)</script>\"'><img src=x> & ]]> {{ 7*7 }} رسالة"


def _ask(client: FlaskClient, url: str = LETTER, **more: str | int) -> dict[str, str | int]:
    answer = client.get("/oembed", query_string={"url": url, **more})
    assert answer.status_code == 200, url
    told: dict[str, str | int] = answer.json
    return told


def _frame(told: dict[str, str | int]) -> dict[str, str]:
    found = re.search("<iframe (.*?)></iframe>", str(told["html"]))
    assert found
    return {name: unescape(value) for name, value in re.findall('([a-z]+)="(.*?)"', found[1])}


def test_a_letter_is_told_with_its_frame(client: FlaskClient) -> None:
    found = make_letter(title="Fair & square")
    make_card(found)
    change(found, contact="https://artists.example.org/")
    answer = client.get("/oembed", query_string={"url": LETTER})
    assert answer.mimetype == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    told = answer.json
    html = told.pop("html")
    assert told == {
        "version": "1.0",
        "type": "rich",
        "title": "Fair & square",
        "author_name": "the artists",
        "author_url": "https://artists.example.org/",
        "provider_name": "Open letters",
        "provider_url": f"{SITE_URL}/",
        "cache_age": 3600,
        "thumbnail_url": f"{LETTER}/card-0000000000000000.png",
        "thumbnail_width": 1200,
        "thumbnail_height": 630,
        "width": 600,
        "height": 200,
    }
    assert html == (
        f'<blockquote hidden><a href="{LETTER}?via=embed">Fair &amp; square</a></blockquote>'
        f'<iframe src="{SITE_URL}/embed/a-letter?oembed=1" title="Fair &amp; square" '
        'width="600" height="200" frameborder="0"></iframe>'
    )
    etag = answer.headers["ETag"]
    again = client.get("/oembed", query_string={"url": LETTER}, headers={"If-None-Match": etag})
    assert again.status_code == 304

    change(found, contact="team@example.org")
    assert "author_url" not in _ask(client)  # an address of e-mail is no web site


def test_xml_says_the_same_whatever_the_title_is(client: FlaskClient) -> None:
    title = f"{HOSTILE}\x01\ufffe"
    make_letter(title=title, slug="a-letter")
    told = _ask(client)
    answer = client.get("/oembed", query_string={"url": LETTER, "format": "xml"})
    assert answer.mimetype == "text/xml"
    root = ET.fromstring(answer.data)  # noqa: S314  # our own answer
    assert root.tag == "oembed"
    assert {each.tag: each.text for each in root} == {k: for_xml(str(v)) for k, v in told.items()}
    assert (told["title"], root.findtext("title")) == (title, HOSTILE)
    html = str(told["html"])
    assert html.count("<") == 6
    assert _frame(told)["title"] == title
    assert len(html.encode()) < 4_000
    assert "\n" not in html


def test_every_address_of_a_letter_is_understood(client: FlaskClient) -> None:
    found = make_letter()
    publish_text("Nous demandons.", Change.TRANSLATION, "fr")
    with writing(db.session):
        db.session.add(FormerSlug(slug="before", letter_id=found.letter.id))
    told = _ask(client)
    host = urlsplit(SITE_URL).netloc
    for address in (
        f"{LETTER}/",
        f"{LETTER}#sign",
        f"{LETTER}?utm_source=x&via=share",
        f"{LETTER}?lang=xx",
        f"{LETTER}/signatures?after=5",
        f"{LETTER}/count",
        f"{SITE_URL}/embed/a-letter",
        f"{SITE_URL}/embed/a-letter/badge.svg",
        f"{SITE_URL}/letters/before",
        f"https://{host}/letters/a-letter",
        f"HTTP://{host.upper()}:80/letters/a%2Dletter",
    ):
        assert _ask(client, address) == told, address

    french = _ask(client, f"{LETTER}/signatures?lang=FR")
    assert parse_qs(urlsplit(_frame(french)["src"]).query)["lang"] == ["fr"]
    dark = _ask(client, f"{SITE_URL}/embed/a-letter?theme=dark&accent=c8102e&x=%22%3E")
    assert parse_qs(urlsplit(_frame(dark)["src"]).query) == {
        "oembed": ["1"],
        "theme": ["dark"],
        "accent": ["c8102e"],
    }
    odd = _ask(client, f"{SITE_URL}/embed/a-letter?theme=red&accent=%23FD0&via=share")
    asked = parse_qs(urlsplit(_frame(odd)["src"]).query)
    assert asked == {"oembed": ["1"], "accent": ["ffdd00"]}, "what makes sense, as it is written"


def test_it_keeps_to_the_room_there_is(client: FlaskClient) -> None:
    make_card(make_letter())
    for most, size in (
        ({"maxwidth": 500, "maxheight": 750}, (500, 200)),
        ({"maxwidth": 2000}, (600, 200)),
        ({"maxwidth": 320}, (320, 280)),
        ({"maxwidth": 240, "maxheight": 120}, (240, 120)),
        ({"maxheight": 150}, (600, 150)),
    ):
        told = _ask(client, **most)
        assert (told["width"], told["height"]) == size
        assert (_frame(told)["width"], _frame(told)["height"]) == tuple(map(str, size))
        fits = most.get("maxwidth", 1200) >= 1200 and "maxheight" not in most
        assert ("thumbnail_url" in told) is fits
    for less in ({"maxwidth": 239}, {"maxheight": 119}):
        told = _ask(client, **less)
        assert told["type"] == "link"
        assert not {"html", "width", "height"} & set(told)


NONSENSE = (
    ({"url": LETTER, "format": "yaml"}, 501),
    ({"url": LETTER, "maxwidth": "wide"}, 400),
    ({"url": LETTER, "maxheight": "-1"}, 400),
    ({"url": LETTER, "maxwidth": "0"}, 400),
    ({"url": LETTER, "maxwidth": "9" * 5000}, 400),
    ({}, 404),
    ({"url": "a-letter"}, 404),
    ({"url": "http://[/letters/a-letter"}, 404),
    ({"url": "http://letters.example.org:x/letters/a-letter"}, 404),
    ({"url": "http://letters.example.org:8080/letters/a-letter"}, 404),
    ({"url": "http://evil.example/letters/a-letter"}, 404),
    ({"url": "http://letters.example.org@evil.example/letters/a-letter"}, 404),
    ({"url": "ftp://letters.example.org/letters/a-letter"}, 404),
    ({"url": "javascript://letters.example.org/letters/a-letter"}, 404),
    ({"url": SITE_URL}, 404),
    ({"url": f"{SITE_URL}/letters/none"}, 404),
    ({"url": f"{SITE_URL}/letters/a-letter/nothing"}, 404),
    ({"url": f"{SITE_URL}/letters/%00"}, 404),
)


def test_what_makes_no_sense_is_told_by_its_status(client: FlaskClient) -> None:
    make_letter()
    for question, status in NONSENSE:
        answer = client.get("/oembed", query_string=question)
        assert answer.status_code == status, question
        assert answer.mimetype == "text/plain"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cache-Control"] == "no-store"


def test_what_nobody_may_read_is_told_of_to_nobody(client: FlaskClient) -> None:
    draft = make_letter(opens=now() + timedelta(days=1))
    before = client.get("/oembed", query_string={"url": LETTER})
    change(draft, opens_at=None, withdrawn_at=now(), withdrawn_reason="So.")
    after = client.get("/oembed", query_string={"url": LETTER})
    none = client.get("/oembed", query_string={"url": f"{SITE_URL}/letters/none"})
    assert before.status_code == after.status_code == 404
    assert before.data == after.data == none.data


def test_a_letter_leads_there(client: FlaskClient) -> None:
    found = make_letter(title="Fair terms")
    make_signature(found)
    publish_text("نطلب.", Change.TRANSLATION, "ar")
    for page in ("/letters/a-letter", "/letters/a-letter?lang=ar"):
        head = client.get(page).text.split("</head>")[0]
        for kind, mimetype in (
            ("application/json+oembed", "application/json"),
            ("text/xml+oembed", "text/xml"),
        ):
            link = re.search(f'<link rel="alternate" type="{re.escape(kind)}" href="(.*?)">', head)
            assert link
            address = unescape(link[1])
            assert address.startswith(f"{SITE_URL}/oembed?")
            answer = client.get(address.removeprefix(SITE_URL))
            assert answer.mimetype == mimetype
            assert ("lang=ar" in answer.text) is ("lang=ar" in page)
        # Without these, Discourse shows neither the frame nor a card in its place.
        assert 'property="og:type" content="website"' in head
        for name in ("title", "description", "url", "site_name"):
            assert re.search(f'property="og:{name}"[^>]* content="[^"]', head)
