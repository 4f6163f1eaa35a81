"""The number on a label: read as people type it, and refused after any slip of one hand."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services import property_labels
from services.text import persian_digits

IDS = st.integers(1, 99_999_999)


@given(IDS)
def test_a_label_leads_back_to_its_item(item_id):
    number = property_labels.label(item_id)
    assert len(number) == 9
    assert property_labels.item_id(number) == item_id
    assert property_labels.why_not(number) == ""


@given(IDS, st.integers(0, 8), st.sampled_from("0123456789"))
def test_no_wrong_digit_passes(item_id, place, digit):
    number = property_labels.label(item_id)
    assume(number[place] != digit)
    assert property_labels.item_id(number[:place] + digit + number[place + 1 :]) is None


@given(IDS, st.integers(0, 7))
def test_no_swap_of_neighbors_passes(item_id, place):
    number = property_labels.label(item_id)
    assume(number[place] != number[place + 1])
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert property_labels.item_id(swapped) is None
    assert property_labels.why_not(swapped)


@pytest.mark.parametrize("typed", [
    "000 012 340", "۰۰۰ ۰۱۲ ۳۴۰", "٠٠٠-٠١٢-٣٤٠", "۱۲۳۴۰", " 12340\u200f", "https://d.ir/e/000012340", "HTTPS://D.IR/E/000012340",
])  # fmt: skip
def test_a_label_is_read_in_any_digits_with_signs_without_zeros_and_from_its_address(typed):
    assert property_labels.label(1234) == "000012340"
    assert property_labels.item_id(typed) == 1234


@pytest.mark.parametrize(("typed", "says"), [
    ("", "بنویسید"), (None, "بنویسید"), (" - ", "بنویسید"), ("12a40", "فقط از رقم"),
    ("۰۰۰۰۰۰۰۰۱۲۳۴۰", "۱۳ رقم نوشته‌اید"),
    ("12341", "درست نیست"), ("0", "درست نیست"), ("000000000", "درست نیست"), ("१२३४०", "فقط از رقم"),
])  # fmt: skip
def test_what_is_no_label_is_refused_with_a_sentence(typed, says):
    assert property_labels.item_id(typed) is None
    assert says in property_labels.why_not(typed)


def test_a_label_is_shown_in_groups_of_three_and_has_an_end():
    assert persian_digits(property_labels.spaced("000012340")) == "۰۰۰ ۰۱۲ ۳۴۰"
    assert property_labels.label(99_999_999)[:8] == "99999999"
    for no_id in (0, -1, 100_000_000):
        with pytest.raises(ValueError, match="no place"):
            property_labels.label(no_id)
