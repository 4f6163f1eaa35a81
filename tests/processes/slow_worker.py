"""A real worker whose handler of text messages hangs at the first try of each row and settles at the second."""

import os
import sys
import time
from pathlib import Path

import jobs.outbox  # noqa: F401 the real handlers first, so that ours replaces one of them
from jobs import worker
from services import outbox
from services.transaction import atomic


def slow(claim: outbox.Claim) -> None:
    Path(os.environ["DATA_DIR"], f"try-{claim.attempt}").touch()
    if claim.attempt == 1:
        time.sleep(50)
    with atomic():
        outbox.done(claim)


outbox.HANDLERS[outbox.Topic.SMS] = slow

if __name__ == "__main__":
    sys.exit(worker.main())
