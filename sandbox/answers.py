"""The other side of files: what an operator of the product brings is answered, with faults when asked for."""

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, json, render_template, request
from persiantools.jdatetime import JalaliDate

from sandbox import people
from sandbox.fa import ascii_digits
from sandbox.store import store

blueprint = Blueprint("answers", __name__)
NUMBER, CODE, BIRTH, MOBILE = "شمارهٔ ردیف", "کد ملی", "تاریخ تولد", "شمارهٔ همراه"
RESULT, CAUSE = "نتیجه", "علت"
FAULTS = (
    ("left_out", "یک ردیف را جا بینداز"),
    ("unknown", "شمارهٔ ردیف ناشناس بگذار"),
    ("wrong_code", "کد یک ردیف را عوض کن"),
    ("later", "یک ردیف را به بعد بینداز"),
)
GENDERS = {"female": "زن", "male": "مرد"}
FEW = 50
Row = dict[str, str]


def _registry(row: Row) -> Row:
    person = people.find(store(), ascii_digits(row[CODE]).zfill(10))
    if person is None or ascii_digits(row[BIRTH]) != JalaliDate(person.birth_date).strftime("%Y/%m/%d"):
        return {RESULT: "پیدا نشد"}
    names = {"نام": person.first_name, "نام خانوادگی": person.last_name, "نام پدر": person.father_name}
    rest = {"جنسیت": GENDERS[person.gender], "شمارهٔ شناسنامه": person.shenasname_no}
    return {RESULT: "پیدا شد", **names, **rest, "وضع حیات": "زنده" if person.alive else "فوت‌شده"}


def _shahkar(row: Row) -> Row:
    is_theirs = row[CODE].zfill(10) in people.owners(store(), "0" + row[MOBILE].lstrip("0"))
    return {RESULT: "مطابق است" if is_theirs else "مطابق نیست"}


def _sms(row: Row) -> Row:
    return {RESULT: "فرستاده شد", "شناسه نزد سرویس": row[NUMBER]}


def _karpoosheh(row: Row) -> Row:
    return {RESULT: "تحویل شد"}


# By a column that no other file has, the narrowest first.
KINDS: tuple[tuple[str, Callable[[Row], Row]], ...] = (
    (BIRTH, _registry),
    ("عنوان", _karpoosheh),
    ("متن پیام", _sms),
    (MOBILE, _shahkar),
)


@blueprint.get("/files")
def files() -> str:
    return render_template("files.html", faults=FAULTS, refused="")


@blueprint.post("/files")
def answer() -> Any:
    """The file that comes back; nothing is kept of it."""
    sent = request.files.get("file")
    rows = _read(sent.filename or "", sent.read()) if sent else []
    kind = next((make for column, make in KINDS if rows and column in rows[0]), None)
    if kind is None or NUMBER not in rows[0]:
        return render_template("files.html", faults=FAULTS, refused="این پرونده از دوره نیست یا ردیفی ندارد."), 422
    lines = _spoiled([row | kind(row) for row in rows], request.form)
    into = io.StringIO()
    writer = csv.DictWriter(into, list(dict.fromkeys(name for line in lines for name in line)))
    writer.writeheader()
    writer.writerows(lines)
    response = Response("\ufeff" + into.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="answer.csv"'
    return response


@blueprint.get("/inbox")
def inbox() -> str:
    """What the product has dropped for the national inbox, newest first."""
    folder: Path | None = current_app.extensions["settings"].inbox
    found = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True) if folder else []
    notices = [json.loads(path.read_text(encoding="utf-8")) for path in found[:FEW]]
    return render_template("inbox.html", notices=notices, has_folder=folder is not None)


def _read(name: str, data: bytes) -> list[Row]:
    if not name.endswith(".xlsx"):
        return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig", "replace"))))
    import openpyxl  # type: ignore[import-untyped]

    titles, *rest = openpyxl.load_workbook(io.BytesIO(data), read_only=True).worksheets[0].iter_rows(values_only=True)
    return [{str(title): str(cell or "") for title, cell in zip(titles, line, strict=False)} for line in rest]


def _spoiled(lines: list[Row], asked: Mapping[str, str]) -> list[Row]:
    """The lines with the faults that were asked for, each at another line as far as there are as many."""
    at = iter(range(len(lines)))
    if "later" in asked:
        lines[next(at, 0)] |= {RESULT: "دوباره فرستاده شود", CAUSE: "سقف روز پر بود"}
    if "wrong_code" in asked:
        line = lines[next(at, 0)]
        about = CODE if CODE in line else MOBILE
        line[about] = line[about][:-2] + line[about][-2:][::-1] + "7"
    if "unknown" in asked:
        lines[next(at, 0)][NUMBER] += "-0"
    if "left_out" in asked:
        del lines[-1]
    return lines
