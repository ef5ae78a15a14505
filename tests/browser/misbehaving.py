"""A site of letters that misbehaves on purpose: away, slow, broken, wrong, or behind the times."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).parents[2] / "static/embed/v1.0.js"
LETTER = "a-letter"


@dataclass(frozen=True)
class Fault:
    """What is answered in the place of the numbers."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    seconds: float = 0
    """Until it is answered."""
    hangs_up: bool = False


GARBAGE = b'{"letter": "a-letter", "count": 12'
HTML = b"<!doctype html><title>Maintenance</title><h1>Back soon</h1>"


def words(fill: Callable[[str], str] = str) -> dict[str, Any]:
    """What a letter's texts say, the least of it."""
    each = {"one": fill("{n} person has signed"), "other": fill("{n} people have signed")}
    return {
        "signed": each,
        "checking": each,
        "checked": each,
        "paper": each,
        "paper_all": "all of them on paper",
        "none": {"open": {"other": "Nobody has signed yet"}, "closed": {"other": "Nobody signed"}},
        "way": {
            "open": {"other": "on the way to {n}"},
            "reached": {"other": "{n} reached"},
            "closed": {"other": "it was {n}"},
        },
        "over": {"closed": "This letter is closed.", "won": "Won. This letter is closed."},
        "paused": "Signing is paused for the moment.",
        "sign": "Read and sign",
        "read": "Read the letter",
        "form": "Sign the letter",
    }


@dataclass
class Misbehaving:
    """The site, what it says, and what it was asked for."""

    port: int = 0
    script: bytes = b""
    asked: list[str] = field(default_factory=list)
    """Paths of numbers, in their order."""
    forms: int = 0
    """How often the form was asked for."""
    fault: Fault | None = None
    max_age: int = 2
    numbers: dict[str, Any] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    """Of the latest to sign."""
    told: list[Any] = field(default_factory=list)
    """Other bodies, each said once, before the numbers."""
    letters: dict[str, Any] = field(default_factory=dict)
    """What is said of other letters, whenever it is asked for."""
    form: bytes = b""

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://localhost:{self.port}"

    def begin(self) -> None:
        """Behave, and forget what was before."""
        self.asked.clear()
        self.told.clear()
        self.letters.clear()
        self.names = ["Ann"]
        self.fault, self.max_age, self.forms = None, 2, 0
        self.script = SCRIPT.read_bytes()
        self.form = b"<!doctype html><title>Form</title>"
        self.numbers = {
            "letter": LETTER,
            "title": "A letter",
            "url": f"{self.url}/letters/{LETTER}",
            "count": 998,
            "goal": 2000,
            "state": "open",
            "being_checked": 0,
            "paper": 0,
            "as_of": "2026-01-01T00:00:00Z",
            "paused": False,
            "outcome": None,
            "not_on": [],
        }

    def say(self, minute: int, **numbers: Any) -> None:
        """Other numbers from here on, as they stood at a minute."""
        self.numbers |= {"as_of": f"2026-01-01T00:{minute:02}:00Z", **numbers}

    def nobody(self) -> None:
        """From here on no name is shown."""
        self.names = []

    def card(self) -> dict[str, Any]:
        """The numbers with everything that is said around them."""
        text = {
            "title": "A letter",
            "url": f"{self.url}/letters/{LETTER}?via=embed",
            "direction": "ltr",
            "spoken": "en",
            "spoken_direction": "ltr",
            "latest": f"Latest to sign: {', '.join(self.names)}" if self.names else "",
            "words": words(),
        }
        return {**self.numbers, "language": "en", "texts": {"en": text}, "names": self.names}

    def body(self, path: str) -> bytes:
        """What is said at an address of numbers."""
        said = self.letters.get(path.split("/")[2])
        if said is None and self.told:
            said = self.told.pop(0)
        if said is not None:
            return said if isinstance(said, bytes) else json.dumps(said).encode()
        return json.dumps(self.card() if path.endswith("card.json") else self.numbers).encode()


class Server(ThreadingHTTPServer):
    """One whose visitors may leave before they are answered."""

    def handle_error(self, *_: object) -> None:
        pass


@contextmanager
def misbehaving() -> Iterator[Misbehaving]:
    """Start it, on an origin of its own."""
    site = Misbehaving()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path.endswith(".js"):
                self._say(200, site.script, (("Content-Type", "text/javascript"),))
            elif path.endswith("/form"):
                site.forms += 1
                self._say(200, site.form, (("Content-Type", "text/html"),))
            elif path.endswith(".json"):
                site.asked.append(path)
                self._numbers(path)
            elif not path.endswith("/sign"):  # whoever signs is not answered
                self._say(404, b"", ())

        def _numbers(self, path: str) -> None:
            fault = site.fault
            if fault is None:
                kept = (("Cache-Control", f"public, max-age={site.max_age}"),)
                self._say(200, site.body(path), kept)
                return
            time.sleep(fault.seconds)
            if not fault.hangs_up:
                self._say(fault.status, fault.body, fault.headers)

        def _say(self, status: int, body: bytes, headers: tuple[tuple[str, str], ...]) -> None:
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Access-Control-Expose-Headers", "Retry-After")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    site.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield site
    server.shutdown()
    thread.join()
    server.server_close()
