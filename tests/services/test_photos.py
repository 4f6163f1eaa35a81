"""Portraits of trainees: sent, cut, looked at, replaced, and seen by nobody who need not."""

import io

import pytest
from PIL import Image
from sqlalchemy import select

from models import AuditEvent, FileState, Message, PersonPhoto, PhotoState, Role, StoredFile, UnitKind, db
from services import files, photos
from services.access import Level, Visitor
from services.errors import Conflict, DomainError, NotAllowed, NotFound, OutsideTerritory
from services.files import Place, Viewer, cuts
from services.photos import Stage, Word
from tests import make
from tests.attachments import actor, picture, saved, send, work
from tests.services.test_files import folder, seen  # noqa: F401 (a fixture)
from tests.web.pages import enroll

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("folder")]
ACCEPTED = Word("", "", accepted=True)
REJECTED = Word("زمینهٔ عکس سفید نیست", "https://doreh.example/trainee/photo", accepted=False)


@pytest.fixture
def unit():
    return make.unit()


@pytest.fixture
def person(unit):
    found = make.person(first_name="مریم", last_name="رضایی", mobile="09121234567", mobile_status="matched")
    enroll(make.course(unit_=unit), found)
    return found


def visitor(person):
    return Visitor(person.id, person.national_code, None, person.first_name, person.last_name, person.mobile)


def two_halves():
    """A wide picture, red on the left and blue on the right."""
    wide = picture(size=(1200, 800))
    wide.paste("blue", (600, 0, 1200, 800))
    return saved(wide, quality=95)


def sent(person, sender=None, body=None):
    who = sender or visitor(person)
    file = send(who, body or two_halves(), Place(photos.SENT))
    photo = photos.send(who, person.id, file)
    work()
    return photo


def finished(person, sender=None):
    who = sender or visitor(person)
    sent(person, who)
    photo = photos.finish(who, person.id, photos.standing(person.id).newest.version)
    work()
    return photo


def color(file):
    red, _, blue = seen(file).getpixel((seen(file).width // 2, 20))
    return "red" if red > blue else "blue"


# -- Cuts --------------------------------------------------------------------------


def test_whoever_points_at_a_face_gets_that_part_of_the_picture_also_when_it_is_turned(person):
    sent(person)
    for turns, spot, shown in ((0, (0.1, 0.5), "red"), (1, (0.9, 0.5), "blue"), (2, (0.1, 0.5), "red")):
        cut = cuts.whole(1200, 800, turns)
        cut = cuts.moved(cuts.moved(cut, "closer", 1200, 800), "closer", 1200, 800)
        there = photos.standing(person.id)
        photos.cut(visitor(person), person.id, there.newest.version, cuts.pointed(cut, spot, 1200, 800))
        made = files.prepare_cut(two_halves(), photos.standing(person.id).cut)
        red, _, blue = Image.open(io.BytesIO(made.body)).getpixel((made.width // 2, made.height // 2))
        assert ("red" if red > blue else "blue") == shown


# -- From the phone to the card ----------------------------------------------------


def test_a_portrait_goes_from_the_phone_through_the_cut_and_the_review_to_the_card(person, unit):
    sent(person)
    there = photos.standing(person.id)
    assert there.stage is Stage.CUT
    photos.cut(visitor(person), person.id, there.newest.version, cuts.pointed(there.cut, (1.0, 0.5), 1200, 800))
    photo = photos.finish(visitor(person), person.id, there.newest.version + 1)
    assert photos.standing(person.id).stage is Stage.CUTTING
    work()
    file = photos.standing(person.id).newest.file
    assert photos.standing(person.id).stage is Stage.REVIEW
    assert (seen(file).width * 4, color(file)) == (seen(file).height * 3, "blue")
    assert file.bytes <= 100_000
    clerk = actor(make.user(unit_=unit))
    assert [row.id for row in photos.waiting(clerk)] == [photo.id]
    photos.decide(clerk, photo.id, photo.version, ACCEPTED)
    there = photos.standing(person.id)
    assert (there.stage, there.current.id, photos.waiting(clerk)) == (Stage.ACCEPTED, photo.id, [])
    assert photos.accepted_of([person.id]) == {person.id: file.key}
    assert db.session.scalar(select(StoredFile.removed_at).where(StoredFile.owner_kind == photos.SENT)) is not None


def test_the_one_that_holds_stays_until_another_is_accepted(person, unit):
    clerk = actor(make.user(unit_=unit))
    first = finished(person)
    photos.decide(clerk, first.id, first.version, ACCEPTED)
    second = finished(person)
    assert photos.standing(person.id).current.id == first.id
    photos.decide(clerk, second.id, second.version, ACCEPTED)
    assert db.session.get(PersonPhoto, first.id, populate_existing=True).state is PhotoState.REPLACED
    assert photos.accepted_of([person.id]) == {person.id: second.file.key}


def test_a_rejected_one_says_why_by_message_and_makes_way_for_another(person, unit):
    clerk = actor(make.user(unit_=unit))
    photo = finished(person)
    with pytest.raises(DomainError):
        photos.decide(clerk, photo.id, photo.version, Word(" ", "", accepted=False))
    for _ in range(2):
        photos.decide(clerk, photo.id, photo.version, REJECTED)
    assert photos.standing(person.id).stage is Stage.REJECTED
    body = db.session.scalars(select(Message.body).where(Message.template == "photo_rejected")).one()
    assert REJECTED.reason in body
    assert REJECTED.address in body
    sent(person)
    assert photos.standing(person.id).stage is Stage.CUT
    assert db.session.get(PersonPhoto, photo.id, populate_existing=True).state is PhotoState.REPLACED
    trail = db.session.scalars(select(AuditEvent).where(AuditEvent.subject == "person_photo")).all()
    assert "رضایی" not in str([event.detail for event in trail])


def test_what_staff_take_at_the_desk_needs_no_other_look(person, unit):
    clerk = actor(make.user(unit_=unit))
    finished(person, clerk)
    assert photos.standing(person.id).stage is Stage.ACCEPTED
    assert photos.waiting(clerk) == []


def test_of_two_reviewers_the_second_is_told_who_was_faster(person, unit):
    one, two = actor(make.user(unit_=unit)), actor(make.user(unit_=unit))
    photo = finished(person)
    version = photo.version
    photos.decide(one, photo.id, version, ACCEPTED)
    with pytest.raises(Conflict, match="پیش از شما"):
        photos.decide(two, photo.id, version, REJECTED)
    assert photos.standing(person.id).stage is Stage.ACCEPTED


def test_nobody_decides_on_a_picture_that_is_not_there_to_be_looked_at(person, unit):
    photo = sent(person)
    with pytest.raises(Conflict, match="آماده نشده"):
        photos.decide(actor(make.user(unit_=unit)), photo.id, photo.version, ACCEPTED)


# -- Twice, late and unfit ---------------------------------------------------------


def test_the_same_picture_sent_again_and_the_same_press_repeated_make_one_portrait(person):
    who = visitor(person)
    file = send(who, two_halves(), Place(photos.SENT), key="the-same-form")
    again = send(who, two_halves(), Place(photos.SENT), key="the-same-form")
    assert photos.send(who, person.id, file).id == photos.send(who, person.id, again).id
    work()
    version = photos.standing(person.id).newest.version
    assert photos.finish(who, person.id, version).id == photos.finish(who, person.id, version).id
    work()
    assert db.session.query(StoredFile).filter_by(owner_kind="person_photo").count() == 1


def test_a_cut_of_an_older_page_is_refused_and_another_picture_takes_the_place_of_one_that_waits(person):
    sent(person)
    there = photos.standing(person.id)
    photos.cut(visitor(person), person.id, there.newest.version, cuts.whole(1200, 800, 1))
    with pytest.raises(Conflict, match="پنجرهٔ دیگری"):
        photos.cut(visitor(person), person.id, there.newest.version - 1, there.cut)
    with pytest.raises(Conflict):
        photos.finish(visitor(person), person.id, there.newest.version - 1)
    other = sent(person)
    assert photos.standing(person.id).newest.id == other.id
    assert db.session.query(PersonPhoto).filter_by(state=PhotoState.WAITING).count() == 1


def test_a_picture_too_small_for_a_card_is_refused_with_words(person):
    sent(person, body=saved(picture(size=(200, 260))))
    there = photos.standing(person.id)
    assert (there.stage, there.refused_reason) == (Stage.UNFIT, "too_small")
    with pytest.raises(NotFound):
        photos.finish(visitor(person), make.person().id, 1)


# -- Who sees it -------------------------------------------------------------------


def test_only_the_person_and_the_staff_who_enroll_and_review_there_see_a_portrait(person, unit):
    file = finished(person).file
    manager, counselor = make.user(Role.MANAGER, unit), make.user(Role.COUNSELOR, unit)
    elsewhere = make.user(unit_=make.unit(province_=make.province()))
    directorate = make.unit(UnitKind.DIRECTORATE)
    reviewer, planner = make.user(Role.REVIEWER, directorate), make.user(Role.PLANNER, directorate)
    hq = make.user(Role.ADMIN, make.unit(UnitKind.HQ))
    sees = [(manager, Level.CENTER, True), (counselor, Level.CENTER, False), (elsewhere, Level.CENTER, False)]
    sees += [(reviewer, Level.PROVINCE, True), (planner, Level.PROVINCE, False), (hq, Level.HQ, False)]
    for user, level, may in sees:
        viewer = Viewer((actor(user, level),))
        if may:
            assert files.get(viewer, file.key).state is FileState.READY
        else:
            with pytest.raises(OutsideTerritory):
                files.get(viewer, file.key)
    assert files.get(Viewer(visitor=visitor(person)), file.key).id == file.id
    with pytest.raises(OutsideTerritory):
        files.get(Viewer(visitor=visitor(make.person())), file.key)


def test_a_counter_sees_its_own_act_alone_and_nobody_reviews_for_another_unit(person, unit):
    counter = make.user(Role.COUNTER, make.unit(UnitKind.COUNTER))
    mine = actor(counter)
    enrollment = enroll(make.course(unit_=unit), person)
    with pytest.raises(OutsideTerritory):
        photos.enrollment_of(mine, enrollment.id)
    enrollment.unit_id, enrollment.created_by_id = mine.units[0], counter.id
    make.save(enrollment)
    assert photos.enrollment_of(mine, enrollment.id).person_id == person.id
    with pytest.raises(NotAllowed):
        photos.waiting(mine)
    stranger = actor(make.user(unit_=make.unit()))
    photo = finished(person)
    assert photos.waiting(stranger) == []
    with pytest.raises(OutsideTerritory):
        photos.decide(stranger, photo.id, photo.version, ACCEPTED)
