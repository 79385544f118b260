"""A report as a page, as files and over REST: filters in the address, cells in words, what the reader may take along."""

from __future__ import annotations

import copy
import csv
import io
import zipfile
from collections.abc import Callable
from typing import Any

import html5lib
import pytest
import python_calamine
from desk_tool_crib import LOAN
from flask.testing import FlaskClient
from pypdf import PdfReader

from server.access.user import User
from server.desk.report_page import ReportPage
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
    schedule = [source for source in site.read_packs().sources if source.name in ("Auto Email Report", "User Group Member")]
    pieces = [
        *schedule,
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
    assert "HYPERLINK" in book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()
    assert "<v>4.5</v>" in numbers.read("xl/worksheets/sheet1.xml").decode(), "the total is a number"
    assert any(name.startswith("xl/charts/") for name in numbers.namelist())
    assert "量具" in numbers.read("xl/worksheets/sheet1.xml").decode()


def test_frappes_clients_run_a_report_by_its_name(signed_in: FlaskClient) -> None:
    answer = signed_in.get('/api/method/frappe.desk.query_report.run?report_name=loans&filters={"kind": "Gauge"}')

    assert answer.status_code == 200
    message = answer.json["message"]
    assert [column["fieldname"] for column in message["columns"]] == ["kind", "n", "qty"]
    assert message["result"] == [{"kind": "Gauge", "n": 2, "qty": 3.0}]


def test_who_may_report_on_a_record_type_and_not_read_it_is_shown_nothing(site: Site, signed_in: FlaskClient) -> None:
    audited = copy.deepcopy(LOAN) | {"name": "Tool Audit", "permissions": [{"role": "All", "report": 1}]}
    report = LEDGER | {"name": "audited", "ref_doctype": "Tool Audit"}
    pieces = [Source("DocType", "audit", audited), Source("Report", "audited", report)]
    site.publisher.publish(site.publisher.propose(pieces), "tests")

    for address in ("/api/method/frappe.desk.query_report.run?report_name=audited", "/report/audited", "/report/audited.csv"):
        answer = signed_in.get(address)
        assert answer.status_code == 403
        assert "没有查看" in answer.text, address


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


# Sent by mail


def mail_form(page: str) -> dict[str, Any]:
    """What a browser sends of the page of a schedule."""
    form = html5lib.parse(page, namespaceHTMLElements=False).find(".//form[@data-report-mail]")
    values = {
        field.get("name"): field.get("value", "") for field in form.iter("input")
        if field.get("type") != "checkbox" or field.get("checked") is not None
    }  # fmt: skip
    for field in form.iter("select"):
        options = list(field.iter("option"))
        values[field.get("name")] = next((item for item in options if item.get("selected") is not None), options[0]).get(
            "value"
        )
    return values


def test_a_schedule_is_made_from_the_filters_of_the_report(signed_in: FlaskClient, site: Site) -> None:
    page = signed_in.get("/report/loans?run=1&creation=last+month&kind=").text
    address = page.split('href="/reports/mail/new')[1].split('"')[0].replace("&amp;", "&")
    page = signed_in.get(f"/reports/mail/new{address}").text
    form = mail_form(page)
    assert (form["report"], form["title"], form["user"]) == ("loans", "借用统计", "li")
    assert (form["filter.creation"], form["filter.kind"]) == ("last month", "")

    saved = signed_in.post("/reports/mail/save", data={**form, "filter.kind": "Gauge", "send_at": "07:30"})

    assert saved.status_code == 303
    name = saved.location.split("/")[-1].split("?")[0]
    record = site.documents.load(site.user("li"), "Auto Email Report", name)
    assert (record["filters"], [row["user"] for row in record["receivers"]]) == ("creation=last+month&kind=Gauge", ["li"])
    again = mail_form(signed_in.get(saved.location).text)
    assert (again["filter.kind"], again["send_at"]) == ("Gauge", "07:30")
    signed_in.post("/reports/mail/save", data={**again, "filter.kind": "", "filter.creation": "this year"})
    assert not site.documents.load(site.user("li"), "Auto Email Report", name)["filters"], "as the report has them"


def test_another_report_shows_its_own_filters(signed_in: FlaskClient) -> None:
    form = mail_form(signed_in.get("/reports/mail/new?report=loans").text)

    page = signed_in.post("/reports/mail/save", data={**form, "report": "ledger", "_choose": "1"})

    shown = mail_form(page.text)
    assert (shown["report"], shown["title"], "filter.kind" in shown) == ("ledger", "借用台账", False)


def test_a_schedule_for_others_is_refused_with_the_reason(signed_in: FlaskClient, site: Site) -> None:
    site.documents.save(User.administrator(), "User", {"login": "qian", "full_name": "钱工", "enabled": 1})
    form = mail_form(signed_in.get("/reports/mail/new?report=loans").text)

    refused = signed_in.post("/reports/mail/save", data={**form, "user": ["li", "qian"]})

    assert (refused.status_code, "只能发给自己" in refused.text) == (417, True)


def test_sent_now_it_stands_in_the_log_with_its_result(signed_in: FlaskClient, site: Site) -> None:
    form = mail_form(signed_in.get("/reports/mail/new?report=loans").text)
    place = signed_in.post("/reports/mail/save", data=form).location.split("?")[0]

    answer = signed_in.post(f"{place}/send", data={"csrf_token": form["csrf_token"], "to": "me"})

    assert answer.location == f"{place}#sent"
    assert "没有启用的邮件通道" in signed_in.get(place).text
    assert signed_in.get("/form/Auto%20Email%20Report/new").location == "/reports/mail/new"


@pytest.mark.parametrize(("right", "path"), [("export", "csv"), ("export", "xlsx"), ("print", "pdf")])
def test_what_one_may_see_but_not_export_leaves_in_no_file(site: Site, signed_in: FlaskClient, right: str, path: str) -> None:
    """The right is asked of each record: it may be granted for one's own alone."""
    kept = next(source.raw for source in site.publisher.stored() if source.name == "Tool Loan")
    loan = copy.deepcopy(kept)
    own = {"role": "All", "if_owner": 1, "read": 1, "report": 1, right: 1}
    loan["permissions"] = [*({**row, right: 0} for row in loan["permissions"]), own]
    theirs = site.documents.save(User.administrator(), "Tool Loan", {"tool": "别人的量块", "qty": 7}).name
    site.publisher.publish(site.publisher.propose([Source("DocType", "Tool Loan", loan)]), "tests")
    try:
        assert "别人的量块" in signed_in.get("/report/ledger").text
        answer = signed_in.get(f"/report/ledger.{path}")
        assert answer.status_code == 200
        assert "别人的量块" not in text_of(answer.data, path)
        assert "铣刀" in text_of(answer.data, path)
        if right == "export":
            listed = signed_in.get(f"/export/Tool Loan?as={path}")
            assert listed.status_code == 200
            assert "别人的量块" not in text_of(listed.data, path)
            assert signed_in.get(f"/export/Tool Loan/{theirs}?as={path}").status_code == 403
    finally:
        site.publisher.publish(site.publisher.propose([Source("DocType", "Tool Loan", kept)]), "tests")
        site.documents.delete(User.administrator(), "Tool Loan", theirs)


def text_of(content: bytes, form: str) -> str:
    """What stands in a file."""
    if form == "csv":
        return content.decode("utf-8-sig")
    if form == "pdf":
        return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return str(book.get_sheet_by_index(0).to_python())


@pytest.mark.parametrize(
    ("text", "breaks"),
    [
        ("SV-2026-00017", False),
        ("2026-06-15", False),
        ("满意", False),
        ("东岭汽车零部件股份有限公司", True),
        ("after the visit", True),
    ],
)
def test_a_report_sets_texts_over_two_lines_but_no_number(text: str, breaks: bool) -> None:
    assert ReportPage.is_prose(text) is breaks
