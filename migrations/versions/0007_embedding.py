"""letters on other sites: which may show them, which do, and the milestones that are told of"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def key(name):
    """A number of a row."""
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def moment(name):
    """A moment in UTC."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def words(name, length):
    return sa.Column(name, sa.String(length=length), nullable=False)


def of(table, column, other):
    """A reference from one table to another."""
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )


# What a letter had reached before is no news, and nobody knows when it was.
_COUNTED = """
    UPDATE letter SET counted = paper + COALESCE(
        (SELECT SUM(number) FROM tally WHERE letter_id = letter.id AND state = 'published'), 0
    )
"""


def primary(table, *columns):
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def upgrade() -> None:
    op.add_column(
        "letter",
        sa.Column(
            "framing", sa.String(length=8), server_default=sa.text("'anywhere'"), nullable=False
        ),
    )
    op.add_column("letter", sa.Column("outcome_at", sa.DateTime(timezone=True)))
    op.add_column(
        "letter", sa.Column("counted", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.execute(_COUNTED)
    op.create_table(
        "embed_site",
        key("id"),
        key("letter_id"),
        words("name", 100),
        words("standing", 8),
        key("organizer_id"),
        moment("created_at"),
        of("embed_site", "letter_id", "letter"),
        of("embed_site", "organizer_id", "organizer"),
        primary("embed_site", "id"),
        sa.UniqueConstraint("letter_id", "name", name=op.f("uq_embed_site_letter_id_name")),
    )
    op.create_table(
        "sighting",
        key("letter_id"),
        words("name", 100),
        moment("first_at"),
        moment("last_at"),
        of("sighting", "letter_id", "letter"),
        primary("sighting", "letter_id", "name"),
    )
    op.create_table(
        "milestone",
        key("letter_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        moment("reached_at"),
        of("milestone", "letter_id", "letter"),
        primary("milestone", "letter_id", "number"),
    )


def downgrade() -> None:
    for table in ("milestone", "sighting", "embed_site"):
        op.drop_table(table)
    for column in ("counted", "outcome_at", "framing"):
        op.drop_column("letter", column)
