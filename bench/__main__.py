"""`make bench`: every figure of README section 5 that exists; `make bench ARGS="server contention"` for some parts.

`make bench-large` is the one part that takes long and much room on the disk.
"""

import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench import at_desk, chromium, contention, grid, ground, growth, kills, lists, messages, pages, report, throughput
from bench import books as money
from bench import exam as examinees
from bench import imports as sheets
from bench import papers as prints
from bench.installation import ANEW, Installation, installed
from bench.slow_link import SlowLine
from scripts.processes import follow_make
from tests.ports import free_port

Figures = dict[str, float]
STORMS = 5


def browser() -> Figures:
    """What Chromium counts, on the demo data."""
    with installed() as site:
        site.load_demo()
        site.start()
        with chromium.browsers() as each:
            visits = chromium.first_visits(site, each, ground.trainees(site.app, 1, first=39_000)[0])
            return visits | chromium.journeys(site, each)


def line() -> Figures:
    """The journey through a line that is slow in both directions, product and national window behind it."""
    ours, window = free_port(), free_port()
    address, outside = f"http://127.0.0.1:{ours}", f"http://localhost:{window}/sso"
    seen = {
        "BASE_URL": address,
        "PRODUCT_URL": address,
        "SSO_AUTHORIZE_URL": f"{outside}/oauth2/authorize",
        "SSO_LOGOUT_URL": f"{outside}/logout",
    }
    with installed(**seen) as site:
        site.load_demo()
        site.start()
        with SlowLine({ours: site.port, window: site.port + 1}).open(), chromium.browsers() as each:
            return chromium.over_a_slow_line(site, each, address)


def desk() -> Figures:
    """A clerk who enrolls one person after the other over a slow line."""
    with installed() as site:
        ground.foundations(site.app)
        site.start()
        with chromium.browsers() as each:
            return at_desk.cycles(site, each)


def server() -> Figures:
    """What the pages of a self-enrollment cost when each is made anew, and the memory afterwards."""
    with _laid_out(**ANEW) as site:
        return pages.queries(site) | pages.costs(site)


def crowd() -> Figures:
    """1,000 for 200 seats: as the pages lead them, medians of `STORMS`; then everybody posts. The first warms up."""
    with _laid_out() as site:
        contention.storm(site, contention.everybody_posts, first=0)
        calm = [contention.storm(site, contention.by_the_pages, first=1_000 * n) for n in range(1, STORMS + 1)]
        rush = contention.storm(site, contention.everybody_posts, first=1_000 * (STORMS + 1))
    return {
        "contention_enrolled": max((each.enrolled for each in calm), key=lambda seats: abs(seats - contention.SEATS)),
        "contention_s": round(statistics.median(each.seconds for each in calm), 2),
        "contention_cpu_s": round(statistics.median(each.cpu_s for each in calm), 2),
        "contention_cpu_worst_s": round(max(each.cpu_s for each in calm), 2),
        "rush_enrolled": rush.enrolled,
        "rush_s": round(rush.seconds, 2),
        "rush_cpu_s": round(rush.cpu_s, 2),
        "rush_other_answers": rush.other + sum(each.other for each in calm),
    }


def outbox() -> Figures:
    with _laid_out() as site:
        return messages.delivery(site)


def imports() -> Figures:
    """A sheet of 5,000 lines, read, imported, sent again and taken back by jobs."""
    with installed() as site:
        return sheets.five_thousand(site)


def database() -> Figures:
    """Through the service layer, with nobody at work on the messages."""
    with installed() as site:
        ground.foundations(site.app)
        site.start("valkey")
        return throughput.against_pgbench(site)


def books() -> Figures:
    """Debits on one purse and on many, and the nightly proof of a million entries."""
    with installed() as site:
        ground.foundations(site.app)
        site.start("valkey")
        found = money.debits(site)
    return found | money.proof(money.ENTRIES)


def many() -> Figures:
    """Five hundred people of one list, half of them never seen before."""
    with installed() as site:
        ground.foundations(site.app)
        site.start("valkey")
        return lists.five_hundred(site)


def papers() -> Figures:
    """The slips of a class of sixty."""
    with installed() as site:
        ground.foundations(site.app)
        site.start()
        return prints.slips(site)


def large() -> Figures:
    """The nightly proof of ten million entries."""
    return money.proof(money.LARGE)


def exam() -> Figures:
    """The list for the exam among a million enrollments."""
    return examinees.figures()


def size() -> Figures:
    return growth.ratios()


def courses() -> Figures:
    """The queues and the lists of courses of staff."""
    return grid.ratios()


def chaos() -> Figures:
    """The short form of `make soak`, on both databases."""
    found = [kills.chaos(kind, enrollments=200, kills=8) for kind in ("sqlite", "postgresql")]
    return {
        "chaos_lost": sum(each.lost for each in found),
        "chaos_doubled": sum(each.doubled for each in found),
        "chaos_drained_s": round(max(each.drained_s for each in found), 1),
    }


PARTS: dict[str, Callable[[], Figures]] = {
    part.__name__: part
    for part in (
        browser,
        line,
        desk,
        server,
        crowd,
        outbox,
        imports,
        database,
        books,
        many,
        papers,
        size,
        courses,
        chaos,
    )
}
LARGE = {"large": large, "exam": exam}  # when it is asked for by name


@contextmanager
def _laid_out(**settings: str) -> Iterator[Installation]:
    """A running installation on PostgreSQL with five hundred courses, fifty of them open."""
    with installed(**settings) as site:
        ground.foundations(site.app)
        ground.courses(site.app, 500)
        site.start()
        yield site


def main() -> int:
    follow_make()
    wanted, figures = sys.argv[1:] or list(PARTS), {}
    known = PARTS | LARGE
    if unknown := set(wanted) - set(known):
        print(f"There is no part {', '.join(sorted(unknown))}; the parts are {', '.join(known)}.", file=sys.stderr)
        return 1
    spins = [report.spin()]
    for name in wanted:
        print(f"== {name}", flush=True)
        found = known[name]()
        print(report.table(found), flush=True)
        figures |= found
        spins.append(report.spin())
    report.save(figures, report.machine(spins))
    print(f"\n{report.table(figures)}\n\nwritten to {report.LATEST}")
    if missed := report.missed(figures):
        print("over budget: " + ", ".join(missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
