"""What a trainee has asked for and waits for."""

from flask import Response, render_template, url_for

from blueprints import notices
from blueprints.guards import trainee
from blueprints.htmx import go
from blueprints.trainee import bp
from services import demands


@bp.get("/demands")
def demand_list() -> str:
    return render_template("trainee/demands.html", rows=demands.mine(trainee().id))


@bp.post("/demands/<int:demand_id>/withdraw")
def demand_withdraw(demand_id: int) -> Response:
    done = demands.withdraw(trainee().id, demand_id)
    said = "دیگر منتظر این دوره نیستید." if done else "این نیاز پیش‌تر بسته شده بود؛ چیزی تغییر نکرد."
    return notices.tell(go(url_for(".demand_list")), "ok" if done else "", said)
