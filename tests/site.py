"""The real site as the processes an operator starts, for tests that look at it from outside."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.command import invoke

PETITION = str(Path(sys.executable).with_name("petition"))
DEMO_LETTER = "paid-open-and-fair"
PATIENCE = 60.0
"""Seconds within which a site must answer, and a process must end when told to."""


class Site:
    """One site: a folder, an environment, an address, and the processes that serve it."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("PETITION_", "FLASK_"))},
            "PETITION_DATA_DIR": str(folder),
            "PETITION_SITE_URL": self.url,
            **environment,
        }
        self._running: list[tuple[subprocess.Popen[bytes], Path]] = []

    def run(self, *command: str) -> str:
        """Run one command of the site to its end; what it printed."""
        ours = {k: v for k, v in self.environment.items() if k.startswith("PETITION_")}
        with pytest.MonkeyPatch.context() as patch:
            done = invoke(patch, ours, *command)
        assert done.exit_code == 0, f"petition {' '.join(command)}: {done.output}"
        return done.stdout

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start one process of the site, and leave it running until `stop`."""
        log = self.folder / f"{command[0]}-{len(self._running)}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [PETITION, *command],
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running.append((process, log))
        return process

    def wait(self) -> None:
        """Wait until the site answers."""
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            for process, _ in self._running:
                assert process.poll() is None, f"it ended by itself:\n{self.said()}"
            assert time.monotonic() < deadline, f"it does not answer:\n{self.said()}"
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/readyz", timeout=5) as answer:  # noqa: S310
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def said(self) -> str:
        """What the processes have printed so far."""
        return "\n".join(log.read_text("utf-8", "replace") for _, log in self._running)

    def stop(self) -> None:
        """End what was started here: politely, and at last by force."""
        for process, _ in self._running:
            process.terminate()
        for process, _ in self._running:
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._running.clear()


def free_port() -> int:
    """A port that nobody listens on, below those that outgoing connections are given."""
    while True:
        port = random.randint(20_000, 32_000)  # noqa: S311
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


@contextmanager
def demo(folder: Path, **environment: str) -> Iterator[Site]:
    """`petition demo`: the demonstration letter, its invented signers, and `/mailbox`.

    Commands run against its own folder, which the demonstration keeps below the one it is given.
    """
    site = Site(folder, **environment)
    try:
        site.start("demo", "--port", str(site.port))
        site.wait()
        site.environment["PETITION_DATA_DIR"] = str(folder / f"demo-{site.port}")
        yield site
    finally:
        site.stop()


@contextmanager
def served(folder: Path, *, worker: bool = True, **environment: str) -> Iterator[Site]:
    """`petition migrate`, then `petition serve --no-worker` and `petition worker` side by side."""
    site = Site(folder, **environment)
    try:
        site.run("migrate")
        site.start("serve", "--no-worker", "--port", str(site.port))
        if worker:
            site.start("worker")
        site.wait()
        yield site
    finally:
        site.stop()


def sign_in_link(text: str) -> str:
    """The one-time link in what a command printed."""
    found = re.search(r"https?://\S+/organize/sign-in/\S+", text)
    assert found, f"no sign-in link in:\n{text}"
    return found[0]


def letter_file(
    folder: Path, slug: str, *, title: str = "A letter", moderation: str = "after", **front: object
) -> Path:
    """A letter as an organizer would write it, for `petition letter publish`."""
    fields = {
        "title": title,
        "slug": slug,
        "language": "en",
        "to": "the makers",
        "from": "the artists",
        "goal": 100,
        "moderation": moderation,
        **front,
    }
    lines = [f"{name}: {value}" for name, value in fields.items()]
    file = folder / f"{slug}.md"
    file.write_text("\n".join(["---", *lines, "---", "", "We ask for *fair* terms.", ""]), "utf-8")
    return file
