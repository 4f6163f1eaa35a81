"""The part of a public page that is the same for everybody, kept in the process for a moment.

When registration opens, hundreds ask for one list within a second. What is kept is rendered without the request, so
nothing of one visitor can reach another; what stands around it is made anew for each. Nobody decides by it: a seat is
counted again when the form is sent.

Source: docs/decisions/0006-public-pages-for-a-moment.md.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from flask import current_app
from markupsafe import Markup

from models import db

MOST = 128  # bodies of about 30 KB
LONGEST_KEY = 200  # a longer address is asked for once

Values = dict[str, Any]

_kept: OrderedDict[tuple[object, ...], tuple[float, Values]] = OrderedDict()


def kept(name: tuple[str, ...], make: Callable[[], Values]) -> Values:
    """What `make` gave for this name within the last `PUBLIC_PAGES_KEPT_S`, or gives now; an empty one is not kept."""
    seconds = current_app.config["PUBLIC_PAGES_KEPT_S"]
    if not seconds or sum(map(len, name)) > LONGEST_KEY:
        return make()
    key = (db.engine.url, *name)
    found = _kept.get(key)
    if found is not None and found[0] > time.monotonic():
        return found[1]
    made = make()
    if not made:
        return made
    _kept[key] = (time.monotonic() + seconds, made)
    _kept.move_to_end(key)
    while len(_kept) > MOST:
        _kept.popitem(last=False)
    return made


def body(template: str, **values: Any) -> Markup:
    """A template rendered from these values alone, whoever asks."""
    return Markup(current_app.jinja_env.get_template(template).render(**values))  # noqa: S704 (our own template)
