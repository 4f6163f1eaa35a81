"""Courses: their entry, their way through approval, and who may see them."""

from services import labels
from services.courses.reading import enrollable, get, public_where, visible_to, whole

__all__ = ["enrollable", "get", "labels", "public_where", "visible_to", "whole"]
