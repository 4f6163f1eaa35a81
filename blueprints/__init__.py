"""One blueprint per role: a route says who, a form says what shape, a service says whether."""

from flask import Flask

from blueprints import (
    addresses,
    auth,
    center,
    components,
    files,
    hq,
    instructor,
    ops,
    payments,
    property_labels,
    province,
    public,
    slips,
    system,
    trainee,
    users,
)


def register(app: Flask) -> None:
    addresses.init_app(app)
    app.register_blueprint(system.bp)
    app.register_blueprint(public.bp)
    auth.register(app)
    users.register(app)
    for part in (payments, slips, files, property_labels, trainee, center, province, hq, instructor, ops):
        app.register_blueprint(part.bp)
    if app.config["DOREH_MODE"] != "production":
        app.register_blueprint(components.bp)
