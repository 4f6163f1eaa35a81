"""Papers of enrollments: slips with their code and «المثنی», lists of a class, as pages and as documents."""

import datetime as dt

import brotli
import pypdfium2
import pytest
import zxingcpp
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from PIL import Image

from blueprints.center import papers
from models import DebitSource, PaymentState, Role, SlipPrint
from services import codes
from services.attendance import sheets
from services.drawing import FONT
from services.papers import document, lists, prints
from services.papers.prints import By
from services.papers.slip import SlipPaper
from tests import course_cases, make
from tests.web import class_scenes, pages, payment_scenes

pytestmark = pytest.mark.once


@pytest.fixture
def course():
    return make.course(unit_=make.unit())


@pytest.fixture
def clerk(course):
    return make.user(Role.CLERK, course.unit)


def soup_of(answer) -> BeautifulSoup:
    assert answer.status_code == 200
    return BeautifulSoup(answer.data, "html.parser")


def pressed(client, token, path, page="", **data):
    page = page or path.removesuffix("/print").removesuffix("/slips")
    return client.post(path, data={"csrf_token": token(client, page), **data})


def old(**where):
    """As if what was printed had been printed a while ago: rows of prints are never changed, so others are made."""
    return make.save(SlipPrint(at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), **where))


def marks(answer) -> list[str]:
    return [(one.b.text if one.b else "") for one in soup_of(answer).select("article.paper")]


def test_the_first_print_is_the_original_and_one_of_later_says_almosanna(sign_in, token, course, clerk):
    person = make.person(first_name="مریم", last_name="رضایی")
    made = pages.enroll(course, person)
    client, path = sign_in(person), f"/slip/{made.tracking_code}"
    for _ in range(2):  # a double press is one print
        first = pressed(client, token, f"{path}/print", do="page")
        assert marks(client.get(first.location)) == [""]
    assert make.db.session.query(SlipPrint).count() == 1
    staff = sign_in(clerk)
    again = pressed(staff, token, f"{path}/print", do="page")
    assert marks(staff.get(again.location)) == ["المثنی (چاپ ۲)"]
    assert marks(client.get(first.location)) == [""]
    rows = make.db.session.query(SlipPrint).order_by(SlipPrint.id).all()
    assert [(row.person_id, row.user_id) for row in rows] == [(person.id, None), (None, clerk.id)]


def test_a_stranger_prints_nothing_and_sees_the_slip_masked_through_its_code(app, sign_in, token, course):
    person = make.person(first_name="مریم", last_name="رضایی", mobile="09121234567", mobile_status="matched")
    made = pages.enroll(course, person)
    path, client = f"/slip/{made.tracking_code}", app.test_client()
    assert client.get(f"/SLIP/{made.tracking_code}").location == path
    page = client.get(path).get_data(as_text=True)
    assert "ثبت‌نام قطعی" in page
    assert not any(word in page for word in ("رضایی", person.national_code, "09121234567", "چاپ رسید"))
    for stranger in (client, sign_in(make.person()), sign_in(make.user(unit_=make.unit()))):
        assert stranger.get(f"{path}/paper?copy=1").status_code == 403
        assert pressed(stranger, token, f"{path}/print", "/slip", do="page").status_code == 403
    assert make.db.session.query(SlipPrint).count() == 0


def test_the_slips_of_a_class_are_printed_together_and_the_next_time_only_what_is_new(sign_in, token, course, clerk):
    made = [pages.enroll(course, make.person()) for _ in range(3)]
    old(enrollment_id=made[0].id, user_id=clerk.id)
    client, path = sign_in(clerk), f"/center/courses/{course.id}/papers"
    assert "هنوز چاپ نشده‌اند: ۲ نفر" in client.get(path).get_data(as_text=True)
    new = pressed(client, token, f"{path}/slips", which="new", do="page")
    assert marks(client.get(new.location)) == ["", ""]
    told = client.get(pressed(client, token, f"{path}/slips", which="new", do="page").location)
    assert "رسیدی برای چاپ نمانده است" in told.get_data(as_text=True)
    every = pressed(client, token, f"{path}/slips", which="all", do="page")
    assert marks(client.get(every.location)) == ["المثنی (چاپ ۲)", "", ""]
    counselor = sign_in(make.user(Role.COUNSELOR, course.unit))
    assert counselor.get(path).status_code in (403, 404)
    assert sign_in(make.user(unit_=make.unit())).get(path).status_code == 404


def test_a_class_is_printed_some_slips_at_a_time_and_the_page_of_them_stays_small(sign_in, token, course, clerk):
    person = {"first_name": "مریم", "last_name": "رضایی", "father_name": "علی"}
    made = [pages.enroll(course, make.person(**person)) for _ in range(papers.ON_PAGE + 2)]
    client, path = sign_in(clerk), f"/center/courses/{course.id}/papers"
    seen = []
    for first, count in ((papers.ON_PAGE, 2), (0, papers.ON_PAGE)):
        answer = client.get(pressed(client, token, f"{path}/slips", which="all", do="page", first=first).location)
        codes_shown = [one.select_one(".code bdi").text for one in soup_of(answer).select("article.paper")]
        assert len(codes_shown) == count
        assert len(brotli.compress(answer.data, quality=5)) <= 6_000
        seen += codes_shown
    assert len(set(seen)) == len(made)
    assert make.db.session.query(SlipPrint).count() == len(made)


def test_a_slip_printed_from_the_screen_says_that_it_is_no_numbered_print(sign_in, course):
    person = make.person()
    page = soup_of(sign_in(person).get(f"/slip/{pages.enroll(course, person).tracking_code}"))
    assert "شمارهٔ چاپ ندارد" in page.select_one("article .onprint").text


def test_queries_of_many_slips_do_not_grow_with_them(sign_in, queries, course, clerk):
    client, path = sign_in(clerk), f"/center/courses/{course.id}/papers/slips"
    counted = []
    for more in (2, 8):
        made = [pages.enroll(course, make.person()) for _ in range(more)]
        payer = make.purse(make.person(), 1)
        for row in made:
            row.payer_account_id, row.debit_source, row.fee_rials = payer.id, DebitSource.PORTAL_USER, 50_000
            make.save(row)
        done = prints.record(By(clerk.id), [row.id for row in made])
        with queries() as seen:
            answer = client.get(f"{path}?first={done[0].id}&last={done[-1].id}")
        assert len(marks(answer)) == more
        counted.append(len(seen))
    assert counted[0] == counted[1] <= 8


def test_a_class_list_names_everybody_with_masked_codes(sign_in, course, clerk):
    person = make.person(first_name="مریم", last_name="رضایی", father_name="علی")
    made, gone = pages.enroll(course, person), pages.enroll(course, make.person(first_name="نیامده"))
    gone.status = "canceled"
    make.save(gone)
    page = soup_of(sign_in(clerk).get(f"/center/courses/{course.id}/papers/list"))
    rows = [[cell.text for cell in row.select("td, th")] for row in page.select("tbody tr")]
    tracking = codes.group_tracking(made.tracking_code).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    assert [(row[1], row[2], row[4].strip("\u2066\u2069")) for row in rows] == [("مریم رضایی", "علی", tracking)]
    assert person.national_code not in page.text


def test_the_sheets_of_attendance_have_every_meeting_once(sign_in):
    world = pages.build()
    course = class_scenes.standing(world)
    actor = course_cases.actor(world.staff["center"], "center")
    found = sheets.whole(actor, course.id)
    papers = lists.attendance(found)
    assert sum(len(paper.heads) - 2 for paper in papers) == len(found.meetings)
    letters = set("".join(str(paper.asked()) for paper in papers)) - set("\n")
    assert {each for each in letters if each.isprintable() and ord(each) not in TTFont(FONT).getBestCmap()} == set()
    assert {len(row) for paper in papers for row in paper.rows} == {len(paper.heads) for paper in papers}


# -- Documents ---------------------------------------------------------------------

ROWS = [("کارآموز", "مریم رضایی"), ("محل", "خیابان امام خمینی، کوچهٔ ۱۲، پلاک ۵ " * 4)] + [("دوره", "برق")] * 11


def paper(copy: int) -> SlipPaper:
    address = "HTTPS://DOREH.EXAMPLE.IR/SLIP/1234567890123"
    where = {"tracking": "\u2066۱۲۳۴ ۵۶۷۸\u2069", "address": address, "host": "doreh.example.ir/slip"}
    return SlipPaper(**where, state="ثبت‌نام قطعی", copy=copy, rows=ROWS, notes=["با کارت ملی باشید."])


def opened(body: bytes) -> list[Image.Image]:
    found = pypdfium2.PdfDocument(body)
    pictures = [page.render(scale=3).to_pil().convert("L") for page in found]
    found.close()
    return pictures


def test_the_document_has_a_slip_on_each_page_with_a_code_that_reads_and_nothing_cut_off():
    pictures = opened(document.slips([paper(1), paper(2)]))
    assert [[each.text for each in zxingcpp.read_barcodes(one)] for one in pictures] == [[paper(1).address]] * 2
    for one in pictures:
        left, top, right, bottom = one.point(lambda value: 255 if value < 200 else 0).getbbox()
        edge = 5 * 3 * 72 / 25.4
        assert min(left, top, one.width - right, one.height - bottom) > edge
    assert pictures[0].tobytes() != pictures[1].tobytes()  # one of them says «المثنی»


def test_a_table_goes_on_with_its_head_on_another_page_and_long_names_stay_in_their_cells():
    heads = [("ردیف", 11.0), ("نام", 40.0)]
    table = lists.TablePaper("فهرست", "مرکز", heads, [["۱", "سیده فاطمه‌زهرا حسینی‌نژاد طباطبایی یزدی"]] * 40)
    first, second = opened(document.tables("فهرست", [table]))
    dots = 3 * 72 / 25.4
    beside = (0, int(40 * dots), int(first.width - (10 + 51.5) * dots), int(first.height * 0.9))
    assert first.crop(beside).getextrema()[0] > 200  # nothing left of the narrow table
    head = (int(first.width / 2), 0, first.width, int(35 * dots))
    assert first.crop(head).tobytes() == second.crop(head).tobytes()


def test_the_receipt_of_a_payment_is_a_document_once_it_is_paid(app):
    paid = payment_scenes.payment(PaymentState.VERIFIED, purses=12)
    client = app.test_client()
    answer = client.get(f"/pay/receipt/{paid.receipt_key}/pdf")
    (picture,) = opened(answer.data)
    assert [each.text for each in zxingcpp.read_barcodes(picture)] == [
        f"http://localhost/pay/receipt/{paid.receipt_key}"
    ]
    assert answer.headers["Cache-Control"] == "no-store"
    waiting = payment_scenes.payment()
    assert client.get(f"/pay/receipt/{waiting.receipt_key}/pdf").location == f"/pay/receipt/{waiting.receipt_key}"
