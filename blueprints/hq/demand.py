"""What people of the whole country ask for, by standard and province; in one province by county."""

from flask import render_template, request

from blueprints import addresses
from blueprints.hq import bp
from services import demands


@bp.get("/demand")
def demand_list() -> str:
    province = addresses.number(request.args.get("province"))
    rows, places = demands.of_country(province)
    chosen = province if province in dict(places) else None
    context = {"asks": ("province", "استان"), "head": "شهرستان" if chosen else "استان"}
    return render_template("demand/list.html", rows=rows, places=places, chosen=chosen, **context)
