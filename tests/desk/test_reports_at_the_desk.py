"""A report as a page, as files and over REST: filters in the address, cells in words, what the reader may take along."""

from __future__ import annotations

import copy
import csv
import io
import zipfile
from collections.abc import Callable

import pytest
from desk_tool_crib import LOAN
from flask.testing import FlaskClient
from pypdf import PdfReader

from server.exchange.packs import Source
from server.site import Site

FORMULA = '=HYPERLINK("http://x")'
REPORT = {
    "doctype": "Report", "name": "loans", "title": {"zh": "借用统计", "en": "Loans"}, "ref_doctype": "Tool Loan", "source": ["S01-07"],
    "columns": ["kind", {"count": "name", "key": "n", "label": {"zh": "次数", "en": "Times"}}, {"sum": "qty", "key": "qty"}],
    "order_by": "n desc", "totals": 1, "filters": [{"field": "creation", "default": "this year"}, "kind"],
    "chart": {"type": "bar", "x": "kind", "y": "n"},
}  # fmt: skip
LEDGER = {
    "doctype": "Report", "name": "ledger", "title": {"zh": "借用台账", "en": "Ledger"}, "ref_doctype": "Tool Loan",
    "columns": ["name", "tool", "borrower"], "order_by": "name",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def reports(site: Site) -> None:
    """Everybody may report on loans, and two of gauges and one of a cutter were made."""
    loan = copy.deepcopy(LOAN)
    loan["permissions"][0] |= {"report": 1, "export": 1, "print": 1}
    pieces = [
        Source("DocType", "loan", loan),
        Source("Report", "loans", dict(REPORT)),
        Source("Report", "ledger", dict(LEDGER)),
    ]
    site.publisher.publish(site.publisher.propose(pieces), "tests")
    li = site.user("li")
    for kind, tool in (("Gauge", "千分尺"), ("Gauge", FORMULA), ("Cutter", "铣刀")):
        site.documents.save(li, "Tool Loan", {"tool": tool, "kind": kind, "qty": "1.5", "borrower": "li"})


def test_the_page_shows_words_totals_and_the_way_to_the_records(signed_in: FlaskClient) -> None:
    page = signed_in.get("/report/loans")

    assert page.status_code == 200
    for words in ("借用统计", "S01-07", "本年", "量具", "刀具", "合计", '<svg class="chart chart-bar"'):
        assert words in page.text
    address = page.text.split('class="cell-open"><a href="')[1].split('"')[0].replace("&amp;", "&")
    listed = signed_in.get(address).text
    assert ("千分尺" in listed, "铣刀" in listed) == (True, False)


@pytest.mark.parametrize(
    ("query", "present", "absent"),
    [
        ("?run=1&kind=Cutter", "刀具</td>", "量具</td>"),
        ("?run=1&creation=last+year", "这些条件下没有数据", "刀具</td>"),
        ("?run=1&creation__from=2026-06-15&creation__to=2026-06-15&creation=last+year", "量具</td>", "没有数据"),
        ("?run=1&creation__to=2026-06-14", "没有数据", "量具</td>"),
        ("?run=1", "量具</td>", "没有数据"),
    ],
)
def test_the_address_is_the_whole_state(signed_in: FlaskClient, query: str, present: str, absent: str) -> None:
    page = signed_in.get(f"/report/loans{query}").text

    assert (present in page, absent in page) == (True, False)


def test_a_filter_that_cannot_be_read_is_told_above_an_empty_table(signed_in: FlaskClient) -> None:
    page = signed_in.get("/report/loans?run=1&creation=soon")

    assert (page.status_code, "“soon”不是时段" in page.text) == (417, True)


def test_a_file_holds_numbers_and_runs_no_formula(signed_in: FlaskClient) -> None:
    lines = list(csv.reader(io.StringIO(signed_in.get("/report/loans.csv").text)))
    book = zipfile.ZipFile(io.BytesIO(signed_in.get("/report/ledger.xlsx").data))
    numbers = zipfile.ZipFile(io.BytesIO(signed_in.get("/report/loans.xlsx").data))

    assert lines[1:] == [["量具", "2", "3"], ["刀具", "1", "1.5"]]
    assert "HYPERLINK" in book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()
    assert "<v>4.5</v>" in numbers.read("xl/worksheets/sheet1.xml").decode(), "the total is a number"
    assert any(name.startswith("xl/charts/") for name in numbers.namelist())
    assert "量具" in numbers.read("xl/sharedStrings.xml").decode()


def test_frappes_clients_run_a_report_by_its_name(signed_in: FlaskClient) -> None:
    answer = signed_in.get('/api/method/frappe.desk.query_report.run?report_name=loans&filters={"kind": "Gauge"}')

    assert answer.status_code == 200
    message = answer.json["message"]
    assert [column["fieldname"] for column in message["columns"]] == ["kind", "n", "qty"]
    assert message["result"] == [{"kind": "Gauge", "n": 2, "qty": 3.0}]


def test_the_index_and_the_menu_lead_to_what_the_reader_may_open(
    site: Site, signed_in: FlaskClient, visitor: FlaskClient, lends: Callable[..., str]
) -> None:
    assert "借用统计" in signed_in.get("/reports").text
    assert 'href="/reports"' in signed_in.get("/").text
    assert signed_in.get("/report/loanz").status_code == 404


def test_a_bar_and_a_number_lead_to_the_records_under_the_same_filters(signed_in: FlaskClient) -> None:
    page = signed_in.get("/report/loans?run=1&creation=this+year").text

    chart = page.split('<svg class="chart')[1].split("</svg>")[0]
    address = chart.split('<a href="')[1].split('"')[0].replace("&amp;", "&")
    assert "f=kind&o=%3D&v=Gauge&f=creation&o=%3E%3D&v=2026-01-01" in address
    listed = signed_in.get(address).text
    assert ("千分尺" in listed, "铣刀" in listed) == (True, False)
    assert f'class="cell-number"><a href="{address.replace("&", "&amp;")}">2</a>' in page


def test_a_report_on_paper_says_what_it_was_filtered_by_and_draws_its_chart(signed_in: FlaskClient) -> None:
    found = signed_in.get("/report/loans.pdf?run=1&creation=this+year&kind=Gauge")

    assert (found.status_code, found.mimetype) == (200, "application/pdf")
    text = PdfReader(io.BytesIO(found.data)).pages[0].extract_text()
    for words in ("借用统计", "类别: 量具", "本年", "制表时间", "合计", "第 1 页 / 共 1 页"):
        assert words in text
    assert text.count("量具") == 3  # filter, the bar's label, the table
