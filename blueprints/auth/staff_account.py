"""A staff user's own sessions, kept forms, and sign-out."""

from flask import Blueprint, Response, render_template, url_for

from blueprints import cookies, guards, held
from blueprints.htmx import go
from blueprints.notices import tell
from services import held_posts, sessions
from services.sessions import Owner

bp = Blueprint("staff_account", __name__, url_prefix="/auth")
bp.before_request(guards.require_staff)


@bp.get("/sessions")
def session_list() -> str:
    signed_in = guards.staff()
    current = signed_in.session_id if signed_in else 0
    return render_template("auth/sessions.html", sessions=sessions.mine(_me()), current=current, blueprint=bp.name)


@bp.post("/sessions/<int:session_id>/close")
def session_close(session_id: int) -> Response:
    sessions.close(_me(), session_id)
    return tell(go(url_for(".session_list")), "ok", "آن ورود بسته شد.")


@bp.post("/sessions/close-others")
def session_close_others() -> Response:
    signed_in = guards.staff()
    sessions.close_others(_me(), signed_in.session_id if signed_in else None)
    return tell(go(url_for(".session_list")), "ok", "همهٔ ورودهای دیگر بسته شد.")


@bp.get("/held/<key>")
def held_form(key: str) -> Response:
    return held.show_kept(_me(), key)


@bp.post("/held/<key>/drop")
def held_drop(key: str) -> Response:
    held_posts.drop(_me(), key)
    return tell(go("/"), "ok", "فرم کنار گذاشته شد.")


@bp.post("/logout")
def sign_out() -> Response:
    sessions.end(cookies.read(cookies.STAFF))
    response = tell(go(url_for("auth.sign_in")), "ok", "از سامانه خارج شدید.")
    cookies.clear(response, cookies.STAFF)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _me() -> Owner:
    return Owner(guards.user().id, None)
