"""Files for outside systems, modes of theirs, and what is known of who somebody is."""

import sqlalchemy as sa
from alembic import op

from tables import functions, guards

revision = "0010"
down_revision = "0009"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _kinds(*names: str) -> sa.Enum:
    return sa.Enum(*names, name="kind", native_enum=False, create_constraint=True, length=24)


PAPERS = sa.Enum("slip", "receipt", name="paper", native_enum=False, create_constraint=True, length=24)
KINDS_BEFORE = _kinds("registry", "shahkar")
KINDS = _kinds("registry", "shahkar", "address", "decile")


def _ask_about(before: sa.Enum, after: sa.Enum) -> None:
    """Other kinds of inquiry."""
    with op.batch_alter_table("inquiry") as batch_op:
        batch_op.alter_column("kind", existing_type=before, type_=after, existing_nullable=False)
    _guard_anew("inquiry")


def _guard_anew(table: str) -> None:
    """SQLite builds a changed table anew, without the guards of what is only added to."""
    if op.get_bind().dialect.name == "sqlite":
        guards.install_table(op.get_bind(), table)


PERSON_INDEXES = (
    ("ix_person_matched_at", ["mobile_checked_at", "id"], "mobile_status = 'matched'"),
    ("ix_person_nameless", ["id"], "first_name IS NULL AND last_name IS NULL"),
)


# Of these columns most rows have none, and such rows need not stand in the index.
SPARSE = (
    ("enrollment", "created_by_id"),
    ("enrollment", "moved_from_id"),
    ("ledger_transfer", "payment_line_id"),
    ("ledger_transfer", "opposes_id"),
)


def _index_sparsely() -> None:
    """Fewer indexes to write with each enrollment, and room in its page for the next balance of a purse."""
    op.drop_index("ix_enrollment_payer_account_id", "enrollment")  # nothing asks for it; purses are never deleted
    for table, column in SPARSE:
        op.drop_index(f"ix_{table}_{column}", table)
        where = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_{table}_{column}", table, [column], sqlite_where=where, postgresql_where=where)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE account SET (fillfactor = 80)")


def _index_all() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE account RESET (fillfactor)")
    for table, column in SPARSE:
        op.drop_index(f"ix_{table}_{column}", table)
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index("ix_enrollment_payer_account_id", "enrollment", ["payer_account_id"])


def upgrade() -> None:
    op.create_table(
        "outside_hour",
        sa.Column("id", ID, nullable=False),
        sa.Column("system", sa.String(length=20), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("slow", sa.Integer(), nullable=False),
        sa.Column("total_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_hour")),
        sa.UniqueConstraint("system", "hour", name=op.f("uq_outside_hour_system_hour")),
    )
    op.create_table(
        "exchange_batch",
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("system", sa.String(length=20), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "ready",
                "sent",
                "answered",
                "dropped",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("answered_count", sa.Integer(), nullable=False),
        sa.Column("sent_count", sa.Integer(), nullable=False),
        sa.Column("answer_sha256", sa.String(length=64), nullable=True),
        sa.Column("made_by_id", ID, nullable=True),
        sa.Column("sent_by_id", ID, nullable=True),
        sa.Column("answered_by_id", ID, nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "answered_count >= 0 AND answered_count <= row_count", name=op.f("ck_exchange_batch_answered_in_rows")
        ),
        sa.ForeignKeyConstraint(["answered_by_id"], ["user.id"], name=op.f("fk_exchange_batch_answered_by_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["user.id"], name=op.f("fk_exchange_batch_made_by_id")),
        sa.ForeignKeyConstraint(["sent_by_id"], ["user.id"], name=op.f("fk_exchange_batch_sent_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_batch")),
        sa.UniqueConstraint("number", name=op.f("uq_exchange_batch_number")),
    )
    with op.batch_alter_table("exchange_batch") as batch_op:
        batch_op.create_index("ix_exchange_batch_system", ["system", "id"], unique=False)

    op.create_table(
        "inquiry_answer",
        sa.Column("id", ID, nullable=False),
        sa.Column("inquiry_id", ID, nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["inquiry_id"], ["inquiry.id"], name=op.f("fk_inquiry_answer_inquiry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry_answer")),
        sa.UniqueConstraint("inquiry_id", name=op.f("uq_inquiry_answer_inquiry_id")),
    )
    with op.batch_alter_table("inquiry_answer") as batch_op:
        batch_op.create_index(batch_op.f("ix_inquiry_answer_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "identity_event",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "filled",
                "changed",
                "confirmed",
                "disputed",
                "settled",
                name="step",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("actor_id", ID, nullable=True),
        sa.Column("unit_id", ID, nullable=True),
        sa.Column("province_id", ID, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_identity_event_actor_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_identity_event_person_id")),
        sa.ForeignKeyConstraint(["province_id"], ["province.id"], name=op.f("fk_identity_event_province_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_identity_event_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_event")),
    )
    with op.batch_alter_table("identity_event") as batch_op:
        batch_op.create_index("ix_identity_event_at", ["at"], unique=False)
        batch_op.create_index("ix_identity_event_person", ["person_id", "id"], unique=False)
        batch_op.create_index("ix_identity_event_province", ["province_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_identity_event_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "exchange_row",
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.String(length=36), nullable=False),
        sa.Column("system", sa.String(length=20), nullable=False),
        sa.Column("batch_id", ID, nullable=True),
        sa.Column("outbox_id", sa.BigInteger(), nullable=True),
        sa.Column("ref_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "ready",
                "sent",
                "accepted",
                "rejected",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("cause", sa.String(length=200), nullable=True),
        sa.Column("sealed", sa.String(), nullable=True),
        sa.Column("document_id", ID, nullable=True),
        sa.Column("answered_by_id", ID, nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state <> 'rejected' OR cause IS NOT NULL", name=op.f("ck_exchange_row_rejected_has_cause")),
        sa.CheckConstraint(
            "batch_id IS NOT NULL OR answered_by_id IS NOT NULL", name=op.f("ck_exchange_row_by_hand_has_who")
        ),
        sa.ForeignKeyConstraint(["answered_by_id"], ["user.id"], name=op.f("fk_exchange_row_answered_by_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["exchange_batch.id"], name=op.f("fk_exchange_row_batch_id")),
        sa.ForeignKeyConstraint(["document_id"], ["stored_file.id"], name=op.f("fk_exchange_row_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_row")),
        sa.UniqueConstraint("number", name=op.f("uq_exchange_row_number")),
    )
    with op.batch_alter_table("exchange_row") as batch_op:
        batch_op.create_index("ix_exchange_row_batch", ["batch_id", "state", "id"], unique=False)
        batch_op.create_index("ix_exchange_row_system", ["system", "id"], unique=False)
        batch_op.create_index(
            "uq_exchange_row_open",
            ["outbox_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('ready', 'sent')"),
            postgresql_where=sa.text("state IN ('ready', 'sent')"),
        )

    op.create_table(
        "guardianship",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("guardian_id", ID, nullable=False),
        sa.Column(
            "relation",
            sa.Enum(
                "father",
                "mother",
                "grandfather",
                "appointed",
                name="relation",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("document_id", ID, nullable=True),
        sa.Column("recorded_by_id", ID, nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("person_id <> guardian_id", name=op.f("ck_guardianship_two_people")),
        sa.ForeignKeyConstraint(["document_id"], ["stored_file.id"], name=op.f("fk_guardianship_document_id")),
        sa.ForeignKeyConstraint(["guardian_id"], ["person.id"], name=op.f("fk_guardianship_guardian_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_guardianship_person_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["user.id"], name=op.f("fk_guardianship_recorded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardianship")),
    )
    with op.batch_alter_table("guardianship") as batch_op:
        batch_op.create_index(batch_op.f("ix_guardianship_guardian_id"), ["guardian_id"], unique=False)
        batch_op.create_index(
            "uq_guardianship_standing",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "mobile_change",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("old_mobile", sa.String(length=11), nullable=True),
        sa.Column("new_mobile", sa.String(length=11), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("actor_id", ID, nullable=True),
        sa.Column("unit_id", ID, nullable=True),
        sa.Column("document_id", ID, nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("actor_id IS NULL OR reason IS NOT NULL", name=op.f("ck_mobile_change_staff_has_reason")),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_mobile_change_actor_id")),
        sa.ForeignKeyConstraint(["document_id"], ["stored_file.id"], name=op.f("fk_mobile_change_document_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mobile_change_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_mobile_change_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mobile_change")),
    )
    with op.batch_alter_table("mobile_change") as batch_op:
        batch_op.create_index("ix_mobile_change_person", ["person_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mobile_change_unit_id"), ["unit_id"], unique=False)

    with op.batch_alter_table("outside_system") as batch_op:
        batch_op.add_column(
            sa.Column(
                "mode",
                sa.Enum(
                    "online",
                    "batch",
                    "manual",
                    "off",
                    name="mode",
                    native_enum=False,
                    create_constraint=True,
                    length=24,
                ),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("mode_by_id", ID, nullable=True))
        batch_op.add_column(sa.Column("mode_reason", sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column("mode_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_outside_system_mode_by_id"), "user", ["mode_by_id"], ["id"])

    with op.batch_alter_table("person") as batch_op:
        batch_op.add_column(sa.Column("postal_code", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("address", sa.String(length=300), nullable=True))
    for name, columns, where in PERSON_INDEXES:
        op.create_index(
            name, "person", columns, unique=False, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )

    _ask_about(KINDS_BEFORE, KINDS)
    with op.batch_alter_table("slip_print") as batch_op:  # of slips alone
        batch_op.drop_constraint(batch_op.f("ck_slip_print_paper"), type_="check")
        batch_op.drop_column("paper")
    _guard_anew("slip_print")
    guards.install_table(op.get_bind(), "identity_event")
    functions.install(op.get_bind())
    _index_sparsely()

    with op.batch_alter_table("course") as batch_op:
        batch_op.create_index("ix_course_province_ends", ["province_id", "end_on", "id"], unique=False)
        batch_op.create_index("ix_course_unit_ends", ["unit_id", "end_on", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("course") as batch_op:
        batch_op.drop_index("ix_course_unit_ends")
        batch_op.drop_index("ix_course_province_ends")

    _index_all()
    functions.remove(op.get_bind())
    with op.batch_alter_table("slip_print") as batch_op:
        batch_op.add_column(sa.Column("paper", PAPERS, nullable=False, server_default="slip"))
    with op.batch_alter_table("slip_print") as batch_op:
        batch_op.alter_column("paper", existing_type=PAPERS, existing_nullable=False, server_default=None)
    _guard_anew("slip_print")
    _ask_about(KINDS, KINDS_BEFORE)
    for name, _, where in PERSON_INDEXES:
        op.drop_index(name, "person", sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    with op.batch_alter_table("person") as batch_op:
        batch_op.drop_column("address")
        batch_op.drop_column("postal_code")

    with op.batch_alter_table("outside_system") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_outside_system_mode_by_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("ck_outside_system_mode"), type_="check")
        batch_op.drop_column("mode_at")
        batch_op.drop_column("mode_reason")
        batch_op.drop_column("mode_by_id")
        batch_op.drop_column("mode")

    with op.batch_alter_table("mobile_change") as batch_op:
        batch_op.drop_index(batch_op.f("ix_mobile_change_unit_id"))
        batch_op.drop_index("ix_mobile_change_person")

    op.drop_table("mobile_change")
    with op.batch_alter_table("guardianship") as batch_op:
        batch_op.drop_index(
            "uq_guardianship_standing",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_guardianship_guardian_id"))

    op.drop_table("guardianship")
    with op.batch_alter_table("exchange_row") as batch_op:
        batch_op.drop_index(
            "uq_exchange_row_open",
            sqlite_where=sa.text("state IN ('ready', 'sent')"),
            postgresql_where=sa.text("state IN ('ready', 'sent')"),
        )
        batch_op.drop_index("ix_exchange_row_system")
        batch_op.drop_index("ix_exchange_row_batch")

    op.drop_table("exchange_row")
    with op.batch_alter_table("identity_event") as batch_op:
        batch_op.drop_index(batch_op.f("ix_identity_event_unit_id"))
        batch_op.drop_index("ix_identity_event_province")
        batch_op.drop_index("ix_identity_event_person")
        batch_op.drop_index("ix_identity_event_at")

    op.drop_table("identity_event")
    with op.batch_alter_table("inquiry_answer") as batch_op:
        batch_op.drop_index(batch_op.f("ix_inquiry_answer_expires_at"))

    op.drop_table("inquiry_answer")
    with op.batch_alter_table("exchange_batch") as batch_op:
        batch_op.drop_index("ix_exchange_batch_system")

    op.drop_table("exchange_batch")
    op.drop_table("outside_hour")
