"""Going through every address and every form of the product, as each kind of person who may see them."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bs4 import BeautifulSoup, Tag
from werkzeug.routing import Rule

from tests import make
from tests.web import pages


def gets(app) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if "GET" in rule.methods]


def path_of(app, rule: Rule, world: pages.World) -> str:
    values = {"name": "no-such-file"} if rule.endpoint == "assets.serve" else None
    with app.test_request_context():
        return app.url_for(rule.endpoint, **(values or pages.fill(rule.arguments, rule.endpoint, world)))


def clients(app, sign_in, world: pages.World) -> dict[str, object]:
    """A browser for each kind of person."""
    return {who: browser(app, sign_in, world, who) for who in (*world.staff, "trainee", "visitor")}


def browser(app, sign_in, world: pages.World, who: str):
    if who == "visitor":
        return app.test_client()
    return sign_in(world.trainee if who == "trainee" else world.staff[who])


def odd_paths(rule: Rule, odd: str) -> Iterator[str]:
    """The addresses of a rule with one value after the other replaced by an odd one."""
    for strange in rule.arguments:
        values = {name: "1" for name in rule.arguments} | {"action": "cancel", strange: odd}
        yield re.sub(r"<(?:[^<>]+:)?(\w+)>", lambda found: values[found[1]], rule.rule)  # noqa: B023 (used at once)


def token(client, who: str) -> str:
    """The token of the forms of this person."""
    page = {"visitor": "/auth/login", "trainee": "/auth/trainee/sessions"}.get(who, "/auth/sessions")
    return BeautifulSoup(client.get(page).data, "html.parser").select_one("[name=csrf_token]")["value"]


# -- Forms -------------------------------------------------------------------------

# What a person would write into a field that is empty on the page, by the field's name.
WRITTEN = {
    "national_code": make.national_code,
    "first_name": lambda: "مریم",
    "last_name": lambda: "نوروزی",
    "username": lambda: f"somebody.{make.national_code()}",
    "password": lambda: "چهار واژهٔ بی ربط",
    "repeat": lambda: "چهار واژهٔ بی ربط",
    "code": lambda: "12345678",
    "reason": lambda: "کارت ملی دیده شد",
    "evidence": lambda: "کارت ۱۲۳",
    "unit": lambda: "یک واحد",
    "q": lambda: "مریم",
}


@dataclass(frozen=True)
class Filled:
    """A form of a page, filled as a person would, with the button that is pressed."""

    page: str
    url: str
    fields: tuple[tuple[str, str], ...]
    button: str = ""
    files: tuple[tuple[str, str, bytes], ...] = ()  # the field, the name of the file and what is in it

    def put(self, name: str, value: str) -> "Filled":
        """The same with another value in one field."""
        return replace(self, fields=tuple((n, value if n == name else v) for n, v in self.fields))

    def tick(self, name: str, value: str) -> "Filled":
        """The same with a box ticked that was not."""
        return replace(self, fields=(*self.fields, (name, value)))

    @property
    def data(self) -> dict[str, list[object]]:
        written: dict[str, list[object]] = {name: [v for n, v in self.fields if n == name] for name, _ in self.fields}
        return written | {field: [(io.BytesIO(content), name)] for field, name, content in self.files}


def forms(page: str, soup: BeautifulSoup) -> Iterator[Filled]:
    """Every form of a page that changes something, once for each button with a value of its own."""
    for form in soup.select("form[method=post]"):
        fields = tuple(_fields(soup, form))
        url = form.get("action") or page
        buttons = [b for b in _own(soup, form, "button") if b.get("name")]
        if len(buttons) < len(_own(soup, form, "button")) or not buttons:
            yield Filled(page, url, fields)
        for button in buttons:
            pressed = (button["name"], button.get("value", ""))
            yield Filled(page, button.get("formaction") or url, (*fields, pressed), "=".join(pressed))


def _fields(soup: BeautifulSoup, form: Tag) -> Iterator[tuple[str, str]]:
    radios: dict[str, str] = {}
    for field in _own(soup, form, "input, select, textarea"):
        name, kind = field.get("name"), field.get("type", "text")
        if not name or kind in ("submit", "button", "file"):
            continue
        if kind == "radio":
            if name not in radios or field.has_attr("checked"):
                radios[name] = field.get("value", "on")
        elif kind != "checkbox" or field.has_attr("checked"):
            yield name, _chosen(field) if field.name == "select" else _written(field, name)
    yield from radios.items()


def _written(field: Tag, name: str) -> str:
    there = field.get_text().strip() if field.name == "textarea" else field.get("value", "")
    return there or (WRITTEN[name]() if name in WRITTEN and field.get("type") != "hidden" else "")


def _chosen(field: Tag) -> str:
    """What is selected, else the first thing that can be: a person would choose one."""
    values = [option["value"] for option in field.select("option[value]")]
    selected = [option["value"] for option in field.select("option[selected][value]")]
    return next((value for value in [*selected, *values] if value), "")


def _own(soup: BeautifulSoup, form: Tag, what: str) -> list[Tag]:
    """The controls in a form, and those elsewhere on the page that name it."""
    inside = [tag for tag in form.select(what) if not tag.get("form")]
    named = [tag for tag in soup.select(what) if form.get("id") and tag.get("form") == form["id"]]
    return inside + named
