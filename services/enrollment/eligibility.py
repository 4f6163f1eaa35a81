"""Which rules speak against a person in a course; what is not known is not a reason."""

from sqlalchemy import func, select

from models import Course, CourseStatus, Enrollment, EnrollmentStatus, Gender, Person, db
from services import jalali, policy, text

# A course in one of these states no longer counts against "one active course at a time".
OVER = (CourseStatus.FINISHED, CourseStatus.CANCELED, CourseStatus.REJECTED)


def reasons_against(person: Person, course: Course, most_active: int) -> list[str]:
    """Sentences, one for each rule that refuses; call with the person's row locked.

    `most_active` is how many courses a person may be in at a time.

    Source: docs/rules.md R-22 to R-25.
    """
    found = [_gender(person, course), _age(person, course), _other_courses(person, course, most_active)]
    if not person.is_alive:
        found.insert(0, "ثبت احوال این کد ملی را متعلق به شخص درگذشته می‌داند. با سرپرست مرکز بررسی کنید.")
    return [sentence for sentence in found if sentence]


def contradictions(person: Person, course: Course) -> list[str]:
    """What is now known of the person and contradicts the course they are in already."""
    return [sentence for sentence in (_gender(person, course), _age(person, course)) if sentence]


def _gender(person: Person, course: Course) -> str | None:
    if person.gender is None or course.gender in (None, Gender.MIXED, person.gender):
        return None
    return "این دوره ویژهٔ بانوان است." if course.gender is Gender.FEMALE else "این دوره ویژهٔ آقایان است."


def _age(person: Person, course: Course) -> str | None:
    if person.birth_date is None or course.start_on is None:
        return None
    age = jalali.full_years(person.birth_date, course.start_on)
    if course.age_min is not None and age < course.age_min:
        return _age_sentence(age, f"از {course.age_min} سال پذیرش دارد")
    if course.age_max is not None and age > course.age_max:
        return _age_sentence(age, f"تا {course.age_max} سال پذیرش دارد")
    return None


def _age_sentence(age: int, rule: str) -> str:
    return text.persian_digits(f"سن این شخص در آغاز دوره {age} سال است و این دوره {rule}.")


def _other_courses(person: Person, course: Course, most: int) -> str | None:
    query = (
        select(func.count())
        .select_from(Enrollment)
        .join(Course, Course.id == Enrollment.course_id)
        .where(
            Enrollment.person_id == person.id,
            Enrollment.status == EnrollmentStatus.ACTIVE,
            Course.status.not_in(OVER),
            Course.end_on >= policy.today(),
            Course.id != course.id,
        )
    )
    active = db.session.scalar(query) or 0
    if active < most:
        return None
    return text.persian_digits(f"این شخص در {active} دورهٔ دیگر ثبت‌نام دارد و هم‌زمان بیش از {most} دوره پذیرفته نمی‌شود.")
