"""The first page, the way to one's own enrollment, and how the outside systems are doing."""

from flask import current_app, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from blueprints.forms.public import TrackingForm
from blueprints.htmx import go
from blueprints.public import bp, moments, tracking
from services import standing


@bp.get("/")
def home() -> str:
    return render_template("public/home.html")


@bp.route("/slip", methods=["GET", "POST"])
def track() -> AnyResponse:
    form = TrackingForm(request.form)
    if request.method == "POST" and form.validate():
        return go(f"/slip/{form.code.data}")
    return tracking.start(form, 422 if form.errors else 200)


@bp.get("/status")
def status() -> str:
    told = moments.kept(("status",), lambda: {"systems": standing.systems(current_app.config)})
    return render_template("public/status.html", **told)
