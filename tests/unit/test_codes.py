"""National codes, mobiles and the other numbers, with the vectors they are known by."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import codes
from services.text import persian_digits
from tests.unit import oracle

ten_digits = st.text(alphabet="0123456789", min_size=10, max_size=10)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("0010350829", "0010350829"),
        ("10350829", "0010350829"),
        ("0077611616", "0077611616"),
        ("77611616", "0077611616"),
        ("0013542419", "0013542419"),
        ("0499370899", "0499370899"),
        ("499370899", "0499370899"),
        ("0790419904", "0790419904"),
        ("0084575948", "0084575948"),
        ("۰۰۱۰۳۵۰۸۲۹", "0010350829"),
        ("٠٠٧٧٦١١٦١٦", "0077611616"),
        ("００１０３５０８２９", "0010350829"),
        (" 049-937‌089.9\u200f", "0499370899"),
        ("\u2066049 937 0899\u2069", "0499370899"),
    ],
)
def test_a_right_national_code_is_taken_however_it_is_typed(raw, code):
    assert codes.national_code(raw) == code
    assert codes.why_not_national_code(raw) == ""


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (None, "کد ملی را بنویسید"),
        (" - ", "کد ملی را بنویسید"),
        ("049937089", "کد ملی باید ۱۰ رقم باشد؛ ۹ رقم نوشته‌اید"),
        ("1234567", "کد ملی باید ۱۰ رقم باشد؛ ۷ رقم نوشته‌اید"),
        ("00103508290", "کد ملی باید ۱۰ رقم باشد؛ ۱۱ رقم نوشته‌اید"),
        ("0013542418", "این کد ملی درست نیست. رقم‌ها را با کارت ملی تطبیق دهید"),
        ("1111111111", "این کد ملی درست نیست. رقم‌ها را با کارت ملی تطبیق دهید"),
        ("00103508a9", "کد ملی فقط از رقم ساخته می‌شود؛ حرف یا نشانه‌ای در آن هست"),
        ("००१०३५०८२९", "کد ملی فقط از رقم ساخته می‌شود؛ حرف یا نشانه‌ای در آن هست"),
        ("x0010350829", "کد ملی فقط از رقم ساخته می‌شود؛ حرف یا نشانه‌ای در آن هست"),
        ("+0010350829", "کد ملی فقط از رقم ساخته می‌شود؛ حرف یا نشانه‌ای در آن هست"),
    ],
)
def test_a_wrong_national_code_is_refused_with_its_cause(raw, why):
    assert codes.national_code(raw) is None
    assert codes.why_not_national_code(raw) == why


@pytest.mark.parametrize("digit", "0123456789")
def test_ten_equal_digits_pass_the_sum_and_are_refused(digit):
    assert codes.national_check_digit(digit * 9) == digit
    assert codes.national_code(digit * 10) is None


@given(ten_digits)
def test_national_code_agrees_with_the_definition(raw):
    assert codes.national_code(raw) == oracle.national_code(raw)


@given(ten_digits)
def test_every_nine_digits_have_one_check_digit(raw):
    right = [d for d in "0123456789" if codes.national_code(raw[:9] + d)]
    assert right == ([] if len(set(raw[:9])) == 1 else [codes.national_check_digit(raw[:9])])


def test_the_checksum_of_national_codes_misses_about_one_slip_in_sixty():
    rng, passed, tried = random.Random(1405), 0, 20_000  # noqa: S311
    for _ in range(tried):
        nine = f"{rng.randrange(10**9):09}"
        code = nine + codes.national_check_digit(nine)
        place = rng.randrange(10)
        wrong = code[:place] + rng.choice("0123456789".replace(code[place], "")) + code[place + 1 :]
        passed += codes.national_code(wrong) is not None
    assert 0.013 < passed / tried < 0.019


def test_codes_that_people_type_to_get_past_are_valid_and_suspicious():
    assert codes.national_code("123456789") == "0123456789"
    assert codes.is_suspicious_national_code("0123456789")
    assert codes.is_suspicious_national_code(codes.national_code("1234567891"))
    assert not codes.is_suspicious_national_code("0010350829")


@pytest.mark.parametrize(
    "raw",
    [
        "09121234567",
        "9121234567",
        "+989121234567",
        "00989121234567",
        "989121234567",
        "۰۹۱۲ ۱۲۳ ۴۵۶۷",
        "(0912) 123-4567",
    ],
)
def test_a_mobile_is_stored_in_one_form(raw):
    assert codes.mobile(raw) == "09121234567"
    assert codes.why_not_mobile(raw) == ""


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("", "شمارهٔ همراه را بنویسید"),
        ("02112345678", "شمارهٔ همراه با ۰۹ شروع می‌شود و ۱۱ رقم دارد"),
        ("0912123456", "شمارهٔ همراه با ۰۹ شروع می‌شود و ۱۱ رقم دارد"),
        ("091212345678", "شمارهٔ همراه با ۰۹ شروع می‌شود و ۱۱ رقم دارد"),
        ("0912abc4567", "شمارهٔ همراه فقط از رقم ساخته می‌شود؛ حرف یا نشانه‌ای در آن هست"),
    ],
)
def test_a_wrong_mobile_is_refused_with_its_cause(raw, why):
    assert codes.mobile(raw) is None
    assert codes.why_not_mobile(raw) == why


@pytest.mark.parametrize("raw", ["10380284790", "14005893875", "10101780644", "۱۰۱۰ ۱۷۸۰ ۶۴۴"])
def test_right_legal_ids_are_taken(raw):
    assert len(codes.legal_id(raw)) == 11


@pytest.mark.parametrize("raw", ["10380284791", "11111111111", "1038028479", "x10380284790", None])
def test_wrong_legal_ids_are_refused(raw):
    assert codes.legal_id(raw) is None


@pytest.mark.parametrize("raw", ["IR820540102680020817909002", "ir06 2960 0000 0010 0324 2000 01"])
def test_right_ibans_are_taken_with_and_without_ir(raw):
    assert codes.sheba(raw) == raw.replace(" ", "").upper()
    assert codes.sheba(raw[2:]) == codes.sheba(raw)


@pytest.mark.parametrize("raw", ["IR820540102680020817909003", "", "DE820540102680020817909002"])
def test_wrong_ibans_are_refused(raw):
    assert codes.sheba(raw) is None


def test_foreign_codes_postal_codes_and_cards():
    assert codes.foreign_code("۱۲۳۴ ۵۶۷۸ ۹۰۱۲") == "123456789012"
    assert codes.postal_code("16197-35744") == "1619735744"
    assert codes.card("6037-9972-0000-0009") == "6037997200000009"


@pytest.mark.parametrize("raw", ["1234567", "1234567890123", "111111111", "12345678x"])
def test_wrong_foreign_codes_are_refused(raw):
    assert codes.foreign_code(raw) is None


@pytest.mark.parametrize("raw", ["0619735744", "2619735744", "161973574", "1111111111", "16197 3574a"])
def test_wrong_postal_codes_are_refused(raw):
    assert codes.postal_code(raw) is None


@pytest.mark.parametrize("raw", ["6037997200000008", "603799720000000", "0000000000000000"])
def test_wrong_cards_are_refused(raw):
    assert codes.card(raw) is None


# -- Our own codes -----------------------------------------------------------------


@given(st.randoms(use_true_random=False))
def test_a_tracking_code_is_thirteen_digits_and_survives_being_typed_back(rng):
    code = codes.tracking_code(rng)
    assert re.fullmatch("[0-9]{13}", code)
    assert codes.read_tracking_code(persian_digits(codes.group_tracking(code))) == code
    assert codes.group_tracking("1234567890123") == "1234 5678 9012 3"


def test_tracking_codes_are_drawn_from_the_operating_system():
    assert len({codes.tracking_code() for _ in range(200)}) == 200


@given(st.integers(min_value=1, max_value=10**8), st.data())
def test_a_wrong_digit_in_a_course_code_is_always_caught(number, data):
    code = codes.course_code(number)
    assert codes.is_course_code(code)
    place = data.draw(st.integers(0, len(code) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != code[place]]))
    assert not codes.is_course_code(code[:place] + other + code[place + 1 :])


@given(st.integers(min_value=1, max_value=10**12), st.data())
def test_two_neighbors_swapped_in_a_code_are_always_caught(number, data):
    code = codes.course_code(number)
    place = data.draw(st.integers(0, len(code) - 2))
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert swapped == code or not codes.is_course_code(swapped)


def test_course_codes_are_short_unique_and_begin_at_one():
    made = [codes.course_code(n) for n in range(1000, 3000)]
    assert len(set(made)) == 2000
    assert {len(code) for code in made} == {5}
    assert codes.read_course_code(" ۸۸۱۲" + persian_digits(codes.course_code(8812)[-1])) == codes.course_code(8812)
    with pytest.raises(ValueError, match="begin at 1"):
        codes.course_code(0)


@pytest.mark.parametrize("raw", [None, "", "0", "x", "01", "123456789012345678"])
def test_what_is_no_code_of_ours_is_refused(raw):
    assert not codes.is_course_code(raw)
    assert not codes.is_tracking_code(raw)
