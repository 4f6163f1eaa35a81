"""Files that people attach, and the log of who looked at them."""

import sqlalchemy as sa
from alembic import op

from tables import guards

revision = "0002"
down_revision = "0001"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=24)


def foreign(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "stored_file",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("form_key", sa.String(length=36), nullable=False),
        sa.Column("owner_kind", sa.String(length=30), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("unit_id", ID, nullable=True),
        sa.Column("province_id", ID, nullable=True),
        sa.Column("kind", choice("kind", "image", "pdf"), nullable=False),
        sa.Column("state", choice("state", "waiting", "ready", "refused"), nullable=False),
        sa.Column("refused_reason", sa.String(length=40), nullable=True),
        sa.Column("mime", sa.String(length=40), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sent_sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("uploaded_by_id", ID, nullable=True),
        sa.Column("uploaded_by_person_id", ID, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by_id", ID, nullable=True),
        sa.CheckConstraint(
            "state <> 'refused' OR refused_reason IS NOT NULL", name=op.f("ck_stored_file_refused_has_reason")
        ),
        sa.CheckConstraint(
            "uploaded_by_id IS NOT NULL OR uploaded_by_person_id IS NOT NULL", name=op.f("ck_stored_file_has_uploader")
        ),
        sa.CheckConstraint("bytes > 0", name=op.f("ck_stored_file_bytes_positive")),
        foreign("stored_file", "unit_id", "unit"),
        foreign("stored_file", "province_id", "province"),
        foreign("stored_file", "uploaded_by_id", "user"),
        foreign("stored_file", "uploaded_by_person_id", "person"),
        foreign("stored_file", "removed_by_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("key", name=op.f("uq_stored_file_key")),
        sa.UniqueConstraint("form_key", name=op.f("uq_stored_file_form_key")),
    )
    op.create_index("ix_stored_file_owner", "stored_file", ["owner_kind", "owner_id"])
    unowned = sa.text("owner_id IS NULL")
    op.create_index(
        "ix_stored_file_unowned", "stored_file", ["created_at"], sqlite_where=unowned, postgresql_where=unowned
    )
    op.create_table(
        "file_access",
        sa.Column("id", ID, nullable=False),
        sa.Column("file_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        foreign("file_access", "file_id", "stored_file"),
        foreign("file_access", "user_id", "user"),
        foreign("file_access", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_access")),
    )
    op.create_index(op.f("ix_file_access_file_id"), "file_access", ["file_id"])
    guards.install_table(op.get_bind(), "file_access")


def downgrade() -> None:
    op.drop_table("file_access")
    op.drop_table("stored_file")
