"""Alembic's environment: the application's own engine, inside its context."""

from contextlib import contextmanager

from alembic import context
from flask import current_app
from sqlalchemy import text

from petition import models
from petition.models.base import UtcDateTime

LOCK = 0x0E771

metadata = models.Model.metadata


def render_type(kind, item, _autogen):
    """Our type of time is a plain timestamp to the database."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Migrate over one connection; two migrating at once wait for each other."""
    engine = current_app.extensions["sqlalchemy"].engine
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            with alone_on_postgresql(connection):
                migrate(connection)
        else:
            with without_cascades(connection):
                migrate(connection)


def migrate(connection) -> None:
    """Take every step that is due, in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render_type,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            refuse_orphans(connection)
    connection.commit()


@contextmanager
def alone_on_postgresql(connection):
    """Wait for whoever migrates, however long; for a table that is in use, only a moment."""
    connection.execute(text("SET statement_timeout = 0"))
    connection.execute(text(f"SELECT pg_advisory_lock({LOCK})"))
    # A lock waited for too long would make every reader behind it wait too.
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.commit()
    yield
    connection.execute(text(f"SELECT pg_advisory_unlock({LOCK})"))
    connection.commit()


@contextmanager
def without_cascades(connection):
    """On SQLite a changed table is a copied one, and to drop the old one deletes by its cascades.

    SQLite hears the switch only outside a transaction, where SQLAlchemy never is: hence the
    driver's own connection (https://sqlite.org/lang_altertable.html#otheralter).
    """
    raw = connection.connection.driver_connection
    raw.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        connection.rollback()
        raw.execute("PRAGMA foreign_keys = ON")


def refuse_orphans(connection) -> None:
    """Nothing watched over references meanwhile; a migration that broke one is undone."""
    broken = connection.execute(text("PRAGMA foreign_key_check")).first()
    if broken is not None:
        raise RuntimeError(f"a row of {broken[0]} would refer to a row of {broken[2]} that is gone")


run()
