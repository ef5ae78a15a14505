"""organizers' accounts: sign-in by mail and passkey, sessions, invitations; mails about anything"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def big_key():
    """The type of every number of a row."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def moment():
    """The type of every moment."""
    return sa.DateTime(timezone=True)


def upgrade() -> None:
    # Links that were printed and not followed yet, and open sessions, end with this.
    op.drop_index(op.f("ix_sign_in_link_organizer_id"), table_name="sign_in_link")
    op.drop_table("sign_in_link")

    with op.batch_alter_table("organizer") as organizer:
        organizer.add_column(
            sa.Column("name", sa.String(length=100), nullable=False, server_default="")
        )
        organizer.drop_column("session_epoch")
    with op.batch_alter_table("organizer") as organizer:
        organizer.alter_column("name", server_default=None)
    with op.batch_alter_table("team") as team:
        team.add_column(
            sa.Column("passkey_required", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("team") as team:
        team.alter_column("passkey_required", server_default=None)

    op.create_table(
        "invitation",
        sa.Column("id", big_key(), nullable=False),
        sa.Column("team_id", big_key(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("invited_by", big_key(), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("sent_at", moment(), nullable=False),
        sa.Column("expires_at", moment(), nullable=False),
        sa.Column("accepted_at", moment(), nullable=True),
        sa.Column("revoked_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["organizer.id"], name=op.f("fk_invitation_invited_by_organizer")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_invitation_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_invitation_team_id"), "invitation", ["team_id"])
    op.create_table(
        "organizer_session",
        sa.Column("id", big_key(), nullable=False),
        sa.Column("organizer_id", big_key(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("device", sa.String(length=60), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("seen_at", moment(), nullable=False),
        sa.Column("proved_at", moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organizer_id"],
            ["organizer.id"],
            name=op.f("fk_organizer_session_organizer_id_organizer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organizer_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_organizer_session_digest")),
    )
    op.create_index(
        op.f("ix_organizer_session_organizer_id"), "organizer_session", ["organizer_id"]
    )
    op.create_table(
        "sign_in",
        sa.Column("id", big_key(), nullable=False),
        sa.Column("errand", sa.String(length=12), nullable=False),
        sa.Column("organizer_id", big_key(), nullable=True),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("browser", sa.LargeBinary(length=32), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("challenge", sa.LargeBinary(length=32), nullable=True),
        sa.Column("familiar", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("expires_at", moment(), nullable=False),
        sa.Column("used_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organizer_id"],
            ["organizer.id"],
            name=op.f("fk_sign_in_organizer_id_organizer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_sign_in_organizer_id"), "sign_in", ["organizer_id"])
    op.create_index(op.f("ix_sign_in_created_at"), "sign_in", ["created_at"])
    op.create_index("ix_sign_in_digest_created_at", "sign_in", ["digest", "created_at"])
    op.create_table(
        "passkey",
        sa.Column("id", big_key(), nullable=False),
        sa.Column("organizer_id", big_key(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("used_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organizer_id"],
            ["organizer.id"],
            name=op.f("fk_passkey_organizer_id_organizer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_organizer_id"), "passkey", ["organizer_id"])

    with op.batch_alter_table("outgoing_mail") as mail:
        mail.alter_column("signature_id", existing_type=big_key(), nullable=True)
        mail.add_column(sa.Column("recipient", sa.String(length=254), nullable=True))
        mail.add_column(sa.Column("digest", sa.LargeBinary(length=32), nullable=True))
        mail.add_column(sa.Column("language", sa.String(length=35), nullable=True))
        mail.add_column(sa.Column("about", sa.JSON(), nullable=True))
    op.create_index(
        "ix_outgoing_mail_digest_created_at",
        "outgoing_mail",
        ["digest", "created_at"],
        postgresql_where=sa.text("digest IS NOT NULL"),
        sqlite_where=sa.text("digest IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_outgoing_mail_digest_created_at", table_name="outgoing_mail")
    op.execute("DELETE FROM outgoing_mail WHERE signature_id IS NULL")
    with op.batch_alter_table("outgoing_mail") as mail:
        mail.drop_column("about")
        mail.drop_column("language")
        mail.drop_column("digest")
        mail.drop_column("recipient")
        mail.alter_column("signature_id", existing_type=big_key(), nullable=False)

    op.drop_table("passkey")
    op.drop_table("sign_in")
    op.drop_table("organizer_session")
    op.drop_table("invitation")

    with op.batch_alter_table("team") as team:
        team.drop_column("passkey_required")
    with op.batch_alter_table("organizer") as organizer:
        organizer.add_column(
            sa.Column("session_epoch", sa.Integer(), nullable=False, server_default="0")
        )
        organizer.drop_column("name")
    with op.batch_alter_table("organizer") as organizer:
        organizer.alter_column("session_epoch", server_default=None)

    op.create_table(
        "sign_in_link",
        sa.Column("id", big_key(), nullable=False),
        sa.Column("organizer_id", big_key(), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("used_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organizer_id"], ["organizer.id"], name=op.f("fk_sign_in_link_organizer_id_organizer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_link")),
    )
    op.create_index(op.f("ix_sign_in_link_organizer_id"), "sign_in_link", ["organizer_id"])
