"""A hundred thousand open pages: `count.json` through nginx as it is shipped, and what of it
reaches the site.

The floor is a file of the same size with the same headers, served by the same nginx. What passes
between nginx and the site is written down on the way.
"""

import json
import tempfile
import time
import urllib.request
from pathlib import Path

from tests import nginx
from tests.bench import load, processes, sites, table
from tests.bench.load import Load
from tests.bench.sites import SLUG, Site
from tests.bench.table import Row

COUNT = f"/embed/{SLUG}/count.json"
FLOOR = "/floor.json"
POLLED = 0.05
"""Seconds between two looks, where it is measured how soon a signature is shown."""
SHOWN = 5.0
"""Seconds after which a signature is in the cache: fifteen, less the ten of an open page."""
PATIENCE = 20.0
_ITS_OWN = {"connection", "content-length", "content-type", "date", "server"}
"""Headers that nginx writes itself."""


def rows(site: Site, rounds: int, seconds: int) -> list[Row]:
    """The figures of a site that is being served; the first round is forgotten."""
    published = site.numbers().published
    port = processes.free_port()
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="crowd-") as name:
        folder = Path(name)
        floor = _floor(site, folder)
        with nginx.running(folder, port, site.port, floor) as asked:
            began, before = time.monotonic(), len(asked.addresses())
            rates = [_round(address, published, seconds) for _ in range(rounds)][1:]
            # nginx may just have been started: one request more than there were seconds.
            reached = len(asked.addresses()) - before - 1
            per_second = reached / (time.monotonic() - began)
            shown = max(_shown_after(site, address) for _ in range(3))
    crowd, file = [rate for rate, _ in rates], [rate for _, rate in rates]
    return [
        table.speed("count.json through nginx", crowd, file, 0.9),
        Row(
            "of these, asked of the site",
            f"{per_second:.2f} /s",
            "",
            None,
            "≤ 1 /s",
            per_second <= 1,
        ),
        Row(
            "a signature is in the cache",
            f"{shown:.1f} s",
            "",
            None,
            f"≤ {SHOWN} s",
            shown <= SHOWN,
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
        {headers}
    }}"""


def _round(address: str, published: int, seconds: int) -> tuple[float, float]:
    """The crowd's rate, and the file's, one after the other."""
    count = sites.count(published)
    file = Load(count.script, FLOOR, count.status, count.pieces)
    return (load.run(count, address, seconds).rate, load.run(file, address, seconds).rate)


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
