"""The load: wrk on the same machine, with a look at every answer."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
THREADS = 2
"""Of wrk; confirm.lua deals its links to as many."""
CONNECTIONS = 32


class WrongAnswers(Exception):
    """The server answered fast, but not what it should have."""


@dataclass(frozen=True)
class Load:
    """What is asked of a server, and what a right answer looks like."""

    script: str
    path: str
    status: int
    pieces: tuple[str, ...]
    """What the body of a right answer contains."""


@dataclass(frozen=True)
class Measured:
    """What came of one run."""

    answers: int
    seconds: float
    median_ms: float
    slowest_ms: float
    """What all but one in a hundred answers were faster than."""

    @property
    def rate(self) -> float:
        return self.answers / self.seconds


def run(load: Load, site: str, seconds: int, **environment: str) -> Measured:
    """Ask for so many seconds, as fast as answers come.

    Raises:
        WrongAnswers: an answer was not the expected one, or a connection broke.
    """
    command = ["wrk", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{seconds}", "--timeout", "20"]
    command += ["-s", load.script, site + load.path, "--", str(load.status), *load.pieces]
    output = subprocess.run(
        command,
        cwd=HERE,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + 60,
    ).stdout
    result = next((line for line in output.splitlines() if line.startswith("RESULT ")), None)
    if result is None:
        raise WrongAnswers(f"{load.path}: wrk said nothing: {output[-500:]}")
    good, bad, broken, microseconds, median, slowest = map(int, result.split()[1:])
    if bad or broken or not good:
        raise WrongAnswers(
            f"{load.path}: {good} right answers, {bad} wrong, {broken} broken connections. "
            + output.partition("EXAMPLE ")[2]
        )
    return Measured(good, microseconds / 1e6, median / 1000, slowest / 1000)
