"""The base class, the column types and the session that every table shares."""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    event,
)
from sqlalchemy import Enum as SqlEnum
from sqlalchemy.orm import DeclarativeBase, mapped_column

from tables import functions, guards

APPEND_ONLY = guards.APPEND_ONLY


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC on both databases; a naive value is a bug and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("naive datetime")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


class Base(DeclarativeBase):
    """Names every constraint, so that a violated one can be turned into a sentence."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False, "autoflush": True})
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


@event.listens_for(Base.metadata, "after_create")
def _install_guards(target: MetaData, connection: Any, **_: Any) -> None:
    guards.install(connection)
    functions.install(connection)


def utcnow() -> datetime:
    return datetime.now(UTC)


def choice(kind: type[enum.StrEnum], column: str) -> SqlEnum:
    """Text limited to the values of `kind` by a CHECK named after the column."""
    return SqlEnum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=24,
        name=column,
        values_callable=lambda k: [m.value for m in k],
    )


BIG = BigInteger().with_variant(Integer, "sqlite")
Pk = Annotated[int, mapped_column(BIG, primary_key=True)]
Rial = Annotated[int, mapped_column(BigInteger)]
Utc = Annotated[datetime, mapped_column(UtcDateTime, default=utcnow)]
MaybeUtc = Annotated[datetime | None, mapped_column(UtcDateTime)]
Name = Annotated[str, mapped_column(String(200))]
SortKey = Annotated[str, mapped_column(String(400))]  # two characters for each of a name
Code10 = Annotated[str | None, mapped_column(String(12))]


def fk(target: str, *, index: bool = False, unique: bool | None = None) -> Any:
    return mapped_column(ForeignKey(f"{target}.id"), index=index, unique=unique)
