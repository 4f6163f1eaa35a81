"""A form that came at a moment when it could not be taken: kept, and shown again filled."""

from typing import Any

from flask import Response, render_template, request, url_for
from flask_wtf.csrf import generate_csrf

from blueprints import addresses, cookies, csrf, errors, guards
from blueprints.forms import labels
from blueprints.htmx import go, wants_fragment
from blueprints.notices import tell
from blueprints.session_interface import FIELD
from services import held_posts, sessions
from services.held_posts import Form
from services.sessions import Owner

KEPT = "فرم شما نگه داشته شد. پس از ورود همان را پرشده می‌بینید و با یک دکمه می‌فرستید."
NOT_KEPT = "زمان ورود شما تمام شده بود و این فرم ثبت نشد. وارد شوید و دوباره بفرستید."
TOO_LARGE = (
    "زمان ورود شما تمام شده بود و فرم بزرگ‌تر از آن بود که نگه داشته شود. "
    "وارد شوید و با دکمهٔ بازگشت مرورگر به آن برگردید."
)
BEFORE_CHANGE = "گذرواژه پس از بازشدن این فرم عوض شده است. نوشته‌ها را ببینید و دوباره بفرستید."
STALE_SIGN_IN = "این صفحه کهنه شده بود. دوباره بنویسید و بفرستید."


def hold_for_sign_in() -> Response:
    """Nobody is signed in: keep the form for whom it was made for, and ask for a sign-in."""
    owner = csrf.token_owner() or _of_ended_session()
    key = held_posts.hold(owner, _posted()) if owner and _fits(owner) else None
    sentence = KEPT if key else TOO_LARGE if owner else NOT_KEPT
    next_ = _address(key) if key else addresses.own_path(_page_before())
    door = "sso.door" if guards.side() == "trainee" else "auth.sign_in"
    return tell(go(url_for(door, next=next_)), "ok" if key else "warn", sentence)


def show_foreign_form() -> Response:
    """Somebody is here, but the form's token is not theirs."""
    owner = csrf.token_owner()
    if guards.side() == "public":
        return _show_public_form()
    if owner is None or not _fits(owner):
        return errors.page(400)
    key = held_posts.hold(owner, _posted())
    if owner == current_owner():
        response = go(_address(key)) if key else errors.page(400)
        return tell(response, "warn", BEFORE_CHANGE) if key else response
    whose = held_posts.initials(owner)
    if wants_fragment():
        return errors.page(400, f"این فرم برای کاربر دیگری باز شده بود ({whose}) و ثبت نشد.")
    return Response(render_template("auth/other_user.html", whose=whose, is_kept=bool(key)), 400)


def show_kept(owner: Owner, key: str) -> Response:
    """The page of a kept form, for its owner; anybody else learns whose it is and no more."""
    try:
        form = held_posts.get(owner, key)
    except held_posts.NotYours as error:
        return Response(render_template("auth/other_user.html", whose=error.initials, is_kept=True), 403)
    return page(form, drop_url=f"{request.path}/drop")


def page(form: Form, *, status: int = 200, drop_url: str = "") -> Response:
    """The form as it was posted, to look through and send."""
    filled = _filled(form, generate_csrf(), "ارسال فرم")
    return Response(render_template("auth/held.html", drop_url=drop_url, **filled), status)


def show_unsent(heading: str, reference: str) -> Response | None:
    """After a failure of ours: the form that was on its way, and a button; None for what is not a form to send again.

    It goes back with the token that it came with: a new one would ask the database, which may be what has failed.
    """
    token = request.form.get(FIELD, "")
    is_ours = request.method == "POST" and csrf.is_own_origin() and csrf.token_seed() is not None
    if not is_ours or wants_fragment() or any("password" in name for name in request.form):
        return None
    filled = _filled(_posted(), token, "ارسال دوباره")
    return Response(render_template("errors/unsent.html", heading=heading, reference=reference, **filled), 500)


def _filled(form: Form, token: str, send: str) -> dict[str, Any]:
    return {"held": form, "shown": labels.readable(form.fields), "token": token, "send": send}


def current_owner() -> Owner | None:
    user_id, person_id = guards.who()
    return Owner(user_id, person_id) if user_id or person_id else None


def _show_public_form() -> Response:
    """A visitor's page outlived its seed: nothing is kept, the form comes straight back with a fresh token."""
    if (request.blueprint or "") == "auth":
        return tell(go(addresses.own_path(_page_before()) or url_for("auth.sign_in")), "warn", STALE_SIGN_IN)
    if not (csrf.token_seed() or "").startswith("a.") or wants_fragment():
        return errors.page(400)
    return page(_posted(), status=400)


def _posted() -> Form:
    names = [(name, value) for name, value in request.form.items(multi=True) if _may_be_kept(name)]
    query = request.query_string.decode("ascii", "ignore")
    return Form(request.path + (f"?{query}" if query else ""), tuple(names), had_files=_has_files())


def _has_files() -> bool:
    """A browser sends a part for a file that nobody has chosen, too."""
    return any(file.filename for file in request.files.values())


def _may_be_kept(name: str) -> bool:
    return name != FIELD and "password" not in name


def _of_ended_session() -> Owner | None:
    token = cookies.read(cookies.TRAINEE if guards.side() == "trainee" else cookies.STAFF)
    return sessions.owner(token) if token else None


def _fits(owner: Owner) -> bool:
    """Whether the owner is of the side of the product that the form was sent to."""
    return (owner.person_id is not None) == (guards.side() == "trainee")


def _address(key: str | None) -> str:
    return url_for("trainee_account.held_form" if guards.side() == "trainee" else "staff_account.held_form", key=key)


def _page_before() -> str:
    """The page that the form was on."""
    referer = request.headers.get("Referer", "")
    _, found, path = referer.partition(request.host)
    return path if found else ""
