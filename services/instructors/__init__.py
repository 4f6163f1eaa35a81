"""Instructors: where they teach, the rows of their files, and the classes they hold."""

from services.instructors.choosing import classes, teaching
from services.instructors.reading import FileOfPerson, file_of, find

__all__ = ["FileOfPerson", "classes", "file_of", "find", "teaching"]
