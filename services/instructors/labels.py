"""The words of the screen for what stands in the files of instructors."""

DEGREE = {
    "cycle": "سیکل",
    "diploma": "دیپلم",
    "associate": "کاردانی",
    "bachelor": "کارشناسی",
    "master": "کارشناسی ارشد",
    "doctorate": "دکتری",
}
EMPLOYMENT = {
    "official": "رسمی",
    "contractual": "پیمانی",
    "fixed_term": "قراردادی",
    "company": "شرکتی",
    "hourly": "حق‌التدریس",
    "soldier": "سربازمربی",
    "academy": "مربی آموزشگاه",
}
EXPERIENCE = {"teaching": "تدریس", "trade": "کار در حرفه"}
