"""Instructors: where they teach, the rows of their files, and the classes they hold.

`taking_on`, `moves`, `profile`, `records` and `evidence` are imported by name: they stand on subjects that stand on
courses, and courses stand on this package.
"""

from services.instructors.choosing import teaching
from services.instructors.engaging import (
    Made,
    StillTeaching,
    bring_back,
    close_ended,
    end,
    fields_of,
    set_fields,
)
from services.instructors.reading import FileOfPerson, Filter, Page, file_of, find, kept_units, listing

__all__ = [
    "FileOfPerson",
    "Filter",
    "Made",
    "Page",
    "StillTeaching",
    "bring_back",
    "close_ended",
    "end",
    "fields_of",
    "file_of",
    "find",
    "kept_units",
    "listing",
    "set_fields",
    "teaching",
]
