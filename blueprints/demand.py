"""What people ask for, by county and standard, and the way from there to a course; for provinces and centers."""

from flask import Blueprint, Response, render_template, request, url_for

from blueprints import addresses, notices, routes
from blueprints.forms import tried
from blueprints.forms.demand import OpenForm
from blueprints.guards import me
from blueprints.htmx import go
from services import demands, submissions
from services.access import Level


def register(bp: Blueprint, path: str) -> None:
    """Add the pages to a role's blueprint."""
    one = "/<int:standard_id>/<int:county_id>"
    table: tuple[routes.Route, ...] = (
        ("", demand_list, ("GET",)),
        (one, demand_page, ("GET",)),
        (one, demand_open, ("POST",)),
    )
    routes.add(bp, path, table)


def demand_list() -> str:
    county = addresses.number(request.args.get("county"))
    rows, places = demands.listing(me(), county)
    chosen = county if county in dict(places) else None
    asks = ("county", "شهرستان")
    return render_template("demand/list.html", rows=rows, places=places, chosen=chosen, asks=asks, head="شهرستان")


def demand_page(standard_id: int, county_id: int) -> Response:
    form = OpenForm(formdata=None, data={"form_key": submissions.new_key()})
    return _show(standard_id, county_id, form)


def demand_open(standard_id: int, county_id: int) -> Response:
    """Center staff go on to the draft; a planner has no more to do with it until it is sent."""
    form = OpenForm()
    wanted, unit_id, key = (standard_id, county_id), form.unit.data, form.form_key.data
    opened = tried(form, lambda: demands.open_course(me(), wanted, unit_id, key))
    if opened is None:
        return _show(standard_id, county_id, form, 422)
    course_id, title = opened
    if me().level is Level.CENTER:
        return notices.tell(go(f"/center/courses/{course_id}/edit"), "ok", "پیش‌نویس دوره ساخته شد. آن را کامل کنید.")
    said = f"پیش‌نویس دوره در «{title}» ساخته شد. کارشناس همان‌جا آن را کامل می‌کند و برای تأیید می‌فرستد."
    return notices.tell(go(url_for(".demand_page", standard_id=standard_id, county_id=county_id)), "ok", said)


def _show(standard_id: int, county_id: int, form: OpenForm, status: int = 200) -> Response:
    wanted = demands.one(me(), standard_id, county_id)
    hosts = demands.hosts(me(), standard_id, county_id) if demands.may_open(me()) else []
    form.offer(hosts)
    context = {"wanted": wanted, "hosts": hosts, "may_open": demands.may_open(me()), "failed": status != 200}
    return Response(render_template("demand/page.html", form=form, **context), status)
