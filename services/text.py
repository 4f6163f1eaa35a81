"""Persian text as it is stored, compared, sorted and shown."""

import re
import unicodedata

_PERSIAN_DIGITS = "۰۱۲۳۴۵۶۷۸۹"
_TO_ASCII = {
    ord(digit): str(value)
    for row in (_PERSIAN_DIGITS, "٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９")
    for value, digit in enumerate(row)
}
_TO_PERSIAN = {ord(str(value)): digit for value, digit in enumerate(_PERSIAN_DIGITS)}

# Arabic letters that look like Persian ones. Arabic-Indic digits go too: they are another bidi class than the
# Persian ones, so the same title would be drawn in another order.
_LETTERS = {0x064A: "ی", 0x0649: "ی", 0x0643: "ک", 0x06AA: "ک"} | {0x0660 + n: _PERSIAN_DIGITS[n] for n in range(10)}
# Zero-width and bidi marks, soft hyphen and tatweel; the ZWNJ (U+200C) is spelling and stays.
_UNSEEN = dict.fromkeys(
    [0x00AD, 0x0640, 0x061C, 0x200B, 0x200D, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2060, 0x2070)]
)
_STRAY_ZWNJ = re.compile(r"(?<=\s)\u200c+|\u200c+(?=\s)|^\u200c+|\u200c+$")

_FOLDED = str.maketrans({"ة": "ه", "ە": "ه", "ھ": "ه", "ہ": "ه", "ٱ": "ا", "ي": "ی", "ى": "ی", "ك": "ک", "ڪ": "ک"})
_IGNORED = re.compile(r"[\s\u200c\-_.،,()«»؛:؟!/'\"‘’“”‐-―…٬]+")


def digits(s: str | None) -> str:
    """The text with Persian, Arabic and fullwidth digits made ASCII; nothing else changes."""
    return (s or "").translate(_TO_ASCII)


def persian_digits(s: object) -> str:
    """The text (or number) with ASCII digits made Persian, for the screen."""
    return str(s).translate(_TO_PERSIAN)


def as_printed(s: object) -> str:
    """A number in Persian digits; one with Latin letters stands half Latin on the paper itself and stays as it is."""
    return str(s) if re.search("[A-Za-z]", str(s)) else persian_digits(s)


def plain(s: str | None) -> str:
    """The text without control characters: PostgreSQL takes no NUL, and nothing that we compare holds any other."""
    return "".join(c for c in s or "" if unicodedata.category(c) not in ("Cc", "Cs"))


def clean(s: str | None) -> str:
    """The form in which names and titles are stored: one spelling of ی and ک, no unseen marks, single spaces."""
    before, text = None, s or ""
    # Taking a mark away can bring two others together that normalization then joins, hence until it rests.
    while text != before:
        before = text
        text = "".join(c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs"))
        text = unicodedata.normalize("NFKC", text.translate(_UNSEEN)).translate(_UNSEEN).translate(_LETTERS)
        text = re.sub(r"\u200c+", "\u200c", re.sub(r"\s+", " ", text)).strip()
        text = _STRAY_ZWNJ.sub("", text)
    return text


def key(s: str | None) -> str:
    """The form in which names and titles are compared and indexed: no spaces, marks, hamza or punctuation."""
    before, text = None, s or ""
    while text != before:
        before = text
        text = unicodedata.normalize("NFKD", digits(clean(text)).casefold()).translate(_FOLDED)
        text = "".join(c for c in text if unicodedata.category(c) != "Mn")
        text = _IGNORED.sub("", text)
    return text


# -- Order -------------------------------------------------------------------------

_ALPHABET = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
_SORT_CODES = {" ": "10"}
_SORT_CODES |= {str(n): str(20 + n) for n in range(10)}
_SORT_CODES |= {chr(ord("a") + n): str(30 + n) for n in range(26)}
_SORT_CODES |= {letter: str(60 + n) for n, letter in enumerate(_ALPHABET)}
_SORT_CODES |= {"أ": "61", "إ": "61", "ٱ": "61", "ؤ": _SORT_CODES["و"], "ئ": _SORT_CODES["ی"], "ۀ": _SORT_CODES["ه"]}
_SORT_CODES |= {twin: _SORT_CODES["ه"] for twin in "ةەھہ"}
_OTHER_SCRIPT = "99"


def sort_key(s: str | None) -> str:
    """The form in which names and titles are sorted: every character is two digits, so any collation agrees.

    A space is 10, so that words sort before longer words; a number is its length (11 to 19) and then its digits
    (20 to 29), so that «مرکز ۲» stands before «مرکز ۱۰»; Latin letters are 30 to 55, Persian letters 60 to 92 with
    آ before ا; letters of other scripts are 99. Marks, ZWNJ and punctuation do not count. At most twice as long as
    the text plus two for each number in it.
    """
    text = digits(clean(s)).casefold().replace("\u200c", "")
    text = re.sub(r"[\u064B-\u0655\u0670ء]", "", text)
    text = re.sub(r"\s+", " ", _IGNORED.sub(" ", text)).strip()
    return "".join(_number_code(run) if run[0] in "0123456789" else _word_code(run) for run in _runs(text))


def _runs(text: str) -> list[str]:
    return re.findall(r"[0-9]+|[^0-9]+", text)


def _number_code(run: str) -> str:
    number = run.lstrip("0") or "0"
    return f"1{min(len(number), 9)}" + "".join(_SORT_CODES[digit] for digit in number)


def _word_code(run: str) -> str:
    return "".join(_SORT_CODES.get(letter, _OTHER_SCRIPT) for letter in run)


# -- Amounts -----------------------------------------------------------------------

SIGN_MARK = "\u200e"  # before a sign: without it the sign stands on the right of Persian digits


def group_thousands(n: int) -> str:
    """50000 as «۵۰٬۰۰۰», separated by U+066C; a mark keeps a minus on the left of its number in a Persian line."""
    return persian_digits(f"{n:,}").replace(",", "٬").replace("-", f"{SIGN_MARK}−")


def rial(n: int) -> str:
    """50000 as «۵۰٬۰۰۰ ریال»."""
    return f"{group_thousands(n)} ریال"


def tomans(n: int) -> str:
    """50000 rials as «۵٬۰۰۰ تومان»."""
    toman, rest = divmod(abs(n), 10)
    fraction = f"٫{persian_digits(rest)}" if rest else ""
    return f"{group_thousands(-toman if n < 0 else toman)}{fraction} تومان"


def rial_toman(n: int) -> str:
    """50000 as «۵۰٬۰۰۰ ریال (۵٬۰۰۰ تومان)»; every step of a payment shows both."""
    return f"{rial(n)} ({tomans(n)})"


# -- Names from two sources --------------------------------------------------------

_SUFFIXES = ("اصل", "نژاد", "پور", "زاده", "فر", "نیا", "تبار", "مقدم", "راد", "ی")
_SAME_SOUND = str.maketrans("صثطذضظحغآ", "سستزززهقا")


def near(a: str | None, b: str | None) -> str:
    """How far two spellings of one name are apart: "equal", "near" (a hint is enough) or "different".

    Equal is an equal key. Near is one family suffix more, letters of the same sound, or one slip of the hand (two
    from eight letters on; none below four, where one letter makes another name).
    """
    one, two = sorted((key(a), key(b)), key=lambda k: (len(k), k))
    if one == two:
        return "equal"
    if len(one) < 2:
        return "different"
    if two.startswith(one) and two[len(one) :] in _SUFFIXES:
        return "near"
    if one.translate(_SAME_SOUND) == two.translate(_SAME_SOUND):
        return "near"
    allowed = 0 if len(one) < 4 else 1 if len(one) < 8 else 2
    return "near" if _distance(one, two) <= allowed else "different"


def _distance(a: str, b: str) -> int:
    """Edit distance in which swapping two neighbors is one slip."""
    before: list[int] = []
    above = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            best = min(above[j] + 1, row[-1] + 1, above[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        before, above = above, row
    return above[-1]


def left_to_right(code: str) -> str:
    """A code between marks that keep its parts in order where Persian runs around it and no element can."""
    return f"\u2066{code}\u2069"
