"""`python -m scripts.demo`: load the demo data into the database that the settings name."""

import os
from pathlib import Path

from app import create_app
from models import utcnow
from scripts.demo.load import load
from services.jalali import tehran_today


def main() -> None:
    given = os.environ.get("SANDBOX_PEOPLE")
    with create_app().app_context():
        load(tehran_today(utcnow()), Path(given) if given else None)


if __name__ == "__main__":
    main()
