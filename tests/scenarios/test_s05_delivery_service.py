"""S05, product delivery and service: from the customer's delivery notice by the plans to the shipment, and what a late delivery asks.

Zheng Li (郑丽) sales clerk, Shen Jie (沈洁) sales manager, Peng Tao (彭涛) purchasing, He Jun (何军) manufacturing, Feng Bo (冯博) store
keeper, He Zhong (何忠) the leader in charge, Zhang Jianguo (张建国) the general manager, Wang Fang (王芳) customer service, Dong Mei (董梅)
the document clerk, Yuan Fei (袁飞) the management representative.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from scenario_company import Company, refused

from server.core.errors import PermissionRefused

NOTICE, SALES, PURCHASE, PRODUCTION = "Delivery Notice", "Sales Plan", "Purchase Plan", "Production Plan"
SHIPMENT, COMMUNICATION, DOCUMENT = "Shipment Note", "Customer Communication", "Controlled Document"
TODAY = date(2026, 6, 15)


def notice(works: Company, qty: float = 2, wanted_on: date = TODAY, **values: Any) -> dict[str, Any]:
    """The customer wants so many door seals; the notice is in force."""
    given = {"customer": works.customers["市二院"], "order_number": "HT-05", "items": [{"item": "BJ-DSR", "qty": qty}]}
    record = works.zhengli.enters(NOTICE, wanted_on=wanted_on, **given | values)
    return works.zhengli.submits(NOTICE, record["name"])


def sales_plan(works: Company, made_from: dict[str, Any], supply: str = "Make") -> dict[str, Any]:
    record = works.zhengli.makes(SALES, NOTICE, made_from["name"], ready_on=made_from["wanted_on"])
    works.zhengli.changes(SALES, record["name"], items=[row | {"supply": supply} for row in record["items"]])
    return works.zhengli.submits(SALES, record["name"])


def shipment(works: Company, plan: dict[str, Any], ship_date: date, **values: Any) -> str:
    """The shipping notice made from the plan, released by the leader in charge, picked by the keeper."""
    given = {"consignee": "谢军", "ship_date": ship_date}
    record = works.zhengli.makes(SHIPMENT, SALES, plan["name"], **given | values)
    picked = [row | {"picked_qty": row["qty"], "lot": works.lot("BJ-DSR")} for row in record["items"]]
    works.fengbo.changes(SHIPMENT, record["name"], items=picked, keeper="fengbo", packages=1)
    works.hezhong.approves(record["name"])
    return str(record["name"])


# S05-01: the chosen departments countersign at the same time


def countersigned(works: Company, title: str, *departments: str) -> str:
    """Dong Mei sends a document to the departments that are to countersign it."""
    given = {"document_title": title, "document_type": "Procedure", "department": "客服部"}
    chosen = [{"department": name} for name in departments]
    name = str(works.dongmei.enters(DOCUMENT, countersign_departments=chosen, **given)["name"])
    works.dongmei.takes("Send", DOCUMENT, name)
    return name


def test_every_chosen_department_countersigns_before_the_approval(works: Company) -> None:
    name = countersigned(works, "交付和服务控制程序", "营销部", "质量部", "机加车间", "电气部")
    # the workshop has no head, the department above it has; there is nobody for 电气部: the management representative steps in
    assert sorted(works.asked(name)) == ["hejun", "qianli", "shenjie", "yuanfei"]
    for person in (works.shenjie, works.qianli, works.hejun):
        person.approves(name)
    assert works.dongmei.reads(DOCUMENT, name)["workflow_state"] == "In Approval"
    works.yuanfei.approves(name)  # for 电气部
    assert works.asked(name) == ["yuanfei"]  # the approval itself
    works.yuanfei.approves(name)
    assert works.dongmei.takes("Release", DOCUMENT, name)["docstatus"] == 1


def test_one_department_that_refuses_sends_the_document_back(works: Company) -> None:
    name = countersigned(works, "退货程序", "营销部", "质量部")
    works.shenjie.rejects(name, "退款期限不妥")
    assert works.dongmei.reads(DOCUMENT, name)["workflow_state"] == "Draft"
    assert works.asked(name) == []


# S05-02: one chain, each record made from the one before


def test_the_customers_notice_runs_through_the_plans_to_the_shipment(works: Company) -> None:
    wanted = notice(works, 2)
    plan = sales_plan(works, wanted)
    made = works.hejun.makes(PRODUCTION, SALES, plan["name"])
    bought = works.pengtao.makes(PURCHASE, SALES, plan["name"])
    for record in (plan, made, bought):
        assert (record["customer"], record["order_number"], record["wanted_on"]) == (wanted["customer"], "HT-05", TODAY)
        assert [(row["item"], row["qty"]) for row in record["items"]] == [("BJ-DSR", 2)]
    shipped = works.zhengli.reads(SHIPMENT, shipment(works, plan, TODAY))
    assert (shipped["delivery_notice"], shipped["promised_on"], shipped["on_time"]) == (wanted["name"], TODAY, 1)
    assert (shipped["production_plan"], shipped["purchase_plan"]) == (made["name"], bought["name"])


def test_a_shipment_says_which_of_its_plans_is_not_finished(works: Company) -> None:
    plan = sales_plan(works, notice(works))
    made = works.hejun.makes(PRODUCTION, SALES, plan["name"])["name"]
    name = shipment(works, plan, TODAY)

    def told() -> list[str]:
        saved = works.site.documents.save(works.zhengli.user, SHIPMENT, {"remarks": "核对"}, name=name)
        return [fault.text.zh for fault in saved.warnings if "尚未登记完成" in fault.text.zh]

    assert ["生产计划" in text for text in told()] == [True]
    works.hejun.submits(PRODUCTION, made)
    works.hejun.changes(PRODUCTION, made, finished_on=TODAY)
    assert told() == []


# S05-04: who cannot deliver in time tells the customer


@pytest.mark.parametrize(("days", "refusal"), [(0, False), (1, True)], ids=["on the day", "a day late"])
def test_a_late_shipment_leaves_after_the_customer_was_told(works: Company, days: int, refusal: bool) -> None:
    plan = sales_plan(works, notice(works))
    name = shipment(works, plan, TODAY + timedelta(days=days), late_department="装配车间", late_reason="焊接返工")
    if refusal:
        with refused("须与顾客沟通", "S05-04"):
            works.fengbo.submits(SHIPMENT, name)
        works.zhengli.makes(COMMUNICATION, SHIPMENT, name, content="焊接返工，晚一天", reply="同意", new_date=TODAY)
    assert works.fengbo.submits(SHIPMENT, name)["docstatus"] == 1


@pytest.mark.parametrize(("days", "owed"), [(0, 0), (1, 1)], ids=["on the day", "a day late"])
def test_a_plan_beyond_the_date_asks_sales_to_tell_the_customer(works: Company, days: int, owed: int) -> None:
    plan = sales_plan(works, notice(works))
    record = works.hejun.makes(PRODUCTION, SALES, plan["name"], planned_on=TODAY + timedelta(days=days))
    assert record["status"] == ("Late" if owed else "Planned")
    assert len(works.obligations(PRODUCTION, record["name"], "production-plan-late")) == owed


def test_a_notice_that_passes_its_date_undelivered_asks_sales_to_tell_the_customer(works: Company) -> None:
    late, full = notice(works, 3), notice(works, 2)
    works.fengbo.submits(SHIPMENT, shipment(works, sales_plan(works, full), TODAY))
    works.passes(days=2)
    assert works.obligations(NOTICE, full["name"], "delivery-notice-passed") == []
    [owed] = works.obligations(NOTICE, late["name"], "delivery-notice-passed")
    assert (owed.owed_by_role, owed.state) == ("Sales Clerk", "open")
    works.zhengli.makes(COMMUNICATION, NOTICE, late["name"], contact="谢军", content="缺件", reply="同意顺延一周")
    assert works.obligations(NOTICE, late["name"], "delivery-notice-passed")[0].state == "met"


# S05-03: the figures per month and customer


def test_the_report_shows_on_time_rate_fulfilment_and_premium_freight(works: Company) -> None:
    march = date(2025, 3, 10)
    plan = sales_plan(works, notice(works, 4, march))
    one_of_four = [{"item": "BJ-DSR", "qty": 1}]
    works.fengbo.submits(SHIPMENT, shipment(works, plan, march, items=one_of_four))
    with refused("附加运费", "S05-03"):
        shipment(works, plan, march, items=one_of_four, premium_freight=800)
    late = march + timedelta(days=1)
    freight = {"premium_freight": 800, "premium_reason": "改专车", "late_department": "装配车间", "late_reason": "缺件"}
    name = shipment(works, plan, late, items=[{"item": "BJ-DSR", "qty": 2}], **freight)
    works.zhengli.makes(COMMUNICATION, SHIPMENT, name, content="晚一天", reply="同意")
    works.fengbo.submits(SHIPMENT, name)
    answer = works.shenjie.runs("delivery-performance", promised_on="2025-03-01..2025-03-31")
    [row] = answer.rows
    assert (row["shipments"], row["rate"], row["wanted"], row["shipped"], row["fulfilment"], row["freight"]) == (
        2,
        50,
        4,
        3,
        75,
        800,
    )
    assert answer.light == "red"


# S05-05: what a customer wants in particular is seen on every later record


def test_special_requirements_stand_on_every_later_record_of_the_customer(works: Company) -> None:
    wish = "每周三送货，须带进院证"
    customer = works.wangfang.enters("Customer", customer_name="特需医院", special_requirements=wish)["name"]
    wanted = notice(works, customer=customer)
    plan = sales_plan(works, wanted)
    ticket = works.wangfang.enters(
        "Service Ticket", subject="报警", customer=customer, fault_description="x", reported_at=works.clock.now()
    )
    complaint = works.wangfang.enters(
        "Complaint", subject="迟到", customer=customer, description="x", kind="Service", received_at=works.clock.now()
    )
    returned = works.wangfang.enters(
        "Return and Exchange", customer=customer, item="MC250", reason="Fault", description="x", delivered_on=TODAY
    )
    for record in (wanted, plan, ticket, complaint, returned):
        assert record["customer_requirements"] == wish
    assert works.zhengli.reads(SHIPMENT, shipment(works, plan, TODAY))["special_requirements"] == wish


# S05-08: service stations are assessed, trained, authorised until a day, and renewed

STATION, STAFF_TRAINING = "Service Station", "Staff Training Record"


def station(works: Company, name: str, **values: Any) -> str:
    given = {
        "station_name": name, "assessed_on": TODAY, "assessed_by": "chenjing", "assessment": "Passed", "assessment_note": "人员、设备、场地齐备",
    }  # fmt: skip
    return str(works.chenjing.enters(STATION, **given | values)["name"])


def trained(works: Company, at: str, mark: float) -> str:
    """Somebody of the station sits the test with this mark; 60 passes."""
    row = {"external_name": "方达", "service_station": at, "mark": mark}
    given = {
        "subject": "维修培训",
        "kind": "Technical",
        "item": "MC250",
        "content": "结构与故障排除",
        "trained_on": TODAY,
        "hours": 8,
        "trainer": "qianli",
        "participants": [row],
    }
    name = works.chenjing.enters(STAFF_TRAINING, **given)["name"]
    works.chenjing.submits(STAFF_TRAINING, name)
    return str(name)


AUTHORISED = {"authorised_from": TODAY, "valid_to": TODAY + timedelta(days=40), "agreement_number": "FW-1"}


def test_a_station_is_authorised_when_assessed_and_its_people_are_trained(works: Company) -> None:
    failed = station(works, "未通过的服务站", assessment="Failed")
    trained(works, failed, 90)
    with refused("未经评定合格", "S05-08"):
        works.chenjing.changes(STATION, failed, **AUTHORISED)
    name = station(works, "江城服务站")
    trained(works, name, 59)
    with refused("培训合格的维修人员", "S05-08"):
        works.chenjing.changes(STATION, name, **AUTHORISED)
    trained(works, name, 60)
    done = works.chenjing.changes(STATION, name, **AUTHORISED)
    assert (done["status"], done["trained_on"]) == ("Authorised", TODAY)


def test_a_training_that_is_cancelled_counts_for_no_station(works: Company) -> None:
    name = station(works, "撤销培训的服务站")
    works.chenjing.cancels(STAFF_TRAINING, trained(works, name, 88), "登记有误")
    with refused("培训合格的维修人员"):
        works.chenjing.changes(STATION, name, **AUTHORISED)


def test_the_renewal_is_owed_from_thirty_days_before_the_end(works: Company) -> None:
    name = station(works, "将到期的服务站")
    trained(works, name, 88)
    works.chenjing.changes(STATION, name, **AUTHORISED | {"valid_to": TODAY + timedelta(days=31)})
    assert works.obligations(STATION, name, "station-renewal-due") == []
    works.passes(days=1)
    [owed] = works.obligations(STATION, name, "station-renewal-due")
    assert (owed.owed_by_role, owed.state) == ("After-sales Manager", "open")
    works.chenjing.changes(STATION, name, valid_to=date(2027, 7, 25))
    assert [item.state for item in works.obligations(STATION, name, "station-renewal-due")] == ["met"]


def test_an_authorisation_expires_after_its_last_day(works: Company) -> None:
    name = station(works, "到期的服务站")
    trained(works, name, 88)
    assert works.chenjing.changes(STATION, name, **AUTHORISED | {"valid_to": TODAY})["status"] == "Authorised"
    works.passes(days=1)
    assert works.chenjing.changes(STATION, name, region="江城")["status"] == "Expired"
    assert "shenjie" in works.asked(name)
    assert works.chenjing.changes(STATION, name, valid_to=date(2027, 7, 25))["status"] == "Authorised"
    assert works.asked(name) == []


def test_sales_reads_the_stations_and_changes_none(works: Company) -> None:
    name = station(works, "只读的服务站")
    assert works.shenjie.reads(STATION, name)["status"] == "Candidate"
    with pytest.raises(PermissionRefused):
        works.shenjie.changes(STATION, name, region="华东")
