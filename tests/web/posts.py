"""What the walker of forms needs to know: for each address that takes a form, where it stands and what is written in.

A new form is one line in `SCENES`; what is not written here is filled as `walking.py` fills it.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from bs4 import BeautifulSoup

from models import (
    Course,
    CourseStatus,
    DebitSource,
    Discrepancy,
    EnrollmentDraft,
    ImportState,
    Message,
    Person,
    Role,
    SkillStandard,
    TradeField,
    Unit,
    UnitKind,
    User,
    UserRole,
    utcnow,
)
from services import held_posts, passwords, sessions, sign_in
from services.courses import CHECKLIST
from services.enrollment import drafts, own
from services.sessions import Owner
from services.transaction import atomic
from tests import course_cases, make
from tests.web import (
    basket_scenes,
    book_scenes,
    change_scenes,
    claim_scenes,
    class_scenes,
    count_scenes,
    credit_scenes,
    deputy_scenes,
    desk_scenes,
    equipment_scenes,
    file_scenes,
    fit_scenes,
    known_scenes,
    license_scenes,
    list_scenes,
    many_scenes,
    outside_scenes,
    pages,
    payment_scenes,
    person_scenes,
    photo_scenes,
    place_scenes,
    purse_scenes,
    queue_scenes,
    request_scenes,
    rule_scenes,
    service_scenes,
    track_scenes,
    verify_scenes,
    waiting_scenes,
    waiver_scenes,
    walking,
)
from tests.web.pages import World

SECRET = "چهار واژهٔ بی ربط"
QUERIES, ENROLLING = 12, 18
# Forms with a limit of their own, each with its reason.
WAIVED: dict[str, int] = {
    "trainee.enroll": ENROLLING,
    "ops.outside_switch": 14,  # what waited for the old way is due in four parts
    "ops.outside_gather": 14,
    "ops.outside_record": 20,  # its document is kept, the answer settled, and who waits for the name told
    # The decision, the person with the history, the courses looked at anew, and what is owed of the outside.
    **dict.fromkeys(("center.discrepancy_settle", "province.discrepancy_settle"), 14),
    "trainee.withdraw": 14,  # the rule of it, and the line that the seat goes to
    "trainee.wait_join": 16,  # every rule of enrolling is asked, and the line settled behind its lock
    "center.waiting_remove": 14,
    "center.enrollment_end_do": 14,  # as a withdrawal, by somebody else
    "center.enroll_undo": ENROLLING,  # an enrollment backwards: seat, credit, event and message
    "center.enrollment_move_do": ENROLLING + 8,  # one enrollment backwards and another one forwards
    "center.list_make": 15,  # the course in reach, the list with its rows, and whoever is known looked up in the trail
    "center.list_add": 14,
    "center.list_run top up": 14,  # the list as it stands, which knows what is lacking, and a basket
    "center.list_run": 40,  # an enrollment of many, with their drafts and rows, and the list as it stands
    "center.objection_answer accept": ENROLLING,  # takes the enrollment back, with its seat and its credit
    # Saves the draft and the name with its history, reads the target group once, then enrolls.
    "center.enroll_confirm": ENROLLING + 7,
    "center.enroll_confirm top up": ENROLLING,  # saves the draft and reads the desk, which knows what is lacking
    "public.pay_change add": 15,  # two counts of answers, the limits, who is registered, and the new sum
    # Three counters of tries, each locked, before the password is looked at and forgiven after it; once a day.
    "auth.sign_in": 23,
    "auth.code": 25,
    # Holds what it needs against being taken away, keeps what its standard asks for, writes the meetings and signs.
    "center.course_send": 14,
    # A code for the copy, the holidays between its days, and those who taught parts of the former course.
    "center.course_copy": 14,
    # A person found or made, the registry asked, an employment with its fields, and all of it in the history.
    "center.instructor_new": 21,
    # One employment ends, another begins with its fields, and both histories and the trail say so.
    **dict.fromkeys(("center.instructor_move_accept", "province.instructor_move_accept"), 15),
    **dict.fromkeys(("center.record_change", "instructor.record_change"), 13),  # the row, held, and a new one
    # Two rows, each in a transaction of its own.
    **{f"{who}.verify_decide_all {word}": 15 for who in ("center", "province") for word in ("approve", "reject")},
    # A person found or made, an account and its first role, each with what tells that it is there already.
    **dict.fromkeys(("center_users.user_new", "province_users.user_new", "hq_users.user_new"), 14),
    "province.license_decide_all approve": 18,  # two licenses, each with its academy held in a transaction of its own
    "province.license_decide_all reject": 15,
    # Two cases, each in a transaction of its own: read, held, moved, signed and written into its history.
    **{
        f"{who}.course_decide_all {word}": most
        for who in ("center", "province", "hq")
        for word, most in (("approve", 25), ("return", 16))
    },
    # Two changes, each in a transaction of its own.
    **dict.fromkeys((f"{who}.course_change_decide_all return" for who in change_scenes.LEVELS), 16),
    **dict.fromkeys((f"{who}.course_change_decide_all approve" for who in ("center", "province")), 16),
    "center.course_change_ask": 20,  # every rule of sending is asked again, and the route of what waits
    "province.course_end_ask": 20,  # an enrollment backwards for everybody who is in the course
    "center.license_new": 18,  # founder and manager, each found or made, asked about and written into the trail
    "public.demand_send": 16,  # two counts of tries, a person found or made with a mobile, and what is asked for
    # The place, the units that can host it, and a draft with its code and its event.
    **dict.fromkeys(("center.demand_open", "province.demand_open"), 13),
    "province.license_visit": 14,  # a report comes with it
    "province.review_decide_all approve": 16,  # two cases, each in a transaction of its own
    # A receipt comes with it, the wrong entry and its purse are looked at, and the right purse may be a new one.
    **dict.fromkeys(("center.credit_case_ask", "trainee.credit_case_ask"), 19),
    "trainee.me_mobile": 15,  # a count of tries, whose number it is, its history, its check and the word to its owner
    "trainee.enroll_group_save": 16,  # a paper comes with it, to what is begun by it
    "trainee.enroll_top_up": 14,  # the rules are asked, what was begun is remembered, and the basket filled
    "province.credit_correct": 17,  # a document comes with it
    "province.credit_decide approve": 17,  # both purses held, the money moved, and both owners told
    "hq.reconciliation_settle ask": 13,  # the day is compared, and each payment held with what is owed about it
    # A picture comes with it, its person is held, and one that waited makes way with its files.
    **dict.fromkeys(("trainee.photo_send", "center.enrollment_photo_send"), 22),
    # The form, the person held, two limits counted, the change, its check, its history and two messages; with a paper.
    "center.person_mobile_save": 25,
    "center.person_mobile_save paper": 30,
    **dict.fromkeys(("center.person_guardian_save", "trainee.guardian_save"), 24),  # a second person, found or made
    "center.change_record received": 14,  # a paper comes with it: taken in, owed its check, and hung on the item
}
NOWHERE = {
    "hq.course_step": "the table of steps has none at HQ but decisions",
    "public.track_close": "needs a code that was typed: tests/web/test_track.py",
    "public.pay_go": "needs a bank: tests/web/test_top_up.py",
    "payments.callback": "the form is a bank's",
}


@dataclass(frozen=True)
class Scene:
    """A form that can be sent with effect: the page, the values of the form's address, and what is written.

    What is written in a name with a plus before it is a box that is ticked.
    """

    page: str
    values: dict[str, object] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    button: str = ""
    as_: User | Person | None = None
    files: tuple[tuple[str, str, bytes], ...] = ()


Make = Callable[[World], Scene]


def written(scene: Callable[[World], tuple[Any, ...]]) -> Make:
    """A scene of another module: the page, the values of the form's address, what is typed, and perhaps more."""
    return lambda world: Scene(*scene(world))


# -- Courses -----------------------------------------------------------------------


def copied(world: World) -> Scene:
    return Scene(f"/center/courses/{world.course.id}/copy", {"course_id": world.course.id})


def created(world: World) -> Scene:
    return Scene("/center/courses/new", button=f"standard={make.first(SkillStandard).id}")


def decided(level: str, decision: str) -> Make:
    def scene(world: World) -> Scene:
        colleague = make.user(unit_=world.unit)
        waits = {**pages.sent(pages.QUEUES[level]), "entered_by_id": colleague.id}
        course = make.course(pages.QUEUES[level], world.unit, **waits)
        signed = {f"+sign_{name}": "y" for name in CHECKLIST if decision == "approve"}
        typed = {"decision": decision, "reason": "روزهای کلاس را درست کنید", **signed}
        return Scene(f"/{level}/courses/{course.id}", {"course_id": course.id}, typed)

    return scene


def saved(part: str, typed: dict[str, str], button: str = "do=save") -> Make:
    def scene(world: World) -> Scene:
        values: dict[str, object] = {"course_id": draft(world).id, "part": part}
        return Scene(f"/center/courses/{values['course_id']}/edit/{part}", values, typed, button)

    return scene


def sent(world: World) -> Scene:
    course = draft(world)
    signed = {f"+sign_{name}": "y" for name in CHECKLIST} | {"note": "کمبود از کارگاه دیگر آورده می‌شود"}
    return Scene(f"/center/courses/{course.id}/edit/send", {"course_id": course.id}, signed)


def draft(world: World) -> Course:
    make.instructor(world.unit, make.first(TradeField))
    return course_cases.draft(course_cases.actor(world.staff["center"], "center"))


def other_standard(world: World) -> Scene:
    course, standard = draft(world), make.standard()
    page = f"/center/courses/{course.id}/standard?q={standard.code}"
    return Scene(page, {"course_id": course.id}, button=f"standard={standard.id}")


def step(level: str, status: CourseStatus, action: str) -> Make:
    def scene(world: World) -> Scene:
        course = make.course(status, world.unit)
        values = {"course_id": course.id, "action": action}
        return Scene(f"/{level}/courses/{course.id}", values, {"reason": "مربی بیمار است"})

    return scene


# -- Enrollment --------------------------------------------------------------------


def desk(button: str, money: int = 50_000) -> Make:
    def scene(world: World) -> Scene:
        row = paid_draft(world, money)
        return Scene(f"/center/enroll/{row.key}", {"key": row.key}, {"debit_source": "trainee"}, button)

    return scene


def paid_draft(world: World, money: int = 50_000) -> EnrollmentDraft:
    person = make.person(first_name=None, last_name=None)
    make.purse(person, money)
    place = {"user_id": world.staff["center"].id, "unit_id": world.unit.id, "course_id": world.course.id}
    values = {"national_code": person.national_code, "debit_source": DebitSource.TRAINEE, "version": 2, "fields": {}}
    return make.save(EnrollmentDraft(key=str(uuid.uuid4()), **place, **values))


def undone(world: World) -> Scene:
    row = paid_draft(world)
    drafts.confirm(course_cases.actor(world.staff["center"], "center"), row)
    return Scene(f"/center/enroll?after={row.key}", {"key": row.key})


def enrolled(world: World) -> Scene:
    person = make.person(mobile="09121234567", birth_date=None)
    make.purse(person, 50_000)
    return Scene(f"/trainee/enroll/{world.course.code}", {"code": world.course.code}, as_=person)


def own_slip(world: World) -> Scene:
    code = world.enrollment.tracking_code
    return Scene(f"/slip/{code}", {"tracking_code": code}, button="do=page", as_=world.trainee)


def withdrawn(world: World) -> Scene:
    person = make.person()
    make.purse(person, 50_000)
    made = own.enroll(person, world.course.code, str(uuid.uuid4())).enrollment_id
    return Scene(f"/trainee/enrollments/{made}/withdraw", {"enrollment_id": made}, as_=person)


# -- People ------------------------------------------------------------------------


def settled(level: str) -> Make:
    def scene(world: World) -> Scene:
        row: Discrepancy = pages.discrepancy(world)
        return Scene(f"/{level}/discrepancies/{row.id}", {"discrepancy_id": row.id})

    return scene


def colleague(place: str, level: str, **over) -> Make:
    """A form on the page of somebody whose accounts this level keeps."""

    def scene(world: World) -> Scene:
        unit = world.unit if level != "hq" else unit_of(world, "province")
        person = make.user(Role.REVIEWER if level == "hq" else Role.CLERK, unit, **over)
        role = make.first(UserRole, user_id=person.id)
        return Scene(f"{place}/{person.id}", {"user_id": person.id, "role_id": role.id}, role_in(unit, level))

    return scene


def unit_of(world: World, level: str) -> Unit:
    return make.first(Unit, id=make.first(UserRole, user_id=world.staff[level].id).unit_id)


GRANTED = {"center": "counselor", "province": "manager", "hq": "director"}


def role_in(unit: Unit, level: str) -> dict[str, str]:
    return {"unit": unit.code, "role": GRANTED[level]}


def hired(place: str, level: str) -> Make:
    def scene(world: World) -> Scene:
        return Scene(f"{place}/new", typed=role_in(unit_of(world, "province") if level == "hq" else world.unit, level))

    return scene


def accounts(blueprint: str, place: str, level: str) -> dict[str, Make]:
    return {
        f"{blueprint}.role_grant": colleague(place, level),
        f"{blueprint}.role_revoke": colleague(place, level),
        f"{blueprint}.user_code": colleague(place, level),
        f"{blueprint}.user_disable": colleague(place, level),
        f"{blueprint}.user_enable": colleague(place, level, disabled_at=utcnow()),
        f"{blueprint}.user_new": hired(place, level),
        f"{blueprint}.user_search": lambda world: Scene(place),
    }


def password(world: World) -> Scene:
    user = make.user(password_hash=passwords.hashed(SECRET))
    return Scene("/auth/login", typed={"username": user.username, "password": SECRET})


def one_time_code(world: World) -> Scene:
    user = make.user()
    with atomic():
        code = sign_in.new_code(user.id, world.staff["center"].id)
    typed = {"username": user.username, "code": code, "password": SECRET, "repeat": SECRET}
    return Scene("/auth/code", typed=typed)


def owner_of(world: World, side: str) -> Owner:
    return Owner(world.staff["center"].id, None) if side == "center" else Owner(None, world.trainee.id)


def held(side: str, place: str) -> Make:
    def scene(world: World) -> Scene:
        form = held_posts.Form("/center/enroll", (("national_code", "1"),))
        key = held_posts.hold(owner_of(world, side), form)
        return Scene(f"{place}/held/{key}", {"key": key})

    return scene


def other_session(side: str, place: str) -> Make:
    def scene(world: World) -> Scene:
        owner = owner_of(world, side)
        if side == "center":
            sessions.open_staff(world.staff["center"].id)
        else:
            sessions.open_trainee(world.trainee.id)
        return Scene(f"{place}/sessions", {"session_id": max(row.id for row in sessions.mine(owner))})

    return scene


# -- Units and operation -----------------------------------------------------------


def new_unit(place: str) -> Make:
    def scene(world: World) -> Scene:
        make.province()
        return Scene(f"{place}/new", typed={"title": "یک واحد تازه", "phone": "017-32220000"})

    return scene


def unit(level: str, place: str, page: str = "", **over) -> Make:
    def scene(world: World) -> Scene:
        local = level == "province"
        row = make.unit(UnitKind.CENTER if local else UnitKind.DIRECTORATE, None if local else make.province(), **over)
        return Scene(f"{place}/{row.id}{page}", {"unit_id": row.id}, {"title": "نامی دیگر"})

    return scene


# -- Standards and imports ---------------------------------------------------------


def kept_standard(page: str = "", **over) -> Make:
    """A form on the page of a standard, or on one below it."""

    def scene(world: World) -> Scene:
        row = make.standard(**over)
        typed = {"reason": "استاندارد تازه آمد", "item_name": "میز کار", "quantity": "2", "basis_n": "5"}
        return Scene(f"/hq/standards/{row.id}{page}", {"standard_id": row.id}, typed)

    return scene


def requirement_removed(world: World) -> Scene:
    row = pages.requirement(world, "قلمی که برداشته می‌شود")
    values = {"standard_id": row.standard_id, "requirement_id": row.id}
    return Scene(f"/hq/standards/{row.standard_id}/requirements", values)


def sheet_sent(level: str, form: str) -> Make:
    def scene(world: World) -> Scene:
        file = ("file", "یک فهرست.csv", "نام,تعداد\nمیز,۲\n".encode())
        return Scene(f"/{level}/imports/{form}", {"form_code": form}, files=(file,))

    return scene


def sheet_at(level: str, state: ImportState, **over) -> Make:
    def scene(world: World) -> Scene:
        row = pages.batch(world, state, level, **over)
        return Scene(f"/{level}/imports/batches/{row.id}", {"batch_id": row.id})

    return scene


def sheets(level: str, form: str) -> dict[str, Make]:
    return {
        f"{level}.import_send": sheet_sent(level, form),
        f"{level}.import_apply": sheet_at(level, ImportState.READY),
        f"{level}.import_drop": sheet_at(level, ImportState.READY),
        f"{level}.import_undo": sheet_at(level, ImportState.DONE, done_count=2),
    }


def letter(world: World) -> Scene:
    row = pages.dead_letter()
    return Scene(f"/ops/jobs/{row.id}", {"outbox_id": row.id})


def letters(world: World) -> Scene:
    pages.dead_letter()
    return Scene("/ops/jobs")


def unclear_message(world: World) -> Scene:
    row = make.save(Message(
        person_id=make.person().id, cause_key=uuid.uuid4().hex, template="enrolled", body="متن", state="unknown"
    ))  # fmt: skip
    return Scene("/ops/jobs", {"message_id": row.id})


SCENES: dict[str, Make] = {
    "auth.sign_in": password,
    "auth.code": one_time_code,
    "public.track": lambda world: Scene("/slip", typed={"code": world.enrollment.tracking_code}),
    "public.track_ask": lambda world: Scene("/track", typed={"code": world.enrollment.tracking_code}),
    "public.track_prove": written(track_scenes.proven),
    "trainee.begun_drop": written(track_scenes.dropped),
    "trainee.enroll_group_save": written(track_scenes.grouped),
    "center.course_copy": copied,
    "center.course_create": created,
    "center.course_save time": saved("time", {"setting": "branch"}),
    "center.course_save propose": saved("time", {"start_time": "۸:۳۰"}, "do=propose"),
    "center.course_save workshop": saved("workshop", {"capacity_max": "12"}),
    "center.course_save teacher": saved("teacher", {"instructor": "", "co_1": "", "co_2": "", "co_3": ""}),
    "center.course_save terms": saved("terms", {"age_min": "20"}, "do=next"),
    "center.course_send": sent,
    "center.course_set_standard": other_standard,
    **{f"{level}.course_decide {what}": decided(level, what)
       for level in ("center", "province", "hq") for what in ("approve", "return")},
    "center.course_change_ask": written(change_scenes.asked),
    **{f"{level}.course_end_ask": written(change_scenes.ended(level)) for level in ("center", "province")},
    **{f"{level}.course_change_decide {what}": written(change_scenes.decided(level, what))
       for level in change_scenes.LEVELS for what in ("return", "refuse")},
    **{f"{level}.course_change_decide_all {what}": written(change_scenes.decided_together(level, what))
       for level, what in (("center", "approve"), ("province", "approve"),
                           *((level, "return") for level in change_scenes.LEVELS))},
    **{f"{level}.course_change_tell": written(change_scenes.told(level)) for level in change_scenes.LEVELS},
    "center.enrollment_move_do": written(change_scenes.moved),
    "center.course_step": step("center", CourseStatus.OPEN, "close"),
    "province.course_step": step("province", CourseStatus.OPEN, "cancel"),
    "center.discrepancy_settle": settled("center"),
    "center.birth_date_write": written(known_scenes.unborn),
    "province.discrepancy_settle": settled("province"),
    # Before any rule of eligibility is written anew.
    **{name: written(scene) for name, scene in waiver_scenes.SCENES.items()},
    "center.enroll_start": lambda world: Scene("/center/enroll"),
    "center.enroll_confirm": desk(""),
    "center.enroll_confirm draft": desk("do=draft"),
    "center.enroll_confirm top up": desk("top_up=trainee", money=0),
    "center.enroll_undo": undone,
    "trainee.enroll": enrolled,
    "trainee.me_mobile": lambda world: Scene("/trainee/me", typed={"mobile": "09113700072"}),
    "trainee.withdraw": withdrawn,
    **accounts("center_users", "/center/staff", "center"),
    **accounts("province_users", "/province/staff", "province"),
    **accounts("hq_users", "/hq/users", "hq"),
    "staff_account.held_drop": held("center", "/auth"),
    "staff_account.session_close": other_session("center", "/auth"),
    "staff_account.session_close_others": other_session("center", "/auth"),
    "staff_account.sign_out": lambda world: Scene("/auth/sessions"),
    "trainee_account.held_drop": held("trainee", "/auth/trainee"),
    "trainee_account.session_close": other_session("trainee", "/auth/trainee"),
    "trainee_account.session_close_others": other_session("trainee", "/auth/trainee"),
    "trainee_account.sign_out": lambda world: Scene("/auth/trainee/sessions"),
    "hq.unit_new": new_unit("/hq/units"),
    "hq.unit_save": unit("hq", "/hq/units", "/edit"),
    "hq.unit_disable": unit("hq", "/hq/units"),
    "hq.unit_enable": unit("hq", "/hq/units", is_active=False),
    "province.unit_new": new_unit("/province/centers"),
    "province.unit_save": unit("province", "/province/centers", "/edit"),
    "province.unit_disable": unit("province", "/province/centers"),
    "province.unit_enable": unit("province", "/province/centers", is_active=False),
    **{name: written(scene) for name, scene in place_scenes.SCENES.items()},
    **{name: written(scene) for name, scene in count_scenes.SCENES.items()},
    **{name: written(scene) for name, scene in file_scenes.SCENES.items()},
    **{name: written(scene) for name, scene in fit_scenes.SCENES.items()},
    **{name: written(scene) for name, scene in license_scenes.SCENES.items()},
    **{name: written(scene) for name, scene in verify_scenes.SCENES.items()},
    **{name: written(scene) for name, scene in list_scenes.SCENES.items()},
    **{name: written(scene) for name, scene in rule_scenes.SCENES.items()},
    **{name: written(scene) for name, scene in deputy_scenes.SCENES.items()},
    **{name: written(scene) for name, scene in queue_scenes.SCENES.items()},
    **{name: written(scene) for name, scene in class_scenes.SCENES.items()},
    **{name: written(scene) for name, scene in equipment_scenes.SCENES.items()},
    **{name: written(scene) for name, scene in request_scenes.SCENES.items()},
    **{name: written(scene) for name, scene in credit_scenes.SCENES.items()},
    **{name: written(scene) for name, scene in book_scenes.SCENES.items()},
    **{name: written(scene) for name, scene in purse_scenes.SCENES.items()},
    **{name: written(scene) for name, scene in desk_scenes.SCENES.items()},
    **{name: written(scene) for name, scene in basket_scenes.SCENES.items()},
    **{name: written(scene) for name, scene in many_scenes.SCENES.items()},
    **{name: written(scene) for name, scene in photo_scenes.SCENES.items()},
    **{name: written(scene) for name, scene in person_scenes.SCENES.items()},
    "slips.slip_print": own_slip,
    "center.course_slips_print": lambda world: Scene(
        f"/center/courses/{world.course.id}/papers", {"course_id": world.course.id}, button="do=page"
    ),
    **{name: written(scene) for name, scene in waiting_scenes.SCENES.items()},
    **{name: written(scene) for name, scene in claim_scenes.SCENES.items()},
    "center.service_plan": written(service_scenes.planned),
    "center.service_record": written(service_scenes.recorded),
    "center.service_down": written(service_scenes.down),
    "center.service_up": written(service_scenes.up),
    "hq.standard_retire": kept_standard(),
    "hq.standard_back": kept_standard(retired_at=utcnow()),
    "hq.requirement_save": kept_standard("/requirements"),
    "hq.requirement_remove": requirement_removed,
    **sheets("hq", "standards"),
    **sheets("center", "equipment"),
    **{name: written(scene) for name, scene in outside_scenes.SCENES.items()},
    "ops.job_again": letter,
    "ops.job_discard": letter,
    "ops.jobs_again": letters,
    "ops.message_repeat": unclear_message,
    "ops.payment_ask": written(payment_scenes.asked),
}  # fmt: skip


# -- Opening -----------------------------------------------------------------------


def open_form(app, sign_in, world: World, name: str) -> tuple[walking.Filled, object]:
    """The form of a scene, filled to be sent with effect, and the browser that has it open."""
    scene = SCENES[name](world)
    who = pages.asked_by(scene.page)
    client = sign_in(scene.as_) if scene.as_ else walking.browser(app, sign_in, world, who)
    endpoint = name.partition(" ")[0]
    with app.test_request_context():
        needed = next(app.url_map.iter_rules(endpoint)).arguments
        url = app.url_for(endpoint, **{value: scene.values[value] for value in needed})
    soup = BeautifulSoup(client.get(scene.page).data, "html.parser")
    there = [form for form in walking.forms(scene.page, soup) if form.url.partition("?")[0] == url]
    fitting = [form for form in there if form.button == scene.button] or ([] if scene.button else there)
    assert fitting, f"{name}: no form to {url} with the button {scene.button!r} on {scene.page}"
    form = fitting[0]
    for field_name, value in scene.typed.items():
        form = form.tick(field_name[1:], value) if field_name.startswith("+") else form.put(field_name, value)
    return replace(form, files=scene.files), client
