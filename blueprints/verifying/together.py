"""Several rows decided together: once more before it is done, and what has become of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, render_template, request, url_for

from blueprints import addresses, notices
from blueprints.forms import tried
from blueprints.forms.verifying import APPROVE, REJECT, TogetherForm
from blueprints.guards import me
from blueprints.htmx import go
from services.access import Level
from services.instructors import cases, labels, verifying, wording
from services.instructors.cases import Case
from services.instructors.verifying import Key, Outcome
from services.text import persian_digits

NOTHING = "ردیفی انتخاب نکرده‌اید."
DID = {APPROVE: "تأیید شد", REJECT: "رد شد"}


@dataclass(frozen=True)
class Ended:
    """One of the chosen rows that is not to be decided (any more), and why; `as_said`: it ended as it was chosen."""

    case: Case
    why: str
    as_said: bool


def verify_together() -> Response:
    """The chosen rows before they are decided, and afterwards what has become of each."""
    cases.require_verifier(me())
    chosen, word = _chosen(request.args.getlist("case")), request.args.get("do")
    if not chosen or word not in DID:
        return notices.tell(go(url_for(".verify_queue")), "warn", NOTHING)
    return _page([key.record_id for key in chosen], TogetherForm(formdata=None, data={"do": word}))


def verify_decide_all() -> Response:
    cases.require_verifier(me())
    form, chosen = TogetherForm(), _chosen(request.form.getlist("case"))
    word, ids = form.do.data or "", [key.record_id for key in chosen]
    if not chosen or word not in DID:
        return notices.tell(go(url_for(".verify_queue")), "warn", NOTHING)
    outcomes = tried(form, lambda: _decided(chosen, form))
    if outcomes is None:
        return _page(ids, form, 422)
    return notices.tell(go(url_for(".verify_together", do=word, case=ids)), *_summary(outcomes, word))


# -- Support -----------------------------------------------------------------------


def _chosen(raw: Sequence[str]) -> list[Key]:
    """Rows as the list names them (`7`), or as the page that was looked at before the decision (`7-2`)."""
    found: dict[int, Key] = {}
    for each in raw:
        row_id, _, version = each.partition("-")
        if number := addresses.number(row_id):
            found[number] = Key(number, addresses.version(version))
    return list(found.values())


def _decided(chosen: list[Key], form: TogetherForm) -> Sequence[Outcome]:
    approve = form.do.data == APPROVE
    return verifying.decide_all(me(), form.key(), chosen, approve=approve, reason=form.reason.data or "")


def _summary(outcomes: Sequence[Outcome], word: str) -> tuple[str, str]:
    done = [each for each in outcomes if each.why is None]
    left = len(outcomes) - len(done)
    said = f"{persian_digits(len(done))} ردیف {DID[word]}." if done else ""
    if done and all(each.repeated for each in done):
        said = f"پیش‌تر ثبت شد: {said} چیزی دوباره ثبت نشد."
    rest = f" {persian_digits(left)} ردیف نشد؛ دلیل هر کدام را می‌بینید." if left else ""
    kind = "warn" if left else "" if any(each.repeated for each in done) else "ok"
    return kind, f"{said}{rest}".strip()


def _page(ids: list[int], form: TogetherForm, status: int = 200) -> Response:
    approve, every = form.do.data == APPROVE, cases.several(me(), ids)
    ended = [each for case in every if (each := _ended(case, approve=approve))]
    over = {each.case.record.id for each in ended}
    html = render_template(
        "instructors/review/together.html",
        form=form.of(is_refusal=not approve),
        approve=approve,
        at_center=me().level is Level.CENTER,
        open=[case for case in every if case.record.id not in over],
        done=[each for each in ended if each.as_said],
        barred=[each for each in ended if not each.as_said],
        kinds=labels.RECORD_KIND,
        title_of=wording.title,
        sub_of=wording.sub,
        failed=status != 200,
    )
    return Response(html, status)


def _ended(case: Case, *, approve: bool) -> Ended | None:
    """Why a row cannot be decided as it was chosen; None when it can."""
    if not case.waits:
        return Ended(case, f"{verifying.over(me(), case.record.id)}.", _as_said(case, approve=approve))
    why = case.denial or (verifying.against(case) if approve else None)
    return Ended(case, str(why), as_said=False) if why else None


def _as_said(case: Case, *, approve: bool) -> bool:
    """Whether the row was decided by this person as they have chosen."""
    row = case.record
    if row.state == "rejected":
        return not approve and row.decided_by_id == me().user_id
    by = row.center_by_id if me().level is Level.CENTER else row.decided_by_id
    return approve and row.state in ("at_province", "verified") and by == me().user_id


ROUTES: tuple[tuple[str, Callable[..., Any], tuple[str, ...]], ...] = (
    ("/queue/together", verify_together, ("GET",)),
    ("/queue/together", verify_decide_all, ("POST",)),
)
