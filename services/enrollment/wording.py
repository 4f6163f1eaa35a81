"""Sentences about the person to be enrolled: to themselves as «شما», to whoever enrolls them as «کارآموز»."""

from dataclasses import dataclass

from models import Channel


@dataclass(frozen=True)
class Words:
    """One sentence for each thing that is said of a person; the names in braces are filled in where it is said."""

    deceased: str
    age: str
    elsewhere: str
    standing: str
    schooling: str
    schooling_unknown: str
    look_yourself: str
    prerequisite: str
    no_group: str
    other_group: str
    recent: str
    no_guardian: str


TO_STAFF = Words(
    deceased="ثبت احوال این کد ملی را متعلق به شخص درگذشته می‌داند. با سرپرست مرکز بررسی کنید.",
    age="سن کارآموز در آغاز دوره {age} سال است و این دوره {rule}.",
    elsewhere="کارآموز در {active} دورهٔ دیگر ثبت‌نام دارد و هم‌زمان بیش از {most} دوره پذیرفته نمی‌شود.",
    standing="این شخص در همین دوره ثبت‌نام شده است (کد رهگیری {code}). دوباره ثبت نشد.",
    schooling="تحصیلات کارآموز «{has}» است و این دوره {asks} می‌خواهد.",
    schooling_unknown="این دوره {asks} می‌خواهد و تحصیلات کارآموز نوشته نشده است. از کارآموز بپرسید.",
    look_yourself="این شرط را خودتان با کارآموز بررسی کنید.",
    prerequisite="پیش‌نیاز این دوره «{asks}» است و گذراندن آن ثبت نشده است. اگر مدرکش را دیده‌اید، شماره‌اش را بنویسید.",
    no_group="این دوره ویژهٔ «{group}» است و گروه هدف کارآموز گفته نشده است. گروه هدف را انتخاب کنید.",
    other_group="این دوره ویژهٔ «{group}» است و گروه هدف کارآموز چیز دیگری است.",
    recent="کارآموز {when} در {recent} {what} ثبت‌نام شده است و بیش از {most} پذیرفته نمی‌شود.",
    no_guardian="کارآموز زیر {age} سال است و سرپرستی برای او ثبت نشده است. کد ملی و نسبت سرپرست را بنویسید.",
)
TO_PERSON = Words(
    deceased="ثبت احوال کد ملی شما را متعلق به شخص درگذشته می‌داند. با مرکز برگزارکننده تماس بگیرید.",
    age="سن شما در آغاز دوره {age} سال است و این دوره {rule}.",
    elsewhere="شما در {active} دورهٔ دیگر ثبت‌نام دارید و هم‌زمان بیش از {most} دوره پذیرفته نمی‌شود.",
    standing="شما در همین دوره ثبت‌نام کرده‌اید (کد رهگیری {code}). دوباره ثبت نشد.",
    schooling="تحصیلات شما «{has}» است و این دوره {asks} می‌خواهد.",
    schooling_unknown="این دوره {asks} می‌خواهد و تحصیلات شما نوشته نشده است.",
    look_yourself="این شرط را بخوانید؛ اگر ندارید با مرکز برگزارکننده تماس بگیرید.",
    prerequisite="پیش‌نیاز این دوره «{asks}» است و گذراندن آن ثبت نشده است. اگر گذرانده‌اید، شمارهٔ مدرکش را بنویسید.",
    no_group="این دوره ویژهٔ «{group}» است و گروه هدف شما گفته نشده است.",
    other_group="این دوره ویژهٔ «{group}» است و گروه هدف شما چیز دیگری است.",
    recent="شما {when} در {recent} {what} ثبت‌نام شده‌اید و بیش از {most} پذیرفته نمی‌شود.",
    no_guardian="شما زیر {age} سال دارید و سرپرستی برایتان ثبت نشده است. آن را در صفحهٔ «سرپرست» بنویسید.",
)


def of(channel: Channel) -> Words:
    """The words for whoever asks through this channel."""
    return TO_PERSON if channel is Channel.SELF else TO_STAFF
