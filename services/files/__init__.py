"""Files that people attach: received, looked at by a job, handed out to those who may see their owner, forgotten.

A subject that takes files names its kind of owner once with `owners.register`, calls `receive` for what a form
brings, and `attach` inside the transaction in which the owner comes to be, where it does not exist before.
"""

from services.files.images import prepare_cut, prepare_portrait, prepare_to_cut
from services.files.keeping import keep
from services.files.owners import Prepare, Viewer, in_territory, register
from services.files.receiving import Place, attach, is_key, most_bytes, receive, remove
from services.files.serving import get, hand_out, of_owner, of_owners
from services.files.sweeping import keep_for, sweep

__all__ = [
    "Place",
    "Prepare",
    "Viewer",
    "attach",
    "get",
    "hand_out",
    "in_territory",
    "is_key",
    "keep",
    "keep_for",
    "most_bytes",
    "of_owner",
    "of_owners",
    "prepare_cut",
    "prepare_portrait",
    "prepare_to_cut",
    "receive",
    "register",
    "remove",
    "sweep",
]
