"""Rules of the country that HQ writes: which levels approve a course, and who may not decide on what."""

from typing import Any

from flask import Response, render_template, url_for

from blueprints import notices
from blueprints.forms import tried
from blueprints.forms.fields import options
from blueprints.forms.rules import RouteForm, SavedRoute, SeparationForm
from blueprints.guards import me
from blueprints.hq import bp
from blueprints.htmx import go
from services import jalali, labels, policy, routes, rule_values, text

ON = {True: "روشن", False: "خاموش"}


@bp.get("/rules")
def rule_home() -> str:
    return render_template("hq/rules/home.html")


@bp.get("/rules/routes")
def route_list() -> str:
    context = {"labels": labels, "setting_title": routes.setting_title, "words": routes.in_words}
    return render_template(
        "hq/rules/routes.html",
        standing=routes.standing(),
        keeps=routes.may_keep(me()),
        past=rule_values.history("approval_route", routes.told),
        **context,
    )


@bp.get("/rules/routes/new")
def route_new() -> Response:
    """The route in the address with what it would change; nothing is written here."""
    form, seen = RouteForm.asked(), None
    wanted = form.values() if form.levels.data else None
    if form.levels.data or form.valid_from.raw_data:
        seen = tried(form, lambda: routes.preview(wanted)) if form.validate() and wanted else None
    status = 422 if form.errors else 200
    hidden = {} if seen is None or wanted is None else _hidden(wanted)
    context = {"words": routes.in_words, "keeps": routes.may_keep(me()), "days": routes.PREVIEW_DAYS}
    return Response(
        render_template("hq/rules/route_new.html", form=form, seen=seen, hidden=hidden, wanted=wanted, **context),
        status,
    )


@bp.post("/rules/routes")
def route_save() -> Response:
    done = routes.add(me(), SavedRoute().values())
    return _told(".route_list", "راه تازه نوشته شد." if done else "همین راه نوشته شده است.", is_done=done)


@bp.post("/rules/routes/<int:route_id>/remove")
def route_remove(route_id: int) -> Response:
    done = routes.remove(me(), route_id)
    return _told(".route_list", "راه برداشته شد." if done else "این راه پیش‌تر برداشته شده بود.", is_done=done)


@bp.get("/rules/separation")
def separation() -> Response:
    return _separation(SeparationForm(formdata=None))


@bp.post("/rules/separation")
def separation_save() -> Response:
    rule_values.require(me())
    form = SeparationForm()
    wanted = form.scope.data or "", form.valid_from.data, form.value.data == "on"
    done = tried(form, lambda: (rule_values.add(me(), rule_values.SEPARATION, *wanted),)) if form.validate() else None
    if done is None:
        return _separation(form, 422)
    return _told(".separation", "نوشته شد." if done[0] else "همین نوشته شده است.", is_done=done[0])


@bp.post("/rules/separation/<int:row_id>/remove")
def separation_remove(row_id: int) -> Response:
    done = rule_values.remove(me(), rule_values.SEPARATION, row_id)
    return _told(".separation", "برداشته شد." if done else "پیش‌تر برداشته شده بود.", is_done=done)


def _separation(form: SeparationForm, status: int = 200) -> Response:
    offered, found = rule_values.scopes(), rule_values.rows(rule_values.SEPARATION)
    form.scope.choices = options(offered)
    context: dict[str, Any] = {"found": found, "holding": rule_values.holding(found, policy.today())}
    context |= {"scopes": dict(offered), "on": ON}
    default, keeps = policy.DEFAULTS[rule_values.SEPARATION], rule_values.may_keep(me())
    past = rule_values.history("policy", lambda detail: _separated(detail, dict(offered)), (rule_values.SEPARATION,))
    context |= {"default": default, "keeps": keeps, "today": policy.today(), "past": past}
    return Response(render_template("hq/rules/separation.html", form=form, **context), status)


def _hidden(wanted: routes.RouteValues) -> dict[str, str]:
    day = text.digits(jalali.short(wanted.valid_from))
    return {"unit_kind": wanted.unit_kind, "setting": wanted.setting, "levels": wanted.levels, "valid_from": day}


def _separated(detail: dict[str, object], scopes: dict[str, str]) -> str:
    return f"{scopes.get(str(detail['scope']), detail['scope'])}: {ON[bool(detail['value'])]}"


def _told(endpoint: str, said: str, *, is_done: bool) -> Response:
    return notices.tell(go(url_for(endpoint)), "ok" if is_done else "", said)
