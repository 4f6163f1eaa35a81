"""Many people into one course: a list from a text or a sheet, what is so with each of them, one run for all."""

from services.many.keeping import add, by_import, course_of, get, leave_out, purge, recent, start
from services.many.looking import Line, Look, State, look
from services.many.paying import to_the_bank
from services.many.running import Ran, run
from services.many.said import known_words
from services.many.typed import MOST_PEOPLE, read

__all__ = [
    "MOST_PEOPLE",
    "Line",
    "Look",
    "Ran",
    "State",
    "add",
    "by_import",
    "course_of",
    "get",
    "known_words",
    "leave_out",
    "look",
    "purge",
    "read",
    "recent",
    "run",
    "start",
    "to_the_bank",
]
