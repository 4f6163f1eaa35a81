"""The clients as built from the product's settings."""

from flask import Flask

import config
import gateways
from gateways.registry import Registry


def app_with(settings):
    app = Flask(__name__)
    app.config.update(config.load({"DOREH_MODE": "test", **settings}))
    gateways.init_app(app)
    return app


def test_the_clients_are_built_from_the_settings(sandbox):
    with app_with(sandbox.product_settings()).app_context():
        assert isinstance(gateways.registry(), Registry)
        assert gateways.sms().find("o-1") is None
        assert gateways.shahkar().provider_code == "0785"
        assert gateways.window().begin("http://127.0.0.1:8000/auth/sso/callback").url.startswith(sandbox.url)


def test_a_system_is_built_whatever_its_mode_when_it_is_set_up_and_else_is_none(sandbox):
    settings = sandbox.product_settings()
    for group, mode in zip(("SSO", "REGISTRY", "SHAHKAR", "SMS"), ("off", "batch", "manual", "off"), strict=True):
        settings[f"{group}_MODE"] = mode
    with app_with(settings).app_context():
        assert None not in (gateways.window(), gateways.registry(), gateways.shahkar(), gateways.sms())
    lacking = {"SSO_CLIENT_ID": "", "REGISTRY_URL": "", "SHAHKAR_PASSWORD": "", "SMS_USERNAME": ""}
    with app_with(settings | lacking).app_context():
        assert [gateways.window(), gateways.registry(), gateways.shahkar(), gateways.sms()] == [None] * 4


def test_files_lie_on_the_disk_or_by_the_settings_in_a_bucket(tmp_path):
    with app_with({"DATA_DIR": str(tmp_path)}).app_context():
        assert gateways.files().folder == tmp_path / "files"
    keys = {"S3_KEY_ID": "doreh", "S3_SECRET": "secret"}
    with app_with({"FILES_STORE": "s3", "S3_URL": "https://s3.example.ir/doreh/", **keys}).app_context():
        assert gateways.files().url == "https://s3.example.ir/doreh"


def test_the_chosen_gateways_of_banks_are_built_in_their_order_and_no_other():
    secrets = {"PAYMENT_SADAD_KEY": "c2FuZGJveC1zYWRhZC1rZXktMjRiISEh", "PAYMENT_TIMEOUT_S": "2"}
    four = {"PAYMENT_GATEWAYS": "zarinpal,mellat, sep sadad", **secrets}
    with app_with(four).app_context():
        assert list(gateways.banks()) == ["zarinpal", "mellat", "sep", "sadad"]
        assert [bank.code for bank in gateways.banks().values()] == list(gateways.banks())
        assert gateways.bank("sep").origin == "https://sep.shaparak.ir"
    with app_with({"PAYMENT_GATEWAYS": "sep"}).app_context():
        assert (list(gateways.banks()), gateways.bank("sadad")) == (["sep"], None)
    with app_with({"PAYMENT_GATEWAYS": "sep", "PAYMENT_SEP_TERMINAL": "7", "PAYMENT_MODE": "off"}).app_context():
        assert list(gateways.banks()) == ["sep"]
    with app_with({**four, "PAYMENT_MODE": "off"}).app_context():
        assert gateways.banks() == {}, "zarinpal has no merchant"
