"""Drafts at the clerk's desk: saved once however often they are sent, and nothing typed outweighs what is official."""

import datetime as dt

import pytest
from sqlalchemy import select, update

from models import Enrollment, EnrollmentDraft, Outbox, Role, TargetGroup, Tariff, db, utcnow
from services import foreigners, forgetting
from services.enrollment import drafts, visits, whose
from services.enrollment.desk import desk
from services.enrollment.drafts import Entry
from services.enrollment.whose import Foreign
from services.errors import Conflict, DomainError, NotFound
from services.transaction import atomic
from services.waiting import offering
from tests import course_cases, make


@pytest.fixture
def clerk():
    make.tariff(50_000)
    return course_cases.staff(Role.CLERK, make.unit())


def group(**over) -> TargetGroup:
    return make.save(TargetGroup(code=f"g{make.national_code()}", title="زندانیان", **over))


def started(clerk, **chosen) -> tuple[str, Entry]:
    course = make.course(unit_=make.first(make.Unit, id=clerk.units[0]))
    return drafts.start(clerk, make.national_code()), Entry(course_id=course.id, debit_source="trainee", **chosen)


def test_the_same_saving_sent_twice_is_one_saving_and_no_conflict(clerk):
    key, entry = started(clerk, last_name="رضایی")
    first, second = (drafts.save(clerk, key, 1, entry) for _ in range(2))
    assert (first.version, second.version) == (2, 2)


def test_another_content_for_the_same_version_is_a_conflict(clerk):
    key, entry = started(clerk, last_name="رضایی")
    drafts.save(clerk, key, 1, entry)
    with pytest.raises(Conflict):
        drafts.save(clerk, key, 1, Entry(course_id=entry.course_id, last_name="نوری"))


def test_a_second_press_that_comes_late_finds_the_enrollment(clerk):
    key, entry = started(clerk, target_group_id=group(is_fee_exempt=True).id)
    presses = [drafts.confirm(clerk, drafts.save(clerk, key, 1, entry)) for _ in range(2)]
    assert [press.repeated for press in presses] == [False, True]


@pytest.mark.parametrize("over", [{"is_active": False}, None])
def test_a_group_that_is_no_longer_or_never_was_makes_nobody_exempt(clerk, over):
    chosen = group(is_fee_exempt=True, **over).id if over else 999_999
    key, entry = started(clerk, target_group_id=chosen)
    with pytest.raises(DomainError) as refusal:
        drafts.save(clerk, key, 1, entry)
    assert refusal.value.field == "target_group"


def test_a_group_closed_after_it_was_chosen_makes_nobody_exempt(clerk):
    closing = group(is_fee_exempt=True)
    key, entry = started(clerk, target_group_id=closing.id)
    draft = drafts.save(clerk, key, 1, entry)
    closing.is_active = False
    db.session.commit()
    with pytest.raises(DomainError) as refusal:
        drafts.confirm(clerk, draft)
    assert refusal.value.field == "target_group"
    assert db.session.query(Enrollment).count() == 0


def test_a_free_enrollment_repeated_after_a_fee_came_is_still_the_same_one(clerk):
    make.first(Tariff).amount_rials = 0
    db.session.commit()
    key, entry = started(clerk)
    draft = drafts.save(clerk, key, 1, entry)
    first = drafts.confirm(clerk, draft)
    make.tariff(50_000, valid_from=dt.date(2021, 1, 1))
    again = drafts.confirm(clerk, draft)
    assert (again.repeated, again.tracking_code) == (True, first.tracking_code)


# -- Groups that need evidence -----------------------------------------------------


@pytest.mark.once
def test_a_group_that_needs_evidence_enrolls_nobody_without_it(clerk):
    key, entry = started(clerk, target_group_id=group(is_fee_exempt=True, needs_evidence=True).id)
    draft = drafts.save(clerk, key, 1, entry)
    assert [gap.field for gap in drafts.gaps(draft)] == ["evidence"]
    with pytest.raises(DomainError, match="مدرک") as refusal:
        drafts.confirm(clerk, draft)
    assert refusal.value.field == "evidence"
    assert db.session.query(Enrollment).count() == 0


@pytest.mark.once
def test_the_evidence_stands_on_the_enrollment_that_it_made_free(clerk):
    chosen = group(is_fee_exempt=True, needs_evidence=True)
    key, entry = started(clerk, target_group_id=chosen.id, evidence="معرفی‌نامهٔ شمارهٔ ۱۲۳")
    drafts.confirm(clerk, drafts.save(clerk, key, 1, entry))
    made = make.first(Enrollment)
    assert (made.fee_rials, made.target_group_id) == (0, chosen.id)
    assert (made.group_evidence, made.created_by_id) == ("معرفی‌نامهٔ شمارهٔ ۱۲۳", clerk.user_id)


@pytest.mark.once
def test_evidence_that_a_group_begins_to_need_after_the_draft_was_saved_is_asked_for(clerk):
    chosen = group(is_fee_exempt=True)
    key, entry = started(clerk, target_group_id=chosen.id)
    draft = drafts.save(clerk, key, 1, entry)
    chosen.needs_evidence = True
    db.session.commit()
    with pytest.raises(DomainError, match="مدرک"):
        drafts.confirm(clerk, draft)


def test_a_late_repeat_is_not_asked_for_evidence_that_was_not_needed_then(clerk):
    chosen = group(is_fee_exempt=True)
    key, entry = started(clerk, target_group_id=chosen.id)
    first = drafts.confirm(clerk, drafts.save(clerk, key, 1, entry))
    chosen.needs_evidence = True
    db.session.commit()
    again = drafts.confirm(clerk, drafts.get(clerk, key))
    assert (again.repeated, again.tracking_code) == (True, first.tracking_code)


@pytest.mark.once
def test_evidence_without_a_group_goes_nowhere(clerk):
    make.first(Tariff).amount_rials = 0
    db.session.commit()
    key, entry = started(clerk, evidence="معرفی‌نامهٔ شمارهٔ ۱۲۳")
    drafts.confirm(clerk, drafts.save(clerk, key, 1, entry))
    assert make.first(Enrollment).group_evidence is None


def test_the_next_person_has_the_group_of_the_one_before_but_not_their_evidence(clerk):
    chosen = group(needs_evidence=True)
    key, entry = started(clerk, target_group_id=chosen.id, evidence="معرفی‌نامهٔ شمارهٔ ۱۲۳")
    before = drafts.save(clerk, key, 1, entry)
    next_ = drafts.get(clerk, drafts.start(clerk, make.national_code(), after=before))
    assert (next_.target_group_id, drafts.entry_of(next_).evidence) == (chosen.id, "")


# -- Drafts that nobody came back to -----------------------------------------------

OLD = dt.timedelta(days=30, minutes=1)


def aged(key: str, **over) -> str:
    """The draft with this key as if it had last been saved more than thirty days ago."""
    values = {"updated_at": utcnow() - OLD, **over}
    db.session.execute(update(EnrollmentDraft).where(EnrollmentDraft.key == key).values(**values))
    db.session.commit()
    return key


def keys() -> set[str]:
    return set(db.session.scalars(select(EnrollmentDraft.key)))


def test_a_draft_that_nobody_saved_for_thirty_days_is_forgotten(clerk):
    old, entry = started(clerk)
    drafts.save(clerk, old, 1, entry)
    young, _ = started(clerk)
    aged(old)
    assert drafts.purge(utcnow()) == 1
    assert keys() == {young}
    with pytest.raises(NotFound, match="سی روز"):
        drafts.save(clerk, old, 2, entry)


def test_a_draft_that_was_saved_within_thirty_days_stays_however_old_it_is(clerk):
    key, _ = started(clerk)
    aged(key, created_at=utcnow() - 10 * OLD, updated_at=utcnow() - dt.timedelta(days=29))
    assert (drafts.purge(utcnow()), keys()) == (0, {key})


@pytest.mark.once
def test_the_draft_of_an_enrollment_is_kept_and_its_form_stays_harmless(clerk):
    key, entry = started(clerk, target_group_id=group(is_fee_exempt=True).id)
    first = drafts.confirm(clerk, drafts.save(clerk, key, 1, entry))
    aged(key)
    assert (drafts.purge(utcnow()), keys()) == (0, {key})
    again = drafts.confirm(clerk, drafts.get(clerk, key))
    assert (again.repeated, again.tracking_code) == (True, first.tracking_code)


def test_a_draft_whose_key_is_on_an_enrollment_is_kept_even_when_it_is_not_marked_as_used(clerk):
    key, entry = started(clerk, target_group_id=group(is_fee_exempt=True).id)
    drafts.confirm(clerk, drafts.save(clerk, key, 1, entry))
    aged(key, used_at=None)
    assert (drafts.purge(utcnow()), keys()) == (0, {key})


def test_many_old_drafts_go_in_small_parts(clerk, monkeypatch):
    monkeypatch.setattr(forgetting, "BATCH", 2)
    for _ in range(5):
        aged(started(clerk)[0])
    assert (drafts.purge(utcnow()), keys()) == (5, set())


# -- Why people come in person -----------------------------------------------------


def test_why_somebody_came_in_person_stands_on_the_enrollment_and_is_offered_for_the_next_one(clerk):
    key, entry = started(clerk, in_person=visits.visit("no_infrastructure", "provincial"))
    make.first(Tariff).amount_rials = 0
    db.session.commit()
    draft = drafts.save(clerk, key, 1, entry)
    drafts.confirm(clerk, draft)
    made = make.first(Enrollment)
    assert (made.in_person_reason, made.in_person_level, made.channel) == ("no_infrastructure", "provincial", "clerk")
    next_ = drafts.get(clerk, drafts.start(clerk, make.national_code(), after=draft))
    assert drafts.entry_of(next_).in_person == entry.in_person


@pytest.mark.once
@pytest.mark.parametrize(("typed", "kept"), [
    (("", "national"), None), (("identity", ""), ("identity", "county")), (("else", "county"), None),
])  # fmt: skip
def test_a_level_without_a_reason_is_nothing_and_a_reason_without_a_level_is_the_countys(typed, kept):
    assert visits.visit(*typed) == kept


# -- Foreigners --------------------------------------------------------------------


def test_a_foreigner_is_enrolled_by_the_code_of_a_paper_with_the_name_on_it_and_nobody_outside_is_asked(clerk):
    make.first(Tariff).amount_rials = 0
    db.session.commit()
    course = make.course(unit_=make.first(make.Unit, id=clerk.units[0]))
    key = drafts.start(clerk, Foreign("۱۰۳۵ ۰۸۲۹", "amayesh"))
    draft = drafts.save(clerk, key, 1, Entry(course_id=course.id, debit_source="trainee", mobile="09130000012"))
    assert [gap.field for gap in drafts.gaps(draft)] == ["last_name"]
    entry = Entry(course_id=course.id, debit_source="trainee", last_name="احمدزی", birth_date=dt.date(2000, 1, 1))
    drafts.confirm(clerk, drafts.save(clerk, key, 2, entry))
    person = db.session.get_one(make.Person, make.first(Enrollment).person_id)
    assert (person.national_code, person.foreign_code, person.full_name) == (None, "10350829", "احمدزی")
    assert (person.identity_status, foreigners.kind_of(person)) == ("foreign_manual", "کارت آمایش")
    assert db.session.scalars(select(Outbox).where(Outbox.topic != "sms")).all() == []
    known = drafts.get(clerk, drafts.start(clerk, Foreign("10350829", "amayesh")))
    assert whose.name_gap(known) is None
    assert desk(clerk, known).name == "احمدزی"


@pytest.mark.once
@pytest.mark.parametrize(("typed", "field"), [
    (Foreign("1234567", "amayesh"), "foreign_code"), (Foreign("10350829", ""), "foreign_kind"),
])  # fmt: skip
def test_a_foreign_code_needs_its_digits_and_its_paper(clerk, typed, field):
    with pytest.raises(DomainError) as refusal:
        drafts.start(clerk, typed)
    assert refusal.value.field == field


def test_a_foreigner_waits_for_a_full_course_and_enters_it_by_the_offer(clerk):
    make.first(Tariff).amount_rials = 0
    course = make.course(unit_=make.first(make.Unit, id=clerk.units[0]), capacity_min=1, capacity_max=1, taken=1)
    key = drafts.start(clerk, Foreign("10350829", "passport"))
    draft = drafts.save(clerk, key, 1, Entry(course_id=course.id, debit_source="trainee"))
    with pytest.raises(DomainError, match="از روی مدرک"):
        drafts.wait(clerk, draft)
    named = Entry(course_id=course.id, debit_source="trainee", last_name="احمدزی")
    draft = drafts.save(clerk, key, 2, named)
    drafts.wait(clerk, draft)
    course.taken = 0
    db.session.commit()
    with atomic():
        offering.settle(course.id)
    drafts.confirm(clerk, draft)
    assert db.session.get_one(make.Person, make.first(Enrollment).person_id).foreign_code == "10350829"
