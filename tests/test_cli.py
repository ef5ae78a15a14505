"""The `petition` command, as an operator types it."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from petition import cli
from petition.serving import Site
from tests.conftest import DATABASES
from tests.site import free_port

LETTER = """---
title: Pay us
slug: pay-us
language: en
to: the makers
from: the artists
---

We ask for fair terms.
"""

Petition = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(params=DATABASES)
def petition(
    request: pytest.FixtureRequest, tmp_path: Path, new_database: Callable[[str, str], str]
) -> Petition:
    """Runs the command on a migrated database of its own."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PETITION_", "FLASK_"))}
    environment |= {
        "PETITION_DATA_DIR": str(tmp_path / "data"),
        "PETITION_DATABASE_URL": new_database(request.param, "cli"),
        "PETITION_SITE_URL": "https://letters.example.org",
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "petition", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert run("migrate").returncode == 0
    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A letter file."""
    path = tmp_path / "letter.md"
    path.write_text(LETTER)
    return path


def test_publishing_says_what_it_did(petition: Petition, file: Path) -> None:
    address = "https://letters.example.org/letters/pay-us"
    assert petition("letter", "publish", str(file)).stdout == f"{address}: published, revision 1\n"
    assert petition("letter", "publish", str(file)).stdout == f"{address}: unchanged, revision 1\n"
    file.write_text(LETTER.replace("fair", "open"))
    done = petition("letter", "publish", str(file))
    assert done.stdout == f"{address}: revision 2 published\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (LETTER.replace("slug: pay-us", "slug: Pay Us"), ":3: slug may have"),
        (LETTER.encode() + b"\xff\n", ":10: this is not UTF-8"),
        ("", ":1: the file must begin"),
    ],
)
def test_a_wrong_file_is_told_with_its_line(
    petition: Petition, file: Path, content: str | bytes, told: str
) -> None:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    done = petition("letter", "publish", str(file))
    assert done.returncode == 2
    assert f"{file}{told}" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_seeding_counts_and_leaves_no_drift(petition: Petition, file: Path) -> None:
    petition("letter", "publish", str(file))
    assert petition("letter", "seed", "pay-us", "--signatures", "250").returncode == 0
    done = petition("recount")
    assert (done.returncode, done.stdout) == (
        0,
        "No drift: every number agrees with its rows.\n",
    )


def test_seeding_a_letter_that_is_not_there_is_told(petition: Petition) -> None:
    done = petition("letter", "seed", "none", "--signatures", "1")
    assert (done.returncode, "no public letter none" in done.stderr) == (2, True)


def test_an_organizer_gets_a_link(petition: Petition) -> None:
    done = petition("organizer", "add", "Ann@Example.org", "--role", "moderator")
    pattern = r"https://letters\.example\.org/organize/sign-in/[\w.-]+\n"
    assert re.fullmatch(pattern, done.stdout)


def test_an_organizer_without_an_address_is_told(petition: Petition) -> None:
    done = petition("organizer", "add", "ann")
    assert (done.returncode, "not an e-mail address" in done.stderr) == (2, True)


def test_migrating_again_is_harmless(petition: Petition) -> None:
    assert petition("migrate").returncode == 0


def test_the_doctor_finds_what_needs_a_hand(petition: Petition) -> None:
    done = petition("doctor")
    assert done.returncode == 1
    assert "ok  database" in done.stdout
    assert "!!  mail server: PETITION_MAIL_URL is not set" in done.stdout


def _in_this_process(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: str, **environment: str
) -> list[str]:
    """Runs a command that serves, as far as serving; returns the files then open below `folder`."""
    for name in [name for name in os.environ if name.startswith(("PETITION_", "FLASK_"))]:
        monkeypatch.delenv(name)
    seen: list[list[str]] = []

    def look(_site: Site) -> None:
        links = [each.readlink() for each in Path("/proc/self/fd").iterdir() if each.exists()]
        seen.append([str(each) for each in links if each.is_relative_to(folder)])

    monkeypatch.setattr(Site, "serve", look)
    done = CliRunner().invoke(
        cli.main, arguments, env={"PETITION_DATA_DIR": str(folder), **environment}
    )
    assert done.exit_code == 0, done.output
    return seen[0]


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_processes_are_forked_without_a_connection(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    site_url = {"PETITION_SITE_URL": "https://letters.example.org"}
    port = str(free_port())
    assert _in_this_process(monkeypatch, tmp_path, command, "--port", port, **site_url) == []
