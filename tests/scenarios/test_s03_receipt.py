"""S03 and S04 around the shipment: the final inspection before it, what the customer signed for, what was planned for afterwards.

Wu Gang (吴刚) inspects, Zheng Li (郑丽) is the sales clerk, Shen Jie (沈洁) the sales manager, Feng Bo (冯博) the warehouse keeper,
He Zhong (何忠) the leader in charge, Chen Jing (陈静) heads after-sales, Qian Li (钱立) quality.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from scenario_company import PNG, Company, refused
from test_s03_delivery import MACHINE, inspected, note, pick

from server.access.user import User
from server.core.errors import PermissionRefused, ValidationFailed

Sign = Callable[[str], dict[str, str]]
INSPECTION, RECEIPT, PLAN, STORAGE = "Final Inspection", "Delivery Receipt", "Post-delivery Plan", "Storage Record"


def shipped(company: Company, **values: Any) -> str:
    """A note that is released, picked and has left the store."""
    name = note(company, **values)
    company.hezhong.approves(name)
    pick(company, name, 1, 2, 4)
    company.fengbo.submits("Shipment Note", name)
    return name


def receipt(company: Company, of: str, *received: object, **values: Any) -> dict[str, Any]:
    """Zheng Li records the note that the driver brought back: so much of each line arrived."""
    made = company.zhengli.makes(RECEIPT, "Shipment Note", of, signed_note=company.zhengli.uploads("签收单.png", PNG))
    lines = [{"name": row["name"], "received_qty": qty} for row, qty in zip(made["items"], received, strict=True)]
    return company.zhengli.changes(RECEIPT, made["name"], items=lines, **values)


def records(company: Company, doctype: str, *fields: str, **where: Any) -> list[dict[str, Any]]:
    filters = [(name, "=", value) for name, value in where.items()]
    return company.site.queries.list(User.administrator(), doctype, filters=filters, fields=list(fields), limit=50).rows


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


# S03-08: a difference is decided by us: unload or return


def test_a_difference_waits_for_the_sales_manager(company: Company) -> None:
    name = shipped(company)
    with pytest.raises(ValidationFailed):
        receipt(company, name, 1, 2, 2)  # without saying what is wrong
    [record] = records(company, RECEIPT, "name", shipment_note=name)
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
    [back] = records(company, "Return and Exchange", "item", "qty", "reason", "customer", serial_number="260511")
    assert (back["item"], back["qty"], back["reason"], back["customer"]) == ("BJ-GS32", 2, "Wrong Goods", customer)


# S04-03: transport damage is told at once and opens a complaint


def test_transport_damage_is_told_and_opens_one_complaint(company: Company) -> None:
    record = receipt(company, shipped(company), 1, 2, 4)
    rows = [{"name": row["name"]} for row in record["items"]]
    rows[0] |= {"problem": "Transport Damage"}
    company.zhengli.changes(RECEIPT, record["name"], items=rows, problem_description="机床防护罩压凹")
    company.zhengli.changes(RECEIPT, record["name"], decision_note=None)
    company.passes(minutes=1)
    assert len([text for text in company.chenjing.is_told() if "机床防护罩压凹" in text]) == 1
    [complaint] = records(company, "Complaint", "kind", "customer", "description", reference_name=record["name"])
    assert (complaint["kind"], complaint["description"]) == ("Transport Damage", "机床防护罩压凹")


def test_another_problem_is_no_transport_damage(company: Company) -> None:
    record = receipt(company, shipped(company), 1, 2, 4)
    rows = [{"name": row["name"]} for row in record["items"]]
    rows[0] |= {"problem": "Quality"}
    company.zhengli.changes(RECEIPT, record["name"], items=rows, problem_description="主轴温升快")
    assert records(company, "Complaint", "name", reference_name=record["name"]) == []


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


def line(inspection: str | None, batch: str = MACHINE) -> list[dict[str, Any]]:
    return [{"item": "VMC850E", "batch": batch, "qty": 1, "final_inspection": inspection}]


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


# S04-02: nothing is shipped without its report and certificate


def test_a_machine_without_its_papers_does_not_leave_and_a_spare_part_does(company: Company) -> None:
    name = note(company, items=[*line(None, "T-10"), {"item": "BJ-LUB", "batch": "260420", "qty": 1}])
    company.hezhong.approves(name)
    pick(company, name, 1, 1)
    with refused("第 1 行", "T-10：缺少出厂检验报告或合格证", "S04-02"):
        company.fengbo.submits("Shipment Note", name)
    [machine, pump] = company.zhengli.reads("Shipment Note", name)["items"]
    rows = [
        {"name": machine["name"], "lot": company.lot("VMC850E", "T-10"), "final_inspection": inspected(company, "T-10")},
        {"name": pump["name"], "lot": company.lot("BJ-LUB")},
    ]
    company.zhengli.changes("Shipment Note", name, items=rows)
    assert company.fengbo.submits("Shipment Note", name)["items"][0]["certificate_number"] == "HG-T-10"


def packed(company: Company, note_name: str, *quantities: object) -> str:
    """Feng Bo packs the lines into one box, so much of each."""
    lines = company.fengbo.reads("Shipment Note", note_name)["items"]
    rows = [
        {"shipment_note": note_name, "item": row["item"], "lot": row["lot"], "qty": qty}
        for row, qty in zip(lines, quantities, strict=False)
        if qty
    ]
    made = company.fengbo.enters("Packing Box", destination="其它", box_number="1/1", items=rows)
    return str(company.fengbo.submits("Packing Box", made["name"])["name"])


def ready(company: Company) -> str:
    name = note(company, destination="其它")
    company.hezhong.approves(name)
    pick(company, name, 1, 2, 4)
    return name


def test_packing_list_and_shipment_list_agree_line_by_line(company: Company) -> None:
    name = ready(company)
    company.site.documents.save(User.administrator(), "Item", {"boxed": 1}, name="BJ-LUB")
    with refused("第 3 行", "还没有装箱清单", "S04-02"):
        company.fengbo.submits("Shipment Note", name)
    box = packed(company, name, 1, 2, 3)
    with refused("第 3 行", "发货清单 4，装箱清单 3", "S04-02"):
        company.fengbo.submits("Shipment Note", name)
    company.hezhong.cancels("Packing Box", box, "少装一台")
    packed(company, name, 1, 2, 4)
    assert company.fengbo.submits("Shipment Note", name)["docstatus"] == 1
    company.site.documents.save(User.administrator(), "Item", {"boxed": 0}, name="BJ-LUB")


def test_a_box_holds_nothing_that_is_not_on_the_shipment_list(company: Company) -> None:
    name = ready(company)
    packed(company, name, 1, 2, 5)
    with refused("多于发货清单合计 7", "S04-02"):
        company.fengbo.submits("Shipment Note", name)


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


# S04-01: goods in store carry customer and product, and their storage is checked


def stored(company: Company, **results: str) -> dict[str, Any]:
    given = {"customer": company.customers["航达精密"], "item": "VMC850E", "batch": "VMC850E-2606-012", "location": "A-03"}
    made = company.fengbo.enters(STORAGE, **given)
    checks = [{"name": row["name"], "result": results.get(row["condition"], "Conforms")} for row in made["checks"]]
    return company.fengbo.changes(STORAGE, made["name"], checks=checks)


def test_the_storage_label_shows_customer_and_product(company: Company) -> None:
    label = company.fengbo.prints(STORAGE, stored(company)["name"])
    assert all(text in label for text in ("临江航达精密零件有限公司", "立式加工中心", "VMC850E-2606-012", "A-03", "GJ/CK-11"))


def test_storage_that_does_not_conform_needs_a_measure_and_is_told_to_quality(company: Company) -> None:
    assert company.fengbo.submits(STORAGE, stored(company)["name"])["result"] == "Conforms"
    poor = stored(company, 防锈="Does Not Conform")
    with refused("“防锈”不符合，须填写处理措施", "S04-01"):
        company.fengbo.submits(STORAGE, poor["name"])
    checks = [{"name": row["name"], "measure": "补涂防锈油" if row["condition"] == "防锈" else None} for row in poor["checks"]]
    company.fengbo.submits(STORAGE, poor["name"], checks=checks)
    company.passes(minutes=1)
    assert any("A-03" in text for text in company.wugang.is_told())
