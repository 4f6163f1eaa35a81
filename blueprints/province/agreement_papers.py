"""The document of a contract, sent and taken away."""

from flask import Response, url_for

from blueprints import notices, uploads
from blueprints.forms import tried
from blueprints.forms.organizations import PaperForm
from blueprints.guards import me
from blueprints.htmx import go
from blueprints.province import bp
from blueprints.province.organizations import agreement_shown
from services import organizations
from services.organizations import papers


@bp.post("/agreements/<int:agreement_id>/document")
@uploads.accepts_file
def agreement_document(agreement_id: int) -> Response:
    row, form = organizations.get_agreement(me(), agreement_id), PaperForm().prepare()
    organizations.keeper(me())
    taken = tried(form, lambda: uploads.take(me(), papers.place_of(row, later=True)))
    if taken is None:
        return agreement_shown(row, status=422, paper=form)
    is_new = papers.put(me(), agreement_id, taken)
    return _back(agreement_id, "سند رسید و پس از بررسی نشان داده می‌شود.", is_done=is_new)


@bp.post("/agreements/<int:agreement_id>/document/remove")
def agreement_document_remove(agreement_id: int) -> Response:
    done = papers.remove(me(), agreement_id)
    return _back(agreement_id, "سند برداشته شد." if done else "این سند پیش‌تر برداشته شده بود.", is_done=done)


def _back(agreement_id: int, told: str, *, is_done: bool) -> Response:
    return notices.tell(go(url_for(".agreement_page", agreement_id=agreement_id)), "ok" if is_done else "", told)
