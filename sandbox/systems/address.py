"""The post: the address of a postal code, made up of the code itself."""

from typing import Any

from flask import current_app, request

from sandbox import switches
from sandbox.switches import System, is_wrong

blueprint = switches.blueprint("address", "/address")
SYSTEM = System(
    code="address",
    title="نشانی پستی",
    does="نشانی یک کد پستی را می‌گوید. کد پستی‌ای که به ۰ تمام شود نزد پست نیست.",
    wrong="نشانی کد پستی دیگری را برمی‌گرداند.",
    blueprint=blueprint,
)
STREETS = ("خیابان آزادی", "خیابان امام", "بلوار معلم", "خیابان سعدی", "خیابان حافظ")


@blueprint.post("/api/PostOffice/Address")
def of_code() -> Any:
    question = request.get_json(silent=True)
    if (
        not isinstance(question, dict)
        or question.get("clientId") != current_app.extensions["settings"].address_client_id
    ):
        return {"isSuccessful": False, "code": 401, "message": "سامانه شناخته نشد", "result": None}, 401
    code = str(question.get("Postalcode"))
    if len(code) != 10 or not code.isdigit():
        return {"isSuccessful": False, "code": 400, "message": "کد پستی خوانا نيست", "result": None}, 400
    if code.endswith("0"):
        return {"isSuccessful": True, "code": 1, "message": "يافت نشد", "result": None}
    parts = {"state": "گلستان", "townShip": "گرگان", "mainAvenue": STREETS[int(code[4]) % len(STREETS)]}
    told = "1" * 10 if is_wrong() else code
    return {
        "isSuccessful": True,
        "code": 0,
        "message": "",
        "result": {"postalCode": told, **parts, "plaque": code[-2:]},
    }
