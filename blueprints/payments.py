"""The way back from a bank and the receipt: neither needs a session, a cookie or a sign-in."""

from flask import Blueprint, Response, current_app, render_template, request, url_for

from services.papers import document
from services.papers import receipt as receipts
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


@bp.get("/receipt/<key>/pdf")
def receipt_pdf(key: str) -> Response:
    """The receipt of what has been paid, as a document."""
    found = reading.by_receipt(key)
    address = f"{current_app.config['BASE_URL']}{url_for('.receipt', key=key)}"
    if not found.is_paid:
        return _fresh(Response(status=303, headers={"Location": url_for(".receipt", key=key)}))
    response = Response(document.slips([receipts.paper(found, address)]), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="receipt-{found.payment.order_number}.pdf"'
    return _fresh(response)


def _fresh(response: Response) -> Response:
    """How a payment stands is never shown from a cache, and its address is told to nobody."""
    response.headers["Cache-Control"] = "no-store"
    return response
