"""Shahkar behind the government's service bus: is a mobile registered to a national code."""

import json
import re
import sqlite3
from typing import Any

from flask import current_app, request

from sandbox import people, switches
from sandbox.store import store
from sandbox.switches import System, is_wrong

blueprint = switches.blueprint("shahkar", "/shahkar")
SYSTEM = System(
    code="shahkar",
    title="شاهکار",
    does="می‌گوید شمارهٔ همراه به نام همین کد ملی است یا نه.",
    wrong="کد ۳۱۱ می‌دهد که نه «هست» است و نه «نیست».",
    blueprint=blueprint,
)
SHAPES = {
    "serviceType": re.compile("2"),
    "identificationType": re.compile("0"),
    "identificationNo": re.compile("[0-9]{10}"),
    "requestId": re.compile("[0-9]{24}"),
    "serviceNumber": re.compile("09[0-9]{9}"),
}
MATCH, NO_MATCH, BAD_INPUT = 200, 600, 311
COMMENTS = {MATCH: "تطابق دارد", NO_MATCH: "تطابق ندارد", BAD_INPUT: "ورودی نامعتبر است"}


@blueprint.post("")
def ask() -> Any:
    question = request.get_json(silent=True)
    if not isinstance(question, dict) or question.get("service") != "gsb-itoshahkar":
        return {"isSuccessful": False, "responseText": "درخواست خوانا نیست"}
    credential = question.get("credential")
    if not isinstance(credential, dict):
        return {"isSuccessful": False, "responseText": "درخواست خوانا نیست"}
    login = (credential.get("code"), credential.get("password"))
    if login != current_app.extensions["settings"].shahkar_login:
        return {"isSuccessful": False, "responseText": "نام کاربری یا گذرواژه درست نیست"}
    given = _parameters(question)
    code = BAD_INPUT if is_wrong() else _judge(given)
    data = {"response": code, "comment": COMMENTS[code], "requestId": given.get("requestId")}
    return {"isSuccessful": True, "responseText": json.dumps({"result": {"data": data}}, ensure_ascii=False)}


def _parameters(question: dict[str, Any]) -> dict[str, str]:
    listed = question.get("parameters")
    pairs = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return {str(one.get("parameterName")): str(one.get("parameterValue")) for one in pairs}


def _judge(given: dict[str, str]) -> int:
    if not all(shape.fullmatch(given.get(name, "")) for name, shape in SHAPES.items()):
        return BAD_INPUT
    try:
        with store().write() as connection:
            connection.execute("INSERT INTO shahkar_request VALUES (?)", (given["requestId"],))
    except sqlite3.IntegrityError:
        # A request id is good for one question.
        return BAD_INPUT
    return MATCH if given["identificationNo"] in people.owners(store(), given["serviceNumber"]) else NO_MATCH
