"""What the tests stand on: both databases, a client, a mail server, a running site."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from sqlalchemy import event

from petition import caching, config, create_app, limits, schema
from petition.config import Config
from petition.extensions import db
from petition.models import Model
from tests.postgres import Postgres
from tests.smtp_server import SmtpServer

DATABASES = ("sqlite", "postgresql")
SITE_URL = "http://letters.example.org"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server, shared by the parallel test processes."""
    server = Postgres("petition-tests-postgres", durable=False)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def new_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], str]:
    """Makes an empty database of a kind, under a name of its own; returns its address."""

    def make(kind: str, name: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp(name)}/petition.sqlite3"
        server: Postgres = request.getfixturevalue("postgres")
        return server.create(f"{name}_{os.getpid()}")

    return make


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


@pytest.fixture(scope="session", params=DATABASES)
def migrated_app(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    new_database: Callable[[str, str], str],
) -> Flask:
    """The application on a migrated database, once for each kind of database."""
    url = new_database(request.param, "petition")
    app = create_app(settings(tmp_path_factory.mktemp("data"), url))
    app.testing = True
    app.test_client_class = Visitor
    with app.app_context():
        schema.upgrade()
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


def _empty() -> None:
    tables = reversed(Model.metadata.sorted_tables)
    with db.engine.begin() as connection:
        for table in tables:
            connection.execute(table.delete())
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
