"""The ministry of welfare: the decile of a household, made up of the national code itself."""

from typing import Any

from flask import current_app, request

from sandbox import switches
from sandbox.switches import System, is_wrong

blueprint = switches.blueprint("decile", "/decile")
SYSTEM = System(
    code="decile",
    title="دهک درآمدی",
    does="دهک خانوار یک کد ملی را می‌گوید: ۳ برای کدی که به ۷ پایان می‌یابد، و ۶ تا ۱۰ برای دیگران.",
    wrong="دهکی می‌گوید که نیست (۱۱).",
    blueprint=blueprint,
)


def of(code: str) -> int:
    """One household in ten has a low income here, by the last digit; most demo tariffs ask a fee of all others."""
    return 3 if code.endswith("7") else 6 + int(code[-1]) % 5


@blueprint.post("/api/Hemayat/Decile")
def of_code() -> Any:
    given, question = request.authorization, request.get_json(silent=True)
    login = (given.username, given.password) if given else None
    if login != current_app.extensions["settings"].decile_login or not isinstance(question, dict):
        return {"isSuccessful": False, "code": 401, "message": "نام کاربری یا گذرواژه درست نیست", "result": None}, 401
    code = str(question.get("nationalCode"))
    if len(code) != 10 or not code.isdigit():
        return {"isSuccessful": True, "code": 1, "message": "خانواری نیست", "result": None}
    found = 11 if is_wrong() else of(code)
    return {"isSuccessful": True, "code": 0, "message": "", "result": {"nationalCode": code, "decile": found}}
