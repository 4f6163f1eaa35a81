"""Forms that are carried out once, however often they are sent."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField

from services import submissions


class KeyedForm(FlaskForm):
    """A form that is carried out once."""

    form_key = HiddenField()

    def prepare(self) -> Any:
        self.form_key.data = self.key()
        return self

    def key(self) -> str:
        return submissions.key_of(self.form_key.data)
