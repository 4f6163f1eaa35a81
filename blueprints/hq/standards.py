"""The catalog of standards: looking, taking out of use, and what each asks for; sheets come through `imports`."""

import re

from flask import Response, render_template, request, url_for

from blueprints import addresses, notices
from blueprints.forms.standards import RequirementForm, RetireForm
from blueprints.guards import me
from blueprints.hq import bp
from blueprints.htmx import go
from services import standards
from services.errors import DomainError
from services.instructors import rules
from services.standards import requirements, tariff_sheet
from services.standards.requirements import StaleItem

CURSOR = f"([0-9]{{0,400}})_([0-9]{{1,{addresses.DIGITS}}})"  # sort key and id of a standard
TABS = {"used": "در حال استفاده", "retired": "از رده خارج", "all": "همه"}


@bp.get("/standards")
def standard_list() -> str:
    words, tab = request.args.get("q", "")[:80], request.args.get("tab", "used")
    tab = tab if tab in TABS else "used"
    at = re.fullmatch(CURSOR, request.args.get("after", ""))
    page = standards.listing(tab, words, (at[1], int(at[2])) if at else None)
    tabs = [(label, url_for(".standard_list", tab=name, q=words or None), name == tab) for name, label in TABS.items()]
    following = f"{page.after[0]}_{page.after[1]}" if page.after else ""
    context = {"page": page, "tabs": tabs, "words": words, "forms": standards.FORMS, "keeps": standards.may_keep(me())}
    context["next_url"] = url_for(".standard_list", tab=tab, q=words or None, after=following) if following else ""
    return render_template("hq/standards/list.html", **context)


@bp.get("/standards/<int:standard_id>")
def standard_page(standard_id: int) -> Response:
    return _page(standard_id, RetireForm(formdata=None))


@bp.post("/standards/<int:standard_id>/retire")
def standard_retire(standard_id: int) -> Response:
    form = RetireForm()
    try:
        done = standards.retire(me(), standard_id, form.reason.data or "", form.replacement.data or "")
    except DomainError as error:
        if error.field not in form:
            raise
        form[error.field].errors = [str(error)]
        return _page(standard_id, form, 422)
    said = "استاندارد از رده خارج شد. دوره‌های پیشین همان‌گونه می‌مانند." if done else "پیش‌تر از رده خارج شده بود."
    return _back(standard_id, said, is_done=done)


@bp.post("/standards/<int:standard_id>/back")
def standard_back(standard_id: int) -> Response:
    done = standards.bring_back(me(), standard_id)
    return _back(standard_id, "استاندارد به رده برگشت." if done else "در حال استفاده بود.", is_done=done)


# -- What a standard asks for ------------------------------------------------------


@bp.get("/standards/<int:standard_id>/requirements")
def requirement_list(standard_id: int) -> Response:
    form, wanted = RequirementForm(formdata=None), addresses.number(request.args.get("edit"))
    return _requirements(standard_id, form, wanted=wanted)


@bp.post("/standards/<int:standard_id>/requirements")
def requirement_save(standard_id: int) -> Response:
    form = RequirementForm()
    if not form.validate():
        return _requirements(standard_id, form, 422)
    try:
        if form.row_id:
            done = requirements.change(me(), standard_id, form.row_id, form.seen(), form.values())
        else:
            done = requirements.add(me(), standard_id, form.values())
    except StaleItem as stale:
        form = RequirementForm(formdata=None)
        form.fill(addresses.number(request.form["requirement"]) or 0, stale.merged, stale.stored)
        return _requirements(standard_id, form, 409, stale=stale)
    except DomainError as error:
        if error.field not in form:
            raise
        form[error.field].errors = [str(error)]
        return _requirements(standard_id, form, 422)
    return _listed(standard_id, "قلم ذخیره شد." if done else "این قلم همین‌گونه ثبت است.", is_done=done)


@bp.post("/standards/<int:standard_id>/requirements/<int:requirement_id>/remove")
def requirement_remove(standard_id: int, requirement_id: int) -> Response:
    seen = RequirementForm().seen()
    done = requirements.remove(me(), standard_id, requirement_id, seen)
    return _listed(standard_id, "قلم برداشته شد." if done else "این قلم پیش‌تر برداشته شده بود.", is_done=done)


# -- Support -----------------------------------------------------------------------


def _page(standard_id: int, form: RetireForm, status: int = 200) -> Response:
    context = {
        "whole": standards.get(standard_id),
        "items": requirements.of_standard(standard_id),
        "tariffs": tariff_sheet.of_standard(standard_id),
        "history": standards.history(standard_id),
        "keeps": standards.may_keep(me()),
        "basis": requirements.basis,
        "ways": [rules.said(way) for way in rules.of_standard(standard_id)],
        "form": form,
    }
    return Response(render_template("hq/standards/page.html", **context), status)


def _requirements(
    standard_id: int,
    form: RequirementForm,
    status: int = 200,
    *,
    wanted: int | None = None,
    stale: StaleItem | None = None,
) -> Response:
    whole, items = standards.get(standard_id), requirements.of_standard(standard_id)
    chosen = next((item for item in items if item.id == wanted), None)
    if chosen:
        form.fill(chosen.id, requirements.by_hand(chosen), requirements.by_hand(chosen))
    context = {"row": whole.row, "items": items, "form": form, "basis": requirements.basis, "stale": stale}
    context["keeps"] = standards.may_keep(me())
    return Response(render_template("hq/standards/requirements.html", **context), status)


def _listed(standard_id: int, said: str, *, is_done: bool) -> Response:
    answer = go(url_for(".requirement_list", standard_id=standard_id))
    return notices.tell(answer, "ok" if is_done else "", said)


def _back(standard_id: int, said: str, *, is_done: bool) -> Response:
    return notices.tell(go(url_for(".standard_page", standard_id=standard_id)), "ok" if is_done else "", said)
