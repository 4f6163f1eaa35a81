"""What the list of those ready for the exam is narrowed to: a plain GET form, so that a list is an address."""

from wtforms import Form, SelectField

from blueprints.forms.fields import DigitsField, options
from services.enrollment import exam

_LACKS = [("", "هر کمبودی"), *((key, words[0]) for key, words in exam.LACKS.items() if key != "incomplete")]


class ExamForm(Form):
    """The filter; the view stands in the page beside it."""

    course = DigitsField("کد دوره", render_kw={"maxlength": 20})
    lack = SelectField("چه کم دارد", choices=options(_LACKS), validate_choice=False)
