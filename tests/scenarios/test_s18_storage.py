"""S18 Handling, storage, packing: the ledger is what is in stock; damaged pieces, a lot without its label and what an accident hit are blocked.

Feng Bo (冯博) keeps the store, Song Tao (宋涛) asks for material, Wu Gang (吴刚) is the quality engineer, Peng Tao (彭涛) buys.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from scenario_company import Company, refused

from server.core.errors import PermissionRefused, ValidationFailed

ITEM = "FJ-ZJ"
_numbers: Iterator[int] = count(1)


def new_lot(works: Company, item: str = ITEM) -> str:
    return str(works.fengbo.enters("Stock Lot", lot_number=f"{item}-{next(_numbers)}", item=item, zone="CL-01")["name"])


def receipt(works: Company, *lines: tuple[str, object], **values: Any) -> str:
    """Feng Bo writes what came and passed inspection."""
    given = {"supplier": works.named("Supplier", supplier_name="豪洲轴承有限公司"), "inspection_report": "JY-18"}
    rows = [{"item": ITEM, "lot": lot, "delivered_qty": qty, "qty": qty, "rate": 18} for lot, qty in lines]
    return str(works.fengbo.enters("Material Receipt", items=rows, **given | values)["name"])


def stocked(works: Company, qty: object = 10) -> str:
    lot = new_lot(works)
    works.fengbo.submits("Material Receipt", receipt(works, (lot, qty)))
    return lot


def issue(works: Company, *lines: tuple[str, object]) -> str:
    """Song Tao asks; Feng Bo chooses the lots and counts out."""
    receiver = works.named("Employee", employee_name="丁浩")
    asked = [{"item": ITEM, "requested_qty": qty} for _, qty in lines]
    slip = works.songtao.enters("Material Issue", department="装配车间", receiver=receiver, items=asked)
    rows = [{"name": row["name"], "lot": lot, "qty": qty} for row, (lot, qty) in zip(slip["items"], lines, strict=True)]
    return str(works.fengbo.changes("Material Issue", slip["name"], items=rows, keeper="fengbo")["name"])


def ledger(works: Company, lot: str) -> list[tuple[str, Decimal]]:
    rows = works.fengbo.runs("stock-ledger", lot=lot).rows
    return [(row["movement"], row["qty"]) for row in rows]


# S18-01: received with a slip, posted to the ledger; the sum of the ledger is what is on hand


def test_a_receipt_posts_each_line_and_on_hand_is_the_sum_of_the_ledger(works: Company) -> None:
    first, second = new_lot(works), new_lot(works)
    name = receipt(works, (first, 10), (second, "2.5"))
    assert works.on_hand(first) == 0  # written, not received
    works.fengbo.submits("Material Receipt", name)
    assert (works.on_hand(first), works.on_hand(second)) == (10, Decimal("2.5"))
    works.fengbo.submits("Material Issue", issue(works, (first, 4)))
    assert works.on_hand(first) == 6 == sum(qty for _, qty in ledger(works, first))
    said = works.fengbo.prints("Material Receipt", name)
    assert all(text in said for text in ("收料单", "RCCC-01", "豪洲轴承有限公司", "检验员", "225.00"))


def test_only_inspected_goods_of_the_right_lot_are_received(works: Company) -> None:
    with refused("检验报告号"):
        receipt(works, (new_lot(works), 1), inspection_report=None)
    with refused("的批次", "S18-01"):
        receipt(works, (new_lot(works, "BJ-ENC"), 1))


def test_nobody_writes_into_the_ledger_by_hand(works: Company) -> None:
    lot = stocked(works)
    entry = works.named("Stock Ledger Entry", lot=lot)
    for person in (works.fengbo, works.qianying, works.pengtao):
        with pytest.raises(PermissionRefused):
            person.enters(
                "Stock Ledger Entry", lot=lot, item=ITEM, movement="Receipt", qty=1, voucher_type="Stock Lot", voucher=lot
            )
        with pytest.raises(PermissionRefused):
            person.changes("Stock Ledger Entry", entry, qty=99)
    assert works.on_hand(lot) == 10


def test_a_receipt_is_taken_back_whole_or_not_at_all(works: Company) -> None:
    lot = new_lot(works)
    name = receipt(works, (lot, 10))
    works.fengbo.submits("Material Receipt", name)
    slip = issue(works, (lot, 1))
    works.fengbo.submits("Material Issue", slip)
    with refused("已部分发出", "S18-01"):
        works.hezhong.cancels("Material Receipt", name, "重复收料")
    assert works.on_hand(lot) == 9
    works.hezhong.cancels("Material Issue", slip, "退回仓库")
    works.hezhong.cancels("Material Receipt", name, "重复收料")
    assert works.on_hand(lot) == 0


# S18-02: the registers


def loaded(works: Company, shipment: str) -> None:
    """Verified by both departments, and one package loaded against the substitute ticket."""
    made = works.fengbo.makes("Outbound Verification", "Shipment Note", shipment, requirements_met="Met")
    checks = [{"name": row["name"], "name_and_model": "Conforms", "found_qty": row["qty"]} for row in made["checks"]]
    works.fengbo.takes("Send", "Outbound Verification", made["name"], checks=checks)
    works.hejun.approves(made["name"])
    works.zhengli.approves(made["name"])
    works.hejun.submits("Substitute Ticket", works.zhengli.makes("Substitute Ticket", "Shipment Note", shipment)["name"])
    record = works.songtao.makes("Loading Record", "Shipment Note", shipment, vehicle_number="苏E·18", measures="捆扎")
    works.songtao.submits("Loading Record", record["name"], finished_at=works.clock.now(), packages=1)


def test_inbound_and_factory_exit_are_registered(works: Company) -> None:
    lot = works.lot("BJ-LUB")
    rows = works.fengbo.runs("inbound-register", order_number="备货-BJ-LUB").rows
    assert [(row["name"], row["counted_total"], row["certificate_number"]) for row in rows] == [(lot, 1000, "HGZ-1")]
    note = works.zhengli.enters(
        "Shipment Note", customer=works.customers["市二院"], order_number="HT-1802", consignee="张",
        items=[{"item": "BJ-LUB", "lot": lot, "qty": 3}],
    )  # fmt: skip
    works.hezhong.approves(note["name"])
    [row] = note["items"]
    works.fengbo.submits("Shipment Note", note["name"], items=[{"name": row["name"], "picked_qty": 3}])
    loaded(works, note["name"])
    gate = works.fengbo.makes("Gate Pass", "Shipment Note", note["name"], vehicle_number="苏E·18")["name"]
    assert gate not in [row["name"] for row in works.fengbo.runs("factory-exit-register").rows]
    works.fengbo.changes("Shipment Note", note["name"], driver_name="韩卫东", driver_count=1)
    works.lishun.submits("Gate Pass", gate, counted_packages=1)
    [row] = [row for row in works.fengbo.runs("factory-exit-register").rows if row["name"] == gate]
    assert (row["vehicle_number"], row["released_by"]) == ("苏E·18", "lishun")


# S18-03: issued against the slip, never more than is on hand


def test_exactly_what_is_on_hand_is_issued_and_no_thousandth_more(works: Company) -> None:
    lot = stocked(works, 10)
    with refused("台账结存 10，不够发 10.001", "S18-03"):
        works.fengbo.submits("Material Issue", issue(works, (lot, "10.001")))
    assert ledger(works, lot) == [("Receipt", 10)]
    works.fengbo.submits("Material Issue", issue(works, (lot, 10)))
    assert (works.on_hand(lot), ledger(works, lot)) == (0, [("Receipt", 10), ("Issue", -10)])


def test_two_rows_of_one_lot_are_counted_together_and_nothing_is_half_issued(works: Company) -> None:
    lot, other = stocked(works, 10), stocked(works, 10)
    slip = issue(works, (other, 1), (lot, 6), (lot, 5))
    with refused("台账结存 4，不够发 5"):
        works.fengbo.submits("Material Issue", slip)
    assert (works.on_hand(lot), works.on_hand(other)) == (10, 10)


def test_two_keepers_at_once_do_not_issue_the_same_goods(works: Company) -> None:
    lot = stocked(works, 10)
    slips = [issue(works, (lot, 6)), issue(works, (lot, 6))]
    with ThreadPoolExecutor(2) as keepers:
        deeds = [keepers.submit(works.fengbo.submits, "Material Issue", slip) for slip in slips]
    refusals = [error for deed in deeds if (error := deed.exception()) is not None]
    assert [type(error) for error in refusals] == [ValidationFailed]
    assert "结存 4，不够发 6" in "\n".join(refusals[0].lines("zh"))
    assert works.on_hand(lot) == 4


def test_the_keeper_issues_and_the_workshop_only_asks(works: Company) -> None:
    slip = issue(works, (stocked(works), 1))
    with pytest.raises(PermissionRefused):
        works.songtao.submits("Material Issue", slip)
    [row] = works.songtao.reads("Material Issue", slip)["items"]
    with pytest.raises(PermissionRefused):
        works.songtao.changes("Material Issue", slip, items=[{"name": row["name"], "qty": 2}])
    with refused("实发 2 多于请领 1"):
        works.fengbo.submits("Material Issue", slip, items=[{"name": row["name"], "qty": 2}])


# S18-04, S18-05, S18-06: what is damaged, unlabelled or hit is blocked


def test_damage_in_the_store_is_reported_and_its_pieces_are_blocked_until_disposed_of(works: Company) -> None:
    lot = stocked(works)
    report = works.fengbo.makes("Stock Nonconformance", "Stock Lot", lot, affected_qty=2, problem="包装破损，锈蚀")["name"]
    works.passes(minutes=1)
    assert any(report in text and "已冻结" in text for text in works.pengtao.is_told())
    assert [item.obligation.rule for item in works.wugang.inbox(report)] == ["stock-nonconformance-told"]
    assert works.fengbo.reads("Stock Lot", lot)["status"] == "Partly Blocked"
    with refused("结存 10", f"2 不合格未处置（{report}）", "只可发 8，不够发 8.001", "S18-04"):
        works.fengbo.submits("Material Issue", issue(works, (lot, "8.001")))
    works.fengbo.submits("Material Issue", issue(works, (lot, 8)))
    [row] = works.fengbo.runs("stock-on-hand", lot=lot).rows
    assert (row["on_hand"], row["held"], row["free"]) == (2, 2, 0)
    slip = issue(works, (lot, 1))
    with refused(report):
        works.fengbo.submits("Material Issue", slip)
    with pytest.raises(PermissionRefused):
        works.fengbo.changes("Stock Nonconformance", report, disposed_on=date(2026, 6, 15))
    with refused("处置结论"):
        works.wugang.changes("Stock Nonconformance", report, disposed_on=date(2026, 6, 15))
    done = {"disposition": "Rework", "disposition_note": "除锈、重新包装", "disposed_on": date(2026, 6, 15)}
    assert works.wugang.changes("Stock Nonconformance", report, **done)["disposed_by"] == "wugang"
    assert works.wugang.inbox(report) == []
    shown = works.fengbo.reads("Stock Lot", lot)
    assert shown["status"] == "Free"
    assert "stock-nonconformance-frees-lot" in (works.site.queries.history(works.fengbo.user, "Stock Lot", lot)[0].reason.zh)
    assert works.fengbo.submits("Material Issue", slip)["docstatus"] == 1


@pytest.mark.parametrize(
    ("affected", "shown"), [(10, "Blocked"), ("9.999", "Partly Blocked")], ids=["all", "all but a thousandth"]
)
def test_a_lot_is_blocked_when_all_of_it_does_not_conform(works: Company, affected: object, shown: str) -> None:
    lot = stocked(works, 10)
    works.fengbo.makes("Stock Nonconformance", "Stock Lot", lot, affected_qty=affected, problem="锈蚀")
    assert works.fengbo.reads("Stock Lot", lot)["status"] == shown


@pytest.mark.parametrize(("disposition", "left"), [("Scrap", 8), ("Return", 8), ("Rework", 10), ("Use As Is", 10)])
def test_what_is_scrapped_or_sent_back_leaves_the_ledger(works: Company, disposition: str, left: int) -> None:
    lot = stocked(works, 10)
    report = works.fengbo.makes("Stock Nonconformance", "Stock Lot", lot, affected_qty=2, problem="锈蚀")["name"]
    done = {"disposition": disposition, "disposition_note": "按评审结论", "disposed_on": date(2026, 6, 15)}
    works.wugang.changes("Stock Nonconformance", report, **done)
    works.wugang.changes("Stock Nonconformance", report, disposition_note="按评审结论，已完成")
    assert works.on_hand(lot) == left, "written off once, however often it is saved"
    assert works.fengbo.reads("Stock Lot", lot)["status"] == "Free"


def test_a_lost_label_blocks_the_lot_until_it_is_identified_again(works: Company) -> None:
    lot = stocked(works)
    incident = works.fengbo.makes("Label Incident", "Stock Lot", lot, what_happened="Lost")["name"]
    slip = issue(works, (lot, 1))
    with refused("标识丢失或损坏", incident, "S18-05"):
        works.fengbo.submits("Material Issue", slip)
    with refused("追溯依据", "新标识"):
        works.wugang.changes("Label Incident", incident, identified_on=date(2026, 6, 15))
    found = {"evidence": "送货单 SH-18、实物规格核对一致", "new_label": 1, "identified_on": date(2026, 6, 15)}
    other = works.fengbo.makes("Stock Nonconformance", "Stock Lot", lot, affected_qty=1, problem="锈蚀")["name"]
    assert works.wugang.changes("Label Incident", incident, **found)["identified_by"] == "wugang"
    assert works.fengbo.reads("Stock Lot", lot)["status"] == "Partly Blocked", "one piece of it does not conform"
    done = {"disposition": "Use As Is", "disposition_note": "表面轻微", "disposed_on": date(2026, 6, 15)}
    works.wugang.changes("Stock Nonconformance", other, **done)
    assert works.fengbo.reads("Stock Lot", lot)["status"] == "Free"
    assert works.fengbo.submits("Material Issue", slip)["docstatus"] == 1


def test_a_handling_accident_opens_a_nonconformance_once_and_blocks_the_lot(works: Company) -> None:
    lot = stocked(works)
    accident = works.fengbo.enters(
        "Handling Accident",
        item=ITEM,
        lot=lot,
        damaged_qty=1,
        place="成品库门口",
        department="仓储物流部",
        description="叉车碰撞",
    )["name"]
    report = works.named("Stock Nonconformance", handling_accident=accident)
    opened = works.wugang.reads("Stock Nonconformance", report)
    assert (opened["origin"], opened["affected_qty"], opened["lot"]) == ("Handling", 1, lot)
    works.fengbo.changes("Handling Accident", accident, prevention="加装护栏")
    assert works.named("Stock Nonconformance", handling_accident=accident) == report
    works.fengbo.submits("Material Issue", issue(works, (lot, 9)))
    with refused(report, "S18-04"):
        works.fengbo.submits("Material Issue", issue(works, (lot, 1)))


# S18-07: packing is designed for the product, its transport, and the customer


def test_a_packing_specification_considers_transport_storage_and_use_and_is_approved(works: Company) -> None:
    name = works.sunyu.enters("Packing Specification", item="VMC850E", container="木箱", qty_per_box=1)["name"]
    with refused("运输条件", "顾客的保存", "顾客的使用", "产品特点", "S18-07"):
        works.sunyu.submits("Packing Specification", name)
    considered = {
        "product_characteristics": "5.2 t，导轨防锈", "transport_conditions": "汽运，两次吊装", "customer_storage": "室内，不超过 3 个月",
        "customer_use": "叉车开箱，木箱回收",
    }  # fmt: skip
    works.sunyu.changes("Packing Specification", name, **considered)
    with refused("科技部经理"):
        works.sunyu.submits("Packing Specification", name)
    works.zhoumin.approves(name)
    assert works.sunyu.submits("Packing Specification", name)["docstatus"] == 1
    said = works.sunyu.prints("Packing Specification", name)
    assert all(text in said for text in ("零部件包装工艺技术规范", "RCBZ-01", "汽运，两次吊装", "叉车开箱"))


# S18-10: a special product names the tools for its handling and how it is controlled


def test_a_special_product_names_its_tools_and_the_control_of_its_handling(works: Company) -> None:
    considered = {
        "product_characteristics": "5.2 t", "transport_conditions": "汽运", "customer_storage": "室内", "customer_use": "叉车开箱",
    }  # fmt: skip
    given = {
        "item": "VMC850E",
        "container": "木箱",
        "qty_per_box": 1,
        "special_handling": 1,
        "handling_tools": "20 t 行车，专用吊具",
    }
    name = works.sunyu.enters("Packing Specification", **given | considered)["name"]
    works.zhoumin.approves(name)
    with refused("特殊产品", "控制方法", "S18-10"):
        works.sunyu.submits("Packing Specification", name)
    works.sunyu.changes("Packing Specification", name, handling_control="四点起吊，倾斜不超过 5°")
    if works.zhoumin.inbox(name):
        works.zhoumin.approves(name)
    assert works.sunyu.submits("Packing Specification", name)["docstatus"] == 1
    assert "专用吊具" in works.sunyu.prints("Packing Specification", name)


# S18-08, S18-09: the shelf is counted against the ledger, a difference has its cause and is approved; every month, zone by zone


def test_what_the_count_finds_short_is_explained_approved_and_posted(works: Company) -> None:
    lot = stocked(works, 10)
    with refused("差异原因", "S18-08"):
        works.fengbo.enters("Stock Count", lot=lot, counted_qty=9)
    count_ = works.fengbo.enters("Stock Count", lot=lot, counted_qty=9, cause="领料时多发一件，未记账")
    assert (count_["on_hand"], count_["difference"], count_["zone"]) == (10, -1, "CL-01")
    with refused("分管领导", "S18-08"):
        works.fengbo.submits("Stock Count", count_["name"])
    works.hezhong.approves(count_["name"])
    works.fengbo.submits("Stock Count", count_["name"])
    assert works.on_hand(lot) == 9
    assert ledger(works, lot)[-1] == ("Counted", -1)
    works.hezhong.cancels("Stock Count", count_["name"], "复盘相符")
    assert works.on_hand(lot) == 10


def test_a_count_that_agrees_needs_nobody_and_stock_that_moved_meanwhile_is_asked_about_anew(works: Company) -> None:
    lot = stocked(works, 10)
    agrees = works.fengbo.enters("Stock Count", lot=lot, counted_qty=10)
    works.fengbo.submits("Stock Count", agrees["name"])
    assert works.on_hand(lot) == 10
    over = works.fengbo.enters("Stock Count", lot=lot, counted_qty=11, cause="退料未记账")
    works.hezhong.approves(over["name"])
    works.fengbo.submits("Material Issue", issue(works, (lot, 4)))
    with refused("分管领导", "S18-08"):  # 11 on the shelf and 6 in the ledger is not what was approved
        works.fengbo.submits("Stock Count", over["name"])
    assert works.on_hand(lot) == 6


def test_a_zone_is_counted_every_month_and_late_it_goes_to_the_leader(works: Company) -> None:
    works.fengbo.changes("Storage Zone", "CL-01", checked_from=date(2026, 6, 20))
    lot = stocked(works, 10)
    [owed] = works.obligations("Storage Zone", "CL-01", "zone-checked-monthly")
    assert (owed.owed_by_role, owed.state, owed.due_at.date()) == ("Warehouse Keeper", "open", date(2026, 7, 20))
    works.fengbo.submits("Stock Count", works.fengbo.enters("Stock Count", lot=lot, counted_qty=10)["name"])
    states = {item.due_at.date(): item.state for item in works.obligations("Storage Zone", "CL-01", "zone-checked-monthly")}
    assert states == {date(2026, 7, 20): "met"}
    works.passes(days=36)  # 21 July: the next month is owed
    works.passes(days=39)  # 29 August, a week late
    assert any("CL-01" in text for text in works.hezhong.is_told())
