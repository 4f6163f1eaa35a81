"""Who may teach a standard: the ways that the system checks, beside the text that the standard's sheet prints."""

from flask import Response, render_template, request, url_for

from blueprints import addresses, notices
from blueprints.forms.instructor_rules import RuleForm
from blueprints.guards import me
from blueprints.hq import bp
from blueprints.htmx import go
from services import standards
from services.errors import DomainError
from services.instructors import rule_effect, rules
from services.instructors.rule_effect import Effect
from services.labels import STATUS


@bp.get("/standards/<int:standard_id>/instructors")
def rule_list(standard_id: int) -> Response:
    return _rules(standard_id, RuleForm(formdata=None), wanted=addresses.number(request.args.get("edit")))


@bp.post("/standards/<int:standard_id>/instructors")
def rule_save(standard_id: int) -> Response:
    form = RuleForm()
    if not form.validate():
        return _rules(standard_id, form, 422)
    try:
        if effect := _to_be_seen(standard_id, form):
            return _rules(standard_id, form, 200 if _looks() else 422, effect=effect)
        done = _save(standard_id, form)
    except rules.StaleRule as stale:
        rule_id, form = form.rule_id or 0, RuleForm(formdata=None)
        form.fill(rule_id, stale.merged, stale.stored)
        return _rules(standard_id, form, 409, stale=stale)
    except DomainError as error:
        if error.field not in form:
            raise
        form[error.field].errors = [str(error)]
        return _rules(standard_id, form, 422)
    return _listed(standard_id, "شرایط مربی ذخیره شد." if done else "این راه همین‌گونه ثبت است.", is_done=done)


@bp.post("/standards/<int:standard_id>/instructors/<int:rule_id>/remove")
def rule_remove(standard_id: int, rule_id: int) -> Response:
    effect = rule_effect.of_removing(standard_id, rule_id) if standards.may_keep(me()) else None
    if effect and effect.lost and request.form.get("meant") != str(effect.lost):
        return _rules(standard_id, RuleForm(formdata=None), 422, effect=effect, gone=rule_id)
    done = rules.remove(me(), standard_id, rule_id, rules.unmark(request.form.get("seen", "")))
    return _listed(standard_id, "راه برداشته شد." if done else "این راه پیش‌تر برداشته شده بود.", is_done=done)


def _save(standard_id: int, form: RuleForm) -> bool:
    if form.rule_id:
        return rules.change(me(), standard_id, form.rule_id, form.was(), form.values())
    return rules.add(me(), standard_id, form.values())


def _looks() -> bool:
    return "look" in request.form


def _to_be_seen(standard_id: int, form: RuleForm) -> Effect | None:
    """What is shown instead of saving: asked for, or a loss of courses that the person has not said to be meant."""
    effect = rule_effect.of_saving(standard_id, form.rule_id, rules.checked(me(), form.values()))
    is_said = not effect.lost or form.meant.data == str(effect.lost)
    return None if is_said and not _looks() else effect


def _rules(
    standard_id: int,
    form: RuleForm,
    status: int = 200,
    *,
    wanted: int | None = None,
    stale: rules.StaleRule | None = None,
    effect: Effect | None = None,
    gone: int | None = None,
) -> Response:
    """The ways of a standard with the form of one; `effect` is that of saving it, or of taking away `gone`."""
    whole, ways = standards.get(standard_id), rules.of_standard(standard_id)
    if chosen := next((way for way in ways if way.id == wanted), None):
        form.fill(chosen.id, rules.values_of(chosen), rules.values_of(chosen))
    shown = [(way.id, rules.said(way), rules.mark(rules.values_of(way))) for way in ways]
    context = {"row": whole.row, "ways": shown, "form": form, "stale": stale, "keeps": standards.may_keep(me())}
    context["now"] = rules.said(stale.stored) if stale else []
    context |= {"effect": effect, "gone": next((way for way in shown if way[0] == gone), None), "status": STATUS}
    return Response(render_template("hq/standards/rules.html", **context), status)


def _listed(standard_id: int, said: str, *, is_done: bool) -> Response:
    answer = go(url_for(".rule_list", standard_id=standard_id))
    return notices.tell(answer, "ok" if is_done else "", said)
