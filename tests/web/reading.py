"""What a page says, and what its forms hold: as a reader and a browser take it from the answer."""

from typing import Any

from bs4 import BeautifulSoup


def soup_of(answer: Any) -> BeautifulSoup:
    return BeautifulSoup(answer.data, "html.parser")


def words(tag: Any) -> str:
    """The text of a tag, with one space between words."""
    return " ".join(tag.get_text(" ").split())


def page_text(answer: Any) -> str:
    return words(soup_of(answer))


def main_text(answer: Any) -> str:
    return words(soup_of(answer).select_one("main")).replace(" ،", "،")


def filled(answer: Any, at: int = -1) -> dict[str, Any]:
    """What a browser would send of a form of a page, the last one unless told; a list where a name stands twice."""
    form, found = soup_of(answer).select("main form[method=post]")[at], dict[str, list[str]]()
    for tag in form.select("input[name]:not([name=csrf_token])"):
        if tag.get("type") not in ("checkbox", "radio") or tag.has_attr("checked"):
            found.setdefault(str(tag["name"]), []).append(str(tag.get("value", "")))
    for tag in form.select("select"):
        chosen = tag.select_one("option[selected]") or tag.select_one("option")
        found[str(tag["name"])] = [str(chosen["value"])] if chosen else []
    found |= {str(tag["name"]): [tag.get_text().strip()] for tag in form.select("textarea")}
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def errors(answer: Any) -> set[str]:
    """The fields of a page at which something wrong is told."""
    return {str(tag["id"]).removesuffix("-error") for tag in soup_of(answer).select(".error")}
