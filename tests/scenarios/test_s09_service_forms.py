"""S09 Service work instruction: its three forms, the service ledger, the cost list and the service sheet.

Wang Fang (王芳) is customer service, Li Qiang (李强) the technician, Qian Ying (钱英) of finance. What stands on the forms is decided in
S02; here they are on paper and in Excel.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from scenario_company import PNG, Company, ticket

from server.core.errors import PermissionRefused, ValidationFailed
from server.reporting.workbook import write_workbook

# S09-01: cost list and service sheet


def test_the_cost_list_and_the_service_sheet_are_printed_forms(works: Company) -> None:
    order = works.liqiang.makes("Service Order", "Service Ticket", ticket(works)["name"])["name"]
    page = works.liqiang.prints("Service Order", order)
    assert "售后服务单" in page
    lines = [("Parts", "主轴轴承组件", 1), ("Labour", "机械维修工时", 8)]
    items = [{"kind": kind, "description": text, "qty": qty} for kind, text, qty in lines]
    costs = works.wangfang.makes("Service Cost List", "Service Order", order, items=items)["name"]
    rows = [row["name"] for row in works.qianying.reads("Service Cost List", costs)["items"]]
    priced = [{"name": name, "rate": rate} for name, rate in zip(rows, (1850, 90), strict=True)]
    works.qianying.changes("Service Cost List", costs, items=priced)
    page = works.qianying.prints("Service Cost List", costs)
    for text in ("售后服务材料费用清单", "GJ/SH-04", "主轴轴承组件", "1,850.00", "2,570.00", "贰仟伍佰柒拾元整", "财务核算"):
        assert text in page


# S09-01, S09-02: the ledger is kept as records


def closed_order(works: Company, signature: Callable[[str], dict[str, str]]) -> str:
    """Li Qiang has done the work, the customer has signed."""
    photo = works.liqiang.uploads("维修后.png", PNG)
    data = works.liqiang.uploads("检测记录.csv", "项目，实测\n压力，0.21\n".encode())
    order = works.liqiang.enters(
        "Service Order", customer=works.customers["东岭汽配"], device="CK6150I-2311-117", technician="liqiang",
        start_at=works.ago(hours=5), end_at=works.ago(hours=1), work_report="更换主轴轴承组件，试机正常。", result="Solved",
        satisfaction="Satisfied", customer_signature=signature("谢军"), photos=[{"photo": photo, "caption": "维修后"}],
        documents=[{"kind": "Data", "title": "检测记录", "attachment": data}],
    )  # fmt: skip
    return str(works.liqiang.submits("Service Order", order["name"])["name"])


def test_each_closed_order_is_one_entry_numbered_without_a_gap(
    works: Company, signature: Callable[[str], dict[str, str]]
) -> None:
    orders = [closed_order(works, signature) for _ in range(2)]
    numbers = [works.named("Service Ledger Entry", service_order=order) for order in orders]
    assert int(numbers[1][-5:]) == int(numbers[0][-5:]) + 1
    entry = works.wangfang.reads("Service Ledger Entry", numbers[0])
    assert (entry["docstatus"], entry["technician"], entry["result"], entry["status"]) == (1, "liqiang", "Solved", "Open")
    with pytest.raises((PermissionRefused, ValidationFailed)):
        works.chenjing.changes("Service Ledger Entry", numbers[0], work="另写")

    works.wangfang.changes("Service Order", orders[0], archive_confirmed=1, archive_location="DA-2026-06-01")
    settled = works.wangfang.reads("Service Ledger Entry", numbers[0])
    assert (settled["status"], settled["filed_on"], settled["archive_location"]) == (
        "Settled", date(2026, 6, 15), "DA-2026-06-01",
    )  # fmt: skip
    listed = works.wangfang.runs("service-ledger", customer=works.customers["东岭汽配"]).rows
    assert [row["name"] for row in listed if row["name"] in numbers] == numbers


def test_an_order_that_is_cancelled_leaves_its_number_cancelled(
    works: Company, signature: Callable[[str], dict[str, str]]
) -> None:
    order = closed_order(works, signature)
    number = works.named("Service Ledger Entry", service_order=order)
    works.chenjing.cancels("Service Order", order, "重复登记")
    assert works.chenjing.reads("Service Ledger Entry", number)["docstatus"] == 2


def test_the_ledger_goes_to_excel(works: Company, signature: Callable[[str], dict[str, str]]) -> None:
    number = works.named("Service Ledger Entry", service_order=closed_order(works, signature))
    ledger = works.wangfang.runs("service-ledger")
    file, zone = io.BytesIO(), ZoneInfo("Asia/Shanghai")
    write_workbook(file, ledger, ledger.rows, "售后服务台账", [], lambda column, value: str(value or ""), zone, "zh")
    with zipfile.ZipFile(file) as book:
        texts = book.read("xl/worksheets/sheet1.xml").decode()
    assert all(text in texts for text in (number, "服务日期", "服务人员", "客户满意度", "档案号"))
