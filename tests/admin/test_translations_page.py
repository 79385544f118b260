"""The page of translations: edited in place, imported and exported, and a fault keeps what was typed."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.core import translations
from server.core.text import Text
from server.site import Site

PAGE = "/admin/translations/?language=de&area=%3DDocType+Customer"
Post = Callable[..., Any]


@pytest.fixture(autouse=True)
def no_language_stays() -> Iterator[None]:
    yield
    translations.put_in_force([])


def key_beside(page: str, en: str) -> str:
    """The key of the row whose English is `en`."""
    found = re.search(rf'name="text__(\w+)"[^>]*aria-label="{re.escape(html.escape(en))}"', page)
    assert found is not None, page[:500]
    return found[1]


def test_a_language_is_begun_edited_and_offered(site: Site, admin: FlaskClient, post: Post) -> None:
    key = key_beside(admin.get(PAGE).text, "Customer Name")

    saved = post(PAGE, **{f"text__{key}": "Kundenname", f"was__{key}": ""})

    assert saved.status_code == 303
    assert Text("客户名称", "Customer Name").to("de") == "Kundenname"
    page = admin.get(PAGE).text
    assert "Kundenname</textarea>" in page
    assert "root · " in page
    assert 'href="/language/de"' in admin.get("/").text


def test_a_lost_place_is_refused_and_what_was_typed_stays(site: Site, admin: FlaskClient, post: Post) -> None:
    address = "/admin/translations/?language=de&q=New+%7Bwhat%7D"
    key = key_beside(admin.get(address).text, "New {what}")

    refused = post(address, **{f"text__{key}": "Neu", f"was__{key}": ""})

    assert refused.status_code == 417
    assert "lacks {what}" in html.unescape(refused.text)
    assert ">Neu</textarea>" in refused.text


def test_po_goes_out_and_comes_back(site: Site, admin: FlaskClient, post: Post) -> None:
    content = admin.get("/admin/translations/export?language=de").data
    filled = content.replace(b'msgid "Customer Name"\nmsgstr ""', b'msgid "Customer Name"\nmsgstr "Kundenname"')

    done = post(PAGE, address_of_form="/admin/translations/import", file=(io.BytesIO(filled), "de.po"))

    assert "1 translations changed" in done.text
    assert Text("客户名称", "Customer Name").to("de") == "Kundenname"
    faulty = post(PAGE, address_of_form="/admin/translations/import", file=(io.BytesIO(b"hello"), "de.po"))
    assert (faulty.status_code, "not a valid PO file" in faulty.text) == (417, True)


def test_chinese_is_published_with_the_metadata(site: Site, admin: FlaskClient, post: Post) -> None:
    page = "/admin/translations/?language=zh&area=%3DDocType+Customer"
    key = key_beside(admin.get(page).text, "Short Name")

    post(page, **{f"text__{key}": "客户简称", f"was__{key}": "简称"})

    assert site.snapshot().doctype("Customer").field("short_name").label.zh == "客户简称"
    assert site.publisher.history("DocType", "Customer")[0]["published_by"] == "root"


def test_the_page_speaks_of_pieces_in_the_language_of_its_reader(admin: FlaskClient) -> None:
    admin.set_cookie("language", "zh")
    page = admin.get(PAGE).text
    assert "单据类型 Customer: " in page
    assert ">单据类型 Customer</option>" in page
    assert "DocType Customer:" not in page
