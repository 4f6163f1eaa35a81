"""The whole of our htmx in Python: one test, one renderer, one redirect."""

from typing import Any

from flask import Response, render_template, request


def wants_fragment() -> bool:
    return request.headers.get("HX-Request") == "true"


def render(page: str, fragment: str, status: int = 200, **context: Any) -> Response:
    """Answer with the fragment when htmx asked, with the page around it when not."""
    response = Response(render_template(fragment if wants_fragment() else page, **context), status)
    response.vary.add("HX-Request")
    return response


def go(url: str) -> Response:
    """Send the browser to `url`, whether or not htmx asked."""
    if wants_fragment():
        return Response(status=204, headers={"HX-Redirect": url})
    return Response(status=303, headers={"Location": url})


def swap_or_go(fragment: str, url: str, **context: Any) -> Response:
    """After a change: the new fragment for htmx, a redirect for a plain form."""
    return render(fragment, fragment, **context) if wants_fragment() else go(url)
