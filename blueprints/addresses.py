"""Addresses inside the product: what may stand in `next`, which main pages exist, and numbers in them."""

import re
from urllib.parse import quote, unquote, urlsplit

from flask import Flask, current_app, request
from werkzeug.routing import IntegerConverter, UnicodeConverter, ValidationError

LONGEST = 600
DIGITS = 18  # of the longest number that fits a column of both databases
_ODD = re.compile(r"[^\x21-\x7e]|[\\<>\"^`{|}]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ODD_DECODED = re.compile(r"[\x00-\x1f\x7f\\]")


class Number(IntegerConverter):
    """`<int:…>` in an address; one that no row can have is no address of ours."""

    regex = f"[0-9]{{1,{DIGITS}}}"


class Word(UnicodeConverter):
    """`<…>` in an address; one with a control character, which PostgreSQL takes for no text, is no address of ours."""

    def to_python(self, value: str) -> str:
        """The word as it is."""
        if _CONTROL.search(value):
            raise ValidationError
        return value


def init_app(app: Flask) -> None:
    """Call before the first address is added."""
    app.url_map.converters |= {"int": Number, "default": Word, "string": Word}


def number(raw: object, digits: int = DIGITS) -> int | None:
    """A number from an address or a form; None for what is none, or too long for its column."""
    return int(str(raw)) if re.fullmatch(f"[0-9]{{1,{digits}}}", str(raw)) else None


def version(raw: object) -> int:
    """The version of a row from a hidden field; 0, which no row has, when there is none."""
    return number(raw, 9) or 0


def own_path(raw: str | None) -> str | None:
    """`raw` when it is a plain path of this site, else None: nobody is sent to another site by a link to us."""
    path = raw or ""
    if not path.startswith("/") or len(path) > LONGEST or _ODD.search(path) or _ODD_DECODED.search(unquote(path)):
        return None
    # Split here and not by a library: browsers read `///host` and `/.//host` in their own ways.
    segments = unquote(re.split("[?#]", path)[0]).split("/")[1:]
    return None if "" in segments[:-1] or "." in segments or ".." in segments else path


def here() -> str:
    """The path and query of this request, in ASCII; for htmx, of the page that asked."""
    page = urlsplit(request.headers.get("HX-Current-URL", ""))
    if page.netloc == request.host:
        return page.path + (f"?{page.query}" if page.query else "")
    query = request.query_string.decode("ascii", "ignore")
    return quote(request.path) + (f"?{query}" if query else "")


def exists(path: str) -> bool:
    """Whether a page without parameters stands at this path."""
    known = current_app.extensions.get("doreh_paths")
    if known is None:
        rules = current_app.url_map.iter_rules()
        known = frozenset(rule.rule.rstrip("/") for rule in rules if "GET" in (rule.methods or ()))
        current_app.extensions["doreh_paths"] = known
    return path.rstrip("/") in known
