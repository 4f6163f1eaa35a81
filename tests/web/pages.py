"""What the page walker needs to know: a small country with people in it, and where each address gets its values.

A new page needs nothing here when its address has no parameters, or only ones that `BY_NAME` knows. Anything else is
one line: in `BY_ENDPOINT` the values of its address, in `FRAGMENTS` a part of a page, in `ANSWERS` the status of what
is neither, in `WAIVED` a budget of its own with the reason.
"""

import itertools
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from models import (
    Course,
    CourseStatus,
    Discrepancy,
    Enrollment,
    EnrollmentDraft,
    EquipmentItem,
    ImportBatch,
    ImportRow,
    ImportState,
    Outbox,
    Person,
    RecordState,
    Role,
    SkillStandard,
    StandardRequirement,
    StocktakeState,
    TransferState,
    Unit,
    UnitKind,
    User,
    UserRole,
    Workshop,
    utcnow,
)
from services import codes, held_posts, property_labels, text
from services.sessions import Owner
from tests import attachments, make
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
    payment_scenes,
    photo_scenes,
    place_scenes,
    purse_scenes,
    request_scenes,
    rule_scenes,
    track_scenes,
    verify_scenes,
    waiting_scenes,
    waiver_scenes,
)

VERIFIED = RecordState.VERIFIED
# Where a course waits for whom; a draft waits for its clerk.
QUEUES = {
    "clerk": CourseStatus.DRAFT,
    "center": CourseStatus.CENTER_REVIEW,
    "province": CourseStatus.PROVINCE_REVIEW,
    "hq": CourseStatus.HQ_REVIEW,
}
LEVELS = {
    "center": (UnitKind.CENTER, (Role.CLERK, Role.MANAGER, Role.COUNSELOR)),
    "province": (UnitKind.DIRECTORATE, (Role.REVIEWER, Role.PLANNER, Role.DIRECTOR)),
    "hq": (UnitKind.HQ, (Role.REVIEWER, Role.ADMIN)),
    "instructor": (UnitKind.CENTER, (Role.INSTRUCTOR,)),
    "ops": (UnitKind.HQ, (Role.OPERATOR,)),
}


@dataclass(frozen=True)
class World:
    """One row of each kind, and for each level a user who holds all roles there."""

    staff: dict[str, User]
    trainee: Person
    unit: Unit
    course: Course
    waiting: dict[str, Course]
    draft: EnrollmentDraft
    enrollment: Enrollment

    def rejoin(self) -> None:
        """Its rows belong to the session of a later test, in whose database they stand as before."""
        rows = (self.trainee, self.unit, self.course, self.draft, self.enrollment)
        for row in (*rows, *self.staff.values(), *self.waiting.values()):
            make.db.session.add(row)
            make.db.session.expire(row)


def build() -> World:
    make.tariff()
    make.route()
    center = make.unit()
    units = {UnitKind.CENTER: center}
    units |= {kind: make.unit(kind) for kind in (UnitKind.DIRECTORATE, UnitKind.HQ)}
    staff = {level: _user(units[kind], roles) for level, (kind, roles) in LEVELS.items()}
    course, trainee = make.course(unit_=center), make.person()
    waiting = {who: make.course(status, center, **sent(status)) for who, status in QUEUES.items()}
    draft = make.save(EnrollmentDraft(
        key=str(uuid.uuid4()), user_id=staff["center"].id, unit_id=center.id, national_code=make.national_code(),
        course_id=course.id,
    ))  # fmt: skip
    world = World(staff, trainee, center, course, waiting, draft, enroll(course, trainee))
    equipment_scenes.begun(world)
    file_scenes.begun(world)
    license_scenes.waiting(world)
    purse_scenes.begun(world)
    credit_scenes.begun(world)
    photo_scenes.cutting(world)
    return world


def grow(world: World, by: int) -> None:
    """More of everything, so that a page whose queries grow with its rows is found out."""
    with make.in_one_piece():
        for n in range(by):
            _grow(world, n)


def _grow(world: World, n: int) -> None:
    for status in (CourseStatus.OPEN, *QUEUES.values()):
        make.course(status, world.unit, **sent(status))
    make.user(unit_=world.unit)
    make.unit(title=f"مرکز {n}")
    enroll(world.course, make.person())
    enroll(make.course(unit_=world.unit), world.trainee)
    discrepancy(world)
    dead_letter(n)
    sheet(world)
    requirement(world, f"قلم {n}")
    place_scenes.grown(world, n)
    item(world, f"قلم {n}")
    count_scenes.grown(world, n)
    class_scenes.grown(world, n)
    equipment_scenes.grown(world, n)
    file_scenes.grown(world, n)
    fit_scenes.grown(world, n)
    license_scenes.grown(world, n)
    verify_scenes.grown(world)
    request_scenes.grown(world, n)
    change_scenes.grown(world, n)
    list_scenes.grown(world, n)
    rule_scenes.grown(world, n)
    deputy_scenes.grown(world, n)
    payment_scenes.grown(world, n)
    credit_scenes.grown(world, n)
    book_scenes.grown(world, n)
    purse_scenes.grown(world, n)
    many_scenes.grown(world, n)
    photo_scenes.grown(world, n)
    waiting_scenes.grown(world, n)
    waiver_scenes.given(world, "center")
    known_scenes.nameless(world)
    claim_scenes.claimed(world)


def sent(status: CourseStatus) -> dict[str, object]:
    """What sending leaves behind in a course under review."""
    under_review = status.value.endswith("_review")
    return {"sent_at": utcnow(), "level_since": utcnow()} if under_review else {}


def discrepancy(world: World) -> Discrepancy:
    first = {"first_name": "مریم"}
    names = {"ours": {**first, "last_name": "رضائی"}, "theirs": {**first, "last_name": "محمدی"}}
    place = {"province_id": world.unit.province_id, "unit_id": world.unit.id}
    person = make.person(identity_status="discrepancy")
    return make.save(Discrepancy(person_id=person.id, field="name", source="registry", **names, **place))


def dead_letter(number: int = 0) -> Outbox:
    key, now = uuid.uuid4().hex, utcnow()
    letter = {"topic": "registry", "dedup_key": key, "state": "dead", "last_error": "timeout", "next_try_at": now}
    return make.save(Outbox(ref_id=number, failures=88, **letter))


def standard(world: World) -> SkillStandard:
    return make.first(SkillStandard, id=world.course.standard_id)


def requirement(world: World, name: str = "میز کار") -> StandardRequirement:
    values = {"item_name": name, "item_key": text.key(name), "quantity": 1, "basis_n": 5, "group": "tool"}
    return make.save(StandardRequirement(standard_id=world.course.standard_id, **values))


def item(world: World, name: str = "دریل ستونی") -> EquipmentItem:
    """Equipment in the workshop of the course."""
    return make.item(make.first(Workshop, id=world.course.workshop_id), name=name)


def batch(world: World, state: ImportState = ImportState.READY, level: str = "hq", **over) -> ImportBatch:
    """A sheet that was read."""
    unit_id = world.unit.id if level == "center" else make.first(Unit, kind=UnitKind.HQ).id
    form = {"center": "equipment", "hq": "standards"}[level]
    file = {"file_name": "استانداردها.xlsx", "file_key": "0" * 32, "sha256": "0" * 64, "size_bytes": 9}
    counts = {"row_count": 4, "bad_count": 1, "todo_count": 2, "read_at": utcnow()} | over
    who = {"unit_id": unit_id, "user_id": world.staff[level].id, "level": level, "form": form}
    return make.save(ImportBatch(state=state, **file, **counts, **who))


def sheet(world: World) -> ImportBatch:
    """One more sheet with a line of each kind, all of them of the first such sheet."""
    batch(world)
    first = make.first(ImportBatch, form="standards")
    last = len(make.db.session.query(ImportRow).filter_by(batch_id=first.id).all())
    for number, kind in enumerate(("new", "changed", "bad", "same"), last + 2):
        row = ImportRow(batch_id=first.id, number=number, kind=kind, label=f"جوشکار {number}", cells={"code": "12"})
        row.errors = {"code": "باید ۱۵ نویسه باشد؛ ۲ نویسه دارد"} if kind == "bad" else {}
        row.before, row.after = ({"title": "الف"}, {"title": "ب"}) if kind == "changed" else ({}, {})
        make.save(row)
    return first


def enroll(course: Course, person: Person) -> Enrollment:
    place = {"course_id": course.id, "unit_id": course.unit_id, "province_id": course.province_id}
    keys = {"form_key": str(uuid.uuid4()), "form_hash": "0" * 64, "tracking_code": codes.tracking_code()}
    row = Enrollment(person_id=person.id, channel="self", debit_source="none", fee_rials=0, **place, **keys)
    return make.save(row)


def _user(unit: Unit, roles: tuple[Role, ...]) -> User:
    user = make.user(roles[0], unit)
    for role in roles[1:]:
        make.save(UserRole(user_id=user.id, unit_id=unit.id, role=role, can_enroll_others=True))
    return user


# -- Who asks ----------------------------------------------------------------------

# The first prefix that fits decides; what fits none is asked for by a visitor.
ASKED_BY = (
    ("/auth/trainee/signed-out", "visitor"),
    ("/auth/trainee", "trainee"),
    ("/auth/sessions", "center"),
    ("/auth/logout", "center"),
    ("/auth/held", "center"),
    ("/files", "center"),
    ("/e", "center"),
    ("/E", "center"),
    *((f"/{level}", level) for level in LEVELS),
    ("/trainee", "trainee"),
)


def asked_by(path: str) -> str:
    inside = (who for prefix, who in ASKED_BY if path == prefix or path.startswith(f"{prefix}/"))
    return next(inside, "visitor")


# -- Values of addresses -----------------------------------------------------------

Value = Callable[[World], object]

BY_NAME: dict[str, Value] = {
    "course_id": lambda world: world.course.id,
    "code": lambda world: world.course.code,
    "enrollment_id": lambda world: world.enrollment.id,
    "rule": lambda world: "eligible_period",
    "tracking_code": lambda world: world.enrollment.tracking_code,
    "user_id": lambda world: make.user(unit_=world.unit).id,
    "unit_id": lambda world: world.unit.id,
    "person_id": lambda world: world.trainee.id,
    "discrepancy_id": lambda world: discrepancy(world).id,
    "number": lambda world: property_labels.label(item(world).id),
    "workshop_id": lambda world: item(world).workshop_id,
    "item_id": lambda world: item(world).id,
    "transfer_id": lambda world: equipment_scenes.transfer(world, TransferState.SENT, coming=True).id,
    "stocktake_id": lambda world: count_scenes.standing(world, StocktakeState.OPEN).id,
    "meeting_id": lambda world: class_scenes.meeting(world).id,
    "instructor_id": lambda world: file_scenes.standing(world).id,
    "record_id": lambda world: file_scenes.record(world, "center", RecordState.REJECTED).id,
    "move_id": lambda world: file_scenes.move(world, coming=True).id,
    "part": lambda world: "education",
    "outbox_id": lambda world: dead_letter().id,
    "form_code": lambda world: "standards",
    "batch_id": lambda world: sheet(world).id,
    "standard_id": lambda world: standard(world).id,
    "requirement_id": lambda world: requirement(world).id,
    "rule_id": lambda world: fit_scenes.rule(world).id,
    "deputy_id": lambda world: deputy_scenes.standing(world, "center").id,
    "filter_id": lambda world: list_scenes.kept(world, "center").id,
    "route_id": lambda world: rule_scenes.coming(world).id,
    "row_id": lambda world: rule_scenes.value(world).id,
    "tariff_id": lambda world: rule_scenes.tariff(world).id,
    "license_id": lambda world: license_scenes.own(world).id,
    "trade_id": lambda world: license_scenes.trade(world).id,
    "place_id": lambda world: world.course.place_id,
    "county_id": lambda world: world.unit.county_id,
    "change_id": lambda world: change_scenes.standing(world).id,
    "organization_id": lambda world: request_scenes.organization(world).id,
    "agreement_id": lambda world: request_scenes.agreement(world).id,
    "nominee_id": lambda world: request_scenes.nominee(world).id,
    "demand_id": lambda world: request_scenes.own(world).id,
    "payment_id": lambda world: payment_scenes.standing(world).id,
    "gateway": lambda world: "sadad",
    "day": lambda world: book_scenes.standing(world).isoformat(),
    "credit_id": lambda world: credit_scenes.asked_by(world).id,
    "debit_id": lambda world: purse_scenes.debit(world).id,
    "entry_id": lambda world: waiting_scenes.own(world).id,
    "objection_id": lambda world: purse_scenes.objection(world).id,
    "contract_id": lambda world: desk_scenes.contract(world).id,
    "photo_id": lambda world: photo_scenes.waiting(world).id,
    "waiver_id": lambda world: waiver_scenes.standing(world).id,
}
BY_ENDPOINT: dict[str, dict[str, Value]] = {
    **claim_scenes.OWN,
    **desk_scenes.OWN,
    "center.waiting_list": {"course_id": lambda world: waiting_scenes.own(world).course_id},
    "trainee.credit_case_page": {"credit_id": lambda world: credit_scenes.asked_by(world, "trainee").id},
    **{
        f"{who}.purse_card": {"serial": lambda world, who=who: purse_scenes.card(world, who)}
        for who in ("center", "trainee")
    },
    **{
        f"{who}.course_change_page": {"change_id": lambda world, who=who: change_scenes.standing(world, who).id}
        for who in change_scenes.LEVELS
    },
    **{
        f"{who}.class_{page}": {"course_id": lambda world: class_scenes.standing(world).id}
        for who in ("instructor", "center")
        for page in ("page", "print", "pdf")
    },
    "center.completion_page": {"course_id": lambda world: class_scenes.ended(world).id},
    "hq.rule_list": {"standard_id": lambda world: fit_scenes.standing(world).id},
    "public.pay_basket": {"key": lambda world: basket_scenes.basket(world, 10)},
    "public.track_page": {"key": lambda world: track_scenes.asked(world)},
    "public.unit_booklet": {"code": lambda world: world.unit.code},
    "public.academy_page": {"code": lambda world: license_scenes.academy(world).code},
    **{
        endpoint: {"license_id": lambda world: license_scenes.waiting(world).id}
        for endpoint in ("province.license_page", "province.license_pane", "hq.license_page", "hq.license_pane")
    },
    **{
        f"{who}.record_page": {"record_id": lambda world, who=who: file_scenes.seen(world, who).id}
        for who in LEVELS
        if who != "ops"
    },
    **{
        f"{who}.verify_pane": {"record_id": lambda world, who=who: verify_scenes.waiting(world, who).id}
        for who in ("center", "province")
    },
    "instructor.record_edit": {"record_id": lambda world: file_scenes.record(world, "instructor").id},
    "center.record_new": {"kind": lambda world: "retraining"},
    "instructor.own_record_new": {"kind": lambda world: "education"},
    **{
        f"{who}.record_change": {"record_id": lambda world, who=who: file_scenes.record(world, who, VERIFIED).id}
        for who in ("center", "instructor")
    },
    **{
        f"{who}.item_page": {"item_id": lambda world: equipment_scenes.standing(world).id}
        for who in ("center", "province", "hq")
    },
    "center.change_form": {"item_id": lambda world: item(world).id, "kind": lambda world: "lost"},
    "center.stocktake_page": {"stocktake_id": lambda world: count_scenes.standing(world, StocktakeState.COUNTED).id},
    **{
        f"center.import_{page}": {"batch_id": lambda world: batch(world, level="center").id}
        for page in ("batch", "bad", "progress")
    },
    **{
        f"ops.import_{page}": {"batch_id": lambda world: outside_scenes.sent_back(world).id}
        for page in ("batch", "bad", "progress")
    },
    "ops.exchange_batch": {"batch_id": lambda world: outside_scenes.batch(world).id},
    "ops.outside_system": {"code": lambda world: "registry"},
    "ops.outside_waiting": {"code": lambda world: "registry"},
    "ops.outside_answer": {"code": lambda world: "registry", "outbox_id": lambda world: outside_scenes.waiting().id},
    **{f"center.import_{page}": {"form_code": lambda world: "equipment"} for page in ("form", "template")},
    **{
        f"center.course_{page}": {"course_id": lambda world: world.waiting["clerk"].id}
        for page in ("edit", "check", "copy_page")
    },
    "center.course_part": {"course_id": lambda world: world.waiting["clerk"].id, "part": lambda world: "time"},
    "center.course_standard": {"course_id": lambda world: world.waiting["clerk"].id},
    "center.case_pane": {"course_id": lambda world: world.waiting["center"].id},
    "center.course_page": {"course_id": lambda world: world.waiting["center"].id},
    "province.case_pane": {"course_id": lambda world: world.waiting["province"].id},
    "province.course_page": {"course_id": lambda world: world.waiting["province"].id},
    "hq.case_pane": {"course_id": lambda world: world.waiting["hq"].id},
    "hq.course_page": {"course_id": lambda world: world.waiting["hq"].id},
    "center.enroll_desk": {"key": lambda world: world.draft.key},
    "center.list_page": {"key": lambda world: many_scenes.standing(world).key},
    "staff_account.held_form": {"key": lambda world: _held(Owner(world.staff["center"].id, None), "/center/enroll")},
    "trainee_account.held_form": {"key": lambda world: _held(Owner(None, world.trainee.id), "/trainee")},
    "province_users.user_page": {"user_id": lambda world: world.staff["province"].id},
    "files.whole": {"key": lambda world: attachments.ready(world.staff["center"], world.unit).key},
    "files.thumb": {"key": lambda world: attachments.ready(world.staff["center"], world.unit).key},
    "hq_users.user_page": {"user_id": lambda world: world.staff["hq"].id},
    "province.review_pane": {
        "kind": lambda world: "move",
        "case_id": lambda world: equipment_scenes.transfer(world, TransferState.WAITING).id,
    },
    **{
        f"payments.receipt{form}": {"key": lambda world: payment_scenes.standing(world).receipt_key}
        for form in ("", "_pdf")
    },
    "hq.reconciliation_sheet": {"gateway": lambda world: "sep", "day": lambda world: book_scenes.done(world)},
    **{f"hq.reconciliation_{page}": {"gateway": lambda world: "sep"} for page in ("day", "print")},
}
# Parts of pages, asked for by htmx.
FRAGMENTS = {
    "center.item_row",
    "province.review_pane",
    "center.case_pane",
    "province.case_pane",
    "hq.case_pane",
    "center.import_progress",
    "hq.import_progress",
    "ops.import_progress",
    "center.stocktake_items",
    "center.verify_pane",
    "province.verify_pane",
    "province.license_pane",
    "hq.license_pane",
    "province.credit_pane",
    "hq.credit_pane",
}
# Not pages: what they answer with in a test, where no outside system is on.
ANSWERS = {
    "assets.serve": 404,
    "files.thumb": 200,
    "files.whole": 200,
    **dict.fromkeys(("center.import_bad", "center.import_template", "hq.import_bad", "hq.import_template"), 200),
    "ops.import_bad": 200,
    **{
        f"{who}.instructor_{name}sheet": 200
        for who in ("center", "province", "hq")
        for name in ("", "staff_", "coverage_")
    },
    **{f"{who}.course_sheet": 200 for who in ("center", "province", "hq")},
    **{f"{who}.exam_sheet": 200 for who in ("center", "province")},
    "center.label_pdf": 200,
    **dict.fromkeys(("center.course_class_list_pdf", "center.class_pdf", "instructor.class_pdf"), 200),
    **dict.fromkeys(("slips.scanned", "center.course_slips"), 303),  # nothing was printed
    "slips.slip_paper": 403,  # a stranger's
    "payments.receipt_pdf": 303,  # not paid yet
    **{f"{level}.{name}_sheet": 200 for level in ("center", "province", "hq") for name in ("in_person", "exempt")},
    **{f"{level}.nameless_sheet": 200 for level in ("center", "province", "hq")},
    **dict.fromkeys(("center.purse_sheet", "center.purse_clerks_sheet", "trainee.purse_sheet"), 200),
    "center.deputy_new": 303,  # there is one role to replace: to its form
    "center.license_new": 303,  # a center has none: to the page that says so
    "property_labels.item": 303,
    # Without a choice; with one the walker of forms opens it.
    **{f"{level}.course_together": 303 for level in ("center", "province", "hq")},  # nothing is chosen
    **dict.fromkeys(("center.verify_together", "province.verify_together", "province.review_together"), 303),
    "province.license_together": 303,
    **{f"{level}.course_change_together": 303 for level in change_scenes.LEVELS},
    **{f"{who}.report_{what}_sheet": 200 for who in ("center", "province", "hq") for what in ("stock", "movements")},
    **{f"{who}.shortages_sheet": 200 for who in ("center", "province", "hq")},
    "public.old_address": 301,
    "province.agreement_results": 200,
    "payments.callback": 404,  # nothing of ours
    "hq.reconciliation_sheet": 200,
    "public.short_address": 301,
    "sso.begin": 503,
    "sso.callback": 400,
    "sso.leave": 303,
    "system.alive": 200,
    "system.metrics": 200,
    "system.ready": 200,
}


def _held(owner: Owner, path: str) -> str | None:
    return held_posts.hold(owner, held_posts.Form(path, (("national_code", "1"),)))


# -- Budgets -----------------------------------------------------------------------

BYTES, FRAGMENT_BYTES = 6 * 1024, 2 * 1024
LIST_QUERIES, DETAIL_QUERIES = 6, 8
# (bytes, queries) of pages with a budget of their own, each with its reason.
WAIVED: dict[str, tuple[int, int]] = {
    "components.show": (12 * 1024, 0),  # every component in every state; never in production
    # A draft with all its gaps and collisions: docs/decisions/0007.
    **dict.fromkeys(("center.course_edit", "center.course_part", "center.course_check"), (BYTES, 12)),
    # A list, although its address has a number; and how the registry does.
    "center.course_enrollments": (BYTES, LIST_QUERIES + 1),
    "trainee.purse_home": (BYTES, LIST_QUERIES + 1),  # and how the banks do
    # Each system with its mode, its calls, its queue, its quota and its files.
    "ops.outside_list": (BYTES, 9),
    "ops.home": (BYTES, LIST_QUERIES + 1),  # and how many have no name
    # The own purses, what waits at the bank, objections that wait, how the banks do.
    "center.purse_home": (BYTES, LIST_QUERIES + 2),
    "center.enroll_desk": (BYTES, 12),  # a form that shows person, courses, rules and findings, purses and movements
    # A list and a whole case beside it, counted as the case (docs/decisions/0007), and the days of each level.
    **{f"{level}.queue": (BYTES, DETAIL_QUERIES + 1) for level in ("center", "province", "hq")},
    **dict.fromkeys(
        (
            "province.review_queue",
            "province.license_queue",
            "hq.license_queue",
            "province.credit_queue",
            "hq.credit_queue",
        ),
        (BYTES, DETAIL_QUERIES),
    ),  # the same
    **{f"{level}.verify_queue": (BYTES, DETAIL_QUERIES) for level in ("center", "province")},  # the same
    "instructor.own_file": (BYTES, DETAIL_QUERIES),  # one file, although its address has no number
    # What is late there depends on the days that each level has, which are rows of their own.
    **{f"{level}.home": (BYTES, LIST_QUERIES + 1) for level in ("province", "hq")},
    "center.home": (BYTES, LIST_QUERIES + 2),  # and whether the purse that the clerk pays from runs low
    "trainee.me_page": (BYTES, DETAIL_QUERIES),  # one person's data, although its address has no number
    "trainee.photo_page": (BYTES, DETAIL_QUERIES),  # one portrait, although its address has no number
    "center.course_change": (BYTES, 12),  # every list that a course is chosen from, on one page
    # The list, its rows with all that hangs on them, two of the rules, two of the price, and the purse that pays.
    "center.list_page": (BYTES, DETAIL_QUERIES + 4),
    "trainee.home": (
        BYTES,
        LIST_QUERIES + 1,
    ),  # own courses, the line, drafts, credit, and what the exam still asks for
    "center.instructor_list": (BYTES, LIST_QUERIES + 1),  # and the moves that wait for an answer
}
# Promised by the frame of every page and built with later parts; a link to anything else that is not there is dead.
LATER = ("/help", "/service")


def budget(endpoint: str, has_values: bool) -> tuple[int, int]:
    if endpoint in FRAGMENTS:
        return FRAGMENT_BYTES, DETAIL_QUERIES
    return WAIVED.get(endpoint) or (BYTES, DETAIL_QUERIES if has_values else LIST_QUERIES)


def fill(needed: set[str], endpoint: str, world: World) -> dict[str, object]:
    """The values of an address.

    Raises:
        KeyError: the walker does not know where to take one from.
    """
    own = BY_ENDPOINT.get(endpoint, {})
    return {name: (own[name] if name in own else BY_NAME[name])(world) for name in needed}


def unknown(rules) -> list[str]:
    """Addresses that the walker has no values for."""
    pairs = itertools.chain.from_iterable(((rule.endpoint, name) for name in rule.arguments) for rule in rules)
    return [f"{e}: {name}" for e, name in pairs if name not in BY_ENDPOINT.get(e, {}) and name not in BY_NAME]
