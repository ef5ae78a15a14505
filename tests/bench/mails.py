"""How fast one worker hands mail over, and how fast smtplib alone could."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.bench import processes
from tests.bench.sites import Site


class Sink:
    """A mail server that takes everything and remembers when."""

    def __init__(self) -> None:
        self.moments: list[float] = []
        self.last = b""

    async def handle_DATA(self, _smtp: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take one mail."""
        assert isinstance(envelope.content, bytes)
        self.last = envelope.content
        self.moments.append(time.monotonic())
        return "250 OK"

    def rate(self) -> float:
        """Mails a second, from the first to the last."""
        return (len(self.moments) - 1) / (self.moments[-1] - self.moments[0])


@contextmanager
def sink() -> Iterator[tuple[Sink, int]]:
    """A mail server, and the port it listens on."""
    handler, port = Sink(), processes.free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield handler, port
    finally:
        controller.stop()


def worker(site: Site, handler: Sink, port: int, number: int) -> float:
    """Mails a second that `petition worker` hands over, with more than enough in the queue."""
    handler.moments.clear()
    env = site.env | {"PETITION_MAIL_URL": f"smtp://127.0.0.1:{port}"}
    with processes.running((*processes.PETITION, "worker"), env, site.log):
        deadline = time.monotonic() + processes.PATIENCE
        while len(handler.moments) < number:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(handler.moments)} mails came: {site.log.read_text()}")
            time.sleep(0.05)
    assert b"/confirm/" in handler.last, handler.last
    return handler.rate()


def floor(handler: Sink, port: int, number: int, folder: Path) -> float:
    """Mails a second that smtplib hands over in a loop: the mail the worker sent last."""
    handler.moments.clear()
    file = folder / "mail.eml"
    file.write_bytes(handler.last)
    command = [sys.executable, "-m", "tests.bench.floors", "mail", str(port), str(number)]
    subprocess.run([*command, str(file)], check=True, timeout=120)
    assert len(handler.moments) == number
    return handler.rate()
