"""«اعلام نیاز»: whoever finds no course near them says which one they wait for."""

from collections.abc import Sequence

from flask import Response, render_template, request, url_for

from blueprints import guards, notices
from blueprints.forms import tried
from blueprints.forms.demand import DemandForm
from blueprints.htmx import go
from blueprints.public import bp, rows
from models import utcnow
from services import catalog, demands, standards
from services.catalog import Search

SHOWN = 12
WAITS = "شما همین مهارت را در همین شهرستان پیش‌تر خواسته‌اید. همان یک بار ثبت است و هنوز منتظر آن‌اید."
NOTED = "نیاز شما ثبت شد. وقتی دوره‌ای از این مهارت در شهرستان شما باز شود، با پیامک خبرتان می‌کنیم."


@bp.get("/demand")
def demand() -> Response:
    form = DemandForm(formdata=None, data={"standard": _asked("standard")[:15], "county": _asked("county")[:12]})
    return _show(form)


@bp.post("/demand")
def demand_send() -> Response:
    form, visitor = DemandForm(), guards.visitor()
    form.narrow(known=visitor is not None)
    if not form.validate():
        return _show(form, 422)
    wanted, now = form.wanted(), utcnow()
    if near := demands.open_near(wanted, now):
        return _show(form, 409, near=rows.rendered(near, now))
    if visitor:
        said = tried(form, lambda: demands.ask(visitor.person.id, wanted))
        noted = notices.tell(go("/trainee/demands"), "ok" if said else "", NOTED if said else WAITS)
        return noted if said is not None else _show(form, 422)
    address = request.remote_addr or ""
    code, mobile = form.national_code.data or "", form.mobile.data or ""
    tried(form, lambda: demands.ask_by_code(code, mobile, wanted, address))
    return _show(form, 422) if form.errors else go(url_for(".demand_sent"))


@bp.get("/demand/sent")
def demand_sent() -> str:
    """The same for everybody, so that nothing about anybody can be tried out."""
    return render_template("public/demand_sent.html")


def _asked(name: str) -> str:
    return request.values.get(name, "")[:80]


def _offer(form: DemandForm) -> dict[str, object]:
    """Fill the choices from how it was looked for; what the page shows beside the form."""
    words_, province, standard = _asked("q"), _asked("province"), _asked("standard")
    choices = catalog.choices(Search(province=province), utcnow())
    one = demands.wanted_standard(standard) if standard and not words_ else None
    found = [one] if one else list(standards.search(words_, size=SHOWN)) if words_ else []
    is_many, known = len(found) > SHOWN, guards.visitor()
    counties = choices.counties if province in dict(choices.provinces) else []
    form.narrow(known=known is not None)
    form.offer(found[:SHOWN], counties)
    if len(found) == 1 and not form.standard.data:
        form.standard.data = found[0].code
    context = {"found": found[:SHOWN], "is_many": is_many, "provinces": choices.provinces, "counties": counties}
    return context | {"words": words_, "province": province, "one": one, "person": known and known.person}


def _show(form: DemandForm, status: int = 200, near: Sequence[object] | None = None) -> Response:
    context = _offer(form)
    failed = status != 200
    return Response(render_template("public/demand.html", form=form, near=near, failed=failed, **context), status)
