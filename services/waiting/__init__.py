"""Waiting for a seat in a full course: a line in the order of joining, and dated offers that hold what is freed."""
