from services.imports import workbook


def test_a_sheet_says_that_there_is_more_where_there_is_and_only_there():
    titles, lines = ("نام",), [("الف",), ("ب",), ("پ",)]
    assert list(workbook.capped(titles, iter(lines), 3, "صافی را تنگ‌تر کنید.")) == [titles, *lines]
    *kept, last = workbook.capped(titles, iter(lines), 2, "صافی را تنگ‌تر کنید.")
    assert kept == [titles, *lines[:2]]
    assert last == ("این پرونده بیش از ۲ ردیف نمی‌گیرد و بقیه در آن نیست. صافی را تنگ‌تر کنید.",)
