"""Somebody answers for a child: named once, changed with care, told in the child's stead, and not for ever."""

import datetime as dt
import uuid

import pytest
from sqlalchemy import func, select

from models import DebitSource, Enrollment, Guardianship, Message, MobileStatus, Person, Policy, Role, db, utcnow
from services import guardians, labels, many, messages, mobiles, people, policy
from services.enrollment import drafts
from services.enrollment.desk import desk
from services.enrollment.drafts import Entry
from services.enrollment.rules import Outcome, Rule
from services.errors import Conflict, DomainError
from services.guardians import Change, Said
from services.mobiles import By
from services.transaction import atomic
from tests import course_cases, fakes, make, owed

OWN, THEIRS = "09113700061", "09113700062"


def years_ago(years: int) -> dt.date:
    return policy.today() - dt.timedelta(days=round(365.25 * years) + 5)


def child(**over) -> Person:
    return make.person(**{"birth_date": years_ago(12), "mobile": None, **over})


def adult(**over) -> Person:
    return make.person(**{"birth_date": years_ago(40), "mobile": THEIRS, "mobile_status": "matched", **over})


def said(code: str | None = None, **over) -> Said:
    return Said(**{"code": code or make.national_code(), "relation": "mother", "mobile": "", **over})


def named(person: Person, one: Said, seen: int = 0) -> bool:
    return guardians.change(person.id, Change(one, seen), people.CLERK, By())


@pytest.fixture
def phones(app):
    provider = fakes.Phones()
    with fakes.installed(app, sms=provider, shahkar=fakes.Shahkar(owners={})):
        yield provider


def told(person: Person) -> Message:
    with atomic():
        messages.tell(person.id, "course_starts", "کلاس شنبه آغاز می‌شود.", cause_key=f"t:{uuid.uuid4()}")
    return db.session.scalars(select(Message).order_by(Message.id.desc())).first()


def settled(message: Message) -> tuple[str, str | None]:
    db.session.refresh(message)
    return message.state, message.suppressed_reason


# -- Messages ------------------------------------------------------------------------


def test_what_is_owed_to_a_child_goes_to_the_matched_mobile_of_the_guardian_and_names_the_child(phones):
    pupil = child()
    named(pupil, said(adult().national_code))
    message = told(pupil)
    owed.run("sms")
    assert settled(message) == ("sent", None)
    [(number, words)] = phones.texts.values()
    assert (number, pupil.full_name in words, "کلاس شنبه" in words) == (THEIRS, True, True)
    db.session.refresh(message)
    assert pupil.full_name not in message.body  # what is stored names nobody


@pytest.mark.parametrize("case", ["own number", "of age", "ended"])
def test_the_guardian_is_not_told_what_the_person_can_be_told(phones, case):
    pupil = child()
    named(pupil, said(adult().national_code))
    if case == "own number":
        pupil.mobile, pupil.mobile_status = OWN, MobileStatus.MATCHED
    elif case == "of age":
        pupil.birth_date = years_ago(18)
    else:
        db.session.query(Guardianship).update({"ended_at": utcnow()})
    db.session.commit()
    message = told(pupil)
    owed.run("sms")
    expected = ("sent", None) if case == "own number" else ("suppressed", "no_mobile")
    assert settled(message) == expected
    assert [number for number, _ in phones.texts.values()] == ([OWN] if case == "own number" else [])


def test_the_verdict_on_the_guardians_mobile_with_the_guardians_code_wakes_the_childs_messages(phones, app):
    pupil, code = child(mobile=OWN, mobile_status="not_matched"), make.national_code()
    named(pupil, said(code, mobile=THEIRS))
    app.extensions["gateways"].shahkar.owners[THEIRS] = code
    message = told(pupil)
    owed.run("sms")
    assert settled(message)[0] == "queued"
    owed.run("shahkar")
    assert owed.row("sms").next_try_at <= utcnow()
    owed.run("sms")
    assert (settled(message), [number for number, _ in phones.texts.values()]) == (("sent", None), [THEIRS])


def test_a_guardian_whose_mobile_is_not_theirs_is_told_nothing_and_the_reason_stands(phones):
    pupil = child()
    named(pupil, said(mobile=THEIRS))
    message = told(pupil)
    for topic in ("sms", "shahkar", "sms"):
        owed.again(topic)
    assert (settled(message), phones.texts) == (("suppressed", "guardian_unmatched"), {})
    assert "guardian_unmatched" in labels.SUPPRESSED_REASON


# -- Naming --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": "123"}, "guardian_code"),
        ({"code": "own"}, "guardian_code"),
        ({"code": "pupil"}, "guardian_code"),
        ({"code": "dead"}, "guardian_code"),
        ({"code": "1234567891"}, "guardian_code"),
        ({"relation": ""}, "guardian_relation"),
        ({"mobile": "0911"}, "guardian_mobile"),
        ({"born": None}, "birth_date"),
        ({"born": 18}, "guardian_code"),
    ],
)
def test_who_cannot_answer_for_somebody_is_refused_at_the_field(wrong, field):
    born = wrong.pop("born", 12)
    pupil = child(birth_date=years_ago(born) if born else None)
    others = {"own": pupil.national_code, "pupil": child().national_code, "dead": adult(is_alive=False).national_code}
    if "code" in wrong:
        wrong["code"] = others.get(wrong["code"], wrong["code"])
    with pytest.raises(DomainError) as refused:
        named(pupil, said(**wrong))
    assert (refused.value.field, db.session.query(Guardianship).count()) == (field, 0)


def test_another_guardian_takes_the_place_of_the_first_and_a_second_tab_is_told():
    pupil, mother, father = child(), adult(), adult()
    assert named(pupil, said(mother.national_code))
    first = guardians.standing(pupil.id)
    assert not named(pupil, said(mother.national_code), seen=0)  # the same again is no conflict
    assert named(pupil, said(father.national_code, relation="father"), seen=first.id)
    with pytest.raises(Conflict):
        named(pupil, said(adult().national_code), seen=first.id)
    assert guardians.standing(pupil.id).guardian_id == father.id
    assert db.session.scalar(select(func.count()).where(Guardianship.ended_at.is_not(None))) == 1


def test_a_guardian_ends_by_itself_on_the_day_of_coming_of_age():
    pupil, older = child(), child(birth_date=years_ago(17))
    for each in (pupil, older):
        named(each, said(adult().national_code))
    older.birth_date = years_ago(18)
    db.session.commit()
    assert (guardians.end_grown(utcnow()), guardians.end_grown(utcnow())) == (1, 0)
    assert (guardians.standing(older.id), guardians.standing(pupil.id) is not None) == (None, True)


# -- The doors -----------------------------------------------------------------------


@pytest.fixture
def clerk():
    make.tariff(0)
    return course_cases.staff(Role.CLERK, make.unit())


def rule(mode: str) -> None:
    value = {"mode": mode, "override": "manager"}
    make.save(Policy(name="eligible_guardian", scope="*", valid_from=dt.date(2020, 1, 1), value=value))


def drafted(clerk, one: Said = Said(), years: int = 12) -> drafts.EnrollmentDraft:  # noqa: B008 (frozen)
    course = make.course(unit_=make.first(make.Unit, id=clerk.units[0]))
    key = drafts.start(clerk, make.national_code())
    entry = Entry(course_id=course.id, debit_source="trainee", birth_date=years_ago(years), guardian=one)
    return drafts.save(clerk, key, 1, entry)


def test_the_desk_enrolls_a_child_with_its_guardian_and_warns_about_one_without(clerk):
    draft = drafted(clerk, said(mobile=THEIRS))
    drafts.confirm(clerk, draft)
    made = guardians.standing(db.session.query(Enrollment).one().person_id)
    assert (made.guardian.mobile, made.recorded_by_id, made.relation) == (THEIRS, clerk.user_id, "mother")
    assert "shahkar" in [row.topic for row in owed.rows() if row.ref_id == made.guardian_id]
    alone = drafted(clerk)
    [found] = [each for each in desk(clerk, alone).findings if each.rule is Rule.GUARDIAN]
    assert (found.outcome, desk(clerk, alone).asks_guardian) == (Outcome.WARNS, True)
    drafts.confirm(clerk, alone)
    assert [each for each in desk(clerk, drafted(clerk, years=30)).findings if each.rule is Rule.GUARDIAN] == []


def test_where_the_rule_refuses_a_child_is_enrolled_with_a_guardian_alone(clerk):
    rule("refuse")
    with pytest.raises(DomainError, match="سرپرست"):
        drafts.confirm(clerk, drafted(clerk))
    drafts.confirm(clerk, drafted(clerk, said()))
    rows = {"birth_date": years_ago(12).isoformat()}
    course, guardian = db.session.query(Enrollment).one().course_id, said(mobile=THEIRS)
    wanted = [
        many.typed.wanted(make.national_code(), **rows),
        many.typed.wanted(make.national_code(), **rows, **guardian.as_fields()),
        many.typed.wanted(make.national_code(), **rows, **said(relation="aunt").as_fields()),
    ]
    key = many.start(clerk, str(uuid.uuid4()), course, wanted)
    done = many.run(clerk, key, DebitSource.TRAINEE)
    assert (done.enrolled, done.refused) == (1, 2)
    child_id = db.session.scalars(select(Enrollment.person_id).order_by(Enrollment.id.desc())).first()
    assert guardians.standing(child_id).guardian.national_code == guardian.code
    assert ["سرپرست" in line.problem for line in many.look(clerk, key).lines] == [True, False, True]


def test_the_clerks_own_number_is_no_guardians(clerk):
    own = make.person(mobile=OWN)
    colleague = course_cases.actor(make.user(Role.CLERK, make.first(make.Unit, id=clerk.units[0]), person=own))
    with pytest.raises(DomainError) as refused:
        drafts.confirm(colleague, drafted(colleague, said(mobile=OWN)))
    assert (refused.value.field, str(refused.value)) == ("guardian_mobile", mobiles.OWN_MOBILE)
