"""The form that sends a sheet. It checks shape; the engine of imports decides whether the file is one to read."""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import BooleanField, FileField, HiddenField, SelectField

from blueprints import addresses
from blueprints.forms.fields import options
from models import Unit
from services import submissions
from services.imports import ImportForm

CHOOSE = ("", "انتخاب کنید")


class SheetForm(FlaskForm):
    """A sheet, whether it is the whole list where a form offers that, and for which unit where there are several."""

    form_key = HiddenField()
    file = FileField("پروندهٔ اکسل یا CSV")
    whole = BooleanField()
    unit = SelectField("پرونده برای کدام واحد است؟", coerce=addresses.number, validate_choice=False)

    def prepare(self, form: ImportForm, units: Sequence[Unit]) -> None:
        """Only what this form of import has, and a key for this rendering."""
        self.form_key.data = self.key()
        if len(units) > 1:
            self.unit.choices = options([CHOOSE, *((unit.id, unit.title) for unit in units)])
        else:
            del self.unit
        if form.whole:
            self.whole.label.text = form.whole
        else:
            del self.whole

    def key(self) -> str:
        return submissions.key_of(self.form_key.data)

    def sent(self, most: int) -> tuple[str, bytes]:
        """The name and the bytes of the file, one byte more than allowed at most; an empty name when none was sent."""
        sheet = request.files.get(self.file.name)
        return (sheet.filename or "", sheet.stream.read(most + 1)) if sheet else ("", b"")

    def options(self, form: ImportForm) -> dict[str, Any]:
        chosen: dict[str, Any] = {"unit": self.unit.data} if self.unit.data else {}
        return chosen | ({"whole": True} if form.whole and self.whole.data else {})
