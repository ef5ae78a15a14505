"""letters led in the browser: drafts, editions, goals, first signatories, paper, cards"""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PUBLISHED = sa.text("state = 'published'")
FIRST = sa.text("position IS NOT NULL")


def big_key():
    """The type of every number of a row."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def moment():
    """The type of every moment."""
    return sa.DateTime(timezone=True)


def text_column(name, kind, default=""):
    """A column that older rows get a value for."""
    return sa.Column(name, kind, nullable=False, server_default=default)


def upgrade() -> None:
    with op.batch_alter_table("letter") as letter:
        letter.add_column(text_column("languages", sa.JSON(), "[]"))
        letter.add_column(text_column("edition", sa.Integer(), "1"))
        letter.add_column(text_column("goals", sa.JSON(), "[]"))
        letter.add_column(text_column("listing", sa.String(length=8), "names"))
        letter.add_column(text_column("fields", sa.JSON(), "{}"))
        letter.add_column(text_column("questions", sa.JSON(), "[]"))
        letter.add_column(text_column("wording", sa.JSON(), "{}"))
        letter.add_column(text_column("filed", sa.JSON(), "{}"))
        letter.add_column(text_column("hidden", sa.JSON(), "{}"))
        letter.add_column(text_column("responsible", sa.String(length=300)))
        letter.add_column(text_column("contact", sa.String(length=300)))
        letter.add_column(text_column("paper", sa.Integer(), "0"))
        letter.add_column(text_column("version", sa.Integer(), "0"))
        letter.add_column(sa.Column("outcome", sa.String(length=12), nullable=True))
        letter.add_column(text_column("outcome_message", sa.Text()))
        letter.add_column(sa.Column("withdrawn_at", moment(), nullable=True))
        letter.add_column(text_column("withdrawn_reason", sa.String(length=500)))
        letter.add_column(sa.Column("deleted_at", moment(), nullable=True))
    with op.batch_alter_table("revision") as revision_:
        revision_.add_column(text_column("edition", sa.Integer(), "1"))
        revision_.add_column(text_column("change", sa.String(length=12), "correction"))
        revision_.add_column(text_column("note", sa.String(length=500)))
        revision_.add_column(text_column("addressee", sa.String(length=200)))
        revision_.add_column(text_column("sender", sa.String(length=200)))
        revision_.add_column(sa.Column("published_by", big_key(), nullable=True))
        revision_.add_column(sa.Column("asked_to", big_key(), nullable=True))
        revision_.create_foreign_key(
            op.f("fk_revision_published_by_organizer"), "organizer", ["published_by"], ["id"]
        )
        revision_.drop_constraint(op.f("uq_revision_letter_id_language_number"), type_="unique")
        revision_.create_unique_constraint(
            op.f("uq_revision_letter_id_number"), ["letter_id", "number"]
        )
    op.create_index(
        "ix_revision_asked_to",
        "revision",
        ["asked_to"],
        postgresql_where=sa.text("asked_to IS NOT NULL"),
        sqlite_where=sa.text("asked_to IS NOT NULL"),
    )
    _move_parties_to_revisions()
    with op.batch_alter_table("letter") as letter:
        letter.drop_column("addressee")
        letter.drop_column("sender")
        letter.drop_column("goal")
        for name in ("languages", "goals", "listing", "fields", "questions", "wording", "hidden"):
            letter.alter_column(name, server_default=None)
        for name in ("responsible", "contact", "paper", "version", "edition"):
            letter.alter_column(name, server_default=None)
        for name in ("outcome_message", "withdrawn_reason"):
            letter.alter_column(name, server_default=None)
    with op.batch_alter_table("revision") as revision_:
        for name in ("edition", "change", "note", "addressee", "sender"):
            revision_.alter_column(name, server_default=None)

    op.drop_index("ix_signature_public", table_name="signature")
    with op.batch_alter_table("signature") as signature:
        signature.add_column(sa.Column("answers", sa.JSON(), nullable=True))
        signature.add_column(sa.Column("position", sa.Integer(), nullable=True))
    op.create_index(
        "ix_signature_public",
        "signature",
        ["letter_id", "show_name", "published_at", "id"],
        postgresql_where=PUBLISHED,
        sqlite_where=PUBLISHED,
    )
    op.create_index(
        "ix_signature_first",
        "signature",
        ["letter_id", "position"],
        postgresql_where=FIRST,
        sqlite_where=FIRST,
    )

    op.create_table(
        "former_slug",
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("letter_id", big_key(), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letter.id"], name=op.f("fk_former_slug_letter_id_letter")
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_former_slug")),
    )
    op.create_index(op.f("ix_former_slug_letter_id"), "former_slug", ["letter_id"])
    op.create_table(
        "draft",
        sa.Column("id", big_key(), nullable=False),
        sa.Column("letter_id", big_key(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("addressee", sa.String(length=200), nullable=False),
        sa.Column("sender", sa.String(length=200), nullable=False),
        sa.Column("markdown", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edited_by", big_key(), nullable=True),
        sa.Column("edited_at", moment(), nullable=False),
        sa.Column("discarded_at", moment(), nullable=True),
        sa.Column("replaced", sa.JSON(), nullable=True),
        sa.Column("replaced_of", big_key(), nullable=True),
        sa.ForeignKeyConstraint(
            ["edited_by"], ["organizer.id"], name=op.f("fk_draft_edited_by_organizer")
        ),
        sa.ForeignKeyConstraint(
            ["replaced_of"], ["organizer.id"], name=op.f("fk_draft_replaced_of_organizer")
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letter.id"], name=op.f("fk_draft_letter_id_letter")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("letter_id", "language", name=op.f("uq_draft_letter_id_language")),
    )
    op.create_table(
        "signatory",
        sa.Column("id", big_key(), nullable=False),
        sa.Column("letter_id", big_key(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("affiliation", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("signature_id", big_key(), nullable=True),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("invited_at", moment(), nullable=True),
        sa.Column("declined_at", moment(), nullable=True),
        sa.Column("removed_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letter.id"], name=op.f("fk_signatory_letter_id_letter")
        ),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["signature.id"], name=op.f("fk_signatory_signature_id_signature")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatory")),
        sa.UniqueConstraint("letter_id", "email", name=op.f("uq_signatory_letter_id_email")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_signatory_signature_id"), "signatory", ["signature_id"])
    op.create_table(
        "paper_batch",
        sa.Column("id", big_key(), nullable=False),
        sa.Column("letter_id", big_key(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("collected_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("organizer_id", big_key(), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("removed_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letter.id"], name=op.f("fk_paper_batch_letter_id_letter")
        ),
        sa.ForeignKeyConstraint(
            ["organizer_id"], ["organizer.id"], name=op.f("fk_paper_batch_organizer_id_organizer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_batch")),
    )
    op.create_index(op.f("ix_paper_batch_letter_id"), "paper_batch", ["letter_id"])
    op.create_table(
        "card",
        sa.Column("letter_id", big_key(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("tag", sa.String(length=32), nullable=True),
        sa.Column("failed", sa.String(length=32), nullable=True),
        sa.Column("revision_id", big_key(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("style", sa.String(length=32), nullable=False),
        sa.Column("looked_at", moment(), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letter.id"], name=op.f("fk_card_letter_id_letter")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_card_revision_id_revision")
        ),
        sa.PrimaryKeyConstraint("letter_id", "language", name=op.f("pk_card")),
    )


def _move_parties_to_revisions() -> None:
    """To whom and from whom is a part of the text; the hash is of all of it."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT r.id, r.letter_id, r.language, r.number, r.title, r.markdown,"
            " l.addressee, l.sender FROM revision r JOIN letter l ON l.id = r.letter_id"
            " ORDER BY r.letter_id, r.number"
        )
    ).all()
    for row in rows:
        exact = f"{row.title}\n\nTo: {row.addressee}\nFrom: {row.sender}\n\n{row.markdown}\n"
        connection.execute(
            sa.text(
                "UPDATE revision SET addressee = :addressee, sender = :sender, sha256 = :sha256,"
                " change = :change WHERE id = :id"
            ),
            {
                "id": row.id,
                "addressee": row.addressee,
                "sender": row.sender,
                "sha256": hashlib.sha256(exact.encode()).hexdigest(),
                "change": _change(row, rows),
            },
        )
    for row in connection.execute(sa.text("SELECT id, language, goal FROM letter")).all():
        spoken = {each.language for each in rows if each.letter_id == row.id}
        connection.execute(
            sa.text("UPDATE letter SET languages = :languages, goals = :goals WHERE id = :id"),
            {
                "id": row.id,
                "languages": json.dumps([row.language, *sorted(spoken - {row.language})]),
                "goals": json.dumps([row.goal] if row.goal else []),
            },
        )


def _change(row, rows):
    """What a text is to those before it."""
    if row.number == 1:
        return "first"
    earlier = {
        each.language
        for each in rows
        if each.letter_id == row.letter_id and each.number < row.number
    }
    return "correction" if row.language in earlier else "translation"


def downgrade() -> None:
    op.drop_table("card")
    op.drop_table("paper_batch")
    op.drop_table("signatory")
    op.drop_table("draft")
    op.drop_table("former_slug")

    op.drop_index("ix_signature_first", table_name="signature")
    op.drop_index("ix_signature_public", table_name="signature")
    with op.batch_alter_table("signature") as signature:
        signature.drop_column("position")
        signature.drop_column("answers")
    op.create_index(
        "ix_signature_public",
        "signature",
        ["letter_id", "published_at", "id"],
        postgresql_where=sa.text("state = 'published' AND show_name"),
        sqlite_where=sa.text("state = 'published' AND show_name = 1"),
    )

    with op.batch_alter_table("letter") as letter:
        letter.add_column(text_column("addressee", sa.String(length=200)))
        letter.add_column(text_column("sender", sa.String(length=200)))
        letter.add_column(sa.Column("goal", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE letter SET"
        " addressee = coalesce((SELECT r.addressee FROM revision r WHERE r.letter_id = letter.id"
        " AND r.language = letter.language ORDER BY r.number DESC LIMIT 1), ''),"
        " sender = coalesce((SELECT r.sender FROM revision r WHERE r.letter_id = letter.id"
        " AND r.language = letter.language ORDER BY r.number DESC LIMIT 1), '')"
    )
    connection = op.get_bind()
    for row in connection.execute(sa.text("SELECT id, goals FROM letter")).all():
        goals = row.goals if isinstance(row.goals, list) else json.loads(row.goals)
        connection.execute(
            sa.text("UPDATE letter SET goal = :goal WHERE id = :id"),
            {"id": row.id, "goal": goals[0] if goals else None},
        )
    op.drop_index("ix_revision_asked_to", table_name="revision")
    with op.batch_alter_table("revision") as revision_:
        revision_.drop_constraint(op.f("uq_revision_letter_id_number"), type_="unique")
        revision_.create_unique_constraint(
            op.f("uq_revision_letter_id_language_number"), ["letter_id", "language", "number"]
        )
        revision_.drop_constraint(op.f("fk_revision_published_by_organizer"), type_="foreignkey")
        for name in ("asked_to", "published_by", "sender", "addressee", "note", "change"):
            revision_.drop_column(name)
        revision_.drop_column("edition")
    with op.batch_alter_table("letter") as letter:
        letter.alter_column("addressee", server_default=None)
        letter.alter_column("sender", server_default=None)
        for name in ("deleted_at", "withdrawn_reason", "withdrawn_at", "outcome_message", "hidden"):
            letter.drop_column(name)
        for name in ("outcome", "version", "paper", "contact", "responsible", "wording", "filed"):
            letter.drop_column(name)
        for name in ("questions", "fields", "listing", "goals", "edition", "languages"):
            letter.drop_column(name)
