"""Every field type in the generated print: what is read there, and what is kept off paper."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from every_type import EVERY_TYPE, FILLED
from pypdf import PdfReader

from server.access.user import User
from server.site import Site

Publish = Callable[..., int]


def test_the_generated_print_shows_each_type_as_people_read_it(empty_site: Site, publish: Publish) -> None:
    publish(empty_site, *EVERY_TYPE)
    admin = User.administrator()
    for symptom in ("主轴异响", "漏油"):
        empty_site.documents.save(admin, "Symptom", {"title": symptom})
    name = empty_site.documents.save(admin, "Site Visit", FILLED).name

    pages = PdfReader(BytesIO(empty_site.printouts.pdf(admin, "Site Visit", name, language="zh"))).pages

    text = "".join(page.extract_text() for page in pages)
    for expected in ("029-8888 0000转12", "★★★★½", "34.26, 108.94", "主轴异响、漏油", "2000 rpm", "已安排", "G1 Z-20 F0.2"):
        assert expected in text
    for kept_off in ("远程诊断密码", "********", "**", "<b>", "alert", "FeatureCollection", "呼叫"):
        assert kept_off not in text


def test_a_date_that_means_its_month_is_printed_as_one(empty_site: Site, publish: Publish) -> None:
    month = {"fieldname": "month_of", "fieldtype": "Date", "label": "Month", "show_as": "month"}
    publish(
        empty_site, {"doctype": "DocType", "name": "Tally", "title_field": "month_of", "fields": [month], "permissions": []}
    )
    admin = User.administrator()
    name = empty_site.documents.save(admin, "Tally", {"month_of": "2026-06-01"}).name

    text = PdfReader(BytesIO(empty_site.printouts.pdf(admin, "Tally", name, language="zh"))).pages[0].extract_text()

    assert "2026-06" in text
    assert "2026-06-01" not in text
    assert [found.title for found in empty_site.queries.recent(admin)] == ["2026-06"]
