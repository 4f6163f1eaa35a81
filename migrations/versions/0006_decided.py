"""What a province has decided about equipment, in the order in which it is shown."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TABLES = ("equipment_transfer", "equipment_request")


def upgrade() -> None:
    for table in TABLES:
        op.create_index(
            f"ix_{table}_decided",
            table,
            ["province_id", "decided_at", "id"],
            sqlite_where=sa.text("decided_at IS NOT NULL"),
            postgresql_where=sa.text("decided_at IS NOT NULL"),
        )


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(f"ix_{table}_decided", table_name=table)
