"""The settings: production starts with all of them right or not at all, and says everything that is wrong at once."""

import re
from pathlib import Path

import pytest

import config

ROOT = Path(__file__).resolve().parents[2]
SECRET = "k7" * 20
WHOLE = {
    "DATABASE_URL": "postgresql://doreh@db/doreh",
    "REDIS_URL": "redis://queue/0",
    "SECRET_KEY": SECRET,
    "BASE_URL": "https://doreh.example.ir/",
    "SSO_CLIENT_ID": "doreh",
    "SSO_CLIENT_SECRET": SECRET,
    "REGISTRY_URL": "https://registry.example.ir",
    "REGISTRY_CLIENT_ID": "doreh",
    "SHAHKAR_URL": "https://shahkar.example.ir",
    "SHAHKAR_USERNAME": "doreh",
    "SHAHKAR_PASSWORD": SECRET,
    "SHAHKAR_PROVIDER_CODE": "0785",
    "SMS_USERNAME": "doreh",
    "SMS_PASSWORD": SECRET,
    "PAYMENT_GATEWAYS": "sep",
    "PAYMENT_SEP_TERMINAL": "2001",
}
OF_A_GATEWAY = {name for fields in config.GATEWAYS.values() for name in fields}
SYSTEMS_OFF = {f"{system}_MODE": "off" for system in config.SYSTEMS}


def problems(environ):
    with pytest.raises(config.BadSettings) as refused:
        config.load(environ)
    return str(refused.value).splitlines()[1:]


def test_a_whole_production_set_is_taken():
    settings = config.load(WHOLE)
    assert settings["DOREH_MODE"] == "production"
    assert settings["BASE_URL"] == "https://doreh.example.ir"
    assert settings["SQLALCHEMY_DATABASE_URI"] == "postgresql+psycopg://doreh@db/doreh"
    assert settings["TESTING"] is False


def test_everything_that_is_missing_is_listed_at_once():
    listed = problems({"PAYMENT_GATEWAYS": "sep"})
    needed = [name for name in WHOLE if name != "PAYMENT_GATEWAYS"]
    assert [name for name in needed if not any(name in line for line in listed)] == []
    assert len(listed) == len(needed)


@pytest.mark.parametrize("name", [name for name in WHOLE if name not in OF_A_GATEWAY])
def test_each_setting_is_missed_by_its_name(name):
    (line,) = problems({key: value for key, value in WHOLE.items() if key != name})
    assert line.split()[0] == name


@pytest.mark.parametrize("secret", sorted(config.DEFAULT_SECRETS) + ["x" * 31])
def test_a_default_or_short_secret_is_refused(secret):
    assert problems(WHOLE | {"SECRET_KEY": secret}) == [
        "  SECRET_KEY is missing, a default or shorter than 32 characters"
    ]


@pytest.mark.parametrize("url", ["http://doreh.example.ir", "doreh.example.ir", "ftp://doreh.example.ir"])
def test_an_address_without_https_is_refused(url):
    assert problems(WHOLE | {"BASE_URL": url}) == ["  BASE_URL does not start with https://"]


@pytest.mark.parametrize("system", config.SYSTEMS)
@pytest.mark.parametrize("mode", ["batch", "manual", "off"])
def test_a_system_that_is_not_online_needs_nothing(system, mode):
    without = {name: value for name, value in WHOLE.items() if name not in config.SYSTEMS[system]}
    assert config.load(without | {f"{system}_MODE": mode})[f"{system}_MODE"] == mode


@pytest.mark.parametrize("system", config.SYSTEMS)
def test_a_mode_that_no_system_has_is_refused(system):
    assert problems(WHOLE | {f"{system}_MODE": "on"}) == [
        f"  {system}_MODE: 'on' is none of online, batch, manual, off"
    ]


@pytest.mark.parametrize("mode", ["prod", "Production", ""])
def test_an_unknown_way_of_running_is_refused_and_does_not_pass_for_a_demo(mode):
    assert problems({**WHOLE, "DOREH_MODE": mode}) == [f"  DOREH_MODE: {mode!r} is none of production, demo, test"]


@pytest.mark.parametrize("mode", ["demo", "test"])
def test_a_demo_starts_with_nothing(mode):
    assert config.load({"DOREH_MODE": mode})["DOREH_MODE"] == mode


@pytest.mark.parametrize(("name", "value"), [
    ("TRUSTED_PROXIES", "one"), ("TRUSTED_PROXIES", "1.5"), ("TRUSTED_PROXIES", "-1"), ("TRUSTED_PROXIES", ""),
    ("OUTSIDE_TIMEOUT_S", "10s"), ("OUTSIDE_TIMEOUT_S", "0"), ("OUTSIDE_TIMEOUT_S", "11"),
    ("PUBLIC_PAGES_KEPT_S", "nan"), ("PUBLIC_PAGES_KEPT_S", "inf"), ("PUBLIC_PAGES_KEPT_S", "-1"),
])  # fmt: skip
@pytest.mark.parametrize("rest", [WHOLE, {"DOREH_MODE": "demo"} | SYSTEMS_OFF], ids=["production", "demo"])
def test_a_bad_number_joins_the_list_in_every_way_of_running(name, value, rest):
    listed = problems({**rest, name: value})
    assert listed[0].startswith(f"  {name}: ")
    if rest is WHOLE:
        assert len(listed) == 1


def test_bad_numbers_and_missing_settings_are_listed_together():
    listed = problems({"TRUSTED_PROXIES": "one", "OUTSIDE_TIMEOUT_S": "x"})
    assert {line.split()[0].rstrip(":") for line in listed} >= {"TRUSTED_PROXIES", "OUTSIDE_TIMEOUT_S", "SECRET_KEY"}


def test_numbers_have_defaults_that_are_right_in_production():
    settings = config.load(WHOLE)
    numbers = {name: settings[name] for name in config.NUMBERS}
    assert numbers == {"TRUSTED_PROXIES": 0, "OUTSIDE_TIMEOUT_S": 10, "S3_TIMEOUT_S": 20} | {
        "PUBLIC_PAGES_KEPT_S": 1, "PAYMENT_TIMEOUT_S": 6,
    }  # fmt: skip
    assert type(settings["TRUSTED_PROXIES"]) is int


def test_a_form_may_end_at_the_national_window_and_the_chosen_banks_when_they_are_set_up():
    both = ["https://sep.shaparak.ir", "https://sso.my.gov.ir"]
    assert config.load(WHOLE)["FORM_ACTION_ORIGINS"] == both
    assert config.load(WHOLE | {"PAYMENT_MODE": "off", "SSO_MODE": "off"})["FORM_ACTION_ORIGINS"] == both
    unchosen = WHOLE | {"PAYMENT_MODE": "off", "PAYMENT_GATEWAYS": ""}
    assert config.load(unchosen)["FORM_ACTION_ORIGINS"] == ["https://sso.my.gov.ir"]
    moved = {"PAYMENT_GATEWAYS": "mellat", "PAYMENT_MELLAT_PAGE_URL": "https://pay.example.ir:8443/start"}
    settings = config.load({"DOREH_MODE": "demo", "SSO_MODE": "off", **moved})
    assert settings["FORM_ACTION_ORIGINS"] == ["https://pay.example.ir:8443"]


@pytest.mark.parametrize("url", ["postgres://h/d", "postgresql://h/d", "postgresql+psycopg://h/d"])
def test_every_spelling_of_a_postgresql_address_gets_the_one_driver(url):
    assert config.load(WHOLE | {"DATABASE_URL": url})["SQLALCHEMY_DATABASE_URI"] == "postgresql+psycopg://h/d"


def test_the_document_on_deployment_names_every_setting_and_no_other():
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    chapter = text.partition("## Settings")[2].partition("\n## ")[0]
    rows = [line for line in chapter.splitlines() if line.startswith("|")]
    named = {name for row in rows for name in re.findall(r"`([A-Z][A-Z0-9]+_[A-Z0-9_]+)`", row)}
    fixed = {"MAX_CONTENT_LENGTH", "MAX_FORM_MEMORY_SIZE", "WTF_CSRF_TIME_LIMIT", "SQLALCHEMY_DATABASE_URI"}
    derived = {"FORM_ACTION_ORIGINS", "SET_UP", *(f"{system}_MODE" for system in config.SYSTEMS)}
    assert named == {name for name in config.load(WHOLE) if "_" in name} - fixed - derived
    assert all(f"{system}_MODE" in chapter for system in config.SYSTEMS)


def test_a_bucket_needs_its_address_and_its_keys_and_a_disk_none():
    assert config.load(WHOLE)["FILES_STORE"] == "disk"
    assert [line.split()[0] for line in problems(WHOLE | {"FILES_STORE": "s3"})] == ["S3_URL", "S3_KEY_ID", "S3_SECRET"]
    assert "FILES_STORE" in problems(WHOLE | {"FILES_STORE": "tape"})[0]
    keys = {"S3_URL": "https://s3.example.ir/doreh", "S3_KEY_ID": "doreh", "S3_SECRET": SECRET}
    assert config.load(WHOLE | keys | {"FILES_STORE": "s3"})["S3_REGION"] == "us-east-1"


# -- Banks -------------------------------------------------------------------------


@pytest.mark.parametrize(("chosen", "needed"), [
    ("sadad", ["PAYMENT_SADAD_MERCHANT", "PAYMENT_SADAD_TERMINAL", "PAYMENT_SADAD_KEY"]),
    ("sep", []),
    ("zarinpal, sep", ["PAYMENT_ZARINPAL_MERCHANT"]),
    ("mellat", ["PAYMENT_MELLAT_TERMINAL", "PAYMENT_MELLAT_USER", "PAYMENT_MELLAT_PASSWORD"]),
])  # fmt: skip
def test_only_the_chosen_gateways_need_their_settings_and_none_while_payment_is_not_online(chosen, needed):
    environ = WHOLE | {"PAYMENT_GATEWAYS": chosen}
    if needed:
        assert [line.split()[0] for line in problems(environ)] == needed
    settings = config.load(environ | {"PAYMENT_MODE": "off"})
    assert settings["PAYMENT_GATEWAYS"] == tuple(chosen.split(", "))


@pytest.mark.parametrize(("name", "value"), [
    ("PAYMENT_GATEWAYS", "sep,parsian"), ("PAYMENT_GATEWAYS", "sep,sep"), ("PAYMENT_PROXY", "10.0.0.1:3128"),
    ("PAYMENT_PROXY", "socks5://10.0.0.1:1080"), ("PAYMENT_SADAD_KEY", "no base64"), ("PAYMENT_SADAD_KEY", "a2V5"),
])  # fmt: skip
@pytest.mark.parametrize("rest", [WHOLE, {"DOREH_MODE": "demo"} | SYSTEMS_OFF], ids=["production", "demo"])
def test_a_bad_setting_of_payment_is_refused_in_every_way_of_running_and_no_key_is_told(name, value, rest):
    line, *others = problems({**rest, name: value})
    assert line.startswith(f"  {name}: ")
    assert not others or rest is not WHOLE
    assert name != "PAYMENT_SADAD_KEY" or value not in line
