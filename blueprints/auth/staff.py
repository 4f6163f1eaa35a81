"""Staff sign-in by password or by a one-time code."""

from flask import Blueprint, Response, g, render_template, request, url_for
from flask_wtf import FlaskForm

from blueprints import addresses, cookies, guards
from blueprints.auth.browsers import describe
from blueprints.auth.window import INSTRUCTOR, for_instructors
from blueprints.forms.auth import CodeForm, SignInForm
from blueprints.htmx import go
from blueprints.session_interface import SEED_COOKIE
from services import access, held_posts, sessions, window
from services import sign_in as staff_sign_in
from services.errors import DomainError, TooMany
from services.sessions import Owner

bp = Blueprint("auth", __name__, url_prefix="/auth")


@bp.route("/login", methods=["GET", "POST"])
def sign_in() -> Response:
    form = SignInForm()
    status = 200 if request.method == "GET" else 422
    if form.validate_on_submit():
        try:
            token = staff_sign_in.by_password(form.username.data or "", form.password.data or "", **_device())
            return _welcome(token)
        except DomainError as error:
            return _show("auth/login.html", form, error.status, str(error), error)
    return _show("auth/login.html", form, status)


@bp.route("/code", methods=["GET", "POST"])
def code() -> Response:
    form = CodeForm()
    status = 200 if request.method == "GET" else 422
    if form.validate_on_submit():
        try:
            values = (form.username.data or "", form.code.data or "", form.password.data or "")
            return _welcome(staff_sign_in.by_code(*values, **_device()))
        except DomainError as error:
            if error.field not in ("code", "password"):
                return _show("auth/code.html", form, error.status, str(error), error)
            form[error.field].errors = [str(error)]
    return _show("auth/code.html", form, status)


def _device() -> dict[str, str]:
    return {"browser": describe(request.user_agent.string), "address": request.remote_addr or ""}


def _show(template: str, form: FlaskForm, status: int, problem: str = "", error: DomainError | None = None) -> Response:
    next_ = addresses.own_path(request.args.get("next"))
    context = {"next": next_, "problem": problem, "here": guards.staff(), "homes": guards.homes()}
    own = next_ if next_ and for_instructors(next_) else INSTRUCTOR
    context["window_next"] = own if window.is_open() else ""
    response = Response(render_template(template, form=form, **context), status)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.seconds)
    response.headers["Cache-Control"] = "no-store"
    return response


def _welcome(token: str) -> Response:
    """Hand over the cookie and go on; whatever was in this browser before is over."""
    before = cookies.read(cookies.STAFF)
    if before:
        sessions.end(before)
    response = go(_first_page(token))
    cookies.put(response, cookies.STAFF, token)
    cookies.clear(response, SEED_COOKIE)
    g.pop("new_seed", None)
    return response


def _first_page(token: str) -> str:
    """The page that was asked for, else a form that was kept, else the home of the user's first level."""
    if wanted := addresses.own_path(request.args.get("next")):
        return wanted
    found = sessions.staff(token)
    user_id = found.user.id if found else 0
    if key := held_posts.newest(Owner(user_id, None)):
        return url_for("staff_account.held_form", key=key)
    homes = (f"/{level}" for level in access.levels_of(access.roles_of(user_id)))
    return next((home for home in homes if addresses.exists(home)), url_for("staff_account.session_list"))
