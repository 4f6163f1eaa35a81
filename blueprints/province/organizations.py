"""Organizations that ask for courses: list, one with its contracts and courses, and the results it is given."""

import re
from dataclasses import asdict
from typing import Any

from flask import Response, render_template, request, url_for

from blueprints import addresses, notices, workbooks
from blueprints.forms import tried
from blueprints.forms.organizations import AgreementForm, OrganizationForm, PaperForm
from blueprints.guards import me
from blueprints.htmx import go, render
from blueprints.province import bp
from models import Agreement, Organization
from services import organizations, submissions
from services.files.reasons import words
from services.late import LateSaving

CURSOR = f"([0-9]{{0,400}})_([0-9]{{1,{addresses.DIGITS}}})"


@bp.get("/organizations")
def organization_list() -> str:
    words, at = request.args.get("q", "")[:80], re.fullmatch(CURSOR, request.args.get("after", ""))
    rows, after = organizations.listing(me(), words, (at[1], int(at[2])) if at else None)
    next_url = url_for(".organization_list", q=words or None, after=f"{after[0]}_{after[1]}") if after else ""
    context = {"words": words, "next_url": next_url, "may_keep": organizations.may_keep(me())}
    return render_template("organizations/list.html", rows=rows, **context)


@bp.get("/organizations/new")
def organization_new() -> Response:
    organizations.keeper(me())
    return _edit(OrganizationForm(formdata=None, data={"form_key": submissions.new_key()}))


@bp.post("/organizations/new")
def organization_create() -> Response:
    organizations.keeper(me())
    form = OrganizationForm()
    if not form.validate():
        return _edit(form, 422)
    made = tried(form, lambda: organizations.create(me(), form.key(), form.values()))
    if made is None:
        return _edit(form, 422)
    said = notices.sent_before() if made[1] else "سازمان ثبت شد. قرارداد یا تفاهم‌نامهٔ آن را بیفزایید."
    return notices.tell(go(_url(made[0])), "" if made[1] else "ok", said)


@bp.get("/organizations/<int:organization_id>")
def organization_page(organization_id: int) -> Response:
    return _page(organization_id, AgreementForm(formdata=None, data={"form_key": submissions.new_key()}))


@bp.get("/organizations/<int:organization_id>/edit")
def organization_edit(organization_id: int) -> Response:
    row = organizations.get(me(), organization_id)
    organizations.keeper(me())
    return _edit(_filled(OrganizationForm, row, organizations.values_of(row)), row=row)


@bp.post("/organizations/<int:organization_id>/edit")
def organization_save(organization_id: int) -> Response:
    row, form = organizations.get(me(), organization_id), OrganizationForm()
    organizations.keeper(me())
    if not form.validate():
        return _edit(form, 422, row=row)
    version = addresses.version(form.version.data)
    try:
        done = tried(form, lambda: (organizations.edit(me(), organization_id, version, form.values()),))
    except LateSaving as stale:
        return _edit(_filled(OrganizationForm, stale.row, stale.merged), 409, row=stale.row, stale=stale)
    if done is None:
        return _edit(form, 422, row=row)
    said = notices.saved("سازمان", changed=done[0])
    return notices.tell(go(_url(organization_id)), "ok" if done[0] else "", said)


# -- Contracts ---------------------------------------------------------------------


@bp.post("/organizations/<int:organization_id>/agreements")
def agreement_add(organization_id: int) -> Response:
    form = AgreementForm()
    organizations.get(me(), organization_id)
    organizations.keeper(me())
    is_whole = form.validate()
    add = lambda: (organizations.add_agreement(me(), organization_id, form.key(), form.values()),)  # noqa: E731
    done = tried(form, add) if is_whole else None
    if done is None:
        return _page(organization_id, form, 422)
    said = (
        "قرارداد ثبت شد و مراکز استان آن را در دوره‌ها انتخاب می‌کنند. سندش را با «ویرایش» پیوست کنید."
        if done[0]
        else notices.sent_before()
    )
    return notices.tell(go(_url(organization_id)), "ok" if done[0] else "", said)


@bp.get("/agreements/<int:agreement_id>")
def agreement_page(agreement_id: int) -> Response:
    row = organizations.get_agreement(me(), agreement_id)
    organizations.keeper(me())
    return agreement_shown(row)


@bp.post("/agreements/<int:agreement_id>")
def agreement_save(agreement_id: int) -> Response:
    row, form = organizations.get_agreement(me(), agreement_id), AgreementForm()
    organizations.keeper(me())
    if not form.validate():
        return agreement_shown(row, form, 422)
    version = addresses.version(form.version.data)
    try:
        done = tried(form, lambda: (organizations.edit_agreement(me(), agreement_id, version, form.values()),))
    except LateSaving as stale:
        merged = _filled(AgreementForm, stale.row, stale.merged)
        return agreement_shown(organizations.get_agreement(me(), agreement_id), merged, 409, stale=stale)
    if done is None:
        return agreement_shown(row, form, 422)
    said = notices.saved("قرارداد", changed=done[0])
    return notices.tell(go(_url(row.organization_id)), "ok" if done[0] else "", said)


@bp.get("/agreements/<int:agreement_id>/results.xlsx")
def agreement_results(agreement_id: int) -> Response:
    row = organizations.agreement_of(me(), agreement_id)
    return workbooks.sent(f"results-{row.id}", lambda into: organizations.write(into, me(), row))


# -- Support -----------------------------------------------------------------------


def _url(organization_id: int) -> str:
    return url_for(".organization_page", organization_id=organization_id)


def _filled(kind: Any, row: Organization | Agreement, values: Any) -> Any:
    return kind(formdata=None, data=asdict(values) | {"version": row.version})


def _edit(
    form: OrganizationForm, status: int = 200, *, row: Organization | None = None, stale: LateSaving | None = None
) -> Response:
    context = {"form": form, "row": row, "stale": stale, "failed": status != 200}
    return Response(render_template("organizations/edit.html", **context), status)


def _page(organization_id: int, form: AgreementForm, status: int = 200) -> Response:
    row = organizations.get(me(), organization_id)
    contracts = organizations.of_organization(row.id)
    courses = organizations.courses_of([each.id for each in contracts])
    context = {"row": row, "contracts": contracts, "courses": courses, "may_keep": organizations.may_keep(me())}
    return Response(render_template("organizations/page.html", form=form, failed=status != 200, **context), status)


def agreement_shown(
    row: Agreement,
    form: AgreementForm | None = None,
    status: int = 200,
    *,
    stale: LateSaving | None = None,
    paper: PaperForm | None = None,
) -> Response:
    """The page of a contract; after a refusal with the form that was sent."""
    context = {
        "row": row,
        "form": form or _filled(AgreementForm, row, organizations.values_of_agreement(row)),
        "paper": paper or PaperForm(formdata=None).prepare(),
        "why_refused": words(row.document.refused_reason) if row.document else "",
        "stale": stale,
        "failed": status != 200,
    }
    return render("organizations/agreement.html", "organizations/_document.html", status, **context)
