"""The portrait of an instructor: cut to three by four, small, and kept until a better one has come."""

import os

import pytest
from PIL import Image

import gateways
from models import FileState, Role, db
from services.files import reasons
from services.instructors import evidence, profile
from tests import attachments, make
from tests import course_cases as cases
from tests.attachments import picture, saved, send, settled
from tests.services.test_files import folder, seen  # noqa: F401 (a fixture)

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("folder")]


@pytest.fixture
def clerk():
    return cases.staff(Role.CLERK, make.unit())


@pytest.fixture
def owner(clerk):
    return profile.begun(make.instructor(make.unit()).person_id)


@pytest.fixture
def sent(clerk, owner):
    """`sent(picture)`: what becomes of it as a portrait."""

    def _sent(body: bytes):
        return settled(send(clerk, body, evidence.Place(evidence.PHOTO, owner.id)))

    return _sent


@pytest.mark.parametrize(
    ("size", "made"), [((2000, 1000), (600, 800)), ((900, 1600), (600, 800)), ((240, 320), (240, 320))]
)
def test_a_portrait_is_cut_to_three_by_four(sent, size, made):
    file = sent(attachments.jpeg(size))
    assert (file.state, seen(file).size, seen(file, "thumb").size) == (FileState.READY, made, (240, 320))


def test_a_portrait_is_upright_small_and_says_nothing_of_its_phone(sent):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "MAKER-OF-PHONES"
    noise = Image.frombytes("RGB", (2000, 1500), os.urandom(2000 * 1500 * 3))
    noise.paste("blue", (0, 0, 500, 1500))  # on the left as the phone lay, so on top as it was held
    file = sent(saved(noise, quality=80, exif=exif))
    assert file.bytes <= 100_000
    assert seen(file).width * 4 == seen(file).height * 3
    assert seen(file).getpixel((seen(file).width // 2, 5))[2] > 200
    assert b"MAKER" not in gateways.files().read(f"{file.key}.file")


def test_of_a_tall_picture_more_is_kept_of_the_upper_part_and_of_a_wide_one_the_middle(sent):
    tall = picture(size=(600, 1200), color="red")
    tall.paste("blue", (0, 900, 600, 1200))
    assert seen(sent(saved(tall))).getpixel((300, 780))[0] > 200  # what the feet stand on is not in it
    wide = picture(size=(1600, 800), color="red")
    wide.paste("blue", (600, 0, 1000, 800))
    assert seen(sent(saved(wide))).getpixel((300, 400))[2] > 200


def test_one_that_is_refused_says_why_and_leaves_the_one_before_it_in_its_place(sent, clerk, owner):
    first = sent(attachments.jpeg((300, 400)))
    bad = sent(attachments.jpeg((200, 900)))
    evidence.keep_newest_photo(clerk, owner)
    shown = evidence.portraits_of(owner)
    assert (shown.current, shown.newer, bad.refused_reason) == (first, bad, reasons.TOO_SMALL)
    assert "۲۴۰ در ۳۲۰" in reasons.words(bad.refused_reason)
    better = sent(attachments.jpeg((600, 800)))
    evidence.keep_newest_photo(clerk, owner)
    shown = evidence.portraits_of(owner)
    assert (shown.current, shown.newer, db.session.get(type(bad), first.id).removed_at is None) == (better, None, False)
