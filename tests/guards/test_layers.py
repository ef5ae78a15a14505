"""The rules of the layers that import-linter cannot say. The others stand in pyproject.toml."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import petition

PACKAGE = Path(petition.__file__).parent


@cache
def _modules() -> dict[str, ast.Module]:
    files = PACKAGE.rglob("*.py")
    return {str(path.relative_to(PACKAGE)): ast.parse(path.read_text()) for path in files}


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


def _using(name: str, source: str) -> set[str]:
    return {file for file, tree in _modules().items() if (source, name) in set(_imported(tree))}


def _calling(name: str) -> set[str]:
    return {
        file
        for file, tree in _modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) == name
    }


def test_only_views_know_of_requests() -> None:
    users = set().union(*(_using(name, "flask") for name in ("request", "session", "g")))
    assert {file for file in users if not file.startswith("views/")} == set()


def test_views_never_touch_the_database() -> None:
    assert {
        file for file in _using("db", "petition.extensions") if file.startswith("views/")
    } == set()


def test_commits_happen_in_one_place() -> None:
    assert _calling("commit") == {"database.py"}


def test_only_actions_and_the_outbox_write() -> None:
    writers = _calling("writing") | _calling("write_in_turn")
    assert {file for file in writers if not file.startswith("actions/")} == {
        "database.py",
        "mail/outbox.py",
    }


def test_the_factory_is_called_from_the_command_line_alone() -> None:
    assert _using("create_app", "petition") == {"cli.py", "serving.py"}


def test_one_clock() -> None:
    callers = {
        file
        for file, tree in _modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"now", "utcnow", "today"}
        and getattr(node.value, "id", "") in {"datetime", "date"}
    }
    assert callers == {"clock.py"}


def test_the_environment_is_read_in_one_place() -> None:
    readers = {
        file
        for file, tree in _modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"environ", "getenv"}
        and getattr(node.value, "id", "") == "os"
    }
    assert readers == {"config.py"}


def test_forwarded_headers_are_read_by_the_proxy_fix_alone() -> None:
    assert not [f for f in PACKAGE.rglob("*.py") if "forwarded-for" in f.read_text().lower()]
