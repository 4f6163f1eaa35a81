"""A sentence for the page after a redirect, carried by a signed cookie that the next page reads and clears."""

from collections.abc import Iterator

from flask import Flask, Response, current_app, g
from itsdangerous import BadData, URLSafeTimedSerializer

from blueprints.cookies import clear, put, read

COOKIE = "doreh_notice"
KEPT_S = 120


def init_app(app: Flask) -> None:
    app.context_processor(lambda: {"notices": Notices()})
    app.after_request(_clear_shown)


def tell(response: Response, kind: str, text: str) -> Response:
    """Show `text` on the next page; `kind` is a class of a notice: good, warn, bad or empty."""
    told = [*g.get("notices_told", []), (kind, text)]
    g.notices_told = told
    put(response, COOKIE, _signer().dumps(told), max_age=KEPT_S)
    return response


def sent_before(rest: str = "چیزی دوباره ثبت نشد") -> str:
    """What is told when a form comes a second time; `rest` is what did not happen again."""
    return f"این فرم پیش‌تر فرستاده شده بود. همان یک بار ثبت شد و {rest}."


def saved(what: str, *, changed: bool) -> str:
    """What is told when a form of changes is saved; without a change it says so."""
    return "تغییرها ذخیره شد." if changed else f"چیزی برای ذخیره نبود؛ {what} همین‌گونه ثبت است."


class Notices:
    """What was told; only a template that shows it clears it."""

    def __iter__(self) -> Iterator[tuple[str, str]]:
        g.notices_shown = True
        return iter(_told())


def _told() -> list[tuple[str, str]]:
    try:
        return [(kind, text) for kind, text in _signer().loads(read(COOKIE), max_age=KEPT_S)]
    except BadData:
        return []


def _clear_shown(response: Response) -> Response:
    if g.pop("notices_shown", False) and read(COOKIE) and not g.pop("notices_told", None):
        clear(response, COOKIE)
    return response


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="notice")
