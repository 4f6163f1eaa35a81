"""The page of one license, whole: for its academy, its province and HQ; and the visits that a province writes there."""

from typing import Any

from flask import Response, request, url_for

from blueprints import notices, routes, uploads
from blueprints.forms import tried
from blueprints.forms.licenses import DecisionForm, PaperForm, VisitForm
from blueprints.guards import me
from blueprints.htmx import go, render
from models import License, StoredFile
from services import files, labels, licenses, people
from services.errors import DomainError, NotAllowed
from services.files.reasons import words
from services.licenses import cases, papers, wording

SENT_BEFORE = "این فرم پیش‌تر فرستاده شده بود. همان یک بار ثبت شد و چیزی دوباره ثبت نشد."


def license_page(license_id: int) -> Response:
    return show(licenses.get(me(), license_id))


@uploads.accepts_file
def license_visit(license_id: int) -> Response:
    row, form = licenses.get(me(), license_id), VisitForm().prepare()
    if not licenses.may_decide(me(), row):
        raise NotAllowed("بازدید را بررس همان استان ثبت می‌کند. چیزی ثبت نشد.")
    done = tried(form, lambda: _visited(row, form)) if form.validate() else None
    if done is None:
        return show(row, 422, visit=form)
    return back(license_id, SENT_BEFORE if done[1] else "بازدید ثبت شد.", is_done=not done[1])


def show(
    row: License,
    status: int = 200,
    *,
    paper: PaperForm | None = None,
    decision: DecisionForm | None = None,
    visit: VisitForm | None = None,
    refused: DomainError | None = None,
) -> Response:
    """The page of a license; after a refusal with the form that was sent."""
    context = {
        **told(row),
        "visits": licenses.visits(row),
        "writes": licenses.may_write(me(), row),
        "keeps": licenses.keeps(me(), row),
        "denied": _denied(row),
        "paper": paper or PaperForm(formdata=None).prepare(),
        "form": (decision or DecisionForm(formdata=None)).offer(row, actions(row)),
        "visit": visit or VisitForm(formdata=None).prepare(),
        "visits_now": licenses.may_decide(me(), row),
        "refused": refused,
        "failed": status != 200,
    }
    is_own = request.blueprint == "center"
    page = "licenses/page.html" if is_own else "licenses/case.html"
    part = "licenses/_paper.html" if is_own else "licenses/_visit.html"
    return render(page, part, status, **context)


def told(row: License) -> dict[str, Any]:
    """What the pages of a license show beside it, and the words for it."""
    about = {"row": row, "papers": files.of_owner(papers.OWNER, row.id), "history": licenses.history(row)}
    return about | {"wording": wording, "labels": labels, "people": people, "why_refused": _why_refused}


def actions(row: License) -> list[str]:
    """What this person may do to a license now, their own writing aside."""
    return [step.action for step in licenses.steps_for(me(), row)]


def back(license_id: int, told: str, *, is_done: bool) -> Response:
    return notices.tell(go(url_for(".license_page", license_id=license_id)), "ok" if is_done else "", told)


# -- Support -----------------------------------------------------------------------


def _denied(row: License) -> DomainError | None:
    """Why somebody who decides elsewhere does not decide this one."""
    waits = row.state == "waiting" and licenses.may_decide(me(), row)
    return cases.of(me(), [row])[0].denial if waits else None


def _visited(row: License, form: VisitForm) -> Any:
    return licenses.record(me(), form.key(), row.id, form.visit(), _report(row))


def _report(row: License) -> StoredFile | None:
    """What the form brought, if anything; it belongs to nothing until the visit is written."""
    sent = request.files.get(uploads.FIELD)
    if sent is None or not sent.filename:
        return None
    return uploads.take(me(), files.Place(papers.VISIT, None, row.unit_id, row.province_id))


def _why_refused(file: StoredFile) -> str:
    return words(file.refused_reason)


LOOKING: tuple[routes.Route, ...] = (("/<int:license_id>", license_page, ("GET",)),)
VISITING: tuple[routes.Route, ...] = (("/<int:license_id>/visits", license_visit, ("POST",)),)
