"""Labels of equipment: sheets as page and as PDF, read back from the picture, and the address in their codes."""

import io
from collections.abc import Callable, Iterator

import pypdfium2
import pytest
import zxingcpp
from bs4 import BeautifulSoup
from PIL import Image, ImageChops, ImageDraw, ImageFont, features

from blueprints import cookies
from models import AuditEvent, Role, Unit
from services import drawing, property_labels, sessions
from services.label_sheets import choosing, document
from services.label_sheets.choosing import Label
from tests import make
from tests.web.bare import served, sticks_out

NAME = "پیچ‌گوشتی شارژی"
SHAPED = {"direction": "rtl", "language": "fa", "features": ["kern"]}


@pytest.fixture
def workshop():
    return make.workshop(make.unit(), title="کارگاه برق")


@pytest.fixture
def clerk(workshop):
    return make.user(Role.CLERK, make.first(Unit, id=workshop.unit_id))


def soup_of(answer) -> BeautifulSoup:
    assert answer.status_code == 200
    return BeautifulSoup(answer.data, "html.parser")


def sheet_of(client, workshop, query="") -> list[str]:
    """The numbers on a sheet, place by place; empty where a place was used before."""
    page = soup_of(client.get(f"/center/equipment/labels/{workshop.id}/sheet{query}"))
    return [place.bdi.text if place.bdi else "" for place in page.select(".sheet li")]


def shown(item) -> str:
    return property_labels.spaced(property_labels.label(item.id)).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))


def test_the_address_of_a_label_leads_to_the_item_and_nobody_elses(sign_in, workshop, clerk):
    item, other = make.item(workshop), make.item(make.workshop(make.unit()))
    client, number = sign_in(clerk), property_labels.label(item.id)
    for address in (f"/e/{number}", f"/E/{number}"):
        assert client.get(address).headers["Location"] == f"/center/equipment/{item.id}"
        assert item.name in client.get(address, follow_redirects=True).get_data(as_text=True)
    before = len(make.db.session.query(AuditEvent).all())
    assert client.get(f"/e/{property_labels.label(other.id)}").status_code == 404
    assert len(make.db.session.query(AuditEvent).all()) == before + 1
    assert client.get(f"/e/{int(number) + 1:09d}").status_code == 404
    assert client.get(f"/e/{property_labels.label(other.id + 999)}").status_code == 404


def test_whoever_scans_a_label_signs_in_first_and_then_sees_the_item(app, workshop):
    number = property_labels.label(make.item(workshop).id)
    answer = app.test_client().get(f"/E/{number}")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/auth/login?next=/E/{number}"


def test_a_sheet_holds_the_chosen_items_from_the_chosen_place_on(sign_in, workshop, clerk):
    one, two, three = (make.item(workshop, pieces, name=f"قلم {pieces}") for pieces in (1, 2, 3))
    client = sign_in(clerk)
    assert sheet_of(client, workshop) == [shown(one), shown(two), shown(three)]
    assert sheet_of(client, workshop, f"?item={two.id}&first=3") == ["", "", shown(two)]
    assert sheet_of(client, workshop, "?each=y") == [shown(one)] + [shown(two)] * 2 + [shown(three)] * 3
    assert sheet_of(client, workshop, "?item=999999&first=99&sheet=7") == []
    assert sheet_of(client, workshop, "?first=23") == [""] * 22 + [shown(one), shown(two)]
    assert sheet_of(client, workshop, "?first=23&sheet=2") == [shown(three)]


def test_a_label_is_written_the_same_way_wherever_it_is_shown(sign_in, workshop, clerk):
    item, client = make.item(workshop), sign_in(clerk)
    chosen = f"/center/equipment/labels/{workshop.id}?item={item.id}"
    pages = ("/center/equipment", f"/center/equipment/{item.id}", f"/center/equipment/{item.id}/row/edit", chosen)
    for page in pages:
        numbers = [tag.text for tag in soup_of(client.get(page)).select("main bdi[dir=ltr]")]
        assert shown(item) in numbers, page
    assert soup_of(client.get(chosen)).select_one("[name=item]").has_attr("checked")
    assert sheet_of(client, workshop) == [shown(item)]


def test_a_full_sheet_fits_a_page_and_asks_little_of_the_database(sign_in, queries, workshop, clerk):
    for number in range(24):
        make.item(workshop, name=f"دستگاه جوش رکتیفایر شمارهٔ {number} با کابل")
    client = sign_in(clerk)
    with queries() as seen:
        answer = client.get(f"/center/equipment/labels/{workshop.id}/sheet", headers={"Accept-Encoding": "br"})
    assert len(answer.data) <= 6 * 1024
    assert len(seen) <= 6


@pytest.fixture
def printed(app, browser, clerk) -> Iterator[Callable[[str], bytes]]:
    """`printed(path)`: the page as Chromium prints it, from a narrow window."""
    with served(app) as site:
        context = browser.new_context(base_url=site, viewport={"width": 360, "height": 740})
        context.add_cookies([{"name": cookies.STAFF, "value": sessions.open_staff(clerk.id), "url": site}])
        page = context.new_page()

        def _printed(path: str) -> bytes:
            page.goto(path)
            assert sticks_out(page) == []
            return page.pdf(prefer_css_page_size=True, print_background=True)

        yield _printed
        context.close()


def pictures(pdf: bytes) -> list[Image.Image]:
    """The pages, 200 dots to an inch, as a common printer makes them."""
    opened = pypdfium2.PdfDocument(pdf)
    drawn = [page.render(scale=200 / 72).to_pil().convert("L") for page in opened]
    opened.close()
    return drawn


def read(picture: Image.Image) -> dict[str, tuple[int, int]]:
    """What the codes in a picture say, and the row and column of the label each stands in, from the top right."""
    high, wide = picture.height / 8, picture.width / 3
    found = zxingcpp.read_barcodes(picture)
    return {
        code.text: (int(code.position.top_left.y / high), 2 - int(code.position.top_left.x / wide)) for code in found
    }


@pytest.mark.once
def test_the_printed_page_is_one_sheet_and_every_label_is_read_back_from_its_picture(printed, workshop):
    items = [make.item(workshop, name=f"دستگاه جوش رکتیفایر {number:02}") for number in range(20)]
    pages = pictures(printed(f"/center/equipment/labels/{workshop.id}/sheet?first=5"))
    assert len(pages) == 1
    wanted = {choosing.address("http://localhost", property_labels.label(item.id)): item.id for item in items}
    found = read(pages[0])
    assert {property_labels.item_id(text) for text in found} == set(wanted.values())
    assert found[min(found)] == (1, 1)  # the fifth place of three in a row
    assert set(found) == set(wanted)


@pytest.mark.once
def test_the_pdf_has_the_same_labels_in_the_same_places_on_as_many_sheets(sign_in, workshop, clerk):
    items = [make.item(workshop, name=f"دستگاه جوش رکتیفایر {number:02}") for number in range(26)]
    answer = sign_in(clerk).get(f"/center/equipment/labels/{workshop.id}/sheet.pdf?first=5")
    assert answer.mimetype == "application/pdf"
    first, second = (read(page) for page in pictures(answer.data))
    ids = [item.id for item in items]
    assert {property_labels.item_id(text): place for text, place in first.items()} == {
        item_id: divmod(place, 3) for place, item_id in enumerate(ids[:20], 4)
    }
    assert {property_labels.item_id(text): place for text, place in second.items()} == {
        item_id: divmod(place, 3) for place, item_id in enumerate(ids[20:])
    }


def ink(picture: Image.Image) -> Image.Image:
    """What is dark in a picture, cut out, at one height."""
    dark = picture.point(lambda value: 255 if value < 128 else 0)
    cut = dark.crop(dark.getbbox())
    return cut.resize((round(cut.width * 60 / cut.height), 60))


def written(text: str, **shape) -> Image.Image:
    picture = Image.new("L", (1400, 200), 255)
    font = ImageFont.truetype(str(drawing.FONT), 100, layout_engine=ImageFont.Layout.RAQM)
    ImageDraw.Draw(picture).text((20, 20), text, font=font, fill=0, **shape)
    return ink(picture)


def likeness(one: Image.Image, two: Image.Image) -> float:
    """The part of the ink that both have."""
    two = two.resize(one.size)
    both, any_ = ImageChops.darker(one, two), ImageChops.lighter(one, two)
    return sum(both.get_flattened_data()) / sum(any_.get_flattened_data())


@pytest.mark.once
def test_persian_in_the_pdf_is_joined_and_runs_from_right_to_left():
    assert features.check("raqm"), "the library that the picture is compared with was built without raqm"
    label = Label(NAME, property_labels.label(1), "", "", "HTTP://LOCALHOST/E/000000013")
    opened = pypdfium2.PdfDocument(document.pdf([label], 1))
    picture = opened[0].render(scale=12).to_pil().convert("L")
    opened.close()
    dots = 12 * 72 / 25.4
    right = picture.width - (document.EDGE + document.SQUARE) * dots
    name = ink(picture.crop((int(right - 35 * dots), int(3 * dots), int(right), int(10 * dots))))
    assert likeness(name, written(NAME, **SHAPED)) > 0.85
    assert likeness(name, written(NAME[::-1], **SHAPED)) < 0.6
    assert likeness(name, written("\u200c".join(NAME), **SHAPED)) < 0.6


def test_a_counselor_prints_no_labels_and_a_million_pieces_are_no_million_labels(sign_in, workshop, clerk):
    make.item(workshop, 1_000_000)
    counselor = sign_in(make.user(Role.COUNSELOR, make.first(Unit, id=workshop.unit_id)))
    assert counselor.get("/center/equipment/labels").status_code == 403
    assert counselor.get(f"/center/equipment/labels/{workshop.id}").status_code == 404
    assert len(choosing.labels(workshop, set(), "http://x", of_each_piece=True)) == choosing.MOST
    nothing = sign_in(clerk).get(f"/center/equipment/labels/{workshop.id}/sheet.pdf?item=99999")
    assert (nothing.status_code, "برچسبی برای چاپ نیست" in nothing.get_data(as_text=True)) == (422, True)


def test_a_drawing_that_fails_is_said_and_nothing_is_handed_out(sign_in, workshop, clerk, monkeypatch):
    make.item(workshop)
    monkeypatch.setattr(document, "LONGEST_S", 0.01)
    answer = sign_in(clerk).get(f"/center/equipment/labels/{workshop.id}/sheet.pdf")
    assert answer.status_code == 422
    assert "از همین صفحه چاپ کنید" in answer.get_data(as_text=True)
    assert io.BytesIO(answer.data).read(4) != b"%PDF"
