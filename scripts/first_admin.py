"""`python -m scripts.first_admin`: the first account of an empty installation, and the code for its first sign-in.

With the settings of a deployment in the environment it works there; without, on the data of `make run`.
"""

import os
import sys
from collections.abc import MutableMapping

from scripts import database
from scripts.plan import Plan, Refused
from services.text import persian_digits

QUESTIONS = {
    "national_code": "کد ملی (national code)",
    "first_name": "نام (first name)",
    "last_name": "نام خانوادگی (last name)",
    "username": "نام کاربری، حروف لاتین (user name)",
}
NO_TABLES = "The database is not migrated. Start `make run` once, or run `flask db upgrade`, and repeat."
THERE_IS_ONE = "This installation has an admin; further accounts are made in the program, under «کاربران»."


def main() -> int:
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        _take_settings(os.environ)
        url = os.environ.get("DATABASE_URL", "")
        if database.version(url) != database.head():
            raise Refused(NO_TABLES)
        from app import create_app

        with create_app().app_context():
            username, code = _admin()
    except (Refused, EOFError) as error:
        print(error or "Nothing was made.", file=sys.stderr)
        return 1
    print(f"\n  نام کاربری (user name)       {username}")
    print(f"  کد یک‌بارمصرف (one-time code)  {code[:4]} {code[4:]}   {persian_digits(24)} ساعت (24 hours)")
    print(f"  نخستین ورود (first sign-in)   {os.environ.get('BASE_URL', '')}/auth/code\n")
    return 0


def _take_settings(environ: MutableMapping[str, str]) -> None:
    """The settings that `make run` would use, where none are given."""
    if "DATABASE_URL" not in environ and environ.get("DOREH_MODE") != "production":
        plan = Plan.read(environ)
        if not plan.data.is_dir():
            raise Refused(NO_TABLES)
        environ.update(plan.environ("unix:///nowhere"))


def _admin() -> tuple[str, str]:
    """User name and code; of an admin who has not signed in yet when there is one."""
    from scripts.reference.lay import lay
    from services import staff
    from services.errors import DomainError

    lay()
    if renewed := staff.renew_first_code():
        return renewed
    if not staff.needs_first_admin():
        raise Refused(THERE_IS_ONE)
    answers = {name: _asked(name) for name in QUESTIONS}
    while True:
        try:
            return staff.first_admin(**answers)
        except DomainError as error:
            if error.field not in QUESTIONS:
                raise Refused(str(error)) from error
            print(error)
            answers[error.field] = _asked(error.field)


def _asked(name: str) -> str:
    return input(f"{QUESTIONS[name]}: ")


if __name__ == "__main__":
    sys.exit(main())
