"""Instructors: where they teach, the rows of their files, and the classes they hold."""

from services.instructors.choosing import classes, teaching
from services.instructors.engaging import (
    Made,
    NewInstructor,
    StillTeaching,
    bring_back,
    close_ended,
    end,
    fields_of,
    set_fields,
    take_on,
)
from services.instructors.reading import FileOfPerson, Filter, Page, file_of, find, kept_units, listing

__all__ = [
    "FileOfPerson",
    "Filter",
    "Made",
    "NewInstructor",
    "Page",
    "StillTeaching",
    "bring_back",
    "classes",
    "close_ended",
    "end",
    "fields_of",
    "file_of",
    "find",
    "kept_units",
    "listing",
    "set_fields",
    "take_on",
    "teaching",
]
