"""Whether the database is there and has the schema that this code needs."""

from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError

from petition import schema
from petition.extensions import db


def schema_version() -> str | None:
    """The migration the database stands at; None before the first."""
    if not inspect(db.session.connection()).has_table("alembic_version"):
        return None
    version: str | None = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    return version


def problem() -> str | None:
    """What keeps us from serving, in one line that tells an outsider nothing."""
    try:
        current = schema_version()
    except SQLAlchemyError:
        return "the database does not answer"
    if current != schema.NEEDED:
        return "the database needs `petition migrate`"
    return None
