"""What is asked about who answers for a child: at the desk, on a page of its own, of the child itself."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import FileField, HiddenField, SelectField
from wtforms.validators import Optional

from blueprints.forms.fields import MobileField, NationalCodeField, options
from services.guardians import RELATIONS, Said

RELATION = options([("", "انتخاب کنید"), *((each.value, title) for each, title in RELATIONS.items())])


class GuardianFields(FlaskForm):
    """The three fields; nothing is required where a guardian is only one thing among others."""

    guardian_code = NationalCodeField("کد ملی سرپرست", [Optional()])
    guardian_relation = SelectField("نسبت با کارآموز", choices=RELATION, validate_choice=False)
    guardian_mobile = MobileField("تلفن همراه سرپرست", [Optional()], description="به نام خود سرپرست")

    def guardian(self) -> Said:
        mobile = self.guardian_mobile.data or ""
        return Said(self.guardian_code.data or "", self.guardian_relation.data or "", mobile)


class GuardianForm(GuardianFields):
    """The page of a guardian; `seen` is the id of the one that it shows."""

    form_key = HiddenField()
    seen = HiddenField()
    file = FileField("مدرک سرپرستی", description="شناسنامهٔ کارآموز، قیم‌نامه یا حکم دادگاه")

    @classmethod
    def holding(cls, standing: Any) -> "GuardianForm":
        """Filled in with the guardian that stands, if there is one."""
        if standing is None:
            return cls(formdata=None, data={"seen": "0"})
        told = {"guardian_code": standing.guardian.national_code, "guardian_relation": standing.relation.value}
        return cls(formdata=None, data=told | {"seen": str(standing.id)})
