"""A crowd before nginx as it is shipped: what is asked of the site, and what is not."""

import gzip
import http.client
import json
import os
import re
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count as counting
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.serving import make_server

from petition import assets, caching, config, create_app, echo, schema, sites
from petition.actions import embedding, organizers, tally
from petition.caching import Policy
from petition.database import writing
from petition.extensions import db
from petition.models import Framing, Organizer, Role, SiteStanding, State
from tests import nginx
from tests.conftest import settings
from tests.factories import TEAM, make_letter
from tests.guards.test_routes import ROUTES
from tests.site import Site, free_port

pytestmark = pytest.mark.skipif(
    nginx.EXECUTABLE is None and not os.environ.get("CI"), reason="there is no nginx here"
)

COUNTS = "public, max-age=2, s-maxage=60"
SHORT = "public, max-age=1, s-maxage=1"
ALIKE = {"Cache-Control": COUNTS, "Letters-Frames": "alike"}
"""What the site says with the count of a letter that is shown and signed everywhere."""

SITES = ("news.example", "blog.example", "bad.example")

PUBLISHED = 15
"""Signatures, one every tenth of a second."""


@dataclass
class Answer:
    """What the site answers at an address."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Cache-Control": COUNTS})
    body: bytes = b"{}"
    takes: float = 0.0
    """Seconds."""


class Origin:
    """A site that answers as it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.port = free_port()
        self.answers: dict[str, Answer] = {}
        """By the whole address, or else by the path alone."""
        self.asked: list[tuple[str, dict[str, str]]] = []
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Be there."""
        self._server = Listening(("127.0.0.1", self.port), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Be gone: whoever asks is refused."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def times(self, path: str) -> int:
        """How often a path was asked for, whatever stood behind it."""
        return sum(address.partition("?")[0] == path for address, _ in self.asked)


class Listening(ThreadingHTTPServer):
    """A server for many at once."""

    request_queue_size = 200
    daemon_threads = True


def _handler(origin: Origin) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            origin.asked.append((self.path, dict(self.headers)))
            path = self.path.partition("?")[0]
            answer = origin.answers.get(self.path) or origin.answers.get(path, Answer())
            time.sleep(answer.takes)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@dataclass(frozen=True)
class Said:
    """What somebody was answered."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    """The site behind nginx."""
    made = Origin()
    made.start()
    yield made
    made.stop()


Ask = Callable[..., Said]


@pytest.fixture(scope="module")
def ask(origin: Origin) -> Iterator[Ask]:
    """Asks nginx. Each test asks for other letters, so that one start is enough."""
    with alone(origin.port) as (asking, _):
        yield asking


@contextmanager
def alone(site: int, visits: str = "off") -> Iterator[tuple[Ask, Path]]:
    """An nginx that nobody has asked yet, and its folder.

    Args:
        site: the port it listens on.
        visits: where and how these are logged; {} is the folder.
    """
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="nginx-"))
    try:
        with nginx.running(folder, port, site, visits=visits.format(folder)):
            yield lambda path, **headers: asked_at(port, path, **headers), folder
    finally:
        shutil.rmtree(folder)


def asked_at(port: int, path: str, method: str = "GET", **headers: str) -> Said:
    """One request on a connection of its own; `accept_encoding` stands for Accept-Encoding."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        line.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        answer = line.getresponse()
        return Said(answer.status, answer.headers, answer.read())
    finally:
        line.close()


def test_a_break_of_line_in_an_address_stays_one_word(origin: Origin, ask: Ask) -> None:
    for path in ("/embed/broken/form", "/embed/broken", "/embed/broken/count.json", "/"):
        ask(f"{path}%0a")
        assert origin.asked[-1][0] == f"{path}%0a"


def test_noise_in_the_address_reaches_the_site_no_more_than_once(origin: Origin, ask: Ask) -> None:
    noises = [f"?x={n}&utm_source=n{n}&fbclid={n}" for n in range(20)]
    pages = {
        "/": "lang=fr",
        "/letters/noise": "lang=fr&after=12&by=country&group=DE",
        "/letters/noise/feed.atom": "lang=fr",
        "/embed/noise/count.json": "",
        "/embed/noise/card.json": "",
        "/embed/noise/badge.svg": "lang=fr&style=flat&size=large&label=&color=red&label_color=0a0",
        "/embed/noise": "lang=fr&theme=dark&accent=1d4f91",
        "/embed/v1.js": "",
        "/oembed": "url=https%3A%2F%2Fx.example%2Fa&format=xml&maxwidth=300&maxheight=99",
        "/static/css/base.css": "v=0123456789ab",
    }
    origin.answers["/embed/noise/count.json"] = Answer(headers=ALIKE)
    for path, known in pages.items():
        for noise in noises:
            ask(f"{path}{noise}", Cookie="session=x", X_Forwarded_For="192.0.2.1")
        assert origin.times(path) == 1, path
        for noise in (f"?{known}", f"?x=1&{known}&lang=zz&lang=de", f"?{known}&_=2"):
            ask(path + noise, accept_encoding=f"gzip, {noise}")
        query = origin.asked[-1][0].partition("?")[2].strip("&")
        assert sorted(query.split("&")) == sorted(known.split("&"))
        assert origin.times(path) == (2 if known else 1), path
    for _, headers in origin.asked:
        assert "Cookie" not in headers
        assert headers["X-Forwarded-For"].endswith("127.0.0.1"), "whoever says otherwise before"


def test_what_is_one_readers_own_passes_whole_and_is_kept_nowhere(origin: Origin, ask: Ask) -> None:
    own = [
        "/organize/letters?tab=x&q=1",
        "/confirm/abc?x=1",
        "/letters/own/thanks?lang=fr",
        "/letters/own/puzzle",
    ]
    for path in own:
        for cookie in ("session=a", "session=b"):
            ask(path, Cookie=cookie)
            assert origin.asked[-1][0] == path
            assert origin.asked[-1][1]["Cookie"] == cookie
    ask("/embed/own/sign?via=embed:x.example", method="POST")
    ask("/letters/own/signatures?q=ann+lee&x=1")
    ask("/letters/own/signatures?q=ann+lee&x=1")
    assert [a for a, _ in origin.asked[-3:]] == [
        "/embed/own/sign?via=embed:x.example",
        *["/letters/own/signatures?&q=ann+lee"] * 2,
    ]


NEVER_KEPT = [
    Answer(200, {"Cache-Control": "no-store"}),
    Answer(200, {}),
    Answer(200, {"Cache-Control": COUNTS, "Set-Cookie": "a=b"}),
    Answer(303, {"Cache-Control": "no-store", "Location": "/"}),
    *(Answer(status, {"Cache-Control": Policy.NOTHING}) for status in (403, 429, 500, 503)),
]


def test_only_what_the_site_lets_be_kept_is(origin: Origin, ask: Ask) -> None:
    for number, answer in enumerate(NEVER_KEPT):
        path = f"/embed/kept-{number}/badge.svg"
        origin.answers[path] = answer
        assert [ask(path).status for _ in range(2)] == [answer.status] * 2
        assert origin.times(path) == 2, answer
    for status in (404, 410):
        path = f"/embed/kept-{status}/count.json"
        origin.answers[path] = Answer(status, {"Cache-Control": Policy.MISSING}, b"gone")
        assert [ask(path).body for _ in range(5)] == [b"gone"] * 5
        assert origin.times(path) == 1, status
    gone = Answer(410, {"Cache-Control": Policy.MISSING, "Letters-Frames": "alike"})
    origin.answers |= dict.fromkeys(("/embed/withdrawn", "/embed/withdrawn/count.json"), gone)
    for site in SITES:
        assert ask("/embed/withdrawn", Referer=f"https://{site}/").status == 410
    assert origin.times("/embed/withdrawn") == 1, "gone on all sites alike"


def test_a_letter_that_moved_leads_on_with_all_that_was_asked(origin: Origin, ask: Ask) -> None:
    moved = Answer(308, {"Cache-Control": Policy.PAGE, "Location": "/letters/new?via=poster"})
    origin.answers["/letters/moved"] = moved
    for via in ("poster", "share"):
        for _ in range(5):
            assert ask(f"/letters/moved?lang=fr&via={via}").status == 308
        assert origin.asked[-1][0] == f"/letters/moved?lang=fr&via={via}"
    assert origin.times("/letters/moved") == 3
    origin.answers["/embed/moved/count.json"] = moved
    assert {ask(f"/embed/moved/count.json?x={n}").status for n in range(5)} == {308}
    assert origin.times("/embed/moved/count.json") == 1
    origin.answers["/embed/moved"] = moved
    for _ in range(5):
        said = ask("/embed/moved?lang=fr&via=embed:x.example")
        assert (said.status, said.headers["Location"]) == (308, moved.headers["Location"])
    assert origin.asked[-1][0] == "/embed/moved?lang=fr&via=embed:x.example"
    assert origin.times("/embed/moved") == 2


def test_one_packed_answer_is_right_for_all_browsers(origin: Origin, ask: Ask) -> None:
    words = b"one and the same " * 100
    headers = {
        "Cache-Control": COUNTS,
        "Content-Encoding": "gzip",
        "Content-Type": "text/html",
        "ETag": 'W/"same"',
        "Vary": "Accept-Encoding",
    }
    origin.answers["/letters/packed"] = Answer(200, headers, gzip.compress(words))
    for accepted in ("gzip", "gzip, deflate, br, zstd", "br;q=1.0, gzip;q=0.8"):
        said = ask("/letters/packed", accept_encoding=accepted)
        assert gzip.decompress(said.body) == words, accepted
    for accepted in ("identity", "gzip;q=0", ""):
        said = ask("/letters/packed", accept_encoding=accepted)
        assert (said.body, said.headers["Content-Encoding"]) == (words, None), accepted
        assert said.headers["ETag"] == 'W/"same"'
    again = ask("/letters/packed", If_None_Match='W/"same"', accept_encoding="gzip")
    assert (again.status, again.body) == (304, b"")
    assert again.headers.get_all("Vary") == ["Accept-Encoding"]
    assert origin.times("/letters/packed") == 1


def test_a_form_names_all_sites_that_are_listed_however_long(
    origin: Origin, ask: Ask, tmp_path: Path
) -> None:
    most = range(embedding.MOST[SiteStanding.LISTED])
    names = [f"{number:02}{'a' * 61}.{'b' * 22}.example:65535" for number in most]
    assert {len(sites.of(f"//{name}")) for name in names} == {sites.LONGEST}
    plain = create_app(settings(tmp_path, f"sqlite:///{tmp_path}/none.sqlite3"))
    with plain.app_context():  # without TLS, where each is named once more
        policy = f"frame-ancestors 'self' {sites.ancestors(names)}"
    for path in ("/embed/listed/form", "/embed/listed/sign"):
        headers = {"Cache-Control": Policy.NOTHING, "Content-Security-Policy": policy}
        origin.answers[path] = Answer(200, headers)
        said = ask(path, method="POST" if path.endswith("sign") else "GET")
        assert (said.status, said.headers["Content-Security-Policy"]) == (200, policy)


def test_who_makes_up_badges_is_stopped_and_the_others_are_not(origin: Origin) -> None:
    with alone(origin.port) as (ask, _):
        badge = "/embed/made-up/badge.svg"
        stopped = Counter(ask(f"{badge}?label=a{n}&color=00{n:04}").status for n in range(80))
        assert 0 < stopped[429] < 40
        assert stopped[200] == origin.times(badge)
        for usual in (badge, f"{badge}?size=large&style=flat-square&lang=de", *COUNTED):
            assert {ask(f"{usual}").status for _ in range(50)} == {200}, usual


COUNTED = ("/embed/made-up/count.json", "/embed/made-up", "/letters/made-up")


def test_a_log_holds_no_secret_address(origin: Origin) -> None:
    public = ["/letters/logged", "/embed/logged/count.json", "/static/css/base.css"]
    secret = ["/confirm/a-token", "/signature/a-token", "/first/a-token", "/organize/in/a-token"]
    with alone(origin.port, visits="{}/visits.log letters") as (ask, folder):
        for path in public + secret:
            ask(f"{path}?q=a-name")
        log = folder / "visits.log"
        wait_until(lambda: log.read_text().count("\n") == len(public + secret))
        assert [line.split()[2] for line in log.read_text().splitlines()] == public + ["-"] * 4
        assert not re.search(r"token|a-name|127\.0\.0\.1", log.read_text())


def wait_until(true: Callable[[], bool]) -> None:
    """Give another process a moment."""
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


COUNTED_IN, FORM_IN = 'class="numbers"', 'name="email"'


@dataclass(frozen=True)
class Look:
    """A page of another site that shows a frame, and what the frame was given."""

    site: str
    said: Said
    policy: str
    """Who may frame it."""

    def shows(self, word: str) -> bool:
        return word.encode() in self.said.body


@pytest.mark.slow
def test_a_crowd_on_three_sites_asks_once_for_each_where_they_are_not_alike(
    tmp_path: Path,
) -> None:
    """The real site. However many pages and readers a site has, its frame is asked for once, and
    given to no other."""
    blocking, listing, alike = "/embed/blocking", "/embed/listing/form", "/embed/alike"
    app = create_app(settings(tmp_path, f"sqlite:///{tmp_path}/site.sqlite3"))
    with app.app_context():
        _furnish()
        at_news = sites.exactly("news.example")
    for path in (blocking, listing, alike):  # nobody is to wait for templates to be read
        for site in SITES:
            app.test_client().get(path, headers={"Referer": f"https://{site}/"})
    numbers = counting()
    with served(app) as port, alone(port) as (ask, folder), ThreadPoolExecutor(20) as pool:

        def look(path: str) -> Look:
            number = next(numbers)
            site = SITES[number % len(SITES)]
            page = f"https://{site}/{number % 5}?fbclid={number}"
            said = ask(f"{path}?utm_source={number}", Referer=page)
            policy = said.headers["Content-Security-Policy"].partition("frame-ancestors ")[2]
            return Look(site, said, policy)

        began = time.monotonic()
        seen = {each: list(pool.map(look, [each] * 60)) for each in (blocking, listing, alike)}
        unknown = ask(blocking)
        took = time.monotonic() - began
        asked = Counter(
            line.partition("?")[0] for line in (folder / "asked.log").read_text().splitlines()
        )
    for path, shown, word, policy in (
        (blocking, SITES[:2], COUNTED_IN, "*"),
        (listing, SITES[:1], FORM_IN, at_news),
        (alike, SITES, COUNTED_IN, "*"),
    ):
        kept = Policy.COUNT if path == alike else Policy.NOTHING
        for each in seen[path]:
            found = (each.said.status, each.said.headers.get_all("Cache-Control"))
            assert found == (200, [kept]), each
            assert each.shows(word) is (each.site in shown), each
            assert each.policy == (policy if each.site in shown else "*"), each
        assert {each.site for each in seen[path]} == set(SITES)
    assert COUNTED_IN.encode() in unknown.body
    pages, counts = (1 + took / _ages(each)["s-maxage"] for each in (Policy.PAGE, Policy.COUNT))
    assert asked[blocking] <= 4 * pages, "for each site, and for where nothing is known of it"
    assert asked[listing] <= 3 * pages
    for path in (alike, f"{blocking}/count.json", "/embed/listing/count.json"):
        assert asked[path] <= counts, path
    print("asked of the site by a crowd of 60 each:", dict(asked))


def _furnish() -> None:
    """Letters that are not shown, and not signed, on every site, and one that is."""
    schema.upgrade()
    slugs = ("blocking", "listing", "alike")
    blocking, listing, _ = (make_letter(slug=slug).letter for slug in slugs)
    organizers.add("organizer@example.org", Role.OWNER, TEAM)
    organizer = db.session.scalars(select(Organizer.id)).one()
    embedding.say(blocking, Role.EDITOR, organizer, ["bad.example"], SiteStanding.BLOCKED)
    embedding.say(listing, Role.EDITOR, organizer, ["news.example"], SiteStanding.LISTED)
    embedding.frame_on(listing, Role.EDITOR, Framing.LISTED)


@contextmanager
def served(app: Flask) -> Iterator[int]:
    """The port on which an application listens, in this process."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.slow
def test_a_crowd_asks_once_also_where_the_site_is_slow_or_gone(origin: Origin, ask: Ask) -> None:
    path, forgotten = "/embed/crowd/count.json", "/embed/forgotten/count.json"
    kept = {"Cache-Control": f"{SHORT}, stale-if-error=300"}
    origin.answers[path] = Answer(200, kept, b"1", takes=0.2)
    brief = {"Cache-Control": f"{SHORT}, stale-if-error=1"}
    origin.answers[forgotten] = Answer(200, brief, b"1")

    def together(number: int = 40) -> Counter[bytes]:
        with ThreadPoolExecutor(number) as pool:
            return Counter(said.body for said in pool.map(ask, [path] * number))

    assert together() == {b"1": 40}, "nobody has it, and all wait for the one who asks"
    assert origin.times(path) == 1
    ask(forgotten)

    time.sleep(2.05)
    origin.answers[path] = Answer(200, kept, b"2", takes=0.4)
    assert together() == {b"1": 39, b"2": 1}, "it has become old, and one waits for the new one"
    assert origin.times(path) == 2
    assert together() == {b"2": 40}

    origin.answers[path] = Answer(503, {"Cache-Control": Policy.NOTHING}, b"broken")
    time.sleep(2.05)
    assert together() == {b"2": 40}, "an answer that all is broken is nobody's"
    origin.stop()
    try:
        assert together() == {b"2": 40}, "and so where there is none"
        assert ask(forgotten).status == 502, "but for no longer than the site said"
    finally:
        origin.start()
    origin.answers[path] = Answer(200, kept, b"3")
    assert ask(path).body == b"3"


SELDOM = {
    "own_link.ask",
    "own_link.sent",
    "reports.sent",
    "signing.disowned",
    "signing.erased",
    "signing.withdrawn",
}
"""May be kept, and are asked for by few: nginx passes them on like what is one reader's own."""
_OF_CONVERTER = {
    "colour": "1d4f91",
    "int": "0",
    "line": "abcdefghijkl",
    "number": "1",
    "path": "icon.svg",
    "slug": "routes",
    "tag": "0123456789abcdef",
}


def test_each_route_is_kept_or_passed_as_its_policy_says(
    origin: Origin, ask: Ask, tmp_path: Path
) -> None:
    """No cookie goes where an answer may be kept, and none is lost where it may not."""
    routes = create_app(settings(tmp_path, f"sqlite:///{tmp_path}/none.sqlite3")).url_map
    kept, passed = [], []
    for rule in routes.iter_rules():
        row = ROUTES.get((rule.endpoint, "GET"))
        if row is None or "GET" not in (rule.methods or ()):
            continue
        path = re.sub(r"<(?:(\w+):)?\w+>", lambda m: _OF_CONVERTER.get(m[1], "1"), rule.rule)
        ask(path, Cookie="session=x")
        public = row.policy.startswith("public") and rule.endpoint not in SELDOM
        if public == ("Cookie" in origin.asked[-1][1]):
            (kept if public else passed).append(rule.endpoint)
    assert (kept, passed) == ([], [])


def _ages(policy: str) -> dict[str, int]:
    return {name: int(seconds) for name, seconds in re.findall(r"([a-z-]+)=(\d+)", policy)}


def test_a_signature_is_everywhere_within_fifteen_seconds() -> None:
    process = caching.recent._seconds + echo.MOMENT
    nginx_counts_whole_seconds = 1
    script = Path(assets.__file__).parent.parent / "static" / assets.script(assets.RELEASES[-1])
    words = script.read_text("utf-8")
    every, jitter = re.search(r"EVERY = (\d+) \* SECOND", words), "wait * (1 + Math.random() / 4)"
    assert every
    assert jitter in words
    element = int(every[1]) * (1 + 1 / 4)
    for policy, asks_again in ((Policy.COUNT, element), (Policy.PAGE, 0)):
        ages = _ages(policy)
        cache = ages["s-maxage"] + ages["stale-while-revalidate"] + nginx_counts_whole_seconds
        assert process + cache + asks_again <= 15, policy
        # What a cache reads is newer than what it read before, whichever process answers.
        assert process <= ages["s-maxage"], policy
    assert 2 * 1 / _ages(Policy.COUNT)["s-maxage"] <= 1, "count.json and card.json, once a second"


@dataclass(frozen=True)
class Seen:
    """An answer that a page got, and when it asked and had it."""

    asked: float
    had: float
    as_of: float
    count: int


@pytest.mark.slow
def test_what_was_for_all_sites_comes_to_its_end(origin: Origin, ask: Ask) -> None:
    path, count = "/embed/narrowed/form", "/embed/narrowed/count.json"
    kept = {"Cache-Control": f"{SHORT}, stale-while-revalidate=1, stale-if-error=300"}
    origin.answers[count] = Answer(200, kept | {"Letters-Frames": "alike"})
    origin.answers[path] = Answer(200, kept, b"for all", takes=0.2)
    news = partial(ask, path, Referer="https://news.example/")
    assert news().body == b"for all"
    origin.answers[count] = Answer(200, kept | {"Letters-Frames": "by-site"})
    origin.answers[path] = Answer(200, kept, b"for one", takes=0.2)
    time.sleep(3.1)
    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(lambda _: news().body, range(20))) == {b"for one"}
    origin.answers |= dict.fromkeys((path, count), Answer(503, {"Cache-Control": Policy.NOTHING}))
    time.sleep(2.05)
    assert news().body == b"for one"
    origin.stop()
    try:
        assert news().body == b"for one"
        assert ask(path, Referer="https://blog.example/").status == 502, "never what was for all"
    finally:
        origin.start()


@pytest.mark.slow
def test_a_number_goes_on_and_tells_its_time() -> None:
    """Two web processes, a worker that publishes, and pages that ask without pause."""
    seen: list[Seen] = []
    published: list[tuple[float, int]] = []
    with tempfile.TemporaryDirectory(prefix="crowd-") as name:
        folder, port = Path(name), free_port()
        (folder / "nginx").mkdir()
        site = Site(folder)
        with create_app(config.read(site.environment)).app_context():
            schema.upgrade()
            letter = make_letter(slug="crowd").letter
            site.start("serve", "--no-worker", "--workers", "2", "--port", str(site.port))
            try:
                site.wait()
                with nginx.running(folder / "nginx", port, site.port) as asked:
                    began = time.monotonic()
                    with ThreadPoolExecutor(4) as pool:
                        stop = threading.Event()
                        pages = [pool.submit(_page, port, stop) for _ in range(4)]
                        for number in range(1, PUBLISHED + 1):
                            with writing(db.session):
                                tally.adjust(letter.id, {State.PUBLISHED: 1})
                            published.append((time.time(), number))
                            time.sleep(0.1)
                        while _look(port).count < PUBLISHED:
                            time.sleep(0.1)
                        stop.set()
                        seen = [each for page in pages for each in page.result()]
                    took = time.monotonic() - began
                    reached = Counter(asked.addresses())["/embed/crowd/count.json"]
            finally:
                site.stop()
    assert len(seen) > 100
    assert 2 <= reached <= took / 2 + 1, "once in two seconds"
    in_order = sorted(seen, key=lambda each: each.asked)
    latest = Seen(0, 0, 0, 0)
    for each in sorted(seen, key=lambda each: each.had):
        after = next((a for a in in_order if a.asked > each.had), None)
        assert after is None or (after.as_of, after.count) >= (each.as_of, each.count)
        latest = max(latest, each, key=lambda seen: seen.as_of)
        until_then = [number for at, number in published if at <= each.as_of]
        assert each.count >= max(until_then, default=0), "all that was there is counted"
        assert each.as_of <= each.had
    assert latest.count == PUBLISHED


def _page(port: int, stop: threading.Event) -> list[Seen]:
    seen = []
    while not stop.wait(0.02):
        seen.append(_look(port))
    return seen


def _look(port: int) -> Seen:
    began = time.time()
    told = json.loads(asked_at(port, "/embed/crowd/count.json").body)
    as_of = datetime.fromisoformat(told["as_of"]).astimezone(UTC).timestamp()
    return Seen(began, time.time(), as_of, told["count"])
