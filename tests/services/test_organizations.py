"""Organizations, their contracts, whom they name for a course, and what they are told of these."""

import io

import openpyxl
import pytest

from models import (
    Agreement,
    Attendance,
    AuditEvent,
    CourseStatus,
    Enrollment,
    Nominee,
    Organization,
    Presence,
    Role,
    UnitKind,
    db,
    utcnow,
)
from services import files, organizations
from services.errors import DomainError, NotAllowed, NotFound, OutsideTerritory
from services.late import LateSaving
from services.organizations import AgreementValues, OrganizationValues, papers, sheet
from tests import attachments, class_cases, make
from tests import course_cases as cases
from tests.race.crowd import storm
from tests.services.test_center_sheets import all_of, applied, errors, undone
from tests.services.test_import_engine import folder, work  # noqa: F401 (a fixture)

FORM = sheet.FORM


@pytest.fixture
def planner():
    return cases.staff(Role.PLANNER, cases.office())


@pytest.fixture
def course(planner):
    """A course of a center under a contract."""
    return make.course(CourseStatus.RUNNING, make.unit(), agreement_id=make.agreement().id)


@pytest.fixture
def clerk(course):
    return cases.staff(Role.CLERK, course.unit)


def said(**over) -> OrganizationValues:
    return OrganizationValues(**{"kind": "company", "legal_id": make.legal_id(), "title": "فولاد گلستان"} | over)


def contract(**over) -> AgreementValues:
    values = {"kind": "contract", "number": "۱۴۰۵/۱۲", "signed_on": class_cases.today()}
    return AgreementValues(**values | over)


# -- Organizations -----------------------------------------------------------------


def test_an_organization_is_there_once_in_a_province_however_often_it_is_sent(app, planner):
    values = said(title="فولاد  گلستان ", phone="۰۱۷-۳۲۲۲۱۱۱۱")
    seen = storm(app, lambda n: organizations.create(planner, "same" if n % 2 else f"key-{n}", values)[1], range(6))
    assert seen["False"] == 1
    row = make.first(Organization)
    assert (db.session.query(Organization).count(), row.title, row.phone) == (1, "فولاد گلستان", "017-32221111")
    with pytest.raises(DomainError, match="ثبت است"):
        organizations.create(planner, "other", values)


@pytest.mark.once
@pytest.mark.parametrize(("over", "field"), [({"legal_id": "10101780645"}, "legal_id"), ({"title": " "}, "title")])
def test_what_cannot_be_is_refused_at_its_field(planner, over, field):
    with pytest.raises(DomainError) as refused:
        organizations.create(planner, "key", said(**over))
    assert refused.value.field == field


def test_a_late_saving_is_refused_with_both_values_and_no_person_in_the_trail(planner):
    row = make.organization(title="فولاد")
    before = organizations.values_of(row)
    assert organizations.edit(planner, row.id, 1, said(legal_id=row.legal_id, title="فولاد", contact="رضا محمدی"))
    with pytest.raises(LateSaving) as late:
        organizations.edit(planner, row.id, 1, OrganizationValues(**{**vars(before), "title": "فولاد نو"}))
    assert {each.field for each in late.value.differences} == {"title", "contact"}
    assert late.value.merged.contact == "رضا محمدی"
    assert not [event for event in db.session.query(AuditEvent) if "محمدی" in str(event.detail)]


def test_contracts_are_in_order_and_their_numbers_are_told_apart(planner):
    row = make.organization()
    assert organizations.add_agreement(planner, row.id, "key", contract())
    assert not organizations.add_agreement(planner, row.id, "key", contract())
    for wrong in (contract(), contract(number="2", valid_until=class_cases.today().replace(year=2020))):
        with pytest.raises(DomainError):
            organizations.add_agreement(planner, row.id, "other", wrong)
    held = make.first(Agreement)
    assert organizations.edit_agreement(planner, held.id, 1, contract(is_active=False))
    with pytest.raises(LateSaving):
        organizations.edit_agreement(planner, held.id, 1, contract(subject="آموزش"))


def test_only_planners_and_reviewers_of_the_province_keep_them(planner, course):
    row = db.session.get(Agreement, course.agreement_id)
    elsewhere = cases.staff(Role.PLANNER, make.unit("directorate", make.province()))
    director = cases.staff(Role.DIRECTOR, cases.office())
    for act in (organizations.get, organizations.get_agreement):
        with pytest.raises(OutsideTerritory):
            act(elsewhere, row.organization_id if act is organizations.get else row.id)
    assert organizations.listing(elsewhere)[0] == []
    with pytest.raises(NotAllowed):
        organizations.create(director, "key", said())
    with pytest.raises(NotAllowed):
        organizations.agreement_of(director, row.id)


# -- Nominees ----------------------------------------------------------------------


def line(course, **over) -> dict[str, str]:
    values = {
        "course": course.code,
        "national_code": make.national_code(),
        "name": "زهرا کاظمی",
        "mobile": "9113700001",
    }
    return values | over


@pytest.mark.usefixtures("folder")
def test_a_list_names_people_and_enrolls_nobody_and_comes_again_harmlessly(clerk, course):
    first, second = line(course), line(course, mobile="")
    applied(clerk, FORM, first, second)
    rows = {row.national_code: row for row in all_of(Nominee)}
    assert [rows[each["national_code"]].mobile for each in (first, second)] == ["09113700001", None]
    assert (len(all_of(Enrollment)), {row.agreement_id for row in rows.values()}) == (0, {course.agreement_id})
    applied(clerk, FORM, first | {"name": "زهرا کاظمی‌پور", "mobile": ""})
    changed = all_of(Nominee)[0]
    assert (len(all_of(Nominee)), changed.name, changed.mobile) == (2, "زهرا کاظمی‌پور", "09113700001")


@pytest.mark.usefixtures("folder")
def test_a_line_for_a_course_without_a_contract_or_over_or_elsewhere_is_told_at_its_column(clerk, course):
    unit = course.unit
    bare, over = make.course(unit_=unit), make.course("finished", unit, agreement_id=course.agreement_id)
    elsewhere = make.course(unit_=make.unit(), agreement_id=course.agreement_id)
    for each in (bare, over, elsewhere):
        assert "course" in str(errors(clerk, FORM, line(each)))
    assert "national_code" in str(errors(clerk, FORM, line(course, national_code="1234567890")))


@pytest.mark.usefixtures("folder")
def test_an_import_is_taken_back_and_who_was_removed_may_be_named_anew(clerk, course):
    named = line(course)
    undone(clerk, applied(clerk, FORM, named))
    assert organizations.of_course(clerk, course.id)[1] == []
    applied(clerk, FORM, named)
    (row,) = organizations.of_course(clerk, course.id)[1]
    assert (organizations.remove(clerk, course.id, row.id), organizations.remove(clerk, course.id, row.id)) == (
        True,
        False,
    )
    assert [each.state for each in all_of(Nominee)] == ["removed", "removed"]


@pytest.mark.once
def test_a_colleague_elsewhere_neither_sees_nor_removes_them(clerk, course):
    row = make.nominee(course, make.user())
    stranger = cases.staff(Role.CLERK, make.unit())
    for act in (
        lambda: organizations.of_course(stranger, course.id),
        lambda: organizations.remove(stranger, course.id, row.id),
    ):
        with pytest.raises(OutsideTerritory):
            act()
    other = make.nominee(make.course(unit_=course.unit, agreement_id=course.agreement_id), make.user())
    with pytest.raises(NotFound):
        organizations.remove(clerk, course.id, other.id)
    course.status = CourseStatus.FINISHED
    db.session.commit()
    with pytest.raises(NotAllowed):
        organizations.remove(clerk, course.id, row.id)


# -- Results -----------------------------------------------------------------------


def workbook(actor, agreement_id) -> list[tuple]:
    into = io.BytesIO()
    organizations.write(into, actor, organizations.agreement_of(actor, agreement_id))
    page = openpyxl.load_workbook(into).active
    assert page.sheet_view.rightToLeft
    return list(page.iter_rows(values_only=True))[1:]


def test_an_organization_gets_the_results_of_those_it_has_named_and_of_nobody_else(planner, course):
    enrolled = class_cases.enroll(course)
    there = make.nominee(course, make.user(), national_code=enrolled.person.national_code, name="=1+1")
    class_cases.enroll(course)
    make.nominee(make.course(unit_=course.unit, agreement_id=make.agreement().id), make.user())
    absent = make.nominee(course, make.user(), name="ی")
    for presence in (Presence.ABSENT, Presence.PRESENT):
        meeting = make.meeting(course, course.start_on if presence is Presence.PRESENT else class_cases.today())
        place = {"session_id": meeting.id, "enrollment_id": enrolled.id, "course_id": course.id}
        by = {"marked_by_id": make.user().id, "marked_at": utcnow()}
        make.save(Attendance(presence=presence, **place, **by))
    lines = workbook(planner, course.agreement_id)
    assert [row[6] for row in lines] == [there.national_code, absent.national_code]
    assert lines[0][7] == "'=1+1"
    assert lines[0][8:] == ("ثبت‌نام شده", enrolled.tracking_code, 2, 1, 50)
    assert lines[1][8] == "ثبت‌نام نشده"
    event = make.first(AuditEvent, action="nominees_exported")
    assert (event.subject_id, event.detail) == (course.agreement_id, {"rows": 2})
    (held,) = organizations.courses_of([course.agreement_id])[course.agreement_id]
    assert (held.named, held.enrolled) == (2, 1)


# -- Documents ---------------------------------------------------------------------


@pytest.fixture
def agreement(planner):
    made = organizations.create(planner, make.national_code(), said())[0]
    organizations.add_agreement(planner, made, make.national_code(), contract())
    return make.first(Agreement)


def brought(planner, agreement, body):
    """A document that has been sent for a contract."""
    place = papers.place_of(organizations.get_agreement(planner, agreement.id), later=True)
    return attachments.send(planner, body, place)


@pytest.mark.once
def test_a_newer_document_of_a_contract_takes_the_place_of_the_one_before(planner, agreement):
    first = brought(planner, agreement, attachments.jpeg())
    assert [papers.put(planner, agreement.id, first) for _ in range(2)] == [True, False]
    second = brought(planner, agreement, attachments.jpeg(size=(80, 50)))
    assert papers.put(planner, agreement.id, second)
    now = organizations.get_agreement(planner, agreement.id)
    assert (now.document.id, now.version) == (second.id, agreement.version)
    assert attachments.settled(first).removed_at is not None
    assert [papers.remove(planner, agreement.id) for _ in range(2)] == [True, False]
    assert organizations.get_agreement(planner, agreement.id).document is None


def test_the_document_of_a_contract_is_its_provinces_alone(planner, agreement):
    file = brought(planner, agreement, attachments.jpeg())
    papers.put(planner, agreement.id, file)
    elsewhere = cases.staff(Role.PLANNER, make.unit(UnitKind.DIRECTORATE, make.province()))
    center, kept = cases.staff(Role.MANAGER, make.unit()), attachments.settled(file)
    seen = [papers.may_see(files.Viewer(actors=(who,)), kept) for who in (planner, elsewhere, center)]
    assert seen == [True, False, False]
    with pytest.raises(OutsideTerritory):
        papers.remove(elsewhere, agreement.id)
    with pytest.raises(NotAllowed):
        papers.remove(cases.staff(Role.DIRECTOR, cases.office()), agreement.id)
