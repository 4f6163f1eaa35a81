"""Addresses for the people and programs that watch over the installation."""

import hmac

from flask import Blueprint, Response, abort, current_app, jsonify, request

from services import health
from services import metrics as numbers

LOOPBACK = ("127.0.0.1", "::1")

bp = Blueprint("system", __name__)


@bp.get("/healthz")
def alive() -> Response:
    return Response("ok", mimetype="text/plain")


@bp.get("/readyz")
def ready() -> tuple[Response, int]:
    parts = health.readiness()
    # Without Redis the outbox waits and nothing is lost, so web requests may still come.
    fit = parts["database"] and parts["migrations"]
    return jsonify(ready=fit, **parts), 200 if fit else 503


@bp.get("/metrics")
def metrics() -> Response:
    if not _may_read_metrics():
        abort(404)
    return Response(numbers.text(current_app.config), content_type="text/plain; version=0.0.4; charset=utf-8")


def _may_read_metrics() -> bool:
    """From this machine itself, which a proxy in front of us is not, or with the token."""
    token = current_app.config["METRICS_TOKEN"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return True
    forwarded = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-Ip"))
    return not forwarded and request.remote_addr in LOOPBACK
