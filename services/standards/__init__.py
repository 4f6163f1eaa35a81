"""The catalog of skill standards: chosen by clerks, kept by HQ by hand and by sheets."""

from services.standards import field_sheet, requirements, sheet, tariff_sheet
from services.standards.choosing import search, usable
from services.standards.keeping import PAGE, TABS, Page, Whole, bring_back, get, history, listing, may_keep, retire

FORMS = (sheet.FORM, requirements.FORM, tariff_sheet.FORM, field_sheet.FORM)

__all__ = [
    "FORMS",
    "PAGE",
    "TABS",
    "Page",
    "Whole",
    "bring_back",
    "field_sheet",
    "get",
    "history",
    "listing",
    "may_keep",
    "requirements",
    "retire",
    "search",
    "sheet",
    "tariff_sheet",
    "usable",
]
