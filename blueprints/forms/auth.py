"""Forms of staff sign-in."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired

from blueprints.forms.fields import DigitsField

LTR = {"dir": "ltr", "autocapitalize": "none", "spellcheck": "false", "maxlength": 60}


class SignInForm(FlaskForm):
    username = StringField(
        "نام کاربری", [InputRequired("نام کاربری را بنویسید")], render_kw={**LTR, "autocomplete": "username"}
    )
    password = PasswordField(
        "گذرواژه",
        [InputRequired("گذرواژه را بنویسید")],
        render_kw={"dir": "ltr", "maxlength": 200, "autocomplete": "current-password"},
    )


class CodeForm(FlaskForm):
    username = StringField(
        "نام کاربری", [InputRequired("نام کاربری را بنویسید")], render_kw={**LTR, "autocomplete": "username"}
    )
    code = DigitsField(
        "کد یک‌بارمصرف",
        [InputRequired("کدی را که مدیرتان داده است بنویسید")],
        lengths=(8,),
        description="۸ رقم در دو گروه چهارتایی",
        render_kw={"maxlength": 12, "autocomplete": "one-time-code"},
    )
    password = PasswordField(
        "گذرواژهٔ تازه",
        [InputRequired("گذرواژهٔ تازه را بنویسید")],
        description="دست‌کم ۱۰ نویسه. چند واژهٔ بی‌ربط پشت سر هم، هم آسان یاد می‌ماند و هم سخت حدس زده می‌شود",
        render_kw={"dir": "ltr", "maxlength": 200, "autocomplete": "new-password"},
    )
    repeat = PasswordField(
        "تکرار گذرواژهٔ تازه",
        [EqualTo("password", "تکرار گذرواژه با خود آن یکی نیست. هر دو را دوباره بنویسید")],
        render_kw={"dir": "ltr", "maxlength": 200, "autocomplete": "new-password"},
    )
