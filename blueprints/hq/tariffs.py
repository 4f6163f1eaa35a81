"""Tariffs: the rows of each fee, a new one with its effect, the end of one, and what enrollments would have paid."""

from typing import Any

from flask import Response, render_template, request, url_for

from blueprints import addresses, notices
from blueprints.forms import tried
from blueprints.forms.tariffs import EndForm, SavedTariff, SimulationForm, TariffForm
from blueprints.guards import me
from blueprints.hq import bp
from blueprints.htmx import go
from services import policy, tariffs
from services.errors import Conflict
from services.tariffs import decile_sheet, keeping, reading, simulating, wording
from services.tariffs.reading import State
from services.text import persian_digits

PAGE = 25
TABS = {"now": ("برقرار", (State.NOW, State.RESTING)), "coming": ("از روزی دیگر", (State.COMING,)),
        "past": ("گذشته", (State.PAST,))}  # fmt: skip


@bp.get("/tariffs")
def tariff_list() -> str:
    fee, tab = request.args.get("fee", ""), request.args.get("tab", "")
    fee, tab = fee if fee in wording.FEES else tariffs.ENROLL_CREDIT, tab if tab in TABS else "now"
    found, first = reading.rows(fee), addresses.number(request.args.get("start")) or 0
    rows = found.of(*TABS[tab][1])
    context: dict[str, Any] = {"found": found, "fee": fee, "tab": tab, "rows": rows[first : first + PAGE]}
    context["tabs"] = [
        (f"{label} ({persian_digits(len(found.of(*states)))})", url_for(".tariff_list", fee=fee, tab=name), name == tab)
        for name, (label, states) in TABS.items()
    ]
    context["fees"] = [(label, url_for(".tariff_list", fee=name), name == fee) for name, label in wording.FEES.items()]
    more = first + PAGE < len(rows)
    context["next_url"] = url_for(".tariff_list", fee=fee, tab=tab, start=first + PAGE) if more else ""
    context |= {"words": wording, "form_code": decile_sheet.FORM.code, "keeps": keeping.may_keep(me())}
    return render_template("hq/tariffs/list.html", past=reading.history(found.groups), **context)


@bp.get("/tariffs/new")
def tariff_new() -> Response:
    """The row in the address with what it would change; nothing is written here."""
    form, groups = TariffForm(request.args), reading.titles()
    form.offer(groups)
    is_asked = form.amount.raw_data or form.valid_from.raw_data
    wanted = form.values() if is_asked and form.validate() else None
    seen = tried(form, lambda: _preview(wanted)) if wanted else None
    context = {"groups": groups, "words": wording, "keeps": keeping.may_keep(me()), "days": simulating.PREVIEW_DAYS}
    context |= {"seen": seen, "wanted": wanted, "hidden": SavedTariff.shown(wanted) if wanted else {}}
    return Response(render_template("hq/tariffs/new.html", form=form, **context), 422 if form.errors else 200)


def _preview(wanted: keeping.NewTariff) -> simulating.Effect:
    keeping.check(wanted)
    return simulating.of_adding(wanted)


@bp.post("/tariffs")
def tariff_save() -> Response:
    wanted = SavedTariff().values()
    done = keeping.add(me(), wanted)
    tab = "coming" if wanted and wanted.valid_from > policy.today() else "now"
    answer = go(url_for(".tariff_list", fee=wanted and wanted.fee_kind, tab=tab))
    return _told(answer, "تعرفه نوشته شد." if done else "همین تعرفه نوشته شده است.", is_done=done)


@bp.get("/tariffs/<int:tariff_id>")
def tariff_page(tariff_id: int) -> Response:
    return _page(tariff_id, EndForm(formdata=None))


@bp.post("/tariffs/<int:tariff_id>/end")
def tariff_end(tariff_id: int) -> Response:
    form = EndForm()
    if not form.validate():
        return _page(tariff_id, form, 422)
    version = addresses.number(form.version.data) or 0
    try:
        done = tried(form, lambda: (keeping.end(me(), tariff_id, version, form.valid_to.data),))
    except Conflict as late:
        return _page(tariff_id, form, 409, late=str(late))
    if done is None:
        return _page(tariff_id, form, 422)
    answer = go(url_for(".tariff_page", tariff_id=tariff_id))
    return _told(answer, "آخرین روز نوشته شد." if done[0] else "همین روز نوشته شده است.", is_done=done[0])


@bp.post("/tariffs/<int:tariff_id>/remove")
def tariff_remove(tariff_id: int) -> Response:
    done = keeping.remove(me(), tariff_id)
    said = "تعرفه برداشته شد." if done else "این تعرفه پیش‌تر برداشته شده بود."
    return _told(go(url_for(".tariff_list", tab="coming")), said, is_done=done)


@bp.get("/tariffs/simulation")
def tariff_simulation() -> Response:
    form, groups = SimulationForm.asked(), reading.titles()
    form.offer(groups)
    found = None
    if form.validate() and all(form.named().values()):
        found = tried(form, lambda: simulating.simulate(**form.named(), draft=form.draft()))
    context = {"found": found, "groups": groups, "words": wording, "draft": found and form.draft()}
    return Response(render_template("hq/tariffs/simulation.html", form=form, **context), 422 if form.errors else 200)


# -- Support -----------------------------------------------------------------------


def _page(tariff_id: int, form: EndForm, status: int = 200, *, late: str = "") -> Response:
    found = reading.rows(reading.fee_of(tariff_id))
    row, today = found.row(tariff_id), policy.today()
    form.version.data = str(row.line.version)
    is_over = row.line.valid_to is not None and row.line.valid_to < today
    context: dict[str, Any] = {"row": row, "late": late, "is_over": is_over, "groups": found.groups, "words": wording}
    if row.state is not State.PAST:
        context["seen"] = simulating.of_ending(found.book, row.line, max(today, row.line.valid_from))
        context["after"] = reading.after(found.book, row.line, max(today, row.line.valid_from))
    context |= {"keeps": keeping.may_keep(me()), "days": simulating.PREVIEW_DAYS}
    past = reading.history(found.groups, tariff_id)
    return Response(render_template("hq/tariffs/page.html", form=form, past=past, **context), status)


def _told(answer: Response, said: str, *, is_done: bool) -> Response:
    return notices.tell(answer, "ok" if is_done else "", said)
