"""Our cookies: every one is HttpOnly and SameSite=Lax, and tied to this host alone when the site is served by https."""

from typing import Any

from flask import Response, current_app, request

STAFF = "doreh_staff"
TRAINEE = "doreh_trainee"


def name(plain: str) -> str:
    """The name as the browser keeps it."""
    return f"__Host-{plain}" if _is_https() else plain


def read(plain: str) -> str:
    return request.cookies.get(name(plain), "")


def put(response: Response, plain: str, value: str, *, max_age: int | None = None) -> None:
    """Set a cookie; without `max_age` it goes when the browser is closed."""
    response.set_cookie(name(plain), value, max_age=max_age, **_flags())


def clear(response: Response, plain: str) -> None:
    response.delete_cookie(name(plain), **_flags())


def _flags() -> dict[str, Any]:
    return {"path": "/", "secure": _is_https(), "httponly": True, "samesite": "Lax"}


def _is_https() -> bool:
    return str(current_app.config["BASE_URL"]).startswith("https://")
