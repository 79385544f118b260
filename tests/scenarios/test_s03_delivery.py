"""S03 Delivery and service: inspected, released, picked line by line, shipped or collected, signed for, and what follows a delivery.

Wu Gang (吴刚) inspects, Zheng Li (郑丽) is the sales clerk, Shen Jie (沈洁) the sales manager, Feng Bo (冯博) the warehouse keeper,
He Zhong (何忠) the leader in charge, Qian Li (钱立) heads quality.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from scenario_company import Company, refused, said
from scenario_shipping import MACHINE, RECEIPT, inspected, line, note, pick, receipt, shipped

from server.core.errors import PermissionRefused, ValidationFailed

Sign = Callable[[str], dict[str, str]]
INSPECTION, PLAN = "Final Inspection", "Post-delivery Plan"


# S03-01: the final inspection


def test_the_report_is_issued_when_every_item_is_judged_and_certified(company: Company) -> None:
    made = company.wugang.enters(INSPECTION, item="VMC850E", batch="T-1")
    assert made["result"] == "Open"
    with refused("第 1 项“外观与标识”", "S03-01"):
        company.wugang.submits(INSPECTION, made["name"])
    with refused("合格证编号", "S04-02"):
        inspected(company, "T-2", certificate_number=None)
    assert company.wugang.reads(INSPECTION, inspected(company, "T-3"))["result"] == "Pass"


def test_one_failed_item_fails_the_goods_and_is_told(company: Company) -> None:
    name = inspected(company, "T-4", failing=True)
    assert company.wugang.reads(INSPECTION, name)["result"] == "Fail"
    company.passes(minutes=1)
    assert any("T-4" in text for text in company.qianli.is_told())
    assert any("T-4" in text for text in company.hejun.is_told())


def test_goods_that_failed_or_are_not_issued_are_not_arranged(company: Company) -> None:
    failed = inspected(company, "T-5", failing=True)
    for inspection in (failed, None):
        with refused("最近一次终检不合格", "S03-01"):
            note(company, items=line(inspection, "T-5"))
    draft = company.wugang.enters(INSPECTION, item="VMC850E", batch="T-6")["name"]
    with refused("合格并已签发", "S03-01"):
        note(company, items=line(draft, "T-6"))
    with refused("合格并已签发", "S03-01"):
        note(company, items=line(inspected(company, "T-7"), "T-6"))  # of another machine


def test_after_rework_and_a_passed_inspection_the_goods_are_arranged(company: Company) -> None:
    inspected(company, "T-8", failing=True)
    company.passes(hours=4)
    assert note(company, items=line(inspected(company, "T-8"), "T-8"))


def test_no_vehicle_is_arranged_for_goods_not_inspected(company: Company) -> None:
    name = note(company, items=line(None, "T-9"))
    quotes = [{"carrier": company.zhengli.enters("Carrier", carrier_name="江海货运")["name"], "price": 900, "chosen": 1}]
    with refused("还有 1 行没有合格的出厂检验报告", "S03-01"):
        company.zhengli.makes("Vehicle Arrangement", "Shipment Note", name, quotes=quotes)


# S03-02, S03-06: an outside carrier has an agreement and is qualified on the day of dispatch


@pytest.mark.parametrize(
    ("agreed", "qualified", "said"),
    [
        pytest.param(0, 0, None, id="both valid to the very day"),
        pytest.param(-1, 0, "没有有效的运输合同或协议", id="the agreement ended the day before"),
        pytest.param(0, -1, "没有有效的运输质量保证能力验证", id="the qualification ended the day before"),
        pytest.param(None, None, "没有有效的运输合同或协议", id="neither"),
    ],
)
def test_an_outside_carrier_is_one_of_the_carriers_we_know(
    company: Company, agreed: int | None, qualified: int | None, said: str | None
) -> None:
    today = company.clock.now().date()
    until = [None if days is None else today + timedelta(days=days) for days in (agreed, qualified)]
    carrier = company.zhengli.enters(
        "Carrier", carrier_name=f"承运 {agreed} {qualified}", agreement_valid_to=until[0], qualified_to=until[1]
    )["name"]
    by_carrier = {"delivery_mode": "Outside Carrier", "carrier": carrier}
    if said is None:
        assert company.zhengli.reads("Shipment Note", note(company, **by_carrier))["carrier"] == carrier
    else:
        with refused(said, "承运"):
            note(company, **by_carrier)
    with pytest.raises(ValidationFailed):
        note(company, delivery_mode="Outside Carrier", carrier="随便一家")


# S03-03: released by the leader in charge before anything leaves


def test_nothing_leaves_before_the_leader_in_charge_has_released_the_note(company: Company) -> None:
    name = note(company)
    pick(company, name, 1, 2, 4)
    with pytest.raises(ValidationFailed) as refusal:
        company.fengbo.submits("Shipment Note", name)
    assert "S03-03" in said(refusal)

    [asked] = company.hezhong.inbox(name)
    assert asked.obligation.content["customer"] == company.customers["航达精密"]
    company.hezhong.approves(name)
    assert company.fengbo.submits("Shipment Note", name)["docstatus"] == 1


def test_picking_after_the_release_does_not_undo_it(company: Company) -> None:
    name = note(company)
    company.hezhong.approves(name)
    pick(company, name, 1, 2, 4)
    assert company.fengbo.submits("Shipment Note", name)["docstatus"] == 1


@pytest.mark.parametrize("change", ["consignee", "quantity", "item"])
def test_a_note_changed_after_the_release_is_released_again(company: Company, change: str) -> None:
    name = note(company)
    company.hezhong.approves(name)
    company.passes(minutes=10)
    rows = [{"name": row["name"]} for row in company.zhengli.reads("Shipment Note", name)["items"]]
    if change == "consignee":
        company.zhengli.changes("Shipment Note", name, consignee="高远")
    else:
        rows[1] |= {"qty": 3} if change == "quantity" else {"item": "BJ-ENC", "lot": company.lot("BJ-ENC")}
        company.zhengli.changes("Shipment Note", name, items=rows)
    assert len(company.hezhong.inbox(name)) == 1


def test_the_sales_clerk_neither_releases_nor_picks_nor_ships(company: Company) -> None:
    name = note(company)
    [asked] = company.obligations("Shipment Note", name, "shipment-release")
    with pytest.raises(PermissionRefused):
        company.site.inbox.decide(company.zhengli.user, asked.id, "approved")
    rows = [{"name": row["name"], "picked_qty": row["qty"]} for row in company.zhengli.reads("Shipment Note", name)["items"]]
    with pytest.raises(PermissionRefused) as refusal:
        company.zhengli.changes("Shipment Note", name, items=rows)
    assert "实拣数量" in said(refusal)
    with pytest.raises(PermissionRefused):
        company.zhengli.submits("Shipment Note", name)


# S03-04: every line is compared; what is wrong or missing blocks and is listed


@pytest.mark.parametrize(
    ("picked", "faults"),
    [
        pytest.param((1, 2, 3), {2: "应发 4，实拣 3，差 -1"}, id="one missing"),
        pytest.param((1, 3, 4), {1: "应发 2，实拣 3，差 1"}, id="one too many"),
        pytest.param((0, 2, 4), {0: "应发 1，实拣 0，差 -1"}, id="none of it picked"),
        pytest.param((1, "2.01", 4), {1: "差 0.01"}, id="a hundredth too much"),
        pytest.param((1, 2, None), {2: "尚未填写实拣数量"}, id="not counted"),
        pytest.param((2, None, 3), {0: "差 1", 1: "尚未填写实拣数量", 2: "差 -1"}, id="every difference is listed"),
    ],
)
def test_a_wrong_or_missing_line_blocks_the_outbound_and_is_listed(
    company: Company, picked: tuple[Any, ...], faults: dict[int, str]
) -> None:
    name = note(company)
    company.hezhong.approves(name)
    pick(company, name, *picked)

    with pytest.raises(ValidationFailed) as refusal:
        company.fengbo.submits("Shipment Note", name)

    found = {fault.where: fault.text.zh for fault in refusal.value.faults}
    assert sorted(found) == [f"items[{row}].picked_qty" for row in sorted(faults)]
    for row, message in faults.items():
        assert message in found[f"items[{row}].picked_qty"]
    assert "S03-04" in said(refusal)


def test_after_the_goods_are_put_right_the_note_leaves(company: Company) -> None:
    name = note(company)
    company.hezhong.approves(name)
    pick(company, name, 1, 2, 3)
    with pytest.raises(ValidationFailed):
        company.fengbo.submits("Shipment Note", name)
    right = pick(company, name, 1, 2, 4)
    assert [row["difference"] for row in right["items"]] == [0, 0, 0]
    assert company.fengbo.submits("Shipment Note", name)["docstatus"] == 1


# S03-05: the customer collects the goods


PICK_UP = {"delivery_mode": "Customer Pick-up", "pickup_person": "沈涛"}


def collected(company: Company, **values: Any) -> str:
    name = note(company, **PICK_UP, **values)
    company.hezhong.approves(name)
    pick(company, name, 1, 2, 4)
    return name


def test_a_pick_up_is_handed_over_against_the_consignees_signature(company: Company, signature: Sign) -> None:
    name = collected(company)
    with refused("收货人姓名和签名", "S03-05"):
        company.fengbo.submits("Shipment Note", name)
    assert company.fengbo.submits("Shipment Note", name, consignee_signature=signature("沈涛"))["docstatus"] == 1
    assert company.obligations("Shipment Note", name, "shipment-receipt-due") == []


def test_a_discrepancy_needs_cause_consent_and_a_second_confirmation(company: Company, signature: Sign) -> None:
    name = collected(company)
    signed = {"consignee_signature": signature("沈涛")}
    with pytest.raises(ValidationFailed):
        company.zhengli.changes("Shipment Note", name, pickup_discrepancy=1)  # without the cause
    company.zhengli.changes("Shipment Note", name, pickup_discrepancy=1, discrepancy_cause="附件箱漏装垫铁")
    confirmed = {"customer_confirmed_by": "沈涛", "customer_confirmed_at": company.clock.now()}
    with refused("销售部经理", "S03-05"):
        company.fengbo.submits("Shipment Note", name, **signed, **confirmed)
    company.shenjie.approves(name)
    with refused("顾客再次确认", "S03-05"):
        company.fengbo.submits("Shipment Note", name, **signed)
    assert company.fengbo.submits("Shipment Note", name, **signed, **confirmed)["docstatus"] == 1


def test_a_delivery_asks_for_nothing_of_a_pick_up(company: Company) -> None:
    assert company.zhengli.reads("Shipment Note", shipped(company))["docstatus"] == 1


# S03-07: the driver counts and signs


def test_the_driver_counts_and_signs_when_the_goods_leave(company: Company, signature: Sign) -> None:
    name = note(company, packages=3)
    company.hezhong.approves(name)
    pick(company, name, 1, 2, 4)
    company.fengbo.submits("Shipment Note", name, keeper_signature=signature("冯博"))
    signed = company.fengbo.changes(
        "Shipment Note", name, driver_name="韩卫东", driver_count=3, driver_signature=signature("韩卫东")
    )
    assert (signed["driver_count"], signed["driver_signature"]["name"]) == (3, "韩卫东")
    with pytest.raises(ValidationFailed):
        company.fengbo.changes("Shipment Note", name, consignee="高远")


# S03-08: a difference is decided by us: unload or return


def test_a_difference_waits_for_the_sales_manager(company: Company) -> None:
    name = shipped(company)
    with pytest.raises(ValidationFailed):
        receipt(company, name, 1, 2, 2)  # without saying what is wrong
    [record] = company.records(RECEIPT, "name", shipment_note=name)
    lines = company.zhengli.reads(RECEIPT, record["name"])["items"]
    rows = [{"name": row["name"], "received_qty": qty} for row, qty in zip(lines, (1, 2, 2), strict=True)]
    at = company.clock.now()
    company.zhengli.changes(RECEIPT, record["name"], items=rows, problem_description="润滑泵少两台", reported_at=at)
    with refused("销售部经理确认卸货或退货", "S03-08"):
        company.zhengli.submits(RECEIPT, record["name"])
    [owed] = company.obligations(RECEIPT, record["name"], "receipt-difference-asked")
    assert (owed.owed_by_role, owed.due_at) == ("Sales Manager", at + timedelta(hours=5))  # an hour of lunch between
    with pytest.raises(PermissionRefused):
        company.zhengli.changes(RECEIPT, record["name"], decision="Unload")
    decided = company.shenjie.changes(RECEIPT, record["name"], decision="Unload", decision_note="少的两台明日补发")
    assert decided["decided_by"] == "shenjie"
    assert company.obligations(RECEIPT, record["name"], "receipt-difference-asked")[0].state == "met"
    assert company.zhengli.submits(RECEIPT, record["name"])["docstatus"] == 1


def test_what_is_returned_is_counted_and_opens_a_return(company: Company) -> None:
    record = receipt(company, shipped(company), 1, 2, 4)
    rows = [{"name": row["name"]} for row in record["items"]]
    rows[1] |= {"problem": "Wrong Goods"}
    company.zhengli.changes(RECEIPT, record["name"], items=rows, problem_description="丝杠导程不符")
    company.shenjie.changes(RECEIPT, record["name"], decision="Return")
    with refused("退回数量", "S03-08"):
        company.zhengli.submits(RECEIPT, record["name"])
    rows[1] |= {"returned_qty": 3}
    with refused("多于发货数量", "S03-08"):
        company.zhengli.changes(RECEIPT, record["name"], items=rows)
    rows[1] |= {"returned_qty": 2}
    company.zhengli.changes(RECEIPT, record["name"], items=rows)
    company.zhengli.submits(RECEIPT, record["name"])
    customer = company.customers["航达精密"]
    [back] = company.records("Return and Exchange", "item", "qty", "reason", "customer", serial_number="260511")
    assert (back["item"], back["qty"], back["reason"], back["customer"]) == ("BJ-GS32", 2, "Wrong Goods", customer)


# S03-09: the signed note comes back; a missing one is chased


def test_the_receipt_takes_over_what_was_shipped_and_ends_the_wait_for_it(company: Company) -> None:
    name = shipped(company)
    [owed] = company.obligations("Shipment Note", name, "shipment-receipt-due")
    assert owed.owed_by_role == "Sales Clerk"
    record = receipt(company, name, 1, 2, 4)
    assert [(row["item"], row["qty"], row["difference"]) for row in record["items"]] == [
        ("VMC850E", 1, 0), ("BJ-GS32", 2, 0), ("BJ-LUB", 4, 0),
    ]  # fmt: skip
    assert (record["received_by"], record["differs"]) == ("刘敏", 0)
    company.zhengli.submits(RECEIPT, record["name"])
    [owed] = company.obligations("Shipment Note", name, "shipment-receipt-due")
    assert owed.state == "met"


def test_a_receipt_that_does_not_come_back_in_seven_days_goes_to_the_sales_manager(company: Company) -> None:
    name = shipped(company, order_number="HT-2606-777")
    company.passes(days=6, hours=14, minutes=59)  # midnight of the seventh day
    assert company.obligations("Shipment Note", name, "shipment-receipt-due")[0].state == "open"
    company.passes(minutes=1)
    assert company.obligations("Shipment Note", name, "shipment-receipt-due")[0].state == "escalated"
    assert any(name in text for text in company.shenjie.is_told())


def test_a_receipt_needs_the_signed_note_and_every_quantity(company: Company) -> None:
    record = receipt(company, shipped(company), 1, 2, None)
    with refused("第 3 行", "S03-09"):
        company.zhengli.submits(RECEIPT, record["name"])
    lines = [{"name": row["name"], "received_qty": row["qty"]} for row in record["items"]]
    company.zhengli.changes(RECEIPT, record["name"], items=lines, signed_note=None)
    with refused("签收后的送货单", "S03-09"):
        company.zhengli.submits(RECEIPT, record["name"])


def test_there_is_one_receipt_for_a_shipment_that_has_left(company: Company) -> None:
    name = shipped(company)
    receipt(company, name, 1, 2, 4)
    with refused("已登记过回单", "S03-09"):
        company.zhengli.makes(RECEIPT, "Shipment Note", name)
    with refused("尚未出库"):
        company.zhengli.enters(RECEIPT, shipment_note=note(company), items=[{"item": "BJ-LUB", "qty": 1}])


# S03-10: five considerations decide what is done after delivery


def plan(company: Company, *answers: str, **values: Any) -> dict[str, Any]:
    made = company.zhengli.enters(PLAN, subject="VMC850E 交付后活动", item="VMC850E")
    rows = [
        {"name": row["name"], "analysis": "已识别", "activity_needed": answer}
        for row, answer in zip(made["considerations"], answers, strict=False)
    ]
    rows += [{"name": row["name"]} for row in made["considerations"][len(rows) :]]
    return company.zhengli.changes(PLAN, made["name"], considerations=rows, **values)


ACTIVITY = {"kind": "Training", "activity": "操作与保养培训 2 天", "department": "客服部"}


def test_the_plan_answers_all_five_considerations_and_is_approved(company: Company) -> None:
    made = plan(company, "Yes", "No", "Yes", "Yes", activities=[ACTIVITY])
    assert [row["consideration"][0] for row in made["considerations"]] == list("abcde")
    company.shenjie.approves(made["name"])
    with refused("“e) 顾客反馈”", "S03-10"):
        company.zhengli.submits(PLAN, made["name"])
    complete = plan(company, "Yes", "No", "Yes", "Yes", "No", activities=[ACTIVITY])
    with refused("销售部经理", "S03-10"):
        company.zhengli.submits(PLAN, complete["name"])
    company.shenjie.approves(complete["name"])
    assert company.zhengli.submits(PLAN, complete["name"])["docstatus"] == 1


def test_a_need_without_an_activity_is_refused_and_no_need_is_not(company: Company) -> None:
    needed = plan(company, "Yes", "No", "No", "No", "No")
    company.shenjie.approves(needed["name"])
    with refused("须至少列出一项活动", "S03-10"):
        company.zhengli.submits(PLAN, needed["name"])
    none = plan(company, *["No"] * 5)
    company.shenjie.approves(none["name"])
    assert company.zhengli.submits(PLAN, none["name"])["docstatus"] == 1


# S12-06: customers' spare parts stand first in the logistics list


def test_spare_parts_stand_first_whatever_their_date(company: Company) -> None:
    today = company.clock.now().date()
    machine = note(company, ship_date=today)
    parts = note(company, items=[{"item": "BJ-LUB", "batch": "260420", "qty": 1}], ship_date=today + timedelta(days=3))
    listed = [row["name"] for row in company.fengbo.runs("logistics-list").rows]
    assert listed.index(parts) < listed.index(machine)
    rows = company.zhengli.reads("Shipment Note", parts)["items"]
    more = [{"name": rows[0]["name"]}, *line(inspected(company, MACHINE))]
    assert company.zhengli.changes("Shipment Note", parts, items=more)["spare_parts_first"] == 0
