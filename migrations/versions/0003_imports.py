"""Sheets to import and their lines, further columns of the catalog, and a tariff for each way of teaching."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "standard_tariff",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("standard_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("delivery", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("amount_rials", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "delivery IN ('in_person', 'virtual', 'electronic')", name=op.f("ck_standard_tariff_delivery")
        ),
        sa.CheckConstraint("amount_rials >= 0", name=op.f("ck_standard_tariff_amount_not_negative")),
        sa.ForeignKeyConstraint(["standard_id"], ["skill_standard.id"], name=op.f("fk_standard_tariff_standard_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standard_tariff")),
        sa.UniqueConstraint(
            "standard_id", "valid_from", "delivery", name=op.f("uq_standard_tariff_standard_id_valid_from_delivery")
        ),
    )
    op.create_table(
        "import_batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("applied_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("undone_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("form", sa.String(length=30), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_key", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "reading",
                "refused",
                "ready",
                "applying",
                "done",
                "undoing",
                "undone",
                "dropped",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=600), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("bad_count", sa.Integer(), nullable=False),
        sa.Column("todo_count", sa.Integer(), nullable=False),
        sa.Column("done_count", sa.Integer(), nullable=False),
        sa.Column("failed_count", sa.Integer(), nullable=False),
        sa.Column("undone_count", sa.Integer(), nullable=False),
        sa.Column("kept_count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("bad_count >= 0 AND bad_count <= row_count", name=op.f("ck_import_batch_bad_in_rows")),
        sa.CheckConstraint(
            "done_count >= 0 AND done_count + failed_count <= todo_count", name=op.f("ck_import_batch_done_in_todo")
        ),
        sa.CheckConstraint(
            "undone_count >= 0 AND undone_count + kept_count <= done_count", name=op.f("ck_import_batch_undone_in_done")
        ),
        sa.ForeignKeyConstraint(["applied_by_id"], ["user.id"], name=op.f("fk_import_batch_applied_by_id")),
        sa.ForeignKeyConstraint(["undone_by_id"], ["user.id"], name=op.f("fk_import_batch_undone_by_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_import_batch_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_import_batch_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_index(op.f("ix_import_batch_sha256"), "import_batch", ["sha256"], unique=False)
    op.create_index("ix_import_batch_unit_form", "import_batch", ["unit_id", "form", "id"], unique=False)

    op.create_table(
        "import_row",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "bad",
                "new",
                "changed",
                "same",
                "missing",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "idle",
                "waiting",
                "done",
                "failed",
                "undone",
                "kept",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("errors", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_import_row_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_row")),
        sa.UniqueConstraint("batch_id", "number", name=op.f("uq_import_row_batch_id_number")),
    )
    op.create_index("ix_import_row_kind", "import_row", ["batch_id", "kind", "id"], unique=False)
    op.create_index("ix_import_row_state", "import_row", ["batch_id", "state", "id"], unique=False)
    op.create_index("ix_import_row_subject", "import_row", ["subject_id", "id"], unique=False)

    op.add_column("skill_standard", sa.Column("old_code", sa.String(length=40), nullable=True))
    op.add_column("skill_standard", sa.Column("kind", sa.String(length=60), nullable=True))
    op.add_column("skill_standard", sa.Column("karodanesh_kind", sa.String(length=60), nullable=True))
    op.add_column("skill_standard", sa.Column("instructor_requirement", sa.String(length=1000), nullable=True))
    op.add_column("skill_standard", sa.Column("compiled_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("skill_standard", "compiled_on")
    op.drop_column("skill_standard", "instructor_requirement")
    op.drop_column("skill_standard", "karodanesh_kind")
    op.drop_column("skill_standard", "kind")
    op.drop_column("skill_standard", "old_code")

    op.drop_index("ix_import_row_subject", table_name="import_row")
    op.drop_index("ix_import_row_state", table_name="import_row")
    op.drop_index("ix_import_row_kind", table_name="import_row")

    op.drop_table("import_row")
    op.drop_index("ix_import_batch_unit_form", table_name="import_batch")
    op.drop_index(op.f("ix_import_batch_sha256"), table_name="import_batch")

    op.drop_table("import_batch")
    op.drop_table("standard_tariff")
