"""What the clerk's desk shows beside a draft: the person, both purses, the courses, the last enrollments."""

from dataclasses import dataclass, replace

from sqlalchemy import select

from models import (
    Course,
    DebitSource,
    Enrollment,
    EnrollmentDraft,
    Guardianship,
    IdentityStatus,
    MobileStatus,
    Person,
    Role,
    TargetGroup,
    db,
)
from services import foreigners, guardians, labels, ledger, mobiles, people, policy, purses, seals, tariffs
from services.access import Actor
from services.enrollment import drafts, eligibility, reach, slips, whose
from services.enrollment.eligibility import Typed
from services.enrollment.refusals import Purses
from services.enrollment.rules import Finding, Outcome, Said
from services.enrollment.wording import TO_STAFF, TO_SUPERVISOR, Words
from services.purses.portal import Portal


@dataclass(frozen=True)
class Desk:
    """One draft with everything its page needs; `person` is None for a code that was never seen.

    `user` is the purse of the portal user: the clerk's own or the unit's.
    """

    draft: EnrollmentDraft
    user: Portal
    person: Person | None
    course: Course | None
    courses: list[Course]
    groups: list[TargetGroup]
    free: TargetGroup | None  # the chosen group, when it spares the fee
    purses: Purses
    last: list[Enrollment]
    is_counters: bool  # then the last ones are their own alone
    shared_mobile: int
    findings: list[Finding]  # of the rules, once there is a course
    guardian: Guardianship | None
    may_waive: bool  # whether the actor is a manager of the course's unit

    @property
    def asks_schooling(self) -> bool:
        """Whether the course would like to know it, or somebody has typed it here."""
        asked = any(each.field == "schooling" and each.outcome is not Outcome.PASSES for each in self.findings)
        return asked or drafts.entry_of(self.draft).schooling is not None

    @property
    def asks_prerequisite(self) -> bool:
        return any(each.field == "prerequisite" for each in self.findings)

    @property
    def mark(self) -> str:
        """Stands for the person where a browser keeps what was typed, so that a new draft for them finds it."""
        return seals.mark("desk", self.draft.national_code or self.draft.foreign_code or "")[:12]

    @property
    def is_minor(self) -> bool:
        """Whether the birth date, known or typed, says that somebody else answers for them."""
        known = self.person.birth_date if self.person else None
        return guardians.is_minor(known or drafts.entry_of(self.draft).birth_date)

    @property
    def of_age(self) -> int:
        return guardians.age()

    @property
    def guardian_words(self) -> str:
        return guardians.words(self.guardian) if self.guardian else ""

    @property
    def asks_guardian(self) -> bool:
        """Not of whoever is of age for sure."""
        return self.guardian is None and (self.is_minor or not self.has_birth_date)

    @property
    def asks_evidence(self) -> bool:
        return any(group.needs_evidence for group in self.groups)

    @property
    def has_name(self) -> bool:
        return self.person is not None and self.person.full_name is not None

    @property
    def has_birth_date(self) -> bool:
        return self.person is not None and people.has_settled_birth_date(self.person)

    @property
    def is_foreign(self) -> bool:
        return self.draft.foreign_code is not None

    @property
    def code(self) -> tuple[str, str]:
        """What the code is called, and the code."""
        if not self.is_foreign:
            return "کد ملی", self.draft.national_code or ""
        kind = foreigners.KINDS.get(self.draft.fields.get("foreign_kind", ""), "کد اتباع خارجی")
        return kind, self.draft.foreign_code or ""

    @property
    def asks_birth_date(self) -> bool:
        """Only where the registry is asked by it, or the course asks for an age.

        Source: docs/rules.md R-562.
        """
        if self.has_birth_date:
            return False
        if self.course and (self.course.age_min is not None or self.course.age_max is not None):
            return True
        known = self.person
        is_open = known is None or known.identity_status is IdentityStatus.PENDING or known.identity_note is not None
        return is_open and not self.is_foreign

    @property
    def has_matched_mobile(self) -> bool:
        return self.person is not None and self.person.mobile_status is MobileStatus.MATCHED

    @property
    def name(self) -> str:
        return people.shown_name(self.person) if self.person else "شخص ناشناخته؛ هنوز در سامانه ثبت نشده است"

    @property
    def name_note(self) -> tuple[str, str]:
        """What is known about the name: a sentence and the kind of its line."""
        if self.is_foreign:
            return "هویت اتباع خارجی از جایی پرسیده نمی‌شود؛ نام را مطابق همان مدرک بنویسید", ""
        note = labels.IDENTITY_NOTE.get((self.person and self.person.identity_note) or "")
        if note:
            return note, "warn"
        if self.person is None or self.person.identity_status is IdentityStatus.PENDING:
            return "بدون نام هم ثبت‌نام می‌شود؛ با تاریخ تولد یا با ورود کارآموز به پنجره ملی، نام خودکار می‌آید", ""
        if self.person.identity_status is IdentityStatus.DISCREPANCY:
            return "این نام با منبع رسمی یکی نیست و در انتظار بررسی است؛ ثبت‌نام را ادامه دهید", "warn"
        return "نام از منبع رسمی گرفته شده است", "ok"

    @property
    def trainee(self) -> str:
        """Whose purse the trainee's is: the name, when there is one, and the code."""
        name = self.person.full_name if self.person else None
        return "، ".join(filter(None, (name, whose.words(self.draft))))

    def enough(self, source: DebitSource) -> bool:
        return self.purses.covers(source)

    @property
    def low(self) -> list[tuple[str, str]]:
        """The purses that hold too little, by source and word."""
        words = {DebitSource.PORTAL_USER: "کاربر پورتال", DebitSource.TRAINEE: "کارآموز"}
        return [(source.value, word) for source, word in words.items() if not self.enough(source)]


def desk(actor: Actor, draft: EnrollmentDraft) -> Desk:
    """Read the desk of a draft; nine queries, whatever the number of courses."""
    trainee = ledger.owner_of(draft)
    person = whose.person_of(draft)
    courses = reach.open_courses(actor, draft.course_id)
    course = next((course for course in courses if course.id == draft.course_id), None)
    own = purses.portal(actor, draft.unit_id, beside=trainee)
    groups = db.session.scalars(select(TargetGroup).where(TargetGroup.is_active).order_by(TargetGroup.id)).all()
    chosen = next((group for group in groups if group.id == draft.target_group_id), None)
    free = chosen if chosen and chosen.is_fee_exempt else None
    return Desk(
        draft=draft,
        user=own,
        person=person,
        course=course,
        courses=courses,
        groups=list(groups),
        free=free,
        purses=Purses(
            fee_rials=0 if free else _fee(course, chosen, person), trainee=own.beside, portal_user=own.balance
        ),
        last=slips.last_of_course(actor, course) if course else [],
        is_counters=draft.unit_id in actor.own_acts_only,
        shared_mobile=mobiles.others_with(draft.fields.get("mobile"), person.id if person else None),
        findings=answer(draft, person, _words(actor, draft)) if course else [],
        guardian=guardians.standing(person.id) if person and guardians.is_minor(person.birth_date) else None,
        may_waive=course is not None and course.unit_id in actor.acting(Role.MANAGER).units,
    )


def _words(actor: Actor, draft: EnrollmentDraft) -> Words:
    return TO_SUPERVISOR if draft.unit_id in actor.acting(Role.MANAGER).units else TO_STAFF


def answer(draft: EnrollmentDraft, person: Person | None, words: Words = TO_STAFF) -> list[Finding]:
    """What the rules of the chosen course say of the person as they stand here, with what was typed; two queries."""
    typed = drafts.entry_of(draft)
    known = Typed() if person is None else Typed(person.id, person.gender, person.birth_date, person.is_alive)
    schooling = typed.schooling or (person.schooling if person else None)
    known = replace(known, birth_date=known.birth_date or typed.birth_date, schooling=schooling)
    said = Said(typed.target_group_id, typed.prerequisite or None, not typed.guardian.is_empty)
    return eligibility.look(known, eligibility.asked(draft.course_id or 0), said, words)


def _fee(course: Course | None, group: TargetGroup | None, person: Person | None) -> int:
    """As `commit` will take it: for this course, the saved target group, and a decile that is known."""
    today = policy.today()
    keys = tariffs.Keys(
        unit_kind=course.unit.kind if course else None,
        delivery=course.delivery if course else None,
        group=group.code if group else None,
        decile=tariffs.decile_of(person.id, today) if person else None,
    )
    return tariffs.amount_rials(tariffs.ENROLL_CREDIT, keys, today)
