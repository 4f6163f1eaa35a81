"""How far somebody went to school: in words, and as the free text of a standard asks for it."""

from models import Schooling
from services import text

TITLES = {
    Schooling.NONE: "بی‌سواد",
    Schooling.LITERATE: "خواندن و نوشتن",
    Schooling.PRIMARY: "پایان ابتدایی",
    Schooling.CYCLE: "سیکل (پایان متوسطهٔ اول)",
    Schooling.DIPLOMA: "دیپلم",
    Schooling.ASSOCIATE: "کاردانی (فوق دیپلم)",
    Schooling.BACHELOR: "کارشناسی",
    Schooling.MASTER: "کارشناسی ارشد",
    Schooling.DOCTORATE: "دکتری",
}
ORDER = {each: at for at, each in enumerate(Schooling)}
# Letters of the key of a text and what they mean; longer words stand before those they hold.
_WORDS = (
    ("دکتر", Schooling.DOCTORATE),
    ("کارشناسیارشد", Schooling.MASTER),
    ("فوقلیسانس", Schooling.MASTER),
    ("کارشناسی", Schooling.BACHELOR),
    ("لیسانس", Schooling.BACHELOR),
    ("کاردان", Schooling.ASSOCIATE),
    ("فوقدیپلم", Schooling.ASSOCIATE),
    ("زیردیپلم", Schooling.CYCLE),
    ("متوسطهاول", Schooling.CYCLE),
    ("اولمتوسطه", Schooling.CYCLE),
    ("راهنمایی", Schooling.CYCLE),
    ("سیکل", Schooling.CYCLE),
    ("دیپلم", Schooling.DIPLOMA),
    ("متوسطه", Schooling.DIPLOMA),
    ("پیشدانشگاهی", Schooling.DIPLOMA),
    ("ابتدایی", Schooling.PRIMARY),
    ("دبستان", Schooling.PRIMARY),
    ("بیسواد", Schooling.NONE),
    ("بدونسواد", Schooling.NONE),
    ("سواد", Schooling.LITERATE),
    ("خواندنونوشتن", Schooling.LITERATE),
    ("نهضت", Schooling.LITERATE),
)


def read(asked: str | None) -> Schooling | None:
    """The least that a text such as «دیپلم یا فوق دیپلم» asks for; None where it names nothing that we know."""
    letters, found = text.key(asked), []
    for word, schooling in _WORDS:
        if word in letters:
            found.append(schooling)
            letters = letters.replace(word, "|")
    return min(found, key=ORDER.__getitem__, default=None)


def reaches(has: Schooling, least: Schooling) -> bool:
    return ORDER[has] >= ORDER[least]
