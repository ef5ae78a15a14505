"""The migrated schema equals the models, up and down, with data, on both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import func, inspect, select

from petition import create_app
from petition.extensions import db
from petition.models import Model, Signature
from petition.queries import tallies
from tests.conftest import DATABASES, settings
from tests.factories import make_letter, make_signature


@pytest.fixture(params=DATABASES)
def bare(
    request: pytest.FixtureRequest, tmp_path: Path, new_database: Callable[[str, str], str]
) -> Iterator[Flask]:
    """The application on a database without any table."""
    app = create_app(settings(tmp_path, new_database(request.param, "migrations")))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def _differences() -> list[object]:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Model.metadata))


def test_the_migrated_schema_equals_the_models(bare: Flask) -> None:
    flask_migrate.upgrade()
    assert _differences() == []


def test_every_migration_goes_up_and_down_and_up_with_data(bare: Flask) -> None:
    flask_migrate.upgrade()
    make_signature(make_letter())
    db.session.remove()
    flask_migrate.downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    flask_migrate.upgrade()
    assert _differences() == []
    found = make_letter()
    make_signature(found)
    assert tallies.of_letter(found.letter.id).published == 1


def test_names_of_constraints_follow_the_convention(bare: Flask) -> None:
    flask_migrate.upgrade()
    inspector = inspect(db.engine)
    for table in Model.metadata.tables:
        names = [c["name"] for c in inspector.get_foreign_keys(table)]
        names += [c["name"] for c in inspector.get_unique_constraints(table)]
        assert all(name and name.startswith(("fk_", "uq_")) for name in names), (table, names)


def test_a_deleted_signature_number_never_comes_back(bare: Flask) -> None:
    flask_migrate.upgrade()
    found = make_letter()
    signature = make_signature(found)
    gone = signature.id
    with db.engine.begin() as connection:
        for table in reversed(Model.metadata.sorted_tables):
            if table.name in {"outgoing_mail", "decision", "signature"}:
                connection.execute(table.delete())
    db.session.rollback()  # ends the reading that began before
    assert db.session.scalar(select(func.count()).select_from(Signature)) == 0
    assert make_signature(found).id > gone
