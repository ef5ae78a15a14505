"""A hundred thousand open pages: `count.json` through nginx as it is shipped, and what of it
reaches the site.

The floor is a file of the same size with the same headers, served by the same nginx as Debian sets
it up for files. What passes between nginx and the site is written down on the way.
"""

import json
import tempfile
import time
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path

from tests import nginx
from tests.bench import load, processes, sites, table
from tests.bench.load import Load, Measured
from tests.bench.sites import SLUG, Site
from tests.bench.table import Row
from tests.nginx import Asked

COUNT = f"/embed/{SLUG}/count.json"
FLOOR = "/floor.json"
POLLED = 0.05
"""Seconds between two looks, where it is measured how soon a signature is shown."""
SOON = 5.0
"""Seconds until nginx has a new number: fifteen, less the ten after which a page asks again."""
ROUNDS, SECONDS = 9, 1
PATIENCE = 20.0
_ITS_OWN = {"connection", "content-length", "content-type", "date", "server"}
"""Headers that nginx writes itself."""


def rows(site: Site) -> list[Row]:
    """The figures of a site that is being served."""
    port = processes.free_port()
    address = f"http://127.0.0.1:{port}"
    count = sites.count(site.numbers().published)
    with tempfile.TemporaryDirectory(prefix="crowd-") as name:
        folder = Path(name)
        with nginx.running(folder, port, site.port, _floor(site, folder)) as asked:
            rounds = [_round(address, count, asked, number) for number in range(ROUNDS + 1)][1:]
            shown = max(_shown_after(site, address) for _ in range(3))
    seconds = sum(each.crowd.seconds for each in rounds)
    reached = sum(each.reached for each in rounds) / seconds
    return [
        table.speed(
            "count.json through nginx",
            [each.crowd.rate for each in rounds],
            [each.file.rate for each in rounds],
            0.9,
        ),
        Row("of these, asked of the site", f"{reached:.2f} /s", "", None, "≤ 1 /s", reached <= 1),
        Row(
            "until nginx tells of one more",
            f"{shown:.1f} s",
            "",
            None,
            f"≤ {SOON:g} s",
            shown <= SOON,
        ),
    ]


def _floor(site: Site, folder: Path) -> str:
    """The site's answer as a file, and the `location` that serves it with the same headers."""
    with urllib.request.urlopen(site.address + COUNT) as answer:  # noqa: S310
        (folder / "floor.json").write_bytes(answer.read())
        said = [(k, v) for k, v in answer.headers.items() if k.lower() not in _ITS_OWN]
    headers = "".join(f"add_header {name} {json.dumps(value)};\n" for name, value in said)
    return f"""
    location = {FLOOR} {{
        root {folder};
        default_type application/json;
        etag off;
        sendfile on;
        tcp_nopush on;
        {headers}
    }}"""


@dataclass(frozen=True)
class Round:
    """A crowd and a file, one after the other."""

    crowd: Measured
    file: Measured
    reached: int
    """Requests of the crowd that reached the site."""


def _round(address: str, count: Load, asked: Asked, number: int) -> Round:
    file = replace(count, path=FLOOR)
    measured, reached = {}, 0
    # What else the machine does meanwhile falls on both: each goes first in every other round.
    for each in (count, file)[:: 1 if number % 2 else -1]:
        before = len(asked.addresses())
        measured[each.path] = load.run(each, address, SECONDS)
        reached += len(asked.addresses()) - before
    return Round(measured[count.path], measured[FLOOR], reached)


def _shown_after(site: Site, address: str) -> float:
    """Seconds from when a signature is counted until everybody is told so."""
    wanted = _count(address) + 1
    site.add(1)
    began = time.monotonic()
    while _count(address) < wanted:
        assert time.monotonic() < began + PATIENCE, f"{wanted} is never shown"
        time.sleep(POLLED)
    return time.monotonic() - began


def _count(address: str) -> int:
    with urllib.request.urlopen(address + COUNT) as answer:  # noqa: S310
        number: int = json.load(answer)["count"]
        return number
