"""Two who end tariffs at the same moment, on both databases: somebody's row for everybody stays."""

from models import Role, Tariff, UnitKind, db
from services import policy, tariffs
from services.errors import DomainError
from services.tariffs import keeping, reading
from tests import course_cases, make
from tests.race.crowd import storm


def test_of_two_who_each_end_a_row_for_everybody_one_is_refused_and_nobody_is_left_without_a_fee(app):
    make.tariff(50_000), make.tariff(60_000, valid_from=policy.today())
    admin = course_cases.staff(Role.ADMIN, make.unit(UnitKind.HQ))
    rows = [row.id for row in db.session.query(Tariff)]
    db.session.rollback()

    def end(line_id):
        try:
            return str(keeping.end(admin, line_id, 1, policy.today()))
        except DomainError as refused:
            return refused.field

    told = storm(app, end, rows)
    assert told == {"True": 1, "valid_to": 1}
    assert reading.gap(tariffs.book(tariffs.ENROLL_CREDIT).lines, policy.today()) is None
