"""The schema of the database: which one this code needs, and how it gets there.

Alembic is loaded only where something migrates: it would take 7 MB of every process.
"""

from pathlib import Path

from flask import current_app

from petition.extensions import db

NEEDED = "0007"
"""The migration that this code was written for, the newest there is."""


def folder() -> Path:
    """The migrations: an installed wheel has them inside the package, a checkout beside it."""
    inside = Path(__file__).parent / "migrations"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "migrations"


def upgrade(directory: Path | None = None, revision: str = "head") -> None:
    """Bring the database of the current application to a newer schema, or to the newest."""
    from flask_migrate import Migrate, upgrade

    Migrate(current_app, db)
    upgrade(directory=str(directory or folder()), revision=revision)


def downgrade(revision: str) -> None:
    """Take the database of the current application back to an older schema."""
    from flask_migrate import Migrate, downgrade

    Migrate(current_app, db)
    downgrade(directory=str(folder()), revision=revision)
