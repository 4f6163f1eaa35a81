"""Trainees and instructors sign in at the national window: there, back, and what to say when it fails."""

import hashlib
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, url_for

from blueprints import addresses, cookies, guards
from blueprints.auth.browsers import describe
from blueprints.htmx import go
from blueprints.notices import tell
from blueprints.session_interface import SEED_COOKIE
from models import utcnow
from services import held_posts, seals, sessions, window
from services.errors import DomainError
from services.sessions import Owner

bp = Blueprint("sso", __name__, url_prefix="/auth")

PENDING = "doreh_sso_"  # one cookie for each sign-in under way, so that several tabs do not disturb each other
PENDING_S = 600
PENDING_MOST = 4
HINT = "doreh_window"
HINT_PATH = "/auth/trainee"  # the id token is long, so it is sent where it is needed only
HINT_PATH_STAFF = "/auth"  # an instructor signs out with the staff, and leaves the window at the page after that
INSTRUCTOR = "/instructor"
CANCELED = "ورود در پنجره ملی نیمه‌کاره ماند."
STALE = "این ورود از همین مرورگر شروع نشده، یا زمان آن گذشته، یا پیش از این به پایان رسیده است."
NO_COOKIES = (
    "مرورگر شما کوکی این سامانه را نگه نداشته است و بی آن نمی‌دانیم این ورود را خود شما آغاز کرده‌اید. "
    "کوکی را در تنظیمات مرورگر باز کنید، یا از پنجرهٔ معمولی مرورگر وارد شوید."
)
DOWN = "پنجره ملی دولت هوشمند چند دقیقه است که پاسخ نمی‌دهد. اگر اکنون به آن بروید شاید برنگردید."
TAKEN = "ok", "شمارهٔ همراه شما همان شد که پنجره ملی گفت."
NOT_TAKEN = "warn", "پنجره ملی شماره‌ای از شما به ما نداد و شمارهٔ شما تغییری نکرد. می‌توانید آن را بنویسید."
AGAIN, ANYWAY = "دوباره امتحان می‌کنم", "با این حال می‌روم"
AGAIN_S = 2  # how soon a page whose sign-in is under way asks again by itself


@bp.get("/sso")
def begin() -> Response:
    next_ = addresses.own_path(request.args.get("next")) or ""
    if window.is_down() and window.is_open() and "anyway" not in request.args:
        return _trouble(503, DOWN, next_, again=url_for(".begin", next=next_ or None, anyway=1), button=ANYWAY)
    try:
        wanted = window.begin(_callback_url())
    except DomainError as error:
        return _trouble(error.status, str(error), next_)
    response = go(wanted.url)
    kept: dict[str, Any] = {"state": wanted.state, "nonce": wanted.nonce, "verifier": wanted.verifier}
    kept |= {"next": next_, "at": utcnow().timestamp(), "takes_mobile": request.args.get("take") == "mobile"}
    cookies.put(response, _cookie(wanted.state), seals.seal("sso", kept), max_age=PENDING_S)
    for name in _pending_names()[: -PENDING_MOST + 1]:
        cookies.clear(response, name)
    return response


@bp.get("/sso/callback")
def callback() -> Response:
    """Redirects at once; loaded again, whenever and however often, it leads on without sending the code again.

    Source: docs/rules.md R-720.
    """
    if request.method == "HEAD":  # whoever only looks whether the address is there must not use the code up
        return Response(status=204)
    state = request.args.get("state", "")
    kept = seals.unseal("sso", cookies.read(_cookie(state)), PENDING_S)
    if kept is None or kept["state"] != state:
        return _not_under_way(state)
    code = request.args.get("code", "")
    try:
        return _arrive(code, kept) if code else _over(_trouble(400, CANCELED, kept["next"]), state)
    except window.UnderWay as error:
        return _under_way(str(error))
    except window.WindowBusy as error:
        return _trouble(error.status, str(error), kept["next"], again=request.full_path)
    except window.WindowReused as error:
        return _over(_trouble(error.status, str(error), kept["next"], is_reused=True), state)
    except DomainError as error:
        return _over(_trouble(error.status, str(error), kept["next"]), state)


@bp.get("/window")
def door() -> str:
    """Where a trainee whose session has ended reads what became of the form, before going to the window."""
    next_ = addresses.own_path(request.args.get("next"))
    return render_template("auth/door.html", next=next_, is_open=window.is_open())


@bp.get("/trainee/signed-out")
def signed_out() -> str:
    return render_template("auth/signed_out.html", is_open=window.is_open(), is_down=window.is_down())


@bp.get("/trainee/leave-window")
def leave() -> Response:
    kept = seals.unseal("id token", request.cookies.get(HINT, ""), 24 * 3600)
    response = go(window.logout_url(kept, f"{_base()}/"))
    for path in (HINT_PATH, HINT_PATH_STAFF):
        response.delete_cookie(HINT, path=path, httponly=True, samesite="Lax")
    return response


def _arrive(code: str, kept: dict[str, Any]) -> Response:
    device = {"browser": describe(request.user_agent.string), "address": request.remote_addr or ""}
    is_staff = for_instructors(kept["next"])
    finish = window.finish_instructor if is_staff else window.finish
    sent = window.Kept(
        kept["state"], kept["nonce"], kept["verifier"], kept.get("at", 0), bool(kept.get("takes_mobile"))
    )
    arrival = finish(_callback_url(), code, sent, **device)
    cookie = cookies.STAFF if is_staff else cookies.TRAINEE
    if (before := cookies.read(cookie)) and before != arrival.token:
        sessions.end(before)
    next_ = kept["next"] or _first_page(arrival.token)
    response = go(next_)
    cookies.put(response, cookie, arrival.token)
    cookies.clear(response, SEED_COOKIE)
    done = seals.seal("sso done", {"state": kept["state"], "next": next_})
    cookies.put(response, _cookie(kept["state"]), done, max_age=PENDING_S)
    if sent.takes_mobile:
        tell(response, *(TAKEN if arrival.has_mobile else NOT_TAKEN))
    if arrival.id_token:
        _keep_hint(response, arrival.id_token, HINT_PATH_STAFF if is_staff else HINT_PATH)
    return response


def _keep_hint(response: Response, id_token: str, path: str) -> None:
    sealed = seals.seal("id token", id_token)
    if len(sealed) < 3800:  # a browser drops a longer cookie; sign-out at the window works without it
        secure = _base().startswith("https://")
        response.set_cookie(HINT, sealed, path=path, httponly=True, samesite="Lax", secure=secure)


def _not_under_way(state: str) -> Response:
    """Somebody comes back with a sign-in that is over, or that this browser knows nothing of."""
    done = seals.unseal("sso done", cookies.read(_cookie(state)), PENDING_S)
    if done is not None and done["state"] == state:
        return go(done["next"])
    home = _home() if guards.visitor() else next((url for _, url in guards.homes()), "")
    return go(home) if home else _trouble(400, STALE if request.cookies else NO_COOKIES)


def _under_way(what: str) -> Response:
    """A page that asks again by itself, and by a button."""
    html = render_template("auth/under_way.html", what=what, again=request.full_path)
    return Response(html, 202, {"Cache-Control": "no-store", "Refresh": str(AGAIN_S)})


def _over(response: Response, state: str) -> Response:
    cookies.clear(response, _cookie(state))
    return response


def for_instructors(path: str) -> bool:
    """Whether a page of ours is one that an instructor comes to the window for: own pages, or a form kept there."""
    return path.split("?")[0] == INSTRUCTOR or path.startswith((f"{INSTRUCTOR}/", f"{INSTRUCTOR}?", "/auth/held/"))


def _first_page(token: str) -> str:
    found = sessions.trainee(token)
    key = held_posts.newest(Owner(None, found.person.id)) if found else None
    return url_for("trainee_account.held_form", key=key) if key else _home()


def _home() -> str:
    return "/trainee" if addresses.exists("/trainee") else url_for("trainee_account.session_list")


def _trouble(
    status: int, what: str, next_: str = "", again: str = "", *, button: str = AGAIN, is_reused: bool = False
) -> Response:
    """What happened, what still works, and a button to try again: from the start, or at the address `again`."""
    again = again or url_for(".begin", next=next_ or None)
    context = {"what": what, "again": again, "can_retry": window.is_open(), "is_staff": for_instructors(next_)}
    context |= {
        "button": button,
        "is_reused": is_reused,
        "center": window.center_of(next_),
        "signed_in": guards.visitor(),
    }
    html = render_template("auth/window_trouble.html", **context)
    return Response(html, status, {"Cache-Control": "no-store"})


def _base() -> str:
    return str(current_app.config["BASE_URL"] or request.host_url.rstrip("/"))


def _callback_url() -> str:
    return _base() + url_for("sso.callback")


def _cookie(state: str) -> str:
    return PENDING + hashlib.sha256(state.encode()).hexdigest()[:12]


def _pending_names() -> list[str]:
    plain = [name.removeprefix("__Host-") for name in request.cookies]
    return [name for name in plain if name.startswith(PENDING)]
