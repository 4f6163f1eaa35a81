"""What a month moved, by unit for a province and by province for HQ; to read only."""

from flask import render_template, url_for

from blueprints import routes
from blueprints.guards import me
from blueprints.purses import frame
from services.access import Level
from services.purses import sums


def purse_sums() -> str:
    month = frame.asked_month()
    return render_template(
        "purses/sums.html",
        found=sums.month_sums(me(), month),
        month=month,
        part="استان" if me().level is Level.HQ else "واحد",
        prev_url=url_for(".purse_sums", month=month.before.text),
        next_url=url_for(".purse_sums", month=month.after.text) if month.after.has_begun else "",
    )


ROUTES: tuple[routes.Route, ...] = (("", purse_sums, ("GET",)),)
