"""What a trainee sees of their own data, each with where it is from, and the one thing they change: their mobile."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from models import Discrepancy, DiscrepancyState, MobileChange, MobileStatus, Person, db
from services import labels, messages, mobiles, outside, people, throttle
from services.access import Visitor
from services.transaction import atomic

FREE_CHANGES = 5
TOO_MANY = "شماره را چند بار پشت سر هم عوض کرده‌اید. کمی بعد دوباره امتحان کنید؛ شمارهٔ کنونی شما تغییری نکرد."
CHANGED = (
    "این شماره از این پس شمارهٔ شما در سامانهٔ ثبت‌نام دوره‌های فنی و حرفه‌ای است. "
    "اگر کار شما نبوده است، به مرکز آموزش خبر دهید."
)
SHOWN = 5  # former changes
WORDS = labels.SOURCE | {people.SELF: "خودتان", people.SSO: "پنجره ملی"}


@dataclass(frozen=True)
class Standing:
    """How the mobile stands: `kind` colors the tag; `means` is what follows for messages, `todo` what to do."""

    kind: str
    state: str
    means: str
    todo: str


@dataclass(frozen=True)
class OwnData:
    """One's own data; `sources` are words by field, `disputed` fields that two sources tell differently,
    `words` those for who changed a mobile."""

    person: Person
    sources: dict[str, str]
    disputed: list[str]
    mobile: Standing
    changes: list[MobileChange]
    words: Mapping[str, str] = field(default_factory=lambda: WORDS)


def of(visitor: Visitor) -> OwnData:
    person = db.session.get_one(Person, visitor.id)
    sources = {name: WORDS.get(told.get("source", ""), "") for name, told in person.sources.items()}
    open_ = select(Discrepancy.field).where(Discrepancy.person_id == person.id)
    fields = db.session.scalars(open_.where(Discrepancy.state == DiscrepancyState.OPEN).order_by(Discrepancy.field))
    disputed = [labels.DISCREPANCY_FIELD[each] for each in fields if each in ("name", "gender", "birth_date")]
    changes = select(MobileChange).where(MobileChange.person_id == person.id).order_by(MobileChange.id.desc())
    return OwnData(person, sources, disputed, standing(person), list(db.session.scalars(changes.limit(SHOWN))))


def change_mobile(visitor: Visitor, typed: str) -> bool:
    """Take a mobile that the person has typed; True when it is another one, False when it is only asked about again.

    It is asked of Shahkar, and told so by SMS once it is matched; until then, and for ever when it is somebody else's,
    nothing is sent, to the old number neither.

    Raises:
        DomainError: no mobile, at `mobile`; TooMany: one after the other was tried.

    Source: docs/rules.md R-724.
    """
    number = mobiles.wanted(typed)
    with atomic():
        person = people.locked(visitor.id)
        if number == person.mobile:
            mobiles.ask_again(person)
            return False
        throttle.limit({f"own mobile {visitor.id}": FREE_CHANGES}, TOO_MANY)
        person.version += 1
        mobiles.change(person, number, people.SELF)
        tell_changed(person)
    return True


def tell_changed(person: Person) -> None:
    """Owe the new number a word that it is one now; it waits for the match as every message."""
    messages.tell(person.id, "mobile_changed", CHANGED, cause_key=f"mobile:{person.id}:{person.version}")


def standing(person: Person) -> Standing:
    """What the state of a mobile means for its owner."""
    if person.mobile is None:
        return Standing("warn", "ثبت نشده", "پیامکی به شما نمی‌رسد.", TODO)
    if person.mobile_status is MobileStatus.MATCHED:
        by = "پنجره ملی دولت هوشمند" if people.is_official(person, "mobile") else "شاهکار"
        return Standing("ok", "به نام شماست", f"{by} گفته است که این شماره به نام شماست. پیامک‌ها به آن می‌آید.", "")
    if person.mobile_status is MobileStatus.NOT_MATCHED:
        means = "شاهکار می‌گوید این شماره به نام کد ملی شما نیست؛ شاید سیم‌کارت به نام یکی از بستگان است."
        return Standing("bad", "به نام شما نیست", f"{means} پیامکی به آن فرستاده نمی‌شود.", TODO)
    if not mobiles.is_coming(person):
        return Standing("warn", "تطبیق نشده", "پیامکی به آن فرستاده نمی‌شود.", TODO)
    slow = "شاهکار اکنون پاسخ نمی‌دهد و خودکار دوباره پرسیده می‌شود." if outside.is_down("shahkar") else ""
    means = "از شاهکار می‌پرسیم که به نام شماست. تا پاسخ نیاید پیامکی به این شماره یا شمارهٔ پیشین فرستاده نمی‌شود."
    return Standing("info", "در انتظار تطبیق", means, slow or "کاری لازم نیست؛ بیشتر وقت‌ها چند دقیقه طول می‌کشد.")


TODO = "شماره‌ای را که به نام خودتان است بنویسید، یا با یک ورود تازه آن را از پنجره ملی بگیرید."
