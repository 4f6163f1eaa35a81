"""What the database itself refuses or does: append-only tables, the ledger's balances, the ledger's view.

The text is shared by `models.py` (so that a created database has it) and by the migrations (so that a
migrated one has it). A batch rebuild on SQLite drops triggers silently: such a migration calls
`install_table` again for the rebuilt table.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, inspect

APPEND_ONLY = (
    "ledger_transfer",
    "course_event",
    "enrollment_event",
    "inquiry",
    "delivery_event",
    "audit_event",
    "file_access",
    "equipment_movement",
    "stocktake_count",
    "service_record",
    "instructor_event",
    "record_event",
    "license_event",
    "license_visit",
    "attendance_mark",
    "checklist_signature",
    "payment_event",
    "day_closing",
    "slip_print",
    "identity_event",
)
# Unique keys of append-only tables beside the id.
KEYS = {
    "ledger_transfer": "cause_key",
    "equipment_movement": "request_id",
    "stocktake_count": "count_key",
    "attendance_mark": "mark_key",
    "checklist_signature": "signature_key",
    "day_closing": "closing_key",
}

_REFUSE_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'append-only: %% refuses %%', TG_TABLE_NAME, TG_OP USING ERRCODE = 'raise_exception'; END $$
"""

# The lower id first, so that two transfers between the same two purses never wait for each other in a ring.
_POST_FUNCTION = """
CREATE OR REPLACE FUNCTION post_ledger_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.from_account_id < NEW.to_account_id THEN
    UPDATE account SET balance = balance - NEW.amount WHERE id = NEW.from_account_id AND owner_kind <> 'system';
    UPDATE account SET balance = balance + NEW.amount WHERE id = NEW.to_account_id AND owner_kind <> 'system';
  ELSE
    UPDATE account SET balance = balance + NEW.amount WHERE id = NEW.to_account_id AND owner_kind <> 'system';
    UPDATE account SET balance = balance - NEW.amount WHERE id = NEW.from_account_id AND owner_kind <> 'system';
  END IF;
  RETURN NULL;
END $$
"""

_POST_SQLITE = """
CREATE TRIGGER ledger_transfer_post AFTER INSERT ON ledger_transfer BEGIN
  UPDATE account SET balance = balance - NEW.amount WHERE id = NEW.from_account_id AND owner_kind <> 'system';
  UPDATE account SET balance = balance + NEW.amount WHERE id = NEW.to_account_id AND owner_kind <> 'system';
END
"""

_ENTRY_VIEW = """
CREATE VIEW ledger_entry AS
  SELECT id AS transfer_id, from_account_id AS account_id, -amount AS amount, at FROM ledger_transfer
  UNION ALL
  SELECT id AS transfer_id, to_account_id AS account_id, amount, at FROM ledger_transfer
"""


# A payment goes forward only, and what it was made with stays: whoever has paid finds the same payment again.
_STEPS = {"created": 0, "token_ok": 1, "redirected": 2, "returned": 3}  # any other state is the end


def _rank(row: str) -> str:
    steps = " ".join(f"WHEN '{state}' THEN {rank}" for state, rank in _STEPS.items())
    return f"CASE {row}.state {steps} ELSE 4 END"


_BACKWARD = (
    f"{_rank('NEW')} < {_rank('OLD')} OR ({_rank('OLD')} = 4 AND NEW.state <> OLD.state) OR NEW.amount <> OLD.amount "
    "OR NEW.gateway <> OLD.gateway OR NEW.order_number <> OLD.order_number"
)
_PAYMENT_FUNCTION = f"""
CREATE OR REPLACE FUNCTION keep_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF ({_BACKWARD}) THEN RAISE EXCEPTION 'forward only: payment' USING ERRCODE = 'raise_exception'; END IF;
  RETURN NEW;
END $$
"""


def _append_only(table: str, dialect: str) -> Iterator[str]:
    if dialect == "sqlite":
        refuse = f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
        yield f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}"
        yield f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}"
        yield _no_replace(table)
        return
    yield (
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    yield (
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _no_replace(table: str) -> str:
    """INSERT OR REPLACE deletes the row in its way, and on a connection without recursive triggers no guard sees that.

    A taken key is passed over and not refused: the trigger runs before ON CONFLICT DO NOTHING, which the ledger uses.
    """
    taken = f"SELECT RAISE(ABORT, 'append-only: {table}') WHERE EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"  # noqa: S608 (names of our own)
    if key := KEYS.get(table):
        taken += f"; SELECT RAISE(IGNORE) WHERE EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"  # noqa: S608
    return f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} BEGIN {taken}; END"


def _ledger(dialect: str) -> Iterator[str]:
    if dialect == "sqlite":
        yield _POST_SQLITE
        return
    yield _POST_FUNCTION
    yield (
        "CREATE TRIGGER ledger_transfer_post AFTER INSERT ON ledger_transfer "
        "FOR EACH ROW EXECUTE FUNCTION post_ledger_transfer()"
    )


def _payment(dialect: str) -> Iterator[str]:
    if dialect == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'forward only: payment'); END"
        yield f"CREATE TRIGGER payment_forward BEFORE UPDATE ON payment WHEN {_BACKWARD} {refuse}"
        return
    yield _PAYMENT_FUNCTION
    yield "CREATE TRIGGER payment_forward BEFORE UPDATE ON payment FOR EACH ROW EXECUTE FUNCTION keep_payment()"


def install_table(connection: Connection, table: str) -> None:
    """Put the guards of one table in place; its triggers must not exist."""
    dialect = connection.dialect.name
    if table in APPEND_ONLY:
        for statement in _append_only(table, dialect):
            connection.exec_driver_sql(statement)
    own = {"ledger_transfer": _ledger, "payment": _payment}.get(table)
    for statement in own(dialect) if own else ():
        connection.exec_driver_sql(statement)


def install(connection: Connection) -> None:
    """Put every guard and the view in place on a database that has the tables and none of them."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_REFUSE_FUNCTION)
    for table in _present(connection):
        install_table(connection, table)
    install_entry_view(connection)


def install_entry_view(connection: Connection) -> None:
    connection.exec_driver_sql(_ENTRY_VIEW)


def remove(connection: Connection) -> None:
    """Take away what `install` made, so that the tables can be dropped."""
    connection.exec_driver_sql("DROP VIEW IF EXISTS ledger_entry")
    if connection.dialect.name == "postgresql":
        for table in _present(connection):
            for suffix in ("no_change", "no_truncate", "post", "forward"):
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_{suffix} ON {table}")
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS refuse_change()")
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS post_ledger_transfer()")
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS keep_payment()")


def _present(connection: Connection) -> list[str]:
    """The tables to guard that exist: the first migration knows only its own, later ones bring theirs."""
    existing = set(inspect(connection).get_table_names())
    return [table for table in (*APPEND_ONLY, "payment") if table in existing]
