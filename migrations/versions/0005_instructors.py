"""The files of instructors and who verified them, licenses of academies, attendance."""

import sqlalchemy as sa
from alembic import op

from tables import guards

revision = "0005"
down_revision = "0004"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
GUARDED = ("instructor_event", "record_event", "license_event", "license_visit", "attendance_mark")


def _fill_instructors() -> None:
    """Their province is their unit's; who teaches no longer stopped on a day that nobody wrote down, so on this one."""
    op.execute(
        "UPDATE instructor SET version = 1, created_at = CURRENT_TIMESTAMP, "
        "province_id = (SELECT unit.province_id FROM unit WHERE unit.id = instructor.unit_id)"
    )
    op.execute("UPDATE instructor SET ended_on = CURRENT_DATE WHERE NOT is_active")


def upgrade() -> None:
    with op.batch_alter_table("instructor") as batch_op:
        batch_op.add_column(sa.Column("province_id", ID, nullable=True))
        batch_op.add_column(sa.Column("started_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("ended_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("end_reason", sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("created_at", sa.DateTime(timezone=True), nullable=True))
    _fill_instructors()
    with op.batch_alter_table("instructor") as batch_op:
        for column, kind in (
            ("province_id", ID),
            ("version", sa.Integer()),
            ("created_at", sa.DateTime(timezone=True)),
        ):
            batch_op.alter_column(column, existing_type=kind, nullable=False)
        batch_op.create_foreign_key(batch_op.f("fk_instructor_province_id"), "province", ["province_id"], ["id"])
        batch_op.create_check_constraint(batch_op.f("ck_instructor_ended_has_day"), "is_active OR ended_on IS NOT NULL")
        batch_op.create_index("ix_instructor_province", ["province_id", "is_active", "id"], unique=False)

    op.create_table(
        "instructor_profile",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("birth_place", sa.String(length=80), nullable=True),
        sa.Column(
            "marital",
            sa.Enum("single", "married", name="marital", native_enum=False, create_constraint=True, length=24),
            nullable=True,
        ),
        sa.Column(
            "military",
            sa.Enum(
                "done",
                "exempt",
                "serving",
                "not_subject",
                name="military",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("email", sa.String(length=120), nullable=True),
        sa.Column("postal_code", sa.String(length=10), nullable=True),
        sa.Column("address", sa.String(length=300), nullable=True),
        sa.Column("work_permit_no", sa.String(length=30), nullable=True),
        sa.Column("work_permit_until", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_instructor_profile_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instructor_profile")),
        sa.UniqueConstraint("person_id", name=op.f("uq_instructor_profile_person_id")),
    )
    op.create_table(
        "instructor_rule",
        sa.Column("id", ID, nullable=False),
        sa.Column("standard_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "min_degree",
            sa.Enum(
                "cycle",
                "diploma",
                "associate",
                "bachelor",
                "master",
                "doctorate",
                name="min_degree",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("study_fields", sa.String(length=500), nullable=False),
        sa.Column("experience_years", sa.Integer(), nullable=False),
        sa.Column("retraining_hours", sa.Integer(), nullable=False),
        sa.Column("retraining_years", sa.Integer(), nullable=False),
        sa.Column("needs_certificate", sa.Boolean(), nullable=False),
        sa.Column("needs_card", sa.Boolean(), nullable=False),
        sa.CheckConstraint("experience_years BETWEEN 0 AND 40", name=op.f("ck_instructor_rule_experience_years")),
        sa.CheckConstraint(
            "retraining_hours = 0 OR retraining_years > 0", name=op.f("ck_instructor_rule_retraining_has_years")
        ),
        sa.CheckConstraint("retraining_hours BETWEEN 0 AND 2000", name=op.f("ck_instructor_rule_retraining_hours")),
        sa.ForeignKeyConstraint(["standard_id"], ["skill_standard.id"], name=op.f("fk_instructor_rule_standard_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instructor_rule")),
        sa.UniqueConstraint("standard_id", "position", name=op.f("uq_instructor_rule_standard_id_position")),
    )
    op.create_table(
        "instructor_record",
        sa.Column("id", ID, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "employment",
                "education",
                "retraining",
                "experience",
                "card",
                "certificate",
                "ruling",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("province_id", ID, nullable=False),
        sa.Column("replaces_id", ID, nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "at_center",
                "at_province",
                "verified",
                "rejected",
                "replaced",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.Column("decision", sa.String(length=300), nullable=True),
        sa.Column("entered_by_id", ID, nullable=True),
        sa.Column("center_by_id", ID, nullable=True),
        sa.Column("decided_by_id", ID, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("center_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state <> 'rejected' OR decision IS NOT NULL", name=op.f("ck_instructor_record_rejected_has_reason")
        ),
        sa.CheckConstraint(
            "state <> 'verified' OR decided_at IS NOT NULL", name=op.f("ck_instructor_record_verified_has_time")
        ),
        sa.ForeignKeyConstraint(["center_by_id"], ["user.id"], name=op.f("fk_instructor_record_center_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_instructor_record_decided_by_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["user.id"], name=op.f("fk_instructor_record_entered_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_instructor_record_person_id")),
        sa.ForeignKeyConstraint(["province_id"], ["province.id"], name=op.f("fk_instructor_record_province_id")),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["instructor_record.id"], name=op.f("fk_instructor_record_replaces_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_instructor_record_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instructor_record")),
    )
    with op.batch_alter_table("instructor_record") as batch_op:
        batch_op.create_index("ix_instructor_record_person", ["person_id", "kind", "id"], unique=False)
        batch_op.create_index("ix_instructor_record_province", ["province_id", "state", "sent_at", "id"], unique=False)
        batch_op.create_index("ix_instructor_record_unit", ["unit_id", "state", "sent_at", "id"], unique=False)
        batch_op.create_index(
            "uq_instructor_record_replaces",
            ["replaces_id"],
            unique=True,
            sqlite_where=sa.text(
                "replaces_id IS NOT NULL AND state IN ('draft', 'at_center', 'at_province', 'verified')"
            ),
            postgresql_where=sa.text(
                "replaces_id IS NOT NULL AND state IN ('draft', 'at_center', 'at_province', 'verified')"
            ),
        )

    op.create_table(
        "license",
        sa.Column("id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("province_id", ID, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column(
            "founder_kind",
            sa.Enum("person", "legal", name="founder_kind", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("founder_person_id", ID, nullable=True),
        sa.Column("founder_legal_id", sa.String(length=11), nullable=True),
        sa.Column("founder_title", sa.String(length=200), nullable=True),
        sa.Column("manager_id", ID, nullable=False),
        sa.Column(
            "grade",
            sa.Enum("a", "b", "c", "d", name="grade", native_enum=False, create_constraint=True, length=24),
            nullable=True,
        ),
        sa.Column(
            "gender",
            sa.Enum("female", "male", "mixed", name="gender", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("police_approved_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "waiting",
                "rejected",
                "valid",
                "suspended",
                "revoked",
                "replaced",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("decision", sa.String(length=300), nullable=True),
        sa.Column("entered_by_id", ID, nullable=True),
        sa.Column("decided_by_id", ID, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(founder_kind = 'person' AND founder_person_id IS NOT NULL AND founder_legal_id IS NULL) OR (founder_kind = 'legal' AND founder_legal_id IS NOT NULL AND founder_title IS NOT NULL AND founder_person_id IS NULL)",
            name=op.f("ck_license_founder"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('rejected', 'suspended', 'revoked') OR decision IS NOT NULL",
            name=op.f("ck_license_refused_has_reason"),
        ),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_license_capacity_positive")),
        sa.CheckConstraint("expires_on >= issued_on", name=op.f("ck_license_dates_in_order")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_license_decided_by_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["user.id"], name=op.f("fk_license_entered_by_id")),
        sa.ForeignKeyConstraint(["founder_person_id"], ["person.id"], name=op.f("fk_license_founder_person_id")),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_license_manager_id")),
        sa.ForeignKeyConstraint(["province_id"], ["province.id"], name=op.f("fk_license_province_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_license_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_license")),
    )
    with op.batch_alter_table("license") as batch_op:
        batch_op.create_index("ix_license_expires", ["state", "expires_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_license_founder_person_id"), ["founder_person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_license_manager_id"), ["manager_id"], unique=False)
        batch_op.create_index("ix_license_province", ["province_id", "state", "expires_on"], unique=False)
        batch_op.create_index("ix_license_unit", ["unit_id", "id"], unique=False)
        batch_op.create_index(
            "uq_license_counts",
            ["unit_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('valid', 'suspended')"),
            postgresql_where=sa.text("state IN ('valid', 'suspended')"),
        )
        batch_op.create_index(
            "uq_license_number",
            ["number"],
            unique=True,
            sqlite_where=sa.text("state IN ('valid', 'suspended')"),
            postgresql_where=sa.text("state IN ('valid', 'suspended')"),
        )

    op.create_table(
        "competence_ruling",
        sa.Column("id", ID, nullable=False),
        sa.Column("standard_id", ID, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("ruled_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint("valid_until >= ruled_on", name=op.f("ck_competence_ruling_dates_in_order")),
        sa.ForeignKeyConstraint(["id"], ["instructor_record.id"], name=op.f("fk_competence_ruling_id")),
        sa.ForeignKeyConstraint(["standard_id"], ["skill_standard.id"], name=op.f("fk_competence_ruling_standard_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competence_ruling")),
    )
    with op.batch_alter_table("competence_ruling") as batch_op:
        batch_op.create_index(batch_op.f("ix_competence_ruling_standard_id"), ["standard_id"], unique=False)

    op.create_table(
        "education_record",
        sa.Column("id", ID, nullable=False),
        sa.Column(
            "degree",
            sa.Enum(
                "cycle",
                "diploma",
                "associate",
                "bachelor",
                "master",
                "doctorate",
                name="degree",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("study_field", sa.String(length=200), nullable=False),
        sa.Column("study_key", sa.String(length=200), nullable=False),
        sa.Column("university", sa.String(length=120), nullable=True),
        sa.Column("graduated_on", sa.Date(), nullable=False),
        sa.Column("gpa_hundredths", sa.Integer(), nullable=True),
        sa.CheckConstraint("gpa_hundredths BETWEEN 0 AND 2000", name=op.f("ck_education_record_gpa_of_20")),
        sa.ForeignKeyConstraint(["id"], ["instructor_record.id"], name=op.f("fk_education_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_education_record")),
    )
    op.create_table(
        "employment_record",
        sa.Column("id", ID, nullable=False),
        sa.Column(
            "employment",
            sa.Enum(
                "official",
                "contractual",
                "fixed_term",
                "company",
                "hourly",
                "soldier",
                "academy",
                name="employment",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("employer", sa.String(length=200), nullable=False),
        sa.Column("personnel_no", sa.String(length=20), nullable=True),
        sa.Column("post", sa.String(length=120), nullable=True),
        sa.Column("hired_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("morning_hours", sa.Integer(), nullable=False),
        sa.Column("evening_hours", sa.Integer(), nullable=False),
        sa.CheckConstraint("ended_on >= hired_on", name=op.f("ck_employment_record_dates_in_order")),
        sa.CheckConstraint(
            "morning_hours BETWEEN 0 AND 60 AND evening_hours BETWEEN 0 AND 60",
            name=op.f("ck_employment_record_hours_of_a_week"),
        ),
        sa.ForeignKeyConstraint(["id"], ["instructor_record.id"], name=op.f("fk_employment_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employment_record")),
    )
    op.create_table(
        "experience_record",
        sa.Column("id", ID, nullable=False),
        sa.Column(
            "experience",
            sa.Enum("teaching", "trade", name="experience", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("field_id", ID, nullable=False),
        sa.Column("workplace", sa.String(length=200), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.CheckConstraint("ended_on >= started_on", name=op.f("ck_experience_record_dates_in_order")),
        sa.ForeignKeyConstraint(["field_id"], ["trade_field.id"], name=op.f("fk_experience_record_field_id")),
        sa.ForeignKeyConstraint(["id"], ["instructor_record.id"], name=op.f("fk_experience_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experience_record")),
    )
    with op.batch_alter_table("experience_record") as batch_op:
        batch_op.create_index(batch_op.f("ix_experience_record_field_id"), ["field_id"], unique=False)

    op.create_table(
        "instructor_card",
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.CheckConstraint("expires_on >= issued_on", name=op.f("ck_instructor_card_dates_in_order")),
        sa.ForeignKeyConstraint(["id"], ["instructor_record.id"], name=op.f("fk_instructor_card_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instructor_card")),
    )
    op.create_table(
        "instructor_event",
        sa.Column("id", ID, nullable=False),
        sa.Column("instructor_id", ID, nullable=False),
        sa.Column("actor_id", ID, nullable=True),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_instructor_event_actor_id")),
        sa.ForeignKeyConstraint(["instructor_id"], ["instructor.id"], name=op.f("fk_instructor_event_instructor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instructor_event")),
    )
    with op.batch_alter_table("instructor_event") as batch_op:
        batch_op.create_index(batch_op.f("ix_instructor_event_instructor_id"), ["instructor_id"], unique=False)

    op.create_table(
        "instructor_move",
        sa.Column("id", ID, nullable=False),
        sa.Column("instructor_id", ID, nullable=False),
        sa.Column("from_unit_id", ID, nullable=False),
        sa.Column("to_unit_id", ID, nullable=False),
        sa.Column("province_id", ID, nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "accepted",
                "refused",
                "withdrawn",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("decision", sa.String(length=300), nullable=True),
        sa.Column("asked_by_id", ID, nullable=False),
        sa.Column("decided_by_id", ID, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("from_unit_id <> to_unit_id", name=op.f("ck_instructor_move_to_another_unit")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user.id"], name=op.f("fk_instructor_move_asked_by_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_instructor_move_decided_by_id")),
        sa.ForeignKeyConstraint(["from_unit_id"], ["unit.id"], name=op.f("fk_instructor_move_from_unit_id")),
        sa.ForeignKeyConstraint(["instructor_id"], ["instructor.id"], name=op.f("fk_instructor_move_instructor_id")),
        sa.ForeignKeyConstraint(["province_id"], ["province.id"], name=op.f("fk_instructor_move_province_id")),
        sa.ForeignKeyConstraint(["to_unit_id"], ["unit.id"], name=op.f("fk_instructor_move_to_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instructor_move")),
    )
    with op.batch_alter_table("instructor_move") as batch_op:
        batch_op.create_index(batch_op.f("ix_instructor_move_instructor_id"), ["instructor_id"], unique=False)
        batch_op.create_index("ix_instructor_move_to", ["to_unit_id", "state", "id"], unique=False)
        batch_op.create_index(
            "uq_instructor_move_waiting",
            ["instructor_id"],
            unique=True,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.create_table(
        "license_event",
        sa.Column("id", ID, nullable=False),
        sa.Column("license_id", ID, nullable=False),
        sa.Column("actor_id", ID, nullable=True),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_license_event_actor_id")),
        sa.ForeignKeyConstraint(["license_id"], ["license.id"], name=op.f("fk_license_event_license_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_license_event")),
    )
    with op.batch_alter_table("license_event") as batch_op:
        batch_op.create_index(batch_op.f("ix_license_event_license_id"), ["license_id"], unique=False)

    op.create_table(
        "license_trade",
        sa.Column("id", ID, nullable=False),
        sa.Column("license_id", ID, nullable=False),
        sa.Column("field_id", ID, nullable=True),
        sa.Column("standard_id", ID, nullable=True),
        sa.CheckConstraint(
            "(field_id IS NULL) <> (standard_id IS NULL)", name=op.f("ck_license_trade_field_or_standard")
        ),
        sa.ForeignKeyConstraint(["field_id"], ["trade_field.id"], name=op.f("fk_license_trade_field_id")),
        sa.ForeignKeyConstraint(["license_id"], ["license.id"], name=op.f("fk_license_trade_license_id")),
        sa.ForeignKeyConstraint(["standard_id"], ["skill_standard.id"], name=op.f("fk_license_trade_standard_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_license_trade")),
        sa.UniqueConstraint("license_id", "field_id", name=op.f("uq_license_trade_license_id_field_id")),
        sa.UniqueConstraint("license_id", "standard_id", name=op.f("uq_license_trade_license_id_standard_id")),
    )
    with op.batch_alter_table("license_trade") as batch_op:
        batch_op.create_index(batch_op.f("ix_license_trade_field_id"), ["field_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_license_trade_standard_id"), ["standard_id"], unique=False)

    op.create_table(
        "license_visit",
        sa.Column("id", ID, nullable=False),
        sa.Column("license_id", ID, nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "environment",
                "equipment",
                "operation",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum(
                "passed", "conditional", "failed", name="outcome", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("visitor", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_license_visit_actor_id")),
        sa.ForeignKeyConstraint(["license_id"], ["license.id"], name=op.f("fk_license_visit_license_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_license_visit")),
    )
    with op.batch_alter_table("license_visit") as batch_op:
        batch_op.create_index(batch_op.f("ix_license_visit_license_id"), ["license_id"], unique=False)

    op.create_table(
        "record_event",
        sa.Column("id", ID, nullable=False),
        sa.Column("record_id", ID, nullable=False),
        sa.Column("actor_id", ID, nullable=True),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_record_event_actor_id")),
        sa.ForeignKeyConstraint(["record_id"], ["instructor_record.id"], name=op.f("fk_record_event_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_event")),
    )
    with op.batch_alter_table("record_event") as batch_op:
        batch_op.create_index(batch_op.f("ix_record_event_record_id"), ["record_id"], unique=False)

    op.create_table(
        "retraining_record",
        sa.Column("id", ID, nullable=False),
        sa.Column("standard_id", ID, nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("provider", sa.String(length=200), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("certificate_no", sa.String(length=40), nullable=True),
        sa.CheckConstraint("ended_on >= started_on", name=op.f("ck_retraining_record_dates_in_order")),
        sa.CheckConstraint("hours > 0", name=op.f("ck_retraining_record_hours_positive")),
        sa.ForeignKeyConstraint(["id"], ["instructor_record.id"], name=op.f("fk_retraining_record_id")),
        sa.ForeignKeyConstraint(["standard_id"], ["skill_standard.id"], name=op.f("fk_retraining_record_standard_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retraining_record")),
    )
    with op.batch_alter_table("retraining_record") as batch_op:
        batch_op.create_index("ix_retraining_record_certificate_no", ["certificate_no"], unique=False)
        batch_op.create_index(batch_op.f("ix_retraining_record_standard_id"), ["standard_id"], unique=False)

    op.create_table(
        "skill_certificate",
        sa.Column("id", ID, nullable=False),
        sa.Column("standard_id", ID, nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["instructor_record.id"], name=op.f("fk_skill_certificate_id")),
        sa.ForeignKeyConstraint(["standard_id"], ["skill_standard.id"], name=op.f("fk_skill_certificate_standard_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill_certificate")),
    )
    with op.batch_alter_table("skill_certificate") as batch_op:
        batch_op.create_index(batch_op.f("ix_skill_certificate_standard_id"), ["standard_id"], unique=False)

    op.create_table(
        "attendance",
        sa.Column("id", ID, nullable=False),
        sa.Column("session_id", ID, nullable=False),
        sa.Column("enrollment_id", ID, nullable=False),
        sa.Column("course_id", ID, nullable=False),
        sa.Column(
            "presence",
            sa.Enum(
                "present",
                "late",
                "absent",
                "excused",
                name="presence",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("marked_by_id", ID, nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_attendance_course_id")),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollment.id"], name=op.f("fk_attendance_enrollment_id")),
        sa.ForeignKeyConstraint(["marked_by_id"], ["user.id"], name=op.f("fk_attendance_marked_by_id")),
        sa.ForeignKeyConstraint(["session_id"], ["course_session.id"], name=op.f("fk_attendance_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint("session_id", "enrollment_id", name=op.f("uq_attendance_session_id_enrollment_id")),
    )
    with op.batch_alter_table("attendance") as batch_op:
        batch_op.create_index(batch_op.f("ix_attendance_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attendance_enrollment_id"), ["enrollment_id"], unique=False)

    op.create_table(
        "attendance_mark",
        sa.Column("id", ID, nullable=False),
        sa.Column("mark_key", sa.String(length=36), nullable=False),
        sa.Column("session_id", ID, nullable=False),
        sa.Column("enrollment_id", ID, nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column(
            "presence",
            sa.Enum(
                "present",
                "late",
                "absent",
                "excused",
                name="presence",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_attendance_mark_actor_id")),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollment.id"], name=op.f("fk_attendance_mark_enrollment_id")),
        sa.ForeignKeyConstraint(["session_id"], ["course_session.id"], name=op.f("fk_attendance_mark_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_mark")),
        sa.UniqueConstraint("mark_key", name=op.f("uq_attendance_mark_mark_key")),
    )
    with op.batch_alter_table("attendance_mark") as batch_op:
        batch_op.create_index(batch_op.f("ix_attendance_mark_session_id"), ["session_id"], unique=False)

    connection = op.get_bind()
    for table in GUARDED:
        guards.install_table(connection, table)


def downgrade() -> None:
    with op.batch_alter_table("attendance_mark") as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendance_mark_session_id"))

    op.drop_table("attendance_mark")
    with op.batch_alter_table("attendance") as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendance_enrollment_id"))
        batch_op.drop_index(batch_op.f("ix_attendance_course_id"))

    op.drop_table("attendance")
    with op.batch_alter_table("skill_certificate") as batch_op:
        batch_op.drop_index(batch_op.f("ix_skill_certificate_standard_id"))

    op.drop_table("skill_certificate")
    with op.batch_alter_table("retraining_record") as batch_op:
        batch_op.drop_index(batch_op.f("ix_retraining_record_standard_id"))
        batch_op.drop_index("ix_retraining_record_certificate_no")

    op.drop_table("retraining_record")
    with op.batch_alter_table("record_event") as batch_op:
        batch_op.drop_index(batch_op.f("ix_record_event_record_id"))

    op.drop_table("record_event")
    with op.batch_alter_table("license_visit") as batch_op:
        batch_op.drop_index(batch_op.f("ix_license_visit_license_id"))

    op.drop_table("license_visit")
    with op.batch_alter_table("license_trade") as batch_op:
        batch_op.drop_index(batch_op.f("ix_license_trade_standard_id"))
        batch_op.drop_index(batch_op.f("ix_license_trade_field_id"))

    op.drop_table("license_trade")
    with op.batch_alter_table("license_event") as batch_op:
        batch_op.drop_index(batch_op.f("ix_license_event_license_id"))

    op.drop_table("license_event")
    with op.batch_alter_table("instructor_move") as batch_op:
        batch_op.drop_index(
            "uq_instructor_move_waiting",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index("ix_instructor_move_to")
        batch_op.drop_index(batch_op.f("ix_instructor_move_instructor_id"))

    op.drop_table("instructor_move")
    with op.batch_alter_table("instructor_event") as batch_op:
        batch_op.drop_index(batch_op.f("ix_instructor_event_instructor_id"))

    op.drop_table("instructor_event")
    op.drop_table("instructor_card")
    with op.batch_alter_table("experience_record") as batch_op:
        batch_op.drop_index(batch_op.f("ix_experience_record_field_id"))

    op.drop_table("experience_record")
    op.drop_table("employment_record")
    op.drop_table("education_record")
    with op.batch_alter_table("competence_ruling") as batch_op:
        batch_op.drop_index(batch_op.f("ix_competence_ruling_standard_id"))

    op.drop_table("competence_ruling")
    with op.batch_alter_table("license") as batch_op:
        batch_op.drop_index(
            "uq_license_number",
            sqlite_where=sa.text("state NOT IN ('draft', 'rejected')"),
            postgresql_where=sa.text("state NOT IN ('draft', 'rejected')"),
        )
        batch_op.drop_index(
            "uq_license_counts",
            sqlite_where=sa.text("state IN ('valid', 'suspended')"),
            postgresql_where=sa.text("state IN ('valid', 'suspended')"),
        )
        batch_op.drop_index("ix_license_unit")
        batch_op.drop_index("ix_license_province")
        batch_op.drop_index(batch_op.f("ix_license_manager_id"))
        batch_op.drop_index(batch_op.f("ix_license_founder_person_id"))
        batch_op.drop_index("ix_license_expires")

    op.drop_table("license")
    with op.batch_alter_table("instructor_record") as batch_op:
        batch_op.drop_index(
            "uq_instructor_record_replaces",
            sqlite_where=sa.text(
                "replaces_id IS NOT NULL AND state IN ('draft', 'at_center', 'at_province', 'verified')"
            ),
            postgresql_where=sa.text(
                "replaces_id IS NOT NULL AND state IN ('draft', 'at_center', 'at_province', 'verified')"
            ),
        )
        batch_op.drop_index("ix_instructor_record_unit")
        batch_op.drop_index("ix_instructor_record_province")
        batch_op.drop_index("ix_instructor_record_person")

    op.drop_table("instructor_record")
    op.drop_table("instructor_rule")
    op.drop_table("instructor_profile")

    with op.batch_alter_table("instructor") as batch_op:
        batch_op.drop_index("ix_instructor_province")
        batch_op.drop_constraint(batch_op.f("ck_instructor_ended_has_day"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_instructor_province_id"), type_="foreignkey")
        for column in ("created_at", "version", "end_reason", "ended_on", "started_on", "province_id"):
            batch_op.drop_column(column)
