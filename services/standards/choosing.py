"""The catalog of skill standards as clerks choose from it; a standard is never typed."""

from collections.abc import Sequence

from sqlalchemy import or_, select, tuple_
from sqlalchemy.orm import joinedload

from models import SkillStandard, TradeField, db
from services.errors import DomainError, NotFound
from services.text import clean, digits, key

_WORDS_LIMIT = 6


def search(words: str, *, after: tuple[str, int] | None = None, size: int = 25) -> Sequence[SkillStandard]:
    """Standards in use whose title, field or code has every word, by title; up to `size` + 1 of them."""
    query = (
        select(SkillStandard)
        .join(SkillStandard.field)
        .options(joinedload(SkillStandard.field))
        .where(SkillStandard.retired_at.is_(None))
        .order_by(SkillStandard.title_sort, SkillStandard.id)
        .limit(size + 1)
    )
    for word in clean(words).split()[:_WORDS_LIMIT]:
        if not (wanted := key(word)):
            continue
        query = query.where(
            or_(
                SkillStandard.title_key.contains(wanted, autoescape=True),
                TradeField.title_key.contains(wanted, autoescape=True),
                SkillStandard.code.startswith(digits(word), autoescape=True),
            )
        )
    if after:
        query = query.where(tuple_(SkillStandard.title_sort, SkillStandard.id) > after)
    return db.session.scalars(query).all()


def usable(standard_id: int) -> SkillStandard:
    """A standard for a new course.

    Raises:
        NotFound: there is no such standard.
        DomainError: it is retired; courses that have it keep its title.
    """
    standard = db.session.get(SkillStandard, standard_id, populate_existing=True)
    if standard is None:
        raise NotFound("این استاندارد پیدا نشد. آن را دوباره از فهرست انتخاب کنید.")
    if standard.retired_at is not None:
        raise DomainError(
            f"استاندارد «{standard.title}» از رده خارج شده است و برای دورهٔ تازه به کار نمی‌رود. "
            "استاندارد دیگری انتخاب کنید.",
            field="standard_id",
        )
    return standard
