"""S12 installation, S14 workshop, S17 dispatch, S06 documents, S16 and S19 money: each by the people of its procedure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from scenario_company import PNG, Company, refused

Sign = Callable[[str], dict[str, str]]
PLAN = {
    "construction_plan": "吊装就位",
    "schedule": "3 天",
    "quality_requirements": "水平 0.02/1000",
    "safety_measures": "动火审批",
    "project_leader": "liqiang",
}


# S12-01, S12-02, S12-03, S12-04, S12-05: the installation


def plan(works: Company, days: int, **values: Any) -> str:
    given = {
        "customer": works.customers["市二院"],
        "contract_number": "HT-12",
        "site": "消毒供应室",
        "start_on": date(2026, 6, 15) + timedelta(days=days),
    }
    return str(works.zhengli.enters("Installation Plan", **given | PLAN | values)["name"])


def test_an_installation_plan_is_submitted_a_week_ahead_or_with_an_exception(works: Company) -> None:
    assert works.zhengli.submits("Installation Plan", plan(works, 7))["docstatus"] == 1
    late = plan(works, 6)
    with refused("不足一周", "S12-01"):
        works.zhengli.submits("Installation Plan", late)
    works.zhengli.changes("Installation Plan", late, exception_reason="客户停产检修")
    works.shenjie.approves(late)
    assert works.zhengli.submits("Installation Plan", late)["docstatus"] == 1


def test_the_work_is_organised_before_it_begins(works: Company) -> None:
    name = plan(works, 10, safety_measures=None)
    with refused("安全技术措施", "S12-02"):
        works.zhengli.submits("Installation Plan", name)


def test_missing_goods_are_reported_to_quality_which_clears_them_up(works: Company) -> None:
    name = plan(works, 8)
    works.zhengli.submits("Installation Plan", name)
    works.liqiang.changes(
        "Installation Plan", name, arrived_on=date(2026, 6, 23), goods_condition="Missing", goods_report="少一箱附件"
    )
    feedback = works.named("Quality Feedback", reference_name=name)
    assert [item.obligation.rule for item in works.wugang.inbox(feedback)] == ["quality-feedback-told"]
    with refused("原因和处置措施"):
        works.wugang.changes("Quality Feedback", feedback, corrected_on=date(2026, 6, 24), correction="补发")
    cleared = {"cause": "漏装", "disposition": "补发", "correction": "补发", "corrected_on": date(2026, 6, 24)}
    assert works.wugang.changes("Quality Feedback", feedback, **cleared)["status"] == "Corrected"
    assert works.wugang.inbox(feedback) == []


def test_the_customer_accepts_after_self_check_and_trial_run(works: Company, signature: Sign) -> None:
    name = plan(works, 9)
    works.zhengli.submits("Installation Plan", name)
    record = works.liqiang.makes("Installation Acceptance", "Installation Plan", name, self_check="Pass")["name"]
    with refused("试运行正常后", "S12-04"):
        works.liqiang.changes("Installation Acceptance", record, customer_signature=signature("护士长"))
    works.liqiang.changes("Installation Acceptance", record, trial_run="Pass", customer_signature=signature("护士长"))
    with refused("盖章"):
        works.liqiang.submits("Installation Acceptance", record)
    stamped = works.liqiang.uploads("验收.png", PNG)
    assert works.liqiang.submits("Installation Acceptance", record, stamped_copy=stamped)["docstatus"] == 1


# S14-01, S14-04, S14-06, S14-07: the workshop


def test_an_added_item_starts_after_the_customers_authorisation(works: Company, signature: Sign) -> None:
    intake = works.wangfang.enters(
        "Vehicle Intake",
        plate_number="辽A12345",
        owner_name="王先生",
        owner_phone="13000000999",
        model="奔腾",
        mileage=32000,
        request="保养",
    )
    lines = [
        {"kind": "Labour", "description": "保养", "qty": 2, "rate": 80},
        {"kind": "Parts", "description": "机油", "qty": 1, "rate": 260},
    ]
    order = works.wangfang.makes("Workshop Order", "Vehicle Intake", intake["name"], lines=lines)
    assert (order["plate_number"], order["labour_total"], order["parts_total"], order["total"]) == ("辽A12345", 160, 260, 420)
    now = works.clock.now()
    added = {"kind": "Labour", "description": "换刹车片", "qty": 1, "rate": 120, "added": 1, "started_at": now}
    with refused("换刹车片", "S14-07"):
        works.wangfang.changes("Workshop Order", order["name"], lines=[*lines, added])
    agreed = added | {"authorised_by": "王先生", "authorised_at": now}
    works.wangfang.changes("Workshop Order", order["name"], lines=[*lines, agreed])
    with refused("顾客签字", "S14-06"):
        works.wangfang.submits("Workshop Order", order["name"])
    assert works.wangfang.submits("Workshop Order", order["name"], customer_signature=signature("王先生"))["total"] == 540


# S16-08, S19-01: money


def test_receipts_from_another_place_are_refused_and_the_allowed_total_is_computed(works: Company) -> None:
    lines = [
        {"spent_on": date(2026, 6, 10), "place": place, "amount": amount} for place, amount in (("沈阳", 300), ("大连", 120))
    ]
    claim = works.liqiang.enters(
        "Expense Claim", destination="沈阳", from_date=date(2026, 6, 10), to_date=date(2026, 6, 11), lines=lines
    )
    assert (claim["total"], claim["allowed_total"]) == (420, 300)
    with refused("大连", "S16-08"):
        works.liqiang.submits("Expense Claim", claim["name"])


@pytest.mark.parametrize(
    ("amount", "asked"),
    [("5000", ["chenjing"]), ("5000.01", ["chenjing", "hezhong"]), ("20000.01", ["chenjing", "hezhong", "zhangjianguo"])],
)
def test_funds_are_approved_by_amount(works: Company, amount: str, asked: list[str]) -> None:
    name = works.wangfang.enters("Fund Request", purpose="差旅与配件", amount=amount)["name"]
    with refused("请款审批", "S19-01"):
        works.wangfang.submits("Fund Request", name)
    works.wangfang.takes("Send", "Fund Request", name)
    for login in asked:
        assert works.asked(name) == [login]
        works.person(login).approves(name)
    assert works.wangfang.reads("Fund Request", name)["docstatus"] == 1


def test_a_request_of_the_head_of_department_goes_to_the_leader_in_charge_once(works: Company) -> None:
    name = works.chenjing.enters("Fund Request", purpose="备件预付款", amount="20000")["name"]
    works.chenjing.takes("Send", "Fund Request", name)
    assert works.asked(name) == ["hezhong"]
    works.hezhong.approves(name)
    assert works.chenjing.reads("Fund Request", name)["docstatus"] == 1


# S06-01, S06-03, S06-05, S06-06, S06-07, S06-08, S06-10: controlled documents


def document(works: Company, number: str, kind: str = "Procedure", **values: Any) -> str:
    given = {"document_title": "售后服务程序", "document_number": number, "document_type": kind, "department": "客服部"}
    return str(works.dongmei.enters("Controlled Document", **given | values)["name"])


def released(works: Company, name: str, **values: Any) -> dict[str, Any]:
    """The document as it is once the management representative has approved it and the clerk releases it."""
    works.dongmei.takes("Send", "Controlled Document", name)
    works.yuanfei.approves(name)
    return works.dongmei.takes("Release", "Controlled Document", name, **values)


@pytest.mark.parametrize(
    ("kind", "department", "asked"),
    [
        ("Manual", "客服部", ["yuanfei", "zhangjianguo"]),
        ("Procedure", "客服部", ["yuanfei"]),
        ("Department", "客服部", ["chenjing"]),
        ("Technical", "科技部", ["zhoumin"]),
        ("Technical", "机加车间", ["hejun"]),  # the workshop has no head; the department above it has
        ("Department", "电气部", ["yuanfei"]),  # none at all
    ],
)
def test_a_document_is_approved_by_its_type_and_the_head_of_its_department(
    works: Company, kind: str, department: str, asked: list[str]
) -> None:
    name = document(works, f"LX-{kind}-{department}", kind, department=department)
    with refused("S06-03"):
        works.dongmei.submits("Controlled Document", name)
    works.dongmei.takes("Send", "Controlled Document", name)
    for login in asked:
        assert works.asked(name) == [login]
        works.person(login).approves(name)
    assert works.dongmei.takes("Release", "Controlled Document", name)["docstatus"] == 1


def test_copies_are_issued_of_approved_documents_replaced_by_rule_and_in_before_the_next_version(works: Company) -> None:
    name = document(works, "LX-CX-2019-07")
    copy = {"copy_number": "05", "holder": "客服部"}
    with refused("不能发放", "S06-10"):
        works.dongmei.enters("Document Copy", document=name, **copy)
    released(works, name)
    first = works.dongmei.enters("Document Copy", document=name, **copy)["name"]
    with refused("分发编号不变"):
        works.dongmei.enters("Document Copy", document=name, reason="Damaged", replaces=first, **copy)
    works.dongmei.changes("Document Copy", first, returned_on=date(2026, 6, 15))
    second = works.dongmei.enters("Document Copy", document=name, reason="Damaged", replaces=first, **copy)["name"]
    with refused("新的分发编号"):
        works.dongmei.enters("Document Copy", document=name, reason="Lost", replaces=second, **copy)

    successor = document(works, "LX-CX-2019-07", revision="A/1", replaces=name)
    with refused("1 份未收回", "05", "S06-06"):
        released(works, successor, effective_on=date(2026, 6, 15))
    works.dongmei.changes("Document Copy", second, returned_on=date(2026, 6, 15))
    made = works.dongmei.takes("Release", "Controlled Document", successor, effective_on=date(2026, 6, 15))
    assert made["docstatus"] == 1


def test_a_change_goes_to_the_original_approver_and_another_one_gets_the_background(works: Company) -> None:
    name = document(works, "LX-CX-2019-08")
    released(works, name)
    asked = {"document": name, "change": "增加回访", "reason": "客户要求"}
    own = works.dongmei.enters("Document Change Request", **asked)["name"]
    works.dongmei.takes("Send", "Document Change Request", own)
    assert works.asked(own) == ["yuanfei"]
    elsewhere = {**asked, "approver_kind": "Other", "approving_department": "质量部"}
    with refused("背景资料", "S06-05"):
        works.dongmei.enters("Document Change Request", **elsewhere)
    background = works.dongmei.uploads("背景.png", PNG)
    other = works.dongmei.enters("Document Change Request", **elsewhere, background=background)["name"]
    works.dongmei.takes("Send", "Document Change Request", other)
    assert works.asked(other) == ["qianli"]
    works.qianli.approves(other)
    assert works.dongmei.reads("Document Change Request", other)["docstatus"] == 1


def test_a_change_of_a_department_document_goes_to_the_head_of_that_department(works: Company) -> None:
    name = document(works, "LX-BM-09", "Department", department="科技部")
    works.dongmei.takes("Send", "Controlled Document", name)
    works.zhoumin.approves(name)
    works.dongmei.takes("Release", "Controlled Document", name)
    change = works.dongmei.enters("Document Change Request", document=name, change="新增附表", reason="审核意见")["name"]
    works.dongmei.takes("Send", "Document Change Request", change)
    assert works.asked(change) == ["zhoumin"]


# S17-03, S03-02, S03-06, S07-09: vehicles by price, carriers with agreement and qualification


def test_vehicles_are_compared_and_a_carrier_needs_agreement_and_qualification(works: Company) -> None:
    today = date(2026, 6, 15)
    valid = {"agreement_valid_to": today, "qualified_to": today}
    good = works.zhengli.enters("Carrier", carrier_name="顺达物流", **valid)["name"]
    cheap = works.zhengli.enters(
        "Carrier", carrier_name="快马货运", agreement_valid_to=today - timedelta(days=1), qualified_to=today
    )["name"]
    note = works.zhengli.enters(
        "Shipment Note",
        customer=works.customers["市二院"],
        order_number="HT-17",
        ship_date=today,
        consignee="张",
        items=[{"item": "BJ-DSR", "qty": 1}],
    )
    quotes = [{"carrier": good, "price": 900, "chosen": 1}, {"carrier": cheap, "price": 800}]
    with refused("高于最低报价", "S17-03"):
        works.zhengli.makes("Vehicle Arrangement", "Shipment Note", note["name"], quotes=quotes)
    made = works.zhengli.makes("Vehicle Arrangement", "Shipment Note", note["name"], quotes=quotes, reason="快马协议到期")
    swapped = [quotes[0] | {"chosen": 0}, quotes[1] | {"chosen": 1}]
    works.zhengli.changes("Vehicle Arrangement", made["name"], quotes=swapped)
    with refused("快马货运", "S03-02"):
        works.zhengli.submits("Vehicle Arrangement", made["name"])
    works.zhengli.changes("Vehicle Arrangement", made["name"], quotes=quotes)
    assert works.zhengli.submits("Vehicle Arrangement", made["name"])["docstatus"] == 1
    with refused("尚未出库", "S17-05"):
        works.fengbo.enters("Gate Pass", shipment_note=note["name"], vehicle_number="辽A1")
