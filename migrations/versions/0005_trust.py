"""signing that people trust: signals, networks, reports, verified names, names one can search"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def key(name="id"):
    """A number of a row."""
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, nullable=False)


def moment(name, nullable=False):
    """A moment in UTC."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def flag(name):
    """A yes or no that older rows say no to."""
    return sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)


def number(name):
    """A number that is 0 in older rows."""
    return sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)


def of(table, column, other):
    """A reference from one table to another."""
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )


NUMBERED = {"sqlite_autoincrement": True}
"""A number that was given once is never given again, also after SQLite has copied the table."""

SIGNATURE_INDEXES = {
    "ix_signature_affiliation": (
        ["letter_id", "affiliation_key", "published_at", "id"],
        "state = 'published' AND affiliation_key IS NOT NULL",
    ),
    "ix_signature_commented": (
        ["letter_id", "show_name", "published_at", "id"],
        "state = 'published' AND comment <> ''",
    ),
    "ix_signature_country": (
        ["letter_id", "country", "published_at", "id"],
        "state = 'published' AND country <> ''",
    ),
    "ix_signature_network": (
        ["network", "letter_id", "created_at"],
        "network IS NOT NULL AND confirmed_at IS NOT NULL",
    ),
    "ix_signature_noticed": (["letter_id", "id"], "state = 'published' AND signals > 1"),
    "ix_signature_quarantined": (["letter_id", "confirmed_at", "id"], "state = 'quarantined'"),
    "ix_signature_skeleton": (
        ["letter_id", "skeleton"],
        "confirmed_at IS NOT NULL AND skeleton IS NOT NULL",
    ),
    "ix_signature_unsearchable": (["id"], "state = 'published' AND NOT searchable"),
    "ix_signature_unsolved": (
        ["letter_id", "created_at"],
        "network IS NOT NULL AND confirmed_at IS NOT NULL AND NOT solved",
    ),
}


def signature_columns():
    return (
        sa.Column("country", sa.String(length=2), server_default=sa.text("''"), nullable=False),
        flag("initials"),
        flag("pass_on"),
        sa.Column("consents", sa.JSON(), nullable=True),
        sa.Column("mailbox", sa.LargeBinary(), nullable=True),
        sa.Column("network", sa.BigInteger(), nullable=True),
        flag("solved"),
        number("signals"),
        sa.Column("skeleton", sa.BigInteger(), nullable=True),
        sa.Column("affiliation_key", sa.BigInteger(), nullable=True),
        flag("searchable"),
        moment("verified_at", nullable=True),
        sa.Column("told", sa.String(length=12), nullable=True),
    )


def letter_columns():
    return (
        number("hold"),
        sa.Column("watch", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        flag("hands_over"),
        flag("indexed"),
        moment("anonymous_at", nullable=True),
        moment("grouped_at", nullable=True),
        number("grouped"),
    )


def upgrade() -> None:
    for column in letter_columns():
        op.add_column("letter", column)
    for column in signature_columns():
        op.add_column("signature", column)
    op.add_column("decision", sa.Column("before", sa.JSON(), nullable=True))
    op.add_column("decision", sa.Column("told", sa.String(length=12), nullable=True))
    with op.batch_alter_table("signatory", table_kwargs=NUMBERED) as signatory:
        signatory.alter_column("email", existing_type=sa.String(length=254), nullable=True)
    for name, (columns, where) in SIGNATURE_INDEXES.items():
        part = sa.text(where)
        op.create_index(name, "signature", columns, postgresql_where=part, sqlite_where=part)

    op.create_table(
        "daily_salt",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_daily_salt")),
    )
    op.create_table(
        "used_puzzle",
        sa.Column("nonce", sa.LargeBinary(length=16), nullable=False),
        moment("expires_at"),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_used_puzzle")),
    )
    op.create_table(
        "allowed_network",
        key(),
        key("letter_id"),
        sa.Column("network", sa.BigInteger(), nullable=False),
        key("organizer_id"),
        moment("until"),
        of("allowed_network", "letter_id", "letter"),
        of("allowed_network", "organizer_id", "organizer"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allowed_network")),
        sa.UniqueConstraint(
            "letter_id", "network", name=op.f("uq_allowed_network_letter_id_network")
        ),
    )
    op.create_table(
        "verification",
        key(),
        key("signature_id"),
        key("organizer_id"),
        sa.Column("evidence", sa.String(length=500), nullable=False),
        moment("created_at"),
        moment("ended_at", nullable=True),
        of("verification", "signature_id", "signature"),
        of("verification", "organizer_id", "organizer"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification")),
    )
    op.create_index(op.f("ix_verification_signature_id"), "verification", ["signature_id"])
    op.create_table(
        "report",
        key(),
        key("letter_id"),
        key("signature_id"),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("words", sa.String(length=1000), nullable=False),
        moment("created_at"),
        moment("settled_at", nullable=True),
        of("report", "letter_id", "letter"),
        of("report", "signature_id", "signature"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
    )
    op.create_index(
        "ix_report_open",
        "report",
        ["letter_id", "id"],
        postgresql_where=sa.text("settled_at IS NULL"),
        sqlite_where=sa.text("settled_at IS NULL"),
    )
    op.create_index(op.f("ix_report_signature_id"), "report", ["signature_id"])
    op.create_table(
        "name_word",
        key("letter_id"),
        sa.Column(
            "word",
            sa.String().with_variant(sa.String(collation="C"), "postgresql"),
            nullable=False,
        ),
        key("signature_id"),
        of("name_word", "letter_id", "letter"),
        sa.ForeignKeyConstraint(
            ["signature_id"],
            ["signature.id"],
            name=op.f("fk_name_word_signature_id_signature"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("letter_id", "word", "signature_id", name=op.f("pk_name_word")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_name_word_signature_id"), "name_word", ["signature_id"])
    op.create_table(
        "name_group",
        key("letter_id"),
        sa.Column("grouping", sa.String(length=12), nullable=False),
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        of("name_group", "letter_id", "letter"),
        sa.PrimaryKeyConstraint("letter_id", "grouping", "key", name=op.f("pk_name_group")),
    )


FOR_THE_RELEASE_BEFORE = (
    "UPDATE signature SET state = 'held' WHERE state = 'quarantined'",
    "INSERT INTO tally (letter_id, state, slot, number)"
    " SELECT letter_id, 'held', slot, number FROM tally WHERE state = 'quarantined'"
    " ON CONFLICT (letter_id, state, slot)"
    " DO UPDATE SET number = tally.number + excluded.number",
    "DELETE FROM tally WHERE state = 'quarantined'",
    # It knows nobody but signers and organizers who decides, and would lay it to one of them.
    "DELETE FROM decision WHERE actor = 'screening'",
    "UPDATE decision SET from_state = 'held' WHERE from_state = 'quarantined'",
    "UPDATE decision SET to_state = 'held' WHERE to_state = 'quarantined'",
    "DELETE FROM outgoing_mail WHERE kind IN ('reminder', 'own-link', 'reported')",
    # It shows names or does not: nobody is shown whole who wanted initials.
    "UPDATE signature SET show_name = false WHERE initials",
)
"""What would be unknown to it, or would say what nobody agreed to."""


def downgrade() -> None:
    for statement in FOR_THE_RELEASE_BEFORE:
        op.execute(statement)
    for table in (
        "name_group",
        "name_word",
        "report",
        "verification",
        "allowed_network",
        "used_puzzle",
        "daily_salt",
    ):
        op.drop_table(table)
    for name in SIGNATURE_INDEXES:
        op.drop_index(name, table_name="signature")
    op.drop_column("decision", "told")
    op.drop_column("decision", "before")
    op.execute("UPDATE signatory SET email = 'erased-' || id WHERE email IS NULL")
    with op.batch_alter_table("signatory", table_kwargs=NUMBERED) as signatory:
        signatory.alter_column("email", existing_type=sa.String(length=254), nullable=False)
    for column in reversed(signature_columns()):
        op.drop_column("signature", column.name)
    for column in reversed(letter_columns()):
        op.drop_column("letter", column.name)
