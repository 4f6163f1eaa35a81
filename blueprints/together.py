"""Several cases of a queue decided together: once more before it is done, and afterwards what has become of each.

Every queue has these two pages; what it says of itself is a `Subject`, and the addresses are named after it:
`review_queue`, `review_together` for looking and `review_decide_all` for doing it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from flask import Response, render_template, request, url_for

from blueprints import addresses, notices
from blueprints.forms import tried
from blueprints.forms.together import TogetherForm
from blueprints.guards import me
from blueprints.htmx import go
from services.access import Actor
from services.deciding import Outcome
from services.text import persian_digits

APPROVE = "approve"
K = TypeVar("K")


@dataclass(frozen=True)
class Row:
    """One of the chosen cases; `box` names it as it was seen.

    `why` says why it is not to be decided (any more), and is empty when it is; `as_said`: it ended as it was chosen;
    `refused`: why it was not decided just now, though it still waits.
    """

    case: Any
    box: str
    url: str
    title: str
    sub: str
    why: str = ""
    as_said: bool = False
    refused: str = ""


@dataclass(frozen=True)
class Look:
    """The chosen cases as they are now: what is done to them in words, the columns of their table, and the names
    that its cells need.
    """

    verb: str
    heads: Sequence[str | tuple[str, str]]
    rows: Sequence[Row]
    names: Mapping[str, Any]


@dataclass(frozen=True)
class Subject(Generic[K]):
    """A queue of which several cases are decided together, each known by a key.

    Args:
        name: of its addresses.
        noun, nothing: one of its cases, and that none was chosen.
        did: what became of a case, by the word that was chosen for it.
        for_all: who reads the reason of a refusal.
        cells: the template of the other cells of a row.
        require: refuses who decides nothing there.
        keys: reads them as the list or this page has named them.
        text_of: a key for an address.
        look: the cases of these keys, for a word.
        decide: the service; takes actor, key of the form, keys, `approve` and what the form has said.
        home: the address of the queue, where that has a name of its own.
        form, signed: a form that asks for more before an approval, and the template of that.
    """

    name: str
    noun: str
    nothing: str
    did: Mapping[str, str]
    for_all: str
    cells: str
    require: Callable[[Actor], None]
    keys: Callable[[Sequence[str]], Sequence[K]]
    text_of: Callable[[K], str]
    look: Callable[[Sequence[K], str], Look]
    decide: Callable[..., Sequence[Outcome[K]]]
    home: str = ""
    form: type[TogetherForm] = TogetherForm
    signed: str = ""

    @property
    def queue(self) -> str:
        return url_for(f".{self.home or f'{self.name}_queue'}")


def look(subject: Subject[Any]) -> Response:
    """The chosen cases before they are decided, and afterwards what has become of each."""
    subject.require(me())
    chosen, word = subject.keys(request.args.getlist("case")), request.args.get("do", "")
    if not chosen or word not in subject.did:
        return notices.tell(go(subject.queue), "warn", subject.nothing)
    return _page(subject, subject.look(chosen, word), subject.form(formdata=None, data={"do": word}))


def decide(subject: Subject[Any]) -> Response:
    subject.require(me())
    form, chosen = subject.form(), subject.keys(request.form.getlist("case"))
    word = form.do.data or ""
    if not chosen or word not in subject.did:
        return notices.tell(go(subject.queue), "warn", subject.nothing)
    said = {"approve": word == APPROVE, **form.said()}
    outcomes = tried(form, lambda: subject.decide(me(), form.key(), chosen, **said))
    if outcomes is None:
        return _page(subject, subject.look(chosen, word), form, 422)
    kind, told = _summary(subject, outcomes, word)
    named = [subject.text_of(key) for key in chosen]
    if refused := {subject.text_of(each.key): str(each.why) for each in outcomes if each.why}:
        seen = _refused(subject, subject.look(subject.keys(named), word), refused)
        if any(each.refused for each in seen.rows):  # what was written stays, and each says what it lacks
            return _page(subject, seen, form, 422, told)
    return notices.tell(go(url_for(f".{subject.name}_together", do=word, case=named)), kind, told)


def versioned(raw: Sequence[str], key: Callable[[int, int], K]) -> list[K]:
    """Keys of rows as a list names them (`7`), or as the page that was looked at before the decision (`7-2`)."""
    found: dict[int, K] = {}
    for each in raw:
        row_id, _, version = each.partition("-")
        if number := addresses.number(row_id):
            found[number] = key(number, addresses.version(version))
    return list(found.values())


# -- Support -----------------------------------------------------------------------


def _summary(subject: Subject[Any], outcomes: Sequence[Outcome[Any]], word: str) -> tuple[str, str]:
    done = [each for each in outcomes if each.why is None]
    left = len(outcomes) - len(done)
    said = f"{persian_digits(len(done))} {subject.noun} {subject.did[word]}." if done else ""
    if done and all(each.repeated for each in done):
        said = f"پیش‌تر ثبت شد: {said} چیزی دوباره ثبت نشد."
    rest = f" {persian_digits(left)} {subject.noun} نشد؛ دلیل هر کدام را می‌بینید." if left else ""
    kind = "warn" if left else "" if any(each.repeated for each in done) else "ok"
    return kind, f"{said}{rest}".strip()


def _refused(subject: Subject[Any], seen: Look, refused: Mapping[str, str]) -> Look:
    """The cases that still wait, with why each was not decided just now."""

    def told(row: Row) -> Row:
        why = refused.get(subject.text_of(subject.keys([row.box])[0]), "")
        return row if row.why else replace(row, refused=why)

    return replace(seen, rows=[told(row) for row in seen.rows])


def _page(subject: Subject[Any], seen: Look, form: TogetherForm, status: int = 200, told: str = "") -> Response:
    word = form.do.data or ""
    html = render_template(
        "shared/together.html",
        subject=subject,
        form=form.of("" if word == APPROVE else subject.for_all),
        approve=word == APPROVE,
        verb=seen.verb,
        heads=seen.heads,
        open=[each for each in seen.rows if not each.why],
        done=[each for each in seen.rows if each.as_said],
        barred=[each for each in seen.rows if each.why and not each.as_said],
        failed=status != 200,
        told=told,
        **seen.names,
    )
    return Response(html, status)
