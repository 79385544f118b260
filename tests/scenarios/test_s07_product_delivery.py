"""S07 Product delivery of printed boards: into the finished-goods store pack by pack, boxed by destination, labelled, sent.

Wu Gang (吴刚) inspects and brings the boards, Feng Bo (冯博) keeps the store, Zheng Li (郑丽) is the sales clerk.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from scenario_company import Company, refused

from server.core.errors import PermissionRefused

BOARD = "PCB-6L-0217"
PHONE = "024-55660033"
SURPLUS = {"surplus_zone": "KC-01", "surplus_place": "KC-01-1-3"}


def brought(works: Company, order: str, *packs: int, wanted: int = 100, **values: Any) -> str:
    """Wu Gang brings the packs of a batch with its routing card and certificate."""
    given = {
        "order_number": order, "item": BOARD, "order_qty": wanted, "routing_card": "SGD-07", "certificate_number": "HGZ-07",
        "zone": "CP-03", "packs": [{"pack_number": str(number), "certificate_qty": qty} for number, qty in enumerate(packs, 1)],
    }  # fmt: skip
    return str(works.wugang.enters("Inbound Receipt", **given | values)["name"])


def taken_in(works: Company, name: str, *counted: int | None, **values: Any) -> dict[str, Any]:
    """Feng Bo counts every pack and takes the batch in."""
    packs = works.fengbo.reads("Inbound Receipt", name)["packs"]
    rows = [{"name": row["name"], "counted_qty": qty} for row, qty in zip(packs, counted, strict=True)]
    return works.fengbo.submits("Inbound Receipt", name, packs=rows, keeper="fengbo", **values)


def note(works: Company, destination: str | None, **values: Any) -> str:
    given = {
        "customer": works.customers["航达精密"], "order_number": "HT-07", "consignee": "刘凯", "destination": destination,
        "items": [{"item": BOARD, "lot": works.lot(BOARD), "qty": 5}],
    }  # fmt: skip
    return str(works.zhengli.enters("Shipment Note", **given | values)["name"])


# S07-03, S07-04: what comes with the batch, and every pack counted


def test_a_batch_comes_with_its_routing_card_certificate_and_order(works: Company) -> None:
    with refused("随工单号", "合格证号"):
        brought(works, "HT-0704", 10, routing_card=None, certificate_number=None)
    name = brought(works, "HT-0704", 60, 40)
    assert name.startswith("RK-2026-")
    said = works.fengbo.prints("Inbound Receipt", name)
    for text in ("入库登记单", "RCCC-03", "HT-0704", "SGD-07", "HGZ-07", "六层印制板", "检验员（送交）", "库管员（接收）"):
        assert text in said


@pytest.mark.parametrize(
    ("counted", "faults"),
    [
        pytest.param((25, 24), ["第 2 包", "合格证 25，清点 24，差 -1"], id="one missing"),
        pytest.param((26, 25), ["第 1 包", "清点 26，差 1"], id="one too many"),
        pytest.param((25, None), ["第 2 包", "尚未清点"], id="not counted"),
    ],
)
def test_a_pack_that_differs_from_its_certificate_is_not_received_until_recounted(
    works: Company, counted: tuple[int | None, ...], faults: list[str]
) -> None:
    name = brought(works, f"HT-0703-{counted}", 25, 25)
    with refused(*faults, "S07-03"):
        taken_in(works, name, *counted)
    assert works.on_hand(name) == 0
    works.wugang.changes("Inbound Receipt", name, remarks="再次校对")
    assert taken_in(works, name, 25, 25)["docstatus"] == 1
    assert works.on_hand(name) == 50


def test_the_inspector_does_not_count_for_the_keeper(works: Company) -> None:
    name = brought(works, "HT-0703B", 25)
    [pack] = works.wugang.reads("Inbound Receipt", name)["packs"]
    with pytest.raises(PermissionRefused):
        works.wugang.changes("Inbound Receipt", name, packs=[{"name": pack["name"], "counted_qty": 25}])
    with pytest.raises(PermissionRefused):
        works.wugang.submits("Inbound Receipt", name)


# S07-01: short of the order; the next batch fills it


def test_a_short_batch_leaves_an_open_balance_that_the_next_batch_fills(works: Company) -> None:
    first = brought(works, "HT-0701", 80)
    received = taken_in(works, first, 80)
    assert (received["order_part"], received["open_balance"], received["surplus"]) == (80, 20, 0)
    [asked] = works.songtao.inbox(first)
    assert "尚缺 20" in asked.obligation.title.zh
    [row] = works.zhengli.runs("open-balances", order_number="HT-0701").rows
    assert (row["ordered"], row["received"], row["short"]) == (100, 80, 20)

    second = works.wugang.makes(
        "Inbound Receipt", "Inbound Receipt", first, routing_card="SGD-08", certificate_number="HGZ-08",
        packs=[{"pack_number": "1", "certificate_qty": 20}],
    )["name"]  # fmt: skip
    filled = taken_in(works, second, 20)
    assert (filled["received_before"], filled["fills"], filled["order_part"], filled["open_balance"]) == (80, first, 20, 0)
    assert works.songtao.inbox(first) == works.songtao.inbox(second) == []


def test_the_order_quantity_stays_the_same_from_batch_to_batch(works: Company) -> None:
    taken_in(works, brought(works, "HT-0701B", 10), 10)
    with refused("此前登记为 100，现为 101"):
        brought(works, "HT-0701B", 10, wanted=101)


def test_two_receipts_of_one_order_do_not_both_fill_its_balance(works: Company) -> None:
    names = [brought(works, "HT-0708", 60), brought(works, "HT-0708", 60)]
    packs = {name: works.fengbo.reads("Inbound Receipt", name)["packs"] for name in names}

    def take_in(name: str) -> None:
        rows = [{"name": row["name"], "counted_qty": 60} for row in packs[name]]
        works.fengbo.submits("Inbound Receipt", name, packs=rows, keeper="fengbo", **SURPLUS)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(take_in, names))
    taken = sorted((works.fengbo.reads("Inbound Receipt", name) for name in names), key=lambda one: one["surplus"])
    assert [(one["order_part"], one["surplus"], one["open_balance"]) for one in taken] == [(60, 0, 40), (40, 20, 0)]


# S07-02: more than the order; the rest becomes surplus, apart, and is not shipped under it


def test_what_is_too_many_becomes_a_surplus_lot_of_its_own(works: Company) -> None:
    name = brought(works, "HT-0702", 104)
    with refused("多出 4", "备份", "S07-02"):
        taken_in(works, name, 104)
    with refused("不是库存板放置区"):
        taken_in(works, name, 104, surplus_zone="CP-03")
    received = taken_in(works, name, 104, **SURPLUS)
    assert (received["order_part"], received["surplus"], received["open_balance"]) == (100, 4, 0)
    surplus = works.fengbo.reads("Stock Lot", f"{name}-备份")
    assert (surplus["kind"], surplus["zone"], surplus["order_number"]) == ("Surplus", "KC-01", "HT-0702")
    assert surplus["place"] == "KC-01-1-3"
    assert (works.on_hand(name), works.on_hand(f"{name}-备份")) == (100, 4)
    assert "备份" in works.fengbo.prints("Stock Lot", f"{name}-备份")


def test_surplus_is_not_shipped_under_the_order_it_is_left_from(works: Company) -> None:
    name = brought(works, "HT-0702B", 101)
    taken_in(works, name, 101, **SURPLUS)
    for order, is_refused in (("HT-0702B", True), ("HT-0799", False)):
        shipment = note(works, None, order_number=order, items=[{"item": BOARD, "lot": f"{name}-备份", "qty": 1}])
        works.hezhong.approves(shipment)
        [row] = works.fengbo.reads("Shipment Note", shipment)["items"]
        picked = [{"name": row["name"], "picked_qty": 1}]
        if is_refused:
            with refused("是合同 HT-0702B 的备份", "S07-02"):
                works.fengbo.submits("Shipment Note", shipment, items=picked)
        else:
            rows = [{"shipment_note": shipment, "item": BOARD, "lot": f"{name}-备份", "qty": 1}]
            works.zhengli.changes("Shipment Note", shipment, destination="沈阳")
            box = works.fengbo.enters("Packing Box", destination="沈阳", box_number="1/1", items=rows)["name"]
            works.fengbo.submits("Packing Box", box)
            assert works.fengbo.submits("Shipment Note", shipment, items=picked)["docstatus"] == 1


# S07-10: a lot has its place within the zone; another order's goods are kept apart


def test_a_lot_lies_at_the_place_of_its_customer_and_another_order_is_told_there(works: Company) -> None:
    name = brought(works, "HT-0710", 10, customer=works.customers["航达精密"], place="CP-03-2-5")
    taken_in(works, name, 10)
    lot = works.fengbo.reads("Stock Lot", name)
    assert (lot["place"], lot["customer"]) == ("CP-03-2-5", works.customers["航达精密"])
    other = brought(works, "HT-0711", 10, place="CP-03-2-6")
    taken_in(works, other, 10)
    moved = works.site.documents.save(works.fengbo.user, "Stock Lot", {"place": "CP-03-2-5"}, name=other)
    assert any(name in fault.text.zh and "分开放置" in fault.text.zh for fault in moved.warnings)
    again = works.site.documents.save(works.fengbo.user, "Stock Lot", {"place": "CP-03-2-7"}, name=other)
    assert not [fault for fault in again.warnings if "分开放置" in fault.text.zh]


# S07-05: zones by purpose and destination office


def test_zones_are_kept_apart_and_a_lot_lies_in_one(works: Company) -> None:
    assert works.fengbo.reads("Storage Zone", "CP-03")["destination"] == "沈阳"
    lot = works.lot(BOARD)
    with refused("库存板放置区"):
        works.fengbo.changes("Stock Lot", lot, zone="KC-01")
    assert works.fengbo.changes("Stock Lot", lot, zone="CP-05")["zone"] == "CP-05"
    with refused("不是待发产品区或产品放置区"):
        brought(works, "HT-0705", 10, zone="CL-01")


# S07-06: what leaves today and tomorrow


def test_the_shipping_list_holds_today_and_tomorrow(works: Company) -> None:
    today = date(2026, 6, 15)
    for days in (-1, 0, 1, 2):
        note(works, "郑州", order_number=f"HT-0706{days:+}", ship_date=today + timedelta(days=days))
    rows = works.fengbo.runs("shipping-list", destination="郑州").rows
    assert [row["order_number"] for row in rows] == ["HT-0706+0", "HT-0706+1"]
    assert {(row["item"], row["qty"]) for row in rows} == {(BOARD, 5)}


# S07-07, S07-08: one box, one destination; its label says where to, for whom, and what


def test_a_box_holds_what_goes_to_one_destination(works: Company) -> None:
    shenyang, beijing, nowhere = note(works, "沈阳"), note(works, "北京"), note(works, None)
    rows = [{"shipment_note": name, "item": BOARD, "lot": works.lot(BOARD), "qty": 5} for name in (shenyang, beijing, nowhere)]
    with refused("第 2 行", "发往“北京”，本箱发往“沈阳”", "第 3 行", "没有填写发往目的地", "S07-08"):
        works.fengbo.enters("Packing Box", destination="沈阳", box_number="1/1", items=rows)
    box = works.fengbo.makes("Packing Box", "Shipment Note", shenyang, box_number="1/1")
    assert (box["destination"], [row["shipment_note"] for row in box["items"]], box["total_qty"]) == ("沈阳", [shenyang], 5)


def test_the_box_label_is_printed_only_with_everything_on_it(works: Company) -> None:
    box = works.fengbo.makes("Packing Box", "Shipment Note", note(works, "其它"), box_number="1/2")["name"]
    with refused("不能打印“发货箱标签”", "联系电话", "S07-07"):
        works.fengbo.prints("Packing Box", box)
    works.fengbo.changes("Packing Box", box, consignee_phone=PHONE, label_items=[{"label_item": "客户料号"}])
    with refused("第 1 行“内容”"):
        works.fengbo.prints("Packing Box", box)
    [row] = works.fengbo.reads("Packing Box", box)["label_items"]
    works.fengbo.changes("Packing Box", box, label_items=[{"name": row["name"], "content": "AH-0217"}])
    said = works.fengbo.prints("Packing Box", box)
    for text in ("其它", "刘凯", PHONE, BOARD, works.lot(BOARD), "1/2", "客户料号：AH-0217"):
        assert text in said


# S07-09: how it is sent, and by whom


@pytest.mark.parametrize(
    ("urgency", "safety", "weight", "mode"),
    [
        ("Urgent", "Ordinary", 30, "Courier"), ("Urgent", "Ordinary", "30.1", "Truck"), ("Normal", "Ordinary", 5, "Post"),
        ("Normal", "Ordinary", "5.1", "Truck"), ("Normal", "Ordinary", "200.1", "Rail"), ("Normal", "Fragile", 500, "Truck"),
        ("Urgent", "Oversize", 10, "Truck"),
    ],
)  # fmt: skip
def test_urgency_safety_and_cost_choose_how_it_is_sent(
    works: Company, urgency: str, safety: str, weight: float | str, mode: str
) -> None:
    carrier = works.zhengli.enters("Carrier", carrier_name=f"承运 {urgency} {safety} {weight}")["name"]
    made = works.zhengli.makes(
        "Vehicle Arrangement", "Shipment Note", note(works, "沈阳"), urgency=urgency, safety=safety, weight_kg=weight,
        quotes=[{"carrier": carrier, "price": 100, "chosen": 1}],
    )  # fmt: skip
    assert made["dispatch_mode"] == mode


def test_a_carrier_without_agreement_carries_nothing(works: Company) -> None:
    carriers = [works.zhengli.enters("Carrier", carrier_name=f"无协议 {number}")["name"] for number in (1, 2)]
    quotes = [{"carrier": name, "price": 100, "chosen": number} for number, name in enumerate(carriers)]
    made = works.zhengli.makes("Vehicle Arrangement", "Shipment Note", note(works, "沈阳"), quotes=quotes)
    with refused("没有有效的运输合同或协议", "S07-09"):
        works.zhengli.submits("Vehicle Arrangement", made["name"])
