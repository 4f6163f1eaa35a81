"""The courses of one unit that start in one month, as its booklet lists them (دفترچهٔ دوره‌ها)."""

from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace

from sqlalchemy import select

from models import County, Course, Province, Unit, db
from services import jalali, policy
from services.catalog.listing import CourseRow, rows
from services.courses.reading import HAVE_COURSES, PUBLIC
from services.text import persian_digits

MOST = 150


@dataclass(frozen=True)
class Month:
    """A Jalali month."""

    year: int
    month: int

    @property
    def first(self) -> date:
        return jalali.to_gregorian(self.year, self.month, 1)

    @property
    def last(self) -> date:
        return self.after.first - timedelta(days=1)

    @property
    def after(self) -> "Month":
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def before(self) -> "Month":
        return Month(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    @property
    def has_begun(self) -> bool:
        return self.first <= policy.today()

    @property
    def title(self) -> str:
        return f"{jalali.MONTHS[self.month - 1]} {persian_digits(self.year)}"

    @property
    def text(self) -> str:
        """As it stands in an address."""
        return f"{self.year}-{self.month:02}"


def month_of(day: date) -> Month:
    return Month(*jalali.parts(day)[:2])


def unit(code: str) -> SimpleNamespace | None:
    """A center or an academy in use, with what its booklet says of it; None for every other code."""
    said = (Unit.id, Unit.code, Unit.title, Unit.kind, Unit.phone, Unit.address, Unit.office_hours)
    places = (County.title.label("county_title"), Province.title.label("province_title"))
    query = select(*said, *places).outerjoin(County, County.id == Unit.county_id).outerjoin(Unit.province)
    query = query.where(Unit.code == code, Unit.is_active, Unit.kind.in_(HAVE_COURSES))
    row = db.session.execute(query).one_or_none()
    return None if row is None else SimpleNamespace(**row._mapping)


def starting(unit_id: int, month: Month) -> list[CourseRow]:
    """The approved courses of a unit that start in a month, soonest first."""
    query = rows().where(
        Course.unit_id == unit_id, Course.status.in_(PUBLIC), Course.start_on.between(month.first, month.last)
    )
    found = db.session.execute(query.order_by(Course.start_on, Course.id).limit(MOST))
    return [CourseRow._make(row) for row in found]
