"""Forms of self-enrollment beside the one press: the target group with what proves it."""

from collections.abc import Sequence

from wtforms import FileField, HiddenField, SelectField
from wtforms.validators import Length, Optional

from blueprints import addresses
from blueprints.forms.enrollment import group_label
from blueprints.forms.fields import TidyStringField, options
from blueprints.forms.keyed import KeyedForm
from models import EnrollmentDraft, TargetGroup
from services.enrollment.resuming import Belonging


class GroupForm(KeyedForm):
    """Which target group somebody belongs to, the kind and number of a paper that proves it, and its picture."""

    version = HiddenField()
    target_group = SelectField("گروه هدف", coerce=addresses.number, validate_choice=False)
    evidence = TidyStringField(
        "نوع و شمارهٔ مدرک",
        [Optional(), Length(max=120, message="مدرک تا ۱۲۰ نویسه است")],
        description="مثلاً کارت مددجویی شمارهٔ ۱۲۳",
        render_kw={"autocomplete": "off", "maxlength": 120},
    )
    file = FileField("تصویر مدرک", description="از روی مدرک عکس بگیرید یا پی‌دی‌اف آن را بفرستید")

    def offer(self, groups: Sequence[TargetGroup]) -> None:
        self.target_group.choices = options([("", "هیچ‌کدام"), *((group.id, group_label(group)) for group in groups)])

    def belonging(self) -> Belonging:
        return Belonging(self.target_group.data, self.evidence.data or "")

    def show(self, draft: EnrollmentDraft | None) -> "GroupForm":
        """Fill in what was saved."""
        if draft is not None:
            self.target_group.data, self.evidence.data = draft.target_group_id, draft.fields.get("evidence", "")
        self.version.data = draft.version if draft else 1
        return self
