"""The mode of an outside system: switched by an operator with a reason, for all processes at once."""

import pytest
from sqlalchemy import select

from models import AuditEvent, OutsideSystem, db
from services import modes, outside
from services.errors import Conflict, DomainError, NotFound
from tests import exchange_cases as cases
from tests import fakes, owed
from tests.race.crowd import storm


@pytest.fixture
def operator(app):
    return cases.operator()


def test_a_mode_is_switched_with_a_reason_and_goes_back_to_the_setting(app, operator):
    with fakes.installed(app, registry=fakes.Registry()):
        assert modes.switch(operator.user_id, "registry", "batch", "قطعی سراسری", "")
        now = modes.of("registry")
        assert (now.mode, now.setting, now.reason, now.who) == ("batch", "online", "قطعی سراسری", operator.name)
        assert outside.mode_of("registry") == "batch"
        assert not modes.switch(operator.user_id, "registry", "batch", "همان", now.seen)
        assert modes.switch(operator.user_id, "registry", "", "وصل شد", now.seen)
        assert (outside.mode_of("registry"), modes.every()["registry"].chosen) == ("online", None)
    events = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "outside_mode_switched"))
    told = [(event.actor_id, event.detail["before"], event.detail["after"]) for event in events]
    assert sorted(told) == [(operator.user_id, "batch", "online"), (operator.user_id, "online", "batch")]


def test_whoever_saw_an_older_mode_is_told_who_switched_and_changes_nothing(app, operator):
    other = cases.operator()
    seen = modes.of("sms").seen
    modes.switch(operator.user_id, "sms", "manual", "سرویس بدهکار است", seen)
    with pytest.raises(Conflict, match=f"{operator.name}.*«دستی».*سرویس بدهکار است"):
        modes.switch(other.user_id, "sms", "batch", "فایل", seen)
    assert outside.mode_of("sms") == "manual"


def test_of_two_operators_who_switch_at_once_one_does(app, operator):
    who = [operator.user_id, cases.operator().user_id]
    seen = storm(app, lambda n: modes.switch(who[n], "sms", ("manual", "batch")[n], "دلیل", ""), range(2))
    assert seen == {"True": 1, "Conflict": 1}
    assert db.session.scalar(select(OutsideSystem.mode_by_id)) in who


@pytest.mark.parametrize(("code", "wanted", "reason", "why"), [
    ("registry", "batch", "  ", "دلیل را بنویسید"),
    ("registry", "sometimes", "دلیل", "یکی از حالت‌های همین سامانه"),
    ("sso", "batch", "دلیل", "یکی از حالت‌های همین سامانه"),
    ("registry", "online", "دلیل", "در تنظیمات نصب نیست"),
])  # fmt: skip
@pytest.mark.once
def test_what_cannot_be_is_refused(operator, code, wanted, reason, why):
    with pytest.raises(DomainError, match=why):
        modes.switch(operator.user_id, code, wanted, reason, "")
    assert outside.mode_of(code) == "off"


@pytest.mark.once
def test_an_unknown_system_is_not_found(operator):
    with pytest.raises(NotFound):
        modes.of("moon")


def test_what_waited_for_the_old_way_is_due_at_once_but_for_what_stands_in_a_file(app, operator):
    with fakes.installed(app, registry=fakes.Registry()):
        modes.switch(operator.user_id, "registry", "batch", "قطعی", "")
        cases.nameless()
        cases.gathered(operator, "registry")
        later = cases.nameless()
        owed.run()
        modes.switch(operator.user_id, "registry", "", "وصل شد", modes.of("registry").seen)
        owed.run()
    rows = {row.ref_id: (row.state, row.last_error) for row in owed.rows("registry")}
    assert rows.pop(later.id) == ("done", None)
    assert list(rows.values()) == [("open", "in_file")]
