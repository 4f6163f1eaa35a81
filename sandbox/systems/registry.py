"""The civil registry: a person's record by national code and Jalali birth date."""

import base64
from typing import Any

from flask import current_app, request
from persiantools.jdatetime import JalaliDate

from sandbox import people, switches
from sandbox.fa import TO_ARABIC_LETTERS
from sandbox.people import Person
from sandbox.store import store
from sandbox.switches import System, is_wrong

blueprint = switches.blueprint("registry", "/registry")
SYSTEM = System(
    code="registry",
    title="ثبت احوال",
    does="نام، نام پدر، جنسیت و وضع حیات را با کد ملی و تاریخ تولد می‌گوید.",
    wrong="مشخصات شخص دیگری را برمی‌گرداند.",
    blueprint=blueprint,
)
GENDERS = {"female": 0, "male": 1}
NOT_FOUND = {"isSuccessful": True, "code": 1, "message": "رکوردی يافت نشد", "result": None}


@blueprint.post("/api/SabtAhval/PersonalInformation")
def personal_information() -> Any:
    question = request.get_json(silent=True)
    if not isinstance(question, dict):
        return {"isSuccessful": False, "code": 400, "message": "درخواست خوانا نيست", "result": None}, 400
    if question.get("clientId") != current_app.extensions["settings"].registry_client_id:
        return {"isSuccessful": False, "code": 401, "message": "سامانه شناخته نشد", "result": None}, 401
    person = people.find(store(), str(question.get("nationalCode")))
    if person is None or str(question.get("birthDate")) != _jalali(person):
        return NOT_FOUND
    return {"isSuccessful": True, "code": 0, "message": "", "result": _record(person)}


def _jalali(person: Person) -> str:
    return str(JalaliDate(person.birth_date).strftime("%Y%m%d"))


def _text(text: str) -> str:
    """As the registry writes: Arabic letters, and the bytes as base64."""
    return base64.b64encode(text.translate(TO_ARABIC_LETTERS).encode()).decode()


def _record(person: Person) -> dict[str, Any]:
    # The code is a number, so its leading zeros are lost.
    nin = int(person.national_code)
    return {
        "nin": nin + 10 if is_wrong() else nin,
        "name": _text(person.first_name),
        "family": _text(person.last_name),
        "fatherName": _text(person.father_name),
        "gender": GENDERS[person.gender],
        "birthDate": int(_jalali(person)),
        "shenasnameNo": int(person.shenasname_no) if person.shenasname_no.isdigit() else 0,
        "shenasnameSeri": _text("الف"),
        "shenasnameSerial": 100000 + nin % 900000,
        "bookNo": nin % 400,
        "bookRow": nin % 97,
        "officeCode": nin % 3000,
        "officeName": _text("گرگان"),
        "deathStatus": int(not person.alive),
        "deathDate": 0 if person.alive else 14000101,
    }
