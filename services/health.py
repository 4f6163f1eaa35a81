"""Whether this installation can serve: database reachable, at the newest migration, Redis reachable."""

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from gateways import queue
from models import db

HEAD = "0010"


def readiness() -> dict[str, bool]:
    """The three parts that `/readyz` reports; Redis away delays work and loses none."""
    database, migrated = False, False
    try:
        db.session.execute(text("SELECT 1"))
        database = True
        migrated = db.session.scalar(text("SELECT version_num FROM alembic_version")) == HEAD
    except SQLAlchemyError:
        db.session.rollback()
    return {"database": database, "migrations": migrated, "redis": queue.is_alive()}
