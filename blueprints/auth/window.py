"""Trainees and instructors sign in at the national window: there, back, and what to say when it fails."""

import hashlib

from flask import Blueprint, Response, current_app, render_template, request, url_for

from blueprints import addresses, cookies, guards
from blueprints.auth.browsers import describe
from blueprints.htmx import go
from blueprints.session_interface import SEED_COOKIE
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


@bp.get("/sso")
def begin() -> Response:
    next_ = addresses.own_path(request.args.get("next")) or ""
    try:
        wanted = window.begin(_callback_url())
    except DomainError as error:
        return _trouble(error.status, str(error), next_)
    response = go(wanted.url)
    kept = {"state": wanted.state, "nonce": wanted.nonce, "verifier": wanted.verifier, "next": next_}
    cookies.put(response, _cookie(wanted.state), seals.seal("sso", kept), max_age=PENDING_S)
    for name in _pending_names()[: -PENDING_MOST + 1]:
        cookies.clear(response, name)
    return response


@bp.get("/sso/callback")
def callback() -> Response:
    """Redirects at once, so that reloading the page never sends the code a second time."""
    state = request.args.get("state", "")
    kept = seals.unseal("sso", cookies.read(_cookie(state)), PENDING_S)
    if kept is None or kept["state"] != state:
        home = _home() if guards.visitor() else next((url for _, url in guards.homes()), "")
        return go(home) if home else _trouble(400, STALE)
    code = request.args.get("code", "")
    try:
        response = _arrive(code, kept) if code else _trouble(400, CANCELED, kept["next"])
    except window.WindowBusy as error:
        return _trouble(error.status, str(error), again=request.full_path)
    except DomainError as error:
        response = _trouble(error.status, str(error), kept["next"])
    cookies.clear(response, _cookie(state))
    return response


@bp.get("/window")
def door() -> str:
    """Where a trainee whose session has ended reads what became of the form, before going to the window."""
    next_ = addresses.own_path(request.args.get("next"))
    return render_template("auth/door.html", next=next_, is_open=window.is_open())


@bp.get("/trainee/signed-out")
def signed_out() -> str:
    return render_template("auth/signed_out.html", is_open=window.is_open())


@bp.get("/trainee/leave-window")
def leave() -> Response:
    kept = seals.unseal("id token", request.cookies.get(HINT, ""), 24 * 3600)
    response = go(window.logout_url(kept, f"{_base()}/"))
    for path in (HINT_PATH, HINT_PATH_STAFF):
        response.delete_cookie(HINT, path=path, httponly=True, samesite="Lax")
    return response


def _arrive(code: str, kept: dict[str, str]) -> Response:
    device = {"browser": describe(request.user_agent.string), "address": request.remote_addr or ""}
    is_staff = for_instructors(kept["next"])
    finish = window.finish_instructor if is_staff else window.finish
    arrival = finish(_callback_url(), code, kept, **device)
    cookie = cookies.STAFF if is_staff else cookies.TRAINEE
    if before := cookies.read(cookie):
        sessions.end(before)
    response = go(kept["next"] or _first_page(arrival.token))
    cookies.put(response, cookie, arrival.token)
    cookies.clear(response, SEED_COOKIE)
    secure, path = _base().startswith("https://"), HINT_PATH_STAFF if is_staff else HINT_PATH
    sealed = seals.seal("id token", arrival.id_token)
    if len(sealed) < 3800:  # a browser drops a longer cookie; sign-out at the window works without it
        response.set_cookie(HINT, sealed, path=path, httponly=True, samesite="Lax", secure=secure)
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


def _trouble(status: int, what: str, next_: str = "", again: str = "") -> Response:
    """What happened, what still works, and a button to try again: from the start, or at the address `again`."""
    again = again or url_for(".begin", next=next_ or None)
    context = {"what": what, "again": again, "can_retry": window.is_open(), "is_staff": for_instructors(next_)}
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
