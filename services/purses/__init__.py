"""Purses as their owners, and those who answer for a unit, see them."""

from services.purses.portal import LABEL, Portal, may_read, portal, portal_purse, portals, require_read

__all__ = ["LABEL", "Portal", "may_read", "portal", "portal_purse", "portals", "require_read"]
