"""The clerk's desk as a browser walks it; knows nothing of the product, so that crowds of browsers start quickly."""

from bench.browser_like import Visitor

START, SIGN_IN = "/center/enroll", "/auth/login"


def signed_in(port: int, username: str, password: str) -> dict[str, str]:
    """The cookie jar of one more browser in which a clerk has signed in."""
    visitor = Visitor(port)
    form = visitor.get(SIGN_IN).form(SIGN_IN)
    answer = visitor.post(SIGN_IN, form | {"username": username, "password": password})
    visitor.close()
    assert answer.status == 303, answer.text
    return visitor.cookies


def open_draft(visitor: Visitor, national_code: str) -> str:
    """The address of a new draft for a person; empty when the server did not make one."""
    form = visitor.get(START).form(START)
    answer = visitor.post(START, form | {"national_code": national_code}) if form else None
    return answer.location if answer and answer.status == 303 else ""


def written(course_id: int, debit_source: str, mobile: str = "", born: dict[str, str] | None = None) -> dict[str, str]:
    """What a clerk chooses and writes about a person, as the form sends it."""
    parts = {f"birth_date-{part}": value for part, value in (born or {}).items()}
    return {"course": str(course_id), "debit_source": debit_source, "mobile": mobile, **parts}
