"""Lists that somebody has named, to find them again as tabs: the address of what they wanted, and nothing of a person.

Source: docs/rules.md R-373.
"""

import re
from collections.abc import Sequence
from urllib.parse import urlencode

from sqlalchemy import delete, func, select, update

from models import SavedFilter, User, db
from services import text
from services.access import Actor
from services.errors import DomainError, NotFound, OutsideTerritory
from services.sql import insert_once
from services.transaction import atomic

MOST, LONGEST, LONGEST_TITLE = 8, 600, 40
_PERSONAL = re.compile(r"\d{8,}")  # the number of a person, and of a course nobody names a list


def of(actor: Actor, page: str) -> Sequence[SavedFilter]:
    """Somebody's own ones for a page, oldest first; one query."""
    mine = SavedFilter.user_id == actor.user_id, SavedFilter.page == page
    return db.session.scalars(select(SavedFilter).where(*mine).order_by(SavedFilter.id)).all()


def save(actor: Actor, page: str, title: str, asked: dict[str, str]) -> bool:
    """Keep an address under a title; False when it stands there just so. A title that is taken gets the new address.

    Raises:
        DomainError: the title is missing, or the list asks for what is not kept.
    """
    named, query = text.clean(title)[:LONGEST_TITLE], urlencode(asked)
    if not named:
        raise DomainError("نامی برای این فهرست بنویسید", field="title")
    if _PERSONAL.search(text.digits(asked.get("q", ""))) or _PERSONAL.search(text.digits(named)):
        raise DomainError("شماره‌های اشخاص در فهرست‌ها نگه داشته نمی‌شود؛ آن را بردارید", field="title")
    if len(query) > LONGEST:
        raise DomainError("این صافی بلندتر از آن است که نگه داشته شود؛ واژه‌ها را کوتاه کنید", field="title")
    mine = {"user_id": actor.user_id, "page": page}
    with atomic():
        db.session.execute(select(User.id).where(User.id == actor.user_id).with_for_update(key_share=True))
        same = select(SavedFilter).filter_by(**mine, title=named)
        if row := db.session.scalar(same):
            changed = update(SavedFilter).where(SavedFilter.id == row.id, SavedFilter.query != query)
            return db.session.scalar(changed.values(query=query).returning(SavedFilter.id)) is not None
        if (db.session.scalar(select(func.count()).select_from(SavedFilter).filter_by(**mine)) or 0) >= MOST:
            most = text.persian_digits(MOST)
            raise DomainError(f"تا {most} فهرست نگه داشته می‌شود؛ یکی را بردارید", field="title")
        db.session.execute(insert_once(SavedFilter, title=named, query=query, **mine))
    return True


def remove(actor: Actor, row_id: int) -> bool:
    """Forget one of one's own.

    Raises:
        OutsideTerritory: it is somebody else's. NotFound: there is none such.
    """
    with atomic():
        gone = delete(SavedFilter).where(SavedFilter.id == row_id, SavedFilter.user_id == actor.user_id)
        if db.session.scalar(gone.returning(SavedFilter.id)) is not None:
            return True
        if db.session.scalar(select(SavedFilter.id).where(SavedFilter.id == row_id)):
            raise OutsideTerritory("saved_filter", row_id)
        raise NotFound("این فهرست پیدا نشد. شاید پیش‌تر برداشته شده است.")
