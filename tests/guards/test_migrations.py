"""The migrated schema equals the models, up and down, with data, on both databases."""

import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import func, inspect, select, text

from petition import create_app, schema
from petition import text as words
from petition.actions.move import locked, move
from petition.database import writing
from petition.extensions import db
from petition.models import (
    Actor,
    Change,
    Decision,
    Kind,
    Letter,
    Model,
    Moderation,
    OutgoingMail,
    Revision,
    Signature,
    State,
    Tally,
)
from petition.queries import letters, signatures, tallies
from tests.conftest import DATABASES, NewDatabase, settings
from tests.factories import make_letter, make_signature


@pytest.fixture(params=DATABASES)
def bare(
    request: pytest.FixtureRequest, tmp_path: Path, new_database: NewDatabase
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


def test_the_code_needs_the_newest_migration() -> None:
    assert ScriptDirectory(str(schema.folder())).get_current_head() == schema.NEEDED


def test_the_migrated_schema_equals_the_models(bare: Flask) -> None:
    schema.upgrade()
    assert _differences() == []


def test_every_migration_goes_up_and_down_and_up_with_data(bare: Flask) -> None:
    schema.upgrade()
    found = make_letter()
    shown, aside = (make_signature(found) for _ in range(2))
    make_signature(make_letter(slug="held", moderation=Moderation.BEFORE), state=State.HELD)
    with writing(db.session):
        move(locked(aside.id), State.QUARANTINED, Actor.SCREENING)
        shown.initials = True
        about = {"signature_id": shown.id, "message_id": "x"}
        db.session.add(OutgoingMail(kind=Kind.OWN_LINK, **about))
        db.session.add(Tally(letter_id=found.letter.id, state=State.HELD, slot=0, number=0))
    db.session.remove()
    schema.downgrade("0004")
    with db.engine.connect() as connection:
        kept = {
            column.key: set(connection.scalars(select(column)))
            for column in (
                Signature.state,
                Signature.show_name,
                Decision.actor,
                OutgoingMail.kind,
            )
        }
    assert kept == {
        "state": {"published", "held"},
        "show_name": {True, False},
        "actor": {"signer"},
        "kind": {"confirm"},
    }
    schema.upgrade()
    assert tallies.drift() == []
    assert tallies.of_letter(found.letter.id).held == 1
    db.session.remove()
    schema.downgrade("base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    schema.upgrade()
    assert _differences() == []
    found = make_letter()
    make_signature(found)
    assert tallies.of_letter(found.letter.id).published == 1


OLD_ROWS = (
    "INSERT INTO team (id, name, created_at) VALUES (1, 'Organizers', :at)",
    "INSERT INTO letter (id, team_id, slug, language, addressee, sender, goal, moderation,"
    " created_at, published_at) VALUES (1, 1, 'a-letter', 'en', 'the makers', 'the artists', 500,"
    " 'after', :at, :at)",
    "INSERT INTO revision (id, letter_id, language, number, title, markdown, html, sha256,"
    " published_at) VALUES (1, 1, 'en', 1, 'Title', 'One.', '<p>One.</p>', 'old', :at),"
    " (2, 1, 'fr', 2, 'Title', 'Un.', '<p>Un.</p>', 'old', :at),"
    " (3, 1, 'en', 3, 'Title', 'Two.', '<p>Two.</p>', 'old', :at)",
    "INSERT INTO signature (id, letter_id, revision_id, digest, state, email, name, affiliation,"
    " role, location, comment, show_name, updates, invented, language, consented_at, created_at,"
    " confirmed_at, published_at, requests) VALUES (1, 1, 1, :digest, 'published',"
    " 'ann@example.org', 'Ann Lee', '', '', '', '', :yes, :no, :no, 'en', :at, :at, :at, :at, 1)",
    "INSERT INTO tally (letter_id, state, slot, number) VALUES (1, 'published', 0, 1)",
)


def test_what_the_first_release_wrote_is_brought_along(bare: Flask) -> None:
    schema.upgrade(revision="0001")
    values = {"at": datetime.now(UTC), "digest": b"x" * 32, "yes": True, "no": False}
    with db.engine.begin() as connection:
        for statement in OLD_ROWS:
            connection.execute(text(statement), values)
    schema.upgrade()
    found = letters.public_by_slug("a-letter")
    exact = words.exact("Title", "the makers", "the artists", "Two.")
    assert (found.revision.number, found.revision.sha256) == (3, words.sha256(exact))
    assert (found.letter.goals, found.letter.languages) == ([500], ["en", "fr"])
    assert found.letter.counted == 1, "what was reached long ago is no news"
    changes = db.session.scalars(select(Revision.change).order_by(Revision.number))
    assert list(changes) == [Change.FIRST, Change.TRANSLATION, Change.CORRECTION]
    assert [each.name for each in signatures.latest(found.letter.id, 5)] == ["Ann Lee"]
    assert tallies.drift() == []
    db.session.remove()
    schema.downgrade("0001")
    schema.upgrade()
    assert letters.public_by_slug("a-letter").revision.sender == "the artists"
    assert _differences() == []


def test_names_of_constraints_follow_the_convention(bare: Flask) -> None:
    schema.upgrade()
    inspector = inspect(db.engine)
    for table in Model.metadata.tables:
        names = [c["name"] for c in inspector.get_foreign_keys(table)]
        names += [c["name"] for c in inspector.get_unique_constraints(table)]
        assert all(name and name.startswith(("fk_", "uq_")) for name in names), (table, names)


def test_a_deleted_signature_number_never_comes_back(bare: Flask) -> None:
    schema.upgrade()
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


DUMMY = """
from alembic import op

revision = "9999"
down_revision = {head!r}

def upgrade():
    with op.batch_alter_table("signature", recreate="always"):
        pass
    {more}
"""


def _next_migration(folder: Path, more: str = "") -> Path:
    """A copy of the migrations with one more, which copies a table that others refer to."""
    copy = folder / "migrations"
    shutil.copytree(schema.folder(), copy)
    head = ScriptDirectory(str(copy)).get_current_head()
    (copy / "versions" / "9999_next.py").write_text(DUMMY.format(head=head, more=more))
    return copy


def test_a_copied_table_leaves_what_refers_to_it(bare: Flask, tmp_path: Path) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL changes a table where it stands")
    schema.upgrade()
    make_signature(make_letter())
    count = select(func.count()).select_from(OutgoingMail)
    before = db.session.scalar(count)
    assert before
    db.session.remove()
    schema.upgrade(directory=_next_migration(tmp_path))
    assert db.session.scalar(count) == before
    assert db.session.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_migration_that_breaks_references_is_undone(bare: Flask, tmp_path: Path) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL watches over references by itself")
    schema.upgrade()
    make_signature(make_letter())
    db.session.remove()
    directory = _next_migration(tmp_path, 'op.execute("DELETE FROM letter")')
    with pytest.raises(SystemExit):
        schema.upgrade(directory=directory)
    assert db.session.scalar(select(func.count()).select_from(Letter)) == 1


@pytest.mark.slow
def test_a_second_migrator_waits(bare: Flask) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite lets one write at a time")
    with db.engine.connect() as first:
        first.execute(text("SELECT pg_advisory_lock(59249)"))
        later = threading.Timer(7, first.execute, [text("SELECT pg_advisory_unlock(59249)")])
        later.start()
        schema.upgrade()
        later.join()
    assert _differences() == []
