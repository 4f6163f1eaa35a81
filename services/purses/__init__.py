"""Purses as their owners, and those who answer for a unit, see them."""

from services.purses.portal import LABEL, Portal, portal, portal_purse, portals

__all__ = ["LABEL", "Portal", "portal", "portal_purse", "portals"]
