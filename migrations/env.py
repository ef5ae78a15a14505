"""Alembic's environment: the application's own engine, inside its context."""

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
            # A lock waited for too long would make every reader behind it wait too.
            connection.execute(text("SET lock_timeout = '5s'"))
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text(f"SELECT pg_advisory_lock({LOCK})"))
            connection.commit()
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
        connection.commit()
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_unlock({LOCK})"))
            connection.commit()


run()
