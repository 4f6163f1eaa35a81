"""Own sessions, kept forms and sign-out: the same pages for staff and for trainees, each with its own cookie."""

from flask import Blueprint, Response, render_template, request, url_for

from blueprints import cookies, guards, held
from blueprints.auth.window import HINT
from blueprints.htmx import go
from blueprints.notices import tell
from services import held_posts, sessions
from services.sessions import Owner

staff = Blueprint("staff_account", __name__, url_prefix="/auth")
staff.before_request(guards.require_staff)
trainee = Blueprint("trainee_account", __name__, url_prefix="/auth/trainee")
trainee.before_request(guards.require_trainee)


def register(bp: Blueprint) -> None:
    """Add the pages that both sides have to a side's blueprint."""
    bp.add_url_rule("/sessions", view_func=session_list)
    bp.add_url_rule("/sessions/<int:session_id>/close", view_func=session_close, methods=["POST"])
    bp.add_url_rule("/sessions/close-others", view_func=session_close_others, methods=["POST"])
    bp.add_url_rule("/held/<key>", view_func=held_form)
    bp.add_url_rule("/held/<key>/drop", view_func=held_drop, methods=["POST"])


# -- Pages -------------------------------------------------------------------------


def session_list() -> str:
    context = {"sessions": sessions.mine(_me()), "current": guards.session_id()}
    return render_template("auth/sessions.html", **context)


def session_close(session_id: int) -> Response:
    sessions.close(_me(), session_id)
    return tell(go(url_for(".session_list")), "ok", "آن ورود بسته شد.")


def session_close_others() -> Response:
    sessions.close_others(_me(), guards.session_id())
    return tell(go(url_for(".session_list")), "ok", "همهٔ ورودهای دیگر بسته شد.")


def held_form(key: str) -> Response:
    return held.show_kept(_me(), key)


def held_drop(key: str) -> Response:
    held_posts.drop(_me(), key)
    return tell(go("/"), "ok", "فرم کنار گذاشته شد.")


register(staff)
register(trainee)


# -- Sign-out ----------------------------------------------------------------------


@staff.post("/logout", endpoint="sign_out")
def staff_sign_out() -> Response:
    """An instructor who came through the national window is offered to leave it too."""
    if HINT in request.cookies:
        return _leave(cookies.STAFF, url_for("sso.signed_out"))
    return tell(_leave(cookies.STAFF, url_for("auth.sign_in")), "ok", "از سامانه خارج شدید.")


@trainee.post("/logout", endpoint="sign_out")
def trainee_sign_out() -> Response:
    """The page that follows offers to leave the national window too."""
    return _leave(cookies.TRAINEE, url_for("sso.signed_out"))


def _leave(cookie: str, next_: str) -> Response:
    """End the session at once; the cache goes with it, because Back would show its pages on a shared computer."""
    sessions.end(cookies.read(cookie))
    response = go(next_)
    cookies.clear(response, cookie)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _me() -> Owner:
    return Owner(*guards.who())
