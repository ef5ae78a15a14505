"""`python -m tests.bench`: measure, print the table, leave nothing behind.

Everything runs on this machine's loopback address: PostgreSQL with its settings for durability
as they come, the platform with a million signatures and with none, the bare views of floors.py,
and wrk. What is compared is measured in turns, a few seconds each, several times over, so that
what else the machine does meanwhile falls on both sides.
"""

import argparse
import os
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import count as counting
from pathlib import Path
from typing import LiteralString

import psycopg

from tests.bench import crowd, floors, load, mails, memory, panel, processes, sites, sweeps, table
from tests.bench.load import Load, Measured
from tests.bench.sites import Site
from tests.bench.table import Row
from tests.postgres import Postgres

WEB = ("--workers", str(floors.WORKERS), "--no-worker")


@dataclass(frozen=True)
class Plan:
    """How much, how long, how often."""

    signatures: int = 1_000_000
    waiting: int = 48_000
    """Unconfirmed signatures, made beforehand for the confirmations; on each of two sites."""
    solutions: int = 8_000
    """Proofs of work, done before each run that needs them."""
    rounds: int = 3
    seconds: int = 3
    mails: int = 2_000
    looked_at: int = 5_000
    """Signatures that wait, are set aside and are rejected, when the panel is looked at."""
    swept: int = 50_000
    """Signatures that are rejected at once, and put back."""

    @property
    def links(self) -> int:
        """Confirmation links for one run; the warm-up takes as many as a round."""
        return self.waiting // (self.rounds + 1)


QUICK = Plan(50_000, waiting=16_000, solutions=5_000, rounds=3, seconds=2, mails=400, swept=5_000)


class Bench:
    """Two sites and the bare views side by side, and what was measured of them."""

    def __init__(self, plan: Plan, full: Site, empty: Site, floor: str) -> None:
        self._plan = plan
        self._sites = (full, empty)
        self._floor = floor
        self._numbers = counting(1)
        self._rates: dict[tuple[str, str], list[float]] = defaultdict(list)
        self._accepted = {full.name: 0, empty.name: 0}

    def round(self, *, warm_up: bool = False) -> None:
        """Measure everything once. The warm-up is measured like the rest and forgotten."""
        self._of_floor("insert", floors.insert)
        self._of_floor("psycopg", floors.insert_by_psycopg)
        for site in self._sites:
            self._of_signing("sign", site)
        solutions = self._sites[0].solutions(self._plan.solutions)
        self._of_signing("sign solved", self._sites[0], BENCH_SOLUTIONS=str(solutions))
        self._of_floor("insert again", floors.insert)
        for site in self._sites:
            before = site.numbers()
            links = site.links(self._plan.links)
            confirmed = self._of_site("confirm", site, sites.confirm, BENCH_LINKS=str(links))
            published = site.numbers().published - before.published
            assert 0 <= published - confirmed.answers <= load.CONNECTIONS, (before, confirmed)
        self._of_floor("constant", floors.constant)
        for site in self._sites:
            self._of_site("count", site, sites.count(site.numbers().published))
            self._of_site("page", site, sites.page)
        self._of_site("puzzle", self._sites[0], sites.puzzle)
        self._of_site("search", self._sites[0], sites.search)
        if warm_up:
            self._rates.clear()

    def _of_signing(self, what: str, site: Site, **env: str) -> None:
        before = site.numbers()
        signed = self._of_site(what, site, sites.sign, **env)
        after = site.numbers()
        # What was answered is in the database, with its mail. The load stops in mid-air:
        # what it did not wait for may have been written too.
        for written in (after.signatures - before.signatures, after.mails - before.mails):
            assert 0 <= written - signed.answers <= load.CONNECTIONS, (before, after, signed)

    def _of_floor(self, what: str, of: Load) -> None:
        self._rates[what, "floor"].append(self._run(what, of, self._floor).rate)

    def _of_site(self, what: str, site: Site, of: Load, **env: str) -> Measured:
        measured = self._run(f"{what}, {site.name}", of, site.address, **env)
        self._rates[what, site.name].append(measured.rate)
        return measured

    def _run(self, what: str, of: Load, address: str, **env: str) -> Measured:
        time.sleep(1.2)  # what the last run left to do is done, and what it remembered forgotten
        run = str(next(self._numbers))
        measured = load.run(of, address, self._plan.seconds, BENCH_RUN=run, **env)
        say(
            f"{what:>16}  {measured.rate:>8,.0f} /s   median {measured.median_ms:.1f} ms,"
            f" p99 {measured.slowest_ms:.1f} ms   load {os.getloadavg()[0]:.1f}"
        )
        return measured

    def rows(self) -> list[Row]:
        """The figures beside their floors, then beside those of the empty site."""
        full, empty = (site.name for site in self._sites)
        figures = (
            ("signatures accepted", "sign", "insert", 0.5),
            ("confirmations", "confirm", "insert again", 0.4),
            ("count.json", "count", "constant", 0.5),
            ("letter page", "page", "constant", 0.25),
        )
        rates, rows = self._rates, list[Row]()
        for words, what, floor, least in figures:
            rows.append(table.speed(words, rates[what, full], rates[floor, "floor"], least))
        beside = (
            (1, "the same, floor by psycopg alone", "sign", "psycopg"),
            (2, "the same, each with a proof of work", "sign solved", "insert"),
            (3, "proofs of work handed out", "puzzle", "constant"),
            (7, "names searched", "search", "constant"),
        )
        for place, words, what, other in beside:
            row = table.speed(words, rates[what, full], rates[other, "floor"], 0)
            rows.insert(place, replace(row, aim="", met=None))
        for words, what, _, _ in figures:
            title = f"{words}, full beside empty"
            rows.append(table.speed(title, rates[what, full], rates[what, empty], 0.9))
        return rows


def say(words: str) -> None:
    """Tell how it goes; the table alone goes to the standard output."""
    print(words, file=sys.stderr, flush=True)


def on_postgres(plan: Plan, folder: Path) -> list[Row]:
    """The speeds."""
    with ExitStack() as stack:
        server = Postgres("petition-bench-postgres", durable=True)
        stack.callback(server.stop)
        addresses = [
            database(stack, server, f"bench_{each}") for each in ("full", "empty", "floor")
        ]
        full, empty = Site("full", folder, addresses[0]), Site("empty", folder, addresses[1])
        for site, signatures in ((full, plan.signatures), (empty, 0)):
            began = time.monotonic()
            site.publish(signatures)
            site.wait_for_confirmation(plan.waiting)
            say(f"{site.name}: {signatures:,} signatures in {time.monotonic() - began:.0f} s")
        execute(addresses[2], floors.TABLE)
        for address in addresses:
            execute(address, "VACUUM ANALYZE")  # or it would come by itself while we measure
        execute(address, "CHECKPOINT")

        mail_row = mail(plan, full, folder)
        port = processes.free_port()
        floor = f"http://127.0.0.1:{port}"
        command = (sys.executable, "-m", "tests.bench.floors", "web", str(port), addresses[2])
        log = folder / "floor.log"
        stack.enter_context(processes.running(command, {}, log))
        processes.wait_for(f"{floor}/constant", log)
        for site in (full, empty):
            stack.enter_context(site.serving(*WEB))
        # While nothing else works: what is written below leaves PostgreSQL minutes of clearing away
        # (autovacuum), and on a busy machine a count is behind a file by more than it costs.
        crowded = crowd.rows(full)
        bench = Bench(plan, full, empty, floor)
        bench.round(warm_up=True)
        for _ in range(plan.rounds):
            bench.round()
        swept = sweeps.measure(full, plan.swept, plan.seconds)
        panel.furnish(full, plan.looked_at)
        return [*bench.rows(), *crowded, mail_row, *swept, *panel.rows(full)]


def database(stack: ExitStack, server: Postgres, name: str) -> str:
    """A database that is gone again when the stack is."""
    stack.callback(server.drop, name)
    return server.create(name)


def execute(address: str, statement: LiteralString) -> None:
    """Run one statement outside any transaction."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)


def mail(plan: Plan, site: Site, folder: Path) -> Row:
    """How fast one worker hands mail over."""
    worker, floor = list[float](), list[float]()
    with mails.sink() as (handler, port):
        for _ in range(3):
            worker.append(mails.worker(site, handler, port, plan.mails))
            floor.append(mails.floor(handler, port, plan.mails, folder))
            say(f"            mail  {worker[-1]:>8,.0f} /s   smtplib {floor[-1]:,.0f} /s")
    return table.speed("mails handed over", worker, floor, 0.5)


def on_sqlite(plan: Plan, folder: Path) -> Row:
    """The memory."""
    say(f"sqlite: {plan.signatures:,} signatures")
    taken = memory.measure(folder, plan.signatures, plan.seconds)
    figure = f"{taken.proportional:,.0f} MB PSS"
    beside = f"{taken.resident:,.0f} MB RSS"
    return Row(
        "memory, web and worker", figure, beside, None, "≤ 150 MB", taken.proportional <= 150
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rows, shorter runs")
    plan = QUICK if parser.parse_args().quick else Plan()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="petition-bench-") as folder:
        rows = [*on_postgres(plan, Path(folder)), on_sqlite(plan, Path(folder))]
    print(f"\n{plan.signatures:,} signatures, {os.cpu_count()} processors\n")
    print(table.markdown(rows))
    say(f"\n{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
