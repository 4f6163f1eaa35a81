"""The slips of a whole class by one press: as one document, and as the page that is printed."""

import time
from statistics import median

from bench import counters, desk, ground, lists
from bench.browser_like import Answer, Visitor
from bench.installation import SERVER, Installation

ROUNDS = 5


def slips(site: Installation) -> dict[str, float]:
    """Seconds and bytes of the slips of `lists.CLASS` people: the document with all, and the first page of them."""
    clerk = ground.clerk(site.app, credit=lists.CLASS * ground.FEE)
    course_id = lists.enrolled(site, clerk.username)
    visitor = Visitor(site.port, desk.signed_in(site.port, clerk.username, ground.PASSWORD))
    path = f"/center/courses/{course_id}/papers"
    spent, cpu, answer = [], [], _pressed(visitor, path, "pdf")
    for _ in range(ROUNDS):
        before, began = counters.cpu_s(site.pids(SERVER)), time.monotonic()
        answer = _pressed(visitor, path, "pdf")
        spent.append(time.monotonic() - began)
        cpu.append(counters.cpu_s(site.pids(SERVER)) - before)
    assert answer.body[:5] == b"%PDF-", answer.status
    page = visitor.get(_pressed(visitor, path, "page").location)
    assert page.text.count("<article") > 1, page.status
    visitor.close()
    return {
        "slips_60_pdf_s": round(median(spent), 2),
        "slips_60_pdf_cpu_s": round(median(cpu), 2),
        "slips_60_pdf_bytes": len(answer.body),
        "slips_page_bytes": len(page.body),
        "slips_page_count": page.text.count("<article"),
    }


def _pressed(visitor: Visitor, path: str, what: str) -> Answer:
    form = visitor.get(path).form(f"{path}/slips")
    return visitor.post(f"{path}/slips", form | {"which": "all", "first": "0", "do": what})
