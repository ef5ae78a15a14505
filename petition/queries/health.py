"""Whether the database is there and has the schema that this code needs."""

from functools import cache

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from petition.extensions import db


@cache
def _head(directory: str) -> str | None:
    return ScriptDirectory(directory).get_current_head()


def schema_version() -> str | None:
    """The migration the database stands at; None before the first."""
    return MigrationContext.configure(db.session.connection()).get_current_revision()


def problem() -> str | None:
    """What keeps us from serving, in one line that tells an outsider nothing."""
    try:
        current = schema_version()
    except SQLAlchemyError:
        return "the database does not answer"
    if current != _head(current_app.extensions["migrate"].directory):
        return "the database needs `petition migrate`"
    return None
