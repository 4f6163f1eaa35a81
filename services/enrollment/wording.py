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


TO_STAFF = Words(
    deceased="ثبت احوال این کد ملی را متعلق به شخص درگذشته می‌داند. با سرپرست مرکز بررسی کنید.",
    age="سن کارآموز در آغاز دوره {age} سال است و این دوره {rule}.",
    elsewhere="کارآموز در {active} دورهٔ دیگر ثبت‌نام دارد و هم‌زمان بیش از {most} دوره پذیرفته نمی‌شود.",
    standing="این شخص در همین دوره ثبت‌نام شده است (کد رهگیری {code}). دوباره ثبت نشد.",
)
TO_PERSON = Words(
    deceased="ثبت احوال کد ملی شما را متعلق به شخص درگذشته می‌داند. با مرکز برگزارکننده تماس بگیرید.",
    age="سن شما در آغاز دوره {age} سال است و این دوره {rule}.",
    elsewhere="شما در {active} دورهٔ دیگر ثبت‌نام دارید و هم‌زمان بیش از {most} دوره پذیرفته نمی‌شود.",
    standing="شما در همین دوره ثبت‌نام کرده‌اید (کد رهگیری {code}). دوباره ثبت نشد.",
)


def of(channel: Channel) -> Words:
    """The words for whoever asks through this channel."""
    return TO_PERSON if channel is Channel.SELF else TO_STAFF
