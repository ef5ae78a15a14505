"""What a site keeps in memory, its web process and its mail worker together."""

import re
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.bench import load, mails, sites
from tests.bench.sites import Site


@dataclass(frozen=True)
class Memory:
    """Of one process and all it started, in MB (millions of bytes)."""

    resident: float
    """What each holds, summed: pages that several share count once for each."""
    proportional: float
    """The same, each shared page divided among those who share it: what it really takes."""


def of(process: int) -> Memory:
    """Read /proc/PID/smaps_rollup of a process and of all its descendants."""
    parent = psutil.Process(process)
    pids = [parent.pid, *(child.pid for child in parent.children(recursive=True))]
    texts = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in pids]
    return Memory(_sum("Rss", texts), _sum("Pss", texts))


def _sum(field: str, texts: list[str]) -> float:
    found = (re.search(rf"^{field}:\s+(\d+) kB", text, re.MULTILINE) for text in texts)
    return sum(int(match[1]) for match in found if match) * 1024 / 1e6


def measure(folder: Path, signatures: int, seconds: int) -> Memory:
    """The most that a site on SQLite takes while it is read, signed and mails leave."""
    with mails.sink() as (_, port):
        site = Site("sqlite", folder, PETITION_MAIL_URL=f"smtp://127.0.0.1:{port}")
        site.publish(signatures)
        with site.serving() as process:
            for each in (sites.page, sites.count(signatures), sites.sign, sites.page):
                load.run(each, site.address, seconds, BENCH_RUN="memory")
            time.sleep(1)
            return of(process)
