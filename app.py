"""Builds the application. Nothing here decides anything."""

import os
from collections.abc import Mapping

import click
import cryptography.fernet
import cryptography.hazmat.primitives.kdf.hkdf  # noqa: F401 (both before the fork: services/seals.py loads them late)
from flask import Flask
from jinja2 import StrictUndefined

import blueprints
import config
import gateways
from blueprints import (
    assets,
    csrf,
    errors,
    filters,
    headers,
    notices,
    session_interface,
    shell,
    templating,
    typed,
    uploads,
)
from gateways import queue
from models import db
from services import database, logs


def create_app(environ: Mapping[str, str] = os.environ) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.config.update(config.load(environ))
    templating.init_app(app)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for part in (logs, database, gateways, queue, typed, headers, assets, filters, errors):
        part.init_app(app)
    for part in (session_interface, uploads, csrf, notices, shell):
        part.init_app(app)
    _offer_migrations(app)
    blueprints.register(app)
    return app


def _offer_migrations(app: Flask) -> None:
    """To `flask db` alone: the tools of migrations are some megabytes, which no server needs."""
    if click.get_current_context(silent=True):
        from flask_migrate import Migrate

        Migrate(app, db)
