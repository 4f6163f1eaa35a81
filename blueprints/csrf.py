"""Every change comes from a form of ours: a token bound to its user, and an Origin that is this host."""

from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from itsdangerous import BadData, URLSafeTimedSerializer

from blueprints import guards, session_interface
from services.sessions import Owner

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
# A bank sends the payer's browser here with a form of its own; nothing that comes so is believed.
FROM_OUTSIDE = frozenset({"payments.callback"})
protection = CSRFProtect()


def init_app(app: Flask) -> None:
    app.config.update(WTF_CSRF_CHECK_DEFAULT=False, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    protection.init_app(app)
    app.before_request(check)
    app.register_error_handler(CSRFError, show_refusal)


def check() -> None:
    """Refuse a change that no form of ours asked for. Without a session the blueprint's guard keeps the form."""
    if request.method in SAFE or request.endpoint is None or request.endpoint in FROM_OUTSIDE:
        return
    if not is_own_origin():
        abort(400)
    if guards.side() == "public" or any(guards.who()):
        protection.protect()


def is_own_origin() -> bool:
    """Whether Origin (else Referer), when the browser sent one, is this host; `null` is a stranger."""
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    if not origin:
        return True
    base = urlsplit(current_app.config["BASE_URL"])
    return urlsplit(origin).netloc in {request.host, base.netloc}


def token_owner() -> Owner | None:
    """Whose form this is by its own token; None for visitors' forms and for tokens that are not ours."""
    kind, _, rest = (token_seed() or "").partition(".")
    number = rest.partition(".")[0]
    if kind not in ("s", "t") or not number.isdigit():
        return None
    return Owner(int(number), None) if kind == "s" else Owner(None, int(number))


def token_seed() -> str | None:
    """The seed in the token of this request, when the token is signed by us."""
    raw = request.form.get(session_interface.FIELD) or request.headers.get("X-CSRFToken", "")
    signer = URLSafeTimedSerializer(current_app.secret_key or "", salt="wtf-csrf-token")
    try:
        seed = signer.loads(raw)
    except BadData:
        return None
    return seed if isinstance(seed, str) else None


def show_refusal(error: CSRFError) -> Response:
    """The form is not this user's: it is kept for its own user, or shown again where it is a visitor's."""
    from blueprints.held import show_foreign_form

    return show_foreign_form()
