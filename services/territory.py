"""What lies in somebody's territory: the row that is theirs to see, or why it is not there for them."""

from typing import TypeVar

from sqlalchemy import Select

from models import db
from services.errors import NotFound, OutsideTerritory

T = TypeVar("T")


def only(query: Select[T, bool], subject: str, subject_id: int, no_such: str) -> T:
    """The one row of a query, as it is now; the second column says whether the actor may see it.

    Args:
        subject: what a try from outside is called in the trail.
        no_such: the sentence where there is no row.

    Raises:
        NotFound: there is none.
        OutsideTerritory: it is somebody else's.
    """
    row = db.session.execute(query.execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound(no_such)
    if not row[1]:
        raise OutsideTerritory(subject, subject_id)
    return row[0]
