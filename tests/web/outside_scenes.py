"""Files and answers of outside systems that the walkers of pages and forms stand on."""

import datetime as dt
import uuid
from typing import Any

from models import (
    BatchState,
    ExchangeBatch,
    ExchangeRow,
    ExchangeState,
    ImportBatch,
    ImportState,
    Mode,
    Outbox,
    OutsideSystem,
    Unit,
    UnitKind,
    utcnow,
)
from services.exchange.gathering import sealed
from tests import make
from tests.attachments import pdf

PAGE = "/ops/outside/registry"
ASKED = ("0010350829", "۱۳۷۰/۰۱/۲۶")


def put(mode: Mode) -> None:
    """The registry is spoken to this way."""
    row = make.first(OutsideSystem, code="registry") or OutsideSystem(code="registry")
    row.mode = mode
    make.save(row)


def waiting(mode: Mode = Mode.MANUAL) -> Outbox:
    """Somebody whose name the registry is to tell, by hand."""
    put(mode)
    person = make.person(first_name=None, last_name=None, birth_date=dt.date(1991, 4, 15))
    about = {"topic": "registry", "ref_id": person.id, "dedup_key": uuid.uuid4().hex}
    return make.save(Outbox(state="open", next_try_at=utcnow(), **about))


def batch(world, state: BatchState = BatchState.SENT) -> ExchangeBatch:
    """A file of two rows."""
    number = uuid.uuid4().hex[:12]
    row = make.save(ExchangeBatch(number=number, system="registry", row_count=2, state=state))
    about = {"system": "registry", "batch_id": row.id, "ref_id": world.trainee.id, "sealed": sealed(ASKED)}
    for place, each in enumerate((ExchangeState.SENT, ExchangeState.REJECTED)):
        make.save(ExchangeRow(number=f"{number}-{place}", state=each, cause="سقف روز پر بود", **about))
    return row


def sent_back(world, state: ImportState = ImportState.READY, **over: Any) -> ImportBatch:
    """The file that came back for a batch."""
    options = {"batch": batch(world).id}
    file = {"file_name": "پاسخ.xlsx", "file_key": "0" * 32, "sha256": "0" * 64, "size_bytes": 9, "options": options}
    counts = {"row_count": 4, "bad_count": 1, "todo_count": 2, "read_at": utcnow()} | over
    unit = make.first(Unit, kind=UnitKind.HQ).id
    who = {"unit_id": unit, "user_id": world.staff["ops"].id, "level": "ops", "form": "exchange_registry"}
    return make.save(ImportBatch(state=state, **file, **counts, **who))


def grown(world, n: int) -> None:
    """One more of everything that the pages list."""
    waiting(Mode.BATCH)
    sent_back(world)


def switched(world):
    typed = {"mode": "batch", "reason": "قطعی سراسری"}
    return PAGE, {"code": "registry"}, typed


def gathered(world):
    waiting(Mode.BATCH)
    return PAGE, {"code": "registry"}


def on_batch(world):
    row = batch(world)
    return f"/ops/outside/batches/{row.id}", {"batch_id": row.id}


def answer_sent(world):
    page, values = on_batch(world)
    return page, values, {}, "", None, (("file", "answer.csv", "شمارهٔ ردیف,کد ملی\n1,2\n".encode()),)


def dropped(world):
    return *on_batch(world), {"reason": "پرونده فرستاده نشد"}


def by_hand(world):
    row = waiting()
    page, typed = f"{PAGE}/waiting/{row.id}", {"result": "not_found"}
    return page, {"code": "registry", "outbox_id": row.id}, typed, "", None, (("file", "reply.pdf", pdf()),)


def of_answer(state: ImportState, **over: Any):
    def scene(world):
        row = sent_back(world, state, **over)
        return f"/ops/imports/batches/{row.id}", {"batch_id": row.id}

    return scene


SCENES = {
    "ops.outside_switch": switched,
    "ops.outside_gather": gathered,
    "ops.exchange_file": on_batch,
    "ops.exchange_answer": answer_sent,
    "ops.exchange_drop": dropped,
    "ops.outside_record": by_hand,
    "ops.import_apply": of_answer(ImportState.READY),
    "ops.import_drop": of_answer(ImportState.READY),
}
