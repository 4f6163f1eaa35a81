"""The engine of imports on the catalog of standards: what is read, shown, imported, sent again and undone."""

import datetime as dt
import io

import openpyxl
import pytest
from sqlalchemy import func, select, update

import gateways
from models import (
    AuditEvent,
    FieldLevel,
    ImportBatch,
    ImportRow,
    ImportState,
    Outbox,
    Role,
    SkillStandard,
    Unit,
    UnitKind,
    db,
    utcnow,
)
from services import access, files, imports, outbox, standards, submissions
from services.access import Level
from services.errors import Conflict, DomainError, NotAllowed, OutsideTerritory
from services.imports import UnsafeSheet, applying, keep
from services.imports.workbook import workbook
from services.transaction import atomic
from tests import make, owed
from tests import sheets as made
from tests.race.crowd import storm

FORM = standards.sheet.FORM


@pytest.fixture(autouse=True)
def folder(app, tmp_path, monkeypatch):
    """An empty store for each test; the answer is its folder."""
    store = gateways.LocalDisk(tmp_path / "files")
    monkeypatch.setitem(app.extensions, "file_store", store)
    return store.folder


@pytest.fixture
def hq():
    make.field("جوشکاری")
    return actor(make.user(Role.ADMIN, make.unit(UnitKind.HQ)))


def actor(user):
    return access.actor(user, Level.HQ, access.roles_of(user.id))


def work() -> None:
    """What the worker does until nothing is owed about sheets."""
    while rows := [row.id for row in owed.rows() if row.state == "open" and row.topic == "import"]:
        for row in rows:
            outbox.handle(row)


def send(hq, *lines, name="a.xlsx", data=None, form=FORM, **options) -> ImportBatch:
    data = data if data is not None else made.xlsx(*lines)
    sent = imports.send(hq, form, submissions.new_key(), (name, data), options)
    work()
    return again(hq, sent.batch_id)


def again(hq, batch_id: int) -> ImportBatch:
    db.session.rollback()
    return imports.get(hq, batch_id)


def applied(hq, *lines, **more) -> ImportBatch:
    batch = send(hq, *lines, **more)
    imports.apply(hq, batch.id)
    work()
    return again(hq, batch.id)


def undone(hq, batch) -> ImportBatch:
    imports.undo(hq, batch.id)
    work()
    return again(hq, batch.id)


def lines_of(batch) -> list[ImportRow]:
    return list(imports.rows(batch, size=6000))


def standard(number: int = 1) -> SkillStandard | None:
    return db.session.scalar(
        select(SkillStandard)
        .where(SkillStandard.code == f"7212{number:011d}")
        .execution_options(populate_existing=True)
    )


def how_many(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model))


# -- Reading -----------------------------------------------------------------------


def test_a_sheet_is_read_by_a_job_and_shown_before_anything_is_stored(hq):
    batch = send(hq, made.line(1), made.line(2))
    assert (batch.state, batch.row_count, batch.bad_count, batch.todo_count) == ("ready", 2, 0, 2)
    assert [row.kind for row in lines_of(batch)] == ["new", "new"]
    assert standard(1) is None


def test_every_kind_of_bad_cell_is_told_at_its_column_beside_what_was_written(hq):
    bad = {
        "field": "رشتهٔ ناشناس",
        "title": "",
        "code": "72120000000001",
        "theory_hours": "چهل",
        "theory_rest": "60",
        "practice_hours": "=40+40",
        "compiled_on": "1404/07/31",
        "old_code": "ا" * 41,
    }
    batch = send(hq, made.line(1), made.line(2, **bad), made.line(3, field="رشتهٔ ناشناس"))
    _, wrong, unknown = lines_of(batch)
    assert set(wrong.errors) == set(bad)
    assert set(unknown.errors) == {"field"}
    assert (wrong.cells["theory_hours"], wrong.cells["theory_rest"]) == ("چهل", "60")
    assert (batch.row_count, batch.bad_count, batch.todo_count) == (3, 2, 1)


def rows_of(number: int, row: str) -> bytes:
    return made.with_part("xl/worksheets/sheet1.xml", made.rows_xml("".join(row % n for n in range(1, number + 1))))


@pytest.mark.parametrize(("data", "why"), [
    (lambda: rows_of(1_000_000, '<row r="%d"/>'), "بیش از ۲ مگابایت"),
    (lambda: rows_of(1_000_000, "<row/>%.0s"), "بیش از اندازه بزرگ می‌شود"),
    (lambda: made.with_part("xl/media/a.bin", b"0" * 60_000_000), "بیش از اندازه بزرگ می‌شود"),
    (lambda: made.with_part("xl/externalLinks/externalLink1.xml", "<x/>"), "پیوند دارد"),
], ids=["a million rows", "a million rows packed tight", "60 MB in 60 KB", "link"])  # fmt: skip
def test_what_is_refused_at_the_door_leaves_nothing_anywhere(hq, folder, data, why):
    with pytest.raises(UnsafeSheet, match=why):
        send(hq, data=data())
    assert not any(path.is_file() for path in folder.rglob("*"))
    assert (how_many(ImportBatch), how_many(ImportRow), owed.rows()) == (0, 0, [])


def test_a_sheet_of_too_many_rows_that_came_through_the_door_is_refused_as_a_whole(hq):
    batch = send(hq, data=rows_of(60_000, '<row r="%d"><c><v>1</v></c></row>'))
    assert (batch.state, batch.row_count) == (ImportState.REFUSED, 0)
    assert "بیش از ۵٬۰۰۰ ردیف" in batch.note
    assert (how_many(ImportRow), how_many(SkillStandard)) == (0, 0)


def test_a_standard_without_hours_is_none(hq):
    none, wrong = lines_of(send(
        hq, made.line(1, theory_hours="", theory_rest="", practice_hours=""),
        made.line(2, theory_hours="", theory_rest="", practice_hours="چهل"),
    ))  # fmt: skip
    assert (none.errors.keys(), wrong.errors.keys()) == ({"theory_hours"}, {"practice_hours"})


def test_a_code_that_excel_made_a_number_gets_its_zeros_back(hq):
    applied(hq, made.line(1, code="000000000000123"), data=made.xlsx(made.line(1, code="123"), as_numbers={"code"}))
    assert db.session.scalar(select(SkillStandard.code)) == "000000000000123"


@pytest.mark.parametrize("code", ["72120000000001", "7.212E+14", "7212 0000 000 0001 2"])
def test_a_code_of_text_is_never_filled_up(hq, code):
    (row,) = lines_of(send(hq, made.line(1, code=code)))
    assert row.errors.keys() == {"code"}


def test_arabic_letters_and_digits_are_stored_in_one_spelling(hq):
    line = made.line(1, title="تعمير كامپيوتر", code="٧٢١٢00000000001", theory_hours="۴۰", compiled_on="۱۳۹۸/۰۷/۰۱")
    applied(hq, line)
    row = standard(1)
    assert (row.title, row.theory_minutes, str(row.compiled_on)) == ("تعمیر کامپیوتر", 40 * 60 + 30, "2019-09-23")


def test_titles_of_columns_may_be_spelled_with_spaces_and_stand_in_any_order(hq):
    titles = [title.replace("_", " ").replace("ک", "ك") for title in made.TITLES]
    applied(hq, data=made.text(made.line(1)[::-1], titles=titles[::-1]), name="a.csv")
    assert standard(1).practice_minutes == 80 * 60


@pytest.mark.parametrize(("titles", "why"), [
    (["رشته", "حرفه"], "کد_استاندارد_ایسکو"), ([*made.TITLES, "حرفه"], "دو بار"),
])  # fmt: skip
def test_a_sheet_with_wrong_columns_is_refused_as_a_whole(hq, titles, why):
    batch = send(hq, data=made.text(["a"] * len(titles), titles=titles), name="a.csv")
    assert batch.state == "refused"
    assert why in batch.note
    assert how_many(ImportRow) == 0


def test_an_unknown_column_is_named_and_left_out(hq):
    batch = send(hq, data=made.xlsx([*made.line(1), "x"], titles=[*made.TITLES, "رنگ"]))
    assert (batch.state, "رنگ" in batch.note) == ("ready", True)


def test_a_code_that_stands_twice_is_wrong_the_second_time_and_says_where_the_first_is(hq):
    first, second = lines_of(send(hq, made.line(1), made.line(1, title="دیگر")))
    assert (first.kind, second.kind) == ("new", "bad")
    assert "ردیف ۲" in second.errors["code"]


def test_a_name_that_stands_twice_in_a_field_is_wrong_in_the_sheet_and_against_the_catalog(hq):
    _, second = lines_of(send(hq, made.line(1, title="برش‌کار"), made.line(2, title="برشكار")))
    assert second.errors.keys() == {"title"}
    applied(hq, made.line(1, title="برش‌کار"))
    (row,) = lines_of(send(hq, made.line(2, title="برش‌کار")))
    assert row.errors.keys() == {"title"}


def test_fields_of_one_name_are_told_apart_by_what_is_above_them(hq):
    family = make.field("صنعت")
    family.level = FieldLevel.FAMILY
    cluster = make.field("مکانیک")
    cluster.level, cluster.parent_id = FieldLevel.CLUSTER, family.id
    other = make.field("برش")
    make.field("برش").parent_id = cluster.id
    db.session.commit()
    other.parent_id = make.field("خوشهٔ دیگر").id
    db.session.commit()
    none, one, wrong = lines_of(send(
        hq, made.line(1, field="برش"), made.line(2, field="برش", cluster="مكانيك", family="صنعت"),
        made.line(3, field="برش", cluster="ناشناس"),
    ))  # fmt: skip
    assert [row.kind for row in (none, one, wrong)] == ["bad", "new", "bad"]
    assert (none.errors.keys(), wrong.errors.keys()) == ({"field"}, {"cluster"})


# -- Importing ---------------------------------------------------------------------


def test_the_good_lines_are_imported_and_the_bad_ones_stay_behind(hq):
    batch = applied(hq, made.line(1), made.line(2, code="1"), made.line(3))
    assert (batch.state, batch.done_count, batch.failed_count) == ("done", 2, 0)
    assert (standard(1).title, standard(3).old_code) == ("جوشکار 1", "0-32/13/2/1")
    assert how_many(SkillStandard) == 2


def test_the_same_sheet_again_changes_nothing(hq):
    data = made.xlsx(made.line(1), made.line(2))  # once: a workbook holds the second in which it was written
    applied(hq, data=data)
    batch = send(hq, data=data)
    assert (batch.todo_count, imports.counts(batch)["same"]) == (0, 2)
    with pytest.raises(DomainError, match="چیزی برای ثبت نیست"):
        imports.apply(hq, batch.id)
    assert imports.twin(batch) is not None


def test_a_change_is_shown_field_by_field_and_only_that_is_written(hq):
    applied(hq, made.line(1), made.line(2))
    batch = send(hq, made.line(1, practice_hours="100", title="جوشکار ارشد"), made.line(2))
    changed, same = lines_of(batch)
    assert (changed.kind, same.kind) == ("changed", "same")
    assert changed.before == {"title": "جوشکار 1", "practice_minutes": 4800}
    assert changed.after == {"title": "جوشکار ارشد", "practice_minutes": 6000}


def test_a_column_that_the_sheet_lacks_leaves_what_is_stored(hq):
    applied(hq, made.line(1))
    batch = applied(hq, data=made.text(["جوشکاری", "نام تازه", "721200000000001"], titles=[
        "رشته", "حرفه", "کد_استاندارد_ایسکو"]), name="a.csv")  # fmt: skip
    assert batch.done_count == 1
    assert (standard(1).title, standard(1).theory_minutes, standard(1).min_education) == ("نام تازه", 2430, "دیپلم")


def test_a_whole_list_retires_what_it_lacks_and_brings_back_what_it_has(hq):
    applied(hq, made.line(1), made.line(2))
    batch = applied(hq, made.line(2), whole=True)
    assert imports.counts(batch)["missing"] == 1
    assert (standard(1).retired_at is None, standard(2).retired_at is None) == (False, True)
    applied(hq, made.line(1), made.line(2), whole=True)
    assert standard(1).retired_at is None


def test_a_list_that_is_not_whole_retires_nothing(hq):
    applied(hq, made.line(1), made.line(2))
    applied(hq, made.line(2, kind="شایستگی"))
    assert standard(1).retired_at is None


def test_courses_keep_the_standard_that_they_were_made_with(hq):
    applied(hq, made.line(1))
    course = make.course(standard=standard(1))
    applied(hq, made.line(1, title="نام دیگر", theory_hours="1"))
    db.session.refresh(course)
    assert course.title == "جوشکار 1"


def test_what_has_changed_since_the_preview_is_not_overwritten(hq):
    applied(hq, made.line(1), made.line(2))
    batch = send(hq, made.line(1, title="از اکسل"), made.line(2, title="از اکسل ۲"))
    standard(1).title = "از دست"
    db.session.commit()
    imports.apply(hq, batch.id)
    work()
    batch = again(hq, batch.id)
    assert (batch.state, batch.done_count, batch.failed_count) == ("done", 1, 1)
    assert (standard(1).title, standard(2).title) == ("از دست", "از اکسل ۲")


def test_the_same_new_lines_in_two_sheets_are_imported_once(hq):
    first, second = send(hq, made.line(1)), send(hq, made.line(1))
    for batch in (first, second):
        imports.apply(hq, batch.id)
    work()
    assert how_many(SkillStandard) == 1
    assert again(hq, second.id).failed_count == 1


# -- Undoing -----------------------------------------------------------------------


def test_an_import_is_taken_back_whole_and_can_be_done_again(hq):
    applied(hq, made.line(1), made.line(2))
    batch = applied(hq, made.line(1, title="دیگر", compiled_on=""), made.line(3), whole=True)
    assert undone(hq, batch).state == "undone"
    assert (standard(1).title, str(standard(1).compiled_on)) == ("جوشکار 1", "2019-09-23")
    assert (standard(2).retired_at, standard(3)) == (None, None)
    assert applied(hq, made.line(3)).done_count == 1


def test_an_import_whose_rows_somebody_changed_since_is_not_taken_back_at_all(hq):
    batch = applied(hq, made.line(1), made.line(2))
    applied(hq, made.line(2, title="تغییر بعدی"))
    batch = undone(hq, batch)
    assert batch.state == "done"
    assert "721200000000002" in batch.note
    assert how_many(SkillStandard) == 2
    assert batch.undone_count == 0


def test_a_standard_that_a_course_was_made_of_stays_when_its_import_is_undone(hq):
    batch = applied(hq, made.line(1), made.line(2))
    make.course(standard=standard(1))
    batch = undone(hq, batch)
    assert (batch.state, batch.undone_count, batch.kept_count) == ("undone", 1, 1)
    assert (standard(1) is None, standard(2)) == (False, None)


# -- Jobs that die, and people at once ---------------------------------------------


def many(count: int) -> list[list[object]]:
    return [made.line(n) for n in range(1, count + 1)]


@pytest.mark.parametrize("step", ["read", "apply", "undo"])
def test_a_job_killed_in_the_middle_goes_on_and_doubles_nothing(hq, monkeypatch, step):
    batch = applied(hq, *many(120)) if step == "undo" else send(hq, *many(120)) if step == "apply" else None
    calls = []

    def dies_at_the_second(form, *args):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return found(form, *args)

    with monkeypatch.context() as patch:
        name = "look" if step == "undo" else "find"
        found = getattr(standards.sheet.Standards, name)
        patch.setattr(standards.sheet.Standards, name, dies_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            batch = _begin(hq, batch, step)
    db.session.rollback()
    owed.skip_the_wait()
    work()
    batch = again(hq, batch.id if batch else how_many(ImportBatch))
    assert batch.row_count == how_many(ImportRow) == 120
    assert how_many(SkillStandard) == {"read": 0, "apply": 120, "undo": 0}[step]


def _begin(hq, batch, step):
    if step == "read":
        return send(hq, *many(120))
    {"apply": imports.apply, "undo": imports.undo}[step](hq, batch.id)
    work()
    return batch


def test_lines_left_after_a_turn_are_due_again_at_once(hq, monkeypatch):
    monkeypatch.setattr(applying, "TURN_S", -1)
    batch = applied(hq, *many(120))
    assert (batch.state, batch.done_count) == ("done", 120)
    assert undone(hq, batch).undone_count == 120


def test_two_people_who_import_one_sheet_at_once_import_it_once(app, hq):
    batch_id = send(hq, *many(60)).id
    other = actor(make.user(Role.REVIEWER, db.session.get(Unit, hq.units[0])))

    def press(who):
        try:
            imports.apply(who, batch_id)
        except Conflict:
            return "late"
        return "done"

    assert storm(app, press, [hq, other] * 4) == {"done": 1, "late": 7}
    work()
    assert again(hq, batch_id).done_count == 60


def test_many_workers_with_one_import_do_each_line_once(app, hq):
    batch = send(hq, *many(120))
    imports.apply(hq, batch.id)
    (row,) = [row.id for row in owed.rows() if row.state == "open"]
    storm(app, lambda _: outbox.handle(row), range(8))
    work()
    assert (again(hq, batch.id).done_count, how_many(SkillStandard)) == (120, 120)


def test_a_worker_who_lost_the_claim_leaves_nothing_behind(hq):
    batch = send(hq, *many(10))
    imports.apply(hq, batch.id)
    (row,) = [row for row in owed.rows() if row.state == "open"]
    stale = outbox.Claim(row.id, outbox.Topic.IMPORT, batch.id, attempt=99, failures=0)
    with pytest.raises(outbox.LostLease):
        applying.apply(stale, again(hq, batch.id))
    assert how_many(SkillStandard) == 0


# -- Who ---------------------------------------------------------------------------


def test_only_hq_imports_the_catalog(hq):
    batch = send(hq, made.line(1))
    clerk = make.user(Role.MANAGER)
    center = access.actor(clerk, Level.CENTER, access.roles_of(clerk.id))
    with pytest.raises(NotAllowed):
        imports.send(center, FORM, submissions.new_key(), ("a.xlsx", made.xlsx(made.line(1))), {})
    with pytest.raises(OutsideTerritory):
        imports.get(center, batch.id)


def test_the_same_form_sent_twice_is_one_batch(hq):
    key, file = submissions.new_key(), ("a.xlsx", made.xlsx(made.line(1)))
    first, second = (imports.send(hq, FORM, key, file, {}) for _ in range(2))
    assert (first.batch_id, first.repeated, second.repeated) == (second.batch_id, False, True)
    assert how_many(ImportBatch) == 1


def test_a_path_in_the_name_of_a_file_goes_nowhere(hq):
    batch = send(hq, made.line(1), name="../../etc/پرونده.xlsx")
    assert batch.file_name == "پرونده.xlsx"


def test_a_sheet_that_has_ended_process_after_process_is_refused(hq):
    sent = imports.send(hq, FORM, submissions.new_key(), ("a.xlsx", made.xlsx(made.line(1))), {})
    with atomic():
        db.session.execute(update(Outbox).values(attempts=8))
    work()
    batch = again(hq, sent.batch_id)
    assert (batch.state, how_many(ImportRow)) == (ImportState.REFUSED, 0)
    assert "خوانده نشد" in batch.note


def test_a_sheet_whose_bytes_are_gone_says_so(hq):
    sent = imports.send(hq, FORM, submissions.new_key(), ("a.xlsx", made.xlsx(made.line(1))), {})
    keep.drop(imports.get(hq, sent.batch_id).file_key)
    work()
    assert again(hq, sent.batch_id).state is ImportState.REFUSED


def test_the_bytes_of_a_sheet_are_forgotten_after_thirty_days_and_the_import_stays(hq):
    batch = send(hq, made.line(1))
    assert files.sweep(utcnow() + keep.KEPT - dt.timedelta(minutes=1)) == 0
    assert files.sweep(utcnow() + keep.KEPT + dt.timedelta(minutes=1)) == 1
    imports.apply(hq, batch.id)
    work()
    assert standard(1) is not None


def test_sending_importing_and_undoing_leave_audit_rows_without_what_was_written(hq):
    undone(hq, applied(hq, made.line(1)))
    query = select(AuditEvent).where(AuditEvent.subject == "import_batch").order_by(AuditEvent.id)
    events = db.session.scalars(query).all()
    assert [event.action for event in events] == [
        "import.send", "import.apply", "import.done", "import.undo", "import.undone"]  # fmt: skip
    assert "جوشکار" not in str([event.detail for event in events])


def test_the_bad_lines_come_back_as_a_sheet_of_text_that_can_be_mended_and_sent(hq):
    batch = send(hq, made.line(1), made.line(2, title="-جوشکار", code="2"))
    data = imports.bad_lines(batch)
    page = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    (titles, written) = page.iter_rows(values_only=True)
    assert page.sheet_view.rightToLeft
    assert written[titles.index("حرفه")] == "'-جوشکار"
    assert "۱۵ نویسه" in written[-1]
    (row,) = lines_of(send(hq, data=data))
    assert (row.data["title"], row.errors.keys()) == ("-جوشکار", {"code"})


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_nothing_that_we_write_into_a_sheet_is_a_formula(start):
    (_, cells) = openpyxl.load_workbook(io.BytesIO(workbook(("داده", [["نام"], [f"{start}1+1"]])))).worksheets[0]
    assert cells[0].data_type == "s"
    assert not cells[0].value.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_the_template_reads_back_as_the_columns_of_its_form(hq):
    for form in standards.FORMS:
        book = openpyxl.load_workbook(io.BytesIO(imports.template(form)))
        assert [cell.value for cell in book.worksheets[0][1]] == [column.title for column in form.columns]
        assert book.worksheets[0].column_dimensions["A"].number_format == "@"
