"""The checklist that is signed with a sending and with each approval."""

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, TextAreaField
from wtforms.validators import Length

from services import text
from services.courses import CHECKLIST, Signed

PART = "sign_"


class SigningForm(FlaskForm):
    """A box for each item, named `sign_…`, and a note about what is short."""

    note = TextAreaField(
        "کمبود تجهیزات چگونه جبران می‌شود؟",
        filters=[text.clean],
        validators=[Length(max=500, message="این توضیح را در ۵۰۰ حرف بنویسید")],
    )

    def boxes(self) -> list[Field]:
        return [self[PART + name] for name in CHECKLIST]

    def signed(self) -> Signed:
        """What was ticked and said, as the service takes it."""
        ticked = (name for name in CHECKLIST if self[PART + name].data)
        return Signed(tuple(ticked), self.note.data or "")


for _name, _label in CHECKLIST.items():
    setattr(SigningForm, PART + _name, BooleanField(_label))
