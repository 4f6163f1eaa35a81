"""Equipment as the walkers of pages and forms see it: items with a past, moves under way, and what waits."""

from models import (
    EquipmentItem,
    EquipmentRequest,
    EquipmentTransfer,
    MovementKind,
    Role,
    StoredFile,
    TransferState,
    Unit,
    Workshop,
)
from services.policy import today
from tests import attachments, make

S = TransferState
SAID = {"pieces": "۱", "working": "۱", "reason": "برای دورهٔ تازه", "note": "بسته باز شده بود", "why": "نرسید"}


def room(world, title: str = "انبار") -> Workshop:
    return make.first(Workshop, unit_id=world.unit.id, title=title) or make.workshop(world.unit, title=title)


def other_center(world) -> Unit:
    return make.first(Unit, title="مرکز دیگر") or make.unit(title="مرکز دیگر")


def item(world, **over) -> EquipmentItem:
    return make.item(room(world), 40, 20, **over)


def standing(world) -> EquipmentItem:
    """The item that grows with `grown`."""
    return make.first(EquipmentItem, name="دستگاه پرماجرا") or item(world, name="دستگاه پرماجرا")


def transfer(
    world, state: TransferState, *, coming: bool = False, of: EquipmentItem | None = None
) -> EquipmentTransfer:
    """A move of one piece between two centers; with `coming` to this one, else from it."""
    far = make.workshop(other_center(world))
    moved = make.item(far, 3) if coming else of or item(world)
    to = room(world) if coming else far
    ends = {"from_workshop_id": moved.workshop_id, "from_unit_id": moved.unit_id}
    ends |= {"to_workshop_id": to.id, "to_unit_id": to.unit_id, "province_id": moved.province_id}
    asker = make.user(unit_=make.first(Unit, id=moved.unit_id))
    said = {"pieces": 1, "working": 1, "happened_on": today(), "reason": "نیاز دوره", "asked_by_id": asker.id}
    return make.save(EquipmentTransfer(item_id=moved.id, state=state, **ends, **said))


def request(world, of: EquipmentItem | None = None, **over) -> EquipmentRequest:
    """A loss of twelve pieces that waits for the province."""
    gone = of or item(world)
    where = {"item_id": gone.id, "unit_id": gone.unit_id, "province_id": gone.province_id}
    asker = make.user(Role.CLERK, world.unit)
    said = {"pieces": -12, "working": 0, "kind": MovementKind.LOST, "happened_on": today(), "reason": "آتش‌سوزی انبار"}
    return make.save(EquipmentRequest(asked_by_id=asker.id, **where, **said, **over))


def photo(world, of: EquipmentItem) -> StoredFile:
    file = attachments.ready(world.staff["center"], world.unit)
    file.owner_kind, file.owner_id = "equipment_item", of.id
    # A browser that asks for small pictures writes down that it saw them, while the next page is being prepared.
    file.kind, file.mime, file.pages = "pdf", "application/pdf", 1
    return make.save(file)


def begun(world) -> None:
    """One of each that waits, so that a list that grows begins with something."""
    transfer(world, S.WAITING)
    request(world)


def grown(world, n: int) -> None:
    whole = standing(world)
    transfer(world, S.SENT, coming=True)
    for state in S:
        transfer(world, state, of=whole)
    request(world, whole)
    photo(world, whole)
    item(world, name=f"دستگاه {n}")


# -- Forms -------------------------------------------------------------------------


def made(world) -> tuple:
    typed = {"name": "دستگاه تراش", "workshop": str(room(world).id), "pieces": "۲", "price": "۱۰۰٬۰۰۰"}
    return "/center/equipment/new", {}, typed


def at(page: str = "", typed: dict | None = None, pieces: int = 40, **over):
    """A form on the page of an item, or on one below it."""

    def scene(world) -> tuple:
        row = make.item(room(world), pieces, **over)
        kind = page.removeprefix("/")
        return f"/center/equipment/{row.id}{page}", {"item_id": row.id, "kind": kind}, typed or SAID

    return scene


def sent_photo(world) -> tuple:
    row = item(world)
    file = ("file", "عکس.jpg", attachments.jpeg())
    return f"/center/equipment/{row.id}", {"item_id": row.id}, {}, "", None, (file,)


def removed_photo(world) -> tuple:
    row = item(world)
    return f"/center/equipment/{row.id}", {"item_id": row.id, "key": photo(world, row).key}, {}


def changed_with_a_paper(world) -> tuple:
    page, values, typed = at("/received")(world)
    return page, values, typed, "", None, (("file", "فاکتور.pdf", attachments.pdf()),)


def withdrawn_request(world) -> tuple:
    row = request(world)
    return f"/center/equipment/{row.item_id}", {"request_id": row.id}, {}


def moved(world) -> tuple:
    page, values, typed = at("/move")(world)
    return page, values, typed | {"workshop": str(make.workshop(world.unit).id)}


def move(state: TransferState, *, coming: bool = False):
    def scene(world) -> tuple:
        row = transfer(world, state, coming=coming)
        return f"/center/equipment/transfers/{row.id}", {"transfer_id": row.id}, SAID

    return scene


def decided(kind: str, decision: str):
    def scene(world) -> tuple:
        row = transfer(world, S.WAITING) if kind == "move" else request(world)
        page = f"/province/equipment?case={kind}-{row.id}"
        return page, {"kind": kind, "case_id": row.id}, {"decision": decision, "reason": "صورت‌جلسه دارد"}

    return scene


def decided_together(decision: str):
    def scene(world) -> tuple:
        rows = (("move", transfer(world, S.WAITING)), ("loss", request(world)))
        case = "&".join(f"case={kind}-{row.id}" for kind, row in rows)
        return f"/province/equipment/together?do={decision}&{case}", {}, {"reason": "صورت‌جلسه ندارد"}

    return scene


SCENES = {
    "center.item_new": made,
    "center.item_save": at("/edit", {"name": "نامی دیگر"}),
    "center.row_save": at("/row/edit", {"note": "قفسهٔ سوم"}),
    "center.item_aside": at("", {"reason": "فرسوده شد"}, pieces=0),
    "center.item_return": at("", {}, pieces=0, is_active=False),
    "center.item_file": sent_photo,
    "center.item_file_remove": removed_photo,
    "center.change_record received": changed_with_a_paper,
    "center.change_record consumed": at("/consumed"),
    "center.change_record lost": at("/lost", SAID | {"pieces": "۲۰", "working": "۲۰"}),
    "center.request_withdraw": withdrawn_request,
    "center.move_send": moved,
    "center.move_receive": move(S.SENT, coming=True),
    "center.move_return": move(S.SENT, coming=True),
    "center.move_withdraw": move(S.WAITING),
    "province.review_decide approve": decided("loss", "approve"),
    "province.review_decide refuse": decided("move", "refuse"),
    "province.review_decide_all approve": decided_together("approve"),
    "province.review_decide_all refuse": decided_together("refuse"),
}
