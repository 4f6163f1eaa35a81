"""One blueprint per role: a route says who, a form says what shape, a service says whether."""

from flask import Flask

from blueprints import system


def register(app: Flask) -> None:
    app.register_blueprint(system.bp)
