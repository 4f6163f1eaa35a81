"""What a failure leaves in a log: places and kinds, and nothing that anybody typed."""

import logging

import pytest
from sqlalchemy.exc import IntegrityError

from models import Person, db
from services import logs
from tests import make

SECRET, NAME = make.national_code(7_654_321), "نام پنهان"


def twice_the_same_person():
    make.person(national_code=SECRET)
    with pytest.raises(IntegrityError) as caught:
        make.save(Person(national_code=SECRET, first_name=NAME))
    return caught.value


def shown(error):
    """The line and traceback that a handler writes."""
    record = logs.record("x", logging.ERROR, "f", 1, "failed", (), (type(error), error, error.__traceback__))
    return logging.Formatter().format(record)


def test_a_refused_row_is_told_without_its_values():
    said = shown(twice_the_same_person())
    assert "IntegrityError" in said
    assert "test_logs.py" in said
    assert SECRET not in said
    assert NAME not in said


def test_the_statement_of_a_database_error_never_shows_its_values():
    error = twice_the_same_person()
    assert NAME not in str(error)
    assert SECRET not in str(error).partition("[SQL")[2]


def test_the_name_of_the_hurt_rule_stays_where_the_database_tells_it():
    error = twice_the_same_person()
    expected = "23505" if db.engine.dialect.name == "postgresql" else "IntegrityError"
    assert expected in logs.told(error)


def test_a_message_with_what_was_typed_is_not_told_and_neither_is_that_of_its_cause():
    try:
        try:
            int(f"x{SECRET}")
        except ValueError as cause:
            raise RuntimeError(f"bad code {SECRET}") from cause
    except RuntimeError as error:
        said = shown(error)
    assert SECRET not in said
    assert "ValueError\nwhich led to" in said
    assert said.endswith("RuntimeError")
