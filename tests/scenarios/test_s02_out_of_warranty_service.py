"""S02 Out-of-warranty service (with S09): report, quotation, order, signature, archive.

Wang Fang (王芳) is customer service, Li Qiang (李强) the technician, Zhang Jianguo (张建国) the general manager.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scenario_company import PNG, Company, said

from server.core.errors import PermissionRefused, ValidationFailed

Sign = Callable[[str], dict[str, str]]


def report(company: Company, **values: Any) -> str:
    """A customer calls: the spindle of a lathe out of warranty has failed."""
    given = {
        "subject": "主轴低速无力",
        "customer": company.customers["东岭汽配"],
        "device": "CK6150I-2311-117",
        "reporter": "谢军",
        "reporter_phone": "0500-66880105",
        "fault_description": "300 r/min 以下切削时报过载。",
    }
    return str(company.wangfang.enters("Service Ticket", **given | values)["name"])


def quote(company: Company, *lines: tuple[str, object, object], **values: Any) -> dict[str, Any]:
    """Wang Fang quotes: lines of (price list entry, quantity, quoted price)."""
    items = [{"item": item, "qty": qty, "rate": rate} for item, qty, rate in lines]
    return company.wangfang.enters("Service Quotation", customer=company.customers["东岭汽配"], items=items, **values)


# S02-01: ticket -> quotation -> order, each made from the one before


def test_quotation_and_order_are_made_from_the_ticket_with_its_data(company: Company) -> None:
    ticket = report(company)

    quotation = company.wangfang.makes(
        "Service Quotation", "Service Ticket", ticket, items=[{"item": "BJ-7014", "qty": 1}, {"item": "FW-JX", "qty": 8}]
    )
    assert quotation["service_ticket"] == ticket
    assert quotation["customer"] == company.customers["东岭汽配"]
    assert (quotation["contact"], quotation["contact_phone"]) == ("谢军", "0500-66880105")
    assert quotation["device_model"] == "CK6150i/1000"

    company.wangfang.submits("Service Quotation", quotation["name"])
    order = company.liqiang.makes("Service Order", "Service Quotation", quotation["name"])
    assert order["service_quotation"] == quotation["name"]
    assert order["service_ticket"] == ticket
    assert order["device"] == "CK6150I-2311-117"
    assert order["fault_description"] == "300 r/min 以下切削时报过载。"
    assert [(row["item"], row["description"], row["qty"]) for row in order["parts"]] == [
        ("BJ-7014", "主轴轴承组件", 1),
        ("FW-JX", "机械维修工时", 8),
    ]


def test_a_price_too_large_to_compute_is_refused_and_passes_no_approval(company: Company) -> None:
    with pytest.raises(ValidationFailed) as refused:
        quote(company, ("BJ-7014", 999_999_999_999, 0.01))
    assert "第 1 行，价目表金额：按公式算出的值无法保存（数字过大" in said(refused)


def test_a_line_of_nothing_is_refused(company: Company) -> None:
    with pytest.raises(ValidationFailed) as refused:
        quote(company, ("BJ-7014", 0, 6800))
    assert "数量为 0，应大于 0" in said(refused)


def test_status_of_a_ticket_follows_the_work(company: Company) -> None:
    ticket = report(company)
    seen = [company.wangfang.reads("Service Ticket", ticket)["status"]]
    for values in (
        {"technician": "liqiang"},
        {"arrived_at": company.clock.now()},
        {"fixed_at": company.clock.now()},
        {"closed_at": company.clock.now(), "resolution": "更换轴承组件。"},
    ):
        seen.append(company.wangfang.changes("Service Ticket", ticket, **values)["status"])
    assert seen == ["Open", "Assigned", "In Progress", "Fixed", "Closed"]


def test_a_ticket_closes_only_with_its_resolution(company: Company) -> None:
    ticket = report(company, fixed_at=company.clock.now())
    with pytest.raises(ValidationFailed) as refusal:
        company.wangfang.changes("Service Ticket", ticket, closed_at=company.clock.now())
    assert "解决方案" in said(refusal)


# S02-04: more than 10 % below the price list needs the general manager

# The price list: bearing set 6,800.00, labour 300.00 an hour, travel 800.00. List total of these lines: 10,000.00.


@pytest.mark.parametrize(
    ("bearing", "total", "deviation"),
    [
        pytest.param("7600", "10800.00", "8.00", id="8 % above list"),
        pytest.param("6800", "10000.00", "0.00", id="at list"),
        pytest.param("6300", "9500.00", "-5.00", id="5 % below"),
        pytest.param("5800.01", "9000.01", "-10.00", id="one cent better than 10 % below"),
        pytest.param("5800", "9000.00", "-10.00", id="exactly 10 % below"),
    ],
)
def test_up_to_ten_percent_below_list_needs_no_approval(company: Company, bearing: str, total: str, deviation: str) -> None:
    quotation = quote(company, ("BJ-7014", 1, bearing), ("FW-JX", 8, 300), ("FW-CLJ", 1, 800))
    assert (f"{quotation['total']:.2f}", f"{quotation['deviation_percent']:.2f}") == (total, deviation)
    assert f"{quotation['list_total']:.2f}" == "10000.00"

    submitted = company.wangfang.submits("Service Quotation", quotation["name"])

    assert submitted["docstatus"] == 1
    assert company.zhangjianguo.inbox(quotation["name"]) == []


@pytest.mark.parametrize(
    "bearing",
    [
        pytest.param("5799.99", id="one cent more than 10 %"),
        pytest.param("5799", id="10.01 %"),
        pytest.param("5600", id="12 %"),
    ],
)
def test_more_than_ten_percent_below_list_waits_for_the_general_manager(company: Company, bearing: str) -> None:
    quotation = quote(company, ("BJ-7014", 1, bearing), ("FW-JX", 8, 300), ("FW-CLJ", 1, 800))

    with pytest.raises(ValidationFailed) as refusal:
        company.wangfang.submits("Service Quotation", quotation["name"])
    assert "S02-04" in said(refusal)
    assert "比价目表合计 10,000.00 低" in said(refusal)
    assert company.wangfang.reads("Service Quotation", quotation["name"])["docstatus"] == 0

    [asked] = company.zhangjianguo.inbox(quotation["name"])
    assert asked.may_act
    assert asked.obligation.clauses == ("S02-04",)
    company.zhangjianguo.approves(quotation["name"], "老客户，同意。")
    assert company.wangfang.submits("Service Quotation", quotation["name"])["docstatus"] == 1


def test_the_message_names_total_list_total_and_percentage(company: Company) -> None:
    quotation = quote(company, ("BJ-7014", 1, 5750), ("FW-JX", 8, 300), ("FW-CLJ", 1, 800))
    with pytest.raises(ValidationFailed) as refusal:
        company.wangfang.submits("Service Quotation", quotation["name"])
    assert "报价总价 8,950.00 比价目表合计 10,000.00 低 10.50 %，超过 10 %，须总经理审批" in said(refusal)


def test_a_price_changed_after_approval_asks_again(company: Company) -> None:
    quotation = quote(company, ("BJ-7014", 1, 5500), ("FW-JX", 8, 300), ("FW-CLJ", 1, 800))
    company.zhangjianguo.approves(quotation["name"], "同意。")

    company.passes(minutes=30)
    rows = company.wangfang.reads("Service Quotation", quotation["name"])["items"]
    company.wangfang.changes("Service Quotation", quotation["name"], items=[{"name": rows[0]["name"], "rate": 5400}, *rows[1:]])

    with pytest.raises(ValidationFailed, match="cannot be submitted"):
        company.wangfang.submits("Service Quotation", quotation["name"])
    company.zhangjianguo.approves(quotation["name"], "再降一百，最后一次。")
    company.wangfang.submits("Service Quotation", quotation["name"])
    decided = company.obligations("Service Quotation", quotation["name"], "quotation-below-list-price")
    assert [item.comment for item in decided if item.is_approved] == ["再降一百，最后一次。", "同意。"]


def test_a_remark_changed_after_approval_does_not_ask_again(company: Company) -> None:
    quotation = quote(company, ("BJ-7014", 1, 5500), ("FW-JX", 8, 300), ("FW-CLJ", 1, 800))
    company.zhangjianguo.approves(quotation["name"])
    company.wangfang.changes("Service Quotation", quotation["name"], terms="款到发货。")
    assert company.wangfang.submits("Service Quotation", quotation["name"])["docstatus"] == 1


def test_raising_the_price_back_makes_the_approval_needless(company: Company) -> None:
    quotation = quote(company, ("BJ-7014", 1, 5500), ("FW-JX", 8, 300), ("FW-CLJ", 1, 800))
    [row, *others] = company.wangfang.reads("Service Quotation", quotation["name"])["items"]
    company.wangfang.changes("Service Quotation", quotation["name"], items=[{"name": row["name"], "rate": 5800}, *others])
    assert company.zhangjianguo.inbox(quotation["name"]) == []
    assert company.wangfang.submits("Service Quotation", quotation["name"])["docstatus"] == 1


def test_a_rejected_quotation_says_why(company: Company) -> None:
    quotation = quote(company, ("BJ-7014", 1, 5000))
    company.zhangjianguo.rejects(quotation["name"], "低于成本，不同意。")
    with pytest.raises(ValidationFailed) as refusal:
        company.wangfang.submits("Service Quotation", quotation["name"])
    assert "低于成本，不同意。" in said(refusal)


def test_only_the_general_manager_decides(company: Company) -> None:
    quotation = quote(company, ("BJ-7014", 1, 5000))
    [item] = company.obligations("Service Quotation", quotation["name"], "quotation-below-list-price")
    for other in (company.wangfang, company.chenjing, company.hezhong):
        with pytest.raises(PermissionRefused):
            company.site.inbox.decide(other.user, item.id, "approved")


def test_the_list_price_is_the_price_lists_own_whatever_is_typed(company: Company) -> None:
    items = [{"item": "BJ-7014", "qty": 1, "rate": 5000, "list_price": 5000}]
    quotation = company.wangfang.enters("Service Quotation", customer=company.customers["东岭汽配"], items=items)
    assert quotation["items"][0]["list_price"] == 6800
    assert company.zhangjianguo.inbox(quotation["name"])


def test_a_quoted_price_left_empty_is_the_list_price(company: Company) -> None:
    items = [{"item": "BJ-7014", "qty": 2}]
    quotation = company.wangfang.enters("Service Quotation", customer=company.customers["东岭汽配"], items=items)
    assert (quotation["items"][0]["rate"], quotation["total"]) == (6800, 13600)


def test_a_price_past_its_validity_is_pointed_out(company: Company) -> None:
    lines = {"customer": company.customers["东岭汽配"], "items": [{"item": "BJ-ENC", "qty": 1}]}
    [warning] = company.wangfang.warnings_of("Service Quotation", **lines)
    assert "主轴编码器" in warning
    assert "2026-06-10" in warning


# S08-03: parts, labour and travel stand apart


def test_parts_labour_and_travel_are_totalled_apart(company: Company) -> None:
    quotation = quote(company, ("BJ-7014", 1, 6800), ("BJ-LUB", 2, 980), ("FW-JX", 8, 300), ("FW-CLJ", 1, 800))
    assert (quotation["parts_total"], quotation["labour_total"], quotation["travel_total"]) == (8760, 2400, 800)
    assert quotation["total"] == 11960


def test_cost_is_seen_by_management_and_finance_only(company: Company) -> None:
    quotation = quote(company, ("BJ-7014", 1, 6800))
    assert "cost_total" not in company.wangfang.reads("Service Quotation", quotation["name"])
    assert company.qianying.reads("Service Quotation", quotation["name"])["cost_total"] == 4150
    assert company.chenjing.reads("Service Quotation", quotation["name"])["items"][0]["cost"] == 4150


# S02-05: signature and records before closing, then the archive


def finished_order(company: Company, **values: Any) -> str:
    """Li Qiang has done the work and written it down; nothing is signed or attached yet."""
    given = {
        "customer": company.customers["东岭汽配"],
        "device": "CK6150I-2311-117",
        "technician": "liqiang",
        "start_at": company.ago(hours=5),
        "end_at": company.ago(hours=1),
        "work_report": "更换主轴轴承组件，重新预紧，试机正常。",
        "result": "Solved",
        "satisfaction": "Satisfied",
    }
    return str(company.liqiang.enters("Service Order", **given | values)["name"])


def records_of(company: Company) -> dict[str, Any]:
    photo = company.liqiang.uploads("维修后.png", PNG)
    data = company.liqiang.uploads("主轴精度检测记录.csv", "项目，实测\n径向跳动，0.003\n".encode())
    return {
        "photos": [{"photo": photo, "caption": "维修后"}],
        "documents": [{"kind": "Data", "title": "主轴精度检测记录", "attachment": data}],
    }


def test_without_signature_and_records_an_order_does_not_close_and_everything_missing_is_named(company: Company) -> None:
    order = finished_order(company)
    with pytest.raises(ValidationFailed) as refusal:
        company.liqiang.submits("Service Order", order)
    assert [fault.where for fault in refusal.value.faults] == ["documents", "photos", "customer_signature"]
    assert all("S02-05" in fault.clauses for fault in refusal.value.faults)
    assert "没有客户签字" in said(refusal)


@pytest.mark.parametrize(
    ("missing", "place"),
    [
        ("customer_signature", "customer_signature"),
        ("photos", "photos"),
        ("documents", "documents"),
        ("work_report", "work_report"),
    ],
)
def test_each_missing_piece_alone_keeps_the_order_open(company: Company, signature: Sign, missing: str, place: str) -> None:
    complete = records_of(company) | {"customer_signature": signature("谢军")}
    order = finished_order(company, **complete)
    company.liqiang.changes("Service Order", order, **{missing: [] if missing in ("photos", "documents") else None})
    with pytest.raises(ValidationFailed) as refusal:
        company.liqiang.submits("Service Order", order)
    assert [fault.where for fault in refusal.value.faults] == [place]


def test_signed_and_complete_it_closes_and_customer_service_owes_the_archive(company: Company, signature: Sign) -> None:
    order = finished_order(company, **records_of(company), customer_signature=signature("谢军"))

    assert company.liqiang.submits("Service Order", order)["docstatus"] == 1

    [owed] = company.wangfang.inbox(order)
    assert owed.obligation.rule == "service-order-archive"
    assert (owed.obligation.due_at - company.clock.now()).total_seconds() == 72 * 3600

    company.passes(hours=2)
    filed = company.wangfang.changes("Service Order", order, archive_confirmed=1, archive_location="SH-2026-033")
    assert (filed["archived_by"], filed["archived_at"]) == ("wangfang", company.clock.now())
    assert company.wangfang.inbox(order) == []
    [obligation] = company.obligations("Service Order", order, "service-order-archive")
    assert (obligation.state, obligation.decided_by) == ("met", "wangfang")


def test_an_order_without_measured_data_closes_when_that_is_declared(company: Company, signature: Sign) -> None:
    photos = records_of(company)["photos"]
    order = finished_order(company, photos=photos, customer_signature=signature("谢军"), no_data=1, no_data_reason="仅更换软管")
    assert company.liqiang.submits("Service Order", order)["docstatus"] == 1


def test_the_archive_is_confirmed_by_customer_service_alone_and_never_taken_back(company: Company, signature: Sign) -> None:
    order = finished_order(company, **records_of(company), customer_signature=signature("谢军"))
    company.liqiang.submits("Service Order", order)
    with pytest.raises(PermissionRefused):
        company.liqiang.changes("Service Order", order, archive_confirmed=1)
    company.wangfang.changes("Service Order", order, archive_confirmed=1)
    with pytest.raises(ValidationFailed) as refusal:
        company.wangfang.changes("Service Order", order, archive_confirmed=0)
    assert "不能取消" in said(refusal)


def test_an_archive_not_confirmed_in_three_days_goes_to_the_after_sales_manager(company: Company, signature: Sign) -> None:
    order = finished_order(company, **records_of(company), customer_signature=signature("谢军"))
    company.liqiang.submits("Service Order", order)
    company.passes(hours=71, minutes=59)
    [obligation] = company.obligations("Service Order", order, "service-order-archive")
    assert obligation.state == "open"
    company.passes(minutes=1)
    [obligation] = company.obligations("Service Order", order, "service-order-archive")
    assert (obligation.state, obligation.escalate_to) == ("escalated", "After-sales Manager")
