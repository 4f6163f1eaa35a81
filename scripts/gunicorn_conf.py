"""gunicorn for the web process and the sandbox: preloaded, and nothing shared across the fork."""

import itertools
from typing import Any

from sqlalchemy.orm import configure_mappers

from scripts.processes import collect_rarely, die_with_parent, give_back_memory, settle_memory

workers = 2
threads = 4
worker_class = "gthread"
preload_app = True
control_socket_disable = True  # its default path is one per user, so two programs would share it
graceful_timeout = 2
keepalive = 15

_die_with_master = die_with_parent()
collect_rarely()  # before the product is loaded


def when_ready(server: Any) -> None:
    configure_mappers()
    settle_memory()


def post_fork(server: Any, worker: Any) -> None:
    """Die with the master, and open connections of our own: the parent's sockets and files are the parent's."""
    if _die_with_master is not None:
        _die_with_master()
    app = server.app.wsgi()
    if "queue" not in getattr(app, "extensions", {}):  # the sandbox
        return
    from gateways import queue
    from models import db

    queue.reset(app)
    with app.app_context():
        db.engine.dispose(close=False)


TRIM_EVERY = 100
_served = itertools.count(1)


def post_request(_worker: Any, _request: Any, _environ: Any, _response: Any) -> None:
    """Give what pages have freed back to the system now and then: 10 MB less after some thousand requests."""
    if next(_served) % TRIM_EVERY == 0:
        give_back_memory()
