"""A list of people for one course as a form of import: sent from the page of the course, taken whole by a job."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from models import ImportBatch, Role
from services import codes, imports, policy, text
from services.access import Actor, Level
from services.enrollment import reach
from services.guardians import RELATIONS
from services.imports import Column, ImportForm, Kind, UnsafeSheet, Values
from services.many import keeping, said, typed
from services.many.said import Words
from services.many.typed import Wanted

NO_COURSE = "این پرونده از صفحهٔ یک دوره فرستاده نشده است. از «ثبت‌نام گروهی» همان دوره بفرستید."
HOME = "/center/courses"
CODE_HINT = "با صفرهای ابتدای آن؛ ستون را متنی کنید. برای اتباع خارجی کدی که روی مدرک آنان است"
KIND_HINT = (
    f"برای اتباع خارجی یکی از: {'، '.join(word for word in said.KINDS if word != said.NATIONAL)}؛ خالی یعنی کد ملی"
)
SAID = (*said.TITLES, "evidence", "prerequisite")


def take(batch: ImportBatch, lines: Sequence[Any]) -> None:
    """Make the list of all lines; what cannot be read stands in it with what is wrong.

    Raises:
        UnsafeSheet: it belongs to no course, or has more people than a list holds.
    """
    course_id = batch.options.get("course")
    if not course_id:
        raise UnsafeSheet(NO_COURSE)
    if len(lines) > typed.MOST_PEOPLE:
        raise UnsafeSheet(typed.too_many(len(lines)))
    origin = keeping.Origin(int(course_id), batch.unit_id, batch.user_id, batch.file_name[-120:])
    words = Words(said.groups())
    keeping.make(origin, _key(batch), [_wanted(line.cells, line.values, words) for line in lines])


def lands(batch: ImportBatch) -> str:
    """The address of the list that has come of a sheet."""
    return f"/center/lists/{_key(batch)}"


def sent_from(batch: ImportBatch) -> str:
    """The address of the page of the course that the sheet came from."""
    course = batch.options.get("course")
    return f"{HOME}/{course}/list" if course else HOME


def _key(batch: ImportBatch) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"list of {batch.file_key}"))


def _wanted(cells: dict[str, str], values: Values, words: Words) -> Wanted:
    own = {name: values.get(name) for name in ("first_name", "last_name", "mobile")}
    own |= guardian_of(values)
    born = values.get("birth_date")
    if born and not "1900" <= str(born) <= policy.today().isoformat():
        born = None
    mobile = codes.mobile(str(own["mobile"])) or own["mobile"] if own["mobile"] else None
    day = date.fromisoformat(str(born)[:10]).isoformat() if born else None
    more, problem = words.read({name: cells.get(name) for name in SAID})
    return typed.wanted(cells.get("national_code", ""), problem, **{**own, **more, "mobile": mobile, "birth_date": day})


def guardian_of(values: Values) -> dict[str, str]:
    """The guardian that a line names; what is no relation of ours stays as it was written, to be refused."""
    by_word = {text.key(title): each.value for each, title in RELATIONS.items()}
    relation = str(values.get("guardian_relation") or "")
    mobile, code = (str(values.get(name) or "") for name in ("guardian_mobile", "guardian_code"))
    found = {"guardian_code": codes.national_code(code) or code, "guardian_mobile": codes.mobile(mobile) or mobile}
    return found | {"guardian_relation": by_word.get(text.key(relation), relation)}


def _units(actor: Actor) -> tuple[int, ...]:
    """Where the actor enrolls others; a counter office without a contract sends no sheet either."""
    reach.may_enroll(actor)
    return actor.enrolling().units


FORM = imports.register(
    ImportForm(
        code="enrollments",
        title="ثبت‌نام گروهی از اکسل",
        lead="هر ردیف یک نفر است. پس از خوانده شدن، وضع هر نفر را می‌بینید و کسی پیش از تأیید شما ثبت‌نام نمی‌شود.",
        level=Level.CENTER,
        roles=(Role.CLERK, Role.MANAGER, Role.COUNTER),
        columns=(
            Column("national_code", "کد ملی", Kind.CODE, is_required=True, longest=20, hint=CODE_HINT),
            Column("first_name", "نام", longest=80, hint="اگر خالی باشد ثبت احوال آن را می‌نویسد"),
            Column("last_name", "نام خانوادگی", longest=80),
            Column("mobile", "تلفن همراه", Kind.CODE, longest=20, hint="به نام خود کارآموز"),
            Column("birth_date", "تاریخ تولد", Kind.DATE, hint="با آن نام از ثبت احوال می‌آید"),
            Column("target_group", said.TITLES["target_group"], hint=said.group_words),
            Column(
                "evidence", "مدرک گروه", longest=120, hint="نوع و شمارهٔ مدرک؛ برای گروه‌هایی که مدرک می‌خواهند لازم است"
            ),
            Column("schooling", said.TITLES["schooling"], hint=f"یکی از: {'، '.join(said.SCHOOLING)}"),
            Column("prerequisite", "مدرک پیش‌نیاز", longest=120, hint="اگر گذراندن پیش‌نیاز در سامانه ثبت نشده است"),
            Column("foreign_kind", said.TITLES["foreign_kind"], hint=KIND_HINT),
            Column("guardian_code", "کد ملی سرپرست", Kind.CODE, longest=20, hint="فقط برای زیر سن قانونی"),
            Column("guardian_relation", "نسبت سرپرست", longest=20, hint="، ".join(RELATIONS.values())),
            Column("guardian_mobile", "همراه سرپرست", Kind.CODE, longest=20, hint="به نام خود سرپرست"),
        ),
        key=(),
        label=lambda values: "",
        shown=(),
        subject=imports.Nothing(),
        whose=_units,
        home=HOME,
        takes=take,
        lands=lands,
        sent_from=sent_from,
    )
)
