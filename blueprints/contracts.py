"""Contracts of counter offices, for whoever keeps the offices; it stands under the units of a province and of HQ."""

from dataclasses import asdict

from flask import Response, render_template, url_for

from blueprints import addresses, notices, routes
from blueprints.forms import tried
from blueprints.forms.contracts import ContractForm
from blueprints.guards import me
from blueprints.htmx import go
from models import CounterContract, Unit
from services import counters, submissions, units
from services.late import LateSaving


def unit_contracts(unit_id: int) -> Response:
    unit = counters.office(me(), unit_id)
    return _list(unit, ContractForm(formdata=None, data={"form_key": submissions.new_key(), "office_code": unit.code}))


def unit_contract_add(unit_id: int) -> Response:
    unit, form = counters.office(me(), unit_id), ContractForm()
    units.changeable(me(), unit_id)
    is_whole = form.validate()
    done = tried(form, lambda: (counters.add(me(), unit_id, form.key(), form.values()),)) if is_whole else None
    if done is None:
        return _list(unit, form, 422)
    said = "قرارداد ثبت شد. دفتر در روزهای آن کار می‌کند." if done[0] else notices.sent_before()
    return notices.tell(go(url_for(".unit_contracts", unit_id=unit_id)), "ok" if done[0] else "", said)


def unit_contract(contract_id: int) -> Response:
    row, unit = counters.get(me(), contract_id)
    return _page(row, unit, _filled(row, counters.values_of(row)))


def unit_contract_save(contract_id: int) -> Response:
    (row, unit), form = counters.get(me(), contract_id), ContractForm()
    units.changeable(me(), unit.id)
    if not form.validate():
        return _page(row, unit, form, 422)
    version = addresses.version(form.version.data)
    try:
        done = tried(form, lambda: (counters.edit(me(), contract_id, version, form.values()),))
    except LateSaving as stale:
        return _page(row, unit, _filled(stale.row, stale.merged), 409, stale)
    if done is None:
        return _page(row, unit, form, 422)
    return _back(unit, notices.saved("قرارداد", changed=done[0]), is_done=done[0])


def unit_contract_end(contract_id: int) -> Response:
    _, unit = counters.get(me(), contract_id)
    done = counters.end(me(), contract_id)
    said = "قرارداد پایان یافت و دفتر دیگر با آن کار نمی‌کند." if done else "به این قرارداد پیش‌تر پایان داده شده بود."
    return _back(unit, said, is_done=done)


# -- Support -----------------------------------------------------------------------


def _list(unit: Unit, form: ContractForm, status: int = 200) -> Response:
    rows = [(row, *counters.state(row)) for row in counters.of_unit(unit.id)]
    context = {"unit": unit, "rows": rows, "form": form, "may_change": units.may_change(me(), unit)}
    return Response(render_template("units/contracts.html", failed=status != 200, **context), status)


def _page(
    row: CounterContract, unit: Unit, form: ContractForm, status: int = 200, stale: LateSaving | None = None
) -> Response:
    context = {
        "row": row,
        "unit": unit,
        "form": form,
        "state": counters.state(row),
        "history": counters.history(row),
        "may_change": units.may_change(me(), unit),
        "stale": stale,
        "failed": status != 200,
    }
    return Response(render_template("units/contract.html", **context), status)


def _filled(row: CounterContract, values: counters.ContractValues) -> ContractForm:
    return ContractForm(formdata=None, data=asdict(values) | {"version": row.version})


def _back(unit: Unit, said: str, *, is_done: bool) -> Response:
    return notices.tell(go(url_for(".unit_contracts", unit_id=unit.id)), "ok" if is_done else "", said)


ROUTES: tuple[routes.Route, ...] = (
    ("/<int:unit_id>/contracts", unit_contracts, ("GET",)),
    ("/<int:unit_id>/contracts", unit_contract_add, ("POST",)),
    ("/contracts/<int:contract_id>", unit_contract, ("GET",)),
    ("/contracts/<int:contract_id>", unit_contract_save, ("POST",)),
    ("/contracts/<int:contract_id>/end", unit_contract_end, ("POST",)),
)
