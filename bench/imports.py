"""How quickly sheets of 5,000 lines are read and imported, and how much memory their jobs take at most."""

import resource
import subprocess
import sys
import time
from collections.abc import Callable

from sqlalchemy import text as sql

from bench.installation import Installation
from models import Role, UnitKind, User, db
from services import access, imports, outbox, standards, submissions
from services.access import Actor, Level
from services.equipment import sheet as items
from services.imports import ImportForm
from services.imports.workbook import workbook
from tests import make

LINES = 5_000


def catalog() -> bytes:
    """The catalog of a country in the organization's columns."""
    given = {"field": "جوشکاری", "theory_hours": "40", "practice_hours": "120", "min_education": "دیپلم"}
    return _sheet(standards.sheet.FORM, given, lambda n: {"title": f"مهارت شمارهٔ {n}", "code": f"7212{n:011d}"})


def inventory() -> bytes:
    """What a large center has in one workshop."""
    given = {"workshop": "کارگاه جوش", "group": "تجهیزات", "pieces": "5", "working": "4", "price_rials": "12000000"}
    return _sheet(items.FORM, given, lambda n: {"name": f"دستگاه شمارهٔ {n}", "asset_tag": f"{n:06d}"})


def five_thousand(site: Installation) -> dict[str, float]:
    """Lines a second of reading, importing, sending again and undoing, and the peak memory of a process that does it.

    Each step runs in a process of its own, as a work horse does, so that the peak is its own.
    """
    peaks: list[float] = []
    with site.app.app_context():
        make.field("جوشکاری")
        hq = make.user(Role.ADMIN, make.unit(UnitKind.HQ))
        figures = _steps(site, peaks, "import", _actor(hq, Level.HQ), standards.sheet.FORM, catalog())
        left = db.session.scalar(sql("SELECT count(*) FROM skill_standard"))
        assert left == 0, f"{left} standards are left after the undo"
        unit = make.unit()
        make.workshop(unit, title="کارگاه جوش")
        clerk = _actor(make.user(Role.CLERK, unit), Level.CENTER)
        figures |= _steps(site, peaks, "import_items", clerk, items.FORM, inventory())
        there = db.session.execute(sql("SELECT count(*), sum(quantity) FROM equipment_item")).one()
        assert tuple(there) == (LINES, 0), there
    return figures | {"import_peak_memory_mib": round(max(peaks))}


def _sheet(form: ImportForm, given: dict[str, str], own: Callable[[int], dict[str, str]]) -> bytes:
    lines = [[str({**given, **own(n)}.get(column.name, "")) for column in form.columns] for n in range(LINES)]
    return workbook(("داده", [[column.title for column in form.columns], *lines]))


def _actor(user: User, level: Level) -> Actor:
    found = access.actor(user, level, access.roles_of(user.id))
    assert found
    return found


def _steps(
    site: Installation, peaks: list[float], name: str, actor: Actor, form: ImportForm, data: bytes
) -> dict[str, float]:
    figures = {}
    first = imports.send(actor, form, submissions.new_key(), ("a.xlsx", data), {}).batch_id
    figures[f"{name}_read_lines_per_s"] = _worked(site, peaks)
    imports.apply(actor, first)
    figures[f"{name}_apply_lines_per_s"] = _worked(site, peaks)
    imports.send(actor, form, submissions.new_key(), ("a.xlsx", data), {})
    figures[f"{name}_same_lines_per_s"] = _worked(site, peaks)
    imports.undo(actor, first)
    figures[f"{name}_undo_lines_per_s"] = _worked(site, peaks)
    return figures


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
