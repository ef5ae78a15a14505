"""A real Chromium, the demonstration it looks at, and a page of another origin."""

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import urldefrag, urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Dialog,
    FloatRect,
    Locator,
    Page,
    Response,
    StorageState,
    expect,
    sync_playwright,
)

from tests import site as sites
from tests.browser.places import Places, furnish
from tests.site import Site

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP *.example 127.0.0.1",
]
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser")
"""The first is the same browser without its windows, at a third of the work."""
PHONE = 390
"""Pixels across."""
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PATIENCE = 30.0
"""Seconds that a test waits for what should come; one that passes never waits so long."""
expect.set_options(timeout=PATIENCE * 1000)
Scheme = Literal["light", "dark"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium. Without one the tests are skipped, but not where CI is set."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        missing = "Chromium is missing: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demonstration, as `make run` starts it."""
    folder = tmp_path_factory.mktemp("demo")
    with sites.demo(folder, PETITION_RATELIMIT_ENABLED="0") as site:
        yield site


@pytest.fixture(scope="session")
def places(demo: Site) -> Places:
    """The addresses of every kind of page, each with something on it."""
    return furnish(demo)


@dataclass
class Host:
    """Somebody else's web site, on an origin and a site of its own."""

    port: int
    pages: dict[str, bytes] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Its address: another site than `localhost`, where ours is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def sibling_url(self) -> str:
        """The same pages on another origin of our own site."""
        return f"http://localhost:{self.port}"

    def named(self, name: str) -> str:
        """Its address under a name that all the world could know, below `.example`."""
        return f"http://{name}:{self.port}"

    def publish(self, path: str, html: str) -> str:
        """Put a page up; its address."""
        head = "<!doctype html><html lang=en><title>Host</title><link rel=icon href='data:,'>"
        self.pages[path] = (head + html).encode()
        return f"{self.url}{path}"


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    """A server of another origin."""
    pages: dict[str, bytes] = {}

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path)
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Host(server.server_port, pages)
    server.shutdown()
    thread.join()
    server.server_close()


class Watch:
    """What a browser asked for, and what it complained about."""

    def __init__(self) -> None:
        self.requested: list[str] = []
        self.complaints: list[str] = []
        self.visited: set[str] = set()
        self._pardoned: list[str] = []
        self._heard: dict[Any, Callable[[Any], None]] = {
            "request": lambda request: self.requested.append(request.url),
            "response": self._answered,
            "console": self._said,
            "pageerror": lambda error: self.complaints.append(str(error)),
        }

    def over(self, page: Page) -> None:
        """Watch a page."""
        for event, heard in self._heard.items():
            page.on(event, heard)

    def leave(self, page: Page) -> None:
        """Watch a page no longer."""
        for event, heard in self._heard.items():
            page.remove_listener(event, heard)

    def pardon(self, *words: str) -> None:
        """Let be whatever is complained of in such words, before or from now on."""
        self._pardoned += words

    def unpardoned(self) -> list[str]:
        """The complaints that nothing excuses."""
        return [
            each for each in self.complaints if not any(word in each for word in self._pardoned)
        ]

    def _answered(self, response: Response) -> None:
        if response.request.is_navigation_request() or response.request.method == "POST":
            self.visited.add(urldefrag(response.url).url)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        # Chromium also tells of each page, and each press, that was answered with an error
        # status; tests look at those.
        refused = message.text.startswith("Failed to load resource: the server responded")
        if not (refused and urldefrag(message.location["url"]).url in self.visited):
            self.complaints.append(message.text)

    def origins(self) -> set[str]:
        """From where something was asked for."""
        return {
            "{0.scheme}://{0.netloc}".format(urlsplit(url))
            for url in self.requested
            if not url.startswith("data:")
        }


def stop_clock(page: Page) -> None:
    """From here on time passes for a page by its `clock` alone; answers still take their own."""
    page.clock.install(time=NOON)
    page.clock.pause_at(NOON + timedelta(seconds=30))


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait until something holds of what a page has told us."""
    deadline = time.monotonic() + PATIENCE
    while not holds() and time.monotonic() < deadline:
        page.wait_for_timeout(10)  # what it tells comes meanwhile
    assert holds()


def stay_when_asked(page: Page) -> None:
    """Leave a page that asks whether one wants to, and stay."""

    def stay(dialog: Dialog) -> None:
        dialog.dismiss()

    page.once("dialog", stay)
    with page.expect_event("dialog") as asked:
        page.evaluate("location.reload()")
    assert asked.value.type == "beforeunload"


def box_of(what: Locator) -> FloatRect:
    """Where something stands, and how large; it is to be seen."""
    box = what.bounding_box()
    assert box is not None
    return box


Browse = Callable[..., Page]


@pytest.fixture
def watch(demo: Site, host: Host) -> Iterator[Watch]:
    """Sees to it that no test meets a complaint, or a request to anybody else."""
    watching = Watch()
    yield watching
    assert watching.unpardoned() == []
    assert watching.origins() <= {
        demo.url,
        host.url,
        host.sibling_url,
        host.named("news.example"),
    }


@pytest.fixture
def browse(chromium: Browser, demo: Site, watch: Watch) -> Iterator[Browse]:
    """Makes a reader with a browser profile of their own."""
    contexts = []

    def new(
        *,
        javascript: bool = True,
        width: int = PHONE,
        state: StorageState | None = None,
        zone: str = "UTC",
        touch: bool = False,
    ) -> Page:
        context = chromium.new_context(
            base_url=demo.url,
            viewport={"width": width, "height": 844},
            java_script_enabled=javascript,
            timezone_id=zone,
            has_touch=touch,
            reduced_motion="reduce",
            storage_state=state,
        )
        contexts.append(context)
        page = context.new_page()
        watch.over(page)
        return page

    yield new
    for context in contexts:
        context.close()
