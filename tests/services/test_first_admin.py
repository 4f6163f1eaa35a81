"""The account with which an empty installation begins, and that nobody gets another one that way."""

import pytest

from models import AuditEvent, Role, UnitKind, User, db, utcnow
from scripts.reference.lay import lay
from services import access, sign_in, staff, units
from services.access import Level
from services.errors import DomainError, NotAllowed
from services.units import UnitValues
from tests import make

PASSWORD = "four-fresh-words"  # noqa: S105
NAMES = ("مریم", "نوروزی")


@pytest.fixture(autouse=True)
def empty(clean):
    lay()


def first(username="First.Admin", code=None) -> tuple[str, str]:
    return staff.first_admin(make.national_code() if code is None else code, username, *NAMES)


def test_the_first_admin_signs_in_by_the_code_and_makes_a_directorate():
    username, code = first()
    assert username == "first.admin"
    assert sign_in.by_code(username, code, PASSWORD)
    user = db.session.query(User).one()
    assert user.person.full_name == "مریم نوروزی"
    admin = access.actor(user, Level.HQ, access.roles_of(user.id))
    assert admin.roles == {Role.ADMIN}
    golestan = make.first(make.Province, title="گلستان")
    made = units.create(admin, "a form", "directorate", UnitValues(""), province_id=golestan.id).unit
    assert (made.kind, made.code) == (UnitKind.DIRECTORATE, "27000")
    acts = {event.action for event in db.session.query(AuditEvent).filter_by(subject="user")}
    assert acts >= {"user_created", "code_issued"}


def test_a_code_that_was_lost_is_made_anew_until_the_first_sign_in():
    username, lost = first()
    name, code = staff.renew_first_code()
    assert name == username
    with pytest.raises(DomainError):
        sign_in.by_code(username, lost, PASSWORD)
    sign_in.by_code(username, code, PASSWORD)
    assert staff.renew_first_code() is None


def test_nobody_gets_an_admin_this_way_where_there_is_one():
    username, code = first()
    sign_in.by_code(username, code, PASSWORD)
    with pytest.raises(NotAllowed):
        first("second")
    make.user(Role.ADMIN, make.first(make.Unit))
    assert staff.renew_first_code() is None


@pytest.mark.once
def test_an_installation_whose_admins_are_all_switched_off_gets_one_again():
    username, code = first()
    sign_in.by_code(username, code, PASSWORD)
    db.session.query(User).one().disabled_at = utcnow()
    db.session.commit()
    assert staff.renew_first_code() is None
    assert first("second")[0] == "second"


@pytest.mark.once
def test_a_reviewer_of_headquarters_is_no_admin():
    make.user(Role.REVIEWER, make.first(make.Unit), password_hash="x")
    assert staff.needs_first_admin()


@pytest.mark.once
@pytest.mark.parametrize(("over", "field"), [
    ({"code": "1234567890"}, "national_code"), ({"code": ""}, "national_code"), ({"username": "مریم"}, "username"),
])  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(over, field):
    with pytest.raises(DomainError) as refused:
        first(**over)
    assert refused.value.field == field
    assert db.session.query(User).count() == 0
