"""Forms of the public pages: the filters of the course list, read from its address, and the tracking code."""

import datetime as dt
import re
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict
from wtforms import Form, HiddenField, SearchField
from wtforms.validators import DataRequired

from blueprints.forms.fields import DigitsField, JalaliDateField, TypedField
from models import Gender, Shift
from services import catalog, codes, text
from services.catalog import Choices, Cursor, Search

SIZES = (25, 50)
_KEPT = ("q", "province", "county", "unit", "field", "gender", "shift", "from-d", "from-m", "from-y", "free", "rows")


class FilterForm(Form):
    """The two fields that are typed; everything else is chosen from a list."""

    q = SearchField("نام دوره، مهارت، مرکز یا شهر")
    start = JalaliDateField("شروع از", name="from")


@dataclass(frozen=True)
class Asked:
    """One reading of the list's address: what to search, where to stand, and what to show back in the fields."""

    form: FilterForm
    search: Search
    after: Cursor | None
    before: Cursor | None
    page: int
    size: int
    kept: dict[str, str]

    def address(self, path: str, **place: str | int) -> str:
        """The address of this list at another place, or with other filters; an empty value leaves one out."""
        query = {name: value for name, value in {**self.kept, **place}.items() if value != ""}
        return f"{path}?{urlencode(query)}" if query else path

    def demand_address(self) -> str:
        """Where somebody who finds nothing says what they wait for, with the words and the places asked for."""
        names = ("q", "province", "county")
        query: dict[str, str] = {name: self.kept[name] for name in names if name in self.kept}
        return f"/demand?{urlencode(query)}" if query else "/demand"

    def within(self, choices: Choices) -> "Asked":
        """The same without a county or a unit that the choices do not offer."""
        search = catalog.within(self.search, choices)
        gone = {name for name in ("county", "unit") if not getattr(search, name)}
        return replace(self, search=search, kept={k: v for k, v in self.kept.items() if k not in gone})


def cursor(at: Cursor) -> str:
    """A place in the list as it stands in an address; `_cursor` reads it back."""
    return f"{at[0]:%Y%m%d}-{at[1]}"


def read(args: MultiDict[str, str]) -> Asked:
    """What the address asks for; a value that does not exist is left out rather than refused."""
    form = FilterForm(args)
    form.validate()
    kept = {name: value for name in _KEPT if (value := text.clean(args.get(name, "")[:100]))}
    size = _number(kept.get("rows", ""))
    return Asked(
        form=form,
        search=_search(kept, form),
        after=_cursor(args.get("after", "")),
        before=_cursor(args.get("before", "")),
        page=min(max(_number(args.get("page", "")) or 1, 1), 9999),
        size=size if size in SIZES else SIZES[0],
        kept=kept,
    )


def _search(kept: dict[str, str], form: FilterForm) -> Search:
    gender, shift = kept.get("gender", ""), kept.get("shift", "")
    return Search(
        words=kept.get("q", ""),
        province=kept.get("province", ""),
        county=kept.get("county", ""),
        unit=kept.get("unit", ""),
        field=_number(kept.get("field", "")),
        gender=Gender(gender) if gender in (Gender.FEMALE, Gender.MALE) else None,
        shift=Shift(shift) if shift in tuple(Shift) else None,
        from_on=form.start.data if not form.start.errors else None,
        only_free="free" in kept,
    )


def _number(typed: str) -> int | None:
    bare = text.digits(typed)
    return int(bare) if re.fullmatch("[0-9]{1,9}", bare) else None


def _cursor(typed: str) -> Cursor | None:
    match = re.fullmatch("([0-9]{4})([0-9]{2})([0-9]{2})-([0-9]{1,18})", typed)
    if not match:
        return None
    try:
        return dt.date(int(match[1]), int(match[2]), int(match[3])), int(match[4])
    except ValueError:
        return None


class TrackingCodeField(TypedField):
    """The code printed on a slip, with or without spaces."""

    def read(self, typed: str) -> str | None:
        return codes.read_tracking_code(typed)

    def why_not(self, typed: str) -> str:
        return "این کد رهگیری درست نیست. ۱۳ رقم آن را با رسید تطبیق دهید"

    def show(self, data: str) -> str:
        return codes.group_tracking(text.persian_digits(data))


class TrackingForm(Form):
    form_key = HiddenField()
    code = TrackingCodeField("کد رهگیری", [DataRequired("کد رهگیری را بنویسید")], render_kw={"maxlength": 30})


class MobileCodeForm(Form):
    """The digits that came by SMS."""

    code = DigitsField(
        "کد پیامکی",
        [DataRequired("کدی را که پیامک شده است بنویسید")],
        lengths=(6,),
        description="۶ رقم",
        render_kw={"maxlength": 12, "autocomplete": "one-time-code"},
    )
