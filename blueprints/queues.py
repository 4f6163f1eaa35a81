"""What the queues of all subjects share: the lines of the list, the pane of a case, a decision, cursors."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Response, render_template, request

from blueprints import addresses
from blueprints.forms import tried
from blueprints.forms.keyed import KeyedForm
from blueprints.htmx import go, wants_fragment
from services import courses
from services.deciding import Decided
from services.errors import DomainError
from services.text import persian_digits

DAYS = 3  # for a decision, in queues that have no rule of their own
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
K = TypeVar("K")
T = TypeVar("T")
Near = dict[str, K | None]  # the keys "prev" and "next" of a case in its list


@dataclass(frozen=True)
class Line:
    """A case in the list of a queue: `url` is the queue with it, `pane` the case alone.

    `box` is the value of its checkbox: empty where it has none, None in a list that has none.
    """

    title: str
    sub: tuple[str, ...]
    tag: tuple[str, str]
    url: str
    pane: str
    is_current: bool
    box: str | None = None
    note: str = ""


def neighbors(keys: Sequence[K], key: K | None) -> Near[K]:
    """The keys before and after one in its list; after one that is not in it comes the first."""
    if key not in keys:
        return {"prev": None, "next": keys[0] if keys else None}
    place = keys.index(key)
    return {"prev": keys[place - 1] if place else None, "next": keys[place + 1] if place + 1 < len(keys) else None}


def pane(
    template: str,
    queue_url: str,
    told: Callable[[Near[Any]], Mapping[str, Any]],
    key_of: Callable[[str | None], Any] = addresses.number,
) -> Response:
    """One case alone, for htmx; anybody else gets the queue around it.

    Args:
        told: what the template needs, given the keys of the neighbors, which `key_of` reads from the address.
    """
    if not wants_fragment():
        return go(queue_url)
    near = {name: key_of(request.args.get(name)) for name in ("prev", "next")}
    html = render_template("shared/cases/_pane.html", **{"refused": None, **told(near)}, pane=template)
    return Response(html, headers={"Vary": "HX-Request"})


def decided(
    form: KeyedForm, act: Callable[[], Decided[T]], again: Callable[[int, DomainError | None], Response]
) -> Decided[T] | Response:
    """What a decision has become, or `again`: the queue with the form as it was sent, its status, and what refused."""
    try:
        done: Decided[T] | None = tried(form, act) if form.validate() else None
    except DomainError as refused:
        if refused.status not in (409, 422):
            raise
        return again(refused.status, refused)
    return again(422, None) if done is None else done


def due(since: dt.datetime | None, now: dt.datetime, days: int = DAYS) -> tuple[str, str]:
    """How long a case may still wait that came at this moment; a tag."""
    left = courses.days_left(since, now, days)
    if left == 0:
        return "مهلت امروز", "warn"
    return (f"{persian_digits(left)} روز مانده", "") if left > 0 else (f"{persian_digits(-left)} روز دیرکرد", "bad")


def moment(raw: str) -> dt.datetime | None:
    """A moment from an address, as `moment_text` has written it."""
    since = addresses.number(raw)
    try:
        return None if since is None else EPOCH + dt.timedelta(microseconds=since)
    except OverflowError:  # a year that no calendar has
        return None


def moment_text(at: dt.datetime) -> str:
    return str((at - EPOCH) // dt.timedelta(microseconds=1))
