"""Values of several rules on one page: a table of what holds for whom, one form, and who wrote what."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, url_for

from blueprints import notices
from blueprints.forms import tried
from blueprints.forms.fields import options
from blueprints.forms.rules import RuleForm
from blueprints.guards import me
from blueprints.htmx import go
from models import Policy
from services import policy, rule_values


@dataclass(frozen=True)
class Table:
    """Some rules with their titles; `show` gives the words and the kind of a value, `words` those of the page.

    `name` begins the names of the endpoints: `<name>s`, `<name>_save` and `<name>_remove`.
    """

    name: str
    form: type[RuleForm]
    names: dict[str, str]
    show: Callable[[Any], tuple[str, str]]
    words: dict[str, str]

    def register(self, bp: Blueprint, path: str) -> None:
        """Add the page and what is sent from it."""
        shown: Callable[[], Response] = lambda: self.page(self.form(formdata=None))  # noqa: E731 (a name for the type)
        for rule, endpoint, view, method in (
            (path, f"{self.name}s", shown, "GET"),
            (path, f"{self.name}_save", self.write, "POST"),
            (f"{path}/<int:row_id>/remove", f"{self.name}_remove", self.take_away, "POST"),
        ):
            bp.add_url_rule(rule, endpoint, view, methods=[method])

    def write(self) -> Response:
        """Take the form in."""
        rule_values.require(me())
        form = self.form()
        done = tried(form, lambda: (self._add(form, *form.rule()),)) if form.validate() else None
        if done is None:
            return self.page(form, 422)
        return self._told("نوشته شد." if done[0] else "همین نوشته شده است.", is_done=done[0])

    def take_away(self, row_id: int) -> Response:
        found = next((row.name for row in rule_values.rows(*self.names) if row.id == row_id), "")
        done = rule_values.remove(me(), found, row_id)
        return self._told("برداشته شد." if done else "پیش‌تر برداشته شده بود.", is_done=done)

    def page(self, form: RuleForm, status: int = 200) -> Response:
        scopes = rule_values.scopes()
        form.scope.choices = options(scopes)
        context: dict[str, Any] = {"lines": self._lines(), "scopes": dict(scopes), "today": policy.today()}
        context |= {"show": self.show, "save": f".{self.name}_save", "remove": f".{self.name}_remove", **self.words}
        past = rule_values.history("policy", lambda detail: self._in_words(detail, dict(scopes)), self.names)
        keeps = rule_values.may_keep(me())
        return Response(render_template("hq/rules/values.html", form=form, keeps=keeps, past=past, **context), status)

    def _add(self, form: RuleForm, name: str, value: Any) -> bool:
        return rule_values.add(me(), name, form.scope.data or "", form.valid_from.data, value)

    def _lines(self) -> list[dict[str, Any]]:
        """Each rule with its default, the rows that hold today and those that do not yet."""
        found = rule_values.rows(*self.names)
        of: dict[str, list[Policy]] = {name: [row for row in found if row.name == name] for name in self.names}
        today = policy.today()
        return [
            {
                "title": title,
                "default": policy.DEFAULTS[name],
                "holding": rule_values.holding(of[name], today),
                "coming": [row for row in of[name] if row.valid_from > today],
            }
            for name, title in self.names.items()
        ]

    def _in_words(self, detail: dict[str, Any], scopes: dict[str, str]) -> str:
        scope = scopes.get(detail["scope"], detail["scope"])
        return f"{self.names[detail['name']]}، {scope}: {self.show(detail['value'])[0]}"

    def _told(self, said: str, *, is_done: bool) -> Response:
        return notices.tell(go(url_for(f".{self.name}s")), "ok" if is_done else "", said)
