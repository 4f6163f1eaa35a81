"""Outside systems without calls: files that go out and come back, and answers that a person brings."""

import io

import pytest
from sqlalchemy import func, select

import gateways
from gateways.errors import Unanswered
from models import (
    AuditEvent,
    BatchState,
    ExchangeBatch,
    ExchangeRow,
    Inquiry,
    Message,
    MobileStatus,
    Outbox,
    Person,
    StoredFile,
    db,
    utcnow,
)
from services import exchange, files, giving_away, imports, modes, outbox, submissions
from services.errors import Conflict, DomainError, NotFound
from services.exchange import by_hand, gathering, systems
from services.files import Place
from services.transaction import atomic
from tests import exchange_cases as cases
from tests import fakes, make, owed
from tests.attachments import pdf
from tests.race.crowd import storm

OUT = ["شمارهٔ ردیف", "کد ملی", "تاریخ تولد"]


@pytest.fixture
def operator(app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.extensions, "file_store", gateways.LocalDisk(tmp_path / "files"))
    return cases.operator()


@pytest.fixture
def registry(app):
    """In batch mode; whoever calls it all the same is counted."""
    fake = fakes.Registry()
    with fakes.installed(app, registry=fake):
        cases.put("registry", "batch")
        yield fake


def person(row: Person) -> Person:
    db.session.rollback()
    return db.session.get_one(Person, row.id, populate_existing=True)


def states(batch_id: int) -> list[str]:
    db.session.rollback()
    return [row.state.value for row in gathering.rows_of(batch_id)]


def batch(batch_id: int) -> ExchangeBatch:
    db.session.rollback()
    return exchange.get(batch_id)


# -- Out ---------------------------------------------------------------------------


def test_what_is_owed_is_gathered_once_and_its_file_is_the_same_each_time(operator, registry):
    people = [cases.nameless() for _ in range(3)]
    owed.run()
    made = cases.gathered(operator, "registry", sent=False)
    assert (states(made), batch(made).row_count) == (["ready"] * 3, 3)
    assert exchange.gather(operator.user_id, "registry", submissions.new_key()) is None
    first = [list(line) for line in exchange.lines(exchange.send(operator.user_id, made))]
    again = [list(line) for line in exchange.lines(exchange.send(operator.user_id, made))]
    assert first == again
    assert first[0][:3] == OUT
    assert [line[1:3] for line in first[1:]] == [[one.national_code, "1370/01/26"] for one in people]
    assert (states(made), batch(made).state, batch(made).sent_count) == (["sent"] * 3, "sent", 2)
    taken = select(func.count()).where(AuditEvent.action == "exchange_file_taken")
    assert db.session.scalar(taken) == 2
    kept = db.session.scalars(select(ExchangeRow.sealed)).all()
    assert not [code for code in (one.national_code for one in people) if any(code in text for text in kept)]
    owed.again("shahkar")
    assert registry.asked == 0


def test_the_same_form_sent_again_leads_to_its_batch_and_another_mode_makes_none(operator, registry):
    cases.nameless()
    key = submissions.new_key()
    made = exchange.gather(operator.user_id, "registry", key)
    assert exchange.gather(operator.user_id, "registry", key) == made
    modes.switch(operator.user_id, "registry", "", "وصل شد", modes.of("registry").seen)
    with pytest.raises(Conflict, match="با پرونده کار نمی‌کند"):
        exchange.gather(operator.user_id, "registry", submissions.new_key())
    with pytest.raises(NotFound):
        exchange.gather(operator.user_id, "sso", submissions.new_key())


def test_two_operators_who_gather_at_once_put_nothing_into_two_files(app, operator, registry):
    people = [cases.nameless() for _ in range(20)]
    who = [operator.user_id, cases.operator().user_id, None, None]

    def gather(n):
        if who[n] is None:
            return "clock" if exchange.gather_all(utcnow()) >= 0 else ""
        return "made" if exchange.gather(who[n], "registry", submissions.new_key()) else "nothing"

    storm(app, gather, range(4))
    db.session.rollback()
    refs = db.session.scalars(select(ExchangeRow.ref_id)).all()
    assert sorted(refs) == sorted(one.id for one in people)


def test_without_the_hold_on_the_rows_the_same_thing_goes_into_two_files(operator, registry, monkeypatch):
    """The control: what `give_away` prevents is refused by the database at the last moment."""
    cases.nameless()
    cases.gathered(operator, "registry")
    monkeypatch.setattr(giving_away, "_idle", lambda now: (Outbox.id > 0,))
    with pytest.raises(Exception, match=r"(?i)unique"):
        exchange.gather(operator.user_id, "registry", submissions.new_key())


def test_what_somebody_works_on_stays_with_them(operator, registry):
    working, free = cases.nameless(), cases.nameless()
    claim = outbox._claim(owed.rows("registry")[0].id)
    made = cases.gathered(operator, "registry")
    assert [row.ref_id for row in gathering.rows_of(made)] == [free.id]
    outbox.hold(claim, "batch", seconds=60)
    assert [row.ref_id for row in gathering.rows_of(cases.gathered(operator, "registry"))] == [working.id]


def test_a_job_that_is_cut_off_while_its_row_goes_into_a_file_settles_nothing(operator, registry):
    cases.nameless()
    claim = outbox._claim(owed.rows("registry")[0].id)
    owed.skip_the_wait()  # its lease has run out
    cases.gathered(operator, "registry")
    with pytest.raises(outbox.LostLease), atomic():
        outbox.done(claim)
    assert owed.row("registry").state == "open"


def test_while_the_mode_is_switched_during_a_call_the_call_ends_as_it_began(app, operator, registry):
    waiting = cases.nameless()
    registry.add(waiting.national_code, cases.BORN)
    modes.switch(operator.user_id, "registry", "", "وصل شد", "")

    def switch():
        modes.switch(operator.user_id, "registry", "batch", "قطعی", modes.of("registry").seen)
        assert exchange.gather(operator.user_id, "registry", submissions.new_key()) is None

    registry.trouble.append(switch)
    owed.run("registry")
    assert (person(waiting).full_name, owed.row("registry").state) == ("مریم کریمی", "done")


# -- Back --------------------------------------------------------------------------


def test_a_half_answered_file_settles_what_it_answers_and_the_rest_stays_sent(operator, registry):
    known, unknown, open_ = (cases.nameless() for _ in range(3))
    made = cases.gathered(operator, "registry")
    one, two, three = cases.table(made)
    cases.answered(operator, made, [cases.found(one), two | {"نتیجه": "پیدا نشد"}, three])
    assert (person(known).full_name, person(known).identity_status) == ("مریم کریمی", "verified")
    assert (person(unknown).identity_note, person(open_).full_name) == ("not_found", None)
    assert (states(made), batch(made).answered_count) == (["accepted", "accepted", "sent"], 2)
    assert [row.state for row in owed.rows("registry")] == ["done", "done", "open"]
    cases.answered(operator, made, [cases.found(three, نام="زهرا")])
    assert (batch(made).state, person(open_).full_name) == (BatchState.ANSWERED, "زهرا کریمی")
    assert db.session.scalar(select(func.count(Inquiry.id))) == 3


def test_what_does_not_fit_is_told_in_its_line_and_changes_nothing(operator, registry):
    first, *_ = people = [cases.nameless() for _ in range(4)]
    made = cases.gathered(operator, "registry")
    cases.nameless()
    (elsewhere,) = cases.table(cases.gathered(operator, "registry"))
    a, b, c, d = cases.table(made)
    lines = [
        cases.found(a), cases.found(a, نام="زهرا"), cases.found(b, **{"کد ملی": a["کد ملی"]}),
        cases.found(c) | {"شمارهٔ ردیف": "registry-1-0001"}, cases.found(elsewhere),
        d | {"نتیجه": "پیدا شد"}, d | {"نتیجه": "پذیرفته نشد", "شمارهٔ ردیف": d["شمارهٔ ردیف"] + "9"},
    ]  # fmt: skip
    read = cases.answered(operator, made, lines)
    told = cases.problems(read)
    expected = ("تکراری است", "یکی نیست", "نفرستاده‌ایم", "دستهٔ دیگری", "نام را بنویسید", "علت را بنویسید")
    assert len(told) == len(expected)
    for sentence, part in zip(told, expected, strict=True):
        assert part in sentence
    assert [person(one).full_name for one in people] == ["مریم کریمی", None, None, None]
    assert states(made) == ["accepted", "sent", "sent", "sent"]
    assert person(first).full_name == "مریم کریمی"


def test_the_same_answer_again_does_nothing_and_another_one_is_refused(operator, registry):
    waiting = cases.nameless()
    made = cases.gathered(operator, "registry")
    (line,) = cases.table(made)
    cases.answered(operator, made, [cases.found(line)])
    same = cases.answered(operator, made, [cases.found(line)])
    assert (same.todo_count, same.bad_count) == (0, 0)
    other = cases.answered(operator, made, [cases.found(line, نام="زهرا")])
    assert "پیش‌تر ثبت شده است" in cases.problems(other)[0]
    assert person(waiting).full_name == "مریم کریمی"
    assert batch(made).answered_count == 1


def test_an_answer_uploaded_twice_at_once_takes_effect_once(app, operator, registry):
    waiting = [cases.nameless() for _ in range(3)]
    made = cases.gathered(operator, "registry")
    lines = [cases.found(line) for line in cases.table(made)]
    read = [cases.answered(operator, made, lines, apply=False) for _ in range(2)]
    for one in read:
        imports.apply(operator, one.id)
    rows = [row.id for row in owed.rows("import") if row.state == "open"]
    storm(app, outbox.handle, rows)
    cases.work()
    assert batch(made).answered_count == 3
    assert sorted(cases.again(operator, one.id).done_count for one in read) == [0, 3]
    assert db.session.scalar(select(func.count(Inquiry.id))) == 3
    assert [person(one).full_name for one in waiting] == ["مریم کریمی"] * 3


def test_a_row_refused_for_a_passing_cause_goes_into_the_next_file_and_is_done_once(operator, registry):
    waiting = cases.nameless()
    made = cases.gathered(operator, "registry")
    (line,) = cases.table(made)
    cases.answered(operator, made, [line | {"نتیجه": "دوباره فرستاده شود", "علت": "سقف روز پر بود"}])
    assert (states(made), person(waiting).full_name) == (["rejected"], None)
    following = cases.gathered(operator, "registry")
    (new,) = cases.table(following)
    assert new["شمارهٔ ردیف"] != line["شمارهٔ ردیف"]
    late = cases.answered(operator, made, [cases.found(line, نام="زهرا")])
    assert "پیش‌تر ثبت شده است" in cases.problems(late)[0]
    cases.answered(operator, following, [cases.found(new)])
    assert (person(waiting).full_name, owed.row("registry").state) == ("مریم کریمی", "done")


def test_a_row_refused_for_good_is_a_dead_letter(operator, registry):
    cases.nameless()
    made = cases.gathered(operator, "registry")
    (line,) = cases.table(made)
    cases.answered(operator, made, [line | {"نتیجه": "پذیرفته نشد", "علت": "کد نامعتبر"}])
    row = owed.row("registry")
    assert (row.state, row.last_error, states(made)) == ("dead", "file_refused", ["rejected"])


def test_an_answer_about_a_birth_date_that_was_mended_since_is_kept_and_the_new_one_is_owed(operator, registry):
    waiting = cases.nameless()
    made = cases.gathered(operator, "registry")
    (line,) = cases.table(made)
    db.session.get_one(Person, waiting.id).birth_date = cases.BORN.replace(year=1992)
    db.session.commit()
    cases.answered(operator, made, [cases.found(line)])
    assert (person(waiting).full_name, owed.row("registry").state) == (None, "open")
    (new,) = cases.table(cases.gathered(operator, "registry"))
    assert new["تاریخ تولد"] == "1371/01/26"


def test_online_again_asks_nobody_who_stands_in_a_file_until_the_file_is_dropped(operator, registry):
    waiting = cases.nameless()
    registry.add(waiting.national_code, cases.BORN)
    made = cases.gathered(operator, "registry")
    modes.switch(operator.user_id, "registry", "", "وصل شد", modes.of("registry").seen)
    owed.run("registry")
    assert registry.asked == 0
    version = batch(made).version
    with pytest.raises(DomainError, match="دلیل"):
        exchange.drop(operator.user_id, made, version, " ")
    assert exchange.drop(operator.user_id, made, version, "پرونده فرستاده نشد") == 1
    with pytest.raises(Conflict):
        exchange.drop(operator.user_id, made, version, "پرونده فرستاده نشد")
    with pytest.raises(Conflict):
        exchange.send(operator.user_id, made)
    owed.again("registry")
    assert (registry.asked, person(waiting).full_name) == (1, "مریم کریمی")
    assert states(made) == ["rejected"]


def test_by_the_clock_only_systems_with_files_get_a_batch(app, operator, registry):
    cases.nameless()
    cases.unchecked()
    assert (exchange.gather_all(utcnow()), exchange.gather_all(utcnow())) == (1, 0)
    (made,) = db.session.scalars(select(ExchangeBatch))
    assert (made.system, made.made_by_id, made.row_count) == ("registry", None, 1)


# -- Shahkar and messages ----------------------------------------------------------


def test_verdicts_of_shahkar_come_back_in_a_file(app, operator):
    with fakes.installed(app, shahkar=fakes.Shahkar()):
        cases.put("shahkar", "batch")
        theirs, others, moved = (cases.unchecked(f"0912000000{n}") for n in range(3))
        made = cases.gathered(operator, "shahkar")
        one, two, three = cases.table(made)
        assert one["شمارهٔ همراه"] == "09120000000"
        db.session.get_one(Person, moved.id).mobile = "09129999999"
        db.session.commit()
        yes, no = {"نتیجه": "مطابق است"}, {"نتیجه": "مطابق نیست"}
        cases.answered(operator, made, [one | yes, two | no, three | yes])
    verdicts = [person(one).mobile_status for one in (theirs, others, moved)]
    assert verdicts == [MobileStatus.MATCHED, MobileStatus.NOT_MATCHED, MobileStatus.UNCHECKED]


def test_messages_go_into_a_file_only_through_the_gate(app, operator):
    phones = fakes.Phones()
    with fakes.installed(app, sms=phones, shahkar=fakes.Shahkar()):
        cases.put("sms", "batch")
        cases.told("may")
        cases.told("waits", mobile="09121111111", mobile_status="unchecked")
        cases.told("never", mobile="09122222222", mobile_status="not_matched")
        made = cases.gathered(operator, "sms")
        (line,) = cases.table(made)
        assert (line["شمارهٔ همراه"], line["متن پیام"]) == ("09121234567", "متن پیام")
        cases.answered(operator, made, [line | {"نتیجه": "فرستاده شد", "شناسه نزد سرویس": "778899"}])
        owed.run("sms")
        sent = db.session.scalars(select(Message).order_by(Message.id)).all()
        assert [(one.state, one.provider_ref) for one in sent] == [
            ("sent", "778899"), ("queued", None), ("suppressed", None),
        ]  # fmt: skip
        cases.told("refused")
        again = cases.gathered(operator, "sms")
        (line,) = cases.table(again)
        cases.answered(operator, again, [line | {"نتیجه": "پذیرفته نشد", "علت": "لغو ۱۱"}])
        assert db.session.scalars(select(Message.state).order_by(Message.id.desc())).first() == "failed"
    assert not phones.handed_over


def test_a_message_that_perhaps_went_is_in_no_file(app, operator):
    with fakes.installed(app, sms=fakes.Phones(lost=[Unanswered("timeout")])):
        cases.told()
        owed.run("sms")
        modes.switch(operator.user_id, "sms", "batch", "قطعی", modes.of("sms").seen)
        assert exchange.gather(operator.user_id, "sms", submissions.new_key()) is None


# -- By hand -----------------------------------------------------------------------


def paper(operator) -> StoredFile:
    return files.receive(operator, io.BytesIO(pdf()), "answer.pdf", submissions.new_key(), Place(by_hand.OWNER))


def test_an_answer_by_hand_keeps_who_when_and_the_paper_and_takes_effect_at_once(app, operator):
    with fakes.installed(app, registry=fakes.Registry()):
        cases.put("registry", "manual")
        waiting = [cases.nameless() for _ in range(2)]
        owed.run()
        system = systems.of("registry")
        listed, _ = by_hand.waiting(system)
        first = listed[0][0]
        assert (len(listed), first) == (2, owed.rows("registry")[0].id)
        asked = dict(by_hand.one(system, first).asked)
        assert asked == {"کد ملی": waiting[0].national_code, "تاریخ تولد": "1370/01/26"}
        values = {"result": "found", "first_name": "مریم", "last_name": "کریمی"}
        with pytest.raises(DomainError, match="سند"):
            by_hand.record(operator, system, first, values, None)
        row_id = by_hand.record(operator, system, first, values, paper(operator))
        with pytest.raises(Conflict):
            by_hand.record(cases.operator(), system, first, values, paper(operator))
    row = db.session.get_one(ExchangeRow, row_id)
    assert (row.answered_by_id, row.state, row.document.owner_id) == (operator.user_id, "accepted", row_id)
    assert person(waiting[0]).full_name == "مریم کریمی"
    assert by_hand.count(system) == 1


def test_of_two_who_record_by_hand_at_once_one_does(app, operator):
    with fakes.installed(app, shahkar=fakes.Shahkar()):
        cases.put("shahkar", "manual")
        cases.unchecked()
        row, system = owed.row("shahkar").id, systems.of("shahkar")
        papers = [paper(operator), paper(operator)]

        def record(n):
            return by_hand.record(operator, system, row, {"result": "match"}, papers[n]) > 0

        assert storm(app, record, range(2)) == {"True": 1, "Conflict": 1}
    db.session.rollback()
    assert db.session.scalar(select(func.count(ExchangeRow.id))) == 1


def test_by_hand_is_refused_while_the_mode_is_another(app, operator):
    with fakes.installed(app, sms=fakes.Phones()):
        cases.told()
        row, system = owed.row("sms").id, systems.of("sms")
        with pytest.raises(Conflict, match="دستی نیست"):
            by_hand.record(operator, system, row, {"result": "taken"}, None)
        cases.put("sms", "manual")
        by_hand.record(operator, system, row, {"result": "taken"}, None)
    assert db.session.scalars(select(Message.state)).all() == ["sent"]
    assert make.first(ExchangeRow).document_id is None
