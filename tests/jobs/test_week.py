"""A small week in which the outside fails for days; the whole one is part of `make soak` (bench/week.py)."""

import pytest

from bench import week


@pytest.fixture
def after(app, sandbox):
    return week.lived(app, sandbox, week.SMALL)


def test_while_the_outside_fails_for_days_nobody_is_refused_or_kept_waiting_and_all_heals_by_itself(after):
    assert after.refused == []
    assert set(after.enrolled) == {"by_self", "at_desk", "by_list"}
    assert (after.unhealed, after.owed, after.unsent, after.doubled) == (0, 0, 0, 0)
    assert max(after.asked.values()) == week.SMALL.quota  # it was wanted more often
    assert after.nameless_most > week.SMALL.quota
    assert after.by_window == week.SMALL.window
    assert after.filled == week.SMALL.people
    assert after.is_clean(week.SMALL)
