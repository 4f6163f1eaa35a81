"""The page that shows every component: tied, unique, plain, small, accessible, and whole at both widths."""

import re
from contextlib import closing

import brotli
import pytest
from bs4 import BeautifulSoup
from flask import Flask, get_template_attribute, render_template
from playwright.sync_api import Browser

from blueprints.components import sample_forms, shell
from tests.web.bare import ROOT, axe_violations, bare_app, patient, served, sticks_out

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def bare() -> Flask:
    return bare_app()


@pytest.fixture(scope="module")
def soup(bare: Flask) -> BeautifulSoup:
    return BeautifulSoup(bare.test_client().get("/components").data, "html.parser")


# -- Markup ------------------------------------------------------------------------


def test_every_control_has_a_label(soup: BeautifulSoup) -> None:
    for control in soup.select("input:not([type=hidden]), select, textarea"):
        tied = control.get("id") and soup.select_one(f'label[for="{control["id"]}"]')
        assert tied or control.find_parent("label") or control.get("aria-label"), control


def test_every_id_is_used_once(soup: BeautifulSoup) -> None:
    ids = [tag["id"] for tag in soup.select("[id]")]
    assert sorted(ids) == sorted(set(ids))


def test_every_reference_leads_to_an_element(soup: BeautifulSoup) -> None:
    ids = {tag["id"] for tag in soup.select("[id]")}
    for attribute in ("for", "aria-describedby", "aria-labelledby"):
        for tag in soup.select(f"[{attribute}]"):
            value = tag[attribute]
            assert set(value.split() if isinstance(value, str) else value) <= ids, tag


def test_every_link_of_the_error_summary_leads_to_a_control(soup: BeautifulSoup) -> None:
    links = soup.select(".notice.bad ul a")
    assert len(links) == 9
    for link in links:
        assert soup.select_one(link["href"]).name in ("input", "select", "textarea"), link


def test_a_wrong_field_is_marked_and_says_why(soup: BeautifulSoup) -> None:
    control = soup.select_one("#wrong-national_code")
    assert control["aria-invalid"] == "true"
    assert control["aria-describedby"] == "wrong-national_code-hint wrong-national_code-error"
    assert "۱۰ رقم باشد؛ ۹ رقم" in soup.select_one("#wrong-national_code-error").get_text()
    assert control["value"] == "۰۰۷۳۹۲۱۸۴"


def test_only_the_wrong_part_of_a_date_is_marked(soup: BeautifulSoup) -> None:
    assert [part.get("aria-invalid") for part in soup.select("[id^=wrong-birth_date-][value]")] == ["true", None, None]


def test_nothing_is_chosen_beforehand_for_whose_credit_pays(soup: BeautifulSoup) -> None:
    assert len(soup.select("[name=plain-debit_source]")) == 2
    assert not soup.select("[name=plain-debit_source][checked]")


def test_no_control_is_checked_by_the_browser_in_its_own_language(soup: BeautifulSoup) -> None:
    assert not soup.select("[required], input[type=number], input[type=date], form[data-draft]:not([novalidate])")


def test_no_page_holds_inline_code_or_style(soup: BeautifulSoup) -> None:
    assert not soup.select("style, script:not([src]), [style]")
    assert not [tag for tag in soup.find_all(True) if any(name.startswith(("on", "hx-on")) for name in tag.attrs)]


@pytest.mark.parametrize("name", ["actions", "fields", "layout", "lists", "status"])
def test_every_macro_is_on_the_page(name: str) -> None:
    macros = re.findall(r"{% macro ([a-z]\w*)", (ROOT / f"templates/shared/{name}.html").read_text())
    pages = ("components.html", "shared/_components_lists.html", "base.html", f"shared/{name}.html")
    shown = "".join((ROOT / "templates" / page).read_text() for page in pages)
    for macro in macros:
        assert re.search(rf"(?<!macro ){macro}\(", shown), macro


def test_a_page_with_errors_says_so_in_its_title(bare: Flask) -> None:
    forms = sample_forms()
    with bare.test_request_context("/"):
        plain, wrong = (
            render_template("components.html", forms=forms, form=forms[name], **shell()) for name in ("plain", "wrong")
        )
    assert "<title>اجزای صفحه – دوره</title>" in plain
    assert "<title>خطا: اجزای صفحه – دوره</title>" in wrong


def test_an_error_page_needs_a_heading_and_nothing_else(bare: Flask) -> None:
    with bare.test_request_context("/"):
        html = render_template("errors/page.html", heading="این صفحه پیدا نشد")
    soup = BeautifulSoup(html, "html.parser")
    assert soup.h1.text == "این صفحه پیدا نشد"
    assert soup.title.text == "خطا: این صفحه پیدا نشد – دوره"
    assert soup.select_one("[data-keep-drafts] a.btn")
    assert not soup.select("script")


def test_typed_text_is_escaped_in_every_list(bare: Flask) -> None:
    with bare.test_request_context("/"):
        row = get_template_attribute("shared/lists.html", "row")
        timeline = get_template_attribute("shared/lists.html", "timeline")
        html = row("<b>", "#", sub="<i>") + timeline([("۹:۱۴", "برگرداند", "<script>", ["<script>"])])
    assert "<b>" not in html.replace("<h3><a", "").split("</bdi>")[0]
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


# -- Weight ------------------------------------------------------------------------


def test_what_stands_around_every_page_is_light(bare: Flask) -> None:
    with bare.test_request_context("/"):
        html = render_template("errors/page.html", heading="این صفحه پیدا نشد", **shell())
    assert len(brotli.compress(html.encode(), quality=5)) < 1_500


# -- In a browser ------------------------------------------------------------------


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_and_nothing_sticks_out(bare: Flask, browser: Browser, width: int) -> None:
    heard: list[str] = []
    with served(bare) as address, closing(patient(browser, viewport={"width": width, "height": 740})) as context:
        page = context.new_page()
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.goto(f"{address}/components")
        assert axe_violations(page) == []
        assert sticks_out(page) == []
    assert heard == []


def test_without_scripts_nothing_is_offered_that_needs_them(bare: Flask, browser: Browser) -> None:
    with served(bare) as address, closing(patient(browser, java_script_enabled=False)) as context:
        page = context.new_page()
        page.goto(f"{address}/components")
        assert not page.locator("[data-print], [data-keys], [data-all]").locator("visible=true").count()
        assert page.locator("form[data-bulk] button", has_text="تأیید همه").is_visible()
