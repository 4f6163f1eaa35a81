"""Why a file that was taken in is refused after all: the codes that are stored, and their words."""

TOO_MANY_PIXELS, TOO_SMALL, UNREADABLE, LOST = "too_many_pixels", "too_small", "unreadable", "lost"
PDF_ACTIVE, PDF_LOCKED, PDF_BROKEN, PDF_MIXED, PDF_DOUBTFUL = (
    "pdf_active", "pdf_locked", "pdf_broken", "pdf_mixed", "pdf_doubtful",
)  # fmt: skip

WORDS = {
    TOO_MANY_PIXELS: "ابعاد این عکس بیش از حد بزرگ است. آن را با ابعاد کوچک‌تر بگیرید و دوباره بفرستید.",
    TOO_SMALL: "این عکس برای عکس پرسنلی کوچک است؛ دست‌کم ۲۴۰ در ۳۲۰ نقطه لازم است. عکس روشن‌تر و بزرگ‌تری بفرستید.",
    UNREADABLE: "این عکس باز نشد؛ خراب است یا نیمه‌کاره رسیده است. دوباره عکس بگیرید و بفرستید.",
    LOST: "این پرونده پیش از بررسی از دست رفت. دوباره بفرستید.",
    PDF_ACTIVE: "این PDF برنامه، فرم یا پیوست دارد و پذیرفته نمی‌شود. آن را «چاپ به PDF» کنید و دوباره بفرستید.",
    PDF_LOCKED: "این PDF رمز دارد. آن را بی‌رمز ذخیره کنید و دوباره بفرستید.",
    PDF_BROKEN: "این PDF خوانده نمی‌شود؛ خراب است یا نیمه‌کاره رسیده است. آن را دوباره بسازید و بفرستید.",
    PDF_MIXED: "در این PDF چیز دیگری هم پنهان است و پذیرفته نمی‌شود. آن را «چاپ به PDF» کنید و دوباره بفرستید.",
    PDF_DOUBTFUL: "ساختار این PDF را نمی‌توان بررسی کرد. آن را «چاپ به PDF» کنید و دوباره بفرستید.",
}


class Unfit(Exception):
    """A file that is not kept; `code` is one of the reasons above."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def words(code: str | None) -> str:
    """The reason of a refused file as a sentence for its sender."""
    return WORDS.get(code or "", WORDS[UNREADABLE])
