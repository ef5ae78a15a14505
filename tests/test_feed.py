"""The feed of a letter: all that happens to it, valid whatever people wrote, named for good."""

from datetime import timedelta
from pathlib import Path

import feedparser
import pytest
from flask.testing import FlaskClient
from lxml import etree

from petition import caching
from petition.actions import life, milestones
from petition.caching import Policy
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import Change, Letter, Outcome, Role
from petition.queries.letters import LetterText
from petition.views import feed
from tests.factories import count, make_letter, publish_text, sign_in

FEED = "/letters/a-letter/feed.atom"
SITE = "http://letters.example.org"
_SCHEMA = etree.RelaxNG(file=Path(__file__).with_name("atom.rng"))


def _read(client: FlaskClient, path: str = FEED) -> feedparser.FeedParserDict:
    """A feed as a reader of feeds has it; it is valid."""
    caching.recent.clear()
    answer = client.get(path)
    assert (answer.status_code, answer.content_type) == (
        200,
        "application/atom+xml; charset=utf-8",
    )
    _SCHEMA.assertValid(etree.fromstring(answer.data))
    read = feedparser.parse(answer.data, response_headers={"content-type": answer.content_type})
    assert (read.bozo, read.version) == (False, "atom10")
    assert read.feed.updated == max(each.updated for each in read.entries)
    assert len({each.id for each in read.entries}) == len(read.entries)
    return read


def _reach(found: LetterText, number: int) -> None:
    count(found, number)
    milestones.look()


def test_all_that_happens_is_told_the_latest_first(client: FlaskClient) -> None:
    found = make_letter(goal=150, title="A letter", markdown="We *ask*.")
    publish_text("Nous demandons.", Change.CORRECTION, "fr")
    publish_text("We ask you.", Change.CORRECTION, note="A word was missing.")
    _reach(found, 120)
    publish_text("We ask all.", Change.SUBSTANCE, note="All, and not only you.")
    publish_text("We ask all.", Change.CORRECTION, note="Shorter.", title="Letter")
    publish_text("Nous demandons.", Change.CORRECTION, "fr", note="", title="Une lettre")
    _reach(found, 80)
    life.close(found.letter, Role.OWNER, None, "")
    assert [each.tags[0].term for each in _read(client).entries][:2] == ["closed", "goal"]
    life.tell_outcome(found.letter, Role.OWNER, 1, Outcome.WON, "They agreed.\n\nThank you.")

    read = _read(client)

    assert [(each.tags[0].term, each.title, each.get("summary")) for each in read.entries] == [
        ("outcome", "Won", "They agreed.\n\nThank you."),
        ("closed", "Closed for signatures", "200 people have signed"),
        ("goal", "The goal of 150 is reached", None),
        ("correction", "The text was corrected · \u2068Français\u2069",
         "The title is now: \u2068Une lettre\u2069"),
        ("correction", "The text was corrected · \u2068English\u2069",
         "\u2068Shorter.\u2069 · The title is now: \u2068Letter\u2069"),
        ("substance", "The text was changed in substance · \u2068English\u2069",
         "All, and not only you."),
        ("milestone", "100 people have signed", None),
        ("correction", "The text was corrected · \u2068English\u2069", "A word was missing."),
        ("translation", "The letter can be read in another language · \u2068Français\u2069", "So."),
        ("opened", "Open for signatures", "We ask all."),
    ]  # fmt: skip
    assert [each.link.removeprefix(SITE) for each in read.entries][3:9] == [
        "/letters/a-letter/revisions/6",
        "/letters/a-letter/revisions/5",
        "/letters/a-letter/revisions/4",
        "/letters/a-letter",
        "/letters/a-letter/revisions/3",
        "/letters/a-letter?lang=fr",
    ]
    for address in {read.feed.link, *(each.link for each in read.entries)}:
        assert client.get(address.removeprefix(SITE)).status_code == 200
    assert (read.feed.title, read.feed.author, read.feed.language) == (
        "Letter",
        "the artists",
        "en",
    )
    times = [each.updated for each in read.entries]
    assert times == sorted(times, reverse=True)
    life.reopen(found.letter, Role.OWNER)
    assert _read(client).entries[0].tags[0].term == "goal"


HOSTILE = "</title><script>alert(1)</script> ]]> <!-- & &amp; &lt; ' \" % {{ 7*7 }} \u202e ألف"
FORBIDDEN = "\x01\x08\x0b\x1f\ufffe\uffff"


def test_it_is_valid_whatever_people_write(client: FlaskClient) -> None:
    found = make_letter(title=HOSTILE + FORBIDDEN)
    same, other = HOSTILE + FORBIDDEN, FORBIDDEN + HOSTILE
    publish_text("Two.", Change.CORRECTION, note=same, title=same)
    publish_text("Three.", Change.CORRECTION, note="", title=f"Now {other}")
    life.close(found.letter, Role.OWNER, Outcome.LOST, HOSTILE + FORBIDDEN)
    with writing(db.session):
        db.session.query(Letter).one().wording = {"en": {"description": FORBIDDEN + HOSTILE}}
    caching.recent.clear()
    read = etree.fromstring(client.get(FEED).data)
    words = [each.text for each in read.iter("{*}summary")]
    retitled = f"The title is now: \u2068Now {HOSTILE}\u2069"
    assert words == [HOSTILE, retitled, HOSTILE, HOSTILE]
    _read(client)


def test_what_it_is_called_stays_whatever_its_slug(client: FlaskClient) -> None:
    found = make_letter()
    publish_text("Nous demandons.", Change.TRANSLATION, "fr")
    _reach(found, 100)
    before, french = _read(client), _read(client, f"{FEED}?lang=fr")
    day = f"{found.letter.created_at:%Y-%m-%d}"
    assert before.feed.id == f"tag:letters.example.org,{day}:letter/{found.letter.id}"
    assert [each.id.removeprefix(before.feed.id) for each in before.entries] == [
        "/milestone/100",
        "/text/2",
        "/opened",
    ]
    # What says the same in another language is another entry.
    assert french.feed.id == f"{before.feed.id}/fr"
    assert french.feed.language == "fr"
    assert _read(client, f"{FEED}?lang=xx").feed.id == before.feed.id

    sign_in(client)
    renamed = client.post("/organize/letters/a-letter/address", data={"slug": "another"})
    assert renamed.status_code == 303

    moved = client.get(f"{FEED}?lang=fr")
    assert (moved.status_code, moved.location) == (308, "/letters/another/feed.atom?lang=fr")
    for path, was in (("", before), ("?lang=fr", french)):
        after = _read(client, f"/letters/another/feed.atom{path}")
        assert [each.id for each in after.entries] == [each.id for each in was.entries]
        assert after.feed.id == was.feed.id
        itself = next(link.href for link in after.feed.links if link.rel == "self")
        assert itself == f"{SITE}/letters/another/feed.atom{path}"


def test_what_nobody_may_read_has_none(client: FlaskClient) -> None:
    assert client.get(FEED).status_code == 404
    found = make_letter(opens=now() + timedelta(hours=1))
    assert client.get(FEED).status_code == 404
    life.open_now(found.letter, Role.OWNER)
    assert [each.tags[0].term for each in _read(client).entries] == ["opened"]
    life.take_from_view(found.letter, Role.OWNER, "It was wrong.")
    assert client.get(FEED).status_code == 410


def test_programs_anywhere_keep_it_until_something_happens(client: FlaskClient) -> None:
    found = make_letter()
    page = client.get("/letters/a-letter").text
    assert f'<link rel="alternate" type="application/atom+xml" href="{FEED}">' in page
    answer = client.get(FEED)
    assert answer.headers["Cache-Control"] == Policy.PAGE
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    known = {"If-None-Match": answer.headers["ETag"]}
    caching.recent.clear()
    assert client.get(FEED, headers=known).status_code == 304
    _reach(found, 100)
    assert client.get(FEED, headers=known).status_code == 200


def test_it_ends_somewhere(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "MOST", 3)
    found = make_letter(goal=None)
    for language in ("fr", "de"):
        publish_text("Text 1.", Change.TRANSLATION, language)
    for language in ("en", "fr", "de"):
        publish_text("Text 2.", Change.CORRECTION, language, title=f"Title, {language}")
    summaries = [each.summary for each in _read(client).entries]
    assert [each.partition(": ")[2] for each in summaries] == [
        f"\u2068Title, {language}\u2069" for language in ("de", "fr", "en")
    ]
    _reach(found, 500)
    assert [each.title for each in _read(client).entries] == [
        "500 people have signed",
        "250 people have signed",
        "100 people have signed",
    ]
