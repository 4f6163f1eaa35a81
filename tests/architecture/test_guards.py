"""Closed by default: every address belongs to a guarded blueprint or stands on the list of public ones."""

import pytest
from flask import Flask

from app import create_app
from blueprints import guards
from tests.conftest import SETTINGS

# Whoever adds an address here says that anybody in the world may ask for it.
PUBLIC = {
    "assets.serve",
    "auth.code",
    "auth.sign_in",
    "components.show",
    "payments.callback",
    "payments.receipt",
    "payments.receipt_pdf",
    "public.academy_page",
    "public.course_list",
    "public.course_page",
    "public.course_poster",
    "public.demand",
    "public.demand_send",
    "public.demand_sent",
    "public.home",
    "public.old_address",
    "public.pay",
    "public.pay_basket",
    "public.pay_begin",
    "public.pay_change",
    "public.pay_go",
    "public.pay_list",
    "public.pay_list_begin",
    "public.pay_own",
    "public.short_address",
    "public.status",
    "public.track",
    "public.track_ask",
    "public.track_close",
    "public.track_page",
    "public.track_prove",
    "public.track_start",
    "public.unit_booklet",
    "slips.scanned",
    "slips.slip",
    "slips.slip_paper",
    "slips.slip_print",
    "sso.begin",
    "sso.callback",
    "sso.door",
    "sso.leave",
    "sso.signed_out",
    "system.alive",
    "system.metrics",
    "system.ready",
}


@pytest.fixture(scope="module")
def whole_app() -> Flask:
    return create_app({**SETTINGS, "DATABASE_URL": "sqlite://"})


def closed(app: Flask) -> set[str]:
    names = guards.STAFF_SIDE | guards.TRAINEE_SIDE | guards.BOTH_SIDES
    return {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.split(".")[0] in names}


def test_every_address_is_closed_or_on_the_public_list(whole_app):
    every = {rule.endpoint for rule in whole_app.url_map.iter_rules()}
    assert every - closed(whole_app) - PUBLIC == set(), "guard these, or say above that they are public"


def test_the_public_list_has_nothing_that_is_gone_or_closed(whole_app):
    every = {rule.endpoint for rule in whole_app.url_map.iter_rules()}
    assert every >= PUBLIC
    assert not PUBLIC & closed(whole_app)


def test_every_closed_blueprint_has_its_guard_first(whole_app):
    for name in {endpoint.split(".")[0] for endpoint in closed(whole_app)}:
        hooks = whole_app.before_request_funcs.get(name, [])
        assert hooks, f"{name} has no hook at all"
        assert hooks[0].__module__ == "blueprints.guards", f"the first hook of {name} is not a guard"


def test_no_address_answers_get_and_ends_something(whole_app):
    acts = ("logout", "close", "drop", "disable", "enable", "revoke", "approve", "cancel", "confirm", "undo")
    for rule in whole_app.url_map.iter_rules():
        if rule.rule.rsplit("/", 1)[-1] in acts:
            assert "GET" not in rule.methods, f"{rule.rule} changes something and answers GET"
