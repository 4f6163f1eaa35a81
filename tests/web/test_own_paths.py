"""Where `next` may lead: plain paths of this site and nowhere else."""

import pytest

from blueprints.addresses import own_path

FOREIGN = (
    "",
    " ",
    "evil.example",
    "evil.example/path",
    "http://evil.example",
    "https://evil.example/",
    "HTTPS://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "ftp://evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "mailto:a@evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "//evil.example/center",
    "//user@evil.example",
    "//evil.example:80/",
    "//[::1]/",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "/center\\..\\evil",
    "/%5cevil.example",
    "/%5C%5Cevil.example",
    "/%2f/evil.example",
    "/%2Fevil.example",
    "%2f%2fevil.example",
    "/center//evil.example",
    "/.//evil.example",
    "/./center",
    "/../evil",
    "/center/../..//evil.example",
    "/%2e%2e/evil",
    "/%2e/%2fevil.example",
    "/center/%2e%2e/x",
    "/\tevil.example",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    " /center",
    "/center\n",
    "/center\r\nSet-Cookie: a=b",
    "/center%0d%0aSet-Cookie:%20a=b",
    "/center%00",
    "/\x00evil",
    "/\x7fevil",
    "/center\u2028",
    "/\u2215evil.example",
    "/\uff0fevil.example",
    "/\u3002evil.example",
    "／／evil.example",
    "/center?next=<script>",
    "/center?q=`x`",
    "/{{7*7}}",
    "/center^x",
    "/a|b",
    '/center"onload',
    "?next=/center",
    "#center",
    "@evil.example",
    "/" + "a" * 700,
)
OWN = (
    "/",
    "/center",
    "/center/enroll",
    "/courses?province=%DA%AF&page=2",
    "/auth/held/a-b_C",
    "/hq/queue?a=1&b=2#row-3",
)


def test_there_are_sixty_payloads():
    assert len(set(FOREIGN)) >= 60


@pytest.mark.parametrize("path", FOREIGN)
def test_nobody_is_sent_elsewhere(path):
    assert own_path(path) is None


@pytest.mark.parametrize("path", OWN)
def test_own_pages_are_fine(path):
    assert own_path(path) == path


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_a_page_never_repeats_a_foreign_next(client, path):
    page = client.get("/auth/login", query_string={"next": path}).get_data(as_text=True)
    assert "evil.example" not in page


def test_a_guarded_page_is_remembered_with_its_query(client):
    answer = client.get("/center/staff?at=abc&b=2")
    assert answer.status_code == 303
    assert answer.location == "/auth/login?next=/center/staff?at%3Dabc%26b%3D2"
