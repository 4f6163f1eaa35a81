"""The pages on which a clerk writes a course, as a browser without scripts uses them."""

import datetime as dt

from models import Agreement, AgreementKind, Course, Organization, OrganizationKind, Place, PlaceKind, db
from services import courses, jalali
from tests import make
from tests.web.reading import soup_of

PARTS = {
    "time": ("place", "setting", "delivery", "shift", "start_on", "end_on", "weekdays", "start_time", "end_time"),
    "workshop": ("workshop", "capacity"),
    "teacher": ("instructor", "co_", "hours_"),
}  # every other field is one of the terms


def part_of(name):
    return next((part for part, names in PARTS.items() if name.startswith(names)), "terms")


def held(soup, selector="form[data-draft]"):
    """The fields of a form as the desk holds them."""
    form, values = soup.select_one(selector), {}
    for tag in form.select("input[name]:not([type=radio]):not([type=checkbox])"):
        values[tag["name"]] = tag.get("value", "")
    for tag in form.select("input[checked]"):
        values.setdefault(tag["name"], []).append(tag["value"])
    for tag in form.select("select[name]"):
        option = tag.select_one("option[selected]")
        values[tag["name"]] = option["value"] if option else ""
    return values


def address(course, part):
    return f"/center/courses/{course.id}/edit/{part}"


def put(desk, course, do="save", **fields):
    """Write these fields on the page of their part; all of them are of one."""
    [part] = {part_of(name) for name in fields} or {"workshop"}
    url = address(course, part)
    return desk.post(url, data={**held(soup_of(desk.get(url))), "do": do, **fields})


def send(desk, course, **fields):
    """Sign the checklist and send, as the last page offers it."""
    url = address(course, "send")
    signed = {f"sign_{name}": "y" for name in courses.CHECKLIST} | {"note": "از کارگاه دیگر می‌آوریم"}
    return desk.post(url, data={**held(soup_of(desk.get(url))), **signed, **fields})


def date_fields(name, day):
    return {f"{name}-{part}": str(value) for part, value in zip("ymd", jalali.parts(day), strict=True)}


def fresh(course):
    return db.session.get(Course, course.id, populate_existing=True)


def agreement(province, **over):
    """An organization of a province with a contract."""
    title = "شرکت نساجی گرگان"
    names = {"title": title, "title_key": title, "title_sort": title, "legal_id": "10100000001"}
    organization = make.save(Organization(province_id=province.id, kind=OrganizationKind.COMPANY, **names))
    over = {"kind": AgreementKind.CONTRACT, "number": "۱۴۰۵/۷", "signed_on": dt.date(2026, 9, 1), **over}
    return make.save(Agreement(organization_id=organization.id, **over))


def another_place(unit):
    return make.save(Place(unit_id=unit.id, province_id=unit.province_id, title="شعبهٔ دوم", kind=PlaceKind.BUILDING))
