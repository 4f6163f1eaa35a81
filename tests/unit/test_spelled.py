"""Amounts in words: one zero too many is heard."""

import pytest

from services import spelled


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (0, "صفر"),
        (15, "پانزده"),
        (1_000, "هزار"),
        (2_001, "دو هزار و یک"),
        (50_000, "پنجاه هزار"),
        (121_300, "صد و بیست و یک هزار و سیصد"),
        (1_000_000, "یک میلیون"),
        (3_001_000_000, "سه میلیارد و یک میلیون"),
        (10**15 - 1, "نهصد و نود و نه هزار میلیارد و نهصد و نود و نه میلیارد و نهصد و نود و نه میلیون"
                     " و نهصد و نود و نه هزار و نهصد و نود و نه"),
    ],
)  # fmt: skip
def test_a_number_is_said_as_it_is_read_out(n, words):
    assert spelled.number(n) == words


def test_tomans_stand_beside_rials_unless_they_would_be_broken():
    assert spelled.rial_toman(50_000) == "پنجاه هزار ریال، پنج هزار تومان"
    assert spelled.rial_toman(15) == "پانزده ریال"


@pytest.mark.parametrize("n", [-1, 10**15])
def test_what_is_no_amount_has_no_words(n):
    with pytest.raises(ValueError, match="no words"):
        spelled.number(n)
