"""The form that writes the birth date by which the registry may know somebody."""

from flask_wtf import FlaskForm
from wtforms.validators import DataRequired

from blueprints.forms.fields import JalaliDateField


class BirthDateForm(FlaskForm):
    birth_date = JalaliDateField("تاریخ تولد، از روی کارت ملی", validators=[DataRequired("تاریخ تولد را بنویسید")])
