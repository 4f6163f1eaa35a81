"""A trainee's own sessions, kept forms, and sign-out from here and from the national window."""

from flask import Blueprint, Response, render_template, url_for

from blueprints import cookies, guards, held
from blueprints.htmx import go
from blueprints.notices import tell
from services import held_posts, sessions
from services.sessions import Owner

bp = Blueprint("trainee_account", __name__, url_prefix="/auth/trainee")
bp.before_request(guards.require_trainee)


@bp.get("/sessions")
def session_list() -> str:
    visitor = guards.visitor()
    current = visitor.session_id if visitor else 0
    return render_template("auth/sessions.html", sessions=sessions.mine(_me()), current=current, blueprint=bp.name)


@bp.post("/sessions/<int:session_id>/close")
def session_close(session_id: int) -> Response:
    sessions.close(_me(), session_id)
    return tell(go(url_for(".session_list")), "ok", "آن ورود بسته شد.")


@bp.post("/sessions/close-others")
def session_close_others() -> Response:
    visitor = guards.visitor()
    sessions.close_others(_me(), visitor.session_id if visitor else None)
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
    """End the session here at once; the page that follows offers to leave the national window too."""
    sessions.end(cookies.read(cookies.TRAINEE))
    response = go(url_for("sso.signed_out"))
    cookies.clear(response, cookies.TRAINEE)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _me() -> Owner:
    return Owner(None, guards.trainee().id)
