"""The trainee's own data: read-only with where each is from, but for the mobile, which its owner changes."""

from flask import Response, render_template, url_for
from flask_wtf import FlaskForm

from blueprints import notices
from blueprints.forms.fields import MobileField
from blueprints.forms.persons import PostalCodeForm
from blueprints.guards import trainee
from blueprints.htmx import go
from blueprints.trainee import bp
from services import labels, own_data
from services.errors import DomainError

CHANGED = "شمارهٔ شما عوض شد و از شاهکار پرسیده می‌شود. وقتی روشن شد به نام شماست، پیامکی به آن می‌آید."
SAME = "همین شماره از پیش ثبت است؛ چیزی عوض نشد."


class OwnMobileForm(FlaskForm):
    """Another mobile."""

    mobile = MobileField("شمارهٔ همراه تازه", description="شماره‌ای که سیم‌کارت آن به نام خودتان است، مثل ۰۹۱۲۳۴۵۶۷۸۹")


@bp.get("/me")
def me_page() -> Response:
    return _show(OwnMobileForm())


@bp.post("/me/mobile")
def me_mobile() -> Response:
    form = OwnMobileForm()
    if not form.validate_on_submit():
        return _show(form, status=422)
    try:
        is_new = own_data.change_mobile(trainee(), form.mobile.data or "")
    except DomainError as refusal:
        return _show(form, refusal, refusal.status)
    return notices.tell(go(url_for(".me_page")), "ok" if is_new else "", CHANGED if is_new else SAME)


def _show(form: OwnMobileForm, refusal: DomainError | None = None, status: int = 200) -> Response:
    if refusal is not None and refusal.field in form:
        form[refusal.field].errors = [str(refusal)]
        refusal = None
    context = {
        "own": own_data.of(trainee()),
        "form": form,
        "places": PostalCodeForm(None),
        "refused": refusal,
        "failed": status != 200,
        "labels": labels,
    }
    return Response(render_template("trainee/me.html", **context), status)
