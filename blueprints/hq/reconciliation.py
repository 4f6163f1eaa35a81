"""The comparison with the banks: the days, the differences of one, its closing, and the report that is signed."""

from datetime import date, timedelta
from typing import Any

from flask import Response, g, render_template, request, url_for

from blueprints import addresses, notices, workbooks
from blueprints.forms import tried
from blueprints.forms.reconciliation import ClosingForm, ExplainForm
from blueprints.guards import me
from blueprints.hq import bp
from blueprints.htmx import go
from models import Outcome
from services import policy
from services.payments import banks
from services.reconciliation import reading, report, settling, sheets, wording
from services.reconciliation.reading import Day
from services.text import persian_digits

PAGE = 50
PATH = "/reconciliation/<gateway>/<day>"


@bp.get("/reconciliation")
def reconciliation() -> str:
    reading.require(me())
    until = _until(request.args.get("until", ""))
    older, newer = until - timedelta(days=reading.DAYS), until + timedelta(days=reading.DAYS)
    context: dict[str, Any] = {"rows": reading.days(until, banks.codes()), "until": until, "since": older}
    context["next_url"] = url_for(".reconciliation", until=older.isoformat())
    context["prev_url"] = url_for(".reconciliation", until=newer.isoformat()) if until < policy.today() else ""
    codes = banks.codes() or list(sheets.TITLES)
    context["forms"] = [(form.title, form.code) for code, form in sheets.FORMS.items() if code in codes]
    return render_template("hq/reconciliation/list.html", **context)


@bp.get(PATH)
def reconciliation_day(gateway: str, day: str) -> Response:
    return _page(_found(gateway, day), ExplainForm(formdata=None), ClosingForm(formdata=None))


@bp.post(PATH)
def reconciliation_settle(gateway: str, day: str) -> Response:
    """Explains the ticked differences, or has the bank asked about them."""
    reading.require(me())
    bank, on_day = reading.place(gateway, day)
    form, asks = ExplainForm(), request.form.get("do") == "ask"
    keys, note = set(form.difference.data or ()), form.note.data or ""

    def act() -> tuple[int]:
        if asks:
            return (settling.ask(me(), bank, on_day, keys),)
        return (settling.settle(me(), bank, on_day, keys, note),)

    done = tried(form, act) if form.is_whole(explains=not asks) else None
    if done is None:
        return _page(_found(gateway, day), form, ClosingForm(formdata=None), 422)
    answer = go(url_for(".reconciliation_day", gateway=gateway, day=day, kind=request.args.get("kind")))
    return notices.tell(answer, "ok" if done[0] else "", _said(done[0], asks=asks))


@bp.post(f"{PATH}/none")
def reconciliation_nothing(gateway: str, day: str) -> Response:
    settling.nothing(me(), *reading.place(gateway, day))
    return notices.tell(go(url_for(".reconciliation_day", gateway=gateway, day=day)), "ok", "نوشته شد.")


@bp.post(f"{PATH}/close")
def reconciliation_close(gateway: str, day: str) -> Response:
    reading.require(me())
    bank, on_day = reading.place(gateway, day)
    form = ClosingForm()
    if not form.validate():
        return _page(_found(gateway, day), ExplainForm(formdata=None), form, 422)
    done = settling.close(me(), bank, on_day, form.seen.data or "", form.note.data or "")
    said = "روز بسته شد. گزارش آن را چاپ و امضا کنید." if done else "این روز را خود شما پیش‌تر بسته‌اید."
    return notices.tell(go(url_for(".reconciliation_day", gateway=gateway, day=day)), "ok" if done else "", said)


@bp.get(f"{PATH}/print")
def reconciliation_print(gateway: str, day: str) -> str:
    return render_template("hq/reconciliation/print.html", found=_found(gateway, day), words=wording)


@bp.get(f"{PATH}/sheet")
def reconciliation_sheet(gateway: str, day: str) -> Response:
    found = _found(gateway, day)
    return workbooks.sent(f"{gateway}-{day}", lambda into: report.write(into, found))


# -- Support -----------------------------------------------------------------------


def _found(gateway: str, day: str) -> Day:
    reading.require(me())
    return reading.one(*reading.place(gateway, day))


def _until(raw: str) -> date:
    """The last day of the list; today where the address has none that makes sense."""
    today = policy.today()
    try:
        wanted = date.fromisoformat(raw)
    except ValueError:
        return today
    return wanted if date(2020, 1, 1) <= wanted <= today else today


def _page(found: Day, form: ExplainForm, closing: ClosingForm, status: int = 200) -> Response:
    g.section = sheets.HOME
    kinds, wanted = list(found.by_kind), request.args.get("kind", "")
    kind = Outcome(wanted) if wanted in kinds else next(iter(kinds), None)
    here: dict[str, Any] = {"gateway": found.gateway, "day": found.day.isoformat()}
    rows, first = (found.by_kind[kind] if kind else []), addresses.number(request.args.get("start"), 6) or 0
    context: dict[str, Any] = {"found": found, "kind": kind, "rows": rows[first : first + PAGE], "here": here}
    context["tabs"] = [
        (
            f"{wording.KINDS[each].title} {persian_digits(len(some))}",
            url_for(".reconciliation_day", **here, kind=each),
            each is kind,
        )
        for each, some in found.by_kind.items()
    ]
    more = first + PAGE < len(rows)
    context["next_url"] = url_for(".reconciliation_day", **here, kind=kind, start=first + PAGE) if more else ""
    if not closing.is_submitted():
        closing.seen.data = found.seen
    context |= {"form": form, "closing": closing, "is_own": settling.is_own_work(me(), found), "words": wording}
    context["import_code"] = sheets.code_of(found.gateway)
    return Response(render_template("hq/reconciliation/day.html", **context), status)


def _said(count: int, *, asks: bool) -> str:
    if asks:
        told = f"از بانک دربارهٔ {persian_digits(count)} پرداخت دوباره پرسیده می‌شود؛ صفحه را کمی بعد تازه کنید."
        return told if count else "این پرداخت‌ها در این میان پایان یافته‌اند؛ صفحه را ببینید."
    return f"توضیح {persian_digits(count)} مغایرت نوشته شد." if count else notices.sent_before()
