"""Persian text: spellings that are one, order of the alphabet, digits and amounts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import text
from tests.unit import oracle

ALPHABET = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
MARKS = "\u064b\u064e\u0651\u0652\u0653\u0654\u0640\u200c\u200d\u200e\u200f\ufeff"
persian = st.text(alphabet=ALPHABET + "يىكأإؤئةۀء" + MARKS + "۰۱۲٣٤5 -_.،()«»abZ\t\n", max_size=30)
words = st.text(alphabet=ALPHABET, max_size=8)


@pytest.mark.parametrize("row", ["۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９", "0123456789"])
def test_digits_of_every_set_become_ascii(row):
    assert text.digits(f"کد {row}") == "کد 0123456789"


def test_digits_of_nothing_are_nothing_and_devanagari_is_left_alone():
    assert text.digits(None) == ""
    assert text.digits("१२") == "१२"


@given(st.integers(min_value=-(10**18), max_value=10**18))
def test_persian_digits_go_there_and_back(n):
    assert text.digits(text.persian_digits(n)) == str(n)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("كدملى", "کدملی"),
        ("  علي   رضايي ", "علی رضایی"),
        ("ثبت\u200cنام", "ثبت\u200cنام"),
        ("ثبت\u200c\u200c\u200cنام", "ثبت\u200cنام"),
        ("دوره\u200c ها\u200c", "دوره ها"),
        ("مـــحمد", "محمد"),
        ("\u200fجوشکاری\u200e\ufeff", "جوشکاری"),
        ("ﻣﺮﺑﻲ", "مربی"),
        ("مرکز ٤", "مرکز ۴"),
        ("یک\x00دو", "یکدو"),
        ("", ""),
        (None, ""),
    ],
)
def test_what_is_typed_is_stored_in_one_spelling(typed, stored):
    assert text.clean(typed) == stored


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("رضائی", "رضایی"),
        ("علی رضا", "علیرضا"),
        ("مؤمنی", "مومنی"),
        ("زهرة", "زهره"),
        ("دورههای", "دوره\u200cهای"),
        ("دوره\u200cهای", "دوره های"),
        ("أحمد", "احمد"),
        ("آذر", "اذر"),
        ("خانهٔ", "خانۀ"),
        ("مُحَمَّد", "محمد"),
        ("ICDL ۲", "icdl-2"),
        ("عبدالله", "عبداللَّه"),
        ("كدملى", "کد ملی"),
    ],
)
def test_spellings_of_one_name_have_one_key(one, other):
    assert text.key(one) == text.key(other) != ""


@given(st.one_of(st.text(max_size=40), persian))
def test_cleaning_twice_changes_nothing(s):
    assert text.clean(text.clean(s)) == text.clean(s)


@given(st.one_of(st.text(max_size=40), persian))
def test_the_key_of_a_key_is_itself(s):
    assert text.key(text.key(s)) == text.key(s) == text.key(text.clean(s))


@given(st.text(alphabet=ALPHABET + "يكىأئؤ ۀ۱۲٣\u200c-،", max_size=30))
def test_key_agrees_with_the_definition_on_persian_names(s):
    assert text.key(s) == oracle.key(s)


@given(st.text(max_size=40))
def test_stored_text_is_accepted_by_any_database(s):
    assert "\x00" not in text.clean(s)
    assert text.clean(s).encode().decode() == text.clean(s)


# -- Order -------------------------------------------------------------------------


def test_letters_sort_in_the_order_of_the_alphabet():
    keys = [text.sort_key(letter) for letter in ALPHABET]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(ALPHABET)


@given(words, words)
def test_words_sort_as_in_a_dictionary(a, b):
    places = [[ALPHABET.index(letter) for letter in word] for word in (a, b)]
    assert (text.sort_key(a) < text.sort_key(b)) == (places[0] < places[1])


@given(st.text(max_size=40))
def test_sort_keys_are_digits_only_so_that_every_collation_agrees(s):
    assert set(text.sort_key(s)) <= set("0123456789")
    assert len(text.sort_key(s)) % 2 == 0


def test_names_sort_as_people_expect():
    names = ["آرش", "احمد", "أحمدی", "امین", "پویا", "چنگیز", "ژاله", "سارا", "گلی", "مریم", "وحید", "هما", "یاس"]
    assert sorted(reversed(names), key=text.sort_key) == names


def test_numbers_sort_by_size_and_spaces_before_letters():
    titles = ["مرکز شمارهٔ ۲", "مرکز شمارهٔ 10", "مرکز شمارهٔ ۱۰ گرگان", "مرکزی"]
    assert sorted(reversed(titles), key=text.sort_key) == titles
    assert text.sort_key("علی\u200cرضا") == text.sort_key("عليرضا")


# -- Amounts -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "shown"),
    [
        (0, "۰ ریال (۰ تومان)"),
        (50_000, "۵۰٬۰۰۰ ریال (۵٬۰۰۰ تومان)"),
        (1_234_567, "۱٬۲۳۴٬۵۶۷ ریال (۱۲۳٬۴۵۶٫۷ تومان)"),
        (-50_000, "\u200e−۵۰٬۰۰۰ ریال (\u200e−۵٬۰۰۰ تومان)"),  # the mark keeps the sign before its number
    ],
)
def test_an_amount_is_shown_in_rial_and_toman(n, shown):
    assert text.rial_toman(n) == shown
    assert text.rial(n) == shown.split(" (")[0]


# -- Names from two sources --------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [
        ("رضائی", "رضایی", "equal"),
        ("علی رضا", "علیرضا", "equal"),
        (None, "", "equal"),
        ("رضایی اصل", "رضایی", "near"),
        ("طاهری", "تاهری", "near"),
        ("محمدی", "محدمی", "near"),
        ("اسماعیل\u200cپور", "اسمعیلپور", "near"),
        ("اکبری", "اکبر", "near"),
        ("حسن", "حسین", "different"),
        ("علی", "ولی", "different"),
        ("محمد", "محمدرضا", "different"),
        ("زهرا", "فاطمه", "different"),
        ("", "زهرا", "different"),
    ],
)
def test_two_spellings_of_a_name_are_judged(a, b, level):
    assert text.near(a, b) == text.near(b, a) == level


@given(persian, persian)
def test_near_is_symmetric_and_equal_means_one_key(a, b):
    assert text.near(a, b) == text.near(b, a)
    assert (text.near(a, b) == "equal") == (text.key(a) == text.key(b))
