"""Two who end tariffs at the same moment, on both databases, with a control: a row for everybody stays."""

import threading

from models import Role, Tariff, UnitKind, db
from services import policy, tariffs
from services.errors import DomainError
from services.tariffs import keeping, reading
from services.transaction import atomic
from tests import course_cases, make


def both_end(app, first, second) -> list[str | None]:
    """What each was told of two who end a row for everybody, the second before the first has committed."""
    admin, told = course_cases.staff(Role.ADMIN, make.unit(UnitKind.HQ)), []
    db.session.rollback()

    def end(line_id):
        try:
            told.append(str(keeping.end(admin, line_id, 1, policy.today())))
        except DomainError as refused:
            told.append(refused.field)

    def elsewhere():
        with app.app_context():
            end(second)

    other = threading.Thread(target=elsewhere)
    with atomic():
        end(first)
        other.start()
        other.join(0.7)  # long enough to come to the rows, if nothing holds them
    other.join(60)
    db.session.rollback()
    return told


def two_rows():
    make.tariff(50_000), make.tariff(60_000, valid_from=policy.today())
    return [row.id for row in db.session.query(Tariff).order_by(Tariff.id)]


def gap():
    return reading.gap(tariffs.book(tariffs.ENROLL_CREDIT).lines, policy.today())


def test_of_two_who_each_end_a_row_for_everybody_the_second_is_refused(app):
    assert both_end(app, *two_rows()) == ["True", "valid_to"]
    assert gap() is None


def test_control_who_looks_before_the_transaction_leaves_nobody_a_fee_tomorrow(app, monkeypatch):
    ids = two_rows()
    lines = tariffs.book(tariffs.ENROLL_CREDIT).lines
    early = {line.id: (line, [each for each in lines if each is not line]) for line in lines}
    monkeypatch.setattr(keeping, "_held", early.__getitem__)
    assert both_end(app, *ids) == ["True", "True"]
    assert gap() is not None
