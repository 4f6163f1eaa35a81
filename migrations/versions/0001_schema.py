"""The first schema: people, units, catalog, courses, enrollment, credit, messages, audit."""

import sqlalchemy as sa
from alembic import op

from tables import guards

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
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
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("balance >= 0", name=op.f("ck_account_balance_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("owner_kind", "owner_code", name=op.f("uq_account_owner_kind_owner_code")),
    )
    op.create_table(
        "approval_route",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_kind", sa.String(length=20), nullable=False),
        sa.Column("setting", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("levels", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_route")),
        sa.UniqueConstraint(
            "unit_kind", "setting", "valid_from", name=op.f("uq_approval_route_unit_kind_setting_valid_from")
        ),
    )
    op.create_table(
        "cron_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cron_run")),
        sa.UniqueConstraint("name", "slot", name=op.f("uq_cron_run_name_slot")),
    )
    op.create_table(
        "holiday",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holiday")),
        sa.UniqueConstraint("scope", "on_date", name=op.f("uq_holiday_scope_on_date")),
    )
    op.create_table(
        "inquiry_count",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("system", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slot", sa.String(length=20), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry_count")),
        sa.UniqueConstraint("system", "actor_id", "slot", name=op.f("uq_inquiry_count_system_actor_id_slot")),
    )
    op.create_table(
        "outside_system",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column(
            "breaker",
            sa.Enum("closed", "open", name="breaker", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_ms", sa.Integer(), nullable=True),
        sa.Column("last_ok_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_failure_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("probe_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_system")),
        sa.UniqueConstraint("code", name=op.f("uq_outside_system_code")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("national_code", sa.String(length=10), nullable=True),
        sa.Column("foreign_code", sa.String(length=12), nullable=True),
        sa.Column("first_name", sa.String(length=80), nullable=True),
        sa.Column("last_name", sa.String(length=80), nullable=True),
        sa.Column("father_name", sa.String(length=80), nullable=True),
        sa.Column("name_key", sa.String(length=200), nullable=True),
        sa.Column("name_sort", sa.String(length=400), nullable=True),
        sa.Column(
            "gender",
            sa.Enum("female", "male", "mixed", name="gender", native_enum=False, create_constraint=True, length=24),
            nullable=True,
        ),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("shenasname_no", sa.String(length=12), nullable=True),
        sa.Column("is_alive", sa.Boolean(), nullable=False),
        sa.Column("mobile", sa.String(length=11), nullable=True),
        sa.Column(
            "mobile_status",
            sa.Enum(
                "none",
                "unchecked",
                "matched",
                "not_matched",
                name="mobile_status",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("mobile_checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "identity_status",
            sa.Enum(
                "pending",
                "verified",
                "discrepancy",
                "foreign_manual",
                name="identity_status",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("identity_note", sa.String(length=20), nullable=True),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "identity_status <> 'verified' OR last_name IS NOT NULL", name=op.f("ck_person_verified_has_name")
        ),
        sa.CheckConstraint(
            "mobile IS NOT NULL OR mobile_status = 'none'", name=op.f("ck_person_mobile_status_has_mobile")
        ),
        sa.CheckConstraint("(national_code IS NULL) <> (foreign_code IS NULL)", name=op.f("ck_person_one_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("foreign_code", name=op.f("uq_person_foreign_code")),
        sa.UniqueConstraint("national_code", name=op.f("uq_person_national_code")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_identity_status"), ["identity_status"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_mobile"), ["mobile"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_name_key"), ["name_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_name_sort"), ["name_sort"], unique=False)
        batch_op.create_index(
            "ix_person_unchecked",
            ["id"],
            unique=False,
            sqlite_where=sa.text("mobile_status = 'unchecked'"),
            postgresql_where=sa.text("mobile_status = 'unchecked'"),
        )

    op.create_table(
        "policy",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy")),
        sa.UniqueConstraint("name", "scope", "valid_from", name=op.f("uq_policy_name_scope_valid_from")),
    )
    op.create_table(
        "province",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_sort", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_province")),
        sa.UniqueConstraint("code", name=op.f("uq_province_code")),
    )
    op.create_table(
        "reason_text",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("body", sa.String(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reason_text")),
        sa.UniqueConstraint("code", name=op.f("uq_reason_text_code")),
    )
    op.create_table(
        "sign_in_throttle",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("bucket", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_throttle")),
        sa.UniqueConstraint("bucket", name=op.f("uq_sign_in_throttle_bucket")),
    )
    op.create_table(
        "target_group",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("is_mobile_exempt", sa.Boolean(), nullable=False),
        sa.Column("is_fee_exempt", sa.Boolean(), nullable=False),
        sa.Column("needs_evidence", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_group")),
        sa.UniqueConstraint("code", name=op.f("uq_target_group_code")),
    )
    op.create_table(
        "tariff",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fee_kind", sa.String(length=30), nullable=False),
        sa.Column("unit_kind", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("amount_rials", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_rials >= 0", name=op.f("ck_tariff_amount_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariff")),
        sa.UniqueConstraint(
            "fee_kind", "unit_kind", "valid_from", name=op.f("uq_tariff_fee_kind_unit_kind_valid_from")
        ),
    )
    op.create_table(
        "trade_field",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "level",
            sa.Enum("family", "cluster", "field", name="level", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_key", sa.String(length=200), nullable=False),
        sa.Column("title_sort", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["trade_field.id"], name=op.f("fk_trade_field_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trade_field")),
    )
    with op.batch_alter_table("trade_field", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trade_field_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "county",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("province_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_sort", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["province_id"], ["province.id"], name=op.f("fk_county_province_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_county")),
        sa.UniqueConstraint("code", name=op.f("uq_county_code")),
    )
    with op.batch_alter_table("county", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_county_province_id"), ["province_id"], unique=False)

    op.create_table(
        "inquiry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("registry", "shahkar", name="kind", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("request_id", sa.String(length=40), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "match",
                "no_match",
                "unknown",
                "error",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("subject_hash", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_inquiry_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry")),
    )
    with op.batch_alter_table("inquiry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inquiry_person_id"), ["person_id"], unique=False)

    op.create_table(
        "skill_standard",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("field_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("replaced_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("code", sa.String(length=15), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_key", sa.String(length=200), nullable=False),
        sa.Column("title_sort", sa.String(length=400), nullable=False),
        sa.Column("theory_minutes", sa.Integer(), nullable=False),
        sa.Column("practice_minutes", sa.Integer(), nullable=False),
        sa.Column("project_minutes", sa.Integer(), nullable=False),
        sa.Column("internship_minutes", sa.Integer(), nullable=False),
        sa.Column("min_education", sa.String(length=60), nullable=True),
        sa.Column("prerequisite", sa.String(length=200), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(code) = 15", name=op.f("ck_skill_standard_code_length")),
        sa.ForeignKeyConstraint(["field_id"], ["trade_field.id"], name=op.f("fk_skill_standard_field_id")),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"], ["skill_standard.id"], name=op.f("fk_skill_standard_replaced_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill_standard")),
        sa.UniqueConstraint("code", name=op.f("uq_skill_standard_code")),
    )
    with op.batch_alter_table("skill_standard", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_skill_standard_field_id"), ["field_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_skill_standard_title_sort"), ["title_sort"], unique=False)

    op.create_table(
        "user",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("password_epoch", sa.Integer(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_user_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("username", name=op.f("uq_user_username")),
    )
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_person_id"), ["person_id"], unique=False)

    op.create_table(
        "audit_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("actor_person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=30), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_audit_event_actor_id")),
        sa.ForeignKeyConstraint(["actor_person_id"], ["person.id"], name=op.f("fk_audit_event_actor_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_event_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index("ix_audit_event_subject", ["subject", "subject_id"], unique=False)

    op.create_table(
        "form_submission",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("location", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_form_submission_person_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_form_submission_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_submission")),
        sa.UniqueConstraint("key", name=op.f("uq_form_submission_key")),
    )
    op.create_table(
        "held_post",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_held_post_person_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_held_post_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_post")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_held_post_token_hash")),
    )
    with op.batch_alter_table("held_post", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_held_post_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_held_post_user_id"), ["user_id"], unique=False)

    op.create_table(
        "one_time_code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("issued_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code_hash", sa.String(length=200), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["issued_by_id"], ["user.id"], name=op.f("fk_one_time_code_issued_by_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_one_time_code_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_code")),
    )
    with op.batch_alter_table("one_time_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_one_time_code_user_id"), ["user_id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("topic", sa.String(length=30), nullable=False),
        sa.Column("ref_id", sa.BigInteger(), nullable=False),
        sa.Column("dedup_key", sa.String(length=80), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open", "done", "dead", "discarded", name="state", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("discard_reason", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_outbox_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("dedup_key", name=op.f("uq_outbox_dedup_key")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_dead",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'dead'"),
            postgresql_where=sa.text("state = 'dead'"),
        )
        batch_op.create_index(
            "ix_outbox_open",
            ["next_try_at", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index("ix_outbox_topic_ref", ["topic", "ref_id"], unique=False)

    op.create_table(
        "standard_requirement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("standard_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "item_group",
            sa.Enum(
                "capital",
                "tool",
                "consumable",
                "protective",
                name="item_group",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("item_name", sa.String(length=200), nullable=False),
        sa.Column("item_key", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("basis_n", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0 AND basis_n > 0", name=op.f("ck_standard_requirement_positive")),
        sa.ForeignKeyConstraint(
            ["standard_id"], ["skill_standard.id"], name=op.f("fk_standard_requirement_standard_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standard_requirement")),
    )
    with op.batch_alter_table("standard_requirement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_standard_requirement_standard_id"), ["standard_id"], unique=False)

    op.create_table(
        "unit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("province_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("county_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "hq",
                "directorate",
                "center",
                "academy",
                "counter",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_key", sa.String(length=200), nullable=False),
        sa.Column("title_sort", sa.String(length=400), nullable=False),
        sa.Column(
            "gender",
            sa.Enum("female", "male", "mixed", name="gender", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("address", sa.String(length=300), nullable=True),
        sa.Column("office_hours", sa.String(length=120), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("inactive_reason", sa.String(length=300), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind = 'hq' OR province_id IS NOT NULL", name=op.f("ck_unit_province_below_hq")),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_unit_county_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id")),
        sa.ForeignKeyConstraint(["province_id"], ["province.id"], name=op.f("fk_unit_province_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_county_id"), ["county_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_unit_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_unit_province_id"), ["province_id"], unique=False)

    op.create_table(
        "user_session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("staff", "trainee", name="kind", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("browser", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(user_id IS NULL) <> (person_id IS NULL)", name=op.f("ck_user_session_one_owner")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_user_session_person_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_user_session_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_session_token_hash")),
    )
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_session_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_user_session_user_id"), ["user_id"], unique=False)

    op.create_table(
        "discrepancy",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("province_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("ours", sa.JSON(), nullable=False),
        sa.Column("theirs", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "settled", name="state", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("chosen", sa.String(length=8), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("settled_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_discrepancy_person_id")),
        sa.ForeignKeyConstraint(["province_id"], ["province.id"], name=op.f("fk_discrepancy_province_id")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["user.id"], name=op.f("fk_discrepancy_settled_by_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_discrepancy_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discrepancy")),
    )
    with op.batch_alter_table("discrepancy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_discrepancy_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_discrepancy_province_id"), ["province_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_discrepancy_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(
            "ix_discrepancy_waiting",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "uq_discrepancy_open",
            ["person_id", "field"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "instructor",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_instructor_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_instructor_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instructor")),
        sa.UniqueConstraint("person_id", "unit_id", name=op.f("uq_instructor_person_id_unit_id")),
    )
    with op.batch_alter_table("instructor", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_instructor_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "place",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("province_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("county_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "building",
                "outside",
                "prison",
                "barracks",
                "village",
                "factory",
                "virtual",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=True),
        sa.Column("postal_code", sa.String(length=10), nullable=True),
        sa.Column(
            "gender",
            sa.Enum("female", "male", "mixed", name="gender", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_place_county_id")),
        sa.ForeignKeyConstraint(["province_id"], ["province.id"], name=op.f("fk_place_province_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_place_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
    )
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_place_province_id"), ["province_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_place_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "user_role",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "clerk",
                "manager",
                "counselor",
                "instructor",
                "counter",
                "reviewer",
                "planner",
                "director",
                "admin",
                "operator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("can_enroll_others", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_user_role_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_user_role_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_role")),
        sa.UniqueConstraint("user_id", "role", "unit_id", name=op.f("uq_user_role_user_id_role_unit_id")),
    )
    with op.batch_alter_table("user_role", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_role_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_user_role_user_id"), ["user_id"], unique=False)

    op.create_table(
        "instructor_field",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("instructor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("field_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["field_id"], ["trade_field.id"], name=op.f("fk_instructor_field_field_id")),
        sa.ForeignKeyConstraint(["instructor_id"], ["instructor.id"], name=op.f("fk_instructor_field_instructor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instructor_field")),
        sa.UniqueConstraint("instructor_id", "field_id", name=op.f("uq_instructor_field_instructor_id_field_id")),
    )
    with op.batch_alter_table("instructor_field", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_instructor_field_field_id"), ["field_id"], unique=False)

    op.create_table(
        "workshop",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("workstations", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("workstations > 0", name=op.f("ck_workshop_workstations_positive")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_workshop_place_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_workshop_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshop")),
    )
    with op.batch_alter_table("workshop", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_workshop_place_id"), ["place_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_workshop_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "course",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("province_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("county_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("standard_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("field_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("instructor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("target_group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("entered_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("standard_code", sa.String(length=15), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("search_key", sa.String(length=600), nullable=False),
        sa.Column("theory_minutes", sa.Integer(), nullable=False),
        sa.Column("practice_minutes", sa.Integer(), nullable=False),
        sa.Column("project_minutes", sa.Integer(), nullable=False),
        sa.Column("internship_minutes", sa.Integer(), nullable=False),
        sa.Column("min_education", sa.String(length=60), nullable=True),
        sa.Column(
            "setting",
            sa.Enum(
                "fixed",
                "branch",
                "mobile_urban",
                "mobile_rural",
                "mobile_nomadic",
                "prison",
                "barracks",
                "industry",
                "beside_workshop",
                "between_workshops",
                "workplace",
                "instructor_center",
                "academy",
                "institution",
                name="setting",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column(
            "delivery",
            sa.Enum(
                "in_person",
                "virtual",
                "electronic",
                "blended",
                name="delivery",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column(
            "shift",
            sa.Enum(
                "morning",
                "evening",
                "night",
                "full_day",
                name="shift",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column(
            "gender",
            sa.Enum("female", "male", "mixed", name="gender", native_enum=False, create_constraint=True, length=24),
            nullable=True,
        ),
        sa.Column("capacity_min", sa.Integer(), nullable=True),
        sa.Column("capacity_max", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("age_min", sa.Integer(), nullable=True),
        sa.Column("age_max", sa.Integer(), nullable=True),
        sa.Column("start_on", sa.Date(), nullable=True),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=True),
        sa.Column("end_time", sa.Time(), nullable=True),
        sa.Column("enroll_open_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("enroll_close_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tuition_rials", sa.BigInteger(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "center_review",
                "province_review",
                "hq_review",
                "returned",
                "rejected",
                "approved",
                "open",
                "closed",
                "running",
                "finished",
                "canceled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("levels", sa.String(length=40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("level_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'returned', 'rejected', 'canceled') OR (standard_id IS NOT NULL AND workshop_id IS NOT NULL AND instructor_id IS NOT NULL AND capacity_max IS NOT NULL AND start_on IS NOT NULL AND end_on IS NOT NULL AND enroll_open_at IS NOT NULL AND enroll_close_at IS NOT NULL)",
            name=op.f("ck_course_sent_is_complete"),
        ),
        sa.CheckConstraint("capacity_max IS NULL OR capacity_max > 0", name=op.f("ck_course_capacity_positive")),
        sa.CheckConstraint(
            "end_on IS NULL OR start_on IS NULL OR end_on >= start_on", name=op.f("ck_course_dates_in_order")
        ),
        sa.CheckConstraint(
            "taken >= 0 AND (capacity_max IS NULL OR taken <= capacity_max)", name=op.f("ck_course_taken_in_capacity")
        ),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_course_county_id")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["user.id"], name=op.f("fk_course_entered_by_id")),
        sa.ForeignKeyConstraint(["field_id"], ["trade_field.id"], name=op.f("fk_course_field_id")),
        sa.ForeignKeyConstraint(["instructor_id"], ["instructor.id"], name=op.f("fk_course_instructor_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_course_place_id")),
        sa.ForeignKeyConstraint(["province_id"], ["province.id"], name=op.f("fk_course_province_id")),
        sa.ForeignKeyConstraint(["standard_id"], ["skill_standard.id"], name=op.f("fk_course_standard_id")),
        sa.ForeignKeyConstraint(["target_group_id"], ["target_group.id"], name=op.f("fk_course_target_group_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_course_unit_id")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshop.id"], name=op.f("fk_course_workshop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("code", name=op.f("uq_course_code")),
    )
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.create_index(
            "ix_course_at_hq",
            ["level_since", "id"],
            unique=False,
            sqlite_where=sa.text("status = 'hq_review'"),
            postgresql_where=sa.text("status = 'hq_review'"),
        )
        batch_op.create_index(
            "ix_course_closes",
            ["enroll_close_at"],
            unique=False,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )
        batch_op.create_index(batch_op.f("ix_course_county_id"), ["county_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_course_field_id"), ["field_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_course_instructor_id"), ["instructor_id"], unique=False)
        batch_op.create_index(
            "ix_course_opens",
            ["enroll_open_at"],
            unique=False,
            sqlite_where=sa.text("status = 'approved'"),
            postgresql_where=sa.text("status = 'approved'"),
        )
        batch_op.create_index("ix_course_province_status", ["province_id", "status", "id"], unique=False)
        batch_op.create_index(
            "ix_course_public",
            ["start_on", "id"],
            unique=False,
            sqlite_where=sa.text("status IN ('approved', 'open')"),
            postgresql_where=sa.text("status IN ('approved', 'open')"),
        )
        batch_op.create_index(
            "ix_course_returned",
            ["level_since", "id"],
            unique=False,
            sqlite_where=sa.text("status = 'returned'"),
            postgresql_where=sa.text("status = 'returned'"),
        )
        batch_op.create_index(batch_op.f("ix_course_standard_id"), ["standard_id"], unique=False)
        batch_op.create_index("ix_course_unit_status", ["unit_id", "status", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_course_workshop_id"), ["workshop_id"], unique=False)

    op.create_table(
        "equipment_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "item_group",
            sa.Enum(
                "capital",
                "tool",
                "consumable",
                "protective",
                name="item_group",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("unit_of_count", sa.String(length=30), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("serviceable", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "serviceable >= 0 AND serviceable <= quantity", name=op.f("ck_equipment_item_serviceable_in_quantity")
        ),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshop.id"], name=op.f("fk_equipment_item_workshop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equipment_item")),
    )
    with op.batch_alter_table("equipment_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_equipment_item_workshop_id"), ["workshop_id"], unique=False)

    op.create_table(
        "workshop_standard",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("workshop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("standard_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["standard_id"], ["skill_standard.id"], name=op.f("fk_workshop_standard_standard_id")),
        sa.ForeignKeyConstraint(["workshop_id"], ["workshop.id"], name=op.f("fk_workshop_standard_workshop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshop_standard")),
        sa.UniqueConstraint("workshop_id", "standard_id", name=op.f("uq_workshop_standard_workshop_id_standard_id")),
    )
    with op.batch_alter_table("workshop_standard", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_workshop_standard_standard_id"), ["standard_id"], unique=False)

    op.create_table(
        "course_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason_text_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("target", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("course_version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_course_event_actor_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_event_course_id")),
        sa.ForeignKeyConstraint(["reason_text_id"], ["reason_text.id"], name=op.f("fk_course_event_reason_text_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_event")),
    )
    with op.batch_alter_table("course_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_event_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_course_event_course_id"), ["course_id"], unique=False)

    op.create_table(
        "course_session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=False),
        sa.Column("end_time", sa.Time(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_session_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_session")),
        sa.UniqueConstraint(
            "course_id", "on_date", "start_time", name=op.f("uq_course_session_course_id_on_date_start_time")
        ),
    )
    with op.batch_alter_table("course_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_course_session_on_date"), ["on_date"], unique=False)

    op.create_table(
        "enrollment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("form_key", sa.String(length=36), nullable=False),
        sa.Column("form_hash", sa.String(length=64), nullable=False),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("province_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("payer_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("target_group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("group_evidence", sa.String(length=120), nullable=True),
        sa.Column("tracking_code", sa.String(length=13), nullable=False),
        sa.Column(
            "channel",
            sa.Enum("self", "clerk", "counter", name="channel", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
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
            nullable=False,
        ),
        sa.Column("fee_rials", sa.BigInteger(), nullable=False),
        sa.Column("fee_reason", sa.String(length=120), nullable=True),
        sa.Column(
            "status",
            sa.Enum("active", "canceled", name="status", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("canceled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(fee_rials = 0 AND debit_source = 'none') OR (fee_rials > 0 AND debit_source <> 'none' AND payer_account_id IS NOT NULL)",
            name=op.f("ck_enrollment_fee_has_payer"),
        ),
        sa.CheckConstraint(
            "group_evidence IS NULL OR target_group_id IS NOT NULL", name=op.f("ck_enrollment_evidence_has_group")
        ),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_enrollment_course_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name=op.f("fk_enrollment_created_by_id")),
        sa.ForeignKeyConstraint(["payer_account_id"], ["account.id"], name=op.f("fk_enrollment_payer_account_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_enrollment_person_id")),
        sa.ForeignKeyConstraint(["province_id"], ["province.id"], name=op.f("fk_enrollment_province_id")),
        sa.ForeignKeyConstraint(["target_group_id"], ["target_group.id"], name=op.f("fk_enrollment_target_group_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_enrollment_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrollment")),
        sa.UniqueConstraint("form_key", name=op.f("uq_enrollment_form_key")),
        sa.UniqueConstraint("tracking_code", name=op.f("uq_enrollment_tracking_code")),
    )
    with op.batch_alter_table("enrollment", schema=None) as batch_op:
        batch_op.create_index(
            "ix_enrollment_canceled",
            ["course_id", "id"],
            unique=False,
            sqlite_where=sa.text("status = 'canceled'"),
            postgresql_where=sa.text("status = 'canceled'"),
        )
        batch_op.create_index(batch_op.f("ix_enrollment_created_by_id"), ["created_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrollment_payer_account_id"), ["payer_account_id"], unique=False)
        batch_op.create_index("ix_enrollment_person", ["person_id", "id"], unique=False)
        batch_op.create_index("ix_enrollment_unit", ["unit_id", "id"], unique=False)
        batch_op.create_index(
            "uq_enrollment_active",
            ["course_id", "person_id"],
            unique=True,
            sqlite_where=sa.text("status = 'active'"),
            postgresql_where=sa.text("status = 'active'"),
        )

    op.create_table(
        "enrollment_draft",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("owner_person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("course_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("target_group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("national_code", sa.String(length=10), nullable=True),
        sa.Column("code_reason", sa.String(length=200), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
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
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_enrollment_draft_course_id")),
        sa.ForeignKeyConstraint(["owner_person_id"], ["person.id"], name=op.f("fk_enrollment_draft_owner_person_id")),
        sa.ForeignKeyConstraint(
            ["target_group_id"], ["target_group.id"], name=op.f("fk_enrollment_draft_target_group_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_enrollment_draft_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_enrollment_draft_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrollment_draft")),
        sa.UniqueConstraint("key", name=op.f("uq_enrollment_draft_key")),
    )
    with op.batch_alter_table("enrollment_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enrollment_draft_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrollment_draft_owner_person_id"), ["owner_person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrollment_draft_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrollment_draft_user_id"), ["user_id"], unique=False)

    op.create_table(
        "enrollment_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("enrollment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_enrollment_event_actor_id")),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollment.id"], name=op.f("fk_enrollment_event_enrollment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrollment_event")),
    )
    with op.batch_alter_table("enrollment_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enrollment_event_enrollment_id"), ["enrollment_id"], unique=False)

    op.create_table(
        "ledger_transfer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("enrollment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "top_up",
                "debit",
                "refund",
                "move",
                "correction",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("cause_key", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind <> 'debit' OR enrollment_id IS NOT NULL", name=op.f("ck_ledger_transfer_debit_has_enrollment")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_ledger_transfer_amount_positive")),
        sa.CheckConstraint("from_account_id <> to_account_id", name=op.f("ck_ledger_transfer_two_purses")),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_ledger_transfer_actor_id")),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollment.id"], name=op.f("fk_ledger_transfer_enrollment_id")),
        sa.ForeignKeyConstraint(["from_account_id"], ["account.id"], name=op.f("fk_ledger_transfer_from_account_id")),
        sa.ForeignKeyConstraint(["to_account_id"], ["account.id"], name=op.f("fk_ledger_transfer_to_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transfer")),
        sa.UniqueConstraint("cause_key", name=op.f("uq_ledger_transfer_cause_key")),
    )
    with op.batch_alter_table("ledger_transfer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_transfer_enrollment_id"), ["enrollment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_transfer_from_account_id"), ["from_account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_transfer_to_account_id"), ["to_account_id"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("enrollment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("cause_key", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("body", sa.String(length=1000), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "suppressed",
                "sent",
                "delivered",
                "failed",
                "unknown",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("suppressed_reason", sa.String(length=40), nullable=True),
        sa.Column("provider_ref", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state <> 'suppressed' OR suppressed_reason IS NOT NULL", name=op.f("ck_message_suppressed_has_reason")
        ),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollment.id"], name=op.f("fk_message_enrollment_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_message_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("cause_key", name=op.f("uq_message_cause_key")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_enrollment_id"), ["enrollment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "ix_message_sent",
            ["sent_at"],
            unique=False,
            sqlite_where=sa.text("state = 'sent'"),
            postgresql_where=sa.text("state = 'sent'"),
        )
        batch_op.create_index(
            "ix_message_unknown",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'unknown'"),
            postgresql_where=sa.text("state = 'unknown'"),
        )

    op.create_table(
        "delivery_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_delivery_event_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_event")),
    )
    with op.batch_alter_table("delivery_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_event_message_id"), ["message_id"], unique=False)
    guards.install(op.get_bind())
    for purse in ("income", "gateway"):
        op.execute(
            "INSERT INTO account (owner_kind, owner_code, balance, created_at) "
            f"VALUES ('system', '{purse}', 0, CURRENT_TIMESTAMP)"  # noqa: S608 (two words of our own)
        )


def downgrade() -> None:
    guards.remove(op.get_bind())
    with op.batch_alter_table("delivery_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_event_message_id"))

    op.drop_table("delivery_event")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_message_unknown",
            sqlite_where=sa.text("state = 'unknown'"),
            postgresql_where=sa.text("state = 'unknown'"),
        )
        batch_op.drop_index(
            "ix_message_sent", sqlite_where=sa.text("state = 'sent'"), postgresql_where=sa.text("state = 'sent'")
        )
        batch_op.drop_index(batch_op.f("ix_message_person_id"))
        batch_op.drop_index(batch_op.f("ix_message_enrollment_id"))

    op.drop_table("message")
    with op.batch_alter_table("ledger_transfer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ledger_transfer_to_account_id"))
        batch_op.drop_index(batch_op.f("ix_ledger_transfer_from_account_id"))
        batch_op.drop_index(batch_op.f("ix_ledger_transfer_enrollment_id"))

    op.drop_table("ledger_transfer")
    with op.batch_alter_table("enrollment_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrollment_event_enrollment_id"))

    op.drop_table("enrollment_event")
    with op.batch_alter_table("enrollment_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrollment_draft_user_id"))
        batch_op.drop_index(batch_op.f("ix_enrollment_draft_unit_id"))
        batch_op.drop_index(batch_op.f("ix_enrollment_draft_owner_person_id"))
        batch_op.drop_index(batch_op.f("ix_enrollment_draft_course_id"))

    op.drop_table("enrollment_draft")
    with op.batch_alter_table("enrollment", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_enrollment_active",
            sqlite_where=sa.text("status = 'active'"),
            postgresql_where=sa.text("status = 'active'"),
        )
        batch_op.drop_index("ix_enrollment_unit")
        batch_op.drop_index("ix_enrollment_person")
        batch_op.drop_index(batch_op.f("ix_enrollment_payer_account_id"))
        batch_op.drop_index(batch_op.f("ix_enrollment_created_by_id"))
        batch_op.drop_index(
            "ix_enrollment_canceled",
            sqlite_where=sa.text("status = 'canceled'"),
            postgresql_where=sa.text("status = 'canceled'"),
        )

    op.drop_table("enrollment")
    with op.batch_alter_table("course_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_session_on_date"))

    op.drop_table("course_session")
    with op.batch_alter_table("course_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_event_course_id"))
        batch_op.drop_index(batch_op.f("ix_course_event_actor_id"))

    op.drop_table("course_event")
    with op.batch_alter_table("workshop_standard", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_workshop_standard_standard_id"))

    op.drop_table("workshop_standard")
    with op.batch_alter_table("equipment_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_equipment_item_workshop_id"))

    op.drop_table("equipment_item")
    with op.batch_alter_table("course", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_workshop_id"))
        batch_op.drop_index("ix_course_unit_status")
        batch_op.drop_index(batch_op.f("ix_course_standard_id"))
        batch_op.drop_index(
            "ix_course_returned",
            sqlite_where=sa.text("status = 'returned'"),
            postgresql_where=sa.text("status = 'returned'"),
        )
        batch_op.drop_index(
            "ix_course_public",
            sqlite_where=sa.text("status IN ('approved', 'open')"),
            postgresql_where=sa.text("status IN ('approved', 'open')"),
        )
        batch_op.drop_index("ix_course_province_status")
        batch_op.drop_index(
            "ix_course_opens",
            sqlite_where=sa.text("status = 'approved'"),
            postgresql_where=sa.text("status = 'approved'"),
        )
        batch_op.drop_index(batch_op.f("ix_course_instructor_id"))
        batch_op.drop_index(batch_op.f("ix_course_field_id"))
        batch_op.drop_index(batch_op.f("ix_course_county_id"))
        batch_op.drop_index(
            "ix_course_closes", sqlite_where=sa.text("status = 'open'"), postgresql_where=sa.text("status = 'open'")
        )
        batch_op.drop_index(
            "ix_course_at_hq",
            sqlite_where=sa.text("status = 'hq_review'"),
            postgresql_where=sa.text("status = 'hq_review'"),
        )

    op.drop_table("course")
    with op.batch_alter_table("workshop", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_workshop_unit_id"))
        batch_op.drop_index(batch_op.f("ix_workshop_place_id"))

    op.drop_table("workshop")
    with op.batch_alter_table("instructor_field", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_instructor_field_field_id"))

    op.drop_table("instructor_field")
    with op.batch_alter_table("user_role", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_role_user_id"))
        batch_op.drop_index(batch_op.f("ix_user_role_unit_id"))

    op.drop_table("user_role")
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_place_unit_id"))
        batch_op.drop_index(batch_op.f("ix_place_province_id"))

    op.drop_table("place")
    with op.batch_alter_table("instructor", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_instructor_unit_id"))

    op.drop_table("instructor")
    with op.batch_alter_table("discrepancy", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_discrepancy_open", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
        )
        batch_op.drop_index(
            "ix_discrepancy_waiting", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
        )
        batch_op.drop_index(batch_op.f("ix_discrepancy_unit_id"))
        batch_op.drop_index(batch_op.f("ix_discrepancy_province_id"))
        batch_op.drop_index(batch_op.f("ix_discrepancy_person_id"))

    op.drop_table("discrepancy")
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_session_user_id"))
        batch_op.drop_index(batch_op.f("ix_user_session_person_id"))

    op.drop_table("user_session")
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_province_id"))
        batch_op.drop_index(batch_op.f("ix_unit_parent_id"))
        batch_op.drop_index(batch_op.f("ix_unit_county_id"))

    op.drop_table("unit")
    with op.batch_alter_table("standard_requirement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_standard_requirement_standard_id"))

    op.drop_table("standard_requirement")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_topic_ref")
        batch_op.drop_index(
            "ix_outbox_open", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
        )
        batch_op.drop_index(
            "ix_outbox_dead", sqlite_where=sa.text("state = 'dead'"), postgresql_where=sa.text("state = 'dead'")
        )

    op.drop_table("outbox")
    with op.batch_alter_table("one_time_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_one_time_code_user_id"))

    op.drop_table("one_time_code")
    with op.batch_alter_table("held_post", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_held_post_user_id"))
        batch_op.drop_index(batch_op.f("ix_held_post_person_id"))

    op.drop_table("held_post")
    op.drop_table("form_submission")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_event_subject")
        batch_op.drop_index(batch_op.f("ix_audit_event_actor_id"))

    op.drop_table("audit_event")
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_person_id"))

    op.drop_table("user")
    with op.batch_alter_table("skill_standard", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_skill_standard_title_sort"))
        batch_op.drop_index(batch_op.f("ix_skill_standard_field_id"))

    op.drop_table("skill_standard")
    with op.batch_alter_table("inquiry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inquiry_person_id"))

    op.drop_table("inquiry")
    with op.batch_alter_table("county", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_county_province_id"))

    op.drop_table("county")
    with op.batch_alter_table("trade_field", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_trade_field_parent_id"))

    op.drop_table("trade_field")
    op.drop_table("tariff")
    op.drop_table("target_group")
    op.drop_table("sign_in_throttle")
    op.drop_table("reason_text")
    op.drop_table("province")
    op.drop_table("policy")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_person_unchecked",
            sqlite_where=sa.text("mobile_status = 'unchecked'"),
            postgresql_where=sa.text("mobile_status = 'unchecked'"),
        )
        batch_op.drop_index(batch_op.f("ix_person_name_sort"))
        batch_op.drop_index(batch_op.f("ix_person_name_key"))
        batch_op.drop_index(batch_op.f("ix_person_mobile"))
        batch_op.drop_index(batch_op.f("ix_person_identity_status"))

    op.drop_table("person")
    op.drop_table("outside_system")
    op.drop_table("inquiry_count")
    op.drop_table("holiday")
    op.drop_table("cron_run")
    op.drop_table("approval_route")
    op.drop_table("account")
