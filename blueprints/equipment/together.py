"""Several cases of the province's queue decided together: once more before it is done, and what has become of each."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, render_template, request, url_for

from blueprints import notices, routes
from blueprints.equipment.review import key_of, text_of, told
from blueprints.forms import tried
from blueprints.forms.equipment import TogetherForm
from blueprints.guards import me
from blueprints.htmx import go
from services.equipment import cases, review
from services.equipment.cases import Case, Key
from services.equipment.review import Outcome
from services.text import persian_digits

APPROVE, REFUSE = "approve", "refuse"
NOTHING = "پرونده‌ای انتخاب نکرده‌اید."
DID = {APPROVE: "پذیرفته شد", REFUSE: "رد شد"}


@dataclass(frozen=True)
class Ended:
    """One of the chosen cases that is not to be decided (any more), and why; `as_said`: it ended as it was chosen."""

    case: Case
    why: str
    as_said: bool


def review_together() -> Response:
    """The chosen cases before they are decided, and afterwards what has become of each."""
    cases.require_reviewer(me())
    chosen, word = _chosen(request.args.getlist("case")), request.args.get("do")
    if not chosen or word not in DID:
        return notices.tell(go(url_for(".review_queue")), "warn", NOTHING)
    return _page(chosen, TogetherForm(formdata=None, data={"do": word}))


def review_decide_all() -> Response:
    cases.require_reviewer(me())
    form, chosen = TogetherForm(), _chosen(request.form.getlist("case"))
    word = form.do.data or ""
    if not chosen or word not in DID:
        return notices.tell(go(url_for(".review_queue")), "warn", NOTHING)
    outcomes = tried(form, lambda: _decided(chosen, form))
    if outcomes is None:
        return _page(chosen, form, 422)
    to = url_for(".review_together", do=word, case=[text_of(key) for key in chosen])
    return notices.tell(go(to), *_summary(outcomes, word))


# -- Support -----------------------------------------------------------------------


def _chosen(raw: Sequence[str]) -> list[Key]:
    return list(dict.fromkeys(key for each in raw if (key := key_of(each))))


def _decided(chosen: list[Key], form: TogetherForm) -> Sequence[Outcome]:
    approve = form.do.data == APPROVE
    return review.decide_all(me(), form.key(), chosen, approve=approve, reason=form.reason.data or "")


def _summary(outcomes: Sequence[Outcome], word: str) -> tuple[str, str]:
    done = [each for each in outcomes if each.why is None]
    left = len(outcomes) - len(done)
    said = f"{persian_digits(len(done))} پرونده {DID[word]}." if done else ""
    if done and all(each.repeated for each in done):
        said = f"پیش‌تر ثبت شد: {said} چیزی دوباره ثبت نشد."
    rest = f" {persian_digits(left)} پرونده نشد؛ دلیل هر کدام را می‌بینید." if left else ""
    kind = "warn" if left else "" if any(each.repeated for each in done) else "ok"
    return kind, f"{said}{rest}".strip()


def _page(chosen: list[Key], form: TogetherForm, status: int = 200) -> Response:
    approve, every = form.do.data == APPROVE, cases.several(me(), chosen)
    names = told(every)
    ended = [each for case in every if (each := _ended(case, names["people"], approve=approve))]
    over = {each.case.key for each in ended}
    html = render_template(
        "equipment/together.html",
        form=form.of(is_refusal=not approve),
        approve=approve,
        open=[case for case in every if case.key not in over],
        done=[each for each in ended if each.as_said],
        barred=[each for each in ended if not each.as_said],
        text_of=text_of,
        failed=status != 200,
        **names,
    )
    return Response(html, status)


def _ended(case: Case, people: dict[int, str], *, approve: bool) -> Ended | None:
    """Why a case cannot be decided as it was chosen; None when it can."""
    if not case.waits:
        is_mine = case.row.decided_by_id == me().user_id
        return Ended(case, f"{cases.over(me(), case.row, people)}.", is_mine and cases.is_refused(case.row) != approve)
    why = case.denial or (cases.against(case.kind, case.row) if approve else None)
    return Ended(case, str(why), as_said=False) if why else None


ROUTES: tuple[routes.Route, ...] = (
    ("/together", review_together, ("GET",)),
    ("/together", review_decide_all, ("POST",)),
)
