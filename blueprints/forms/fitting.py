"""The hours for which an instructor is wanted."""

import datetime as dt

from flask_wtf import FlaskForm
from wtforms import SelectMultipleField

from blueprints import addresses
from blueprints.forms.fields import ClockField, JalaliDateField, options
from models import Course
from services import jalali, labels
from services.instructors.finding import Hours


class HoursForm(FlaskForm):
    """Asked for by GET, so without a token; all of it or nothing is needed."""

    class Meta:
        csrf = False

    first = JalaliDateField("از تاریخ")
    last = JalaliDateField("تا تاریخ")
    weekdays = SelectMultipleField(
        "روزهای کلاس", coerce=addresses.number, choices=options(list(enumerate(jalali.WEEKDAYS))), validate_choice=False
    )
    start = ClockField("از ساعت")
    end = ClockField("تا ساعت")

    def hours(self) -> Hours | None:
        """What was asked for; None while a part is missing or they do not follow each other."""
        first, last, start, end = self.first.data, self.last.data, self.start.data, self.end.data
        if not (first and last and start and end):
            return None
        if last < first or end <= start:
            self.last.errors = ["پایان باید پس از شروع باشد"]
            return None
        days = sum(1 << day for day in set(self.weekdays.data or ()) if day in labels.ALL_DAYS)
        return Hours(first, last, days, start, end)


def of_course(course: Course) -> dict[str, dt.date | dt.time | list[int] | None]:
    """The data of the form for the plan of a course."""
    named = {"first": course.start_on, "last": course.end_on, "start": course.start_time, "end": course.end_time}
    return {**named, "weekdays": labels.days_of(course.weekdays)}
