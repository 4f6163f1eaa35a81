"""`python -m scripts.demo [migrate]`: load the demo data into the database that the settings name.

With `migrate` that database is brought to the newest migration first: the product is imported once for both.
"""

import os
import sys
from pathlib import Path

import flask_migrate

from app import create_app
from models import db, utcnow
from scripts.demo.load import load
from services.jalali import tehran_today


def main() -> None:
    given = os.environ.get("SANDBOX_PEOPLE")
    app = create_app()
    with app.app_context():
        if "migrate" in sys.argv[1:]:
            flask_migrate.Migrate(app, db)
            flask_migrate.upgrade()
        load(tehran_today(utcnow()), Path(given) if given else None)


if __name__ == "__main__":
    main()
