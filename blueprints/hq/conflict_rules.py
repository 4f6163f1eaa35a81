"""What becomes of courses that collide, as HQ rules it: refused, warned about or left out, for whom and from when."""

from typing import Any

from flask import Response, render_template, url_for

from blueprints import notices
from blueprints.forms import tried
from blueprints.forms.fields import options
from blueprints.forms.rules import CONFLICTS, WHAT_BECOMES, ConflictForm
from blueprints.guards import me
from blueprints.hq import bp
from blueprints.htmx import go
from models import Policy
from services import policy, rule_values

NAME = {f"conflict_{kind}": title for kind, title in CONFLICTS.items()}


@bp.get("/rules/conflicts")
def conflict_rules() -> Response:
    return _page(ConflictForm(formdata=None))


@bp.post("/rules/conflicts")
def conflict_rule_save() -> Response:
    rule_values.require(me())
    form = ConflictForm()
    wanted = form.scope.data or "", form.valid_from.data, form.value.data
    name = f"conflict_{form.kind.data}"
    done = tried(form, lambda: (rule_values.add(me(), name, *wanted),)) if form.validate() else None
    if done is None:
        return _page(form, 422)
    return _told("نوشته شد." if done[0] else "همین نوشته شده است.", is_done=done[0])


@bp.post("/rules/conflicts/<int:row_id>/remove")
def conflict_rule_remove(row_id: int) -> Response:
    found = next((row.name for row in rule_values.rows(*NAME) if row.id == row_id), "")
    done = rule_values.remove(me(), found, row_id)
    return _told("برداشته شد." if done else "پیش‌تر برداشته شده بود.", is_done=done)


def _page(form: ConflictForm, status: int = 200) -> Response:
    scopes = rule_values.scopes()
    form.scope.choices = options(scopes)
    context: dict[str, Any] = {
        "lines": _lines(),
        "scopes": dict(scopes),
        "words": WHAT_BECOMES,
        "today": policy.today(),
    }
    context["past"] = rule_values.history("policy", lambda detail: _in_words(detail, dict(scopes)), NAME)
    page = render_template("hq/rules/conflicts.html", form=form, keeps=rule_values.may_keep(me()), **context)
    return Response(page, status)


def _lines() -> list[dict[str, Any]]:
    """Each way to collide with its default, the rows that hold today and those that do not yet."""
    found = rule_values.rows(*NAME)
    of: dict[str, list[Policy]] = {name: [row for row in found if row.name == name] for name in NAME}
    today = policy.today()
    return [
        {
            "title": title,
            "default": policy.DEFAULTS[name],
            "holding": rule_values.holding(of[name], today),
            "coming": [row for row in of[name] if row.valid_from > today],
        }
        for name, title in NAME.items()
    ]


def _in_words(detail: dict[str, Any], scopes: dict[str, str]) -> str:
    scope = scopes.get(detail["scope"], detail["scope"])
    return f"{NAME[detail['name']]}، {scope}: {WHAT_BECOMES[detail['value']]}"


def _told(said: str, *, is_done: bool) -> Response:
    return notices.tell(go(url_for(".conflict_rules")), "ok" if is_done else "", said)
