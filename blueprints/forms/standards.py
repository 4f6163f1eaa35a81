"""Forms about standards: taking one out of use, and an item of what it asks for."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, TextAreaField

from blueprints import addresses
from blueprints.forms.fields import NumberField, TidyStringField, options
from models import StandardRequirement
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
    """One item. `seen_quantity` and `seen_basis` are what the person saw when the page was opened."""

    requirement = HiddenField()
    seen_quantity = HiddenField()
    seen_basis = HiddenField()
    item_name = TidyStringField("نام قلم")
    group = SelectField("گروه", choices=options(labels.EQUIPMENT_GROUP.items()))
    quantity = NumberField("تعداد")
    per = SelectField("برای", choices=options(PER))
    basis_n = NumberField("تعداد نفرات گروه", description="فقط برای «هر گروه چند نفره»")

    def fill(self, row: StandardRequirement) -> None:
        per = "workshop" if row.basis_n >= PER_WORKSHOP else "trainee" if row.basis_n == 1 else "group"
        self.process(data={
            "requirement": row.id, "seen_quantity": row.quantity, "seen_basis": row.basis_n,
            "item_name": row.item_name, "group": row.group.value, "quantity": row.quantity, "per": per,
            "basis_n": row.basis_n if per == "group" else None,
        })  # fmt: skip

    @property
    def row_id(self) -> int | None:
        return addresses.number(self.requirement.data)

    def values(self) -> Values:
        size = {"workshop": PER_WORKSHOP, "trainee": 1}.get(self.per.data or "", self.basis_n.data)
        named: Values = {"item_name": (self.item_name.data or "")[:200], "group": self.group.data}
        return named | {"quantity": self.quantity.data, "basis_n": size}

    def seen(self) -> Values:
        quantity, basis = (addresses.number(field.data, 9) for field in (self.seen_quantity, self.seen_basis))
        return {"quantity": quantity, "basis_n": basis, "item_name": self.item_name.data, "group": self.group.data}
