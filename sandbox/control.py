"""The JSON addresses by which tests turn switches and read phones."""

from typing import Any

from flask import Blueprint, request

from sandbox import people, switches
from sandbox.store import store
from sandbox.systems import BY_CODE, sms, sso, sso_keys
from sandbox.systems.banks import book

blueprint = Blueprint("control", __name__, url_prefix="/control")


@blueprint.errorhandler(ValueError)
def refuse(error: ValueError) -> Any:
    return {"error": str(error)}, 400


@blueprint.get("")
def state() -> Any:
    turned = {code: switches.get(code) for code in BY_CODE}
    return {
        "systems": {code: {"mode": one.mode, "seconds": one.seconds} for code, one in turned.items()},
        "userinfo_jwt": bool(store().meta(sso.USERINFO_AS_JWT)),
        "people": people.count(store()),
        "messages": len(sms.messages()),
        "payments": book.count(),
    }


@blueprint.post("/switch")
def switch() -> Any:
    """{"system", "mode", "seconds"}; the system "all" is every one."""
    body = _body()
    code, seconds = body.get("system"), body.get("seconds", 5)
    if code != "all" and code not in BY_CODE or not isinstance(seconds, int | float):
        raise ValueError(f"system is all or one of {', '.join(BY_CODE)}; seconds is a number")
    for one in BY_CODE if code == "all" else [code]:
        switches.turn(one, str(body.get("mode")), float(seconds))
    return state()


@blueprint.post("/sso")
def sso_options() -> Any:
    """{"userinfo_jwt": true or false, "rotate_key": true}, each optional."""
    body = _body()
    if "userinfo_jwt" in body:
        store().set_meta(sso.USERINFO_AS_JWT, "1" if body["userinfo_jwt"] else "")
    if body.get("rotate_key"):
        sso_keys.rotate()
    return state()


@blueprint.post("/reset")
def reset() -> Any:
    store().forget()
    return state()


@blueprint.post("/people")
def add_people() -> Any:
    return {"saved": people.save(store(), request.get_json(silent=True))}


@blueprint.get("/phones")
@blueprint.get("/phones/<mobile>")
def phones(mobile: str | None = None) -> Any:
    found = sms.messages(mobile)
    fields = ("uid", "text", "at", "sender", "mobile", "parts")
    return {
        "messages": [{name: row[name] for name in fields} for row in found],
        "by_uid": {row["uid"]: row["n"] for row in found if row["uid"] is not None},
    }


@blueprint.get("/counts")
def counts() -> Any:
    return switches.counts()


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise ValueError("a JSON object is wanted")
    return body
