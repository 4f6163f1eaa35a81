"""Payments as the operators see them: how many stand where, what happened to each, and having a bank asked again."""

from flask import Response, current_app, render_template, request, url_for

from blueprints import addresses, notices
from blueprints.forms.exchange import ExchangeForm
from blueprints.guards import me
from blueprints.htmx import go
from blueprints.ops import bp
from models import utcnow
from services import jalali, standing
from services.payments import banks, overview, rechecking, wording


@bp.get("/exchange")
def exchange() -> str:
    form = ExchangeForm.asked(banks.codes())
    wanted = form.wanted()
    day = wanted.day or jalali.tehran_today(utcnow())
    rows, before = overview.listing(wanted, addresses.number(request.args.get("before")))
    return render_template(
        "ops/exchange.html",
        form=form,
        wanted=wanted,
        day=day,
        tallies=overview.tallies(day, banks.codes()),
        rows=rows,
        next_url=url_for(".exchange", **form.address(), before=before) if before else "",
        states=overview.ENDED,
        heads=["درگاه", *((word, "num") for word in _columns())],
        down=[each for each in standing.systems(current_app.config) if _is_out(each)],
        words=wording,
    )


def _is_out(system: standing.Standing) -> bool:
    return system.fact.code in wording.TITLES and system.fact.health == "down"


def _columns() -> list[str]:
    return ["باز اکنون", *(wording.STATES[state][0] for state in overview.ENDED), "پول"]


@bp.get("/exchange/<int:payment_id>")
def payment(payment_id: int) -> str:
    return render_template("ops/payment.html", story=overview.story(payment_id), words=wording)


@bp.post("/exchange/<int:payment_id>/ask")
def payment_ask(payment_id: int) -> Response:
    rechecking.again(me().user_id, payment_id)
    return notices.tell(
        go(url_for(".payment", payment_id=payment_id)),
        "ok",
        "از بانک دوباره پرسیده می‌شود؛ پاسخ در رویدادهای همین صفحه می‌آید.",
    )
