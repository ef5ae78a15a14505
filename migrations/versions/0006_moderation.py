"""a panel for a thousand signatures an hour: sweeps, rules, bursts, notes, removals, the record"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def key(name="id", nullable=False):
    """A number of a row."""
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, nullable=nullable)


def moment(name, nullable=False):
    """A moment in UTC."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def flag(name):
    """A yes or no that older rows say no to."""
    return sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)


def words(name, length, nullable=False):
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def number(name):
    return sa.Column(name, sa.Integer(), nullable=False)


def of(table, column, other, **more):
    """A reference from one table to another."""
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"), **more
    )


def primary(table, *columns):
    return sa.PrimaryKeyConstraint(*(columns or ("id",)), name=op.f(f"pk_{table}"))


def refer(table, column, other, **more):
    """Add a column that refers to another table, empty in older rows."""
    with op.batch_alter_table(table, **more) as altered:
        altered.add_column(key(column, nullable=True))
        altered.create_foreign_key(op.f(f"fk_{table}_{column}_{other}"), other, [column], ["id"])


def refer_no_more(table, column, other, **more):
    """Drop such a column."""
    with op.batch_alter_table(table, **more) as altered:
        altered.drop_constraint(op.f(f"fk_{table}_{column}_{other}"), type_="foreignkey")
        altered.drop_column(column)


NUMBERED = {"sqlite_autoincrement": True}
"""A number that was given once is never given again, also after SQLite has copied the table."""

FORMER_INDEXES = {
    "ix_signature_noticed": (["letter_id", "id"], "state = 'published' AND signals > 1"),
    "ix_signature_unsearchable": (["id"], "state = 'published' AND NOT searchable"),
}
SIGNATURE_INDEXES = {
    "ix_signature_noticed": (["letter_id", "id"], "signals > 1"),
    "ix_signature_unsearchable": (["id"], "confirmed_at IS NOT NULL AND NOT searchable"),
    "ix_signature_rejected": (["letter_id", "removed_at", "id"], "state = 'rejected'"),
    "ix_signature_withdrawn": (["letter_id", "id"], "state = 'withdrawn'"),
    "ix_signature_assigned": (["letter_id", "assignee_id", "id"], "assignee_id IS NOT NULL"),
    "ix_signature_invented": (["letter_id"], "state = 'published' AND invented"),
}


def letter_columns():
    return (
        moment("paused_at", nullable=True),
        sa.Column(
            "paused_words", sa.String(length=500), server_default=sa.text("''"), nullable=False
        ),
        flag("holds_all"),
        flag("demands_proof"),
        moment("list_hidden_at", nullable=True),
        sa.Column("promise_hours", sa.Integer(), server_default=sa.text("24"), nullable=False),
    )


def signature_columns():
    return (
        words("removed_for", 24, nullable=True),
        moment("removed_at", nullable=True),
        words("source", 80, nullable=True),
    )


LEARNT_ANEW = """
    UPDATE signature SET searchable = (state = 'withdrawn')
    WHERE confirmed_at IS NOT NULL
        AND (state IN ('withdrawn', 'rejected') OR (state = 'published' AND email IS NOT NULL))
"""
"""The search learns the domains of addresses too, and keeps apart who is not public."""
REMOVED = """
    UPDATE signature SET
        removed_for = (
            SELECT reason FROM decision
            WHERE decision.signature_id = signature.id AND decision.to_state = 'rejected'
            ORDER BY decision.id DESC LIMIT 1
        ),
        removed_at = (
            SELECT created_at FROM decision
            WHERE decision.signature_id = signature.id AND decision.to_state = 'rejected'
            ORDER BY decision.id DESC LIMIT 1
        )
    WHERE state = 'rejected'
"""
REMOVALS = {
    "sqlite": """
        INSERT INTO removal (letter_id, day, reason, number)
        SELECT letter_id, date(removed_at), coalesce(removed_for, ''), count(*) FROM signature
        WHERE state = 'rejected' AND removed_at IS NOT NULL GROUP BY 1, 2, 3
    """,
    "postgresql": """
        INSERT INTO removal (letter_id, day, reason, number)
        SELECT letter_id, (removed_at AT TIME ZONE 'UTC')::date, coalesce(removed_for, ''),
            count(*) FROM signature
        WHERE state = 'rejected' AND removed_at IS NOT NULL GROUP BY 1, 2, 3
    """,
}


def upgrade() -> None:
    for column in letter_columns():
        op.add_column("letter", column)
    op.add_column(
        "team",
        sa.Column("reasons", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
    )
    _make_sweeps()
    for column in signature_columns():
        op.add_column("signature", column)
    refer("signature", "assignee_id", "organizer", table_kwargs=NUMBERED)
    refer("decision", "sweep_id", "sweep")
    op.add_column("report", words("answer", 1000, nullable=True))
    refer("report", "answered_by", "organizer")
    for name in FORMER_INDEXES:
        op.drop_index(name, table_name="signature")
    _index_signatures(SIGNATURE_INDEXES)
    part = sa.text("sweep_id IS NOT NULL")
    op.create_index(
        "ix_decision_sweep",
        "decision",
        ["sweep_id", "signature_id"],
        postgresql_where=part,
        sqlite_where=part,
    )
    _make_removals()
    _make_lists()
    _make_records()


def _index_signatures(indexes) -> None:
    for name, (columns, where) in indexes.items():
        part = sa.text(where)
        op.create_index(name, "signature", columns, postgresql_where=part, sqlite_where=part)


def _make_sweeps() -> None:
    op.create_table(
        "sweep",
        key(),
        key("letter_id"),
        key("organizer_id"),
        words("origin", 12),
        sa.Column("conditions", sa.JSON(), nullable=True),
        words("act", 8),
        words("reason", 24, nullable=True),
        words("words", 500),
        sa.Column("tells", sa.Boolean(), nullable=False),
        key("last_id"),
        moment("shown_at"),
        words("stage", 12),
        key("passed"),
        sa.Column("found", sa.JSON(), nullable=False),
        number("moved"),
        number("left"),
        number("back"),
        moment("created_at"),
        moment("began_at", nullable=True),
        moment("ended_at", nullable=True),
        moment("undone_at", nullable=True),
        key("undone_by", nullable=True),
        of("sweep", "letter_id", "letter"),
        of("sweep", "organizer_id", "organizer"),
        of("sweep", "undone_by", "organizer"),
        primary("sweep"),
    )
    part = sa.text("stage IN ('collecting', 'running', 'undoing')")
    op.create_index("ix_sweep_due", "sweep", ["id"], postgresql_where=part, sqlite_where=part)
    op.create_index(op.f("ix_sweep_letter_id_id"), "sweep", ["letter_id", "id"])


def _make_removals() -> None:
    op.create_table(
        "removal",
        key("letter_id"),
        sa.Column("day", sa.Date(), nullable=False),
        words("reason", 24),
        number("number"),
        of("removal", "letter_id", "letter"),
        primary("removal", "letter_id", "day", "reason"),
    )
    op.execute(LEARNT_ANEW)
    op.execute(REMOVED)
    op.execute(REMOVALS[op.get_bind().dialect.name])


def _make_lists() -> None:
    op.create_table(
        "swept",
        key("sweep_id"),
        key("signature_id"),
        words("from_state", 12),
        of("swept", "sweep_id", "sweep"),
        of("swept", "signature_id", "signature", ondelete="CASCADE"),
        primary("swept", "sweep_id", "signature_id"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_swept_signature_id"), "swept", ["signature_id"])
    op.create_table(
        "note",
        key(),
        key("signature_id"),
        key("organizer_id"),
        words("words", 1000),
        key("handed_to", nullable=True),
        moment("created_at"),
        of("note", "signature_id", "signature", ondelete="CASCADE"),
        of("note", "organizer_id", "organizer"),
        of("note", "handed_to", "organizer"),
        primary("note"),
    )
    op.create_index(op.f("ix_note_signature_id"), "note", ["signature_id"])
    op.create_table(
        "attention",
        key("letter_id"),
        key("organizer_id"),
        key("signature_id", nullable=True),
        moment("seen_at"),
        of("attention", "letter_id", "letter"),
        of("attention", "organizer_id", "organizer", ondelete="CASCADE"),
        primary("attention", "letter_id", "organizer_id"),
    )
    op.create_table(
        "rule",
        key(),
        key("team_id"),
        key("letter_id", nullable=True),
        words("effect", 8),
        words("subject", 8),
        words("value", 254),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=True),
        words("reason", 500),
        key("organizer_id"),
        moment("created_at"),
        moment("expires_at", nullable=True),
        moment("ended_at", nullable=True),
        key("ended_by", nullable=True),
        of("rule", "team_id", "team"),
        of("rule", "letter_id", "letter"),
        of("rule", "organizer_id", "organizer"),
        of("rule", "ended_by", "organizer"),
        primary("rule"),
    )
    for column in ("team_id", "letter_id"):
        op.create_index(op.f(f"ix_rule_{column}"), "rule", [column])
    op.create_table(
        "burst",
        key(),
        key("letter_id"),
        words("rising", 8),
        words("key", 254),
        words("label", 254),
        number("number"),
        number("usual"),
        moment("began_at"),
        moment("last_at"),
        moment("mailed_at", nullable=True),
        moment("closed_at", nullable=True),
        key("closed_by", nullable=True),
        of("burst", "letter_id", "letter"),
        of("burst", "closed_by", "organizer"),
        primary("burst"),
    )
    part = sa.text("closed_at IS NULL")
    op.create_index(
        "ix_burst_open",
        "burst",
        ["letter_id", "rising", "key"],
        unique=True,
        postgresql_where=part,
        sqlite_where=part,
    )


def _make_records() -> None:
    op.create_table(
        "audit_entry",
        key(),
        key("team_id", nullable=True),
        key("letter_id", nullable=True),
        key("organizer_id", nullable=True),
        words("action", 32),
        key("signature_id", nullable=True),
        sa.Column("about", sa.JSON(), nullable=True),
        moment("created_at"),
        of("audit_entry", "team_id", "team"),
        of("audit_entry", "organizer_id", "organizer"),
        primary("audit_entry"),
    )
    for column in ("team_id", "letter_id", "organizer_id"):
        name = op.f(f"ix_audit_entry_{column}_id")
        op.create_index(name, "audit_entry", [column, "id"])
    for action in ("switch", "export"):
        part = sa.text(f"action = '{action}'")
        op.create_index(
            f"ix_audit_entry_{action}",
            "audit_entry",
            ["letter_id", "id"],
            postgresql_where=part,
            sqlite_where=part,
        )
    op.create_table(
        "statistic",
        key("letter_id"),
        words("measure", 16),
        moment("hour"),
        words("key", 80),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        of("statistic", "letter_id", "letter"),
        primary("statistic", "letter_id", "measure", "hour", "key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "bookmark",
        words("name", 40),
        key("number"),
        primary("bookmark", "name"),
    )


FOR_THE_RELEASE_BEFORE = (
    "DELETE FROM outgoing_mail WHERE kind IN ('decided', 'answer', 'burst')",
    "DELETE FROM report WHERE cause = 'appeal'",
    "UPDATE decision SET sweep_id = NULL",
    # It knows no lists of a team's own, and would not find the words.
    "UPDATE decision SET reason = 'not-a-name' WHERE reason NOT IN ('duplicate', 'not-a-name',"
    " 'impersonation', 'advertising', 'abuse', 'on-request')",
    "UPDATE signature SET signals = signals & 1023",
)
"""What would be unknown to it."""


def downgrade() -> None:
    for statement in FOR_THE_RELEASE_BEFORE:
        op.execute(statement)
    for table in (
        "bookmark",
        "statistic",
        "audit_entry",
        "burst",
        "rule",
        "attention",
        "note",
        "swept",
        "removal",
    ):
        op.drop_table(table)
    op.drop_index("ix_decision_sweep", table_name="decision")
    for name in SIGNATURE_INDEXES:
        op.drop_index(name, table_name="signature")
    refer_no_more("report", "answered_by", "organizer")
    op.drop_column("report", "answer")
    refer_no_more("decision", "sweep_id", "sweep")
    refer_no_more("signature", "assignee_id", "organizer", table_kwargs=NUMBERED)
    for column in reversed(signature_columns()):
        op.drop_column("signature", column.name)
    _index_signatures(FORMER_INDEXES)
    op.drop_table("sweep")
    op.drop_column("team", "reasons")
    for column in reversed(letter_columns()):
        op.drop_column("letter", column.name)
