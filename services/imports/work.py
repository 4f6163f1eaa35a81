"""What a worker does for a batch: the step that its state asks for; each may run twice and be killed anywhere."""

from models import ImportBatch, ImportState, db
from services import outbox
from services.imports import applying, reading
from services.outbox import Claim, Topic
from services.transaction import atomic

_STEPS = {
    ImportState.READING: reading.read,
    ImportState.APPLYING: applying.apply,
    ImportState.UNDOING: applying.undo,
}


@outbox.handles(Topic.IMPORT)
def carry_out(claim: Claim) -> None:
    batch = db.session.get(ImportBatch, claim.ref_id, populate_existing=True)
    step = _STEPS.get(batch.state) if batch else None
    if batch is None or step is None:
        with atomic():
            outbox.done(claim)
        return
    step(claim, batch)
