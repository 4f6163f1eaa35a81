"""Signing in and out, of staff and of trainees."""

from flask import Flask

from blueprints.auth import staff, staff_account, trainee_account, window


def register(app: Flask) -> None:
    for part in (staff, window, staff_account, trainee_account):
        app.register_blueprint(part.bp)
