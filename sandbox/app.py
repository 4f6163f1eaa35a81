"""Builds the sandbox."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request
from flask_compress import Compress
from jinja2 import StrictUndefined

from sandbox import answers, control, fa, pages, people, switches
from sandbox.settings import Settings
from sandbox.store import Store
from sandbox.systems import SYSTEMS, banks, sso_keys
from sandbox.systems.banks import control as bank_control
from sandbox.systems.banks import ledger


def create_app(environ: Mapping[str, str]) -> Flask:
    """The sandbox with its file opened and its people taken in.

    Raises:
        Refused: the settings are the product's production settings, or a file cannot be read.
    """
    settings = Settings.read(environ)
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 16 * 1024 * 1024
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.filters.update(fa=fa.digits, jalali=fa.jalali, clock=fa.clock, moment=fa.moment)
    app.jinja_env.filters.update(rial=fa.grouped, number=fa.number)
    app.jinja_env.globals.update(product_url=settings.product_url, modes=switches.MODES)
    app.extensions["settings"] = settings
    app.extensions["store"] = Store(settings.data)
    sso_keys.prepare(app.extensions["store"])
    if settings.people:
        people.load(app.extensions["store"], settings.people)
    app.extensions["store"].close()
    for system in SYSTEMS:
        app.register_blueprint(system.blueprint)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(answers.blueprint)
    app.register_blueprint(control.blueprint)
    app.register_blueprint(bank_control.blueprint)
    app.register_blueprint(ledger.blueprint)
    Compress(app)  # as the sites it plays do; a phone on a slow line sees these pages too
    app.before_request(_refuse_foreign_forms)
    app.after_request(_add_headers)
    return app


def _refuse_foreign_forms() -> None:
    """A page of another site must not turn our switches from the visitor's browser."""
    origin = request.headers.get("Origin")
    if request.endpoint in banks.ENTRANCES:
        return
    if request.method == "POST" and origin not in (None, "null") and origin != request.host_url.rstrip("/"):
        abort(403)


def _add_headers(response: Response) -> Response:
    product = urlsplit(current_app.extensions["settings"].product_url)
    origins = {f"{product.scheme}://{product.netloc}" if product.netloc else "", g.get("form_origin", "")} - {""}
    forms = f"form-action 'self' {' '.join(sorted(origins))}; " if origins else ""
    policy = f"default-src 'none'; style-src 'self'; img-src 'self'; {forms}base-uri 'none'; frame-ancestors 'none'"
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    # A bank says where it sends people from, as browsers do unless told otherwise.
    referrer = "strict-origin-when-cross-origin" if "form_origin" in g else "same-origin"
    response.headers.setdefault("Referrer-Policy", referrer)
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
