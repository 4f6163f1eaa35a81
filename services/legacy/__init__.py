"""People from older lists: cleaned, merged by a rule that is written down, and what could not be told is reported."""

from services.legacy.sheet import FORM

__all__ = ["FORM"]
