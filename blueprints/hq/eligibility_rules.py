"""Who may be enrolled in what, as HQ rules it: what each rule does, and who sets it aside, for whom and from when."""

from typing import Any

from flask import Response, render_template, url_for

from blueprints import notices
from blueprints.forms import tried
from blueprints.forms.eligibility_rules import EligibilityRuleForm
from blueprints.forms.fields import options
from blueprints.guards import me
from blueprints.hq import bp
from blueprints.htmx import go
from models import Policy
from services import policy, rule_values
from services.enrollment import ruling
from services.errors import NotFound


@bp.get("/rules/eligibility")
def eligibility_rules() -> str:
    rows = rule_values.rows(*ruling.NAMES)
    lines = [_line(name, [row for row in rows if row.name == name]) for name in ruling.NAMES]
    return render_template("hq/rules/eligibility.html", lines=lines, scopes=dict(rule_values.scopes()), **_words())


@bp.get("/rules/eligibility/<rule>")
def eligibility_rule(rule: str) -> Response:
    line = _line(_known(rule), rule_values.rows(rule))
    return _page(line, EligibilityRuleForm.holding(rule, line["value"]))


@bp.post("/rules/eligibility/<rule>")
def eligibility_rule_save(rule: str) -> Response:
    rule_values.require(me())
    form = EligibilityRuleForm().of_rule(_known(rule))
    done = tried(form, lambda: (_add(rule, form),)) if form.validate() else None
    if done is None:
        return _page(_line(rule, rule_values.rows(rule)), form, 422)
    return _told(rule, "نوشته شد." if done[0] else "همین نوشته شده است.", is_done=done[0])


@bp.post("/rules/eligibility/<rule>/<int:row_id>/remove")
def eligibility_rule_remove(rule: str, row_id: int) -> Response:
    done = rule_values.remove(me(), _known(rule), row_id)
    return _told(rule, "برداشته شد." if done else "پیش‌تر برداشته شده بود.", is_done=done)


def _add(name: str, form: EligibilityRuleForm) -> bool:
    value = ruling.value_of(name, form.data)
    return rule_values.add(me(), name, form.scope.data or "", form.valid_from.data, value)


def _known(name: str) -> str:
    if name not in ruling.NAMES:
        raise NotFound("چنین شرطی نیست. از فهرست شرط‌ها شروع کنید.")
    return name


def _line(name: str, rows: Any) -> dict[str, Any]:
    """A rule with its default, the rows that hold today, those that do not yet, and the value that all have."""
    today = policy.today()
    holding: dict[str, Policy] = rule_values.holding(rows, today)
    value = holding["*"].value if "*" in holding else ruling.default(name)
    coming = [row for row in rows if row.valid_from > today]
    return {"name": name, "title": ruling.NAMES[name], "value": value, "holding": holding, "coming": coming}


def _page(line: dict[str, Any], form: EligibilityRuleForm, status: int = 200) -> Response:
    scopes, name = rule_values.scopes(), line["name"]
    form.scope.choices = options(scopes)
    named = dict(scopes)
    past = rule_values.history("policy", lambda each: _past(name, each, named), (name,))
    context = {"line": line, "scopes": named, "past": past, "keeps": rule_values.may_keep(me()), **_words()}
    return Response(render_template("hq/rules/eligibility_rule.html", form=form, **context), status)


def _words() -> dict[str, Any]:
    return {"in_words": ruling.in_words, "tone": ruling.tone, "hints": ruling.HINTS}


def _past(name: str, detail: dict[str, Any], scopes: dict[str, str]) -> str:
    return f"{scopes.get(detail['scope'], detail['scope'])}: {ruling.in_a_line(name, detail['value'])}"


def _told(name: str, said: str, *, is_done: bool) -> Response:
    return notices.tell(go(url_for(".eligibility_rule", rule=name)), "ok" if is_done else "", said)
