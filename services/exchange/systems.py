"""What each outside system is told in a file or by hand, and what its answers mean; each answer has one way home.

Source: docs/rules.md R-745 to R-749.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from gateways.registry import RegistryPerson
from models import InquiryKind, InquiryOutcome, Message, MessageState, Person, db
from services import jalali, karpoosheh, lookups, messages_in_files, mobiles, outbox, people, text
from services.errors import NotFound
from services.imports import Column, Kind, Value, Values
from services.inquiries import Question, Way
from services.outbox import Claim, Topic

AGAIN, REFUSED = "again", "refused"
FILE_AGAIN, FILE_REFUSED = "file_again", "file_refused"  # the words are in services/labels.py
Asked = Mapping[int, tuple[str, ...]]  # by what a row of the outbox is about: the cells of our file after the number


@dataclass(frozen=True)
class Reply:
    """An answer to one thing owed: what was asked, what came back, and who brought it in."""

    claim: Claim
    number: str
    asked: tuple[str, ...]
    values: Values
    actor_id: int | None

    def text(self, name: str) -> str | None:
        found = self.values.get(name)
        return str(found) if found else None


@dataclass(frozen=True)
class System:
    """One outside system that can be spoken to without calls.

    Args:
        heads: the titles of the columns of our file after the number; the first names whom the row is about.
        people_of: the person of each thing owed.
        asked: the cells of those things that are to go now; the people are locked.
        results: the words of an answer beside the two that all systems have, and what they stand for.
        rest: the columns of the answer after the result and the cause.
        settle: what the system said takes effect; `refuse` is called where it will never do this one.
    """

    code: Topic
    title: str
    heads: tuple[str, ...]
    people_of: Callable[[Sequence[int]], Mapping[int, int]]
    asked: Callable[[Sequence[int]], Asked]
    results: Mapping[str, str]
    settle: Callable[[Reply], object]
    refuse: Callable[[Reply], object]
    rest: tuple[Column, ...] = ()
    check: Callable[[Values], dict[str, str]] = lambda values: {}
    needs_document: bool = False

    @property
    def choices(self) -> dict[str, str]:
        return {**self.results, "دوباره فرستاده شود": AGAIN, "پذیرفته نشد": REFUSED}

    @property
    def word_of(self) -> dict[Value, str]:
        return {value: word for word, value in self.choices.items()}

    @property
    def answer_columns(self) -> tuple[Column, ...]:
        result = Column("result", "نتیجه", Kind.CHOICE, choices=self.choices, hint="خالی: هنوز پاسخی نیست")
        cause = Column("cause", "علت", hint="جایی که دوباره فرستاده شود یا پذیرفته نشد")
        return (result, cause, *self.rest)

    def problems(self, values: Values) -> dict[str, str]:
        """What is wrong with an answer, by column."""
        result = values.get("result")
        if result in (AGAIN, REFUSED):
            return {} if values.get("cause") else {"cause": "علت را بنویسید"}
        return self.check(values) if result else {}


def lock_people(ids: Sequence[int]) -> dict[int, Person]:
    """People as stored now, locked in the order that everybody keeps; inside `atomic()`."""
    query = select(Person).where(Person.id.in_(set(ids))).order_by(Person.id).with_for_update(key_share=True)
    found = db.session.scalars(query.execution_options(populate_existing=True))
    return {person.id: person for person in found}


def _themselves(refs: Sequence[int]) -> Mapping[int, int]:
    return {ref: ref for ref in refs}


def _bury(reply: Reply) -> None:
    outbox.bury(reply.claim, FILE_REFUSED)


# -- Civil registry ----------------------------------------------------------------

FOUND, UNKNOWN_THERE, DEAD, ALIVE = "found", "not_found", "dead", "alive"
GENDERS = {"زن": "female", "مرد": "male"}


def _ask_registry(refs: Sequence[int]) -> Asked:
    persons = [person for person in lock_people(refs).values() if lookups.is_to_ask(person)]
    return {
        one.id: (one.national_code or "", text.digits(jalali.short(one.birth_date)))
        for one in persons
        if one.birth_date
    }


def _check_registry(values: Values) -> dict[str, str]:
    if values.get("result") != FOUND:
        return {}
    titles = {"first_name": "نام", "last_name": "نام خانوادگی"}
    return {name: f"{title} را بنویسید" for name, title in titles.items() if not values.get(name)}


def _settle_registry(reply: Reply) -> None:
    code, birth = reply.asked[0], jalali.parse(reply.asked[1])
    if birth is None:
        raise AssertionError("we have written it ourselves")
    question = Question(InquiryKind.REGISTRY, reply.claim.ref_id, f"{code}:{birth}", reply.number)
    found = None
    if reply.values["result"] == FOUND:
        found = RegistryPerson(
            national_code=code,
            first_name=reply.text("first_name") or "",
            last_name=reply.text("last_name") or "",
            father_name=reply.text("father_name"),
            gender=reply.text("gender"),
            birth_date=birth,
            shenasname_no=reply.text("shenasname_no"),
            alive=reply.text("life") != DEAD,
        )
    lookups.settle(question, found, Way(people.REGISTRY, reply.claim, reply.actor_id))


# -- Shahkar -----------------------------------------------------------------------

MATCH, NO_MATCH = "match", "no_match"
_VERDICT = {MATCH: InquiryOutcome.MATCH, NO_MATCH: InquiryOutcome.NO_MATCH}


def _ask_shahkar(refs: Sequence[int]) -> Asked:
    persons = [person for person in lock_people(refs).values() if mobiles.is_to_ask(person)]
    return {one.id: (one.national_code or "", one.mobile or "") for one in persons}


def _settle_shahkar(reply: Reply) -> None:
    question = Question(InquiryKind.SHAHKAR, reply.claim.ref_id, ":".join(reply.asked[:2]), reply.number)
    way = Way(mobiles.SOURCE, reply.claim, reply.actor_id)
    mobiles.settle(question, _VERDICT[str(reply.values["result"])], way)


# -- Messages ----------------------------------------------------------------------

TAKEN = "taken"


def _addressees(refs: Sequence[int]) -> Mapping[int, int]:
    query = select(Message.id, Message.person_id).where(Message.id.in_(refs))
    return {row.id: row.person_id for row in db.session.execute(query)}


def _settle_message(reply: Reply) -> None:
    messages_in_files.settle(reply.claim, reply.text("reference") or reply.number)


def _refuse_message(reply: Reply) -> None:
    messages_in_files.settle_refused(reply.claim, reply.text("cause") or FILE_REFUSED)


# -- Karpoosheh --------------------------------------------------------------------

DELIVERED, UNDELIVERED = "delivered", "undelivered"
_BECAME = {
    DELIVERED: MessageState.DELIVERED,
    TAKEN: MessageState.SENT,
    UNDELIVERED: MessageState.FAILED,
}


def _settle_notice(reply: Reply) -> None:
    result = str(reply.values["result"])
    karpoosheh.settle_as(reply.claim, _BECAME[result], result)


def _refuse_notice(reply: Reply) -> None:
    karpoosheh.settle_as(reply.claim, MessageState.FAILED, reply.text("cause") or FILE_REFUSED)


SYSTEMS: dict[str, System] = {
    system.code: system
    for system in (
        System(
            Topic.REGISTRY,
            "ثبت احوال",
            ("کد ملی", "تاریخ تولد"),
            _themselves,
            _ask_registry,
            {"پیدا شد": FOUND, "پیدا نشد": UNKNOWN_THERE},
            _settle_registry,
            _bury,
            (
                Column("first_name", "نام", longest=100),
                Column("last_name", "نام خانوادگی", longest=100),
                Column("father_name", "نام پدر", longest=100),
                Column("gender", "جنسیت", Kind.CHOICE, choices=GENDERS),
                Column("shenasname_no", "شمارهٔ شناسنامه", Kind.CODE, longest=20),
                Column("life", "وضع حیات", Kind.CHOICE, choices={"زنده": ALIVE, "فوت‌شده": DEAD}),
            ),
            _check_registry,
            needs_document=True,
        ),
        System(
            Topic.SHAHKAR,
            "شاهکار",
            ("کد ملی", "شمارهٔ همراه"),
            _themselves,
            _ask_shahkar,
            {"مطابق است": MATCH, "مطابق نیست": NO_MATCH},
            _settle_shahkar,
            _bury,
            needs_document=True,
        ),
        System(
            Topic.SMS,
            "پیامک",
            ("شمارهٔ همراه", "متن پیام"),
            _addressees,
            messages_in_files.for_file,
            {"فرستاده شد": TAKEN},
            _settle_message,
            _refuse_message,
            (Column("reference", "شناسه نزد سرویس", Kind.CODE, longest=40),),
        ),
        System(
            Topic.KARPOOSHEH,
            "کارپوشهٔ ملی",
            ("کد ملی", "عنوان", "متن پیام"),
            _addressees,
            karpoosheh.for_file,
            {"تحویل شد": DELIVERED, "در صف تحویل": TAKEN, "تحویل نشد": UNDELIVERED},
            _settle_notice,
            _refuse_notice,
        ),
    )
}


def of(code: str) -> System:
    """A system that can be spoken to without calls.

    Raises:
        NotFound: there is no such system.
    """
    if code not in SYSTEMS:
        raise NotFound("این سامانه با پرونده یا دستی کار نمی‌کند.")
    return SYSTEMS[code]


def take(system: System, reply: Reply) -> bool:
    """Let an answer take effect; whether it was accepted, else its cause stands in it. Inside `atomic()`."""
    if reply.values["result"] == AGAIN:
        outbox.hold(reply.claim, FILE_AGAIN, seconds=0)
        return False
    if reply.values["result"] == REFUSED:
        system.refuse(reply)
        return False
    system.settle(reply)
    return True
