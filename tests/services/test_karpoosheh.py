"""The national inbox beside SMS: what has weight before the law, and whoever needs no mobile."""

import json

import pytest
from sqlalchemy import select

from gateways.errors import Refused, Temporary
from gateways.karpoosheh import FileDrop
from models import Message, TargetGroup, db
from services import karpoosheh, messages
from services.transaction import atomic
from tests import exchange_cases as cases
from tests import fakes, make, owed
from tests.services.test_messages import enrolled


def tell(template: str = "course_canceled", **over) -> None:
    person = make.person(**{"mobile": "09121234567", "mobile_status": "matched", **over})
    with atomic():
        messages.tell(person.id, template, "دورهٔ جوشکاری لغو شد.", cause_key="course:7:canceled")


def sent() -> list[tuple[str, str]]:
    db.session.rollback()
    rows = db.session.scalars(select(Message).order_by(Message.id).execution_options(populate_existing=True))
    return [(row.channel, row.state.value) for row in rows]


@pytest.fixture
def inbox(app):
    box = fakes.Inbox()
    with fakes.installed(app, sms=fakes.Phones(), karpoosheh=box):
        yield box


def test_a_notice_of_legal_weight_goes_both_ways_once_and_says_so(inbox):
    tell()
    with atomic():
        person = db.session.scalar(select(Message.person_id))
        messages.tell(person, "course_canceled", "دورهٔ جوشکاری لغو شد.", cause_key="course:7:canceled")
    owed.run()
    owed.run("karpoosheh")
    assert sent() == [("sms", "sent"), ("karpoosheh", "sent")]
    ((_, title, body),) = inbox.notices.values()
    assert (title, body) == ("ابلاغ رسمی: لغو دوره", "دورهٔ جوشکاری لغو شد.")


def test_other_messages_go_by_sms_alone(inbox):
    tell("enrolled")
    owed.run()
    assert sent() == [("sms", "sent")]


def test_nothing_goes_there_while_it_is_off(app):
    with fakes.installed(app, sms=fakes.Phones()):
        tell()
        owed.run()
    assert sent() == [("sms", "sent")]


def test_whoever_needs_no_mobile_gets_it_in_the_inbox(inbox):
    group = make.save(TargetGroup(code="x", title="عشایر", is_mobile_exempt=True))
    person = make.person(mobile=None)
    enrollment = enrolled(person, target_group_id=group.id)
    with atomic():
        messages.tell(person.id, "enrolled", "ثبت‌نام شد.", cause_key="k", enrollment_id=enrollment.id)
    owed.run()
    owed.run("karpoosheh")
    assert sent() == [("sms", "suppressed"), ("karpoosheh", "sent")]
    ((code, title, _),) = inbox.notices.values()
    assert (code, title) == (person.national_code, "ثبت‌نام در دوره")


def test_a_failure_is_tried_again_and_a_refusal_is_final(inbox):
    inbox.trouble += [Temporary("folder"), Refused("bad")]
    tell()
    owed.run()
    owed.run("karpoosheh")
    assert sent()[1] == ("karpoosheh", "queued")
    owed.again("karpoosheh")
    assert sent()[1] == ("karpoosheh", "failed")


def test_without_a_national_code_there_is_no_inbox(inbox):
    tell(national_code=None, foreign_code="12345678", identity_status="foreign_manual")
    owed.run()
    owed.run("karpoosheh")
    assert sent()[1] == ("karpoosheh", "suppressed")


def test_notices_go_in_a_file_and_come_back_delivered(app, inbox):
    cases.put("karpoosheh", "batch")
    who = cases.operator()
    tell()
    owed.run()
    made = cases.gathered(who, "karpoosheh")
    (line,) = cases.table(made)
    assert line["عنوان"] == "ابلاغ رسمی: لغو دوره"
    cases.answered(who, made, [line | {"نتیجه": "تحویل شد"}])
    assert (sent()[1], inbox.notices) == (("karpoosheh", "delivered"), {})


@pytest.mark.once
def test_a_dropped_file_is_whole_and_a_repeat_is_the_same_file(tmp_path):
    drop = FileDrop(tmp_path / "out")
    for _ in range(2):
        assert drop.send("0010350829", "عنوان", "متن", "1732-7") == "queued"
    (kept,) = (tmp_path / "out").iterdir()
    notice = {"ref": "1732-7", "national_code": "0010350829", "title": "عنوان", "body": "متن"}
    assert json.loads(kept.read_text(encoding="utf-8")) == notice
    with pytest.raises(Refused):
        drop.send("0010350829", "عنوان", "متن", "../7")
    (tmp_path / "file").write_text("")
    with pytest.raises(Temporary):
        FileDrop(tmp_path / "file").send("0010350829", "عنوان", "متن", "1")


def test_every_title_is_of_a_template_that_is_told():
    assert set(karpoosheh.TITLES) - karpoosheh.LEGAL == {"enrolled", "course_starts"}
