"""S02 Out-of-warranty service: report, quotation, order, signature, archive.

Wang Fang (王芳) is customer service, Li Qiang (李强) the technician, Zhang Jianguo (张建国) the general manager, Chen Jing (陈静)
the after-sales manager, Qian Ying (钱英) of finance.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from scenario_company import PNG, Company, refused, said

from server.access.user import User
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


# S02-02: troubleshooting by phone along the guide


@pytest.fixture(scope="module")
def guide(opened: Company) -> dict[str, str]:
    """Chen Jing writes: no power? Is the light on? No: check the fuse; yes: is the emergency stop released? No: release it."""

    def step(answer: str, above: str | None = None, **values: Any) -> str:
        return str(opened.chenjing.enters("Troubleshooting Step", answer=answer, parent_step=above, **values)["name"])

    opened.wugang.enters("Fault Cause", cause_name="急停未复位", category="Use")
    root = step("机床无法上电", question="电源指示灯亮吗？")
    dark = step("不亮", root, next_action="Dispatch", conclusion="进线电源或保险，派电气人员上门。")
    lit = step("亮", root, question="急停按钮弹起了吗？")
    pressed = step("没有弹起", lit, next_action="Solved", conclusion="旋起急停按钮后重新上电。", fault_cause="急停未复位")
    return {"root": root, "dark": dark, "lit": lit, "pressed": pressed}


def test_the_ticket_walks_the_guide_and_keeps_the_path(company: Company, guide: dict[str, str]) -> None:
    ticket = report(company, guide=guide["root"])
    assert company.wangfang.reads("Service Ticket", ticket)["first_question"] == "电源指示灯亮吗？"

    asked = company.wangfang.changes("Service Ticket", ticket, walk=[{"answer": guide["lit"]}])
    assert (asked["walk"][0]["question"], asked["walk_action"], asked["diagnosis"]) == ("急停按钮弹起了吗？", "Ask", None)

    walk = [{"name": asked["walk"][0]["name"]}, {"answer": guide["pressed"], "remarks": "客户自行旋起"}]
    done = company.wangfang.changes("Service Ticket", ticket, walk=walk)
    assert [row["asked_after"] for row in done["walk"]] == [guide["root"], guide["lit"]]
    assert (done["walk_action"], done["diagnosis"], done["fault_cause"]) == ("Solved", "旋起急停按钮后重新上电。", "急停未复位")


def test_an_answer_of_another_question_is_refused(company: Company, guide: dict[str, str]) -> None:
    with refused("第 1 行“没有弹起”", "S02-02"):
        report(company, guide=guide["root"], walk=[{"answer": guide["pressed"]}])
    with refused("第 2 行“不亮”", "S02-02"):
        report(company, guide=guide["root"], walk=[{"answer": guide["lit"]}, {"answer": guide["dark"]}])


def test_what_was_diagnosed_before_stays(company: Company, guide: dict[str, str]) -> None:
    ticket = report(company, guide=guide["root"], walk=[{"answer": guide["dark"]}], diagnosis="车间停电")
    assert company.wangfang.reads("Service Ticket", ticket)["diagnosis"] == "车间停电"


def test_a_step_asks_or_concludes(company: Company, guide: dict[str, str]) -> None:
    for values in ({"next_action": "Ask"}, {"next_action": "Dispatch"}):
        with pytest.raises(ValidationFailed):
            company.chenjing.enters("Troubleshooting Step", answer="闪烁", parent_step=guide["root"], **values)
    with pytest.raises(PermissionRefused):
        company.liqiang.enters("Troubleshooting Step", answer="闪烁", parent_step=guide["root"], question="多久一次？")


# S02-03: customers are visited by the standard of their class


@pytest.fixture(scope="module")
def standards(opened: Company) -> dict[str, str]:
    text = {"content": "使用情况、备件需求、满意度", "script": "您好，这里是客服部……"}
    phone = opened.chenjing.enters("Visit Standard", customer_class="B", method="Phone", interval_months=1, **text)
    face = opened.chenjing.enters("Visit Standard", customer_class="B", method="Face to Face", interval_months=6, **text)
    return {"phone": phone["name"], "face": face["name"]}


def visits(company: Company, customer: str) -> list[tuple[Any, ...]]:
    where, fields = [("customer", "=", customer)], ["name", "method", "planned_on", "docstatus"]
    rows = company.site.queries.list(User.administrator(), "Customer Visit", filters=where, fields=fields, limit=20).rows
    return sorted((row["method"], row["planned_on"], row["docstatus"], row["name"]) for row in rows)


def new_customer(company: Company, name: str, customer_class: str) -> str:
    return str(company.wangfang.enters("Customer", customer_name=name, customer_class=customer_class)["name"])


def test_a_customer_gets_the_visits_of_the_standard_for_the_class(company: Company, standards: dict[str, str]) -> None:
    customer = new_customer(company, "泰兴机械", "B")
    planned = visits(company, customer)
    assert [row[:3] for row in planned] == [("Face to Face", date(2026, 12, 15), 0), ("Phone", date(2026, 7, 15), 0)]
    visit = company.wangfang.reads("Customer Visit", planned[1][3])
    assert (visit["visit_standard"], visit["content"]) == (standards["phone"], "使用情况、备件需求、满意度")
    company.wangfang.changes("Customer", customer, address="开发区")
    assert visits(company, customer) == planned  # planned once


def test_a_new_standard_reaches_the_customers_there_are(company: Company, standards: dict[str, str]) -> None:
    company.clock.set(datetime(2026, 10, 12, 1, 0, tzinfo=UTC))  # later than whatever was played before
    company.passes(minutes=1)
    customer = new_customer(company, "金陵齿轮", "C")
    text = {"content": "保养提醒", "script": "您好"}
    made = company.chenjing.enters("Visit Standard", customer_class="C", method="SMS", interval_months=6, **text)
    assert visits(company, customer) == []
    for _ in range(2):  # the next morning, and once more the morning after
        company.passes(days=1)
        company.passes(minutes=1)
        assert [row[:3] for row in visits(company, customer)] == [("SMS", date(2027, 4, 13), 0)]
    company.chenjing.changes("Visit Standard", made["name"], enabled=0)


def test_another_class_has_another_standard(company: Company, standards: dict[str, str]) -> None:
    assert visits(company, new_customer(company, "兴隆五金", "C")) == []


def test_a_visit_made_plans_the_next_and_a_problem_becomes_a_ticket(company: Company, standards: dict[str, str]) -> None:
    customer = new_customer(company, "明远轴承", "B")
    [_, (*_, phone)] = visits(company, customer)
    with refused("拜访人", "S02-03"):
        company.wangfang.submits("Customer Visit", phone)
    made = {
        "visitor": "wangfang",
        "visited_at": company.clock.now() + timedelta(days=31),
        "findings": "正常",
        "contact": "孙工",
    }
    company.clock.set(made["visited_at"])
    company.wangfang.submits("Customer Visit", phone, **made, problem_found=1, problem="导轨有异响")
    assert [row[:3] for row in visits(company, customer)] == [
        ("Face to Face", date(2026, 12, 15), 0), ("Phone", date(2026, 7, 15), 1), ("Phone", date(2026, 8, 16), 0),
    ]  # fmt: skip
    assert [item.state for item in company.obligations("Customer Visit", phone, "visit-due")] == ["met"]
    ticket = company.wangfang.makes("Service Ticket", "Customer Visit", phone)
    assert (ticket["subject"], ticket["reporter"], ticket["customer"]) == ("导轨有异响", "孙工", customer)


def test_a_visit_not_made_goes_to_the_after_sales_manager(company: Company, standards: dict[str, str]) -> None:
    visit = company.wangfang.enters(
        "Customer Visit", customer=new_customer(company, "长青泵业", "C"), method="SMS", planned_on=date(2026, 6, 20)
    )
    company.passes(days=5, hours=14, minutes=59)  # the 20th, 23:59
    assert not any("长青泵业" in text for text in company.chenjing.is_told())
    company.passes(minutes=1)
    assert any("长青泵业" in text for text in company.chenjing.is_told())
    [owed] = company.obligations("Customer Visit", visit["name"], "visit-due")
    assert owed.state == "escalated"


def test_there_is_one_standard_for_a_class_and_method(company: Company, standards: dict[str, str]) -> None:
    with refused("已有启用的回访标准", "S02-03"):
        company.chenjing.enters(
            "Visit Standard", customer_class="B", method="Phone", interval_months=2, content="x", script="y"
        )


# S02-06: what a service cost is computed, checked and approved by finance


def cost_list(company: Company, **values: Any) -> dict[str, Any]:
    quotation = quote(company, ("BJ-7014", 1, None), ("FW-JX", 8, None))
    company.wangfang.submits("Service Quotation", quotation["name"])
    order = company.liqiang.makes("Service Order", "Service Quotation", quotation["name"], device="CK6150I-2311-117")
    return company.wangfang.makes("Service Cost List", "Service Order", order["name"], **values)


def priced(company: Company, name: str, *rates: object) -> dict[str, Any]:
    rows = company.qianying.reads("Service Cost List", name)["items"]
    items = [{"name": row["name"], "rate": rate} for row, rate in zip(rows, rates, strict=True)]
    return company.qianying.changes("Service Cost List", name, items=items)


def test_the_cost_list_takes_the_quantities_of_the_order_and_computes_the_total(company: Company) -> None:
    made = cost_list(company)
    assert [(row["description"], row["qty"]) for row in made["items"]] == [("主轴轴承组件", 1), ("机械维修工时", 8)]
    done = priced(company, made["name"], "1850.50", 90)
    assert [row["amount"] for row in done["items"]] == [Decimal("1850.5"), 720]
    assert done["total"] == Decimal("2570.5")
    quoted = company.qianying.reads("Service Quotation", done["service_quotation"])["total"]
    assert (done["quoted_total"], done["result"]) == (quoted, quoted - Decimal("2570.5"))


def test_who_may_not_see_costs_prints_none(company: Company) -> None:
    name = cost_list(company)["name"]
    priced(company, name, 1850, 90)
    assert "2,570.00" in company.qianying.prints("Service Cost List", name)
    page = company.wangfang.prints("Service Cost List", name)
    assert "0.00" not in page
    assert "零元" not in page


def test_finance_approves_before_the_cost_list_is_in_force_and_again_after_a_change(company: Company) -> None:
    name = cost_list(company)["name"]
    priced(company, name, 1850, 90)
    asked = company.obligations("Service Cost List", name, "cost-list-finance")[-1]
    assert "****" not in asked.title.zh + asked.title.en  # what finance approves stands beside it, with the total
    with refused("S02-06"):
        company.wangfang.submits("Service Cost List", name)
    company.qianying.approves(name)
    rows = [{"name": row["name"]} for row in company.wangfang.reads("Service Cost List", name)["items"]]
    rows[1]["qty"] = 9
    company.passes(minutes=5)
    company.wangfang.changes("Service Cost List", name, items=rows)
    with refused("S02-06"):
        company.wangfang.submits("Service Cost List", name)
    company.qianying.approves(name)
    assert company.wangfang.submits("Service Cost List", name)["docstatus"] == 1


def test_a_line_without_a_unit_cost_is_named(company: Company) -> None:
    made = cost_list(company)
    rows = [*({"name": row["name"]} for row in made["items"]), {"kind": "Transport", "description": "设备返厂运费", "qty": 1}]
    company.wangfang.changes("Service Cost List", made["name"], items=rows)
    company.qianying.approves(made["name"])
    with refused("第 3 行 设备返厂运费", "S02-06"):
        company.wangfang.submits("Service Cost List", made["name"])


def test_unit_costs_are_for_finance_and_managers_alone(company: Company) -> None:
    name = cost_list(company)["name"]
    seen = company.wangfang.reads("Service Cost List", name)
    assert [seen.get("total"), *(row.get("rate") for row in seen["items"])] == [None, None, None]
    with pytest.raises(PermissionRefused):
        company.wangfang.changes("Service Cost List", name, items=[{"name": row["name"], "rate": 1} for row in seen["items"]])
