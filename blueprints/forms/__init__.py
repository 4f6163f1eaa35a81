"""Forms and fields that several roles share; the sentences of WTForms itself are said in Persian here, for all."""

from collections.abc import Callable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Form

from services.errors import DomainError

SENTENCES = {
    "Not a valid choice.": "یکی از گزینه‌های همین فهرست را انتخاب کنید",
    "Invalid Choice: could not coerce.": "یکی از گزینه‌های همین فهرست را انتخاب کنید",
    "Invalid choice(s): one or more data inputs could not be coerced.": "از گزینه‌های همین فهرست انتخاب کنید",
    "'%(value)s' is not a valid choice for this field.": "از گزینه‌های همین فهرست انتخاب کنید",
    "This field is required.": "این خانه را پر کنید",
    "Not a valid integer value.": "این عدد را با رقم بنویسید",
    "Field cannot be longer than %(max)d character.": "این نوشته بلندتر از اندازه است؛ آن را کوتاه کنید",
    "Field must be at least %(min)d character long.": "این نوشته کوتاه است؛ آن را کامل کنید",
    "Field must be between %(min)d and %(max)d characters long.": "اندازهٔ این نوشته درست نیست",
    "Number must be at least %(min)s.": "این عدد کوچک‌تر از اندازه است",
    "Number must be at most %(max)s.": "این عدد بزرگ‌تر از اندازه است",
    "Number must be between %(min)s and %(max)s.": "این عدد بیرون از اندازه است",
}
OTHERWISE = "این خانه درست پر نشده است"


class Persian:
    """What WTForms asks for a sentence; a form's own messages do not come by here."""

    def gettext(self, sentence: str) -> str:
        return SENTENCES.get(sentence, OTHERWISE if sentence.endswith(".") else sentence)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return self.gettext(singular)


def _persian(meta: Any, form: Any) -> Persian:
    return Persian()


# The hook that WTForms has for this, set on the class that every form of ours is made from.
FlaskForm.Meta.get_translations = _persian


def tried(form: Form, act: Callable[[], Any]) -> Any:
    """What `act` answers; None when a rule refused it, which then stands at its field."""
    try:
        return act()
    except DomainError as error:
        if error.field not in form:
            raise
        form[error.field].errors = [str(error)]
        return None
