"""Where a portrait lies in a picture, whatever is done to it."""

import itertools

import pytest

from services.files import cuts

SIZES = ((1200, 800), (600, 1600), (240, 320), (320, 240))
pytestmark = pytest.mark.once


def test_a_cut_stays_three_by_four_and_within_the_picture_however_often_it_is_moved():
    for word, size in itertools.product(cuts.WORDS, SIZES):
        cut = cuts.whole(*size)
        for step in (word, "turn", word, *[word] * 20):
            cut = cuts.moved(cut, step, *size)
            across, down = cuts.turned(*size, cut.turns)
            left, top, width, height = cuts.box(cut, across, down)
            assert 0 <= left <= across - width
            assert 0 <= top <= down - height
            assert abs(width * 4 - height * 3) <= 4


def test_pointing_at_a_corner_keeps_the_size_and_stays_inside():
    for size, spot in itertools.product(SIZES, ((0.0, 0.0), (1.0, 1.0))):
        cut = cuts.moved(cuts.whole(*size), "closer", *size)
        pointed = cuts.pointed(cut, spot, *size)
        left, top, width, height = cuts.box(pointed, *size)
        assert pointed.width == cut.width
        assert (
            (left, top) == (0, 0) if spot == (0.0, 0.0) else (left + width, top + height) >= (size[0] - 2, size[1] - 2)
        )
