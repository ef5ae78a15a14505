"""The mail worker as a process: killed at any moment, told to stop, started again by its site."""

import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from random import SystemRandom

import psutil
import pytest
from flask import Flask
from sqlalchemy.orm import configure_mappers

from petition import create_app, serving
from petition.config import Config
from petition.extensions import db
from petition.models import Delivery
from tests.conftest import settings
from tests.postman import PATIENCE, addresses, all_sent, mails, wait_until, write_mails
from tests.site import Site
from tests.smtp_server import SmtpServer

KILLS = 30
TOOK = 0.02
"""Seconds the server takes over a mail before it has it, and again before it says so."""

moments = SystemRandom()
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["pytest", "petition.serving"])


def site_settings(app: Flask, tmp_path: Path, smtp: SmtpServer) -> Config:
    url = db.engine.url.render_as_string(hide_password=False)
    return settings(tmp_path, url, PETITION_MAIL_URL=smtp.url)


class Starter:
    """Starts worker after worker, as a site does: forked by a process that has the application."""

    def __init__(self, process: Connection) -> None:
        self._process = process
        self._worker: int | None = None

    def start(self) -> None:
        """Start a worker."""
        self._process.send("start")
        self._worker = self._process.recv()

    def end(self, how: signal.Signals) -> int:
        """Send a signal to the worker, and wait for its end; its exit code."""
        assert self._worker
        os.kill(self._worker, how)
        assert self._process.poll(PATIENCE)
        self._worker = None
        return int(self._process.recv())

    def close(self) -> None:
        """Start no more; a worker that a failed test left behind is killed."""
        if self._worker:
            self.end(signal.SIGKILL)
        self._process.close()


@contextmanager
def starter(config: Config) -> Iterator[Starter]:
    ours, theirs = _processes.Pipe()
    process = _processes.Process(target=_start_each, args=(config, theirs))
    process.start()
    worker = Starter(ours)
    try:
        yield worker
    finally:
        worker.close()
        process.join()


def _start_each(config: Config, asked: Connection) -> None:
    app = create_app(config)
    configure_mappers()
    fork = multiprocessing.get_context("fork")
    with suppress(EOFError):
        while asked.recv():
            worker = fork.Process(target=serving.work, args=(config,), kwargs={"app": app})
            worker.start()
            asked.send(worker.pid)
            worker.join()
            asked.send(worker.exitcode)


@pytest.mark.slow
def test_killed_at_any_moment_it_loses_no_mail_and_repeats_only_the_one_in_hand(
    app: Flask, smtp: SmtpServer, tmp_path: Path
) -> None:
    config = site_settings(app, tmp_path, smtp)
    found_by = Lives(write_mails(*addresses(60)), smtp)
    with starter(config) as worker:
        found_by.begin_between()
        worker.start()
        wait_until(lambda: len(smtp.taken) == 1, "a mail is taken, and the worker not told so")
        worker.end(signal.SIGKILL)
        for _ in range(KILLS):
            found_by.begin()
            worker.start()
            # Some lives end soon after they began, most in the middle of the work.
            if moments.random() < 2 / 3:
                wait_until(found_by.at_work, "the worker has said a mail")
            time.sleep(moments.uniform(0, 0.1))
            worker.end(signal.SIGKILL)
        smtp.delay = 0
        worker.start()
        wait_until(all_sent, "all mail has left")
        assert worker.end(signal.SIGTERM) == 0
    found_by.judge()


class Lives:
    """What the server took in each life of a worker."""

    def __init__(self, ids: list[str], smtp: SmtpServer) -> None:
        self._ids = ids
        self._smtp = smtp
        smtp.delay = TOOK
        self._began = 0

    def begin(self) -> None:
        """A new life."""
        self._began = self._smtp.commands.count("MAIL")

    def begin_between(self) -> None:
        """A life that ends, however fast the machine, when a mail is taken and none knows."""
        self._smtp.fall_silent("DATA", times=1, take=True)

    def at_work(self) -> bool:
        """Whether this life has begun to say a mail."""
        return self._smtp.commands.count("MAIL") > self._began

    def judge(self) -> None:
        """Nothing lost, of a life one mail at most repeated; and some were, to prove it."""
        taken = [(each.line, each.message_id) for each in self._smtp.taken]
        assert {message_id for _line, message_id in taken} == set(self._ids)
        last_line = {message_id: line for line, message_id in taken}
        repeated = Counter(line for line, message_id in taken if line != last_line[message_id])
        assert set(repeated.values()) <= {1}
        assert len(taken) == len(self._ids) + repeated.total()
        assert 0 < repeated.total() <= KILLS + 1
        assert max(last_line.values()) > KILLS // 4


@pytest.mark.slow
def test_a_worker_told_to_stop_finishes_the_mail_in_hand(
    app: Flask, smtp: SmtpServer, tmp_path: Path
) -> None:
    write_mails(*addresses(5))
    smtp.delay = 0.2
    with starter(site_settings(app, tmp_path, smtp)) as worker:
        worker.start()
        wait_until(lambda: "DATA" in smtp.commands, "the first mail is said")
        assert worker.end(signal.SIGTERM) == 0
    assert [mail.delivery for mail in mails()] == [Delivery.SENT] + [Delivery.QUEUED] * 4
    assert {mail.claimed_by for mail in mails()} == {None}
    assert len(smtp.taken) == 1
    assert smtp.commands[-1] == "QUIT"


@pytest.mark.slow
def test_a_site_starts_its_mail_worker_again_and_takes_it_along_when_it_stops(
    smtp: SmtpServer, tmp_path: Path
) -> None:
    site = Site(tmp_path, PETITION_MAIL_URL=smtp.url)
    server = psutil.Process(site.start("serve", "--port", str(site.port)).pid)
    try:
        wait_until(lambda: len(workers_of(server)) == 1, "the mail worker is there", every=0.2)
        (first,) = workers_of(server)
        first.kill()
        another = "another is there"
        wait_until(lambda: workers_of(server) not in ([], [first]), another, every=0.2)
        family = server.children(recursive=True)
    finally:
        site.stop()
    assert [each for each in family if each.is_running()] == []
    assert '"worker.died"' in (tmp_path / "serve-0.log").read_text()


def workers_of(server: psutil.Process) -> list[psutil.Process]:
    """The processes that hold the lock of a mail worker."""
    lock = str(Path("workers", "1"))
    found = []
    for each in server.children(recursive=True):
        with suppress(psutil.Error):
            if any(file.path.endswith(lock) for file in each.open_files()):
                found.append(each)
    return found
