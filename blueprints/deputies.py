"""Who decides for whom from when to when: the same pages for a center, a province and HQ."""

from flask import Blueprint, Response, render_template, request, url_for

from blueprints import addresses, notices, routes
from blueprints.forms import tried
from blueprints.forms.deputies import DeputyForm
from blueprints.guards import me
from blueprints.htmx import go
from services import deputies, labels, policy, submissions

SENT_BEFORE = notices.sent_before("جانشین دیگری ثبت نشد")


def register(bp: Blueprint) -> None:
    """Add the pages to a role's blueprint."""
    routes.add(bp, "/deputies", ROUTES)


def deputy_list() -> str:
    rows = deputies.standing(me())
    return render_template(
        "deputies/list.html",
        rows=rows,
        past=deputies.past(me()),
        may_end={row.id: deputies.may_end(me(), row) for row in rows},
        may_name=deputies.may_name(me()),
        today=policy.today(),
        my_id=me().user_id,
        labels=labels,
    )


def deputy_new() -> Response:
    """For whom; with `of` in the address, by whom and when."""
    of = addresses.number(request.args.get("of"))
    if of is not None:
        return _form(DeputyForm(formdata=None), of)
    found = deputies.replaceable(me())
    if len(found) == 1:
        return go(url_for(".deputy_new", of=found[0].id))
    return Response(render_template("deputies/whose.html", found=found, my_id=me().user_id, labels=labels))


def deputy_save() -> Response:
    deputies.require(me())
    form = DeputyForm()
    shape = form.validate()
    key, of = submissions.key_of(form.form_key.data), addresses.number(form.of.data) or 0
    done = tried(form, lambda: (deputies.name(me(), form.named(), key),)) if shape else None
    if done is None:
        return _form(form, of, 422)
    return _told("جانشین ثبت شد." if done[0] else SENT_BEFORE, is_done=done[0])


def deputy_end(deputy_id: int) -> Response:
    done = deputies.end(me(), deputy_id)
    return _told("جانشینی پایان یافت." if done else "این جانشینی پیش‌تر پایان یافته بود.", is_done=done)


def _form(form: DeputyForm, of: int, status: int = 200) -> Response:
    role = deputies.role_of(me(), of)
    form.offer(role, deputies.candidates(role))
    is_mine = role.user_id == me().user_id
    html = render_template("deputies/new.html", form=form, role=role, is_mine=is_mine, labels=labels)
    return Response(html, status)


def _told(said: str, *, is_done: bool) -> Response:
    return notices.tell(go(url_for(".deputy_list")), "ok" if is_done else "", said)


ROUTES = (
    ("", deputy_list, ("GET",)),
    ("/new", deputy_new, ("GET",)),
    ("", deputy_save, ("POST",)),
    ("/<int:deputy_id>/end", deputy_end, ("POST",)),
)
