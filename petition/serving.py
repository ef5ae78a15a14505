"""Processes: the web server with its workers, and the mail worker beside them."""

import gc
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import FrameType

import structlog
from flask import Flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server
from sqlalchemy.orm import configure_mappers

from petition import create_app, templating, wellknown
from petition.actions import (
    bursts,
    count_groups,
    daily,
    draw,
    index_names,
    milestones,
    sightings,
    sign_again,
    statistics,
    sweep,
)
from petition.admission import AT_THE_DOOR, Admission
from petition.config import Config
from petition.forms.letter import LONGEST
from petition.mail.transports import Folder, Smtp, Transport
from petition.mail.worker import Chore, Housekeeper, Worker, identity
from petition.queries import mailbox

PAUSE_AFTER_DEATH = 1.0
"""Seconds before a mail worker that died is started again."""
LONGEST_GOODBYE = 40.0
"""Seconds that a mail worker has to finish the mail in hand."""

log = structlog.get_logger()
_fork = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Site:
    """What is to be served, and how."""

    settings: Config
    host: str
    port: int
    workers: int = 1
    worker: bool = True
    """Run a worker beside the web processes; without a mail server it does only the chores."""
    demo: bool = False

    def serve(self) -> None:
        """Serve until told to stop by SIGINT or SIGTERM; requests in hand are answered first."""
        # Forked processes share the memory of what is made here, until somebody writes to it;
        # looking for garbage writes to every object it looks at.
        wellknown.warm()  # first: it throws most of its memory away, which the others then fill
        configure_mappers()
        app = create_app(self.settings, demo=self.demo)
        templating.warm(app)
        gc.collect()
        gc.freeze()
        server = Server(
            "petition",
            address=self.host,
            port=self.port,
            interface=Interfaces.WSGI,
            workers=self.workers,
            blocking_threads=AT_THE_DOOR,
            websockets=False,
            respawn_failed_workers=True,
            workers_kill_timeout=30,
            # Its warnings are about more threads than processors; ours mostly wait at the door.
            log_level=LogLevels.error,
        )
        if self.worker:
            companion = Companion(app, self.settings, demo=self.demo)
            server.on_startup(companion.start)
            server.on_shutdown(companion.stop)
        server.serve(target_loader=partial(_load, app), wrap_loader=False)


def _load(app: Flask) -> Admission:
    # A web process that outlives its parent would go on answering on the port, unseen.
    end = partial(os.kill, os.getpid(), signal.SIGTERM)
    threading.Thread(target=_end_with, args=(os.getppid(), end), daemon=True).start()
    threading.Thread(target=sightings.keep_writing, args=(app,), daemon=True).start()
    return Admission(app, LONGEST)


class Companion:
    """The mail worker as a process beside the web server, started again when it dies."""

    def __init__(self, app: Flask, settings: Config, *, demo: bool) -> None:
        self._app = app
        self._settings = settings
        self._demo = demo
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._process = self._new()

    def _new(self) -> multiprocessing.context.ForkProcess:
        return _fork.Process(
            target=work,
            args=(self._settings,),
            kwargs={"demo": self._demo, "parent": os.getpid(), "app": self._app},
        )

    def start(self) -> None:
        """Begin, and keep watch."""
        self._process.start()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            self._process.join()
            self._stopping.wait(PAUSE_AFTER_DEATH)
            with self._starting:
                if self._stopping.is_set():
                    return
                log.error("worker.died", code=self._process.exitcode)
                self._process = self._new()
                self._process.start()

    def stop(self) -> None:
        """Let the mail in hand be finished, within reason."""
        with self._starting:
            self._stopping.set()
            self._process.terminate()
        self._process.join(LONGEST_GOODBYE)
        self._process.kill()  # its claims are freed when it comes back


def work(
    settings: Config, *, demo: bool = False, parent: int | None = None, app: Flask | None = None
) -> None:
    """Be a worker until SIGINT or SIGTERM, or until the parent process is gone.

    Args:
        app: the application, where the parent has made it; it has no connection open.
    """
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent, stop.set), daemon=True).start()
    app = app or create_app(settings, demo=demo)
    with app.app_context():
        if settings.mail_url is None and not demo:
            Housekeeper(stop, _chores()).run()
            return
        with identity(settings.data_dir) as name:
            Worker(name, _transport(settings), stop, _chores()).run()


def _chores() -> list[Chore]:
    """What a worker does beside the mail."""
    return [
        Chore("cards", draw.one_card, every=20.0),
        Chore("empty log", daily.forget_log, every=60.0),
        Chore("daily", daily.Daily().part, every=600.0),
        *(Chore(name, do, every=3600.0) for name, do in daily.HOURLY.items()),
        Chore("sweeps", sweep.some_batches, every=0.5),
        Chore("sign again", sign_again.ask, every=1.0),
        Chore("index names", index_names.some_names, every=1.0),
        Chore("milestones", milestones.look, every=5.0),
        Chore("count groups", count_groups.one_letter, every=5.0),
        Chore("bursts", bursts.look, every=30.0),
        Chore("statistics", statistics.some_decisions, every=5.0),
    ]


def _end_with(parent: int, end: Callable[[], None]) -> None:
    """Wait for the parent process to be gone, then end."""
    while os.getppid() == parent:
        time.sleep(1)
    end()


def _transport(settings: Config) -> Transport:
    if settings.mail_url is not None:
        return Smtp(settings.mail_url)
    return Folder(mailbox.folder())
