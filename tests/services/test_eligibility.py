"""Rules of eligibility: what each asks, what it finds, what follows by policy, and who may set it aside."""

import datetime as dt
import uuid

import pytest
from sqlalchemy import select

from models import (
    Channel,
    Completion,
    DebitSource,
    EligibilityWaiver,
    Enrollment,
    EnrollmentEvent,
    Policy,
    Schooling,
    TargetGroup,
    db,
    utcnow,
)
from services import enrollment, ledger, schooling
from services.enrollment import Application, eligibility, moving
from services.enrollment.rules import Outcome, Override, Rule, Said
from services.enrollment.wording import TO_PERSON, TO_STAFF
from tests import make

EVER = dt.date(2020, 1, 1)


@pytest.fixture(autouse=True)
def tariff():
    make.tariff(0)


def rule(name: Rule, scope: str = "*", **value) -> None:
    whole = {"mode": "refuse", "override": "manager", **value}
    make.save(Policy(name=f"eligible_{name}", scope=scope, valid_from=EVER, value=whole))


def group(**over) -> TargetGroup:
    return make.save(TargetGroup(code=uuid.uuid4().hex[:12], title="زندانیان", **over))


def enroll(course, person, channel=Channel.CLERK, **over) -> int:
    payer = ledger.owner_of(person)
    form = Application(str(uuid.uuid4()), course.id, person.id, channel, DebitSource.TRAINEE, payer, **over)
    return enrollment.enroll(form).enrollment_id


def found(course, person, words=TO_STAFF, **said):
    answer = eligibility.look(person, eligibility.asked(course.id), Said(**said), words)
    return {each.rule: each for each in answer}


def events(enrollment_id: int) -> list[tuple[str, str]]:
    query = select(EnrollmentEvent.action, EnrollmentEvent.reason).filter_by(enrollment_id=enrollment_id)
    return [tuple(row) for row in db.session.execute(query.order_by(EnrollmentEvent.id))]


@pytest.mark.once
@pytest.mark.parametrize(("asked", "least"), [
    ("دیپلم", "diploma"), ("حداقل ديپلم", "diploma"), ("فوق‌دیپلم یا بالاتر", "associate"), ("سیکل", "cycle"),
    ("دیپلم یا فوق دیپلم", "diploma"), ("پایان دورهٔ متوسطهٔ اول", "cycle"), ("سواد خواندن و نوشتن", "literate"),
    ("پنجم ابتدایی", "primary"), ("کارشناسی ارشد", "master"), ("لیسانس", "bachelor"), ("آزاد", None), (None, None),
])  # fmt: skip
def test_the_text_of_a_standard_is_read_as_the_least_that_it_asks_for(asked, least):
    assert schooling.read(asked) == least


@pytest.mark.once
@pytest.mark.parametrize(("has", "outcome"), [
    (Schooling.CYCLE, "refuses"), (Schooling.DIPLOMA, "passes"), (Schooling.MASTER, "passes"), (None, "unknown"),
])  # fmt: skip
def test_schooling_is_compared_and_what_is_not_known_is_said_and_refuses_nothing(has, outcome):
    course, person = make.course(min_education="دیپلم"), make.person(schooling=has)
    seen = found(course, person)[Rule.EDUCATION]
    assert (seen.outcome, seen.asks, seen.override) == (outcome, "دست‌کم دیپلم", Override.MANAGER)
    if outcome == "refuses":
        with pytest.raises(enrollment.NotEligible, match="تحصیلات کارآموز «سیکل"):
            enroll(course, person)
    else:
        assert enroll(course, person)


def test_a_group_that_is_spared_literacy_is_taken_and_the_policy_says_how_far():
    spared, course = group(is_literacy_waived=True), make.course(min_education="پایان ابتدایی")
    person = make.person(schooling=Schooling.NONE)
    assert found(course, person)[Rule.EDUCATION].outcome is Outcome.REFUSES
    assert found(course, person, target_group_id=spared.id)[Rule.EDUCATION].outcome is Outcome.PASSES
    make.save(Policy(name="literacy_waiver", scope="*", valid_from=EVER, value="literacy"))
    assert found(course, person, target_group_id=spared.id)[Rule.EDUCATION].outcome is Outcome.REFUSES
    course.min_education = "خواندن و نوشتن"
    db.session.commit()
    assert found(course, person, target_group_id=spared.id)[Rule.EDUCATION].outcome is Outcome.PASSES
    assert enroll(course, person, target_group_id=spared.id)


def completed(person, standard) -> None:
    course = make.course(standard=standard)
    row = db.session.get(Enrollment, enroll(course, person))
    row.completion, row.completed_at = Completion.COMPLETED, utcnow()
    course.status = "finished"
    db.session.commit()


def test_a_prerequisite_is_met_by_a_completed_course_of_the_standard_it_names_or_by_a_paper_somebody_saw():
    first, other = make.standard(), make.standard(old_code="0-32/13/2/1")
    course = make.course(standard=make.standard(prerequisite=f"استاندارد {first.code} و ۰-۳۲/۱۳/۲/۱"))
    person, stranger = make.person(), make.person()
    completed(person, first)
    assert found(course, person)[Rule.PREREQUISITE].outcome is Outcome.REFUSES
    completed(person, other)
    assert found(course, person)[Rule.PREREQUISITE].found == "گذرانده است"
    with pytest.raises(enrollment.NotEligible, match="شماره‌اش را بنویسید") as refusal:
        enroll(course, stranger)
    assert [each.field for each in refusal.value.findings if each.refuses] == ["prerequisite"]
    made = enroll(course, stranger, prerequisite_seen="گواهی ۱۲۳")
    assert events(made) == [("enroll", ""), ("prerequisite_said", "گواهی ۱۲۳")]


def test_whoever_came_into_a_course_for_a_group_may_be_moved_to_another_one_for_it():
    same, another = group(), group()
    course, person = make.course(target_group_id=same.id), make.person()
    row = enroll(course, person, target_group_id=same.id)
    db.session.get(Enrollment, row).target_group_id = None  # came before the rule did
    db.session.commit()
    for wanted, goes in ((same, 1), (another, 0), (None, 1)):
        other = make.course(target_group_id=wanted and wanted.id)
        assert len(moving.look_at(course, other, row).moving) == goes


@pytest.mark.once
def test_a_course_for_a_group_takes_those_who_say_that_they_belong_to_it():
    wanted, another = group(), group()
    course, person = make.course(target_group_id=wanted.id), make.person()
    assert "گفته نشده" in found(course, person)[Rule.GROUP].found
    with pytest.raises(enrollment.NotEligible, match="چیز دیگری است"):
        enroll(course, person, target_group_id=another.id)
    assert enroll(course, person, target_group_id=wanted.id)


@pytest.mark.parametrize(("value", "same_standard", "taken"), [
    ({"most": 1, "months": 6, "of": "any"}, False, False),
    ({"most": 1, "months": 0, "of": "standard"}, False, True),
    ({"most": 1, "months": 0, "of": "standard"}, True, False),
    ({"most": 2, "months": 6, "of": "any"}, True, True),
    ({"most": 0, "months": 6, "of": "any"}, True, True),
])  # fmt: skip
def test_a_limit_for_a_period_counts_what_it_says(value, same_standard, taken):
    rule(Rule.PERIOD, **value)
    make.save(Policy(name="max_active_courses", scope="*", valid_from=EVER, value=9))
    standard = make.standard()
    person = make.person()
    enroll(make.course(standard=standard), person)
    course = make.course(standard=standard if same_standard else make.standard())
    if taken:
        assert enroll(course, person)
    else:
        with pytest.raises(enrollment.NotEligible, match="بیش از ۱ پذیرفته نمی‌شود"):
            enroll(course, person)


@pytest.mark.once
def test_what_lies_before_the_period_is_not_counted():
    rule(Rule.PERIOD, most=1, months=6, of="any")
    person, course = make.person(), make.course()
    row = db.session.get(Enrollment, enroll(make.course(), person))
    row.created_at -= dt.timedelta(days=200)
    row.course.status = "finished"
    db.session.commit()
    assert found(course, person)[Rule.PERIOD].outcome is Outcome.PASSES


@pytest.mark.once
def test_each_rule_follows_the_policy_of_the_unit_a_warning_is_kept_and_one_that_is_off_is_not_seen():
    course, person = make.course(age_min=50, gender="female"), make.person(birth_date=EVER, gender="male")
    both = {Rule.AGE, Rule.GENDER}
    assert both <= {each for each, seen in found(course, person).items() if seen.refuses}
    rule(Rule.AGE, scope=course.province.code, mode="warn")
    rule(Rule.GENDER, mode="off")
    seen = found(course, person)
    assert (seen[Rule.AGE].outcome, Rule.GENDER in seen) == (Outcome.WARNS, False)
    assert found(course, person, TO_PERSON)[Rule.AGE].text.startswith("سن شما")
    (_, warned) = events(enroll(course, person))
    assert (warned[0], warned[1].startswith("سن: ")) == ("rules_warned", True)


def test_a_rule_that_was_set_aside_for_one_person_in_one_course_is_remembered_with_the_reason():
    course, other, by = make.course(age_min=50), make.course(age_min=50), make.user()
    person, stranger = (make.person(birth_date=dt.date(1990, 1, 1)) for _ in range(2))
    given = {"reason": "رأی شورا", "granted_by_id": by.id, "created_at": utcnow()}
    make.save(EligibilityWaiver(person_id=person.id, course_id=course.id, rule="age", **given))
    for who, where in ((stranger, course), (person, other)):
        with pytest.raises(enrollment.NotEligible):
            enroll(where, who)
    made = enroll(course, person)
    assert events(made) == [("enroll", ""), ("rule_waived", "سن: رأی شورا")]
    query = select(EnrollmentEvent.actor_id).filter_by(enrollment_id=made, action="rule_waived")
    assert db.session.scalar(query) == by.id


def test_many_are_answered_as_each_alone_in_one_statement(queries):
    standard = make.standard(prerequisite=f"کد {make.standard().code}")
    course = make.course(standard=standard, min_education="دیپلم", age_min=30, target_group_id=group().id)
    rule(Rule.PERIOD, most=1, months=6, of="any")
    people = [make.person(schooling=each, birth_date=EVER) for each in (None, Schooling.NONE, Schooling.MASTER)]
    enroll(make.course(), people[1])
    asked = eligibility.asked(course.id)
    with queries() as seen:
        answers = eligibility.answer_each(people, asked, {})
    assert len(seen) == 1
    assert answers == {each.id: eligibility.look(each, asked, Said(), TO_STAFF) for each in people}
