"""A portrait that is sent, replaced and looked at by several at once: one that waits, and a word that is of it."""

import threading
import time
from functools import partial

import pytest
from sqlalchemy import func, select

from models import PersonPhoto, PhotoState, StoredFile, db
from services import photos
from services.files import Place
from services.photos import Word, deciding, sending
from services.transaction import atomic
from tests import make
from tests.attachments import actor, jpeg, send, work
from tests.race.crowd import storm
from tests.services.test_files import folder  # noqa: F401 (a fixture)
from tests.services.test_photos import finished, visitor
from tests.web.pages import enroll

pytestmark = pytest.mark.usefixtures("folder")
PEOPLE = 4
S = PhotoState
ACCEPTED = Word("", "", accepted=True)


@pytest.fixture
def unit():
    return make.unit()


@pytest.fixture
def clerk(unit):
    return actor(make.user(unit_=unit))


def person_of(unit):
    found = make.person(first_name="مریم", last_name="رضایی")
    enroll(make.course(unit_=unit), found)
    return found


def another(person) -> int:
    """One more picture, which has come and belongs to no portrait so far."""
    return send(visitor(person), jpeg((400, 500)), Place(photos.SENT)).id


def replace(person_id: int, who, file_id: int) -> str:
    photos.send(who, person_id, db.session.get_one(StoredFile, file_id))
    return "sent"


def accept(clerk, photo_id: int, version: int) -> str:
    photos.decide(clerk, photo_id, version, ACCEPTED)
    return f"accepted {photo_id}"


def states(*where) -> list[PhotoState]:
    db.session.rollback()
    return list(db.session.scalars(select(PersonPhoto.state).where(*where).order_by(PersonPhoto.id)))


def accepted_of_nothing() -> int:
    """How many portraits hold whose picture has been let go."""
    db.session.rollback()
    query = select(func.count()).select_from(PersonPhoto).join(StoredFile, StoredFile.id == PersonPhoto.file_id)
    return db.session.scalar(query.where(PersonPhoto.state == S.ACCEPTED, StoredFile.removed_at.is_not(None)))


# -- Looked at while another one comes -----------------------------------------------


def test_a_word_is_of_the_picture_that_was_looked_at_whatever_comes_at_the_same_moment(app, unit, clerk):
    acts, shown = [], {}
    for person in [person_of(unit) for _ in range(PEOPLE)]:
        photo = finished(person)
        shown[photo.id] = person.id
        acts += [
            partial(accept, clerk, photo.id, photo.version),
            partial(replace, person.id, visitor(person), another(person)),
        ]
    seen = storm(app, lambda act: act(), acts)
    assert seen["sent"] == PEOPLE
    for photo_id, person_id in shown.items():
        held = f"accepted {photo_id}" in seen
        assert states(PersonPhoto.person_id == person_id) == [S.ACCEPTED if held else S.REPLACED, S.WAITING]
    assert accepted_of_nothing() == 0


def while_it_is_decided(app, clerk, person) -> list[PhotoState]:
    """A reviewer's word is being written while the person sends another picture; what stands afterwards."""
    photo, file, who, is_inside = finished(person), another(person), visitor(person), threading.Event()

    def look() -> None:
        with app.app_context(), atomic():
            photos.decide(clerk, photo.id, photo.version, ACCEPTED)
            db.session.flush()
            is_inside.set()
            time.sleep(0.5)  # long enough for the other one to come to the same portrait

    reviewer = threading.Thread(target=look)
    db.session.rollback()
    reviewer.start()
    assert is_inside.wait(30)
    replace(person.id, who, file)
    reviewer.join()
    return states()


def test_a_portrait_that_was_accepted_stays_when_another_came_in_that_moment(app, unit, clerk):
    assert while_it_is_decided(app, clerk, person_of(unit)) == [S.ACCEPTED, S.WAITING]
    assert accepted_of_nothing() == 0


def test_control_without_the_look_at_the_version_a_picture_is_accepted_that_is_there_no_more(
    app, unit, clerk, monkeypatch
):
    monkeypatch.setattr(deciding, "_check_waits", lambda photo, version: None)
    person = person_of(unit)
    photo = finished(person)
    version = photo.version
    replace(person.id, visitor(person), another(person))
    accept(clerk, photo.id, version)
    assert (states(), accepted_of_nothing()) == ([S.ACCEPTED, S.WAITING], 1)


# -- Two uploads ---------------------------------------------------------------------


def sendings(person) -> list[partial[str]]:
    return [partial(replace, person.id, visitor(person), another(person)) for _ in range(PEOPLE)]


def test_of_pictures_that_come_at_once_the_last_one_waits_alone_and_the_others_are_let_go(app, unit):
    person = person_of(unit)
    acts = sendings(person)
    assert storm(app, lambda act: act(), acts) == {"sent": PEOPLE}
    assert states() == [S.REPLACED] * (PEOPLE - 1) + [S.WAITING]
    there = db.session.scalars(select(StoredFile).where(StoredFile.removed_at.is_(None))).one()
    assert there.owner_id == photos.standing(person.id).newest.id


def test_control_without_index_and_look_each_of_them_waits(app, unit, monkeypatch, without_index):
    without_index(PersonPhoto, "uq_person_photo_waiting")
    monkeypatch.setattr(sending, "_drop_former", lambda *_: None)  # as seen before any of them had come
    person = person_of(unit)
    assert storm(app, lambda act: act(), sendings(person)) == {"sent": PEOPLE}
    assert states() == [S.WAITING] * PEOPLE


def test_a_picture_that_is_cut_while_another_comes_leaves_nothing_behind(app, unit, monkeypatch):
    person = person_of(unit)
    file = another(person)
    replace(person.id, visitor(person), another(person))
    work()
    cut = sending._portrait

    def cut_slowly(*asked):
        made = cut(*asked)
        replace(person.id, visitor(person), file)
        return made

    monkeypatch.setattr(sending, "_portrait", cut_slowly)
    photos.finish(visitor(person), person.id, photos.standing(person.id).newest.version)
    assert states() == [S.REPLACED, S.WAITING]
    kept = select(StoredFile.owner_kind).where(StoredFile.removed_at.is_(None))
    assert db.session.scalars(kept).all() == [photos.SENT]
