"""What no page of ours may contain, looked for in one pass: a tree of every page would cost a quarter of the tests."""

import re
from html.parser import HTMLParser

FIELDS = ("input", "select", "textarea")
Attributes = dict[str, str]


class Reading(HTMLParser):
    """What the checks below ask about, collected while the page is read."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.forms: list[Attributes] = []  # that post; "has token" is added to those that have one
        self.labels: set[str] = set()
        self.fields: list[Attributes] = []  # that no label holds or names by itself
        self.root: Attributes | None = None
        self.has_main = False
        self.headings: list[str] = []
        self.title = ""
        self._form: Attributes = {}
        self._open_labels = 0
        self._inside = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._look(tag, found)
        if "id" in found:
            self.ids.append(found["id"])
        if tag in FIELDS:
            self._take_field(tag, found)
        elif tag == "form":
            self._form = found
            self.forms += [found] * (found.get("method", "").lower() == "post")
        elif tag == "label":
            self._open_labels += 1
            self.labels.add(found.get("for", ""))
        else:
            self._take_part(tag, found)

    def _look(self, tag: str, found: Attributes) -> None:
        if tag == "style" or (tag == "script" and "src" not in found):
            self.wrong.append(f"inline {tag}")
        for name, value in found.items():
            if name.startswith("on") or name in ("style", "hx-on"):
                self.wrong.append(f"inline code or style on <{tag}>: {name}")
            if name == "href" and value.startswith("javascript:"):
                self.wrong.append("a javascript: address")

    def _take_field(self, tag: str, found: Attributes) -> None:
        if found.get("name") == "csrf_token":
            self._form["has token"] = "yes"
        is_shown = tag != "input" or found.get("type") not in ("hidden", "submit")
        if is_shown and not (self._open_labels or "aria-label" in found or "aria-labelledby" in found):
            self.fields.append(found)

    def _take_part(self, tag: str, found: Attributes) -> None:
        if tag == "html":
            self.root = found
        elif tag == "main":
            self.has_main = True
        elif tag == "h1":
            self.headings.append("")
        if tag == "h1" or (tag == "title" and not self.title):  # a picture in the page may have a title too
            self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self._open_labels -= 1
        elif tag == "form":
            self._form = {}
        elif tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.title += data
        elif self._inside == "h1":
            self.headings[-1] += data


def check_page(html: str) -> None:
    """Raise an AssertionError for inline code, unrendered braces, doubled ids, unlabeled fields and the like."""
    assert "{{" not in html, "an unrendered template expression"
    assert "{%" not in html, "an unrendered template statement"
    page = Reading(html)
    assert not page.wrong, page.wrong
    doubled = {each for each in page.ids if page.ids.count(each) > 1} if len(page.ids) > len(set(page.ids)) else set()
    assert not doubled, f"doubled ids: {sorted(doubled)}"
    leaves = [form for form in page.forms if ("has token" in form) is form.get("action", "").startswith("http")]
    assert not leaves, f"a form without a token, or one that takes it to another site: {leaves}"
    bare = [field for field in page.fields if field.get("id") not in page.labels - {""}]
    assert not bare, f"fields without a label: {bare}"
    if page.root is not None:
        _check_whole(page, page.root)


def _check_whole(page: Reading, root: Attributes) -> None:
    assert (root.get("lang"), root.get("dir")) == ("fa", "rtl"), f"not lang=fa and dir=rtl: {root}"
    assert len(page.headings) == 1, "not exactly one h1"
    title = squeeze(page.title).removeprefix("خطا: ")
    assert title.startswith(squeeze(page.headings[0])), f"the title {title!r} does not start with the h1"
    assert page.has_main, "no main landmark"


def squeeze(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
