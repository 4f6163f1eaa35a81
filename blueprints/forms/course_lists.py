"""What a list of courses is narrowed to: a plain GET form, so that a list is an address."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from flask import request
from flask_wtf import FlaskForm
from wtforms import Form, HiddenField, SelectField

from blueprints.forms.fields import DigitsField, JalaliDateField, TidyStringField, options
from models import Gender, Setting, Shift
from services import course_choices, jalali, labels
from services.course_choices import Choices
from services.course_lists import Wanted
from services.text import persian_digits

ALL = ("", "همه")
NAMED = {"province": "استان", "county": "شهرستان", "unit": "واحد", "trade": "رشته"}


def _words(kind: Iterable[str], words: Mapping[str, str]) -> list[tuple[str, str]]:
    return [ALL, *((str(one), words[one]) for one in kind)]


class ListForm(Form):
    """The filter of a list; words, tab and order stand in the page beside it."""

    province = SelectField(NAMED["province"], validate_choice=False)
    county = SelectField(NAMED["county"], validate_choice=False)
    unit = SelectField(NAMED["unit"], validate_choice=False)
    trade = SelectField(NAMED["trade"], validate_choice=False)
    standard = DigitsField("کد استاندارد", render_kw={"maxlength": 24})
    first = JalaliDateField("شروع از")
    last = JalaliDateField("شروع تا")
    shift = SelectField("نوبت", choices=options(_words(Shift, labels.SHIFT)))
    gender = SelectField("جنسیت", choices=options(_words(Gender, labels.GENDER)))
    setting = SelectField("بخش اجرا", choices=options(_words(Setting, labels.SETTING)))
    show = SelectField("مربی", choices=options([ALL, ("without", "فقط بی‌مربی")]))

    @classmethod
    def asked(cls, wanted: Wanted, offered: Choices) -> "ListForm":
        """The form as it stands in the address; what no list of ours offers is taken out of it."""
        form = cls(request.args)
        for name in NAMED:
            form[name].choices = options([ALL, *getattr(offered, course_choices.LISTS[name])])
        for name, day in (("first", wanted.first), ("last", wanted.last)):
            if day and f"{name}-d" not in request.args:  # an address of ours says it in one piece
                form[name].process(None, day)
            elif form[name].problem:
                form[name].errors = [form[name].problem]
        return form

    def said(self) -> list[str]:
        """The filter in words, without what is not asked for."""
        words = [f"استاندارد {persian_digits(self.standard.data)}"] if self.standard.data else []
        for field in (*(self[name] for name in NAMED), self.setting, self.shift, self.gender, self.show):
            chosen = next((choice.label for choice in field.iter_choices() if choice.selected), "")
            words += [f"{field.label.text} {chosen}"] if field.data and chosen else []
        days = (("از", self.first.data), ("تا", self.last.data))
        return words + [f"شروع {word} {jalali.day_month_year(day)}" for word, day in days if day]

    def dated(self, wanted: Wanted) -> Wanted:
        """With the days that were written in three parts; a day that is none is left out, and its field says so."""
        return replace(wanted, first=self.first.data or None, last=self.last.data or None)


class SaveForm(FlaskForm):
    """A name for a list; `asked` is its address."""

    title = TidyStringField("نام این فهرست", render_kw={"maxlength": 40})
    asked = HiddenField()
