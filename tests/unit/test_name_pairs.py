"""One name from two sources: equal in silence, near as a hint, different as a task."""

import pytest

from services import people, text

EQUAL = [
    ("علي", "علی"),  # ي U+064A
    ("موسى", "موسی"),  # ى U+0649
    ("كريمي", "کریمی"),  # ك U+0643
    ("رضائی", "رضایی"),
    ("علی رضا", "علیرضا"),
    ("محمد\u200cرضا", "محمد رضا"),
    ("مؤمنی", "مومنی"),
    ("زهرة", "زهره"),
    ("أحمد", "احمد"),
    ("إسماعیل", "اسماعیل"),
    ("ٱمین", "امین"),
    ("محـمـدی", "محمدی"),  # tatweel
    ("مُحَمَّد", "محمد"),
    ("\u200fحسینی\u200e", "حسینی"),
    ("ﻣﺤﻤﺪ", "محمد"),  # presentation forms, as out of a PDF
    ("سید  احمد", "سیداحمد"),
    ("فاطمۀ", "فاطمه"),
    ("یوسفی‌نیا", "یوسفی نیا"),
    ("حاجی-زاده", "حاجی زاده"),
    ("آذری", "اذری"),
]
NEAR = [
    ("رضایی اصل", "رضایی"),
    ("کریمی", "کریمی نژاد"),
    ("حسن", "حسن‌زاده"),
    ("محمد", "محمدپور"),
    ("احمد", "احمدی"),
    ("طاهری", "تاهری"),
    ("صادقی", "سادقی"),
    ("غفاری", "قفاری"),
    ("محمدی", "محدمی"),  # two letters changed places
    ("اسماعیل‌پور", "اسمعیلپور"),
    ("ابراهیمی", "ابرهیمی"),
    ("قاسمی", "غاسمی"),
]
DIFFERENT = [
    ("حسن", "حسین"),
    ("علی", "ولی"),
    ("محمد", "محمدرضا"),
    ("زهرا", "فاطمه"),
    ("مریم کریمی", "مریم محمدی"),
    ("رضا", "رضوان"),
    ("کریمی", "رحیمیان"),
    ("", "زهرا"),
]
PAIRS = [
    (*pair, level) for level, pairs in (("equal", EQUAL), ("near", NEAR), ("different", DIFFERENT)) for pair in pairs
]


def test_there_are_forty_pairs_of_all_three_kinds():
    assert len({frozenset(pair) for *pair, _ in PAIRS}) == len(PAIRS) == 40


@pytest.mark.parametrize(("a", "b", "level"), PAIRS)
def test_two_spellings_of_a_name_are_equal_near_or_different_whichever_comes_first(a, b, level):
    stored = people.name_part(a), people.name_part(b)
    assert [text.near(a, b), text.near(b, a), text.near(*stored)] == [level] * 3
