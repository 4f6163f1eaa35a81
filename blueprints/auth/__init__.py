"""Signing in and out, of staff and of trainees."""

from flask import Flask

from blueprints.auth import account, staff, window


def register(app: Flask) -> None:
    for bp in (staff.bp, window.bp, account.staff, account.trainee):
        app.register_blueprint(bp)
