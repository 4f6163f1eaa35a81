"""The pages of «پیگیری»: a code that was asked for, and the page where it is typed."""

from services import submissions, tracking


def asked(world) -> str:
    return tracking.ask(submissions.new_key(), world.enrollment.tracking_code, "10.0.0.1")


def proven(world) -> tuple[str, dict[str, object], dict[str, str]]:
    key = asked(world)
    return f"/track/{key}", {"key": key}, {"code": tracking._code(key)}


def seen(client, token, world) -> str:
    """The page of the enrollments, opened by a browser that has typed the code."""
    url, _, typed = proven(world)
    assert client.post(url, data={**typed, "csrf_token": token(client, url)}).status_code == 303
    return url
