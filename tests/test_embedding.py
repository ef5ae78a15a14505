"""What of a letter stands on other sites: chosen, seen, listed, blocked."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from threading import Barrier

import pytest
from flask import Flask
from flask.testing import FlaskClient

from petition import caching, deeds, retention
from petition.actions import embedding, sightings
from petition.actions.embedding import Framing, SiteStanding
from petition.clock import now
from petition.database import writing
from petition.extensions import db
from petition.models import (
    Action,
    AuditEntry,
    Change,
    Letter,
    Measure,
    Role,
    Sighting,
    Site,
    Statistic,
)
from petition.queries import embedding as queries
from tests.factories import change, make_letter, publish_text, say, sign_in

PAGE = "/organize/letters/a-letter/embed"
COUNT, FRAME = "/embed/a-letter/count.json", "/embed/a-letter"
NEWS = "https://www.news.example"


@pytest.fixture(autouse=True)
def nothing_seen() -> Iterator[None]:
    """A process that was told of no site yet."""
    sightings.seen.clear()
    yield
    sightings.seen.clear()


def code(client: FlaskClient, **chosen: str) -> str:
    """What the page offers to paste."""
    page = client.get(PAGE, query_string=chosen)
    found = re.search(r'id="code"[^>]*>(.*?)</pre>', page.text, re.DOTALL)
    assert found
    return unescape(found[1])


def ask(client: FlaskClient, path: str = COUNT, **headers: str) -> None:
    """Ask as the page of another site does, after nobody who asked the same just now."""
    caching.recent.clear()
    client.get(path, headers={each.replace("_", "-"): said for each, said in headers.items()})


def seen() -> dict[str, Sighting]:
    """The sites that were written down."""
    db.session.rollback()
    db.session.expire_all()
    return {each.name: each for each in db.session.query(Sighting).order_by(Sighting.name)}


def test_what_is_chosen_stands_in_the_code_with_the_title_made_harmless(
    client: FlaskClient,
) -> None:
    make_letter(title='"Fair" <terms> & more')
    publish_text("Wir bitten.", Change.TRANSLATION, "de")
    sign_in(client, role=Role.VIEWER)
    words = "&#34;Fair&#34; &lt;terms&gt; &amp; more"
    site = "http://letters.example.org"
    assert code(client) == (
        f'<open-letter letter="a-letter"><a href="{site}/letters/a-letter?via=embed">'
        f"{words}: read and sign</a></open-letter> "
        f'<script async src="{site}/embed/v1.js"></script>'
    )
    chosen = code(client, view="form", theme="dark", lang="de", accent="9DBDEC")
    for part in ('view="form"', 'theme="dark"', 'lang="de"', 'accent="#9dbdec"', "lang=de&amp;via"):
        assert part in chosen
    frame = code(client, kind="frame", theme="dark", lang="de", accent="#9dbdec")
    assert f'src="{site}/embed/a-letter?lang=de&amp;theme=dark&amp;accent=9dbdec"' in frame
    frame = code(client, kind="frame")
    assert f'src="{site}/embed/a-letter" title="{words}"' in frame
    badge = code(client, kind="badge", size="large", style="flat-square")
    assert f'src="{site}/embed/a-letter/badge.svg?size=large&amp;style=flat-square"' in badge
    assert code(client, kind="link") == (
        f'<a href="{site}/letters/a-letter?via=embed">{words}: read and sign</a>'
    )
    for kind, address in (
        ("count", f"{site}/embed/a-letter/count.json"),
        ("shields", f"{site}/embed/a-letter/shields.json"),
        ("oembed", f"{site}/letters/a-letter"),
    ):
        assert code(client, kind=kind) == address
    assert 'lang="en"' in code(client, lang="en")  # though it is the letter's own
    assert "lang" not in code(client, kind="frame", lang="en")
    page = client.get(PAGE, query_string={"lang": "de"}).text
    assert '<h1 lang="en"' in page
    assert code(client, kind="feed", lang="de") == f"{site}/letters/a-letter/feed.atom?lang=de"
    odd = code(client, kind="nonsense", view='"><script>', lang="xx", theme="none")
    assert odd == code(client)


@pytest.mark.parametrize(
    ("theme", "accent", "advice"),
    [
        ("light", "#eeeeee", "Take a darker one"),
        ("dark", "#111111", "Take a lighter one"),
        ("auto", "#7a7a7a", "cannot be read on light or dark"),
        ("auto", "blue", "six digits"),
        ("auto", '"><script>', "six digits"),
        ("auto", "#1d4f91", "on dark ones it could not be read"),
        ("light", "#1d4f91", ""),
    ],
)
def test_a_colour_that_cannot_be_read_is_refused_beside_its_field(
    client: FlaskClient, theme: str, accent: str, advice: str
) -> None:
    make_letter()
    sign_in(client, role=Role.VIEWER)
    page = client.get(PAGE, query_string={"theme": theme, "accent": accent})
    refused = accent != "#1d4f91"
    assert advice in page.text
    assert ('id="accent-error"' in page.text) is refused
    assert accent in unescape(page.text)
    assert ("accent=" in code(client, theme=theme, accent=accent)) is not refused


def test_the_samples_may_load_what_another_site_must_allow_and_stand_in_the_panel_alone(
    client: FlaskClient,
) -> None:
    make_letter()
    sign_in(client, role=Role.VIEWER)
    page = client.get(PAGE)
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"
    samples = re.findall(r'<iframe class="(\w+)" src="([^"]+)"', page.text)
    assert [ground for ground, _ in samples] == ["light", "dark"]
    for ground, address in samples:
        sample = client.get(unescape(address))
        policy = sample.headers["Content-Security-Policy"]
        assert "script-src 'self' http://letters.example.org;" in policy
        assert "frame-ancestors 'self'" in policy
        assert "unsafe" not in policy
        assert f'class="sample {ground}"' in sample.text
        assert '<open-letter letter="a-letter">' in sample.text
    assert "<iframe" not in client.get(PAGE, query_string={"kind": "count"}).text


def test_a_letter_that_cannot_be_signed_does_not_ask_for_it(client: FlaskClient) -> None:
    found = make_letter()
    sign_in(client, role=Role.VIEWER)
    assert "read and sign</a>" in code(client)
    assert "takes no signatures" not in client.get(PAGE, query_string={"view": "form"}).text
    with writing(db.session):
        db.session.get_one(Letter, found.letter.id).paused_at = now()
    for kind in ("element", "badge", "link"):
        assert "read and sign" not in code(client, kind=kind)
    assert "takes no signatures" in client.get(PAGE, query_string={"view": "form"}).text


def test_before_a_letter_is_open_the_page_says_so_and_shows_no_more(client: FlaskClient) -> None:
    make_letter(opens=now() + timedelta(days=1))
    sign_in(client, role=Role.VIEWER)
    assert "read and sign</a>" in code(client)  # by then it can be
    for kind in ("count", "shields", "oembed", "feed"):
        assert "it answers 404" in client.get(PAGE, query_string={"kind": kind}).text
    assert "as soon as the letter is open" in client.get(PAGE).text
    sample = client.get(f"{PAGE}/sample").text
    assert "as soon as the letter is open" in sample
    assert "<open-letter" not in sample
    assert "<script" not in sample


def test_of_a_withdrawn_letter_is_said_what_brings_it_back(client: FlaskClient) -> None:
    found = make_letter()
    change(found, withdrawn_at=now())
    sign_in(client, role=Role.VIEWER)
    page = client.get(PAGE).text
    assert "once you bring it back" in page
    assert "as soon as the letter is open" not in page
    assert "say so or show a plain link" in client.get(f"{PAGE}/sample").text


def test_where_people_can_sign_is_said_recorded_and_taken_back(client: FlaskClient) -> None:
    found = make_letter()
    sign_in(client, role=Role.EDITOR)
    assert queries.terms(found.letter).signs("anything.example")
    assert client.post(f"{PAGE}/framing", data={"framing": "nowhere"}).status_code == 422
    done = client.post(f"{PAGE}/framing", data={"framing": "listed"})
    assert done.location.endswith("/embed#sites")
    assert not queries.terms(found.letter).signs("anything.example")  # nothing is remembered
    page = client.get(PAGE).text
    assert "No site is listed" in page
    assert 'name="framing" value="anywhere"' in page  # the undo
    client.post(f"{PAGE}/sites", data={"site": "https://News.example/a", "standing": "listed"})
    terms = queries.terms(found.letter)
    assert terms.signs("blog.news.example")
    assert not terms.signs("other.example")
    client.post(f"{PAGE}/sites", data={"site": "blog.news.example", "standing": "blocked"})
    terms = queries.terms(found.letter)
    assert (terms.signs("news.example"), terms.signs("blog.news.example")) == (True, False)
    assert not terms.shows("blog.news.example")
    told = client.get(PAGE).text
    assert "blog.news.example is blocked" in told
    client.post(f"{PAGE}/sites/end", data={"site": "blog.news.example"})
    assert 'name="standing" value="blocked"' in client.get(PAGE).text  # the undo
    assert queries.terms(found.letter).signs("blog.news.example")
    client.post(f"{PAGE}/sites/end", data={"site": "blog.news.example \0 a\0b https://x"})  # again
    assert told_and_undone(client) == ("blog.news.example is neither listed nor blocked.", False)
    entries = db.session.query(AuditEntry).order_by(AuditEntry.id)
    told = [deeds.told(e.action, e.about or {}) for e in entries if e.action in _OF_SITES]
    assert told == [
        "let the letter be signed on other sites: only on those that are listed",
        "put news.example on the list of sites to sign on",
        "blocked the site blog.news.example",
        "took back what was said of the site blog.news.example",
    ]


def told_and_undone(client: FlaskClient) -> tuple[str, bool]:
    """What the page says was done, and whether it can be taken back."""
    page = client.get(PAGE).text
    found = re.search(
        r'<div class="done" role="status">\s*<p>(.*?)</p>(.*?)</div>', page, re.DOTALL
    )
    assert found
    return unescape(found[1]), "<form" in found[2]


def test_what_was_done_is_said_and_only_what_was_done_is_taken_back(client: FlaskClient) -> None:
    make_letter()
    sign_in(client, role=Role.EDITOR)
    client.post(f"{PAGE}/framing", data={"framing": "anywhere"})
    assert told_and_undone(client) == ("Nothing was changed.", False)
    site = {"site": "bücher.example"}
    written = "bücher.example (xn--bcher-kva.example)"
    for standing, told, undone in (
        ("listed", "is on the list.\nA list is only needed if you choose “only on those", True),
        ("listed", "is listed already.", False),
        ("blocked", "is blocked.\nA blocked site shows a link", True),
        ("blocked", "is blocked already.", False),
    ):
        client.post(f"{PAGE}/sites", data=site | {"standing": standing})
        words, can_be_undone = told_and_undone(client)
        assert words.startswith(f"{written} {told}")
        assert can_be_undone is undone
    client.post(f"{PAGE}/sites/end", data={"site": "xn--bcher-kva.example"})
    assert told_and_undone(client) == (f"{written} is not blocked any more.", True)
    client.post(f"{PAGE}/framing", data={"framing": "listed"})
    client.post(f"{PAGE}/sites", data=site | {"standing": "listed"})
    assert told_and_undone(client) == (f"People can sign on {written}.", True)
    client.post(f"{PAGE}/sites/end", data={"site": "xn--bcher-kva.example"})
    assert told_and_undone(client) == (f"{written} is off the list.", True)
    for path in ("framing", "sites", "sites/end"):  # who loads again, or goes back
        assert client.get(f"{PAGE}/{path}").location.endswith("/embed#sites")


_OF_SITES = {Action.FRAMING, Action.SITE_LISTED, Action.SITE_BLOCKED, Action.SITE_ENDED}


def test_what_is_blocked_is_told_to_the_scripts_on_other_sites_at_once(
    client: FlaskClient,
) -> None:
    found = make_letter()
    sign_in(client, role=Role.EDITOR)
    assert client.get(COUNT).json["not_on"] == []
    client.post(f"{PAGE}/sites", data={"site": "news.example", "standing": "blocked"})
    assert len(client.get(COUNT).json["not_on"]) == 1
    say(found, "news.example", SiteStanding.LISTED)
    assert client.get(COUNT).json["not_on"] == []


_LONG_IN_ASCII = "дамоклов-меч-над-всеми.私たちの声を聞いてください"


def test_what_is_no_site_is_handed_back_beside_its_field(client: FlaskClient) -> None:
    make_letter()
    sign_in(client, role=Role.EDITOR)
    for typed, advice in (
        ("", "Write the name of a site"),
        (" ,\n;", "Write the name of a site"),
        ("not/a/site", "Write the whole name, such as news.example."),
        ("somebody@news.example", "Write the name of a site as in its address"),
        ("co.uk", "That would be about the sites of strangers"),
        ("x" * 1600, "Shorten this by 100"),
        (" ".join(f"n{each}.example" for each in range(21)), "Write at most 20 at once"),
        (" ".join(f"{each}{_LONG_IN_ASCII}.example" for each in range(20)), "These are long names"),
        ("one.example, two, three.example", "“two”: Write the whole name"),
        ("one.example\nco.uk", "“co.uk”: That would be about the sites of strangers"),
        ("http://letters.example.org/letters/a-letter", "That is this site. To stop signing"),
        ("example.org", "This site is a part of it"),
    ):
        page = client.post(f"{PAGE}/sites", data={"site": typed, "standing": "blocked"})
        assert page.status_code == 422, typed
        assert f'id="site-error">{advice}' in unescape(page.text)
        kept = re.escape(typed.strip())
        assert re.search(rf'<textarea[^>]* name="site"[^>]*>\s*{kept}<', page.text), typed
        assert re.search(r'<option selected value="blocked">', page.text)
    assert db.session.query(Site).count() == 0


def test_several_sites_are_said_of_at_once_and_taken_back_at_once(client: FlaskClient) -> None:
    found = make_letter()
    sign_in(client, role=Role.EDITOR)
    say(found, "two.example", SiteStanding.LISTED)
    typed = "one.example, https://www.two.example/@a,b\nthree.example one.example"
    client.post(f"{PAGE}/sites", data={"site": typed, "standing": "listed"})
    said = queries.terms(found.letter).listed
    assert said == ("one.example", "three.example", "two.example")
    page = client.get(PAGE).text
    words = "one.example is on the list.\ntwo.example is listed already.\nthree.example is on the"
    assert words in page
    undo = re.search(r'name="site" value="([^"]*)"', page)
    assert undo
    client.post(f"{PAGE}/sites/end", data={"site": undo[1]})
    assert queries.terms(found.letter).listed == ("two.example",)
    client.post(f"{PAGE}/sites", data={"site": "one.example two.example", "standing": "blocked"})
    assert queries.terms(found.letter).blocked == ("one.example", "two.example")
    assert not told_and_undone(client)[1]  # before, one was listed and the other was not
    own = client.post(f"{PAGE}/sites", data={"site": "letters.example.org", "standing": "listed"})
    assert "where people can sign in any case" in own.text
    client.post(f"{PAGE}/sites", data={"site": "example.org", "standing": "listed"})
    assert queries.terms(found.letter).listed == ("example.org",)


def test_there_is_an_end_to_each_list(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(embedding.MOST, SiteStanding.LISTED, 1)
    make_letter()
    sign_in(client, role=Role.EDITOR)
    client.post(f"{PAGE}/sites", data={"site": "one.example", "standing": "listed"})
    client.post(f"{PAGE}/sites", data={"site": "one.example", "standing": "listed"})
    client.post(f"{PAGE}/sites/end", data={"site": "one.example"})
    typed = {"site": "one.example\ntwo.example", "standing": "listed"}
    full = client.post(f"{PAGE}/sites", data=typed)
    assert full.status_code == 422
    assert "At most 1 sites can be listed. Take some off the list first." in full.text
    assert db.session.query(Site).count() == 0  # of all, or of none
    client.post(f"{PAGE}/sites", data={"site": "one.example", "standing": "listed"})
    client.post(f"{PAGE}/sites", data={"site": "two.example", "standing": "blocked"})
    assert [(s.name, s.standing) for s in db.session.query(Site).order_by(Site.name)] == [
        ("one.example", "listed"),
        ("two.example", "blocked"),
    ]


def test_to_ask_for_a_count_writes_nothing_and_a_moment_later_the_site_is_known(
    client: FlaskClient, statements: list[str]
) -> None:
    make_letter()
    numbers = []
    for headers in ({}, {"Origin": NEWS}):
        caching.guards.clear()
        statements.clear()
        ask(client, **headers)
        numbers.append(len(statements))
    ask(client, FRAME, Referer="https://blog.example/a/page?of=somebody")
    assert numbers[0] == numbers[1]
    assert not [each for each in statements if not each.startswith(("SELECT", "BEGIN"))]
    assert seen() == {}
    sightings.write()
    assert list(seen()) == ["blog.example", "news.example"]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (COUNT, {}),
        (COUNT, {"Origin": "null"}),
        (COUNT, {"Origin": "http://letters.example.org"}),
        (FRAME, {"Referer": "http://letters.example.org/embed/"}),
        (FRAME, {"Referer": "https://news.example/", "Sec-Fetch-Dest": "document"}),
        (FRAME, {"Referer": "https://news.example/", "Sec-Fetch-Site": "none"}),
        (COUNT, {"Origin": "http://intranet"}),
        (COUNT, {"Origin": "http://192.0.2.7"}),
        (COUNT, {"Origin": "https://" + "a" * 300}),
        ("/embed/nothing-here/count.json", {"Origin": NEWS}),
    ],
)
def test_what_is_no_other_site_is_not_noticed(
    client: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    make_letter()
    ask(client, path, **headers)
    sightings.write()
    assert seen() == {}


def test_a_site_is_written_once_an_hour_and_forgotten_when_it_is_long_gone(
    client: FlaskClient, statements: list[str]
) -> None:
    make_letter()
    ask(client, Origin=NEWS)
    sightings.write()
    first = seen()["news.example"].last_at
    for _ in range(3):
        ask(client, Origin=NEWS)
    statements.clear()
    sightings.write()
    sightings.seen.clear()  # another process, which does not know
    ask(client, Origin=NEWS)
    sightings.write()
    assert not [s for s in statements if s.startswith("INSERT")]
    _age("news.example", timedelta(hours=2))
    sightings.seen.clear()
    ask(client, Origin=NEWS)
    sightings.write()
    again = seen()["news.example"]
    assert again.first_at < first <= again.last_at
    sightings.forget()
    assert list(seen()) == ["news.example"]
    _age("news.example", retention.SIGHTINGS + timedelta(minutes=1))
    ask(client, Origin="https://passing.example")
    sightings.write()
    _age("passing.example", retention.SIGHTED_ONCE - timedelta(minutes=1))
    sightings.forget()
    assert list(seen()) == ["passing.example"]
    _age("passing.example", timedelta(minutes=2))
    sightings.forget()
    assert seen() == {}


def test_a_web_process_writes_by_itself_and_goes_on_after_a_failure(
    app: Flask, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    make_letter()
    write, first = sightings.write, iter((True, False))

    def twice() -> None:
        write()
        sightings.seen.note("a-letter", "news.example")
        if not next(first):
            raise SystemExit

    monkeypatch.setattr(sightings, "EVERY", 0.01)
    monkeypatch.setattr(sightings, "AT_ONCE", 1)
    monkeypatch.setattr(sightings, "write", twice)
    sightings.seen.note("no text \udc00", "odd.example")
    sightings.seen.note("a-letter", "blog.example")
    with pytest.raises(SystemExit):
        sightings.keep_writing(app)
    assert list(seen()) == ["blog.example", "news.example"]  # what failed took nothing with it
    said = json.loads(capfd.readouterr().err)
    assert said["event"] == "sightings.failed"
    assert said["where"]
    assert "no text" not in str(said)


def _age(name: str, by: timedelta, *, still: bool = False) -> None:
    """Let it be longer ago that a site was seen, or only that it was first seen."""
    with writing(db.session):
        row = db.session.query(Sighting).filter_by(name=name).one()
        row.first_at -= by
        row.last_at -= timedelta() if still else by
    sightings.seen.clear()


def test_made_up_names_push_out_nobody_who_is_there(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sightings, "MOST_SEEN", 3)
    make_letter()
    for name in ("one.example", "two.example", "three.example", "four.example"):
        sightings.note("a-letter", name)
        sightings.write()
    assert list(seen()) == ["one.example", "three.example", "two.example"]
    for name in ("one.example", "two.example"):
        _age(name, timedelta(hours=3), still=True)
    _age("three.example", timedelta(hours=3))
    for name in ("four.example", "five.example"):
        sightings.note("a-letter", name)
        sightings.write()  # the one that was seen at one moment only makes room, and no other
    assert list(seen()) == ["four.example", "one.example", "two.example"]
    _age("one.example", timedelta(days=2), still=True)
    _age("one.example", timedelta(days=2))  # it was there for two days, two days ago
    _age("four.example", timedelta(hours=3))
    for name, left in (("six.example", "one.example"), ("seven.example", "six.example")):
        sightings.note("a-letter", name)
        sightings.write()
        assert list(seen()) == sorted([left, name, "two.example"])


def test_few_names_come_in_at_a_time_and_by_lot(app: Flask) -> None:
    make_letter()
    drawn = []
    for _ in range(4):
        with writing(db.session):
            db.session.query(Sighting).delete()
        sightings.seen.clear()
        for number in range(200):
            sightings.note("a-letter", f"spam{number}.example")
        sightings.write()
        drawn.append(tuple(seen()))
        assert len(drawn[-1]) == sightings.MOST_NEW
    assert len({*drawn}) > 1, "who is quick is not before the others"
    for _ in range(60):  # those that were not drawn are told of again
        for number in range(60):
            sightings.note("a-letter", f"spam{number}.example")
        sightings.write()
    assert len(seen()) >= 60


def test_an_owner_of_many_names_has_few_on_the_list(app: Flask) -> None:
    make_letter()
    for _ in range(8):
        for number in range(20):
            sightings.note("a-letter", f"page{number}.spam.co.uk")
            sightings.note("a-letter", f"page{number}.github.io")  # each has its own owner
        sightings.write()
    of = Counter(name.partition(".")[2] for name in seen())
    assert of["spam.co.uk"] == sightings.MOST_OF_OWNER
    assert of["github.io"] == 20


def test_what_is_told_of_one_letter_takes_no_room_of_another(app: Flask) -> None:
    for slug in ("spammed", "quiet"):
        make_letter(slug=slug)
    for number in range(sightings.MOST_REMEMBERED + 10):
        sightings.note("spammed", f"spam{number}.example")
    sightings.note("quiet", "news.example")
    told = sightings.seen.take(now())
    assert len(told["spammed"]) == sightings.MOST_REMEMBERED
    assert told["quiet"] == {"news.example"}
    for number in range(sightings.MOST_LETTERS + 10):
        sightings.note(f"letter-{number}", "news.example")
    assert len(sightings.seen.take(now())) == sightings.MOST_LETTERS


def test_what_was_written_last_is_not_written_again_though_many_letters_were(app: Flask) -> None:
    for number in range(sightings.MOST_WRITTEN + 1):
        sightings.seen.wrote(f"letter-{number}", ["news.example"], now())
    assert sightings.seen.take(now()) == {}
    for number in (0, 1, sightings.MOST_WRITTEN):
        sightings.note(f"letter-{number}", "news.example")
    assert sightings.seen.take(now()) == {"letter-0": {"news.example"}}  # the oldest made room


def test_many_letters_are_written_in_few_short_transactions(
    app: Flask, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sightings, "AT_ONCE", 3)
    slugs = [f"letter-{number}" for number in range(6)]
    for slug in slugs:
        make_letter(slug=slug)
        sightings.note(slug, "news.example")
        sightings.note(slug, "blog.example")
    statements.clear()
    sightings.write()
    # What is read stands before the lock of SQLite.
    lock = ["BEGIN"] if db.engine.dialect.name == "sqlite" else []
    kinds = [each.split()[0] for each in statements if each != "BEGIN"]
    assert kinds == ["SELECT", *lock, "INSERT"] * 2
    db.session.rollback()
    assert db.session.query(Sighting).count() == 12


def test_two_processes_renew_what_the_other_removes_and_both_write(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, together = make_letter(), Barrier(2, timeout=60)
    monkeypatch.setattr(sightings, "MOST_NEW", queries.MOST_SEEN)
    new, old = [
        [f"{word}{number}.example" for number in range(queries.MOST_SEEN)]
        for word in ("new", "old")
    ]
    then = {"first_at": now() - timedelta(days=4), "last_at": now() - timedelta(days=3)}

    def write(half: slice) -> None:
        with app.app_context():
            together.wait()
            sightings.write_some({"a-letter": {*old[half], *new[half]}}, now())

    for _ in range(5):
        with writing(db.session):
            db.session.query(Sighting).delete()
            of = found.letter.id
            db.session.add_all(Sighting(letter_id=of, name=name, **then) for name in old)
        with ThreadPoolExecutor(2) as processes:
            list(processes.map(write, (slice(0, 100), slice(100, None))))
        assert len({*new} & {*seen()}) >= 100  # of whoever came first, or of both


def _rows(client: FlaskClient) -> dict[str, str]:
    """What the page says of each site, and what can be pressed."""
    page = client.get(PAGE).text
    page = re.sub(r"first seen \w+ \d+, \d+", "first seen then", page)
    return {
        re.findall(r'<bdi dir="ltr">(.*?)</bdi>', row)[0]: " ".join(
            re.sub(r"<[^>]+>", " ", row).split()
        )
        for row in re.findall(r'<li class="row">.*?</li>', page, re.DOTALL)
    }


def test_sites_stand_by_what_came_from_them_and_few_are_not_told_apart(
    client: FlaskClient, statements: list[str]
) -> None:
    found = make_letter()
    sign_in(client, role=Role.EDITOR)
    client.get(PAGE)
    statements.clear()
    client.get(PAGE)
    cost = len(statements)
    for name in ("blog.blocked.example", "many.example", "few.example"):
        sightings.note("a-letter", name)
    sightings.write()
    _age("few.example", timedelta(hours=2, minutes=20))
    say(found, "blocked.example", SiteStanding.BLOCKED)
    say(found, "blog.blocked.example", SiteStanding.LISTED)
    say(found, "linking.example:8443", SiteStanding.LISTED)
    counted = {
        "embed:many.example": 4,
        "badge:many.example": 3,
        "embed:few.example": 4,
        "embed:blog.blocked.example": 1,
        "site:linking.example": 6,
        "site:private.example": 4,
        "share": 9,
        "": 20,
    }
    hour = now().replace(minute=0, second=0, microsecond=0)
    with writing(db.session):
        for key, number in counted.items():
            db.session.add(
                Statistic(
                    letter_id=found.letter.id,
                    measure=Measure.SOURCE,
                    key=key,
                    hour=hour,
                    number=number,
                )
            )
    statements.clear()
    rows = _rows(client)
    assert len(statements) == cost
    lately = "first seen then · last seen within the hour"
    assert [*rows.items()] == [
        ("many.example", f"many.example 7 signatures from there · {lately} Block"),
        (
            "blog.blocked.example",
            "blog.blocked.example blocked as part of blocked.example · fewer than 5 signatures "
            f"from there · {lately} Take off the list",
        ),
        (
            "few.example",
            "few.example fewer than 5 signatures from there · first seen then · last seen 2 hours "
            "ago Block",
        ),
        (
            "linking.example:8443",
            "linking.example:8443 listed · 6 signatures from there Take off the list Block",
        ),
        ("linking.example", "linking.example 6 signatures from there Block"),
        ("blocked.example", "blocked.example blocked Unblock"),
    ]
    page = client.get(PAGE).text
    headings = re.findall("<h3>(.*?)</h3>", page.partition('id="sites"')[2])
    assert headings == [
        "They show the letter (3)",
        "People came from them (2)",
        "Only listed or blocked (1)",
    ]
    assert "13 signatures came from the sites below" in page  # no port is told from another
    assert "/a-letter/numbers#sources" in page
    assert f"forgotten {retention.SIGHTINGS.days} days after" in page
    embedding.frame_on(found.letter, Role.EDITOR, Framing.LISTED)
    rows = _rows(client)
    assert rows["few.example"].endswith("List Block")
    say(found, "few.example", SiteStanding.LISTED)
    assert _rows(client)["few.example"].endswith("Take off the list Block")
    sign_in(client, "viewer@example.org", role=Role.VIEWER)
    looked = client.get(PAGE).text
    assert "few.example" in looked
    assert "<form method=" not in looked.partition("<main")[2]
