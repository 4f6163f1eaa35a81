"""Forms about staff accounts."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired

from blueprints.forms.fields import NationalCodeField, TidyStringField
from models import Role
from services import labels


class RoleForm(FlaskForm):
    """A role in a unit."""

    unit = TidyStringField("واحد", [InputRequired("نام یا کد واحد را بنویسید")], description="نام کامل یا کد واحد")
    role = SelectField("نقش", [InputRequired("نقش را انتخاب کنید")])
    can_enroll_others = BooleanField("اجازهٔ ثبت‌نام دیگران (کاربر مجاز)")

    def offer(self, roles: list[Role]) -> None:
        """Fill the list of roles; nothing is chosen beforehand."""
        self.role.choices = [("", "انتخاب کنید"), *((role.value, labels.ROLE[role]) for role in roles)]


class NewUserForm(RoleForm):
    """A new account with its first role."""

    national_code = NationalCodeField("کد ملی", [InputRequired("کد ملی را بنویسید")])
    first_name = TidyStringField("نام")
    last_name = TidyStringField("نام خانوادگی")
    username = StringField(
        "نام کاربری",
        [InputRequired("نام کاربری را بنویسید")],
        description="حرف لاتین، رقم، نقطه یا خط تیره",
        render_kw={"dir": "ltr", "autocapitalize": "none", "autocomplete": "off", "maxlength": 40},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The page asks for the person first, and a list of errors follows the page.
        for name in ("unit", "role", "can_enroll_others"):
            self._fields[name] = self._fields.pop(name)
