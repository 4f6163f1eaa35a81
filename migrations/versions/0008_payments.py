"""Payments at banks, money put right by two people, objections, the banks' own books, and tariffs by more keys."""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from tables import guards

revision = "0008"
down_revision = "0007"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NEW_GUARDED = ("payment", "payment_event", "day_closing")
# What the tariffs of before say about the new keys: any of them.
ANY = {"delivery": "*", "target_group": "*", "decile": "0", "version": "1"}
TARIFF_KEY = ("fee_kind", "unit_kind", "delivery", "target_group", "decile")


def _change_ledger(change: Callable[[BatchOperations], None]) -> None:
    """SQLite builds the table anew: the view must not look at it meanwhile, and its triggers go with the old one."""
    op.execute("DROP VIEW ledger_entry")
    with op.batch_alter_table("ledger_transfer") as batch_op:
        change(batch_op)
    _name_debits()
    if op.get_bind().dialect.name == "sqlite":
        guards.install_table(op.get_bind(), "ledger_transfer")
    guards.install_entry_view(op.get_bind())


def _name_debits() -> None:
    """A refund of before is of the one debit of its enrollment; what else stands in a row stays as it is."""
    if "opposes_id" not in {column["name"] for column in sa.inspect(op.get_bind()).get_columns("ledger_transfer")}:
        return
    is_guarded = op.get_bind().dialect.name == "postgresql"
    if is_guarded:
        op.execute("ALTER TABLE ledger_transfer DISABLE TRIGGER ledger_transfer_no_change")
    op.execute(
        "UPDATE ledger_transfer SET opposes_id = (SELECT min(d.id) FROM ledger_transfer d WHERE d.kind = 'debit' "
        "AND d.enrollment_id = ledger_transfer.enrollment_id) WHERE kind = 'refund' AND opposes_id IS NULL"
    )
    if is_guarded:
        op.execute("ALTER TABLE ledger_transfer ENABLE TRIGGER ledger_transfer_no_change")


def _widen_ledger(batch_op: BatchOperations) -> None:
    for name, table in (("payment_line_id", "payment_line"), ("opposes_id", "ledger_transfer")):
        batch_op.add_column(sa.Column(name, ID, nullable=True))
        batch_op.create_index(batch_op.f(f"ix_ledger_transfer_{name}"), [name], unique=False)
        batch_op.create_foreign_key(batch_op.f(f"fk_ledger_transfer_{name}"), table, [name], ["id"])
    for side in ("from", "to"):
        batch_op.drop_index(batch_op.f(f"ix_ledger_transfer_{side}_account_id"))
        batch_op.create_index(f"ix_ledger_transfer_{side}", [f"{side}_account_id", "id"], unique=False)


def _narrow_ledger(batch_op: BatchOperations) -> None:
    for side in ("from", "to"):
        batch_op.drop_index(f"ix_ledger_transfer_{side}")
        batch_op.create_index(batch_op.f(f"ix_ledger_transfer_{side}_account_id"), [f"{side}_account_id"], unique=False)
    for name in ("opposes_id", "payment_line_id"):
        batch_op.drop_constraint(batch_op.f(f"fk_ledger_transfer_{name}"), type_="foreignkey")
        batch_op.drop_index(batch_op.f(f"ix_ledger_transfer_{name}"))
        batch_op.drop_column(name)


def upgrade() -> None:
    op.create_table(
        "answer_count",
        sa.Column("id", ID, nullable=False),
        sa.Column("bucket", sa.String(length=64), nullable=False),
        sa.Column("slot", sa.String(length=20), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_count")),
        sa.UniqueConstraint("bucket", "slot", name=op.f("uq_answer_count_bucket_slot")),
    )
    with op.batch_alter_table("answer_count") as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_count_slot"), ["slot"], unique=False)

    op.create_table(
        "day_closing",
        sa.Column("id", ID, nullable=False),
        sa.Column("closing_key", sa.String(length=40), nullable=False),
        sa.Column("gateway", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("closed_by_id", ID, nullable=False),
        sa.Column("our_count", sa.Integer(), nullable=False),
        sa.Column("our_rials", sa.BigInteger(), nullable=False),
        sa.Column("bank_count", sa.Integer(), nullable=False),
        sa.Column("bank_rials", sa.BigInteger(), nullable=False),
        sa.Column("explained", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["closed_by_id"], ["user.id"], name=op.f("fk_day_closing_closed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_closing")),
        sa.UniqueConstraint("closing_key", name=op.f("uq_day_closing_closing_key")),
    )
    op.create_table(
        "income_decile",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("recorded_by_id", ID, nullable=True),
        sa.Column("decile", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("decile BETWEEN 1 AND 10", name=op.f("ck_income_decile_decile")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_income_decile_person_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user.id"], name=op.f("fk_income_decile_recorded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_income_decile")),
        sa.UniqueConstraint("person_id", "valid_from", name=op.f("uq_income_decile_person_id_valid_from")),
    )
    op.create_table(
        "reconciliation_file",
        sa.Column("id", ID, nullable=False),
        sa.Column("uploaded_by_id", ID, nullable=False),
        sa.Column("gateway", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("total_rials", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["user.id"], name=op.f("fk_reconciliation_file_uploaded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_file")),
        sa.UniqueConstraint("sha256", name=op.f("uq_reconciliation_file_sha256")),
    )
    with op.batch_alter_table("reconciliation_file") as batch_op:
        batch_op.create_index("ix_reconciliation_file_day", ["gateway", "day"], unique=False)

    op.create_table(
        "basket",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("unit_id", ID, nullable=True),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("return_path", sa.String(length=120), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_basket_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_basket_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_basket_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_basket")),
        sa.UniqueConstraint("key", name=op.f("uq_basket_key")),
    )
    with op.batch_alter_table("basket") as batch_op:
        batch_op.create_index(batch_op.f("ix_basket_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_basket_user_id"), ["user_id"], unique=False)

    op.create_table(
        "payment",
        sa.Column("id", ID, nullable=False),
        sa.Column("basket_id", ID, nullable=True),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("unit_id", ID, nullable=True),
        sa.Column("order_number", sa.BigInteger(), nullable=False),
        sa.Column("receipt_key", sa.String(length=32), nullable=False),
        sa.Column("form_key", sa.String(length=48), nullable=False),
        sa.Column("gateway", sa.String(length=20), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "created",
                "token_ok",
                "redirected",
                "returned",
                "verified",
                "failed",
                "expired",
                "reversed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("token", sa.String(length=200), nullable=True),
        sa.Column("reference", sa.String(length=80), nullable=True),
        sa.Column("trace", sa.String(length=40), nullable=True),
        sa.Column("card", sa.String(length=24), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("redirected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ask_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('verified', 'failed', 'expired', 'reversed')) = (settled_at IS NOT NULL)",
            name=op.f("ck_payment_settled_has_time"),
        ),
        sa.CheckConstraint(
            "state <> 'verified' OR reference IS NOT NULL", name=op.f("ck_payment_verified_has_reference")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_amount_positive")),
        sa.ForeignKeyConstraint(["basket_id"], ["basket.id"], name=op.f("fk_payment_basket_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_payment_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_payment_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_payment_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("form_key", name=op.f("uq_payment_form_key")),
        sa.UniqueConstraint("gateway", "reference", name=op.f("uq_payment_gateway_reference")),
        sa.UniqueConstraint("gateway", "token", name=op.f("uq_payment_gateway_token")),
        sa.UniqueConstraint("order_number", name=op.f("uq_payment_order_number")),
        sa.UniqueConstraint("receipt_key", name=op.f("uq_payment_receipt_key")),
    )
    with op.batch_alter_table("payment") as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_basket_id"), ["basket_id"], unique=False)
        batch_op.create_index("ix_payment_gateway", ["gateway", "settled_at", "id"], unique=False)
        batch_op.create_index(
            "ix_payment_open",
            ["created_at", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('created', 'token_ok', 'redirected', 'returned')"),
            postgresql_where=sa.text("state IN ('created', 'token_ok', 'redirected', 'returned')"),
        )
        batch_op.create_index("ix_payment_person", ["person_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index("ix_payment_user", ["user_id", "id"], unique=False)

    op.create_table(
        "payment_event",
        sa.Column("id", ID, nullable=False),
        sa.Column("payment_id", ID, nullable=False),
        sa.Column("actor_id", ID, nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_payment_event_actor_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_payment_event_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_event")),
    )
    with op.batch_alter_table("payment_event") as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_event_payment_id"), ["payment_id"], unique=False)

    op.create_table(
        "payment_line",
        sa.Column("id", ID, nullable=False),
        sa.Column("payment_id", ID, nullable=False),
        sa.Column(
            "owner_kind",
            sa.Enum(
                "national",
                "foreign",
                "unit",
                "system",
                name="owner_kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("owner_code", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("was_known", sa.Boolean(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_line_amount_positive")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_payment_line_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_line")),
        sa.UniqueConstraint(
            "payment_id", "owner_kind", "owner_code", name=op.f("uq_payment_line_payment_id_owner_kind_owner_code")
        ),
    )
    with op.batch_alter_table("payment_line") as batch_op:
        batch_op.create_index("ix_payment_line_owner", ["owner_kind", "owner_code", "id"], unique=False)

    op.create_table(
        "reconciliation_row",
        sa.Column("id", ID, nullable=False),
        sa.Column("file_id", ID, nullable=False),
        sa.Column("payment_id", ID, nullable=True),
        sa.Column("settled_by_id", ID, nullable=True),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "matched",
                "amount_differs",
                "not_credited",
                "unknown_here",
                "missing_there",
                "twice",
                "another_day",
                "unreadable",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("order_number", sa.BigInteger(), nullable=True),
        sa.Column("reference", sa.String(length=80), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (settled_by_id IS NULL)", name=op.f("ck_reconciliation_row_settled_by_somebody")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["reconciliation_file.id"], name=op.f("fk_reconciliation_row_file_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_reconciliation_row_payment_id")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["user.id"], name=op.f("fk_reconciliation_row_settled_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_row")),
    )
    with op.batch_alter_table("reconciliation_row") as batch_op:
        batch_op.create_index("ix_reconciliation_row_outcome", ["file_id", "outcome", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reconciliation_row_payment_id"), ["payment_id"], unique=False)

    op.create_table(
        "credit_case",
        sa.Column("id", ID, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("move", "correction", name="kind", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "seconded",
                "done",
                "refused",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("province_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=True),
        sa.Column("transfer_id", ID, nullable=False),
        sa.Column("from_account_id", ID, nullable=False),
        sa.Column("to_account_id", ID, nullable=False),
        sa.Column("asked_by_id", ID, nullable=True),
        sa.Column("asked_by_person_id", ID, nullable=True),
        sa.Column("first_by_id", ID, nullable=True),
        sa.Column("second_by_id", ID, nullable=True),
        sa.Column("refused_by_id", ID, nullable=True),
        sa.Column("document_id", ID, nullable=True),
        sa.Column("done_transfer_id", ID, nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("first_note", sa.String(length=500), nullable=True),
        sa.Column("refusal", sa.String(length=500), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'done') = (done_transfer_id IS NOT NULL)", name=op.f("ck_credit_case_done_has_transfer")
        ),
        sa.CheckConstraint(
            "kind <> 'correction' OR document_id IS NOT NULL", name=op.f("ck_credit_case_correction_has_document")
        ),
        sa.CheckConstraint("state <> 'refused' OR refusal IS NOT NULL", name=op.f("ck_credit_case_refused_has_reason")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_credit_case_amount_positive")),
        sa.CheckConstraint("asked_by_id <> second_by_id", name=op.f("ck_credit_case_asker_is_not_second")),
        sa.CheckConstraint(
            "asked_by_id IS NOT NULL OR asked_by_person_id IS NOT NULL", name=op.f("ck_credit_case_has_asker")
        ),
        sa.CheckConstraint("first_by_id <> second_by_id", name=op.f("ck_credit_case_two_people")),
        sa.CheckConstraint("from_account_id <> to_account_id", name=op.f("ck_credit_case_two_purses")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user.id"], name=op.f("fk_credit_case_asked_by_id")),
        sa.ForeignKeyConstraint(["asked_by_person_id"], ["person.id"], name=op.f("fk_credit_case_asked_by_person_id")),
        sa.ForeignKeyConstraint(["document_id"], ["stored_file.id"], name=op.f("fk_credit_case_document_id")),
        sa.ForeignKeyConstraint(
            ["done_transfer_id"], ["ledger_transfer.id"], name=op.f("fk_credit_case_done_transfer_id")
        ),
        sa.ForeignKeyConstraint(["first_by_id"], ["user.id"], name=op.f("fk_credit_case_first_by_id")),
        sa.ForeignKeyConstraint(["from_account_id"], ["account.id"], name=op.f("fk_credit_case_from_account_id")),
        sa.ForeignKeyConstraint(["province_id"], ["province.id"], name=op.f("fk_credit_case_province_id")),
        sa.ForeignKeyConstraint(["refused_by_id"], ["user.id"], name=op.f("fk_credit_case_refused_by_id")),
        sa.ForeignKeyConstraint(["second_by_id"], ["user.id"], name=op.f("fk_credit_case_second_by_id")),
        sa.ForeignKeyConstraint(["to_account_id"], ["account.id"], name=op.f("fk_credit_case_to_account_id")),
        sa.ForeignKeyConstraint(["transfer_id"], ["ledger_transfer.id"], name=op.f("fk_credit_case_transfer_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_credit_case_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_case")),
    )
    with op.batch_alter_table("credit_case") as batch_op:
        batch_op.create_index(batch_op.f("ix_credit_case_asked_by_id"), ["asked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_case_asked_by_person_id"), ["asked_by_person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_case_done_transfer_id"), ["done_transfer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_case_from_account_id"), ["from_account_id"], unique=False)
        batch_op.create_index("ix_credit_case_province", ["province_id", "state", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_case_to_account_id"), ["to_account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_case_transfer_id"), ["transfer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_case_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(
            "uq_credit_case_open",
            ["transfer_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('asked', 'seconded')"),
            postgresql_where=sa.text("state IN ('asked', 'seconded')"),
        )

    op.create_table(
        "debit_objection",
        sa.Column("id", ID, nullable=False),
        sa.Column("transfer_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("answered_by_id", ID, nullable=True),
        sa.Column(
            "state",
            sa.Enum("open", "accepted", "declined", name="state", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("answer", sa.String(length=500), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'open') = (answered_at IS NULL)", name=op.f("ck_debit_objection_answered_has_time")
        ),
        sa.CheckConstraint("state = 'open' OR answer IS NOT NULL", name=op.f("ck_debit_objection_answered_has_answer")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["user.id"], name=op.f("fk_debit_objection_answered_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_debit_objection_person_id")),
        sa.ForeignKeyConstraint(["transfer_id"], ["ledger_transfer.id"], name=op.f("fk_debit_objection_transfer_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_debit_objection_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debit_objection")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_debit_objection_transfer_id")),
    )
    with op.batch_alter_table("debit_objection") as batch_op:
        batch_op.create_index(batch_op.f("ix_debit_objection_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_debit_objection_unit", ["unit_id", "state", "id"], unique=False)

    _change_ledger(_widen_ledger)
    with op.batch_alter_table("tariff") as batch_op:
        for name, kind in (("delivery", sa.String(20)), ("target_group", sa.String(20))):
            batch_op.add_column(sa.Column(name, kind, nullable=False, server_default=ANY[name]))
        batch_op.add_column(sa.Column("decile", sa.SmallInteger(), nullable=False, server_default=ANY["decile"]))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default=ANY["version"]))
        batch_op.drop_constraint(batch_op.f("uq_tariff_fee_kind_unit_kind_valid_from"), type_="unique")
        batch_op.create_unique_constraint("uq_tariff_row", [*TARIFF_KEY, "valid_from"])
        batch_op.create_check_constraint(batch_op.f("ck_tariff_decile"), "decile BETWEEN 0 AND 10")
        in_order = "valid_to IS NULL OR valid_to >= valid_from"
        batch_op.create_check_constraint(batch_op.f("ck_tariff_dates_in_order"), in_order)
    with op.batch_alter_table("tariff") as batch_op:
        for name in ANY:
            batch_op.alter_column(name, server_default=None)
    for table in NEW_GUARDED:
        guards.install_table(op.get_bind(), table)


def downgrade() -> None:
    with op.batch_alter_table("tariff") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_tariff_dates_in_order"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_tariff_decile"), type_="check")
        batch_op.drop_constraint("uq_tariff_row", type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_tariff_fee_kind_unit_kind_valid_from"), ["fee_kind", "unit_kind", "valid_from"]
        )
        for name in ANY:
            batch_op.drop_column(name)
    _change_ledger(_narrow_ledger)
    with op.batch_alter_table("debit_objection") as batch_op:
        batch_op.drop_index("ix_debit_objection_unit")
        batch_op.drop_index(batch_op.f("ix_debit_objection_person_id"))

    op.drop_table("debit_objection")
    with op.batch_alter_table("credit_case") as batch_op:
        batch_op.drop_index(
            "uq_credit_case_open",
            sqlite_where=sa.text("state IN ('asked', 'seconded')"),
            postgresql_where=sa.text("state IN ('asked', 'seconded')"),
        )
        batch_op.drop_index(batch_op.f("ix_credit_case_unit_id"))
        batch_op.drop_index(batch_op.f("ix_credit_case_transfer_id"))
        batch_op.drop_index(batch_op.f("ix_credit_case_to_account_id"))
        batch_op.drop_index("ix_credit_case_province")
        batch_op.drop_index(batch_op.f("ix_credit_case_from_account_id"))
        batch_op.drop_index(batch_op.f("ix_credit_case_done_transfer_id"))
        batch_op.drop_index(batch_op.f("ix_credit_case_asked_by_person_id"))
        batch_op.drop_index(batch_op.f("ix_credit_case_asked_by_id"))

    op.drop_table("credit_case")
    with op.batch_alter_table("reconciliation_row") as batch_op:
        batch_op.drop_index(batch_op.f("ix_reconciliation_row_payment_id"))
        batch_op.drop_index("ix_reconciliation_row_outcome")

    op.drop_table("reconciliation_row")
    with op.batch_alter_table("payment_line") as batch_op:
        batch_op.drop_index("ix_payment_line_owner")

    op.drop_table("payment_line")
    with op.batch_alter_table("payment_event") as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_event_payment_id"))

    op.drop_table("payment_event")
    with op.batch_alter_table("payment") as batch_op:
        batch_op.drop_index("ix_payment_user")
        batch_op.drop_index(batch_op.f("ix_payment_unit_id"))
        batch_op.drop_index("ix_payment_person")
        batch_op.drop_index(
            "ix_payment_open",
            sqlite_where=sa.text("state IN ('created', 'token_ok', 'redirected', 'returned')"),
            postgresql_where=sa.text("state IN ('created', 'token_ok', 'redirected', 'returned')"),
        )
        batch_op.drop_index("ix_payment_gateway")
        batch_op.drop_index(batch_op.f("ix_payment_basket_id"))

    op.drop_table("payment")
    with op.batch_alter_table("basket") as batch_op:
        batch_op.drop_index(batch_op.f("ix_basket_user_id"))
        batch_op.drop_index(batch_op.f("ix_basket_person_id"))

    op.drop_table("basket")
    with op.batch_alter_table("reconciliation_file") as batch_op:
        batch_op.drop_index("ix_reconciliation_file_day")

    op.drop_table("reconciliation_file")
    op.drop_table("income_decile")
    op.drop_table("day_closing")
    with op.batch_alter_table("answer_count") as batch_op:
        batch_op.drop_index(batch_op.f("ix_answer_count_slot"))

    op.drop_table("answer_count")
