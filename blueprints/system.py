"""Addresses for the people and programs that watch over the installation."""

from flask import Blueprint, Response, jsonify

from services import health

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
