"""Reading one's own enrollments without an account: a tracking code, and a code sent to the proven mobile.

What is answered is the same for tracking codes that nobody has, so that none can be tried out.
"""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select

from models import Enrollment, Message, MobileCode, Person, db, utcnow
from services import forgetting, messages, seals, text, throttle
from services.errors import DomainError, NotFound
from services.sql import add_once
from services.transaction import atomic

DIGITS, TRIES = 6, 5
VALID = timedelta(minutes=10)
KEPT = timedelta(days=1)
READABLE = timedelta(minutes=20)  # since the right code was typed
FREE_FOR_CODE, FREE_FOR_ADDRESS = 5, 40
TEMPLATE = "mobile_code"
OFTEN = "از این‌جا کدهای زیادی پشت سر هم خواسته شد. چند دقیقهٔ دیگر دوباره بخواهید؛ این بار کدی فرستاده نشد."
EXPIRED = "زمان این کد تمام شده است. کد تازه بگیرید."
USED_UP = "این کد پنج بار نادرست نوشته شد و دیگر به کار نمی‌آید. کد تازه بگیرید."
WRONG = "این کد درست نیست. {left} بار دیگر می‌توانید امتحان کنید"
GONE = "این پیگیری پیدا نشد یا زمان آن گذشته است. از نو کد بگیرید."


def ask(form_key: str, tracking_code: str, address: str) -> str:
    """Send a code to whoever the tracking code belongs to; gives the key of the page where it is typed.

    The same form again gives the same key and sends nothing more.

    Raises:
        TooMany: too many codes were asked for, for this tracking code or from this address.

    Source: docs/rules.md R-600, R-601.
    """
    key = _key(form_key, tracking_code)
    if _row(key) is not None:
        return key
    often = {f"track:{throttle.network(address)}": FREE_FOR_ADDRESS, f"track:{tracking_code}": FREE_FOR_CODE}
    throttle.limit(often, OFTEN)
    whose = db.session.scalar(select(Enrollment.person_id).where(Enrollment.tracking_code == tracking_code))
    now, fitting = utcnow(), _hash(key, _code(key) if whose else seals.mark("no code", key))
    values = {"key": key, "person_id": whose, "code_hash": fitting, "attempts": 0}
    with atomic():
        is_new = add_once(MobileCode, **values, created_at=now, expires_at=now + VALID) is not None
        if is_new and whose is not None:
            messages.tell(whose, TEMPLATE, "کد پیگیری دوره: ******", cause_key=f"{TEMPLATE}:{key}")
    return key


def prove(key: str, typed: str) -> None:
    """Note that the code was typed right; every try counts, before it is compared. A right one may come twice.

    Raises:
        NotFound: nobody has asked for a code here.
        DomainError: not the code, or not any more.
    """
    with atomic():
        row = _row(key, lock=True)
        if row is None:
            raise NotFound(GONE)
        row.attempts += 1
        tried, is_over, is_right = row.attempts, row.expires_at <= utcnow(), row.code_hash == _hash(key, typed)
        if is_right and tried <= TRIES and not is_over:
            row.used_at = row.used_at or utcnow()
    # The try above is stored by now, whatever is raised below.
    if is_over:
        raise DomainError(EXPIRED, field="code")
    if tried >= TRIES and not (is_right and tried == TRIES):
        raise DomainError(USED_UP, field="code")
    if not is_right:
        raise DomainError(WRONG.format(left=text.persian_digits(TRIES - tried)), field="code")


def is_open(key: str) -> bool:
    """Whether a code can be typed here.

    Raises:
        NotFound: nobody has asked for one here, or long ago.
    """
    row = _row(key)
    if row is None or row.created_at < utcnow() - VALID - READABLE:
        raise NotFound(GONE)
    return row.attempts < TRIES and row.expires_at > utcnow()


def person_of(key: str) -> Person | None:
    """Whose enrollments may be read behind this key; None where no right code was typed, or too long ago."""
    query = select(Person).join(MobileCode, MobileCode.person_id == Person.id)
    return db.session.scalar(query.where(MobileCode.key == key, MobileCode.used_at > utcnow() - READABLE))


def purge(now: datetime) -> int:
    """Forget codes that nobody can use any more."""
    return forgetting.forget(MobileCode, MobileCode.created_at < now - KEPT)


def _words(message: Message) -> str | None:
    """The message with the code in it, made when it is sent and stored nowhere; None when it comes too late."""
    key = message.cause_key.partition(":")[2]
    row = _row(key)
    if row is None or row.expires_at <= utcnow():
        return None
    code = text.persian_digits(_code(key))
    return f"کد پیگیری ثبت‌نام شما در دوره: {code}\nآن را به کسی نگویید. تا ده دقیقه معتبر است."


messages.RENDERED[TEMPLATE] = _words


def _row(key: str, *, lock: bool = False) -> MobileCode | None:
    query = select(MobileCode).where(MobileCode.key == key).execution_options(populate_existing=True)
    return db.session.scalar(query.with_for_update() if lock else query)


def _key(form_key: str, tracking_code: str) -> str:
    """One form and one tracking code are one question; nobody else can find the key."""
    return str(uuid.UUID(seals.mark("tracking", f"{form_key}:{tracking_code}")[:32]))


def _code(key: str) -> str:
    return str(int(seals.mark("mobile code", key), 16) % 10**DIGITS).zfill(DIGITS)


def _hash(key: str, code: str) -> str:
    return seals.mark("mobile code typed", f"{key}:{code}")
