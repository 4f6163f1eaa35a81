"""The way back from a bank and the receipt: neither needs a session, a cookie or a sign-in."""

from flask import Blueprint, Response, render_template, request, url_for

from services.payments import reading, returning, wording

MOST_FIELDS, LONGEST = 40, 300

bp = Blueprint("payments", __name__, url_prefix="/pay")


@bp.route("/callback/<gateway>", methods=["GET", "POST"])
def callback(gateway: str) -> Response:
    """Whoever comes by whichever method: the fields name a visit, the bank is asked, and the receipt shows the rest."""
    if request.method == "HEAD":
        return Response(status=204)
    sent = list(request.values.items())[:MOST_FIELDS]
    key = returning.take(gateway, {name: value[:LONGEST] for name, value in sent})
    return _fresh(Response(status=303, headers={"Location": url_for(".receipt", key=key)}))


@bp.get("/receipt/<key>")
def receipt(key: str) -> Response:
    found = reading.by_receipt(key)
    page = render_template("public/receipt.html", receipt=found, words=wording)
    return _fresh(Response(page))


def _fresh(response: Response) -> Response:
    """How a payment stands is never shown from a cache, and its address is told to nobody."""
    response.headers["Cache-Control"] = "no-store"
    return response
