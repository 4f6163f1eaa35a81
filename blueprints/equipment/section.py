"""The section of equipment of a center: its pages as tabs, with what is overdue there."""

from flask import Blueprint, request

from blueprints import addresses
from blueprints.guards import me
from services import servicing
from services.text import persian_digits

SERVICE = "/center/service"
# A page that does not exist yet is not shown.
PARTS = (
    ("تجهیزات", "/center/equipment"),
    ("جابه‌جایی‌ها", "/center/equipment/transfers"),
    ("انبارگردانی", "/center/stocktakes"),
    ("برچسب", "/center/equipment/labels"),
    ("سرویس", SERVICE),
    ("کمبودها", "/center/equipment/shortages"),
    ("گزارش‌ها", "/center/inventory/reports"),
    ("اماکن", "/center/places"),
)


def init_bp(bp: Blueprint) -> None:
    """Let the templates of a blueprint ask for the tabs; only those that show them cost their query."""
    bp.context_processor(lambda: {"section_tabs": tabs})


def tabs() -> list[tuple[str, str, bool]]:
    """(label, address, whether this page is in it); of two that fit, the longer address is this page's."""
    shown = [(label, url) for label, url in PARTS if addresses.exists(url)]
    fitting = [url for _, url in shown if request.path == url or request.path.startswith(f"{url}/")]
    here = max(fitting, key=len, default="")
    return [(_counted(label) if url == SERVICE else label, url, url == here) for label, url in shown]


def _counted(label: str) -> str:
    """With how much is past its day."""
    overdue = servicing.overdue(me())
    return f"{label} {persian_digits(overdue)}" if overdue else label
