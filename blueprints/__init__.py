"""One blueprint per role: a route says who, a form says what shape, a service says whether."""

from flask import Flask

from blueprints import auth, components, public, system


def register(app: Flask) -> None:
    app.register_blueprint(system.bp)
    app.register_blueprint(public.bp)
    auth.register(app)
    if app.config["DOREH_MODE"] != "production":
        app.register_blueprint(components.bp)
