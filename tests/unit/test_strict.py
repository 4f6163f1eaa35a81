"""The strict client's look at a page: a sound one passes, and each thing that no page may contain is found."""

import pytest

from tests.strict import check_page

TOKEN = '<input type="hidden" name="csrf_token" value="t">'
PAGE = """<!doctype html><html lang="fa" dir="rtl"><head><title>خطا: دوره‌ها – دوره</title><script src="/s.js"></script>
</head><body><main><h1>دوره‌<b>ها</b></h1>{}</main></body></html>"""
FORM = (
    f'<form method="post">{TOKEN}<label for="a">نام</label><input id="a" name="a"><label>روز <select></select></label>'
    '<textarea aria-label="متن"></textarea><input type="submit"></form><form><button>جستجو</button></form>'
)


def test_a_sound_page_and_a_sound_part_of_one_pass():
    check_page(PAGE.format(FORM))
    check_page(f'<p id="x">بخشی از صفحه</p>{FORM}')


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("{{ name }}", "unrendered"), ("{% if %}", "unrendered"), ("<script>x()</script>", "inline script"),
        ("<style>p{}</style>", "inline style"), ('<p onclick="x()">', "on <p>"), ('<p style="x">', "on <p>"),
        ('<a hx-on="x">', "on <a>"), ('<a href="javascript:x()">', "javascript:"), ("<i id='a'></i>", "doubled ids"),
        ('<form method="post"></form>', "without a token"), (f"{TOKEN}<form method='post'></form>", "without a token"),
        ("<input name='b'>", "without a label"), ('<input id="b"><label for="c">', "without a label"),
        (f'<form method="post"></form><form>{TOKEN}</form>', "without a token"),
        ("<label></label><select></select>", "without a label"), ("<textarea></textarea>", "without a label"),
        ("<h1>دوم</h1>", "h1"),
    ],
)  # fmt: skip
def test_what_no_page_may_contain_is_found(bad, said):
    with pytest.raises(AssertionError, match=said):
        check_page(PAGE.format(FORM + bad))


@pytest.mark.parametrize(
    ("part", "other", "said"),
    [
        ('lang="fa"', 'lang="en"', "fa"), ('dir="rtl"', "", "rtl"), ("<h1>دوره‌<b>ها</b></h1>", "", "h1"),
        ("<title>خطا: دوره", "<title>خانه", "does not start"), ("main", "div", "landmark"),
    ],
)  # fmt: skip
def test_what_a_whole_page_lacks_is_found(part, other, said):
    with pytest.raises(AssertionError, match=said):
        check_page(PAGE.format(FORM).replace(part, other))
