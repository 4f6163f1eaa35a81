"""Papers of a case: the receipt of a misfiled payment, and the document without which nothing is corrected."""

from models import CreditCase, FileKind, StoredFile, db
from services import files
from services.files import Viewer

OWNER = "credit_case"


def may_see(viewer: Viewer, file: StoredFile) -> bool:
    """Whoever has sent it, the unit that asks, the province that decides, and HQ."""
    case = db.session.get(CreditCase, file.owner_id)
    if case is None:
        return False
    return viewer.sent(file) or any(actor.covers(case.unit_id or 0, case.province_id) for actor in viewer.actors)


files.register(OWNER, FileKind, may_see, most=1)
