"""What stands around the approval of a course, demands, organizations, and what courses say beside that."""

import sqlalchemy as sa
from alembic import op

from tables import guards

revision = "0007"
down_revision = "0006"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TRIGGER = sa.Enum(
    "plan",
    "request",
    "demand",
    "event",
    name="start_trigger",
    native_enum=False,
    create_constraint=True,
    length=24,
)
# What the clock asks for every few seconds: name of the index, column, state of the courses in it.
BY_THE_CLOCK = (("ix_course_starts", "start_on", "closed"), ("ix_course_ends", "end_on", "running"))
# What lists by first day ask for: name of the index, whose courses.
BY_DAY = (("ix_course_province_dates", "province_id"), ("ix_course_unit_dates", "unit_id"))
SENT = sa.text("status NOT IN ('draft')")


def _guard_events_again() -> None:
    """SQLite has built the table anew, without its triggers."""
    if op.get_bind().dialect.name == "sqlite":
        guards.install_table(op.get_bind(), "course_event")


def upgrade() -> None:
    op.create_table(
        "organization",
        sa.Column("id", ID, nullable=False),
        sa.Column("province_id", ID, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("company", "agency", name="kind", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("legal_id", sa.String(length=11), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_key", sa.String(length=200), nullable=False),
        sa.Column("title_sort", sa.String(length=400), nullable=False),
        sa.Column("contact", sa.String(length=120), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("address", sa.String(length=300), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["province_id"], ["province.id"], name=op.f("fk_organization_province_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
        sa.UniqueConstraint("province_id", "legal_id", name=op.f("uq_organization_province_id_legal_id")),
    )
    op.create_table(
        "saved_filter",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("page", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("query", sa.String(length=600), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_saved_filter_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("user_id", "page", "title", name=op.f("uq_saved_filter_user_id_page_title")),
    )
    op.create_table(
        "deputy",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("deputy_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("made_by_id", ID, nullable=False),
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
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("deputy_id <> user_id", name=op.f("ck_deputy_is_another")),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_deputy_dates_in_order")),
        sa.ForeignKeyConstraint(["deputy_id"], ["user.id"], name=op.f("fk_deputy_deputy_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["user.id"], name=op.f("fk_deputy_made_by_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_deputy_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_deputy_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deputy")),
    )
    with op.batch_alter_table("deputy") as batch_op:
        batch_op.create_index("ix_deputy_for", ["deputy_id", "last_on"], unique=False)
        batch_op.create_index("ix_deputy_of", ["user_id", "last_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_deputy_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "agreement",
        sa.Column("id", ID, nullable=False),
        sa.Column("organization_id", ID, nullable=False),
        sa.Column("document_id", ID, nullable=True),
        sa.Column(
            "kind",
            sa.Enum("contract", "memorandum", name="kind", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("valid_until IS NULL OR valid_until >= signed_on", name=op.f("ck_agreement_dates_in_order")),
        sa.ForeignKeyConstraint(["document_id"], ["stored_file.id"], name=op.f("fk_agreement_document_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_agreement_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("organization_id", "number", name=op.f("uq_agreement_organization_id_number")),
    )
    op.create_table(
        "checklist_signature",
        sa.Column("id", ID, nullable=False),
        sa.Column("signature_key", sa.String(length=60), nullable=False),
        sa.Column("course_id", ID, nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("on_behalf_of_id", ID, nullable=True),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("course_version", sa.Integer(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_checklist_signature_actor_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_checklist_signature_course_id")),
        sa.ForeignKeyConstraint(["on_behalf_of_id"], ["user.id"], name=op.f("fk_checklist_signature_on_behalf_of_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_signature")),
        sa.UniqueConstraint("signature_key", name=op.f("uq_checklist_signature_signature_key")),
    )
    with op.batch_alter_table("checklist_signature") as batch_op:
        batch_op.create_index(batch_op.f("ix_checklist_signature_course_id"), ["course_id"], unique=False)

    op.create_table(
        "course_change",
        sa.Column("id", ID, nullable=False),
        sa.Column("course_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("province_id", ID, nullable=False),
        sa.Column("asked_by_id", ID, nullable=False),
        sa.Column("decided_by_id", ID, nullable=True),
        sa.Column("other_course_id", ID, nullable=True),
        sa.Column(
            "kind",
            sa.Enum("edit", "cancel", "merge", name="kind", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "waiting",
                "returned",
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
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("levels", sa.String(length=40), nullable=True),
        sa.Column("level", sa.String(length=12), nullable=True),
        sa.Column("level_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(length=500), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state NOT IN ('refused', 'returned') OR decision IS NOT NULL",
            name=op.f("ck_course_change_refused_has_reason"),
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user.id"], name=op.f("fk_course_change_asked_by_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_change_course_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_course_change_decided_by_id")),
        sa.ForeignKeyConstraint(["other_course_id"], ["course.id"], name=op.f("fk_course_change_other_course_id")),
        sa.ForeignKeyConstraint(["province_id"], ["province.id"], name=op.f("fk_course_change_province_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_course_change_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_change")),
    )
    with op.batch_alter_table("course_change") as batch_op:
        batch_op.create_index("ix_course_change_course", ["course_id", "id"], unique=False)
        batch_op.create_index(
            "ix_course_change_province", ["province_id", "state", "level", "level_since", "id"], unique=False
        )
        batch_op.create_index("ix_course_change_unit", ["unit_id", "state", "level", "level_since", "id"], unique=False)
        batch_op.create_index(
            "uq_course_change_open",
            ["course_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('draft', 'waiting', 'returned')"),
            postgresql_where=sa.text("state IN ('draft', 'waiting', 'returned')"),
        )

    op.create_table(
        "course_claim",
        sa.Column("id", ID, nullable=False),
        sa.Column("course_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_claim_course_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_course_claim_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_claim")),
        sa.UniqueConstraint("course_id", name=op.f("uq_course_claim_course_id")),
    )
    with op.batch_alter_table("course_claim") as batch_op:
        batch_op.create_index(batch_op.f("ix_course_claim_user_id"), ["user_id"], unique=False)

    op.create_table(
        "course_demand",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("standard_id", ID, nullable=False),
        sa.Column("county_id", ID, nullable=False),
        sa.Column("province_id", ID, nullable=False),
        sa.Column("told_of_id", ID, nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "told",
                "withdrawn",
                "expired",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("shift", sa.String(length=24), nullable=True),
        sa.Column("channel", sa.String(length=24), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'told') = (told_of_id IS NOT NULL)", name=op.f("ck_course_demand_told_has_course")
        ),
        sa.ForeignKeyConstraint(["county_id"], ["county.id"], name=op.f("fk_course_demand_county_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_course_demand_person_id")),
        sa.ForeignKeyConstraint(["province_id"], ["province.id"], name=op.f("fk_course_demand_province_id")),
        sa.ForeignKeyConstraint(["standard_id"], ["skill_standard.id"], name=op.f("fk_course_demand_standard_id")),
        sa.ForeignKeyConstraint(["told_of_id"], ["course.id"], name=op.f("fk_course_demand_told_of_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_demand")),
    )
    with op.batch_alter_table("course_demand") as batch_op:
        batch_op.create_index(batch_op.f("ix_course_demand_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "ix_course_demand_province", ["province_id", "state", "standard_id", "county_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_course_demand_told_of_id"), ["told_of_id"], unique=False)
        batch_op.create_index("ix_course_demand_wanted", ["state", "standard_id", "county_id"], unique=False)
        batch_op.create_index(
            "uq_course_demand_open",
            ["person_id", "standard_id", "county_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "course_instructor",
        sa.Column("id", ID, nullable=False),
        sa.Column("course_id", ID, nullable=False),
        sa.Column("instructor_id", ID, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_course_instructor_minutes_positive")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_course_instructor_course_id")),
        sa.ForeignKeyConstraint(["instructor_id"], ["instructor.id"], name=op.f("fk_course_instructor_instructor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_instructor")),
        sa.UniqueConstraint("course_id", "instructor_id", name=op.f("uq_course_instructor_course_id_instructor_id")),
    )
    with op.batch_alter_table("course_instructor") as batch_op:
        batch_op.create_index(batch_op.f("ix_course_instructor_instructor_id"), ["instructor_id"], unique=False)

    op.create_table(
        "nominee",
        sa.Column("id", ID, nullable=False),
        sa.Column("agreement_id", ID, nullable=False),
        sa.Column("course_id", ID, nullable=False),
        sa.Column("named_by_id", ID, nullable=False),
        sa.Column("national_code", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=True),
        sa.Column("mobile", sa.String(length=11), nullable=True),
        sa.Column(
            "state",
            sa.Enum("named", "enrolled", "removed", name="state", native_enum=False, create_constraint=True, length=24),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_nominee_agreement_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_nominee_course_id")),
        sa.ForeignKeyConstraint(["named_by_id"], ["user.id"], name=op.f("fk_nominee_named_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nominee")),
    )
    with op.batch_alter_table("nominee") as batch_op:
        batch_op.create_index("ix_nominee_agreement", ["agreement_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_nominee_national_code"), ["national_code"], unique=False)
        batch_op.create_index(
            "uq_nominee_named",
            ["course_id", "national_code"],
            unique=True,
            sqlite_where=sa.text("state <> 'removed'"),
            postgresql_where=sa.text("state <> 'removed'"),
        )

    with op.batch_alter_table("course") as batch_op:
        batch_op.add_column(sa.Column("agreement_id", ID, nullable=True))
        batch_op.add_column(sa.Column("copied_from_id", ID, nullable=True))
        batch_op.add_column(sa.Column("standard_snapshot", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("start_trigger", TRIGGER, nullable=True))
        batch_op.create_index(batch_op.f("ix_course_agreement_id"), ["agreement_id"], unique=False)
        for name, column, state in BY_THE_CLOCK:
            where = sa.text(f"status = '{state}'")
            batch_op.create_index(name, [column], unique=False, sqlite_where=where, postgresql_where=where)
        for name, column in BY_DAY:
            batch_op.create_index(name, [column, "status", "start_on", "id"], unique=False)
        days = ["status", "start_on", "id"]
        batch_op.create_index("ix_course_dates", days, unique=False, sqlite_where=SENT, postgresql_where=SENT)
        batch_op.create_foreign_key(batch_op.f("fk_course_copied_from_id"), "course", ["copied_from_id"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_course_agreement_id"), "agreement", ["agreement_id"], ["id"])

    with op.batch_alter_table("course_event") as batch_op:
        batch_op.add_column(sa.Column("on_behalf_of_id", ID, nullable=True))
        batch_op.add_column(sa.Column("comments", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("letter_number", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("letter_on", sa.Date(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_course_event_on_behalf_of_id"), "user", ["on_behalf_of_id"], ["id"])

    with op.batch_alter_table("enrollment") as batch_op:
        batch_op.add_column(sa.Column("moved_from_id", ID, nullable=True))
        batch_op.create_index(batch_op.f("ix_enrollment_moved_from_id"), ["moved_from_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_enrollment_moved_from_id"), "enrollment", ["moved_from_id"], ["id"])

    _guard_events_again()
    guards.install_table(op.get_bind(), "checklist_signature")


def downgrade() -> None:
    with op.batch_alter_table("enrollment") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_enrollment_moved_from_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_enrollment_moved_from_id"))
        batch_op.drop_column("moved_from_id")

    with op.batch_alter_table("course_event") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_course_event_on_behalf_of_id"), type_="foreignkey")
        for name in ("letter_on", "letter_number", "comments", "on_behalf_of_id"):
            batch_op.drop_column(name)

    with op.batch_alter_table("course") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_course_agreement_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_course_copied_from_id"), type_="foreignkey")
        for name in ("ix_course_dates", *(name for name, *_ in (*BY_DAY, *BY_THE_CLOCK))):
            batch_op.drop_index(name)
        batch_op.drop_index(batch_op.f("ix_course_agreement_id"))
        batch_op.drop_constraint(batch_op.f("ck_course_start_trigger"), type_="check")
        for name in ("start_trigger", "standard_snapshot", "copied_from_id", "agreement_id"):
            batch_op.drop_column(name)

    _guard_events_again()
    with op.batch_alter_table("nominee") as batch_op:
        batch_op.drop_index(
            "uq_nominee_named",
            sqlite_where=sa.text("state <> 'removed'"),
            postgresql_where=sa.text("state <> 'removed'"),
        )
        batch_op.drop_index(batch_op.f("ix_nominee_national_code"))
        batch_op.drop_index("ix_nominee_agreement")

    op.drop_table("nominee")
    with op.batch_alter_table("course_instructor") as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_instructor_instructor_id"))

    op.drop_table("course_instructor")
    with op.batch_alter_table("course_demand") as batch_op:
        batch_op.drop_index(
            "uq_course_demand_open", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
        )
        batch_op.drop_index("ix_course_demand_wanted")
        batch_op.drop_index(batch_op.f("ix_course_demand_told_of_id"))
        batch_op.drop_index("ix_course_demand_province")
        batch_op.drop_index(batch_op.f("ix_course_demand_person_id"))

    op.drop_table("course_demand")
    with op.batch_alter_table("course_claim") as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_claim_user_id"))

    op.drop_table("course_claim")
    with op.batch_alter_table("course_change") as batch_op:
        batch_op.drop_index(
            "uq_course_change_open",
            sqlite_where=sa.text("state IN ('draft', 'waiting', 'returned')"),
            postgresql_where=sa.text("state IN ('draft', 'waiting', 'returned')"),
        )
        batch_op.drop_index("ix_course_change_unit")
        batch_op.drop_index("ix_course_change_province")
        batch_op.drop_index("ix_course_change_course")

    op.drop_table("course_change")
    with op.batch_alter_table("checklist_signature") as batch_op:
        batch_op.drop_index(batch_op.f("ix_checklist_signature_course_id"))

    op.drop_table("checklist_signature")
    op.drop_table("agreement")
    with op.batch_alter_table("deputy") as batch_op:
        batch_op.drop_index(batch_op.f("ix_deputy_unit_id"))
        batch_op.drop_index("ix_deputy_of")
        batch_op.drop_index("ix_deputy_for")

    op.drop_table("deputy")
    op.drop_table("saved_filter")
    op.drop_table("organization")
