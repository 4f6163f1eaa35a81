"""Forms about standards: taking one out of use, and an item of what it asks for."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, TextAreaField

from blueprints import addresses
from blueprints.forms.fields import NumberField, TidyStringField, options
from services import labels
from services.imports import Values
from services.standards.requirements import PER_WORKSHOP

PER = (("group", "هر گروه چند نفره"), ("trainee", "هر نفر"), ("workshop", "هر کارگاه"))


class RetireForm(FlaskForm):
    """Why a standard leaves use, and which one takes its place."""

    reason = TextAreaField("دلیل", description="در تاریخچهٔ استاندارد می‌ماند")
    replacement = TidyStringField(
        "کد استاندارد جایگزین", description="اختیاری؛ ۱۵ نویسه", render_kw={"dir": "ltr", "maxlength": 24}
    )


class RequirementForm(FlaskForm):
    """One item. The hidden `seen_…` are what the person saw when the page was opened."""

    requirement = HiddenField()
    seen_name = HiddenField()
    seen_group = HiddenField()
    seen_quantity = HiddenField()
    seen_basis = HiddenField()
    item_name = TidyStringField("نام قلم")
    group = SelectField("گروه", choices=options(labels.EQUIPMENT_GROUP.items()))
    quantity = NumberField("تعداد")
    per = SelectField("برای", choices=options(PER))
    basis_n = NumberField("تعداد نفرات گروه", description="فقط برای «هر گروه چند نفره»")

    def fill(self, row_id: int, values: Values, seen: Values) -> None:
        """Show `values` for an item that stands as `seen`."""
        size = int(values["basis_n"] or 1)
        per = "workshop" if size >= PER_WORKSHOP else "trainee" if size == 1 else "group"
        shown: dict[str, Any] = {**values, "requirement": row_id, "per": per}
        shown |= {"basis_n": size if per == "group" else None, "seen_name": seen["item_name"]}
        shown |= {"seen_group": seen["group"], "seen_quantity": seen["quantity"], "seen_basis": seen["basis_n"]}
        self.process(data=shown)

    @property
    def row_id(self) -> int | None:
        return addresses.number(self.requirement.data)

    def values(self) -> Values:
        size = {"workshop": PER_WORKSHOP, "trainee": 1}.get(self.per.data or "", self.basis_n.data)
        named: Values = {"item_name": (self.item_name.data or "")[:200], "group": self.group.data}
        return named | {"quantity": self.quantity.data, "basis_n": size}

    def seen(self) -> Values:
        quantity, basis = (addresses.number(field.data, 9) for field in (self.seen_quantity, self.seen_basis))
        return {
            "item_name": self.seen_name.data,
            "group": self.seen_group.data,
            "quantity": quantity,
            "basis_n": basis,
        }
