"""Waiting lines, lists of many, rules set aside, portraits, printed papers, and what enrollments say of their end."""

import sqlalchemy as sa
from alembic import op

from tables import guards

revision = "0009"
down_revision = "0008"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NEW_CHECKS = {
    "in_person_has_level": "(in_person_reason IS NULL) = (in_person_level IS NULL)",
    "completion_has_date": "(completion IS NULL) = (completed_at IS NULL)",
    "only_ended_has_cause": "end_cause IS NULL OR status = 'canceled'",
}
REPORTED = (("in_person", "in_person_reason"), ("grouped", "target_group_id"))
SEATS = "taken >= 0 AND (capacity_max IS NULL OR taken <= capacity_max)"
SEATS_AND_OFFERS = "taken >= 0 AND held >= 0 AND (capacity_max IS NULL OR taken + held <= capacity_max)"


def upgrade() -> None:
    op.create_table(
        "mobile_code",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mobile_code_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mobile_code")),
        sa.UniqueConstraint("key", name=op.f("uq_mobile_code_key")),
    )
    with op.batch_alter_table("mobile_code") as batch_op:
        batch_op.create_index(batch_op.f("ix_mobile_code_person_id"), ["person_id"], unique=False)

    op.create_table(
        "counter_contract",
        sa.Column("id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("office_code", sa.String(length=20), nullable=False),
        sa.Column("contract_no", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("may_enroll", sa.Boolean(), nullable=False),
        sa.Column("may_top_up", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_counter_contract_dates_in_order")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_counter_contract_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counter_contract")),
        sa.UniqueConstraint("unit_id", "contract_no", name=op.f("uq_counter_contract_unit_id_contract_no")),
    )
    op.create_table(
        "person_photo",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("file_id", ID, nullable=True),
        sa.Column("unit_id", ID, nullable=True),
        sa.Column("province_id", ID, nullable=True),
        sa.Column("cut", sa.JSON(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "accepted",
                "rejected",
                "replaced",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("decided_by_id", ID, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state <> 'rejected' OR reason IS NOT NULL", name=op.f("ck_person_photo_rejected_has_reason")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_person_photo_decided_by_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_person_photo_file_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_photo_person_id")),
        sa.ForeignKeyConstraint(["province_id"], ["province.id"], name=op.f("fk_person_photo_province_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_person_photo_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_photo")),
    )
    with op.batch_alter_table("person_photo") as batch_op:
        batch_op.create_index(batch_op.f("ix_person_photo_file_id"), ["file_id"], unique=False)
        batch_op.create_index("ix_person_photo_person", ["person_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_photo_province_id"), ["province_id"], unique=False)
        batch_op.create_index(
            "ix_person_photo_queue",
            ["unit_id", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index(
            "uq_person_photo_accepted",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("state = 'accepted'"),
            postgresql_where=sa.text("state = 'accepted'"),
        )
        batch_op.create_index(
            "uq_person_photo_waiting",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.create_table(
        "eligibility_waiver",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("course_id", ID, nullable=False),
        sa.Column("rule", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("granted_by_id", ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_eligibility_waiver_course_id")),
        sa.ForeignKeyConstraint(["granted_by_id"], ["user.id"], name=op.f("fk_eligibility_waiver_granted_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_eligibility_waiver_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibility_waiver")),
        sa.UniqueConstraint(
            "person_id", "course_id", "rule", name=op.f("uq_eligibility_waiver_person_id_course_id_rule")
        ),
    )
    with op.batch_alter_table("eligibility_waiver") as batch_op:
        batch_op.create_index(batch_op.f("ix_eligibility_waiver_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_eligibility_waiver_granted_by_id"), ["granted_by_id"], unique=False)

    op.create_table(
        "enrollment_list",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("province_id", ID, nullable=False),
        sa.Column("course_id", ID, nullable=False),
        sa.Column("created_by_id", ID, nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=True),
        sa.Column(
            "debit_source",
            sa.Enum(
                "portal_user",
                "trainee",
                "none",
                name="debit_source",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column(
            "state",
            sa.Enum("open", "done", "put_aside", name="state", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_enrollment_list_course_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name=op.f("fk_enrollment_list_created_by_id")),
        sa.ForeignKeyConstraint(["province_id"], ["province.id"], name=op.f("fk_enrollment_list_province_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_enrollment_list_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrollment_list")),
        sa.UniqueConstraint("key", name=op.f("uq_enrollment_list_key")),
    )
    with op.batch_alter_table("enrollment_list") as batch_op:
        batch_op.create_index(batch_op.f("ix_enrollment_list_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrollment_list_created_by_id"), ["created_by_id"], unique=False)
        batch_op.create_index("ix_enrollment_list_unit", ["unit_id", "id"], unique=False)

    op.create_table(
        "enrollment_list_row",
        sa.Column("id", ID, nullable=False),
        sa.Column("list_id", ID, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("form_key", sa.String(length=36), nullable=False),
        sa.Column("typed", sa.String(length=40), nullable=False),
        sa.Column("national_code", sa.String(length=10), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("draft_id", ID, nullable=True),
        sa.Column("enrollment_id", ID, nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "enrolled",
                "refused",
                "unreadable",
                "left_out",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("problem", sa.String(length=400), nullable=True),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state <> 'enrolled' OR enrollment_id IS NOT NULL",
            name=op.f("ck_enrollment_list_row_enrolled_has_enrollment"),
        ),
        sa.ForeignKeyConstraint(["draft_id"], ["enrollment_draft.id"], name=op.f("fk_enrollment_list_row_draft_id")),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name=op.f("fk_enrollment_list_row_enrollment_id")
        ),
        sa.ForeignKeyConstraint(["list_id"], ["enrollment_list.id"], name=op.f("fk_enrollment_list_row_list_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_enrollment_list_row_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrollment_list_row")),
        sa.UniqueConstraint("form_key", name=op.f("uq_enrollment_list_row_form_key")),
        sa.UniqueConstraint("list_id", "line", name=op.f("uq_enrollment_list_row_list_id_line")),
    )
    with op.batch_alter_table("enrollment_list_row") as batch_op:
        batch_op.create_index(batch_op.f("ix_enrollment_list_row_draft_id"), ["draft_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrollment_list_row_enrollment_id"), ["enrollment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrollment_list_row_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_enrollment_list_row_person",
            ["list_id", "national_code"],
            unique=True,
            sqlite_where=sa.text("national_code IS NOT NULL"),
            postgresql_where=sa.text("national_code IS NOT NULL"),
        )

    op.create_table(
        "slip_print",
        sa.Column("id", ID, nullable=False),
        sa.Column("enrollment_id", ID, nullable=False),
        sa.Column(
            "paper",
            sa.Enum("slip", "receipt", name="paper", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("user_id", ID, nullable=True),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollment.id"], name=op.f("fk_slip_print_enrollment_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_slip_print_person_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_slip_print_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slip_print")),
    )
    with op.batch_alter_table("slip_print") as batch_op:
        batch_op.create_index(batch_op.f("ix_slip_print_enrollment_id"), ["enrollment_id"], unique=False)

    op.create_table(
        "waitlist_entry",
        sa.Column("id", ID, nullable=False),
        sa.Column("form_key", sa.String(length=36), nullable=False),
        sa.Column("course_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("province_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "offered",
                "taken",
                "expired",
                "left",
                "closed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "channel",
            sa.Enum("self", "clerk", "counter", name="channel", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("joined_by_id", ID, nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ahead_reason", sa.String(length=300), nullable=True),
        sa.Column("ahead_by_id", ID, nullable=True),
        sa.Column("enrollment_id", ID, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state <> 'offered' OR offer_until IS NOT NULL", name=op.f("ck_waitlist_entry_offer_has_end")
        ),
        sa.CheckConstraint(
            "state <> 'taken' OR enrollment_id IS NOT NULL", name=op.f("ck_waitlist_entry_taken_has_enrollment")
        ),
        sa.CheckConstraint(
            "(ahead_reason IS NULL) = (ahead_by_id IS NULL)", name=op.f("ck_waitlist_entry_ahead_has_reason")
        ),
        sa.ForeignKeyConstraint(["ahead_by_id"], ["user.id"], name=op.f("fk_waitlist_entry_ahead_by_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_waitlist_entry_course_id")),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollment.id"], name=op.f("fk_waitlist_entry_enrollment_id")),
        sa.ForeignKeyConstraint(["joined_by_id"], ["user.id"], name=op.f("fk_waitlist_entry_joined_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_waitlist_entry_person_id")),
        sa.ForeignKeyConstraint(["province_id"], ["province.id"], name=op.f("fk_waitlist_entry_province_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_waitlist_entry_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_entry")),
        sa.UniqueConstraint("form_key", name=op.f("uq_waitlist_entry_form_key")),
    )
    with op.batch_alter_table("waitlist_entry") as batch_op:
        batch_op.create_index("ix_waitlist_entry_course", ["course_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_waitlist_entry_enrollment_id"), ["enrollment_id"], unique=False)
        batch_op.create_index(
            "ix_waitlist_entry_line",
            ["course_id", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index(
            "ix_waitlist_entry_offers",
            ["offer_until"],
            unique=False,
            sqlite_where=sa.text("state = 'offered'"),
            postgresql_where=sa.text("state = 'offered'"),
        )
        batch_op.create_index("ix_waitlist_entry_person", ["person_id", "id"], unique=False)
        batch_op.create_index(
            "uq_waitlist_entry_standing",
            ["course_id", "person_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('waiting', 'offered')"),
            postgresql_where=sa.text("state IN ('waiting', 'offered')"),
        )

    with op.batch_alter_table("course") as batch_op:
        batch_op.add_column(sa.Column("held", sa.Integer(), nullable=False, server_default="0"))
        batch_op.drop_constraint(batch_op.f("ck_course_taken_in_capacity"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_course_taken_in_capacity"), SEATS_AND_OFFERS)

    with op.batch_alter_table("enrollment") as batch_op:
        batch_op.add_column(
            sa.Column(
                "end_cause",
                sa.Enum(
                    "undo",
                    "withdraw",
                    "objection",
                    "center",
                    "no_show",
                    "course_canceled",
                    "moved",
                    name="end_cause",
                    native_enum=False,
                    create_constraint=True,
                    length=24,
                ),
                nullable=True,
            )
        )
        batch_op.add_column(
            sa.Column(
                "in_person_reason",
                sa.Enum(
                    "identity",
                    "documents",
                    "no_infrastructure",
                    "other",
                    name="in_person_reason",
                    native_enum=False,
                    create_constraint=True,
                    length=24,
                ),
                nullable=True,
            )
        )
        batch_op.add_column(
            sa.Column(
                "in_person_level",
                sa.Enum(
                    "national",
                    "provincial",
                    "county",
                    name="in_person_level",
                    native_enum=False,
                    create_constraint=True,
                    length=24,
                ),
                nullable=True,
            )
        )
        batch_op.add_column(
            sa.Column(
                "completion",
                sa.Enum(
                    "completed", "incomplete", name="completion", native_enum=False, create_constraint=True, length=24
                ),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("completed_by_id", ID, nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_enrollment_completed_by_id"), "user", ["completed_by_id"], ["id"])
        for name, condition in NEW_CHECKS.items():
            batch_op.create_check_constraint(batch_op.f(f"ck_enrollment_{name}"), condition)
        for name, column in REPORTED:
            there = sa.text(f"{column} IS NOT NULL")
            batch_op.create_index(f"ix_enrollment_{name}", ["created_at"], sqlite_where=there, postgresql_where=there)

    with op.batch_alter_table("enrollment_draft") as batch_op:
        batch_op.add_column(sa.Column("foreign_code", sa.String(length=12), nullable=True))

    with op.batch_alter_table("person") as batch_op:
        batch_op.add_column(
            sa.Column(
                "schooling",
                sa.Enum(
                    "none",
                    "literate",
                    "primary",
                    "cycle",
                    "diploma",
                    "associate",
                    "bachelor",
                    "master",
                    "doctorate",
                    name="schooling",
                    native_enum=False,
                    create_constraint=True,
                    length=24,
                ),
                nullable=True,
            )
        )

    with op.batch_alter_table("ledger_transfer") as batch_op:
        batch_op.create_index("ix_ledger_transfer_at", ["at"], unique=False)

    with op.batch_alter_table("target_group") as batch_op:
        batch_op.add_column(sa.Column("is_literacy_waived", sa.Boolean(), nullable=False, server_default=sa.false()))

    for table, column in (("course", "held"), ("target_group", "is_literacy_waived")):
        with op.batch_alter_table(table) as batch_op:
            batch_op.alter_column(column, server_default=None)
    guards.install_table(op.get_bind(), "slip_print")


def downgrade() -> None:
    with op.batch_alter_table("target_group") as batch_op:
        batch_op.drop_column("is_literacy_waived")

    with op.batch_alter_table("ledger_transfer") as batch_op:
        batch_op.drop_index("ix_ledger_transfer_at")

    with op.batch_alter_table("person") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_person_schooling"), type_="check")
        batch_op.drop_column("schooling")

    with op.batch_alter_table("enrollment_draft") as batch_op:
        batch_op.drop_column("foreign_code")

    with op.batch_alter_table("enrollment") as batch_op:
        for name, column in REPORTED:
            there = sa.text(f"{column} IS NOT NULL")
            batch_op.drop_index(f"ix_enrollment_{name}", sqlite_where=there, postgresql_where=there)
        batch_op.drop_constraint(batch_op.f("fk_enrollment_completed_by_id"), type_="foreignkey")
        for name in (*NEW_CHECKS, "completion", "in_person_level", "in_person_reason", "end_cause"):
            batch_op.drop_constraint(batch_op.f(f"ck_enrollment_{name}"), type_="check")
        batch_op.drop_column("completed_by_id")
        batch_op.drop_column("completed_at")
        batch_op.drop_column("completion")
        batch_op.drop_column("in_person_level")
        batch_op.drop_column("in_person_reason")
        batch_op.drop_column("end_cause")

    with op.batch_alter_table("course") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_course_taken_in_capacity"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_course_taken_in_capacity"), SEATS)
        batch_op.drop_column("held")

    with op.batch_alter_table("waitlist_entry") as batch_op:
        batch_op.drop_index(
            "uq_waitlist_entry_standing",
            sqlite_where=sa.text("state IN ('waiting', 'offered')"),
            postgresql_where=sa.text("state IN ('waiting', 'offered')"),
        )
        batch_op.drop_index("ix_waitlist_entry_person")
        batch_op.drop_index(
            "ix_waitlist_entry_offers",
            sqlite_where=sa.text("state = 'offered'"),
            postgresql_where=sa.text("state = 'offered'"),
        )
        batch_op.drop_index(
            "ix_waitlist_entry_line",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index(batch_op.f("ix_waitlist_entry_enrollment_id"))
        batch_op.drop_index("ix_waitlist_entry_course")

    op.drop_table("waitlist_entry")
    with op.batch_alter_table("slip_print") as batch_op:
        batch_op.drop_index(batch_op.f("ix_slip_print_enrollment_id"))

    op.drop_table("slip_print")
    with op.batch_alter_table("enrollment_list_row") as batch_op:
        batch_op.drop_index(
            "uq_enrollment_list_row_person",
            sqlite_where=sa.text("national_code IS NOT NULL"),
            postgresql_where=sa.text("national_code IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_enrollment_list_row_person_id"))
        batch_op.drop_index(batch_op.f("ix_enrollment_list_row_enrollment_id"))
        batch_op.drop_index(batch_op.f("ix_enrollment_list_row_draft_id"))

    op.drop_table("enrollment_list_row")
    with op.batch_alter_table("enrollment_list") as batch_op:
        batch_op.drop_index("ix_enrollment_list_unit")
        batch_op.drop_index(batch_op.f("ix_enrollment_list_created_by_id"))
        batch_op.drop_index(batch_op.f("ix_enrollment_list_course_id"))

    op.drop_table("enrollment_list")
    with op.batch_alter_table("eligibility_waiver") as batch_op:
        batch_op.drop_index(batch_op.f("ix_eligibility_waiver_granted_by_id"))
        batch_op.drop_index(batch_op.f("ix_eligibility_waiver_course_id"))

    op.drop_table("eligibility_waiver")
    with op.batch_alter_table("person_photo") as batch_op:
        batch_op.drop_index(
            "uq_person_photo_waiting",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index(
            "uq_person_photo_accepted",
            sqlite_where=sa.text("state = 'accepted'"),
            postgresql_where=sa.text("state = 'accepted'"),
        )
        batch_op.drop_index(
            "ix_person_photo_queue",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index(batch_op.f("ix_person_photo_province_id"))
        batch_op.drop_index("ix_person_photo_person")
        batch_op.drop_index(batch_op.f("ix_person_photo_file_id"))

    op.drop_table("person_photo")
    op.drop_table("counter_contract")
    with op.batch_alter_table("mobile_code") as batch_op:
        batch_op.drop_index(batch_op.f("ix_mobile_code_person_id"))

    op.drop_table("mobile_code")
