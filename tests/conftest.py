"""What the tests stand on: both databases, a client, a mail server, a running site."""

import gc
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import hypothesis
import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event, make_url

from petition import caching, config, create_app, limits, schema
from petition.config import Config
from petition.extensions import db
from petition.models import Model
from tests.postgres import Postgres
from tests.smtp_server import SmtpServer

DATABASES = ("sqlite", "postgresql")
SITE_URL = "http://letters.example.org"


gc.disable()  # while all is imported: next to nothing of it is garbage

# How long an example takes is the machine's doing.
hypothesis.settings.register_profile(
    "tests", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("tests")


def pytest_collection_finish() -> None:
    """Look for garbage less often, and never among what was imported: it took a quarter of all."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(10_000, 20, 20)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first, so that none is left to one process at the end."""
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: not (item.path in long or item.get_closest_marker("browser")))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server, shared by the parallel test processes."""
    server = Postgres("petition-tests-postgres", durable=False)
    yield server
    server.stop()


class NewDatabase(Protocol):
    """Makes a database of a kind, in place of what had its name; returns its address."""

    def __call__(self, kind: str, name: str, *, like: str | None = None) -> str:
        """Make it empty, or a copy of the one at an address, which nobody is connected to."""


@pytest.fixture(scope="session")
def new_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> NewDatabase:
    """Makes an empty database, or one like another."""

    def make(kind: str, name: str, *, like: str | None = None) -> str:
        model = make_url(like).database if like else None
        if kind == "sqlite":
            folder = tmp_path_factory.getbasetemp() / f"databases-{name}"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            file = folder / "petition.sqlite3"
            if model:
                shutil.copy(model, file)
            return f"sqlite:///{file}"
        server: Postgres = request.getfixturevalue("postgres")
        return server.create(f"{name}_{os.getpid()}", model)

    return make


@pytest.fixture(scope="session")
def migrated_database(
    tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase
) -> Callable[[str, str], str]:
    """Makes a migrated database of a kind: to copy one is faster than to migrate another."""

    @cache
    def model(kind: str) -> str:
        url = new_database(kind, "model")
        with create_app(settings(tmp_path_factory.mktemp("data"), url)).app_context():
            schema.upgrade()
            db.engine.dispose()
        return url

    return lambda kind, name: new_database(kind, name, like=model(kind))


def settings(data_dir: Path, database_url: str, **others: str) -> Config:
    """Settings as an operator would give them, for a site that exists nowhere."""
    environment = {
        "PETITION_DATA_DIR": str(data_dir),
        "PETITION_DATABASE_URL": database_url,
        "PETITION_SITE_URL": SITE_URL,
        "PETITION_SITE_NAME": "Open letters",
        **others,
    }
    return config.read(environment)


@pytest.fixture(scope="session")
def app_at(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Flask]:
    """The application on the database at an address: one, however often that is made anew."""
    templates = tmp_path_factory.mktemp("templates")  # what one has read, the next need not

    @cache
    def make(url: str) -> Flask:
        app = create_app(settings(tmp_path_factory.mktemp("data"), url))
        app.testing = True
        app.test_client_class = Visitor
        app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(templates))
        with app.app_context():
            event.listen(db.engine, "connect", _hurry)
        return app

    return make


def _hurry(connection: Any, _record: object) -> None:
    """Wait for no disk: what a test writes need not survive a power cut."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture(scope="module", params=DATABASES)
def migrated_app(
    request: pytest.FixtureRequest,
    app_at: Callable[[str], Flask],
    migrated_database: Callable[[str, str], str],
) -> Flask:
    """The application on a migrated database that no other file of tests has seen, of each kind.

    Not even its planner has: what it has learned from other tests would change its plans.
    """
    app = app_at(migrated_database(request.param, "petition"))
    with app.app_context():
        db.engine.dispose()  # connections to the database that had this name
    return app


@pytest.fixture
def app(migrated_app: Flask) -> Iterator[Flask]:
    """The application on an empty database, inside its context. Runs on both databases."""
    migrated_app.config["WTF_CSRF_ENABLED"] = True  # some test before may have turned it off
    with migrated_app.app_context():
        _empty()
        yield migrated_app
        db.session.rollback()
        db.session.remove()


@cache
def _emptying() -> str:
    return "; ".join(str(each.delete()) for each in reversed(Model.metadata.sorted_tables))


def _empty() -> None:
    with db.engine.begin() as connection:
        driver = connection.connection.driver_connection
        assert driver
        run = driver.executescript if isinstance(driver, sqlite3.Connection) else driver.execute
        run(_emptying())  # in one go: one by one they took as long as many a test
    caching.recent.clear()
    caching.guards.clear()
    limits.forget()


class Visitor(FlaskClient):
    """A browser whose every request has a context of its own, as on a server.

    Inside the test's own context, Flask would lend it that, with the test's database session.
    """

    def open(self, *arguments: Any, **options: Any) -> Any:
        """Ask for a page, and read all of it: what comes in pieces is made meanwhile."""
        options.setdefault("buffered", True)
        if has_app_context():
            db.session.rollback()  # the test's next look is a new one
        with self.application.app_context():
            return super().open(*arguments, **options)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without JavaScript, cookies included."""
    return app.test_client()


class Statements(list[str]):
    """The SQL statements that ran, in order."""

    def kinds(self) -> list[str]:
        """The first word of each."""
        return [statement.split()[0] for statement in self]


@pytest.fixture
def statements(app: Flask) -> Iterator[Statements]:
    """Records every statement from here on; `clear()` begins anew."""
    seen = Statements()

    def record(_c: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", record)
    yield seen
    event.remove(db.engine, "before_cursor_execute", record)


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    """A mail server that takes everything, until told otherwise."""
    with SmtpServer() as server:
        yield server
