"""Forms about equipment. A form checks shape; the service checks the rule."""

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import FileField, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired

from blueprints import addresses
from blueprints.forms.fields import JalaliDateField, NumberField, RialField, TidyStringField, options
from blueprints.forms.keyed import KeyedForm
from models import Condition, EquipmentGroup, EquipmentItem, MovementKind, Source, Workshop
from services import labels, policy
from services.equipment import Change, ItemValues, Stock
from services.equipment.transfers import Move

CHOOSE = ("", "انتخاب کنید")
UNSAID = ("", "ثبت نشده")
PAPER = "عکس یا برگهٔ سند"
SUGGESTED = "عدد، دستگاه، جفت، متر، کیلوگرم"
REASON = {
    "received": "مثلاً خرید با فاکتور ۱۲۳",
    "broken": "مثلاً موتور سوخت",
    "repaired": "مثلاً تعمیر در کارگاه برق",
    "consumed": "مثلاً مصرف دورهٔ جوشکاری",
    "written_off": "شمارهٔ صورت‌جلسهٔ اسقاط را هم بنویسید",
    "lost": "چه شد و به چه کسی گزارش شد",
    "found": "کجا و چگونه پیدا شد",
}


class PaperForm(KeyedForm):
    """A form that may bring a paper; `document` is the key of one that came before a refusal."""

    document = HiddenField()


class ItemForm(KeyedForm):
    """The facts of an item; a new one has a workshop and a first stock as well."""

    version = HiddenField()
    workshop = SelectField(
        "کارگاه", [DataRequired("کارگاه را انتخاب کنید")], coerce=addresses.number, validate_choice=False
    )
    name = TidyStringField("نام", [DataRequired("نام را بنویسید")], description="همان‌گونه که در استاندارد آمده است")
    group = SelectField("گروه", validate_choice=False)
    unit_of_count = TidyStringField("واحد شمارش", description=SUGGESTED)
    pieces = NumberField("تعداد", [InputRequired("تعداد را بنویسید؛ اگر هنوز نرسیده است صفر")])
    working = NumberField("چند تا سالم است؟", description="اگر خالی بماند، همه")
    happened_on = JalaliDateField("روز دریافت", [DataRequired("روز دریافت را بنویسید")])
    condition = SelectField("وضع", validate_choice=False)
    model = TidyStringField("مدل")
    serial = TidyStringField("شمارهٔ سریال", render_kw={"dir": "ltr"})
    asset_tag = TidyStringField("شمارهٔ اموال پیشین", render_kw={"dir": "ltr"})
    acquired_on = JalaliDateField("تاریخ تحصیل")
    source = SelectField("از کجا آمده", validate_choice=False)
    price = RialField("بهای هر عدد")
    note = TextAreaField("یادداشت")

    def offer(self) -> "ItemForm":
        self.group.choices = options(labels.EQUIPMENT_GROUP.items())
        self.condition.choices = options([UNSAID, *labels.CONDITION.items()])
        self.source.choices = options([UNSAID, *labels.ITEM_SOURCE.items()])
        self.form_key.data = self.key()
        return self


def new_item(workshops: Sequence[Workshop]) -> ItemForm:
    """The form of a new item."""
    form = ItemForm()
    del form.version
    form.workshop.choices = options([CHOOSE, *((room.id, _titled(room)) for room in workshops)])
    if not form.is_submitted():
        form.happened_on.process(None, policy.today())
        form.workshop.data = form.workshop.data or (workshops[0].id if len(workshops) == 1 else None)
    return form.offer()


def facts_sent() -> ItemForm:
    """The form of the facts of an item, as it came."""
    return _facts(ItemForm())


def facts_of(item: EquipmentItem, values: ItemValues) -> ItemForm:
    """The same form filled with values of an item."""
    form = _facts(ItemForm(formdata=None))
    for name in ("name", "unit_of_count", "model", "serial", "asset_tag", "note"):
        form[name].data = getattr(values, name)
    for name in ("group", "condition", "source"):
        form[name].data = getattr(values, name) or ""
    form.acquired_on.process(None, values.acquired_on)
    form.price.data, form.version.data = values.price_rials, item.version
    return form


def item_values(form: ItemForm) -> ItemValues:
    return ItemValues(
        group=_one_of(EquipmentGroup, form.group.data) or EquipmentGroup.CAPITAL,
        name=form.name.data or "",
        unit_of_count=form.unit_of_count.data or "",
        model=form.model.data,
        serial=form.serial.data,
        asset_tag=form.asset_tag.data,
        acquired_on=form.acquired_on.data,
        source=_one_of(Source, form.source.data),
        price_rials=form.price.data,
        condition=_one_of(Condition, form.condition.data),
        note=form.note.data,
    )


def first_stock(form: ItemForm) -> Stock:
    pieces: Any = form.pieces.data
    working = pieces if form.working.data is None else form.working.data
    day: Any = form.happened_on.data
    return Stock(pieces, working, day)


class ChangeForm(PaperForm):
    """What happened to some pieces of an item."""

    pieces = NumberField("تعداد", [InputRequired("تعداد را بنویسید")])
    working = NumberField("چند تای آن‌ها سالم است؟", description="اگر خالی بماند، همه")
    happened_on = JalaliDateField("روز", [DataRequired("روز را بنویسید")])
    reason = TextAreaField("دلیل", [DataRequired("دلیل را بنویسید")])
    file = FileField(PAPER)

    def of(self, kind: MovementKind) -> "ChangeForm":
        self.reason.description = REASON[kind]
        if kind in (MovementKind.REPAIRED, MovementKind.BROKEN):
            del self.working
        elif kind is MovementKind.WRITTEN_OFF:
            self.working.label.text, self.working.description = "چند تای آن‌ها سالم بود؟", "اگر خالی بماند، هیچ"
        elif kind in (MovementKind.CONSUMED, MovementKind.LOST):
            self.working.label.text = "چند تای آن‌ها سالم بود؟"
        if not self.is_submitted():
            self.happened_on.process(None, policy.today())
        self.form_key.data = self.key()
        return self

    def change(self, kind: MovementKind, document: str) -> Change:
        pieces: Any = self.pieces.data
        day: Any = self.happened_on.data
        unsaid = 0 if kind is MovementKind.WRITTEN_OFF else pieces
        working = self.working.data if "working" in self and self.working.data is not None else unsaid
        return Change(kind, pieces, working, day, self.reason.data or "", document)


class MoveForm(PaperForm):
    """Pieces that go to another workshop."""

    workshop = SelectField(
        "کارگاه مقصد", [DataRequired("کارگاه مقصد را انتخاب کنید")], coerce=addresses.number, validate_choice=False
    )
    pieces = NumberField("تعداد", [InputRequired("تعداد را بنویسید")])
    working = NumberField("چند تای آن‌ها سالم است؟", description="اگر خالی بماند، همه")
    happened_on = JalaliDateField("روز فرستادن", [DataRequired("روز را بنویسید")])
    reason = TextAreaField("دلیل", [DataRequired("دلیل را بنویسید")], description="گیرنده هم آن را می‌خواند")
    file = FileField(PAPER)

    def to(self, workshops: Sequence[Workshop]) -> "MoveForm":
        self.workshop.choices = options([CHOOSE, *((room.id, _titled(room)) for room in workshops)])
        if not self.is_submitted():
            self.happened_on.process(None, policy.today())
        self.form_key.data = self.key()
        return self

    def move(self, document: str) -> Move:
        pieces: Any = self.pieces.data
        day: Any = self.happened_on.data
        working = pieces if self.working.data is None else self.working.data
        return Move(self.workshop.data or 0, pieces, working, day, self.reason.data or "", document)


class ArrivalForm(KeyedForm):
    """What came of what was sent."""

    pieces = NumberField("چند تا رسید؟", [InputRequired("تعداد را بنویسید")])
    working = NumberField("چند تای آن‌ها سالم است؟", [InputRequired("تعداد را بنویسید")])
    note = TextAreaField("یادداشت", description="اگر چیزی کم یا خراب است بنویسید؛ فرستنده هم می‌بیند")


class ReturnForm(KeyedForm):
    """Why a move comes back."""

    why = TextAreaField("چرا برگشت؟", description="دو طرف آن را می‌بینند")


class ReasonForm(FlaskForm):
    """Why an item is put aside."""

    reason = TextAreaField("دلیل", description="در تاریخچهٔ این قلم می‌ماند")


class FileForm(KeyedForm):
    """A photo or paper of an item."""

    file = FileField("عکس یا سند")


class DecisionForm(KeyedForm):
    """The province's word on what waits; `next` is the case after it in the list."""

    next = HiddenField()
    decision = RadioField(
        "تصمیم شما",
        [DataRequired("یکی را انتخاب کنید")],
        choices=options([("approve", "پذیرفته است؛ همین حالا انجام شود"), ("refuse", "پذیرفته نیست")]),
        validate_choice=True,
    )
    reason = TextAreaField("دلیل", description="برای نپذیرفتن لازم است؛ مرکز آن را می‌بیند")


def _facts(form: ItemForm) -> ItemForm:
    del form.workshop, form.pieces, form.working, form.happened_on
    return form.offer()


def _one_of(kind: Any, raw: object) -> Any:
    return kind(raw) if raw in set(kind) else None


def _titled(workshop: Workshop) -> str:
    return f"{workshop.title}، {workshop.place.title}"
