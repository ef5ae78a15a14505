"""The `petition` command, run in the process of the tests: to start one takes most of a second."""

import os

import pytest
from click.testing import CliRunner, Result

from petition import cli


def invoke(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], *arguments: str) -> Result:
    """Run a command to its end, with nothing of ours in its environment but what is given."""
    for name in [name for name in os.environ if name.startswith(("PETITION_", "FLASK_"))]:
        monkeypatch.delenv(name)
    return CliRunner().invoke(cli.main, arguments, env=environment)


def one_clear_line(done: Result, word: str) -> None:
    """It was refused, in one line with this word in it."""
    assert done.exit_code == 2, done.output
    lines = [line for line in done.stderr.splitlines() if not line.startswith("INFO ")]
    assert len(lines) == 1, done.stderr
    assert word in lines[0]
