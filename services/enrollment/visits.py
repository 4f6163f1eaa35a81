"""Why somebody came in person, and at which level they were received: the words, and what of it is kept.

Source: docs/rules.md R-560.
"""

from models import Channel, InPersonLevel, InPersonReason

REASON = {
    InPersonReason.IDENTITY: "احراز اصالت فرد",
    InPersonReason.DOCUMENTS: "احراز اصالت مدرک",
    InPersonReason.NO_INFRASTRUCTURE: "نبود زیرساخت ارتباطی مناسب",
    InPersonReason.OTHER: "سایر موارد",
}
SHORT = {
    InPersonReason.IDENTITY: "احراز فرد",
    InPersonReason.DOCUMENTS: "احراز مدرک",
    InPersonReason.NO_INFRASTRUCTURE: "نبود زیرساخت",
    InPersonReason.OTHER: "سایر",
}
LEVEL = {
    InPersonLevel.COUNTY: "شهرستانی",
    InPersonLevel.PROVINCIAL: "استانی",
    InPersonLevel.NATIONAL: "ملی",
}
CHANNEL = {Channel.SELF: "خود کارآموز", Channel.CLERK: "کارشناس واحد", Channel.COUNTER: "دفتر پیشخوان"}
Visit = tuple[InPersonReason, InPersonLevel]


def visit(reason: str | None, level: str | None) -> Visit | None:
    """A reason with its level, the county's where none is said; None where nobody came in person for a reason."""
    if reason not in set(InPersonReason):
        return None
    return InPersonReason(reason), InPersonLevel(level) if level in set(InPersonLevel) else InPersonLevel.COUNTY
