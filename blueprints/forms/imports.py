"""The form that sends a sheet. It checks shape; the engine of imports decides whether the file is one to read."""

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import BooleanField, FileField, HiddenField

from services import submissions
from services.imports import ImportForm


class SheetForm(FlaskForm):
    """A sheet, and whether it is the whole list where a form offers that choice."""

    form_key = HiddenField()
    file = FileField("پروندهٔ اکسل یا CSV")
    whole = BooleanField()

    def prepare(self, form: ImportForm) -> None:
        """Only what this form of import has, and a key for this rendering."""
        self.form_key.data = self.key()
        if form.whole:
            self.whole.label.text = form.whole
        else:
            del self.whole

    def key(self) -> str:
        return (self.form_key.data or "")[:36] or submissions.new_key()

    def sent(self, most: int) -> tuple[str, bytes]:
        """The name and the bytes of the file, one byte more than allowed at most; an empty name when none was sent."""
        sheet = request.files.get(self.file.name)
        return (sheet.filename or "", sheet.stream.read(most + 1)) if sheet else ("", b"")

    def options(self, form: ImportForm) -> dict[str, Any]:
        return {"whole": True} if form.whole and self.whole.data else {}
