"""Attacks on who may see and do what, made from the addresses themselves: a new page is attacked by itself."""

import hashlib
import re
import uuid
from dataclasses import replace

import pytest
from sqlalchemy import event

from models import AuditEvent, Course, Message, Role, UnitKind, UserRole, db
from services import access, catalog, courses, equipment, sessions
from services.instructors import reading as instructor_reading
from tests import make
from tests.web import (
    credit_scenes,
    desk_scenes,
    equipment_scenes,
    license_scenes,
    many_scenes,
    pages,
    service_scenes,
    track_scenes,
)

pytestmark = pytest.mark.usefixtures("no_drawing")

STAFF = ("center", "province", "hq", "instructor", "ops")
# Rows of everybody's, or with a rule of their own that other tests attack.
WITHOUT_TERRITORY = {"hq", "hq_users", "ops", "slips", "payments", "public", "sso", "assets"}
QUIET = {
    "audit_event",
    "user_session",
    "outside_system",
    "scheduled_task",
    "held_post",
    "file_access",
}  # may change by looking
KINDS = {
    "center": UnitKind.CENTER,
    "province": UnitKind.DIRECTORATE,
    "hq": UnitKind.HQ,
    "instructor": UnitKind.CENTER,
    "ops": UnitKind.HQ,
}
HTMX = {"HX-Request": "true"}
MORE = {
    "role_id": lambda world: make.first(UserRole, user_id=world.staff["center"].id).id,
    "session_id": lambda world: own_session(world),
    "message_id": lambda world: make.first(Message).id,
    "action": lambda world: "cancel",
    "hand": lambda world: "claim",
    "downtime_id": lambda world: service_scenes.downtime(world).id,
    "name": lambda world: "nothing.css",
    "key": lambda world: uuid.uuid4(),
    "kind": lambda world: "lost",
    "request_id": lambda world: equipment_scenes.request(world).id,
}
# Parts that name no row of a territory; a serial is of an own purse (tests/services/test_objections.py).
NO_ROW = {"action", "hand", "form_code", "kind", "part", "filter_id", "rule", "serial", "gateway", "day"}


def own_session(world):
    """The number of a session of the center's user."""
    owner = sessions.Owner(world.staff["center"].id, None)
    if not sessions.mine(owner):
        sessions.open_staff(owner.user_id)
    return sessions.mine(owner)[0].id


def addresses(app, method):
    """Every rule of ours that takes the method."""
    for rule in app.url_map.iter_rules():
        if method in rule.methods:
            yield rule


def path_of(app, rule, world):
    known = {**pages.BY_NAME, **MORE, **pages.BY_ENDPOINT.get(rule.endpoint, {}), **own_values(rule)}
    values = {name: known[name](world) for name in rule.arguments}
    with app.test_request_context():
        return app.url_for(rule.endpoint, **values)


def own_values(rule):
    """What an address that nobody gets needs of its own; the draft's key stands in more than one."""
    if rule.endpoint == "province.review_decide":
        return {"kind": lambda world: "loss", "case_id": lambda world: equipment_scenes.request(world).id}
    if rule.endpoint == "center.course_save":
        return {"part": lambda world: "time"}
    if rule.endpoint == "trainee.begun_drop":
        return {"key": lambda world: track_scenes.begun(world).key}
    if rule.endpoint == "trainee.credit_case_withdraw":
        return {"credit_id": lambda world: credit_scenes.asked_by(world, "trainee").id}
    if rule.endpoint.startswith("province.license"):  # a draft is its academy's own
        return {"license_id": lambda world: license_scenes.waiting(world).id}
    if rule.endpoint in ("center.import_apply", "center.import_undo", "center.import_drop"):
        return {"batch_id": lambda world: pages.batch(world, level="center").id}
    if rule.endpoint.startswith("center.list_"):
        return {"key": lambda world: many_scenes.standing(world).key}
    if rule.endpoint.endswith("unit_contract_add"):
        return desk_scenes.OFFICE
    return {"key": lambda world: world.draft.key} if rule.endpoint.startswith("center.enroll") else {}


def blueprint_of(rule):
    return rule.endpoint.partition(".")[0]


def clients_of(world, app, sign_in):
    clients = {level: sign_in(user) for level, user in world.staff.items()}
    return clients | {"trainee": sign_in(world.trainee), "visitor": app.test_client()}


@pytest.fixture
def world():
    catalog.forget()
    built = pages.build()
    make.save(Message(person_id=built.trainee.id, cause_key="x", template="x", body="x"))
    return built


# -- Territory ---------------------------------------------------------------------


@pytest.fixture
def strangers(app, world, sign_in):
    """For each level somebody with all roles there, in another province, with a token of their own."""
    there = make.province()
    found = {}
    for level in ("center", "province", "instructor"):
        kind, roles = pages.LEVELS[level]
        user = pages._user(make.unit(kind, there), roles)
        found[level] = sign_in(user)
    return found | {"trainee": sign_in(make.person())}


@pytest.fixture
def ask(strangers, token):
    """`ask(method, path)` as a stranger of that part, with a right token."""
    pages_of = {"trainee": "/auth/trainee/sessions"}
    tokens = {who: token(client, pages_of.get(who, "/auth/sessions")) for who, client in strangers.items()}

    def _ask(method, path):
        who = pages.asked_by(path)
        client = strangers[who]
        # A pane of a page is asked for by htmx; without it the address leads to its page.
        headers = HTMX if "/queue/" in path else {}
        data = {"csrf_token": tokens[who]}
        return client.open(path, method=method, data=data if method == "POST" else None, headers=headers)

    return _ask


def with_rows(app, method):
    """Addresses that name a row of somebody's territory."""
    for rule in addresses(app, method):
        part = blueprint_of(rule)
        if rule.arguments - NO_ROW and part not in WITHOUT_TERRITORY and "held" not in rule.endpoint:
            yield rule


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_row_of_another_province_is_not_there_and_the_try_is_written_down(app, world, ask, picture, method):
    assert leaks(app, world, ask, picture, method) == {}, "status, audit rows, whether nothing changed"


def leaks(app, world, ask, picture, method):
    """What was wrong with the answer of each address that names a row of another province."""
    rules = [
        rule for rule in with_rows(app, method) if not rule.endpoint.startswith(("trainee.enroll", "trainee.wait_join"))
    ]  # public courses
    paths, wrong = {str(rule): path_of(app, rule, world) for rule in rules}, {}
    digest = picture()
    for rule, path in paths.items():
        before, tried = digest, tries()
        status, digest = ask(method, path).status_code, picture()
        if (status, tries() - tried) != (404, 1) or digest != before:
            wrong[f"{method} {rule}"] = (status, tries() - tried, digest == before)
    return wrong


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_control_without_the_territory_every_address_of_staff_leaks(app, world, ask, picture, method, monkeypatch):
    real = access._narrowed
    everywhere = {"units": range(1_000), "provinces": range(1_000)}
    monkeypatch.setattr(access, "_narrowed", lambda actor, held: replace(real(actor, held), **everywhere))
    monkeypatch.setattr(access.Actor, "covers", lambda *_: True)
    monkeypatch.setattr(access.Actor, "own_acts_only", frozenset())
    monkeypatch.setattr(instructor_reading, "kept_units", lambda *_: range(1_000))
    monkeypatch.setattr(equipment.reading, "units_of", lambda _actor: range(1_000))
    monkeypatch.setattr(courses.reading, "units_of_staff", lambda _actor: range(1_000))
    rules = (rule for rule in with_rows(app, method) if blueprint_of(rule).partition("_")[0] in ("center", "province"))
    staff = {f"{method} {rule}" for rule in rules}
    assert len(staff) > 5
    assert staff - leaks(app, world, ask, picture, method).keys() == set()


def tries():
    db.session.rollback()
    return db.session.query(AuditEvent).filter_by(action="outside_territory").count()


def test_the_attack_finds_rows_that_their_own_people_see(app, world, sign_in):
    clients = clients_of(world, app, sign_in)
    paths = {path_of(app, rule, world): pages.ANSWERS.get(rule.endpoint, 200) for rule in with_rows(app, "GET")}
    seen = {path: clients[pages.asked_by(path)].get(path, headers=HTMX).status_code for path in paths}
    assert len(seen) > 10
    assert seen == paths


@pytest.mark.parametrize("query", ["after={draft}", "course={code}"])
def test_what_a_query_names_of_another_unit_is_overlooked(world, strangers, query):
    values = {"draft": world.draft.key, "code": world.course.code}
    page = strangers["center"].get("/center/enroll?" + query.format(**values)).get_data(as_text=True)
    main = page.split("<main")[1]
    assert world.course.title not in main
    assert world.draft.national_code not in main


# -- Looking changes nothing -------------------------------------------------------


def test_no_get_changes_a_row(app, world, sign_in, picture):
    clients = clients_of(world, app, sign_in)
    changed, paths = {}, [path_of(app, rule, world) for rule in addresses(app, "GET")]
    after = picture()
    for path in paths:
        before = after
        clients[pages.asked_by(path)].get(path)
        after = picture()
        if differing := {name for name, digest in after.items() if digest != before[name]}:
            changed[path] = differing
    assert changed == {}


WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)


@pytest.fixture
def picture(app):
    """`picture()`: a digest of each table that matters, made anew where a statement has written to it since."""
    found, written = {}, {table.name for table in db.metadata.sorted_tables if table.name not in QUIET}

    def note(_conn, _cursor, statement, *_rest):
        if name := WRITES.match(statement):
            written.update({name[1]} | MOVED_WITH.get(name[1], set()))

    def look():
        db.session.rollback()
        for name in written - QUIET:
            rows = sorted(repr(tuple(row)) for row in db.session.execute(db.metadata.tables[name].select()))
            found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        written.clear()
        db.session.rollback()
        return dict(found)

    event.listen(db.engine, "before_cursor_execute", note)
    yield look
    event.remove(db.engine, "before_cursor_execute", note)


MOVED_WITH = {"ledger_transfer": {"account"}}  # by a trigger


def test_the_picture_shows_a_change_of_one_value(world, picture):
    before = picture()
    world.course.title += "!"
    db.session.commit()
    assert {name for name, digest in picture().items() if digest != before[name]} == {Course.__tablename__}


# -- Tokens and sessions -----------------------------------------------------------


def test_every_post_without_a_token_is_refused_and_changes_nothing(app, world, sign_in, picture):
    clients, wrong = clients_of(world, app, sign_in), {}
    paths = [path_of(app, rule, world) for rule in addresses(app, "POST")]
    after = picture()
    for path in paths:
        status, before = clients[pages.asked_by(path)].post(path, data={"national_code": "1"}).status_code, after
        after = picture()
        if status not in WITHOUT_TOKEN.get(path, {400}) or after != before:
            wrong[path] = status
    assert wrong == {}


# They come back with a fresh token, or come from a bank and name nothing of ours.
WITHOUT_TOKEN = {"/auth/login": {303}, "/auth/code": {303}, "/pay/callback/sadad": {404}}


def test_a_visitor_gets_into_no_page_of_staff_or_trainees(app, world, picture):
    wrong, rules = {}, [(method, rule) for method in ("GET", "POST") for rule in addresses(app, method)]
    paths = [(method, path_of(app, rule, world)) for method, rule in rules if blueprint_of(rule) != "sso"]
    after = picture()
    for method, path in paths:
        if pages.asked_by(path) == "visitor":
            continue
        answer, before = app.test_client().open(path, method=method), after
        after = picture()
        if answer.status_code != 303 or "/auth/" not in answer.location or after != before:
            wrong[f"{method} {path}"] = answer.status_code
    assert wrong == {}


# -- Roles -------------------------------------------------------------------------

ENTERS = {
    "center": {Role.CLERK, Role.MANAGER, Role.COUNSELOR, Role.COUNTER},
    "province": {Role.REVIEWER, Role.PLANNER, Role.DIRECTOR},
    "hq": {Role.REVIEWER, Role.ADMIN},
    "instructor": {Role.INSTRUCTOR},
    "ops": {Role.OPERATOR},
}
PLACES_OF = {
    Role.REVIEWER: (UnitKind.DIRECTORATE, UnitKind.HQ),
    Role.PLANNER: (UnitKind.DIRECTORATE,),
    Role.DIRECTOR: (UnitKind.DIRECTORATE,),
    Role.ADMIN: (UnitKind.HQ,),
    Role.OPERATOR: (UnitKind.HQ,),
    Role.COUNTER: (UnitKind.COUNTER,),
}
PAIRS = [(role, kind) for role in Role for kind in PLACES_OF.get(role, (UnitKind.CENTER, UnitKind.ACADEMY))]


@pytest.mark.parametrize(("role", "kind"), PAIRS, ids=lambda value: value.value)
def test_each_role_enters_its_own_part_and_no_other(sign_in, role, kind):
    make.tariff()
    client = sign_in(make.user(role, make.unit(kind)))
    seen = {part: client.get(f"/{part}").status_code for part in STAFF}
    home = {UnitKind.DIRECTORATE: "province", UnitKind.HQ: "hq"}.get(kind, "center")
    own = {Role.INSTRUCTOR: "instructor", Role.OPERATOR: "ops"}.get(role, home)
    assert role in ENTERS[own]
    assert seen == {part: 200 if part == own else 403 for part in STAFF}


# Who may do what behind each address that changes something; the others of that level may look at most.
DOES = {
    "center.course": {Role.CLERK, Role.MANAGER},
    "center.course_decide": {Role.MANAGER},
    "center.course_change_decide_all": {Role.MANAGER},
    "center.discrepancy_settle": {Role.MANAGER},
    "center.objection": {Role.MANAGER},
    "center.birth_date": {Role.CLERK, Role.MANAGER},
    **dict.fromkeys(
        ("center.place", "center.workshop", "center.service", "center.item", "center.change", "center.move"),
        {Role.CLERK, Role.MANAGER},
    ),
    **dict.fromkeys(
        ("center.row", "center.request", "center.import", "center.label", "center.stocktake", "center.meeting"),
        {Role.CLERK, Role.MANAGER},
    ),
    **dict.fromkeys(("center.instructor", "center.record", "center.profile"), {Role.CLERK, Role.MANAGER}),
    **dict.fromkeys(("center.instructor_move_accept", "center.instructor_move_refuse"), {Role.MANAGER}),
    "center.verify": {Role.MANAGER},
    "province.instructor_search": ENTERS["province"],
    "hq.instructor_search": ENTERS["hq"],
    **dict.fromkeys(("center.stocktake_close", "center.stocktake_reopen"), {Role.MANAGER}),
    "center.license": {Role.CLERK, Role.MANAGER},
    "center.credit_case": {Role.CLERK, Role.MANAGER, Role.COUNTER},
    "center.demand": {Role.CLERK, Role.MANAGER},
    **dict.fromkeys(("province.organization", "province.agreement"), {Role.REVIEWER, Role.PLANNER}),
    "province.demand": {Role.REVIEWER, Role.PLANNER},
    "center.enroll_undo": ENTERS["center"],  # of one's own act, and nothing was done here
    "center.enrollment_move": {Role.CLERK, Role.MANAGER},
    "center.enrollment_end": {Role.CLERK, Role.MANAGER},
    "center.waiting": {Role.CLERK, Role.MANAGER},
    "center.waiting_ahead": {Role.MANAGER},
    "center.enroll": {Role.CLERK, Role.MANAGER, Role.COUNTER},
    "center.waiver": {Role.MANAGER},
    "center.list": {Role.CLERK, Role.MANAGER, Role.COUNTER},
    "center.completion": {Role.CLERK, Role.MANAGER},
    "center.photo": {Role.CLERK, Role.MANAGER},
    "center.claim": {Role.CLERK, Role.MANAGER},
    "center.person": {Role.CLERK, Role.MANAGER},
    "center_users.": {Role.MANAGER},
    "province.": {Role.REVIEWER},
    "province.unit_": {Role.REVIEWER, Role.DIRECTOR},
    "province.credit_": {Role.REVIEWER, Role.DIRECTOR},
    "province_users.": {Role.REVIEWER, Role.DIRECTOR},
    "hq.": {Role.REVIEWER},
    "hq.unit_": {Role.ADMIN},
    **dict.fromkeys(("hq.import", "hq.standard", "hq.requirement", "hq.rule"), {Role.ADMIN, Role.REVIEWER}),
    **{f"{level}.filter": ENTERS[level] for level in ("center", "province", "hq")},  # of one's own lists
    "center.deputy": {Role.MANAGER},
    "province.deputy": {Role.REVIEWER, Role.DIRECTOR},
    "hq.deputy": {Role.REVIEWER, Role.ADMIN},
    "hq.reconciliation": {Role.ADMIN, Role.REVIEWER},
    **dict.fromkeys(
        (
            "hq.route",
            "hq.separation",
            "hq.conflict_rule",
            "hq.leaving_rule",
            "hq.absence_rule",
            "hq.eligibility_rule",
            "hq.tariff",
        ),
        {Role.ADMIN},
    ),
    "hq_users.": {Role.ADMIN},
}


def may_do(endpoint):
    """The roles of the longest beginning that fits."""
    fits = max((start for start in DOES if endpoint.startswith(start)), key=len, default=None)
    assert fits is not None, f"add {endpoint} to DOES"
    return DOES[fits]


@pytest.mark.parametrize("level", ["center", "province", "hq"])
def test_what_is_not_a_roles_to_do_is_refused_to_it_and_changes_nothing(app, world, sign_in, token, level, picture):
    wrong = {}
    colleagues = {role: sign_in(colleague(world, level, role)) for role in ENTERS[level] - {Role.COUNTER}}
    tokens = {role: token(client, "/auth/sessions") for role, client in colleagues.items()}
    for rule in addresses(app, "POST"):
        if blueprint_of(rule).partition("_")[0] != level or rule.endpoint.endswith("user_search"):
            continue
        path = path_of(app, rule, world)
        for role in colleagues.keys() - may_do(rule.endpoint):
            before = picture()
            data = ANSWERS | {"csrf_token": tokens[role]}
            status = colleagues[role].post(path, data=data).status_code
            if status not in (403, 404) or picture() != before:
                wrong[f"{role} {path}"] = status
    assert wrong == {}


ANSWERS = {
    "decision": "approve", "version": "1", "reason": "دلیل", "note": "دلیل", "chosen": "official", "role": "clerk",
    "unit": "مرکز", "national_code": make.national_code(5_555_555), "username": "some.one", "debit_source": "trainee",
    "standard": "1", "form_key": str(uuid.uuid4()),
}  # fmt: skip


def colleague(world, level, role):
    """Somebody with this one role where the user of the level works."""
    return make.user(role, world.staff[level].roles[0].unit)


def test_a_trainee_enters_no_part_of_the_staff_and_staff_no_page_of_trainees(sign_in, world):
    trainee, clerk = sign_in(world.trainee), sign_in(world.staff["center"])
    assert {trainee.get(f"/{part}").status_code for part in STAFF} == {303}
    assert clerk.get("/trainee").status_code == 303
