"""Changes of approved courses: what applies at once, what waits beside the live version, and where people go."""

import datetime as dt

import pytest
from sqlalchemy import func, select

from models import (
    Attendance,
    ChangeState,
    Course,
    CourseChange,
    CourseEvent,
    CourseSession,
    CourseStatus,
    Deputy,
    Enrollment,
    Gender,
    Message,
    Policy,
    Role,
    UnitKind,
    Workshop,
    db,
    utcnow,
)
from services import course_changes, courses, enrollment, jalali, text
from services.course_changes import together
from services.course_changes.values import changeable
from services.courses import Action, Refused
from services.enrollment.steps import next_step
from services.errors import Conflict, DomainError, NotAllowed, OutsideTerritory
from tests import change_cases as changes
from tests import course_cases as cases
from tests import make

S = CourseStatus
KEPT = dt.time(9)


@pytest.fixture
def people():
    return changes.staff()


def now(course):
    return db.session.get_one(Course, course.id, populate_existing=True)


def ask(people, course, **values):
    return course_changes.edit(people.clerk, changes.key(), course.id, changes.wish(course, **values))


def told(template):
    query = select(Message.person_id).where(Message.template == template)
    return sorted(db.session.scalars(query))


def days(course):
    query = select(CourseSession.on_date, CourseSession.start_time).where(CourseSession.course_id == course.id)
    return [tuple(row) for row in db.session.execute(query.order_by(CourseSession.on_date))]


# -- The end of a course ---------------------------------------------------------------


def test_a_province_cancels_a_course_and_every_rial_goes_back_to_who_paid(people):
    course, payer = changes.live(people.unit), make.person()
    own = changes.fill(course, 2)
    by_other = changes.enroll(course, payer=payer)
    gone = changes.enroll(course)
    enrollment.withdraw(db.session.get_one(Enrollment, gone).person, gone)
    wish, form = changes.wish(course), changes.key()
    change = course_changes.cancel(people.reviewer, form, course.id, wish)
    again = course_changes.cancel(people.reviewer, form, course.id, wish)
    assert (change.id, change.state, now(course).status) == (again.id, ChangeState.DONE, S.CANCELED)
    assert [changes.balance_of(each) for each in (*own, by_other)] == [changes.FEE] * 3
    assert len(told("course_canceled")) == len(set(told("course_canceled"))) == 3
    assert changes.odd() == []
    last = db.session.scalars(select(CourseEvent).order_by(CourseEvent.id.desc())).first()
    assert (last.action, last.source, last.target, last.reason) == ("cancel", "open", "canceled", "کمبود متقاضی")
    assert next_step(db.session.get_one(Enrollment, own[0])).state == "دوره لغو شد"


def test_a_merge_takes_everybody_who_may_come_at_the_same_price_and_pays_the_others_back(people):
    course, other = changes.live(people.unit), changes.live(people.unit, gender=Gender.MALE, capacity_max=4)
    changes.enroll(other)
    men, woman = [make.person(gender=Gender.MALE) for _ in range(4)], make.person(gender=Gender.FEMALE)
    payer = make.person()
    first = changes.enroll(course, men[0], payer)
    barred = changes.enroll(course, woman)
    rest = [changes.enroll(course, man) for man in men[1:]]
    make.save(Policy(name="max_active_courses", scope="*", valid_from=dt.date(2020, 1, 1), value=2))
    both = changes.enroll(other, men[1])  # has a seat there already
    make.tariff(90_000, valid_from=dt.date(2020, 1, 2))
    course_changes.cancel(people.reviewer, changes.key(), course.id, changes.wish(course, other=other))
    rows = db.session.scalars(select(Enrollment).where(Enrollment.moved_from_id > 0))
    moved = {row.moved_from_id: row for row in rows}
    assert set(moved) == {first, rest[1]}, "two seats were left, and one of four had a seat there already"
    new = moved[first]
    assert (new.course_id, new.fee_rials, new.payer_account_id) == (other.id, changes.FEE, payer_account(first))
    assert changes.balance_of(first) == 0
    assert [changes.balance_of(each) for each in (barred, rest[2])] == [changes.FEE] * 2
    assert (now(course).status, now(course).taken, now(other).taken) == (S.CANCELED, 0, 4)
    assert changes.is_active(both)
    assert len(told("moved")) == 2
    assert len(told("course_canceled")) == 3
    assert changes.odd() == []


def payer_account(enrollment_id):
    return db.session.get_one(Enrollment, enrollment_id).payer_account_id


def test_a_center_asks_for_the_end_and_the_course_lives_until_the_last_level_has_approved(people):
    course = changes.live(people.unit)
    changes.fill(course, 2)
    asked = course_changes.end(people.clerk, changes.key(), course.id, changes.wish(course))
    assert now(course).status is S.OPEN
    changes.enroll(course)
    course_changes.decide(people.manager, asked.change.id, 1, "approve")
    assert (now(course).status, now(course).taken) == (S.OPEN, 3)
    course_changes.decide(people.reviewer, asked.change.id, 2, "approve")
    assert (now(course).status, now(course).taken) == (S.CANCELED, 0)
    assert changes.odd() == []


@pytest.mark.once
@pytest.mark.parametrize("status", [S.RUNNING, S.FINISHED, S.CANCELED, S.PROVINCE_REVIEW])
def test_a_course_that_has_begun_or_is_not_approved_is_not_canceled(people, status):
    course = cases.at(status, people.unit)
    with pytest.raises(NotAllowed):
        course_changes.cancel(people.reviewer, changes.key(), course.id, changes.wish(course))
    with pytest.raises(NotAllowed):
        course_changes.end(people.clerk, changes.key(), course.id, changes.wish(course))
    assert now(course).status is status


def test_what_was_asked_of_a_course_ends_with_it(people):
    course = changes.live(people.unit)
    change = ask(people, course, capacity_max=12).change
    course_changes.cancel(people.reviewer, changes.key(), course.id, changes.wish(course))
    with pytest.raises(Conflict):
        course_changes.decide(people.manager, change.id, 1, "approve")
    assert db.session.get_one(CourseChange, change.id, populate_existing=True).state is ChangeState.WITHDRAWN


# -- Harmless fields -------------------------------------------------------------------


def test_a_later_end_of_enrollment_a_lower_fee_and_a_room_beside_apply_at_once(people):
    course = changes.live(people.unit, tuition_rials=1_000)
    room = make.save(Workshop(place_id=course.place_id, unit_id=people.unit.id, workstations=20, title="کارگاه کناری"))
    make.save(make.WorkshopStandard(workshop_id=room.id, standard_id=course.standard_id))
    later = course.enroll_close_at + dt.timedelta(days=1)
    done = ask(people, course, enroll_close_at=later, tuition_rials=500, workshop_id=room.id, reason="")
    assert (done.change, set(done.applied)) == (None, {"enroll_close_at", "tuition_rials", "workshop_id"})
    assert (now(course).enroll_close_at, now(course).tuition_rials, now(course).workshop_id) == (later, 500, room.id)
    event = db.session.scalars(select(CourseEvent).order_by(CourseEvent.id.desc())).first()
    assert (event.action, event.changes["tuition_rials"]) == ("change", [1000, 500])
    assert event.actor_id == people.clerk.user_id


def test_what_harms_waits_and_what_does_not_applies_though_one_form_brings_both(people):
    course = changes.live(people.unit)
    later = course.enroll_close_at + dt.timedelta(days=1)
    done = ask(people, course, enroll_close_at=later, capacity_max=12)
    assert set(done.applied) == {"enroll_close_at"}
    assert done.change.wanted == {"capacity_max": [15, 12]}
    assert (now(course).enroll_close_at, now(course).capacity_max) == (later, 15)


def test_headquarters_may_say_that_nothing_applies_at_once(people):
    make.save(Policy(name="harmless_changes", scope="*", valid_from=dt.date(2020, 1, 1), value=[]))
    course = changes.live(people.unit)
    done = ask(people, course, enroll_close_at=course.enroll_close_at + dt.timedelta(days=1))
    assert done.applied == {}
    assert done.change.state is ChangeState.WAITING


# -- Beside the live version -----------------------------------------------------------


def test_the_approved_version_stays_until_the_change_is_approved_and_its_meetings_follow(people):
    course = changes.live(people.unit)
    before, stayed = days(course), changes.fill(course, 2)
    change = ask(people, course, start_time=KEPT, end_time=dt.time(13)).change
    assert (now(course).start_time, days(course)) == (dt.time(8), before)
    changes.through(people, change.id)
    assert (now(course).start_time, now(course).end_time) == (KEPT, dt.time(13))
    assert [(on, KEPT) for on, _ in before] == days(course)
    late = changes.enroll(course)
    assert [course_changes.tell(people.clerk, change.id) for _ in range(2)] == [2, 0]
    assert told("course_changed") == sorted(db.session.get_one(Enrollment, each).person_id for each in stayed)
    assert changes.is_active(late)


def test_a_smaller_course_lets_go_those_who_came_last(people):
    course, other = changes.live(people.unit), changes.live(people.unit)
    came = changes.fill(course, 6)
    change = ask(people, course, capacity_min=1, capacity_max=4, other=other).change
    changes.through(people, change.id)
    assert [changes.is_active(each) for each in came] == [True] * 4 + [False] * 2
    assert (now(course).taken, now(course).capacity_max, now(other).taken) == (4, 4, 2)
    assert changes.odd() == []


def test_a_change_that_can_no_longer_stand_is_refused_at_the_last_approval(people):
    course = changes.live(people.unit)
    room = make.workshop(people.unit, make.first(make.SkillStandard), title="کارگاه دیگر")
    change = ask(people, course, workshop_id=room.id).change
    course_changes.decide(people.manager, change.id, 1, "approve")
    room.is_active = False
    db.session.commit()
    with pytest.raises(DomainError, match="کارگاه"):
        course_changes.decide(people.reviewer, change.id, 2, "approve")
    assert now(course).workshop_id != room.id
    back = course_changes.decide(people.reviewer, change.id, 2, "return", "کارگاه دیگری بنویسید")
    assert back.state is ChangeState.RETURNED
    again = ask(people, course, capacity_max=10).change
    assert (again.id, again.wanted, again.state) == (change.id, {"capacity_max": [15, 10]}, ChangeState.WAITING)


@pytest.mark.once
def test_a_change_of_what_has_changed_meanwhile_is_not_applied(people):
    course = changes.live(people.unit)
    change = ask(people, course, enroll_close_at=course.enroll_close_at - dt.timedelta(days=1)).change
    ask(people, course, enroll_close_at=course.enroll_close_at + dt.timedelta(days=2))
    course_changes.decide(people.manager, change.id, 1, "approve")
    with pytest.raises(DomainError, match="بسته شدن ثبت‌نام"):
        course_changes.decide(people.reviewer, change.id, 2, "approve")
    assert course_changes.look(people.reviewer, change.id).fields[0].now is not None


def test_the_held_meetings_of_a_running_course_stay_and_its_hours_are_kept(people):
    course = changes.live(people.unit)
    today = jalali.tehran_today(utcnow())
    course.status, course.start_on = S.RUNNING, today - dt.timedelta(days=21)
    db.session.execute(CourseSession.__table__.delete())
    for back in (21, 14, 7):
        make.meeting(course, today - dt.timedelta(days=back))
    was = db.session.scalars(select(CourseSession.id).order_by(CourseSession.id)).all()
    person = changes.enroll(changes.live(people.unit))
    make.save(Attendance(session_id=was[0], enrollment_id=person, course_id=course.id, presence="present",
                         marked_by_id=people.clerk.user_id, marked_at=utcnow()))  # fmt: skip
    change = ask(people, course, weekdays=0b11, end_on=None).change
    changes.through(people, change.id)
    kept = days(course)
    assert db.session.scalars(select(CourseSession.id).order_by(CourseSession.id)).all()[:3] == was
    assert len(kept) == 20, "80 hours of 4 hours each"
    assert {jalali.weekday(on) for on, _ in kept[3:]} == {0, 1}
    assert kept[-1][0] == now(course).end_on


def test_values_that_cannot_stand_are_refused_at_their_fields(people):
    course = changes.live(people.unit)
    with pytest.raises(Refused) as refused:
        ask(people, course, capacity_max=40, end_on=course.start_on + dt.timedelta(days=2))
    assert {problem.field for problem in refused.value.problems} == {"capacity_max", "end_on"}
    with pytest.raises(Refused, match="ساعت پایان"):
        ask(people, course, start_time=dt.time(13))
    with pytest.raises(DomainError, match="فرق نمی‌کند"):
        ask(people, course)
    with pytest.raises(DomainError, match="دلیل"):
        ask(people, course, capacity_max=12, reason="  ")
    assert db.session.scalar(select(func.count()).select_from(CourseChange)) == 0


def test_hours_and_rooms_of_other_courses_bar_a_change_when_it_is_asked_for_and_when_it_is_approved(people):
    course, taken = changes.live(people.unit), changes.live(people.unit)
    with pytest.raises(Refused) as refused:
        ask(people, course, workshop_id=taken.workshop_id)
    assert taken.code in text.digits(refused.value.problems[0].text)
    free = make.workshop(people.unit, make.first(make.SkillStandard), title="کارگاه آزاد")
    change = ask(people, course, workshop_id=free.id).change
    course_changes.decide(people.manager, change.id, 1, "approve")
    taken.workshop_id, taken.place_id = free.id, free.place_id
    db.session.commit()
    with pytest.raises(DomainError, match="اکنون ممکن نیست"):
        course_changes.decide(people.reviewer, change.id, 2, "approve")
    assert now(course).workshop_id != free.id


@pytest.mark.once
def test_what_a_course_stands_on_bars_no_change_that_leaves_it_alone(people):
    course = changes.live(people.unit)
    db.session.get_one(Workshop, course.workshop_id).is_active = False
    db.session.commit()
    later = course.enroll_close_at + dt.timedelta(days=1)
    assert set(ask(people, course, enroll_close_at=later).applied) == {"enroll_close_at"}
    with pytest.raises(Refused):
        ask(people, course, start_time=KEPT, end_time=dt.time(13))


def test_one_change_waits_at_a_time_and_a_form_sent_twice_asks_once(people):
    course, form = changes.live(people.unit), changes.key()
    wish = changes.wish(course, capacity_max=12)
    made = [course_changes.edit(people.clerk, form, course.id, wish) for _ in range(2)]
    assert (made[0].change.id, made[1].change.id, made[1].repeated) == (made[0].change.id, made[0].change.id, True)
    with pytest.raises(Conflict, match="در انتظار تصمیم"):
        ask(people, course, capacity_max=11)
    stale = course_changes.Wish(wish.version - 1, wish.values, "دلیل")
    with pytest.raises(Conflict, match=people.clerk.name):
        course_changes.edit(people.manager, changes.key(), course.id, stale)


# -- Who may -----------------------------------------------------------------------------


@pytest.mark.once
def test_nobody_decides_about_what_they_have_asked_for_and_only_the_level_it_waits_at_decides(people):
    course = changes.live(people.unit)
    change = course_changes.edit(people.manager, changes.key(), course.id, changes.wish(course, capacity_max=12)).change
    with pytest.raises(NotAllowed, match="خود شما"):
        course_changes.decide(people.manager, change.id, 1, "approve")
    stranger = cases.staff(Role.REVIEWER, make.unit(UnitKind.DIRECTORATE, make.province()))
    with pytest.raises(OutsideTerritory):
        course_changes.decide(stranger, change.id, 1, "approve")
    for who in (people.reviewer, people.clerk, cases.staff(Role.PLANNER, cases.office())):
        with pytest.raises(NotAllowed):
            course_changes.decide(who, change.id, 1, "approve")
    other = cases.staff(Role.MANAGER, people.unit)
    with pytest.raises(DomainError, match="دلیل"):
        course_changes.decide(other, change.id, 1, "refuse")
    assert course_changes.decide(other, change.id, 1, "refuse", "لازم نیست").state is ChangeState.REFUSED
    assert now(course).capacity_max == 15


def test_a_deputy_decides_with_both_names_and_the_timeline_says_from_what_to_what(people):
    course = changes.live(people.unit)
    asked = ask(people, course, capacity_max=12).change
    away, deputy = people.manager.user_id, make.user(Role.COUNSELOR, people.unit)
    today = jalali.tehran_today(utcnow())
    make.save(Deputy(user_id=away, deputy_id=deputy.id, made_by_id=away, unit_id=people.unit.id, role=Role.MANAGER,
                     first_on=today, last_on=today))  # fmt: skip
    course_changes.decide(cases.actor(deputy), asked.id, 1, "approve")
    event = db.session.scalars(select(CourseEvent).order_by(CourseEvent.id.desc())).first()
    assert (event.action, event.actor_id, event.on_behalf_of_id) == ("change_approve", deputy.id, away)
    course_changes.decide(people.reviewer, asked.id, 2, "approve")
    newest = courses.case(people.reviewer, course.id).timeline[0]
    assert "حداکثر ظرفیت را از «۱۵» به «۱۲» تغییر داد" in newest.what


@pytest.mark.parametrize("state", [*ChangeState])
@pytest.mark.parametrize("action", ["approve", "return", "refuse", "withdraw"])
def test_only_listed_steps_of_a_change_are_possible(people, state, action):
    course = changes.live(people.unit)
    change = ask(people, course, capacity_max=12).change
    change.state, change.decision = state, "چیزی"
    db.session.commit()
    listed = {("waiting", each) for each in ("approve", "return", "refuse", "withdraw")} | {("returned", "withdraw")}
    who = people.clerk if action == "withdraw" else people.manager
    if (state.value, action) in listed:
        assert course_changes.decide(who, change.id, 1, action, "دلیل").version == 2
        return
    with pytest.raises(Conflict):
        course_changes.decide(who, change.id, 1, action, "دلیل")
    assert db.session.get_one(CourseChange, change.id, populate_existing=True).state is state


@pytest.mark.once
def test_the_states_of_a_course_say_which_of_its_fields_may_change(people):
    course = changes.live(people.unit)
    assert "enroll_open_at" not in changeable(course)
    assert {"gender", "enroll_close_at"} <= changeable(course)
    changes.enroll(course)
    assert "gender" not in changeable(now(course))
    course.status = S.RUNNING
    assert "start_on" not in changeable(course)
    assert "end_on" in changeable(course)
    course.status = S.FINISHED
    assert changeable(course) == frozenset()


def test_several_are_decided_together_each_for_itself_and_a_form_sent_again_does_nothing_more(people):
    plain, taken, smaller = (changes.live(people.unit) for _ in range(3))
    changes.fill(smaller, 6)
    asked = [ask(people, course, capacity_min=1, capacity_max=4).change.id for course in (plain, taken, smaller)]
    seen = [together.Key(each, 1) for each in asked]
    form = changes.key()
    course_changes.decide(people.manager, asked[1], 1, "return", "بس است")
    first, again = (together.decide_all(people.manager, form, seen, approve=True, reason="") for _ in range(2))
    assert [each.why is None for each in first] == [each.why is None for each in again] == [True, False, False]
    assert "برگرداندید" in str(first[1].why)
    assert "جدا باز کنید" in str(first[2].why)
    assert [each.repeated for each in again] == [True, False, False]
    rows = {each.change.id: each for each in together.several(people.reviewer, asked)}
    assert [(rows[each].waits, rows[each].change.level) for each in asked] == [
        (True, "province"), (False, "center"), (False, "center")
    ]  # fmt: skip
    with pytest.raises(DomainError, match="دلیل"):
        together.decide_all(people.reviewer, changes.key(), seen[:1], approve=False, reason=" ")
    back = together.decide_all(people.reviewer, changes.key(), [together.Key(asked[0], 2)], approve=False, reason="کم")
    assert [each.why for each in back] == [None]
    assert db.session.get_one(CourseChange, asked[0], populate_existing=True).decision == "کم"
    with pytest.raises(NotAllowed):
        together.require_reviewer(people.clerk)


def test_nobody_decides_among_others_what_they_asked_for(people):
    change = course_changes.edit(
        people.manager, changes.key(), (course := changes.live(people.unit)).id, changes.wish(course, capacity_max=12)
    ).change
    assert "خود شما" in together.several(people.manager, [change.id])[0].bar
    done = together.decide_all(people.manager, changes.key(), [together.Key(change.id, 1)], approve=True, reason="")
    assert isinstance(done[0].why, NotAllowed)


@pytest.mark.once
def test_a_step_of_canceling_still_wants_an_empty_course(people):
    course = changes.live(people.unit)
    changes.enroll(course)
    with pytest.raises(DomainError):
        courses.advance(people.reviewer, course.id, Action.CANCEL, reason="کمبود متقاضی")
