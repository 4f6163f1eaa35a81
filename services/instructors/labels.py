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
MARITAL = {"single": "مجرد", "married": "متأهل"}
MILITARY = {"done": "پایان خدمت", "exempt": "معاف", "serving": "در حال خدمت", "not_subject": "مشمول نیست"}
RECORD_KIND = {
    "employment": "سابقهٔ شغلی",
    "education": "مدرک تحصیلی",
    "retraining": "دورهٔ بازآموزی",
    "experience": "تجربهٔ کار یا تدریس",
    "card": "کارت مربیگری",
    "certificate": "گواهینامهٔ مهارت",
    "ruling": "رأی کمیتهٔ صلاحیت",
}
# A row that was sent is «ثبت‌شده» until the province has decided; the second tag says who has it.
RECORD_STATE = {
    "draft": ("پیش‌نویس", ""),
    "at_center": ("ثبت‌شده، در انتظار مرکز", "info"),
    "at_province": ("ثبت‌شده، در انتظار استان", "info"),
    "verified": ("تأییدشده", "ok"),
    "rejected": ("ردشده", "bad"),
    "replaced": ("جایگزین شده", ""),
    "withdrawn": ("پس‌گرفته", ""),
}
RECORD_DID = {
    "entered": "پیش‌نویس را نوشت",
    "corrected": "برای اصلاح باز کرد",
    "sent": "برای بررسی فرستاد",
    "withdrawn": "پس گرفت",
    "passed": "در مرکز تأیید کرد و به استان فرستاد",
    "verified": "تأیید کرد",
    "rejected": "رد کرد",
    "replaced": "با ردیف تازه جایگزین کرد",
    "rerouted": "با جابه‌جایی مربی به مرکز تازه سپرد",
}
INSTRUCTOR_DID = {
    "taken_on": "مربی را در این واحد ثبت کرد",
    "fields": "رشته‌های تدریس را تغییر داد",
    "move_asked": "جابه‌جایی را درخواست کرد",
    "move_refused": "جابه‌جایی را نپذیرفت",
    "move_withdrawn": "درخواست جابه‌جایی را پس گرفت",
    "moved_out": "جابه‌جایی به واحد دیگر را پذیرفت",
    "moved_in": "مربی را با جابه‌جایی پذیرفت",
    "ended": "پایان همکاری را ثبت کرد",
    "returned": "بازگشت مربی را ثبت کرد",
    "closed": "همکاری را در روز پایان بست",
}
MOVE_STATE = {
    "waiting": ("در انتظار", "info"),
    "accepted": ("پذیرفته شد", "ok"),
    "refused": ("پذیرفته نشد", "bad"),
    "withdrawn": ("پس گرفته شد", ""),
}
# The fields of a file, as its forms and its refusals call them.
LABEL = {
    "birth_place": "محل تولد",
    "marital": "وضعیت تأهل",
    "military": "وضعیت نظام وظیفه",
    "phone": "تلفن ثابت",
    "email": "رایانامه",
    "postal_code": "کد پستی",
    "address": "نشانی",
    "work_permit_no": "شمارهٔ پروانهٔ کار",
    "work_permit_until": "اعتبار پروانهٔ کار تا",
    "employment": "نوع استخدام",
    "employer": "محل خدمت یا کارفرما",
    "personnel_no": "شمارهٔ پرسنلی",
    "post": "پست سازمانی",
    "hired_on": "تاریخ استخدام",
    "ended_on": "روز پایان",
    "morning_hours": "ساعت موظف صبح در هفته",
    "evening_hours": "ساعت موظف عصر در هفته",
    "degree": "مدرک",
    "study_field": "رشتهٔ تحصیلی",
    "university": "دانشگاه یا مؤسسه",
    "graduated_on": "تاریخ دانش‌آموختگی",
    "gpa_hundredths": "معدل",
    "title": "عنوان",
    "provider": "برگزارکننده",
    "hours": "ساعت دوره",
    "started_on": "روز آغاز",
    "certificate_no": "شمارهٔ گواهی",
    "standard_id": "استاندارد",
    "experience": "نوع تجربه",
    "field_id": "رشته",
    "workplace": "محل کار یا تدریس",
    "number": "شماره",
    "issued_on": "تاریخ صدور",
    "expires_on": "پایان اعتبار",
    "ruled_on": "تاریخ رأی",
    "valid_until": "اعتبار رأی تا",
}
