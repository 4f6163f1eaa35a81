"""Portraits of trainees: sent from a phone, cut by whoever sent them, looked at by the center, private."""

from services.photos.deciding import REASONS, Word, decide
from services.photos.reading import Stage, Standing, accepted_of, counted, course_of, standing, waiting, waiting_one
from services.photos.seeing import SENT, enrollment_of, reviewer
from services.photos.sending import cut, finish, send

__all__ = [
    "REASONS",
    "SENT",
    "Stage",
    "Standing",
    "Word",
    "accepted_of",
    "counted",
    "course_of",
    "cut",
    "decide",
    "enrollment_of",
    "finish",
    "reviewer",
    "send",
    "standing",
    "waiting",
    "waiting_one",
]
