"""How soon a message is handed over after its commit, and how many a minute one worker manages."""

import statistics
import time
import uuid
from datetime import datetime

from sqlalchemy import text

from bench import contention, ground
from bench.ground import Trainee
from bench.installation import Installation
from models import Channel, DebitSource, OwnerKind, db
from services import enrollment
from services.enrollment import Application

IDLE, BURST = 30, 300


def delivery(site: Installation) -> dict[str, float]:
    """From the commit of the enrollment to the provider's answer, one at a time; then the rate of a full outbox."""
    course_id, _ = ground.course(site.app, IDLE + BURST)
    people = ground.trainees(site.app, IDLE + BURST, first=90_000)
    for person in people[:IDLE]:
        enroll(site, course_id, person)
        time.sleep(0.9)
    contention.until_quiet(site)
    waits = sorted(_waits(site, people[:IDLE]))
    began = time.monotonic()
    for person in people[IDLE:]:
        enroll(site, course_id, person)
    contention.until_quiet(site)
    seconds = time.monotonic() - began
    return {
        "message_handover_median_ms": round(statistics.median(waits)),
        "message_handover_p99_ms": round(waits[-1]),
        "messages_per_minute": round(BURST / seconds * 60),
    }


def enroll(site: Installation, course_id: int, person: Trainee) -> None:
    """Through the service, as the web does it."""
    payer = (OwnerKind.NATIONAL, person.national_code)
    with site.app.app_context():
        form = Application(
            str(uuid.uuid4()), course_id, person.person_id, Channel.SELF, DebitSource.TRAINEE, payer
        )  # fmt: skip
        enrollment.enroll(form)


def _waits(site: Installation, people: list[Trainee]) -> list[float]:
    """Milliseconds between the row of the message and its hand-over."""
    query = text("SELECT created_at, sent_at FROM message WHERE person_id = ANY(:ids) AND sent_at IS NOT NULL")
    with site.app.app_context():
        rows = db.session.execute(query, {"ids": [person.person_id for person in people]}).all()
        states = db.session.execute(
            text("SELECT state, attempts, last_error, count(*) FROM outbox GROUP BY 1, 2, 3")
        ).all()
    assert len(rows) == len(people), f"{len(rows)} of {len(people)} messages were sent; the outbox: {states}"
    return [_ms(row.created_at, row.sent_at) for row in rows]


def _ms(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() * 1000
