"""S04 After-sales management: goods kept and shipped with their papers, complaints handed to quality in time, failed parts analysed, causes counted.

Wang Fang (王芳) of customer service, Chen Jing (陈静) the after-sales manager, Feng Bo (冯博) the warehouse keeper, Wu Gang (吴刚) and Qian Li (钱立) of quality.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from scenario_company import Company, refused
from scenario_shipping import RECEIPT, inspected, line, note, pick, receipt, shipped

from server.access.user import User
from server.core.errors import PermissionRefused

COMPLAINT, FAILED = "Complaint", "Failed Part Analysis"
HANDOVER = "complaint-quality-handover"
STORAGE = "Storage Record"


# S04-01: goods in store carry customer and product, and their storage is checked


def stored(works: Company, **results: str) -> dict[str, Any]:
    given = {"customer": works.customers["航达精密"], "item": "VMC850E", "batch": "VMC850E-2606-012", "location": "A-03"}
    made = works.fengbo.enters(STORAGE, **given)
    checks = [{"name": row["name"], "result": results.get(row["condition"], "Conforms")} for row in made["checks"]]
    return works.fengbo.changes(STORAGE, made["name"], checks=checks)


def test_the_storage_label_shows_customer_and_product(works: Company) -> None:
    label = works.fengbo.prints(STORAGE, stored(works)["name"])
    assert all(text in label for text in ("临江航达精密零件有限公司", "立式加工中心", "VMC850E-2606-012", "A-03", "GJ/CK-11"))


def test_the_conditions_of_storage_are_read_in_both_languages(works: Company) -> None:
    condition = works.site.snapshot().doctype("Storage Check").field("condition")
    asked = [
        condition.choice_label(row["condition"]) for row in works.site.new_records.blank(works.fengbo.user, STORAGE)["checks"]
    ]
    assert [text.zh for text in asked[2:4]] == ["防水", "防晒"]
    assert all(text.en.isascii() for text in asked)


def test_storage_that_does_not_conform_needs_a_measure_and_is_told_to_quality(works: Company) -> None:
    assert works.fengbo.submits(STORAGE, stored(works)["name"])["result"] == "Conforms"
    poor = stored(works, 防锈="Does Not Conform")
    with refused("“防锈”不符合，须填写处理措施", "S04-01"):
        works.fengbo.submits(STORAGE, poor["name"])
    checks = [{"name": row["name"], "measure": "补涂防锈油" if row["condition"] == "防锈" else None} for row in poor["checks"]]
    works.fengbo.submits(STORAGE, poor["name"], checks=checks)
    works.passes(minutes=1)
    assert any("A-03" in text for text in works.wugang.is_told())


# S04-02: nothing is shipped without its report and certificate


def test_a_machine_without_its_papers_does_not_leave_and_a_spare_part_does(works: Company) -> None:
    name = note(works, items=[*line(None, "T-10"), {"item": "BJ-LUB", "batch": "260420", "qty": 1}])
    works.hezhong.approves(name)
    pick(works, name, 1, 1)
    with refused("第 1 行", "T-10：缺少出厂检验报告或合格证", "S04-02"):
        works.fengbo.submits("Shipment Note", name)
    [machine, pump] = works.zhengli.reads("Shipment Note", name)["items"]
    rows = [
        {"name": machine["name"], "lot": works.lot("VMC850E", "T-10"), "final_inspection": inspected(works, "T-10")},
        {"name": pump["name"], "lot": works.lot("BJ-LUB")},
    ]
    works.zhengli.changes("Shipment Note", name, items=rows)
    assert works.fengbo.submits("Shipment Note", name)["items"][0]["certificate_number"] == "HG-T-10"


def packed(works: Company, note_name: str, *quantities: object) -> str:
    """Feng Bo packs the lines into one box, so much of each."""
    lines = works.fengbo.reads("Shipment Note", note_name)["items"]
    rows = [
        {"shipment_note": note_name, "item": row["item"], "lot": row["lot"], "qty": qty}
        for row, qty in zip(lines, quantities, strict=False)
        if qty
    ]
    made = works.fengbo.enters("Packing Box", destination="其它", box_number="1/1", items=rows)
    return str(works.fengbo.submits("Packing Box", made["name"])["name"])


def ready(works: Company) -> str:
    name = note(works, destination="其它")
    works.hezhong.approves(name)
    pick(works, name, 1, 2, 4)
    return name


def test_packing_list_and_shipment_list_agree_line_by_line(works: Company) -> None:
    name = ready(works)
    works.site.documents.save(User.administrator(), "Item", {"boxed": 1}, name="BJ-LUB")
    with refused("第 3 行", "还没有装箱清单", "S04-02"):
        works.fengbo.submits("Shipment Note", name)
    box = packed(works, name, 1, 2, 3)
    with refused("第 3 行", "发货清单 4，装箱清单 3", "S04-02"):
        works.fengbo.submits("Shipment Note", name)
    works.hezhong.cancels("Packing Box", box, "少装一台")
    packed(works, name, 1, 2, 4)
    assert works.fengbo.submits("Shipment Note", name)["docstatus"] == 1
    works.site.documents.save(User.administrator(), "Item", {"boxed": 0}, name="BJ-LUB")


def test_a_box_holds_nothing_that_is_not_on_the_shipment_list(works: Company) -> None:
    name = ready(works)
    packed(works, name, 1, 2, 5)
    with refused("多于发货清单合计 7", "S04-02"):
        works.fengbo.submits("Shipment Note", name)


# S04-03: transport damage is told at once and opens a complaint


def test_transport_damage_is_told_and_opens_one_complaint(works: Company) -> None:
    record = receipt(works, shipped(works), 1, 2, 4)
    rows = [{"name": row["name"]} for row in record["items"]]
    rows[0] |= {"problem": "Transport Damage"}
    works.zhengli.changes(RECEIPT, record["name"], items=rows, problem_description="机床防护罩压凹")
    works.zhengli.changes(RECEIPT, record["name"], decision_note=None)
    works.passes(minutes=1)
    assert len([text for text in works.chenjing.is_told() if "机床防护罩压凹" in text]) == 1
    [complaint] = works.records("Complaint", "kind", "customer", "description", reference_name=record["name"])
    assert (complaint["kind"], complaint["description"]) == ("Transport Damage", "机床防护罩压凹")


def test_another_problem_is_no_transport_damage(works: Company) -> None:
    record = receipt(works, shipped(works), 1, 2, 4)
    rows = [{"name": row["name"]} for row in record["items"]]
    rows[0] |= {"problem": "Quality"}
    works.zhengli.changes(RECEIPT, record["name"], items=rows, problem_description="主轴温升快")
    assert works.records("Complaint", "name", reference_name=record["name"]) == []


# S04-04: a quality complaint reaches quality within two hours


def complaint(works: Company, **values: Any) -> dict[str, Any]:
    given = {
        "subject": "门密封漏汽",
        "customer": works.customers["市二院"],
        "description": "灭菌时门边漏汽",
        "received_at": works.clock.now(),
    }
    return works.wangfang.enters(COMPLAINT, **given | values)


def test_a_quality_complaint_is_due_at_quality_two_hours_after_receipt(works: Company) -> None:
    record = complaint(works)
    [owed] = works.obligations(COMPLAINT, record["name"], HANDOVER)
    assert owed.due_at == works.clock.now() + timedelta(hours=2)
    works.passes(hours=1, minutes=59)
    done = works.wangfang.changes(COMPLAINT, record["name"], handed_at=works.clock.now())
    [owed] = works.obligations(COMPLAINT, record["name"], HANDOVER)
    assert (owed.state, float(done["handover_hours"])) == ("met", 1.98)


def test_the_manager_hears_of_it_when_the_two_hours_have_passed(works: Company) -> None:
    record = complaint(works, subject="压力显示不准")
    works.passes(hours=1, minutes=31)
    assert any("压力显示不准" in text for text in works.wangfang.is_told())
    assert not any("压力显示不准" in text for text in works.chenjing.is_told())
    works.passes(minutes=30)
    assert any("压力显示不准" in text for text in works.chenjing.is_told())
    works.wangfang.changes(COMPLAINT, record["name"], handed_at=works.clock.now())
    works.passes(minutes=1)
    assert any("压力显示不准" in text for text in works.wugang.is_told())


@pytest.mark.parametrize("phase", ["Delivery", "Installation", "Zero Kilometre", "In Use"])
@pytest.mark.parametrize(("minutes", "late"), [(120, False), (121, True)], ids=["at two hours", "a minute later"])
def test_in_each_phase_two_hours_are_in_time_and_a_minute_more_is_late(
    works: Company, phase: str, minutes: int, late: bool
) -> None:
    name = complaint(works, phase=phase)["name"]
    works.clock.advance(minutes=minutes)
    done = works.wangfang.changes(COMPLAINT, name, handed_at=works.clock.now())
    [owed] = works.obligations(COMPLAINT, name, HANDOVER)
    assert (owed.state, owed.breached_at is not None, owed.elapsed_seconds) == ("met", late, minutes * 60)
    assert float(done["handover_hours"]) == round(minutes / 60, 2)


def test_the_customer_is_answered_by_the_limit_that_they_set(works: Company) -> None:
    limit = works.clock.now() + timedelta(days=2)
    name = complaint(works, kind="Delivery", answer_limit=limit)["name"]
    [owed] = works.obligations(COMPLAINT, name, "complaint-answer-due")
    assert owed.due_at == limit
    works.passes(days=1, hours=23, minutes=59)
    assert works.obligations(COMPLAINT, name, "complaint-answer-due")[0].state == "open"
    works.passes(minutes=1)
    assert works.obligations(COMPLAINT, name, "complaint-answer-due")[0].state == "escalated"


@pytest.mark.parametrize("kind", ["Delivery", "Service"])
def test_other_complaints_stay_where_they_are(works: Company, kind: str) -> None:
    assert works.obligations(COMPLAINT, complaint(works, kind=kind)["name"], HANDOVER) == []


# S04-05: an answer after the customer's limit needs a contingency action


def test_a_delivery_complaint_answered_late_needs_a_contingency_action(works: Company) -> None:
    limit = works.clock.now() - timedelta(hours=1)
    late = {"kind": "Delivery", "received_at": works.ago(days=2), "answer_limit": limit}
    handled = {"investigation": "漏装", "verdict": "Verified", "measure": "补发", "answer": "已补发"}
    with refused("应急处置措施", "S04-05"):
        complaint(works, **late)
    with refused("S04-05"):
        complaint(works, **late, **handled, answered_at=limit + timedelta(minutes=1))
    assert complaint(works, **late, **handled, answered_at=limit)["status"] == "Answered"
    assert complaint(works, **late, contingency_action="调用备用库存，当日空运")["name"]


# S04-06: one cause at most ten times a quarter, at most three pieces at once


def failed(works: Company, cause: str, **values: Any) -> dict[str, Any]:
    given = {
        "item": "BJ-DSR",
        "customer": works.customers["市二院"],
        "symptom": "密封圈开裂",
        "cause": cause,
        "occurred_on": date(2026, 6, 1),
    }
    return works.wugang.enters(FAILED, **given | values)


def actions(works: Company, name: str) -> list[dict[str, Any]]:
    where = [("reference_name", "=", name)]
    return works.site.queries.list(User.administrator(), "Corrective Action", fields=["origin", "subject"], filters=where).rows


def test_the_eleventh_time_in_a_quarter_opens_a_corrective_action_and_the_tenth_does_not(works: Company) -> None:
    works.wugang.enters("Fault Cause", cause_name="橡胶老化")
    failed(works, "橡胶老化", occurred_on=date(2026, 3, 31))  # the quarter before does not count
    tenth = [failed(works, "橡胶老化") for _ in range(10)][-1]
    assert actions(works, tenth["name"]) == []
    eleventh = failed(works, "橡胶老化", occurred_on=date(2026, 6, 15))
    assert [row["origin"] for row in actions(works, eleventh["name"])] == ["Recurring Fault"]
    works.wugang.changes(FAILED, eleventh["name"], analysis="硫化时间不足")
    assert len(actions(works, eleventh["name"])) == 1  # opened once


def test_more_than_three_pieces_at_once_open_one_too(works: Company) -> None:
    works.wugang.enters("Fault Cause", cause_name="硬度超差")
    assert actions(works, failed(works, "硬度超差", pieces=3)["name"]) == []
    assert len(actions(works, failed(works, "硬度超差", pieces=4)["name"])) == 1
    told = works.wugang.warnings_of(
        FAILED, item="BJ-DSR", customer=works.customers["市二院"], symptom="x", cause="硬度超差", pieces=4
    )
    assert any("单次 3 件" in text for text in told)


# S04-08, S16-04, S05-06: cause, responsibility, claim; a major failure in its order


def test_a_failed_part_of_a_supplier_is_claimed_through_purchasing(works: Company) -> None:
    supplier = works.pengtao.enters("Supplier", supplier_name="宁海橡塑厂")["name"]
    with refused("供方"):
        failed(
            works,
            "橡胶老化" if works.site.queries.count(User.administrator(), "Fault Cause") else "",
            responsibility="Supplier",
        )
    record = failed(
        works, "", analysis="供方混料", responsibility="Supplier", supplier=supplier, claim_amount=860, disposition="Exchange"
    )
    claim = works.pengtao.reads("Supplier Claim", works.named("Supplier Claim", reference_name=record["name"]))
    assert (claim["supplier"], claim["amount"], claim["status"]) == (supplier, 860, "Open")
    works.passes(minutes=1)
    assert any(record["name"] in text for text in works.pengtao.is_told())


def test_a_major_failure_is_analysed_corrected_and_verified_in_that_order(works: Company) -> None:
    record = failed(works, "", severity="Major")
    assert [item.obligation.rule for item in works.wugang.inbox(record["name"])] == ["failed-part-major"]
    with refused("S05-06"):
        works.wugang.changes(FAILED, record["name"], verified_on=date(2026, 6, 15), verification="x", analysis="a")
    steps = {
        "analysis": "焊缝未焊透",
        "measure": "增加着色检查",
        "verified_on": date(2026, 6, 15),
        "verification": "50 件无缺陷",
    }
    with pytest.raises(PermissionRefused):  # quality verifies, not who repairs
        works.liqiang.changes(FAILED, record["name"], **steps)
    done = works.wugang.changes(FAILED, record["name"], **steps)
    assert (done["status"], done["verified_by"]) == ("Verified", "wugang")
    assert works.wugang.inbox(record["name"]) == []


# S04-07: service costs the company at most 2 % of its sales over the year


def spent(works: Company, amount: object, *, on: date = date(2026, 6, 10)) -> None:
    """Customer service lists what a service cost, finance approves it."""
    line = {"kind": "Travel", "description": "上门差旅", "qty": 1}
    given = {"customer": works.customers["市二院"], "cost_date": on, "items": [line]}
    made = works.wangfang.enters("Service Cost List", **given)
    works.qianying.changes("Service Cost List", made["name"], items=[{"name": made["items"][0]["name"], "rate": amount}])
    works.qianying.approves(made["name"])
    works.wangfang.submits("Service Cost List", made["name"])


def test_service_cost_against_sales_stands_green_amber_red(works: Company) -> None:
    cost = "service-cost-to-sales"
    year = {"cost_date": "2026-01-01..2026-12-31"}
    for month, sales in ((5, 400_000), (6, 600_000)):
        works.qianying.enters("Sales Revenue", month=date(2026, month, 1), amount=sales)
    spent(works, 8_000, on=date(2026, 5, 20))
    spent(works, 10_000)
    assert (works.qianying.runs(cost, **year).totals["rate"], works.qianying.runs(cost, **year).light) == (
        Decimal("1.8"),
        "green",
    )
    spent(works, 2_000)
    exactly = works.qianying.runs(cost, **year)
    assert (exactly.totals["rate"], exactly.light) == (2, "amber")
    assert [(row["month"], row["rate"]) for row in exactly.rows] == [("2026-05", 2), ("2026-06", 2)]
    spent(works, 100)
    over = works.qianying.runs(cost, **year)
    assert (over.totals["rate"], over.light) == (Decimal("2.01"), "red")


def test_what_is_not_approved_or_was_another_years_does_not_count(works: Company) -> None:
    before = works.qianying.runs("service-cost-to-sales", cost_date="2026-01-01..2026-12-31").totals
    spent(works, 50_000, on=date(2025, 12, 31))
    line = {"kind": "Other", "description": "未审批", "qty": 1, "rate": 50_000}
    works.chenjing.enters("Service Cost List", customer=works.customers["市二院"], cost_date=date(2026, 6, 1), items=[line])
    assert works.qianying.runs("service-cost-to-sales", cost_date="2026-01-01..2026-12-31").totals == before


def test_sales_are_entered_once_for_a_month(works: Company) -> None:
    works.qianying.enters("Sales Revenue", month=date(2024, 2, 1), amount=1)
    with refused("已填报", "S04-07"):
        works.qianying.enters("Sales Revenue", month=date(2024, 2, 29), amount=1)
    assert works.qianying.enters("Sales Revenue", month=date(2024, 3, 1), amount=1)["name"]


# S04-09: causes by their weight, and how they go month by month


def test_causes_are_drawn_by_weight_and_by_month(works: Company) -> None:
    for cause, months in (("管路渗漏", (1, 1, 2, 3)), ("接插件松动", (3,))):
        works.wugang.enters("Fault Cause", cause_name=cause)
        for month in months:
            failed(works, cause, item="BJ-VAC", occurred_on=date(2023, month, 8))
    span = {"occurred_on": "2023-01-01..2023-12-31"}
    weights = works.qianli.runs("fault-causes", **span)
    assert [(row["cause"], row["failures"]) for row in weights.rows] == [("管路渗漏", 4), ("接插件松动", 1)]
    trend = works.qianli.runs("fault-trend", **span)
    assert [(row["month"], row["failures"]) for row in trend.rows] == [("2023-01", 2), ("2023-02", 1), ("2023-03", 2)]
    drawn = {name: works.qianli.runs(name, **span).report.chart for name in ("fault-causes", "fault-trend")}
    assert {name: chart and chart.kind for name, chart in drawn.items()} == {"fault-causes": "pareto", "fault-trend": "line"}
