"""Who stands in for whom around a given day, the routes to come, and the lists that people have named."""

import datetime as dt

from models import ApprovalRoute, Deputy, SavedFilter
from scripts.demo.crowd import Crowd
from scripts.demo.ground import Ground
from scripts.demo.units import CENTER1, CENTER2
from scripts.reference.rows import Rows

# Who is away, who stands in, in which unit, first and last day from today, and why.
AWAY = (
    ("manager2", "clerk2", "manager", CENTER2, 0, 6, "مأموریت تهران"),
    ("manager1", "counselor1", "manager", CENTER1, 10, 16, "مرخصی"),
    ("manager1", "clerk1", "manager", CENTER1, -40, -33, ""),
)
LISTS = (
    ("clerk1", "center.courses", "عصرها", "tab=all&shift=evening"),
    ("clerk1", "center.courses", "بی‌مربی", "tab=draft&show=without"),
    ("province1", "province.courses", "زندان و پادگان", "tab=all&setting=prison"),
    ("planner1", "province.courses", "زودترین‌ها", "tab=open&sort=start"),
    ("hq1", "hq.courses", "شبانهٔ بانوان", "tab=all&shift=night&gender=female"),
)


def stand(rows: Rows, ground: Ground, crowd: Crowd, today: dt.date) -> None:
    """Add them."""
    for away, deputy, role, unit_code, first, last, reason in AWAY:
        user_id = crowd.users[away]
        days = {"first_on": today + dt.timedelta(days=first), "last_on": today + dt.timedelta(days=last)}
        who = {"user_id": user_id, "deputy_id": crowd.users[deputy], "made_by_id": user_id}
        rows.add(Deputy, unit_id=ground.units[unit_code], role=role, reason=reason, **who, **days)
    soon = today + dt.timedelta(days=30)
    rows.add(ApprovalRoute, unit_kind="center", setting="workplace", valid_from=soon, levels="center,province,hq")
    for username, page, title, query in LISTS:
        rows.add(SavedFilter, user_id=crowd.users[username], page=page, title=title, query=query)
