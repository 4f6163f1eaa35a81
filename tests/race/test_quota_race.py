"""Processes of several hosts share one quota a day and one breaker."""

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

from models import InquiryCount, Policy, db
from services import outside
from tests import make
from tests.conftest import SETTINGS

HOST = """
import json, sys
from app import create_app
from gateways.errors import Temporary
from services import allowances, outside
from services.transaction import atomic

def ask():
    raise Temporary("unreachable")

app = create_app(json.loads(sys.argv[1]))
taken = failed = resting = 0
with app.app_context():
    for _ in range(12):
        try:
            with atomic():
                allowances.take("registry", None)
            taken += 1
        except allowances.Full:
            pass
        try:
            outside.call("registry", ask)
        except Temporary:
            failed += 1
        except outside.Resting:
            resting += 1
print(json.dumps([taken, failed, resting]))
"""


def test_hosts_together_ask_no_more_than_the_quota_and_leave_a_dead_system_alone_together(app):
    make.save(Policy(name="registry_per_day", scope="*", valid_from=dt.date(2020, 1, 1), value=10))
    db.session.rollback()
    settings = json.dumps({**SETTINGS, "DATABASE_URL": app.config["DATABASE_URL"]})
    command, root = [sys.executable, "-c", HOST, settings], Path(__file__).resolve().parents[2]
    hosts = [subprocess.Popen(command, stdout=subprocess.PIPE, cwd=root, text=True) for _ in range(2)]
    told = [json.loads(host.communicate(timeout=120)[0].splitlines()[-1]) for host in hosts]
    taken, failed, resting = (sum(each) for each in zip(*told, strict=True))
    assert (taken, db.session.scalars(db.select(InquiryCount.used)).all()) == (10, [10])
    assert outside.is_down("registry")
    assert (5 <= failed <= 6, failed + resting) == (True, 24)  # one may be on its way when the fifth fails
