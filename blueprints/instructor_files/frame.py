"""What the pages of one file have in common: whose it is, its parts, and where they stand."""

from dataclasses import dataclass
from typing import Any

from flask import url_for

from blueprints.guards import me
from models import Instructor, RecordKind
from services import instructors
from services.access import Level
from services.instructors import reading
from services.instructors.reading import FileOfPerson

K = RecordKind
# The parts of a file beside the personal one, each with the kinds of rows that it shows.
PARTS: dict[str, tuple[str, tuple[RecordKind, ...]]] = {
    "job": ("شغلی", (K.EMPLOYMENT, K.EXPERIENCE)),
    "education": ("تحصیلی", (K.EDUCATION,)),
    "retraining": ("بازآموزی", (K.RETRAINING,)),
    "papers": ("کارت و گواهی", (K.CARD, K.CERTIFICATE, K.RULING)),
}


@dataclass(frozen=True)
class Where:
    """The addresses of one file, at the level from which it is looked at; an own file names nobody."""

    instructor: Instructor

    @property
    def is_own(self) -> bool:
        return me().level is Level.INSTRUCTOR

    def home(self) -> str:
        return self._url("own_file", "instructor_page")

    def part(self, part: str) -> str:
        return self._url("own_part", "instructor_part", part=part)

    def of_kind(self, kind: RecordKind) -> str:
        return self.part(next(part for part, (_, kinds) in PARTS.items() if kind in kinds))

    def new(self, kind: RecordKind) -> str:
        return self._url("own_record_new", "record_new", kind=kind.value)

    def profile(self) -> str:
        return self._url("own_profile_edit", "profile_edit")

    def photo(self) -> str:
        return self._url("own_photo", "instructor_photo")

    def identity(self) -> str:
        return self._url("own_identity", "instructor_identity")

    def tabs(self, current: str) -> list[tuple[str, str, bool]]:
        parts = [(title, self.part(part), part == current) for part, (title, _) in PARTS.items()]
        return [("شخصی", self.home(), current == ""), *parts]

    def _url(self, own: str, other: str, **values: Any) -> str:
        if self.is_own:
            return url_for(f".{own}", **values)
        return url_for(f".{other}", instructor_id=self.instructor.id, **values)


def writes(instructor: Instructor) -> bool:
    """Whether the signed-in person writes rows into this file here."""
    if me().level is Level.INSTRUCTOR:
        return instructor.is_active
    return instructor.is_active and instructor.unit_id in reading.kept_units(me())


def file_for_me(instructor: Instructor) -> FileOfPerson:
    """The file as the signed-in person sees it: without drafts of others, and of who has left what went through here.

    Source: docs/rules.md R-200, R-205.
    """
    return instructors.file_of(instructor.person_id).seen_by(
        me().user_id, None if instructor.is_active or me().level is Level.INSTRUCTOR else instructor.unit_id
    )


def context(instructor: Instructor, current: str) -> dict[str, Any]:
    """What every page of a file shows around its part."""
    where = Where(instructor)
    return {"instructor": instructor, "person": instructor.person, "where": where, "tabs": where.tabs(current)}
