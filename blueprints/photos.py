"""Portraits: sending and cutting one, of oneself or at the desk of somebody enrolled; and the queue of the reviewer."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, url_for

from blueprints import addresses, notices, queues, routes, uploads
from blueprints.forms import tried
from blueprints.forms.photos import DecisionForm, PhotoForm
from blueprints.guards import me, trainee
from blueprints.htmx import go, render
from models import utcnow
from services import codes, files, people, photos
from services.access import Actor, Visitor
from services.errors import Conflict, DomainError
from services.files import cuts
from services.files.reasons import words
from services.photos import reading
from services.text import persian_digits

MOST = 8 * 1024 * 1024
SHOWN = 288  # pixels of the longer side of the small picture that is pointed at; it fits a phone
ACCEPT, REJECT = "accept", "reject"
MOVES = (
    ("closer", "نزدیک‌تر"), ("farther", "دورتر"), ("up", "بالاتر"), ("down", "پایین‌تر"), ("right", "راست‌تر"),
    ("left", "چپ‌تر"), ("turn", "چرخاندن"), ("again", "از نو"),
)  # fmt: skip
# What stands before a picture of width w and height h to turn it to the right, in the words of SVG.
TURNS = ("", "translate({h} 0) rotate(90)", "translate({w} {h}) rotate(180)", "translate(0 {w}) rotate(270)")


@dataclass(frozen=True)
class Where:
    """Whose portrait it is, who sends it, and where its pages stand."""

    sender: Actor | Visitor
    person_id: int
    page: str
    cut: str
    values: dict[str, Any]
    back: tuple[str, str]
    name: str | None = None

    def url(self) -> str:
        return url_for(self.page, **self.values)

    def cut_url(self) -> str:
        return url_for(self.cut, **self.values)


def register_trainee(bp: Blueprint) -> None:
    """Add the page of one's own portrait to the trainee's blueprint."""
    routes.add(bp, "/photo", OWN)


def register_center(bp: Blueprint) -> None:
    """Add portraits of people who are enrolled, and the queue of those that wait, to the center's blueprint."""
    routes.add(bp, "/enrollments/<int:enrollment_id>/photo", ENROLLED)
    routes.add(bp, "/photos", QUEUE)


# -- One's own ---------------------------------------------------------------------


def photo_page() -> Response:
    return _page(_own())


@uploads.accepts_file
def photo_send() -> Response:
    return _send(_own())


def photo_cut() -> Response:
    return _cut(_own())


def _own() -> Where:
    """`course` in the address is that of an enrollment that is going on, to which the page leads back."""
    code = codes.read_course_code(request.args.get("course"))
    back = (url_for("trainee.enroll_ask", code=code), "ادامهٔ ثبت‌نام") if code else (url_for("trainee.home"), "صفحهٔ من")
    return Where(trainee(), trainee().id, "trainee.photo_page", "trainee.photo_cut", {"course": code}, back)


# -- Of somebody enrolled ----------------------------------------------------------


def enrollment_photo(enrollment_id: int) -> Response:
    return _page(_enrolled(enrollment_id))


@uploads.accepts_file
def enrollment_photo_send(enrollment_id: int) -> Response:
    return _send(_enrolled(enrollment_id))


def enrollment_photo_cut(enrollment_id: int) -> Response:
    return _cut(_enrolled(enrollment_id))


def _enrolled(enrollment_id: int) -> Where:
    made = photos.enrollment_of(me(), enrollment_id)
    back = (url_for("slips.slip", tracking_code=made.tracking_code), "بازگشت به رسید")
    pages = ("center.enrollment_photo", "center.enrollment_photo_cut", {"enrollment_id": enrollment_id})
    return Where(me(), made.person_id, *pages, back, people.shown_name(made.person))


# -- Sending and cutting -----------------------------------------------------------


def _page(where: Where, status: int = 200, form: PhotoForm | None = None) -> Response:
    there = photos.standing(where.person_id)
    context = {
        "where": where,
        "there": there,
        "stage": there.stage.value,
        "refused": words(there.refused_reason),
        "form": form or PhotoForm(formdata=None).prepare(),
        "drawn": _drawn(there) if there.stage is photos.Stage.CUT else None,
        "moves": MOVES,
    }
    return render("photos/photo.html", "photos/_form.html" if form else "photos/photo.html", status, **context)


def _send(where: Where) -> Response:
    form = PhotoForm().prepare()
    file = tried(form, lambda: uploads.take(where.sender, files.Place(photos.SENT)))
    if file is None:
        return _page(where, 422, form)
    photos.send(where.sender, where.person_id, file)
    return go(where.url())


def _cut(where: Where) -> Response:
    """One press of a button below the picture, or on the picture itself."""
    version = addresses.version(request.form.get("version"))
    try:
        if request.form.get("do") == "finish":
            photos.finish(where.sender, where.person_id, version)
        else:
            _moved(where, version)
    except Conflict as late:
        return notices.tell(go(where.url()), "warn", str(late))
    return go(where.url())


def _moved(where: Where, version: int) -> None:
    there = photos.standing(where.person_id)
    now, sent = there.cut, there.sent
    if now is None or sent is None:
        raise DomainError(reading.NO_SUCH)
    size = (sent.width or 1, sent.height or 1)
    spot, word = _spot(size), request.form.get("do", "")
    if spot:
        photos.cut(where.sender, where.person_id, version, cuts.pointed(now, spot, *size))
    elif word in cuts.WORDS:
        photos.cut(where.sender, where.person_id, version, cuts.moved(now, word, *size))


def _spot(size: tuple[int, int]) -> tuple[float, float] | None:
    """Where the small picture was pointed at, as parts of it."""
    left, top = (addresses.number(request.form.get(f"face.{axis}"), 4) for axis in "xy")
    if left is None or top is None:
        return None
    across, down = _shown(size)
    return min(1.0, left / across), min(1.0, top / down)


def _shown(size: tuple[int, int]) -> tuple[int, int]:
    """The size of the small picture on the screen."""
    scale = min(1, SHOWN / max(size))
    return round(size[0] * scale), round(size[1] * scale)


def _drawn(there: photos.Standing) -> dict[str, Any] | None:
    """The cut as a drawing shows it: the window on the turned picture, in pixels of the small one."""
    if there.cut is None or there.sent is None:
        return None
    w, h = _shown((there.sent.width or 1, there.sent.height or 1))
    window = cuts.box(there.cut, *cuts.turned(w, h, there.cut.turns))
    turn = TURNS[there.cut.turns].format(w=w, h=h)
    return {"key": there.sent.key, "w": w, "h": h, "window": " ".join(map(str, window)), "turn": turn}


# -- The queue ---------------------------------------------------------------------


def photo_list() -> str:
    now = utcnow()
    rows = [(row, queues.due(row.created_at, now)) for row in photos.waiting(me())]
    return render_template("photos/queue.html", rows=rows)


def photo_review(photo_id: int) -> Response:
    return _review(photo_id, DecisionForm(formdata=None))


def photo_decide(photo_id: int) -> Response:
    form = DecisionForm()
    accepted = request.form.get("do") == ACCEPT
    address = f"{current_app.config['BASE_URL']}{url_for('trainee.photo_page')}"
    word = photos.Word(form.said() if not accepted else "", address, accepted=accepted)
    version = addresses.version(form.version.data)
    try:
        done = tried(form, lambda: photos.decide(me(), photo_id, version, word))
    except Conflict as late:
        return notices.tell(go(url_for(".photo_list")), "warn", str(late))
    if done is None:
        return _review(photo_id, form, 422)
    told = "عکس پذیرفته شد." if accepted else "عکس رد شد و دلیل برای کارآموز پیامک می‌شود."
    left = photos.waiting(me())
    here = url_for(".photo_review", photo_id=left[0].id) if left else url_for(".photo_list")
    rest = f" {persian_digits(len(left))} عکس دیگر مانده است." if left else " عکس دیگری نمانده است."
    return notices.tell(go(here), "ok", f"{told}{rest}")


def _review(photo_id: int, form: DecisionForm, status: int = 200) -> Response:
    photo = photos.waiting_one(me(), photo_id)
    form.version.data = str(photo.version)
    context = {
        "photo": photo,
        "course": photos.course_of(me(), photo.person),
        "name": people.shown_name(photo.person),
        "current": photos.standing(photo.person_id).current,
        "form": form.prepare(),
    }
    return Response(render_template("photos/review.html", **context), status)


OWN: tuple[routes.Route, ...] = (
    ("", photo_page, ("GET",)),
    ("", photo_send, ("POST",)),
    ("/cut", photo_cut, ("POST",)),
)
ENROLLED: tuple[routes.Route, ...] = (
    ("", enrollment_photo, ("GET",)),
    ("", enrollment_photo_send, ("POST",)),
    ("/cut", enrollment_photo_cut, ("POST",)),
)
QUEUE: tuple[routes.Route, ...] = (
    ("", photo_list, ("GET",)),
    ("/<int:photo_id>", photo_review, ("GET",)),
    ("/<int:photo_id>", photo_decide, ("POST",)),
)
