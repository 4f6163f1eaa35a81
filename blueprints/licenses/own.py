"""The licenses of somebody's academies: written, completed with trades and papers, sent, taken back and renewed."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, render_template, request, url_for

from blueprints import addresses, notices, routes, uploads
from blueprints.forms import tried
from blueprints.forms.licenses import FIELD_OF, LicenseForm, PaperForm, renewed, said, shown
from blueprints.guards import me
from blueprints.htmx import go
from blueprints.licenses.page import SENT_BEFORE, back, show
from models import License
from services import labels, licenses, standards
from services.errors import Conflict, DomainError, NotAllowed
from services.late import LateSaving
from services.licenses import papers, wording

CURSOR = f"([0-9]{{0,400}})_([0-9]{{1,{addresses.DIGITS}}})"  # sort key and id of a standard
MADE = "پیش‌نویس ساخته شد. رشته‌ها و تصویر پروانه را بیفزایید، سپس برای استان بفرستید."
SENT, SENT_EARLIER = "پروانه برای استان فرستاده شد.", "این پروانه پیش‌تر فرستاده شده بود. چیزی دوباره فرستاده نشد."


def license_home() -> str:
    found, academies = licenses.of_own(me()), licenses.own_academies(me())
    begun = {row.unit_id: row.state for row in found if row.state in ("draft", "waiting", "rejected")}
    makes = any(unit.id not in begun for unit in academies)
    return render_template("licenses/home.html", found=found, begun=begun, makes=makes, wording=wording)


def license_new() -> Response:
    academies = licenses.own_academies(me())
    if not academies and request.method == "GET":
        return go(url_for(".license_home"))
    if not academies:
        raise NotAllowed("پروانه برای آموزشگاه آزاد است و آن را کارشناس یا مدیر همان آموزشگاه می‌نویسد.")
    form = LicenseForm().of_new(academies)
    if not form.is_submitted():
        former = licenses.counting(academies[0].id) if len(academies) == 1 else None
        form = _renewal(former, academies) if former else form
        return _new_page(form)
    unit_id = form.unit.data if "unit" in form else academies[0].id
    made = None
    if form.validate():
        made = _tried(form, lambda: licenses.create(me(), form.key(), unit_id or 0, said(form)))
    if made is None:
        return _new_page(form, 422)
    return back(made.license.id, SENT_BEFORE if made.repeated else MADE, is_done=not made.repeated)


def license_edit(license_id: int) -> Response:
    row = licenses.get(me(), license_id)
    if not licenses.may_write(me(), row):
        return go(url_for(".license_page", license_id=license_id))
    return _edit_page(row, _filled(row, licenses.values_of(row)))


def license_save(license_id: int) -> Response:
    row = _to_write(license_id)
    form = LicenseForm().of_old()
    version = addresses.version(form.version.data)
    if not form.validate():
        return _edit_page(row, form, 422)
    try:
        changed = _tried(form, lambda: (licenses.save(me(), license_id, version, said(form)),))
    except LateSaving as stale:
        return _edit_page(stale.row, _filled(stale.row, stale.merged), 409, stale)
    if changed is None:
        return _edit_page(row, form, 422)
    told = "تغییرها ذخیره شد." if changed[0] else "چیزی برای ذخیره نبود؛ پروانه همین‌گونه ثبت است."
    return back(license_id, told, is_done=changed[0])


def license_trades(license_id: int) -> Response:
    row = licenses.get(me(), license_id)
    if not licenses.may_write(me(), row):
        return go(url_for(".license_page", license_id=license_id))
    asked, at = request.args.get("q", "")[:80], re.fullmatch(CURSOR, request.args.get("after", ""))
    found = standards.search(asked, after=(at[1], int(at[2])) if at else None) if asked else []
    last = found[24] if len(found) > 25 else None
    next_after = f"{last.title_sort}_{last.id}" if last else ""
    context = {"row": row, "words": asked, "found": found[:25], "next_after": next_after, "labels": labels}
    return Response(render_template("licenses/trades.html", **context))


def license_trade_add(license_id: int) -> Response:
    field_id, standard_id = (addresses.number(request.form.get(name)) for name in ("field", "standard"))
    done = licenses.add_trade(me(), license_id, field_id=field_id, standard_id=standard_id)
    url = url_for(".license_trades", license_id=license_id, q=request.form.get("q", "")[:80] or None)
    return notices.tell(go(url), "ok" if done else "", "افزوده شد." if done else "این مورد پیش‌تر افزوده شده بود.")


def license_trade_remove(license_id: int, trade_id: int) -> Response:
    done = licenses.remove_trade(me(), license_id, trade_id)
    url = url_for(".license_trades", license_id=license_id)
    return notices.tell(go(url), "ok" if done else "", "برداشته شد." if done else "این مورد پیش‌تر برداشته شده بود.")


@uploads.accepts_file
def license_file(license_id: int) -> Response:
    row, form = _to_write(license_id), PaperForm().prepare()
    taken = tried(form, lambda: uploads.take(me(), papers.place_of(papers.require_writable(me(), license_id))))
    if taken is None:
        return show(row, 422, paper=form)
    return back(license_id, "پرونده رسید و پس از بررسی نشان داده می‌شود.", is_done=True)


def license_file_remove(license_id: int, key: str) -> Response:
    done = papers.remove(me(), license_id, key)
    return back(license_id, "پرونده برداشته شد." if done else "این پرونده پیش‌تر برداشته شده بود.", is_done=done)


def license_send(license_id: int) -> Response:
    version = addresses.version(request.form.get("version"))
    try:
        done = licenses.send(me(), license_id, version)
    except DomainError as refused:
        if refused.status not in (409, 422):
            raise
        return show(licenses.get(me(), license_id), refused.status, refused=refused)
    return back(license_id, SENT if done else SENT_EARLIER, is_done=done)


def license_recall(license_id: int) -> Response:
    done = licenses.recall(me(), license_id)
    told = "پس گرفته شد؛ اکنون می‌توانید آن را ویرایش کنید." if done else "این پروانه دیگر در انتظار استان نیست."
    return back(license_id, told, is_done=done)


# -- Support -----------------------------------------------------------------------


def _to_write(license_id: int) -> License:
    """The license, for those who write it: others are told so before their form is read."""
    row = licenses.get(me(), license_id)
    if not licenses.keeps(me(), row):
        raise NotAllowed("پروانه را کارشناس یا مدیر همان آموزشگاه می‌نویسد. چیزی ثبت نشد.")
    return row


def _tried(form: LicenseForm, act: Callable[[], Any]) -> Any:
    """As `tried`, and with the words of an open license told at the top instead of on a page of their own."""
    try:
        return act()
    except LateSaving:
        raise
    except DomainError as error:
        field = FIELD_OF.get(error.field or "", error.field or "number")
        if error.status not in (409, 422) or (error.field is None and not isinstance(error, Conflict)):
            raise
        form[field if field in form else "number"].errors = [str(error)]
        return None


def _renewal(former: License, academies: Sequence[Any]) -> LicenseForm:
    return LicenseForm(formdata=None, data=renewed(former, licenses.person)).of_new(academies)


def _filled(row: License, values: Any) -> LicenseForm:
    founder = licenses.person(values.founder_person_id) if values.founder_person_id else None
    data = shown(values, founder, licenses.person(values.manager_id), row.version)
    return LicenseForm(formdata=None, data=data).of_old()


def _new_page(form: LicenseForm, status: int = 200) -> Response:
    return Response(render_template("licenses/new.html", form=form, failed=status != 200), status)


def _edit_page(row: License, form: LicenseForm, status: int = 200, stale: LateSaving | None = None) -> Response:
    context = {"row": row, "form": form, "stale": stale, "failed": status != 200}
    return Response(render_template("licenses/edit.html", **context), status)


ROUTES: tuple[routes.Route, ...] = (
    ("", license_home, ("GET",)),
    ("/new", license_new, ("GET", "POST")),
    ("/<int:license_id>/edit", license_edit, ("GET",)),
    ("/<int:license_id>/edit", license_save, ("POST",)),
    ("/<int:license_id>/trades", license_trades, ("GET",)),
    ("/<int:license_id>/trades", license_trade_add, ("POST",)),
    ("/<int:license_id>/trades/<int:trade_id>/remove", license_trade_remove, ("POST",)),
    ("/<int:license_id>/files", license_file, ("POST",)),
    ("/<int:license_id>/files/<key>/remove", license_file_remove, ("POST",)),
    ("/<int:license_id>/send", license_send, ("POST",)),
    ("/<int:license_id>/recall", license_recall, ("POST",)),
)
