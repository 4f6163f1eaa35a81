"""Staff accounts, for a center's manager, a province and HQ: the same pages, each within its own territory."""

from typing import Any

from flask import Blueprint, Flask, Response, render_template, request, url_for

from blueprints import guards, routes
from blueprints.forms import tried
from blueprints.forms.users import NewUserForm, RoleForm
from blueprints.guards import me
from blueprints.htmx import go
from blueprints.notices import tell
from services import labels, seals, staff
from services.access import Level
from services.staff import NewUser

SEARCH_S = 12 * 3600  # a search stands in the address sealed, because names and national codes stand in none


def user_list() -> str:
    at = _at()
    page = staff.listing(me(), at["q"], at["after"])
    next_url = url_for(".user_list", at=_sealed(at["q"], page.after)) if page.after else ""
    first_url = url_for(".user_list", at=_sealed(at["q"], None)) if at["after"] else ""
    context = {"users": page.users, "q": at["q"], "next_url": next_url, "first_url": first_url}
    return render_template("users/list.html", deputies_url=url_for(f"{me().level}.deputy_list"), **context)


def user_search() -> Response:
    q = request.form.get("q", "").strip()[:80]
    return go(url_for(".user_list", at=_sealed(q, None) if q else None))


def user_new() -> Response:
    form = NewUserForm()
    roles = staff.grantable(me())
    form.offer(roles)
    if request.method == "GET":
        form.unit.data = _only_unit() or request.args.get("unit", "")[:12]
    if form.validate_on_submit() and (made := tried(form, lambda: staff.create(me(), _new(form)))):
        sentence = "حساب ساخته شد. حالا کد نخستین ورود را بسازید و به خود شخص بدهید."
        return tell(go(url_for(".user_page", user_id=made.id)), "ok", sentence)
    status = 422 if form.is_submitted() else 200
    return Response(render_template("users/new.html", form=form), status)


def user_page(user_id: int) -> Response:
    return _page(user_id, _role_form())


def user_code(user_id: int) -> Response:
    """The code is on this one page only; nothing can show it again."""
    code = staff.issue_code(me(), user_id)
    html = render_template("users/code.html", user=staff.get(me(), user_id), code=code)
    return Response(html, headers={"Cache-Control": "no-store"})


def user_disable(user_id: int) -> Response:
    staff.disable(me(), user_id)
    return _back(user_id, "حساب غیرفعال شد و همهٔ ورودهای آن بسته شد.")


def user_enable(user_id: int) -> Response:
    staff.enable(me(), user_id)
    return _back(user_id, "حساب فعال شد.")


def role_grant(user_id: int) -> Response:
    form = _role_form()

    def grant() -> bool:
        chosen = form.can_enroll_others.data
        staff.grant(me(), user_id, form.role.data, form.unit.data or "", can_enroll_others=chosen)
        return True

    if form.validate_on_submit() and tried(form, grant):
        return _back(user_id, "نقش ثبت شد.")
    return _page(user_id, form, 422)


def role_revoke(user_id: int, role_id: int) -> Response:
    staff.revoke(me(), user_id, role_id)
    return _back(user_id, "نقش برداشته شد.")


# -- Support -----------------------------------------------------------------------


def _page(user_id: int, form: RoleForm, status: int = 200) -> Response:
    user = staff.get(me(), user_id)
    context = {"user": user, "may_change": staff.may_change(me(), user), "form": form}
    return Response(render_template("users/page.html", **context), status)


def _role_form() -> RoleForm:
    form = RoleForm()
    form.offer(staff.grantable(me()))
    if request.method == "GET":
        form.unit.data = _only_unit()
    return form


def _only_unit() -> str:
    """The unit of a manager who has one; nobody else's is taken for granted."""
    return me().unit_title if me().level is Level.CENTER and len(me().units) == 1 else ""


def _new(form: NewUserForm) -> NewUser:
    typed: dict[str, Any] = {name: form[name].data for name in NewUser.__dataclass_fields__}
    return NewUser(**typed)


def _back(user_id: int, sentence: str) -> Response:
    return tell(go(url_for(".user_page", user_id=user_id)), "ok", sentence)


def _at() -> dict[str, Any]:
    return seals.unseal("users", request.args.get("at", ""), SEARCH_S) or {"q": "", "after": None}


def _sealed(q: str, after: list[Any] | None) -> str:
    return seals.seal("users", {"q": q, "after": after})


ROUTES: tuple[routes.Route, ...] = (
    ("", user_list, ("GET",)),
    ("/search", user_search, ("POST",)),
    ("/new", user_new, ("GET", "POST")),
    ("/<int:user_id>", user_page, ("GET",)),
    ("/<int:user_id>/code", user_code, ("POST",)),
    ("/<int:user_id>/disable", user_disable, ("POST",)),
    ("/<int:user_id>/enable", user_enable, ("POST",)),
    ("/<int:user_id>/roles", role_grant, ("POST",)),
    ("/<int:user_id>/roles/<int:role_id>/revoke", role_revoke, ("POST",)),
)


def _blueprint(level: Level, path: str) -> Blueprint:
    bp = Blueprint(f"{level}_users", __name__, url_prefix=path)
    bp.before_request(guards.require(level))
    routes.add(bp, "", ROUTES)
    return bp


def register(app: Flask) -> None:
    app.jinja_env.filters["role_title"] = labels.ROLE.__getitem__
    for level, path in ((Level.CENTER, "/center/staff"), (Level.PROVINCE, "/province/staff"), (Level.HQ, "/hq/users")):
        app.register_blueprint(_blueprint(level, path))
