"""How quickly a sheet of 5,000 lines is read and imported, and how much memory its job takes at most."""

import resource
import subprocess
import sys
import time

from sqlalchemy import text as sql

from bench.installation import Installation
from models import Role, UnitKind, db
from services import access, imports, outbox, standards, submissions
from services.access import Level
from services.imports.workbook import workbook
from tests import make

LINES = 5_000


def sheet() -> bytes:
    """The catalog of a country in the organization's columns."""
    columns = standards.sheet.COLUMNS
    given = {"field": "جوشکاری", "theory_hours": "40", "practice_hours": "120", "min_education": "دیپلم"}
    lines = [
        [str({**given, "title": f"مهارت شمارهٔ {n}", "code": f"7212{n:011d}"}.get(c.name, "")) for c in columns]
        for n in range(LINES)
    ]
    return workbook(("داده", [[column.title for column in columns], *lines]))


def five_thousand(site: Installation) -> dict[str, float]:
    """Lines a second of reading, importing, sending again and undoing, and the peak memory of a process that does it.

    Each step runs in a process of its own, as a work horse does, so that the peak is its own.
    """
    peaks: list[float] = []
    with site.app.app_context():
        make.field("جوشکاری")
        user = make.user(Role.ADMIN, make.unit(UnitKind.HQ))
        actor = access.actor(user, Level.HQ, access.roles_of(user.id))
        assert actor
        data, form, figures = sheet(), standards.sheet.FORM, {}
        first = imports.send(actor, form, submissions.new_key(), ("catalog.xlsx", data), {}).batch_id
        figures["import_read_lines_per_s"] = _worked(site, peaks)
        imports.apply(actor, first)
        figures["import_apply_lines_per_s"] = _worked(site, peaks)
        imports.send(actor, form, submissions.new_key(), ("catalog.xlsx", data), {})
        figures["import_same_lines_per_s"] = _worked(site, peaks)
        imports.undo(actor, first)
        figures["import_undo_lines_per_s"] = _worked(site, peaks)
        left = db.session.scalar(sql("SELECT count(*) FROM skill_standard"))
        assert left == 0, f"{left} standards are left after the undo"
    return figures | {"import_peak_memory_mib": round(max(peaks))}


def _worked(site: Installation, peaks: list[float]) -> float:
    """Lines a second until nothing is owed any more, the start of the process left out."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.imports"], env=site.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    seconds, peak = (float(part) for part in done.stdout.split())
    peaks.append(peak)
    db.session.rollback()
    return round(LINES / seconds)


def main() -> int:
    import jobs.outbox  # noqa: F401 (registers the handlers)
    from jobs.background import create_app

    with create_app().app_context():
        began = time.monotonic()
        while outbox.drain(lambda: False, linger=0):
            pass
        print(time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return 0


if __name__ == "__main__":
    sys.exit(main())
