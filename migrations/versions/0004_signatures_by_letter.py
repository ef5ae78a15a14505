"""signatures found by their letter: for exports, for asking again, for what was asked of whom"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_signature_letter_id_id"), "signature", ["letter_id", "id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_signature_letter_id_id"), table_name="signature")
