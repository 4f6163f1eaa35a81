"""What a file can belong to, which kinds of file it takes, and who may see them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from models import FileKind, StoredFile
from services.access import Actor, Visitor
from services.files import images
from services.files.images import Prepared


@dataclass(frozen=True)
class Viewer:
    """Whoever asks for a file: a staff user at each level where they act, a trainee, or both in one browser."""

    actors: tuple[Actor, ...] = ()
    visitor: Visitor | None = None

    @property
    def user_id(self) -> int | None:
        return self.actors[0].user_id if self.actors else None

    @property
    def person_id(self) -> int | None:
        return self.visitor.id if self.visitor else None

    def sent(self, file: StoredFile) -> bool:
        """Whether the file came from this very person."""
        by_staff = self.user_id is not None and file.uploaded_by_id == self.user_id
        return by_staff or (self.person_id is not None and file.uploaded_by_person_id == self.person_id)


MaySee = Callable[[Viewer, StoredFile], bool]
Prepare = Callable[[bytes], Prepared]


@dataclass(frozen=True)
class Rule:
    """What holds for the files of one kind of owner; `most` is how many one owner has at a time.

    `prepare` makes what is kept of a picture; a job calls it. `tailor` gives one for this very file instead.
    """

    kinds: frozenset[FileKind]
    may_see: MaySee
    most: int
    prepare: Prepare = images.prepare
    tailor: Callable[[StoredFile], Prepare] | None = None

    def prepare_of(self, file: StoredFile) -> Prepare:
        return self.tailor(file) if self.tailor else self.prepare


RULES: dict[str, Rule] = {}


def register(
    owner_kind: str,
    kinds: Iterable[FileKind],
    may_see: MaySee,
    *,
    most: int = 20,
    prepare: Prepare = images.prepare,
    tailor: Callable[[StoredFile], Prepare] | None = None,
) -> None:
    """Let rows of a kind own files; called once, when the module of the subject is loaded."""
    RULES[owner_kind] = Rule(frozenset(kinds), may_see, most, prepare, tailor)


def in_territory(viewer: Viewer, file: StoredFile) -> bool:
    """The usual rule: staff in whose unit or province the owner lies, and HQ."""
    return file.unit_id is not None and any(actor.covers(file.unit_id, file.province_id) for actor in viewer.actors)


def may_see(viewer: Viewer, file: StoredFile) -> bool:
    """Whether the file is this viewer's to see; before it has an owner it is its sender's alone.

    Source: docs/rules.md R-93.
    """
    if file.owner_id is None:
        return viewer.sent(file)
    rule = RULES.get(file.owner_kind)
    return rule is not None and rule.may_see(viewer, file)
