"""Servers under measurement: started, waited for, and stopped by their own number."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PETITION = (sys.executable, "-m", "petition")
PATIENCE = 60.0
"""Seconds for a server to come up or go down."""


@contextmanager
def running(command: tuple[str, ...], env: Mapping[str, str], log: Path) -> Iterator[int]:
    """A process and its children for as long as the block lasts; gives its number."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            env=os.environ | env,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # its own session: it and its children
            process.wait()


def wait_for(address: str, log: Path) -> None:
    """Return when an address answers 200; the server's own words, when it never does."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5) as response:  # noqa: S310
                if response.status == 200:
                    return
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    raise TimeoutError(f"{address} does not answer: {log.read_text()[-2000:]}")


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def petition(env: Mapping[str, str], *arguments: str) -> str:
    """Run one `petition` command to its end, and give what it said; raises that, if it fails."""
    done = subprocess.run(
        [*PETITION, *arguments],
        env=os.environ | env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    if done.returncode:
        raise RuntimeError(f"petition {' '.join(arguments)}: {done.stdout[-2000:]}")
    return done.stdout
