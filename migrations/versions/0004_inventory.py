"""Equipment that changes by movements only, counts, service, and the further fields of places and workshops."""

import sqlalchemy as sa
from alembic import op

from tables import guards

revision = "0004"
down_revision = "0003"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SIGNS = "(kind IN ('received', 'arrived', 'returned', 'found') AND pieces > 0 AND working BETWEEN 0 AND pieces) OR (kind IN ('sent', 'consumed', 'written_off', 'lost') AND pieces < 0 AND working BETWEEN pieces AND 0) OR (kind = 'repaired' AND pieces = 0 AND working > 0) OR (kind = 'broken' AND pieces = 0 AND working < 0)"


def _fill_items() -> None:
    """What the new columns say of items that are there: their workshop's unit and its province.

    They sort by their plain key until they are saved again: the folding is the product's, not the schema's.
    """
    op.execute(
        "UPDATE equipment_item SET created_at = CURRENT_TIMESTAMP, name_sort = name_key, "
        "unit_id = (SELECT workshop.unit_id FROM workshop WHERE workshop.id = equipment_item.workshop_id), "
        "province_id = (SELECT place.province_id FROM workshop JOIN place ON place.id = workshop.place_id "
        "WHERE workshop.id = equipment_item.workshop_id)"
    )


def _open_books() -> None:
    """The stock that was there before there were movements is the first movement of each item."""
    op.execute(
        "INSERT INTO equipment_movement "
        "(item_id, unit_id, province_id, kind, pieces, working, happened_on, reason, at) "
        "SELECT id, unit_id, province_id, 'received', quantity, serviceable, CURRENT_DATE, 'موجودی آغاز دفتر', "
        "CURRENT_TIMESTAMP FROM equipment_item WHERE quantity > 0"
    )


def upgrade() -> None:
    with op.batch_alter_table("equipment_item") as batch_op:
        batch_op.add_column(sa.Column("unit_id", ID, nullable=True))
        batch_op.add_column(sa.Column("province_id", ID, nullable=True))
        batch_op.add_column(sa.Column("name_sort", sa.String(length=400), nullable=True))
        batch_op.add_column(sa.Column("model", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("serial", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("asset_tag", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("acquired_on", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "source",
                sa.Enum(
                    "purchase",
                    "allocation",
                    "donation",
                    "made",
                    "lent",
                    name="source",
                    native_enum=False,
                    create_constraint=True,
                    length=24,
                ),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("price_rials", sa.BigInteger(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "condition",
                sa.Enum(
                    "new",
                    "good",
                    "worn",
                    "poor",
                    name="condition",
                    native_enum=False,
                    create_constraint=True,
                    length=24,
                ),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("service_every_days", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("last_service_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("next_service_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("note", sa.String(length=500), nullable=True))
        batch_op.add_column(sa.Column("is_active", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("created_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_check_constraint("price_not_negative", "price_rials >= 0")
        batch_op.create_check_constraint("service_every_positive", "service_every_days > 0")
    _fill_items()
    with op.batch_alter_table("equipment_item") as batch_op:
        batch_op.alter_column("unit_id", existing_type=ID, nullable=False)
        batch_op.alter_column("province_id", existing_type=ID, nullable=False)
        batch_op.alter_column("name_sort", existing_type=sa.String(length=400), nullable=False)
        batch_op.alter_column("created_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.alter_column("is_active", existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
        batch_op.alter_column("version", existing_type=sa.Integer(), existing_nullable=False, server_default=None)
        batch_op.create_index(batch_op.f("ix_equipment_item_asset_tag"), ["asset_tag"], unique=False)
        batch_op.create_index("ix_equipment_item_next_service", ["unit_id", "next_service_on"], unique=False)
        batch_op.create_index("ix_equipment_item_province", ["province_id", "name_key"], unique=False)
        batch_op.create_index("ix_equipment_item_unit", ["unit_id", "name_sort", "id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_equipment_item_province_id"), "province", ["province_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_equipment_item_unit_id"), "unit", ["unit_id"], ["id"])
    with op.batch_alter_table("place") as batch_op:
        batch_op.add_column(sa.Column("code", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("district", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("village", sa.String(length=80), nullable=True))
        batch_op.add_column(
            sa.Column(
                "area",
                sa.Enum("urban", "rural", "nomadic", name="area", native_enum=False, create_constraint=True, length=24),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("latitude", sa.Numeric(precision=8, scale=6), nullable=True))
        batch_op.add_column(sa.Column("longitude", sa.Numeric(precision=9, scale=6), nullable=True))
        batch_op.add_column(sa.Column("phone", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("area_m2", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "ownership",
                sa.Enum(
                    "state", "rented", "lent", name="ownership", native_enum=False, create_constraint=True, length=24
                ),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("capacity", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("contract_no", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("safety_checked_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.create_unique_constraint(batch_op.f("uq_place_unit_id_code"), ["unit_id", "code"])
        batch_op.create_check_constraint("capacity_positive", "capacity > 0")
        batch_op.create_check_constraint("area_positive", "area_m2 > 0")
        batch_op.create_check_constraint("point_is_whole", "(latitude IS NULL) = (longitude IS NULL)")
    with op.batch_alter_table("place") as batch_op:
        batch_op.alter_column("version", existing_type=sa.Integer(), existing_nullable=False, server_default=None)
    with op.batch_alter_table("workshop") as batch_op:
        batch_op.add_column(sa.Column("area_m2", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("has_power", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("has_water", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("has_gas", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("has_ventilation", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("has_protective_gear", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("shifts", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("responsible_id", ID, nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.create_foreign_key(batch_op.f("fk_workshop_responsible_id"), "instructor", ["responsible_id"], ["id"])
        batch_op.create_check_constraint("area_positive", "area_m2 > 0")
    with op.batch_alter_table("workshop") as batch_op:
        batch_op.alter_column("has_power", existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
        batch_op.alter_column("has_water", existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
        batch_op.alter_column("has_gas", existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
        batch_op.alter_column(
            "has_ventilation", existing_type=sa.Boolean(), existing_nullable=False, server_default=None
        )
        batch_op.alter_column(
            "has_protective_gear", existing_type=sa.Boolean(), existing_nullable=False, server_default=None
        )
        batch_op.alter_column("version", existing_type=sa.Integer(), existing_nullable=False, server_default=None)

    op.create_table(
        "stocktake",
        sa.Column("id", ID, nullable=False),
        sa.Column("workshop_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("province_id", ID, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "counted",
                "closed",
                "dropped",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("opened_by_id", ID, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_by_id", ID, nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", ID, nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["closed_by_id"], ["user.id"], name=op.f("fk_stocktake_closed_by_id")),
        sa.ForeignKeyConstraint(["counted_by_id"], ["user.id"], name=op.f("fk_stocktake_counted_by_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["user.id"], name=op.f("fk_stocktake_opened_by_id")),
        sa.ForeignKeyConstraint(["province_id"], ["province.id"], name=op.f("fk_stocktake_province_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_stocktake_unit_id")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshop.id"], name=op.f("fk_stocktake_workshop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stocktake")),
    )
    op.create_index("ix_stocktake_unit", "stocktake", ["unit_id", "state", "id"], unique=False)
    op.create_index(
        "uq_stocktake_open",
        "stocktake",
        ["workshop_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('open', 'counted')"),
        postgresql_where=sa.text("state IN ('open', 'counted')"),
    )

    op.create_table(
        "workshop_downtime",
        sa.Column("id", ID, nullable=False),
        sa.Column("workshop_id", ID, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("begun_by_id", ID, nullable=False),
        sa.Column("ended_by_id", ID, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_workshop_downtime_ends_after_start")),
        sa.ForeignKeyConstraint(["begun_by_id"], ["user.id"], name=op.f("fk_workshop_downtime_begun_by_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["user.id"], name=op.f("fk_workshop_downtime_ended_by_id")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshop.id"], name=op.f("fk_workshop_downtime_workshop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshop_downtime")),
    )
    op.create_index(op.f("ix_workshop_downtime_workshop_id"), "workshop_downtime", ["workshop_id"], unique=False)
    op.create_index(
        "uq_workshop_downtime_open",
        "workshop_downtime",
        ["workshop_id"],
        unique=True,
        sqlite_where=sa.text("ends_on IS NULL"),
        postgresql_where=sa.text("ends_on IS NULL"),
    )

    op.create_table(
        "equipment_request",
        sa.Column("id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("province_id", ID, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "received",
                "sent",
                "arrived",
                "returned",
                "repaired",
                "broken",
                "consumed",
                "written_off",
                "found",
                "lost",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("working", sa.Integer(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("document_id", ID, nullable=True),
        sa.Column("stocktake_id", ID, nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "approved",
                "rejected",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("asked_by_id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", ID, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(length=300), nullable=True),
        sa.CheckConstraint(SIGNS, name=op.f("ck_equipment_request_signs")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user.id"], name=op.f("fk_equipment_request_asked_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_equipment_request_decided_by_id")),
        sa.ForeignKeyConstraint(["document_id"], ["stored_file.id"], name=op.f("fk_equipment_request_document_id")),
        sa.ForeignKeyConstraint(["item_id"], ["equipment_item.id"], name=op.f("fk_equipment_request_item_id")),
        sa.ForeignKeyConstraint(["province_id"], ["province.id"], name=op.f("fk_equipment_request_province_id")),
        sa.ForeignKeyConstraint(["stocktake_id"], ["stocktake.id"], name=op.f("fk_equipment_request_stocktake_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_equipment_request_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equipment_request")),
    )
    op.create_index(op.f("ix_equipment_request_item_id"), "equipment_request", ["item_id"], unique=False)
    op.create_index("ix_equipment_request_province", "equipment_request", ["province_id", "state", "id"], unique=False)
    op.create_index("ix_equipment_request_unit", "equipment_request", ["unit_id", "state", "id"], unique=False)

    op.create_table(
        "equipment_transfer",
        sa.Column("id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("to_item_id", ID, nullable=True),
        sa.Column("from_workshop_id", ID, nullable=False),
        sa.Column("to_workshop_id", ID, nullable=False),
        sa.Column("from_unit_id", ID, nullable=False),
        sa.Column("to_unit_id", ID, nullable=False),
        sa.Column("province_id", ID, nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("working", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "sent",
                "received",
                "returned",
                "refused",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("document_id", ID, nullable=True),
        sa.Column("asked_by_id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", ID, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(length=300), nullable=True),
        sa.Column("settled_by_id", ID, nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.CheckConstraint("from_workshop_id <> to_workshop_id", name=op.f("ck_equipment_transfer_two_workshops")),
        sa.CheckConstraint(
            "pieces > 0 AND working BETWEEN 0 AND pieces", name=op.f("ck_equipment_transfer_pieces_positive")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user.id"], name=op.f("fk_equipment_transfer_asked_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_equipment_transfer_decided_by_id")),
        sa.ForeignKeyConstraint(["document_id"], ["stored_file.id"], name=op.f("fk_equipment_transfer_document_id")),
        sa.ForeignKeyConstraint(["from_unit_id"], ["unit.id"], name=op.f("fk_equipment_transfer_from_unit_id")),
        sa.ForeignKeyConstraint(
            ["from_workshop_id"], ["workshop.id"], name=op.f("fk_equipment_transfer_from_workshop_id")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["equipment_item.id"], name=op.f("fk_equipment_transfer_item_id")),
        sa.ForeignKeyConstraint(["province_id"], ["province.id"], name=op.f("fk_equipment_transfer_province_id")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["user.id"], name=op.f("fk_equipment_transfer_settled_by_id")),
        sa.ForeignKeyConstraint(["to_item_id"], ["equipment_item.id"], name=op.f("fk_equipment_transfer_to_item_id")),
        sa.ForeignKeyConstraint(["to_unit_id"], ["unit.id"], name=op.f("fk_equipment_transfer_to_unit_id")),
        sa.ForeignKeyConstraint(["to_workshop_id"], ["workshop.id"], name=op.f("fk_equipment_transfer_to_workshop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equipment_transfer")),
    )
    op.create_index("ix_equipment_transfer_from", "equipment_transfer", ["from_unit_id", "state", "id"], unique=False)
    op.create_index(op.f("ix_equipment_transfer_item_id"), "equipment_transfer", ["item_id"], unique=False)
    op.create_index(
        "ix_equipment_transfer_province", "equipment_transfer", ["province_id", "state", "id"], unique=False
    )
    op.create_index("ix_equipment_transfer_to", "equipment_transfer", ["to_unit_id", "state", "id"], unique=False)

    op.create_table(
        "service_record",
        sa.Column("id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "service",
                "repair",
                "inspection",
                "calibration",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("done_by", sa.String(length=120), nullable=False),
        sa.Column("cost_rials", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("document_id", ID, nullable=True),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cost_rials >= 0", name=op.f("ck_service_record_cost_not_negative")),
        sa.ForeignKeyConstraint(["document_id"], ["stored_file.id"], name=op.f("fk_service_record_document_id")),
        sa.ForeignKeyConstraint(["item_id"], ["equipment_item.id"], name=op.f("fk_service_record_item_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_service_record_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_record")),
    )
    op.create_index(op.f("ix_service_record_item_id"), "service_record", ["item_id"], unique=False)

    op.create_table(
        "stocktake_count",
        sa.Column("id", ID, nullable=False),
        sa.Column("stocktake_id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("count_key", sa.String(length=36), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("serviceable", sa.Integer(), nullable=False),
        sa.Column("book_quantity", sa.Integer(), nullable=False),
        sa.Column("book_serviceable", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("counted_by_id", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "serviceable BETWEEN 0 AND quantity", name=op.f("ck_stocktake_count_serviceable_in_quantity")
        ),
        sa.ForeignKeyConstraint(["counted_by_id"], ["user.id"], name=op.f("fk_stocktake_count_counted_by_id")),
        sa.ForeignKeyConstraint(["item_id"], ["equipment_item.id"], name=op.f("fk_stocktake_count_item_id")),
        sa.ForeignKeyConstraint(["stocktake_id"], ["stocktake.id"], name=op.f("fk_stocktake_count_stocktake_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stocktake_count")),
        sa.UniqueConstraint("count_key", name=op.f("uq_stocktake_count_count_key")),
    )
    op.create_index("ix_stocktake_count_item", "stocktake_count", ["stocktake_id", "item_id", "id"], unique=False)

    op.create_table(
        "equipment_movement",
        sa.Column("id", ID, nullable=False),
        sa.Column("item_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("province_id", ID, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "received",
                "sent",
                "arrived",
                "returned",
                "repaired",
                "broken",
                "consumed",
                "written_off",
                "found",
                "lost",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("working", sa.Integer(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("document_id", ID, nullable=True),
        sa.Column("transfer_id", ID, nullable=True),
        sa.Column("stocktake_id", ID, nullable=True),
        sa.Column("request_id", ID, nullable=True),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(SIGNS, name=op.f("ck_equipment_movement_signs")),
        sa.ForeignKeyConstraint(["document_id"], ["stored_file.id"], name=op.f("fk_equipment_movement_document_id")),
        sa.ForeignKeyConstraint(["item_id"], ["equipment_item.id"], name=op.f("fk_equipment_movement_item_id")),
        sa.ForeignKeyConstraint(["province_id"], ["province.id"], name=op.f("fk_equipment_movement_province_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["equipment_request.id"], name=op.f("fk_equipment_movement_request_id")
        ),
        sa.ForeignKeyConstraint(["stocktake_id"], ["stocktake.id"], name=op.f("fk_equipment_movement_stocktake_id")),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["equipment_transfer.id"], name=op.f("fk_equipment_movement_transfer_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_equipment_movement_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_equipment_movement_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equipment_movement")),
        sa.UniqueConstraint("request_id", name=op.f("uq_equipment_movement_request_id")),
    )
    op.create_index("ix_equipment_movement_item", "equipment_movement", ["item_id", "id"], unique=False)
    op.create_index(op.f("ix_equipment_movement_stocktake_id"), "equipment_movement", ["stocktake_id"], unique=False)
    op.create_index(op.f("ix_equipment_movement_transfer_id"), "equipment_movement", ["transfer_id"], unique=False)
    op.create_index("ix_equipment_movement_unit", "equipment_movement", ["unit_id", "at"], unique=False)

    for table in ("equipment_movement", "stocktake_count", "service_record"):
        guards.install_table(op.get_bind(), table)
    _open_books()


def downgrade() -> None:
    op.drop_index("ix_equipment_movement_unit", table_name="equipment_movement")
    op.drop_index(op.f("ix_equipment_movement_transfer_id"), table_name="equipment_movement")
    op.drop_index(op.f("ix_equipment_movement_stocktake_id"), table_name="equipment_movement")
    op.drop_index("ix_equipment_movement_item", table_name="equipment_movement")

    op.drop_table("equipment_movement")
    op.drop_index("ix_stocktake_count_item", table_name="stocktake_count")

    op.drop_table("stocktake_count")
    op.drop_index(op.f("ix_service_record_item_id"), table_name="service_record")

    op.drop_table("service_record")
    op.drop_index("ix_equipment_transfer_to", table_name="equipment_transfer")
    op.drop_index("ix_equipment_transfer_province", table_name="equipment_transfer")
    op.drop_index(op.f("ix_equipment_transfer_item_id"), table_name="equipment_transfer")
    op.drop_index("ix_equipment_transfer_from", table_name="equipment_transfer")

    op.drop_table("equipment_transfer")
    op.drop_index("ix_equipment_request_unit", table_name="equipment_request")
    op.drop_index("ix_equipment_request_province", table_name="equipment_request")
    op.drop_index(op.f("ix_equipment_request_item_id"), table_name="equipment_request")

    op.drop_table("equipment_request")
    op.drop_index("uq_workshop_downtime_open", table_name="workshop_downtime")
    op.drop_index(op.f("ix_workshop_downtime_workshop_id"), table_name="workshop_downtime")

    op.drop_table("workshop_downtime")
    op.drop_index("uq_stocktake_open", table_name="stocktake")
    op.drop_index("ix_stocktake_unit", table_name="stocktake")

    op.drop_table("stocktake")

    with op.batch_alter_table("workshop") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_workshop_responsible_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("ck_workshop_area_positive"), type_="check")
        batch_op.drop_column("version")
        batch_op.drop_column("responsible_id")
        batch_op.drop_column("shifts")
        batch_op.drop_column("has_protective_gear")
        batch_op.drop_column("has_ventilation")
        batch_op.drop_column("has_gas")
        batch_op.drop_column("has_water")
        batch_op.drop_column("has_power")
        batch_op.drop_column("area_m2")

    with op.batch_alter_table("place") as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_place_unit_id_code"), type_="unique")
        batch_op.drop_constraint(batch_op.f("ck_place_capacity_positive"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_place_area_positive"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_place_point_is_whole"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_place_area"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_place_ownership"), type_="check")
        batch_op.drop_column("version")
        batch_op.drop_column("safety_checked_on")
        batch_op.drop_column("contract_no")
        batch_op.drop_column("capacity")
        batch_op.drop_column("ownership")
        batch_op.drop_column("area_m2")
        batch_op.drop_column("phone")
        batch_op.drop_column("longitude")
        batch_op.drop_column("latitude")
        batch_op.drop_column("area")
        batch_op.drop_column("village")
        batch_op.drop_column("district")
        batch_op.drop_column("code")

    with op.batch_alter_table("equipment_item") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_equipment_item_unit_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("ck_equipment_item_price_not_negative"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_equipment_item_service_every_positive"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_equipment_item_source"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_equipment_item_condition"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_equipment_item_province_id"), type_="foreignkey")
        batch_op.drop_index("ix_equipment_item_unit")
        batch_op.drop_index("ix_equipment_item_province")
        batch_op.drop_index("ix_equipment_item_next_service")
        batch_op.drop_index(batch_op.f("ix_equipment_item_asset_tag"))
        batch_op.drop_column("created_at")
        batch_op.drop_column("version")
        batch_op.drop_column("is_active")
        batch_op.drop_column("note")
        batch_op.drop_column("next_service_on")
        batch_op.drop_column("last_service_on")
        batch_op.drop_column("service_every_days")
        batch_op.drop_column("condition")
        batch_op.drop_column("price_rials")
        batch_op.drop_column("source")
        batch_op.drop_column("acquired_on")
        batch_op.drop_column("asset_tag")
        batch_op.drop_column("serial")
        batch_op.drop_column("model")
        batch_op.drop_column("name_sort")
        batch_op.drop_column("province_id")
        batch_op.drop_column("unit_id")
