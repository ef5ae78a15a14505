"""The `petition` command, as an operator types it."""

import re
import socket
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from click.testing import Result

from petition import cli
from petition.serving import Site
from tests.command import invoke, one_clear_line
from tests.conftest import DATABASES, NewDatabase
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

pytestmark = pytest.mark.slow

Petition = Callable[..., Result]


@pytest.fixture(params=DATABASES)
def petition(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    migrated_database: Callable[[str, str], str],
) -> Petition:
    """Runs the command on a migrated database of its own."""
    environment = {
        "PETITION_DATA_DIR": str(tmp_path / "data"),
        "PETITION_DATABASE_URL": migrated_database(request.param, "cli"),
        "PETITION_SITE_URL": "https://letters.example.org",
    }

    return partial(invoke, monkeypatch, environment)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A letter file."""
    path = tmp_path / "letter.md"
    path.write_text(LETTER)
    return path


def test_publishing_says_what_it_did(petition: Petition, file: Path) -> None:
    address = "https://letters.example.org/letters/pay-us"
    once = f"{address}: published, revision 1\n"
    again = f"{address}: unchanged, revision 1\n"
    assert petition("letter", "publish", str(file), str(file)).stdout == once + again
    file.write_text(LETTER.replace("fair", "open"))
    done = petition("letter", "publish", str(file))
    assert done.stdout == f"{address}: revision 2 published\n"


WRONG_FILES = (
    (LETTER.replace("slug: pay-us", "slug: Pay Us").encode(), ":3: slug may have"),
    (LETTER.encode() + b"\xff\n", ":10: this is not UTF-8"),
    (b"", ":1: the file must begin"),
    (LETTER.encode() + b"x" * 300_000, ": too large"),
    (LETTER.replace("fair", "f\0air").encode(), ":9: the control character"),
)


def test_a_wrong_file_is_told_with_its_line(petition: Petition, file: Path) -> None:
    for content, told in WRONG_FILES:
        file.write_bytes(content)
        done = petition("letter", "publish", str(file))
        assert done.exit_code == 2, told
        assert f"{file}{told}" in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_seeding_counts_and_leaves_no_drift(petition: Petition, file: Path) -> None:
    petition("letter", "publish", str(file))
    assert petition("letter", "seed", "pay-us", "--signatures", "250").exit_code == 0
    done = petition("recount")
    assert (done.exit_code, done.stdout) == (
        0,
        "No drift: every number agrees with its rows.\n",
    )


def test_seeding_a_letter_that_is_not_there_is_told(petition: Petition) -> None:
    done = petition("letter", "seed", "none", "--signatures", "1")
    assert (done.exit_code, "no public letter none" in done.stderr) == (2, True)


def test_an_organizer_gets_a_link(petition: Petition) -> None:
    done = petition("organizer", "add", "Ann@Example.org", "--role", "moderator")
    pattern = r"https://letters\.example\.org/organize/sign-in/[\w.-]+\n"
    assert re.fullmatch(pattern, done.stdout)


def test_another_link_changes_no_role(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment = {"PETITION_DATA_DIR": str(tmp_path)}
    for arguments in (
        ("migrate",),
        ("organizer", "add", "viewer@example.org", "--role", "viewer"),
        ("organizer", "add", "viewer@example.org"),
        ("organizer", "add", "new@example.org"),
    ):
        invoke(monkeypatch, environment, *arguments)
    with closing(sqlite3.connect(tmp_path / "petition.sqlite3")) as database:
        rows = database.execute(
            "SELECT email, role FROM organizer JOIN membership ON organizer_id = organizer.id"
        )
        assert dict(rows.fetchall()) == {"viewer@example.org": "viewer", "new@example.org": "owner"}


def test_an_organizer_without_an_address_is_told(petition: Petition) -> None:
    done = petition("organizer", "add", "ann")
    assert (done.exit_code, "not an e-mail address" in done.stderr) == (2, True)


def test_an_organizer_is_taken_out_but_not_the_last_owner(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment = {"PETITION_DATA_DIR": str(tmp_path)}

    def run(*arguments: str) -> tuple[int, str]:
        done = invoke(monkeypatch, environment, *arguments)
        return done.exit_code, done.output.strip().removeprefix("Error: ")

    run("migrate")
    run("organizer", "add", "one@example.org")
    run("organizer", "add", "two@example.org", "--role", "editor")
    last = (2, "one@example.org is the only owner of a team; make somebody else an owner first")
    assert run("organizer", "remove", "one@example.org") == last
    assert run("organizer", "add", "one@example.org", "--role", "viewer") == last
    unknown = (2, "there is no such organizer: two@example.org")
    assert run("organizer", "remove", "two@example.org", "--team", "Others") == unknown
    out = (0, "two@example.org is no longer in Organizers")
    assert run("organizer", "remove", "two@example.org") == out
    assert run("organizer", "remove", "two@example.org") == unknown
    assert (
        "/organize/sign-in/" in run("organizer", "add", "one@example.org", "--forget-passkeys")[1]
    )


@pytest.mark.parametrize("kind", DATABASES)
def test_it_migrates_and_migrating_again_is_harmless(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, new_database: NewDatabase, kind: str
) -> None:
    environment = _good(tmp_path, PETITION_DATABASE_URL=new_database(kind, "cli"))
    one_clear_line(invoke(monkeypatch, environment, "recount"), "petition migrate")
    for command in ("migrate", "migrate", "recount"):
        assert invoke(monkeypatch, environment, command).exit_code == 0, command


def test_the_doctor_finds_what_needs_a_hand(petition: Petition) -> None:
    done = petition("doctor")
    assert done.exit_code == 1
    assert "ok  database" in done.stdout
    assert "!!  mail server: PETITION_MAIL_URL is not set" in done.stdout
    assert "!!  proxy: PETITION_PROXY_HOPS is 0 behind https" in done.stdout


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_processes_are_forked_without_a_connection(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    seen: list[Path] = []

    def look(_site: Site) -> None:
        opened = [each.readlink() for each in Path("/proc/self/fd").iterdir() if each.exists()]
        seen.extend(each for each in opened if each.is_relative_to(tmp_path))
        seen.append(tmp_path)

    monkeypatch.setattr(Site, "serve", look)
    invoke(monkeypatch, _good(tmp_path), command, "--port", str(free_port()))
    assert seen == [tmp_path]


def _good(folder: Path, **others: str) -> dict[str, str]:
    return {
        "PETITION_DATA_DIR": str(folder),
        "PETITION_SITE_URL": "https://letters.example.org",
        **others,
    }


def test_a_demonstration_leaves_a_database_in_use_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real = tmp_path / "real.sqlite3"
    environment = _good(tmp_path / "data", PETITION_DATABASE_URL=f"sqlite:///{real}")
    assert invoke(monkeypatch, environment, "migrate").exit_code == 0
    before = real.read_bytes()
    monkeypatch.setattr(Site, "serve", lambda _site: None)
    done = invoke(monkeypatch, environment, "demo", "--port", str(free_port()))
    one_clear_line(done, "PETITION_DATABASE_URL")
    assert real.read_bytes() == before


def test_a_demonstration_leaves_another_one_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Site, "serve", lambda _site: None)
    monkeypatch.setattr(cli, "DEMO_SIGNERS", 1)
    environment = {"PETITION_DATA_DIR": str(tmp_path)}
    made: set[int] = set()
    for _ in range(2):
        done = invoke(monkeypatch, environment, "demo", "--port", str(free_port()))
        assert done.exit_code == 0, done.output
        here = {each.stat().st_ino for each in tmp_path.glob("*/petition.sqlite3")}
        assert made < here
        made = here


def test_a_port_that_another_program_holds_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Site, "serve", lambda _site: None)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = invoke(monkeypatch, _good(tmp_path), "serve", "--port", port)
    one_clear_line(done, f"port {port}")
    beside: list[Result] = []

    def start_another(_settings: object) -> None:
        if not beside:
            beside.append(invoke(monkeypatch, _good(tmp_path), "demo", "--port", port))

    monkeypatch.setattr(cli, "_must_be_empty", start_another)
    monkeypatch.setattr(cli, "DEMO_SIGNERS", 1)
    first = invoke(monkeypatch, _good(tmp_path / "first"), "demo", "--port", port)
    assert first.exit_code == 0, first.output
    one_clear_line(beside[0], f"port {port}")


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("PETITION_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none", "database"),
        ("PETITION_DATABASE_URL", "mysql://localhost/none", "PETITION_DATABASE_URL"),
        ("PETITION_DATABASE_URL", "nonsense", "PETITION_DATABASE_URL"),
        ("PETITION_RATELIMIT_STORAGE", "nonsense", "PETITION_RATELIMIT_STORAGE"),
        ("PETITION_RATELIMIT_STORAGE", "redis://127.0.0.1", "PETITION_RATELIMIT_STORAGE"),
    ],
)
def test_what_keeps_it_from_starting_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str, word: str
) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)  # as where its client is not installed
    done = invoke(monkeypatch, _good(tmp_path, **{name: value}), "migrate")
    one_clear_line(done, word)
