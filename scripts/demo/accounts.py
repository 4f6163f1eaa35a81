"""The demo accounts, as the README lists them."""

from dataclasses import dataclass

from scripts.demo.units import ACADEMY1, CENTER1, CENTER2, COUNTER1, directorate_code
from scripts.reference.lay import HQ_CODE
from scripts.reference.places import province

PASSWORD = "doreh-demo"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Account:
    username: str
    roles: tuple[str, ...]
    unit_code: str
    can_enroll_others: bool
    what: str


def accounts() -> tuple[Account, ...]:
    """All accounts, in the order in which the README shows them."""
    golestan, mazandaran = (directorate_code(province(title).code) for title in ("گلستان", "مازندران"))
    return (
        Account("clerk1", ("clerk",), CENTER1, True, "کارشناس ثبت‌نام مرکز"),
        Account("manager1", ("manager",), CENTER1, True, "مدیر مرکز"),
        Account("counselor1", ("counselor",), CENTER1, False, "مشاور مرکز"),
        Account("academy1", ("clerk",), ACADEMY1, True, "کارشناس ثبت‌نام آموزشگاه آزاد"),
        Account("head1", ("manager",), ACADEMY1, True, "مدیر آموزشگاه آزاد"),
        Account("province1", ("reviewer",), golestan, False, "کارشناس بررسی استان"),
        Account("planner1", ("planner",), golestan, False, "کارشناس برنامه‌ریزی آموزش استان"),
        Account("director1", ("director",), golestan, False, "مدیر کل استان"),
        Account("hq1", ("reviewer",), HQ_CODE, False, "کارشناس بررسی ستاد"),
        Account("admin1", ("admin",), HQ_CODE, False, "مدیر سامانه در ستاد"),
        Account("instructor1", ("instructor",), CENTER1, False, "مربی جوشکاری"),
        Account("counter1", ("counter",), COUNTER1, True, "دفتر پیشخوان"),
        Account("operator1", ("operator",), HQ_CODE, False, "راهبر فنی"),
        Account("clerk2", ("clerk",), CENTER2, True, "کارشناس ثبت‌نام مرکز ساری"),
        Account("manager2", ("manager",), CENTER2, True, "مدیر مرکز ساری"),
        Account("province2", ("reviewer",), mazandaran, False, "کارشناس بررسی استان مازندران"),
    )
