"""What a subject says so that its sheets can be imported: columns, natural key, and how its rows are read and written.

A subject makes one `ImportForm` and calls `register`; everything else is the engine's.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from models import ImportBatch, Role, User, db
from services import access
from services.access import Actor, Level
from services.errors import DomainError, NotAllowed, NotFound
from services.imports.columns import Column, Value, show_text

Values = dict[str, Value]
Change = tuple[int | None, Values]  # the id of a row, or None for a new one, and the values that it gets


@dataclass(frozen=True)
class Scope:
    """For whom a sheet is read: the unit and the user, what they chose, and the natural keys of all its lines."""

    unit_id: int
    user_id: int
    level: Level
    options: Mapping[str, Any] = field(default_factory=dict)
    keys: Collection[tuple[Value, ...]] = ()

    @cached_property
    def actor(self) -> Actor:
        """The user with the rights of this moment.

        Raises:
            NotAllowed: they have none left at this level.
        """
        user = db.session.get_one(User, self.user_id)
        found = access.actor(user, self.level, access.roles_of(user.id))
        if found is None or self.unit_id not in found.units:
            raise NotAllowed("کاربری که این پرونده را ثبت می‌کند دیگر در این واحد نقشی ندارد.")
        return found


@dataclass(frozen=True)
class Stored:
    """What is stored for one line: the id of its row or None, its values by name, and what is wrong by column."""

    subject_id: int | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    # Values that the line implies beside those that it says, such as the id behind a title.
    implied: Mapping[str, Value] = field(default_factory=dict)


class Subject(Protocol):
    """How rows of one kind are found, written and taken back; each is called inside `atomic()`.

    Each takes some fifty at a time and asks a number of statements that does not grow with them. `find` and `look` lock
    what they find until the transaction ends. `write` and `remove` may refuse with a DomainError; what they have
    changed until then is undone, and they are asked again for one at a time.
    """

    def find(self, scope: Scope, lines: Sequence[Values], wrong: Sequence[Collection[str]]) -> Sequence[Stored]:
        """What is stored for each line, by its natural key.

        `wrong` has for each line the columns whose cells make no sense: their values are None, and the answer is only
        used for what else is wrong with the line.
        """

    def look(self, ids: Sequence[int]) -> Mapping[int, Mapping[str, Value]]:
        """The values of rows by id; a row that is gone is absent."""

    def write(self, scope: Scope, changes: Sequence[Change]) -> Sequence[int]:
        """Change values of rows, or make rows of them; the id of each."""

    def remove(self, scope: Scope, ids: Sequence[int]) -> None:
        """Take back rows that an import made."""

    def missing(self, scope: Scope) -> Sequence[tuple[int, str, Values, Values]]:
        """Rows that a whole list would have and the sheet has not: id, label, what they are and what they become."""


class Nothing:
    """The subject of a form that takes all lines at once: no row is found or written line by line."""

    def find(self, *_: Any) -> Any:
        raise NotImplementedError

    look = write = remove = missing = find


@dataclass(frozen=True)
class Shown:
    """How a stored value is called and shown in a difference."""

    name: str
    label: str
    show: Callable[[Value], str] = show_text


@dataclass(frozen=True)
class ImportForm:
    """One form of import. `prepare` turns the values of cells into stored ones and may add errors by column."""

    code: str
    title: str
    lead: str
    level: Level
    roles: tuple[Role, ...]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    label: Callable[[Values], str]
    shown: tuple[Shown, ...]
    subject: Subject
    unique: tuple[tuple[str, ...], ...] = ()  # what else may stand in a sheet once
    prepare: Callable[[Values], tuple[Values, dict[str, str]]] = lambda values: (values, {})
    # What takes the lines of a sheet together before they are shown, as where several say something of one row; with
    # a report of what it has done.
    gathers: Callable[[Sequence[Any]], tuple[list[Any], str]] | None = None
    most_rows: int = 0  # that a sheet may have, where it is not what every sheet may
    whole: str = ""  # the sentence beside the choice «this sheet is the whole list», where there is such a choice
    # The units for which somebody imports; whoever has several chooses one.
    whose: Callable[[Actor], tuple[int, ...]] | None = None
    home: str = ""  # the address of the page that lists what this form fills
    # What takes all lines of a sheet at once, where there is nothing to decide first; it may refuse with `UnsafeSheet`.
    takes: Callable[[ImportBatch, Sequence[Any]], None] | None = None
    lands: Callable[[ImportBatch], str] | None = None  # the address of what has become of a sheet that was taken
    # The address of the page that sends it, where a subject has one of its own.
    sent_from: Callable[[ImportBatch], str] | None = None
    is_final: bool = False  # what was taken is not taken back

    def units(self, actor: Actor) -> tuple[int, ...]:
        """The units for which this person may import; none at another level or without the roles."""
        if actor.level is not self.level or not actor.has(*self.roles):
            return ()
        return self.whose(actor) if self.whose else actor.acting(*self.roles).units[:1]

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)

    def problems(self, errors: Mapping[str, str]) -> list[tuple[str, str, str]]:
        """What is wrong with a line in the order of the sheet: the name of each column, its title, and the sentence."""
        titles = {column.name: column.title for column in self.columns}
        places = {name: at for at, name in enumerate(titles)}
        names = sorted(errors, key=lambda name: places.get(name, len(places)))
        return [(name, titles.get(name, name), str(errors[name])) for name in names]

    def key_of(self, values: Values) -> tuple[Value, ...]:
        return tuple(values.get(name) for name in self.key)


def faults(
    check: Callable[[Values], object], line: Values, wrong: Collection[str], harmless: Mapping[str, Value]
) -> dict[str, str]:
    """Everything that a check refuses in a line, by column, though it stops at the first.

    What was refused, and what was `wrong` before, is replaced by something harmless (None, where nothing is given).
    """
    found: dict[str, str] = {}
    values = line | {name: harmless.get(name) for name in wrong}
    while True:
        try:
            check(values)
        except DomainError as error:
            if error.field in found or not error.field:
                return found
            found[error.field] = str(error)
            values[error.field] = harmless.get(error.field)
        else:
            return found


_FORMS: dict[str, ImportForm] = {}


def register(form: ImportForm) -> ImportForm:
    _FORMS[form.code] = form
    return form


def form_of(code: str) -> ImportForm:
    """The form with this code.

    Raises:
        NotFound: there is none.
    """
    if code not in _FORMS:
        raise NotFound("چنین فرم ورودی نیست. از فهرست آغاز کنید.")
    return _FORMS[code]
