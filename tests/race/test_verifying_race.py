"""Rows of instructors' files under several reviewers at once: each is decided once, and the others are told."""

from models import InstructorRecord, RecordEvent, RecordState, Role, db
from services.errors import Conflict
from services.instructors import records, verifying
from services.instructors.values import EducationValues
from tests import course_cases as cases
from tests import make
from tests.instructor_cases import AT_PROVINCE, key, paper, staff, waiting
from tests.race.crowd import storm

CROWD = 6
S = RecordState
DECIDED = ("passed", "verified", "rejected")


def decisions() -> list[tuple[int, str]]:
    db.session.rollback()
    events = db.session.query(RecordEvent).filter(RecordEvent.action.in_(DECIDED))
    return [(event.record_id, event.action) for event in events]


def test_of_many_who_verify_reject_or_take_back_one_row_one_does(app):
    center = make.unit()
    teacher = make.instructor(center)
    clerk, _, reviewer = staff(center)
    office = db.session.get_one(make.Unit, reviewer.units[0])
    former = make.education(teacher)
    made = records.change(clerk, "change", former.id, EducationValues("master", "برق", former.graduated_on))
    row = db.session.get_one(InstructorRecord, made.id)
    paper(row, clerk)
    row.state = S.AT_PROVINCE
    seen_by_all, row_id = key(make.save(row)), made.id
    actors = [clerk, *(cases.staff(Role.REVIEWER, office) for _ in range(CROWD))]

    def work(who) -> str:
        if who is clerk:
            return str(records.withdraw(clerk, row_id))
        approve = bool(who.user_id % 2)
        return verifying.decide(who, f"form {who.user_id}", seen_by_all, approve=approve, reason="نه").what

    seen = storm(app, work, actors)
    assert seen["Conflict"] == CROWD, seen
    db.session.rollback()
    before, state = db.session.scalars(db.select(InstructorRecord.state).order_by(InstructorRecord.id))
    assert len(decisions()) == (state != S.WITHDRAWN)
    assert before == (S.REPLACED if state == S.VERIFIED else S.VERIFIED)


def test_reviewers_who_decide_the_same_rows_in_opposite_orders_decide_each_once(app):
    center = make.unit()
    teacher = make.instructor(center)
    clerk, _, reviewer = staff(center)
    office = db.session.get_one(make.Unit, reviewer.units[0])
    keys = [key(waiting(teacher, clerk, AT_PROVINCE)) for _ in range(8)]
    actors = [cases.staff(Role.REVIEWER, office) for _ in range(4)]

    def work(turn) -> str:
        number, who = turn
        order = keys[:: 1 if number % 2 else -1]
        seen = verifying.decide_all(who, f"form {number // 2} {who.user_id}", order, approve=number < 2, reason="نه")
        assert all(each.why is None or isinstance(each.why, Conflict) for each in seen), seen
        return str(sum(each.why is None for each in seen))

    seen = storm(app, work, list(enumerate(actors)))
    assert sum(int(done) * times for done, times in seen.items()) == len(keys), seen
    assert sorted(record_id for record_id, _ in decisions()) == [each.record_id for each in keys]


def test_one_form_for_several_rows_sent_by_many_taps_decides_each_once(app):
    center = make.unit()
    teacher = make.instructor(center)
    clerk, manager, _ = staff(center)
    keys = [key(waiting(teacher, clerk)) for _ in range(5)]

    def work(order: int) -> str:
        seen = verifying.decide_all(manager, "one form", keys[::order], approve=True, reason="")
        assert [each.why for each in seen] == [None] * len(keys)
        return str(sum(not each.repeated for each in seen))

    seen = storm(app, work, [1, -1] * 2)
    assert sum(int(done) * times for done, times in seen.items()) == len(keys), seen
    assert sorted(decisions()) == [(each.record_id, "passed") for each in keys]
