"""What a clerk is told after a part of a course has been saved."""

from services import jalali
from services.access import Level
from services.courses import Saved

SENT_TO = {Level.CENTER: "مدیر مرکز", Level.PROVINCE: "استان", Level.HQ: "ستاد"}
SAVED_BEFORE = "این نوشته‌ها یک بار ذخیره شده است؛ چیزی دوباره ذخیره نشد."
EMPTIED = {
    "workshop_id": "کارگاه در محل تازه نیست و خالی شد؛ کارگاه را دوباره انتخاب کنید",
    "instructor_id": "مربی با استاندارد تازه جور نیست و خالی شد",
}


def said_of_saving(saved: Saved, *, is_asked: bool = False) -> str:
    """After a button was pressed; `is_asked` when it asked for the end date."""
    first = SAVED_BEFORE if saved.is_repeat else "پیش‌نویس ذخیره شد."
    rest = said_of_end(saved)
    if not rest and is_asked:
        rest = "برای پیشنهاد تاریخ پایان، تاریخ شروع، روزها و ساعت‌های کلاس لازم است."
    return " ".join(part for part in (first, rest, _said_of_emptied(saved)) if part)


def said_to_typist(saved: Saved, *, moved: bool) -> str:
    """The same in a line beside the form, without disturbing anybody; `moved` when the end date is another now."""
    of_end = said_of_end(saved) if moved else ""
    return " ".join(part for part in (of_end, _said_of_emptied(saved)) if part)


def said_of_end(saved: Saved) -> str:
    """What became of the end date, from what to what."""
    if saved.proposed_end and saved.end_before:
        before, now = jalali.long(saved.end_before), jalali.long(saved.proposed_end)
        return f"برنامهٔ کلاس عوض شد و تاریخ پایان از {before} به {now} رسید."
    if saved.proposed_end:
        return f"تاریخ پایان از ساعت‌های استاندارد حساب شد: {jalali.long(saved.proposed_end)}."
    if saved.other_end:
        return (
            f"تاریخ پایان همان است که خودتان نوشته‌اید؛ با این برنامه {jalali.long(saved.other_end)} می‌شد. برای "
            "گرفتن آن «پیشنهاد تاریخ پایان» را بزنید."
        )
    return ""


def _said_of_emptied(saved: Saved) -> str:
    return " ".join(f"{EMPTIED[name]}." for name in saved.emptied)
