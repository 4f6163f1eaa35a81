"""Names and facts over which two sources disagree: the same pages for a center's manager and a province's reviewer."""

from flask import Blueprint, Response, render_template, request, url_for

from blueprints import addresses, notices
from blueprints.forms.discrepancies import SettleForm
from blueprints.guards import me
from blueprints.htmx import go
from services import discrepancies, labels
from services.discrepancies import Case
from services.errors import DomainError


def register(bp: Blueprint) -> None:
    """Add the pages to a role's blueprint."""
    bp.add_url_rule("/discrepancies", view_func=discrepancy_list)
    bp.add_url_rule("/discrepancies/<int:discrepancy_id>", view_func=discrepancy_case)
    bp.add_url_rule("/discrepancies/<int:discrepancy_id>", view_func=discrepancy_settle, methods=["POST"])


def discrepancy_list() -> str:
    page = discrepancies.listing(me(), addresses.number(request.args.get("after")) or 0)
    return render_template("shared/discrepancies/list.html", page=page, said=discrepancies.said, labels=labels)


def discrepancy_case(discrepancy_id: int) -> str:
    return _page(discrepancies.case(me(), discrepancy_id), SettleForm(formdata=None))


def discrepancy_settle(discrepancy_id: int) -> Response:
    form = SettleForm()
    if form.validate():
        try:
            discrepancies.settle(me(), discrepancy_id, form.chosen.data, form.reason.data)
        except DomainError as refused:
            if refused.field is None:
                raise
            form[refused.field].errors = [str(refused)]
        else:
            return notices.tell(go(url_for(".discrepancy_list")), "ok", "مغایرت بررسی شد و پروندهٔ شخص به‌روز شد.")
    return Response(_page(discrepancies.case(me(), discrepancy_id), form), 422)


def _page(case: Case, form: SettleForm) -> str:
    sides = {side: discrepancies.said(case.row, side) for side in (discrepancies.OFFICIAL, discrepancies.OURS)}
    form.offer(case.row.field, labels.SOURCE[case.row.source], sides)
    return render_template("shared/discrepancies/case.html", case=case, form=form, sides=sides, labels=labels)
