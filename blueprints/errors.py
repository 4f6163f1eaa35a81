"""Every refusal and failure becomes a sentence, with a status, a reference and the next step."""

import logging
import secrets

from flask import Flask, Response, current_app, render_template, request
from werkzeug.exceptions import HTTPException

from blueprints import uploads
from blueprints.htmx import wants_fragment
from services import audit
from services.errors import DomainError, OutsideTerritory, TooMany
from services.text import persian_digits

log = logging.getLogger("doreh.errors")

SENTENCES = {
    400: ("این درخواست کامل نرسید", "به صفحهٔ پیش برگردید و دوباره بفرستید. نوشته‌های شما در فرم مانده است."),
    403: ("این بخش برای نقش شما نیست", "با کاربری وارد شوید که این نقش را دارد، یا از مدیر مرکز خود بخواهید."),
    404: ("این صفحه پیدا نشد", "نشانی را بررسی کنید یا از صفحهٔ نخست شروع کنید."),
    405: ("این نشانی به این شکل کار نمی‌کند", "از دکمه‌های خود صفحه استفاده کنید."),
    413: ("آنچه فرستادید بزرگ‌تر از حد مجاز است", "آن را کوچک کنید و دوباره بفرستید."),
    415: ("این نوع پرونده پذیرفته نمی‌شود", "نوع پرونده را عوض کنید و دوباره بفرستید."),
    429: ("تعداد درخواست‌ها زیاد بود", "کمی صبر کنید و دوباره امتحان کنید."),
    500: ("سامانه نتوانست این کار را انجام دهد", "چیزی نیمه‌کاره نماند. کمی بعد دوباره امتحان کنید."),
    503: ("سامانه برای چند لحظه در دسترس نیست", "چیزی از دست نرفته است. کمی بعد دوباره امتحان کنید."),
}


def init_app(app: Flask) -> None:
    app.register_error_handler(DomainError, show_domain_error)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(Exception, show_failure)


def show_domain_error(error: DomainError) -> Response:
    """A refused rule, in its own words; a look outside the territory is also written down."""
    if isinstance(error, OutsideTerritory):
        _record_outside(error)
    response = page(error.status, str(error))
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.seconds)
    return response


def show_http_error(error: HTTPException) -> Response:
    code = error.code or 500
    if error.response is not None and code < 400:
        return error.response  # type: ignore[return-value]
    return page(code, _too_large() if code == 413 else "")


def _too_large() -> str:
    """What is too large for this address, and how large it may be."""
    heading, step = SENTENCES[413]
    limit = persian_digits(uploads.most() // (1024 * 1024))
    return f"{heading}. حداکثر حجم {limit} مگابایت است. {step}"


def show_failure(error: Exception) -> Response:
    """A failure of ours: the reference in the log line is the one on the screen; the log has no form values.

    A form that was on its way stands on the page, so that nothing has to be typed again.
    """
    from blueprints.held import show_unsent

    reference = secrets.token_hex(4).upper()
    log.error("failure %s at %s", reference, request.endpoint, exc_info=error)
    if current_app.config["TESTING"] and current_app.config.get("PROPAGATE_FAILURES"):
        raise error
    return show_unsent(SENTENCES[500][0], reference) or page(500, reference=reference)


def page(status: int, message: str = "", *, reference: str = "") -> Response:
    heading, step = SENTENCES.get(status, ("این کار انجام نشد", "آنچه در پیام آمده است را درست کنید و دوباره بفرستید."))
    if message:
        heading, _, step = message.partition(". ")
        heading = heading.removesuffix(".")
    template = "shared/_alert.html" if wants_fragment() else "errors/page.html"
    html = render_template(template, status=status, heading=heading, step=step, reference=reference, message=heading)
    response = Response(html, status)
    if wants_fragment():
        response.headers["HX-Retarget"] = "#alerts"
        response.headers["HX-Reswap"] = "innerHTML"
    response.vary.add("HX-Request")
    return response


def _record_outside(error: OutsideTerritory) -> None:
    from blueprints.guards import who

    staff, trainee = who()
    audit.record(
        "outside_territory",
        error.subject,
        error.subject_id,
        actor_id=staff,
        actor_person_id=trainee,
        endpoint=request.endpoint,
    )
