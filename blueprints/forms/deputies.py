"""The form that names who decides for somebody away."""

from collections.abc import Iterable

from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField

from blueprints import addresses
from blueprints.forms.fields import JalaliDateField, TidyStringField, options
from models import User, UserRole
from services import labels, submissions
from services.deputies import Named


class DeputyForm(FlaskForm):
    """Who stands in for one role of one person, from when to when; the service says what is wrong with it."""

    form_key = HiddenField()
    of = HiddenField()
    deputy = SelectField("جانشین", coerce=addresses.number, validate_choice=False)
    first_on = JalaliDateField("از")
    last_on = JalaliDateField("تا پایان")
    reason = TidyStringField("توضیح", description="مانند مرخصی؛ می‌تواند خالی بماند", render_kw={"maxlength": 300})

    def offer(self, role: UserRole, people: Iterable[User]) -> None:
        named = [(user.id, _told(user, role)) for user in people]
        self.deputy.choices = options([("", "انتخاب کنید"), *named])
        self.of.data = str(role.id)
        self.form_key.data = submissions.key_of(self.form_key.data)

    def named(self) -> Named:
        first, last = self.first_on.data, self.last_on.data
        return Named(addresses.number(self.of.data), self.deputy.data, first, last, self.reason.data or "")


def _told(user: User, role: UserRole) -> str:
    """The name with what they are in the same unit, or else where."""
    name = user.person.full_name or user.username
    here = [labels.ROLE[held.role] for held in user.roles if held.unit_id == role.unit_id]
    elsewhere = [f"{labels.ROLE[held.role]}، {held.unit.title}" for held in user.roles if held.role is role.role]
    return f"{name} ({here[0] if here else elsewhere[0] if elsewhere else ''})"
