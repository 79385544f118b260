"""S17 Dispatch: only from stock, verified by production and sales, loaded against the substitute ticket.

Zheng Li (郑丽) is the sales clerk, He Jun (何军) heads manufacturing, Song Tao (宋涛) the assembly shop, Feng Bo (冯博) the store.
"""

from __future__ import annotations

from typing import Any

import pytest
from scenario_company import Company, refused

from server.core.errors import PermissionRefused

ITEM = "BJ-GS32"


def note(works: Company, **values: Any) -> str:
    given = {
        "customer": works.customers["航达精密"], "order_number": "HT-17", "consignee": "刘敏", "special_requirements": "木箱、防锈",
        "items": [{"item": ITEM, "lot": works.lot(ITEM), "qty": 2}],
    }  # fmt: skip
    return str(works.zhengli.enters("Shipment Note", **given | values)["name"])


def picked(works: Company, name: str) -> list[dict[str, Any]]:
    """The keeper found what the note asks for."""
    return [{"name": row["name"], "picked_qty": row["qty"]} for row in works.fengbo.reads("Shipment Note", name)["items"]]


def verification(works: Company, shipment: str, found: int = 2, result: str = "Met") -> str:
    """Feng Bo writes down what was found of each line."""
    made = works.fengbo.makes("Outbound Verification", "Shipment Note", shipment, requirements_met=result)
    checks = [{"name": row["name"], "name_and_model": "Conforms", "found_qty": found} for row in made["checks"]]
    works.fengbo.changes("Outbound Verification", made["name"], checks=checks)
    return str(made["name"])


def verified(works: Company, shipment: str) -> None:
    name = verification(works, shipment)
    works.fengbo.takes("Send", "Outbound Verification", name)
    works.hejun.approves(name)
    works.zhengli.approves(name)


def loading(works: Company, shipment: str) -> dict[str, Any]:
    return works.songtao.makes("Loading Record", "Shipment Note", shipment, vehicle_number="苏E·1", measures="捆扎、防雨布")


# S17-01: only stocked lots are shipped


def test_what_has_not_been_taken_into_stock_is_not_shipped(works: Company) -> None:
    name = note(works, items=[{"item": ITEM, "qty": 2}])
    works.hezhong.approves(name)
    with refused("没有入库批次", "S17-01"):
        works.fengbo.submits("Shipment Note", name, items=picked(works, name))
    [row] = works.fengbo.reads("Shipment Note", name)["items"]
    lot, before = works.lot(ITEM), works.on_hand(works.lot(ITEM))
    works.zhengli.changes("Shipment Note", name, items=[{"name": row["name"], "lot": lot}])
    assert works.fengbo.submits("Shipment Note", name, items=picked(works, name))["docstatus"] == 1
    assert works.on_hand(lot) == before - 2


def test_a_lot_of_something_else_or_less_than_that_in_stock_is_not_shipped(works: Company) -> None:
    other = note(works, items=[{"item": ITEM, "lot": works.lot("BJ-LUB"), "qty": 1}])
    works.hezhong.approves(other)
    with refused("的批次", "S17-01"):
        works.fengbo.submits("Shipment Note", other, items=picked(works, other))
    on_hand = works.on_hand(works.lot(ITEM))
    much = note(works, items=[{"item": ITEM, "lot": works.lot(ITEM), "qty": on_hand + 1}])
    works.hezhong.approves(much)
    with refused("不够发"):
        works.fengbo.submits("Shipment Note", much, items=picked(works, much))
    assert works.on_hand(works.lot(ITEM)) == on_hand


# S17-02: no loading without the substitute ticket


def test_loading_begins_when_production_has_received_the_substitute_ticket(works: Company) -> None:
    shipment = note(works)
    verified(works, shipment)
    with refused("代用票尚未交到生产技术部", "S17-02"):
        loading(works, shipment)
    ticket = works.zhengli.makes("Substitute Ticket", "Shipment Note", shipment)
    assert [(row["item"], row["qty"]) for row in ticket["items"]] == [(ITEM, 2)]
    with refused("代用票尚未交到生产技术部"):  # written, not handed over
        loading(works, shipment)
    with pytest.raises(PermissionRefused):
        works.zhengli.submits("Substitute Ticket", ticket["name"])
    received = works.hejun.submits("Substitute Ticket", ticket["name"])
    assert (received["received_by"], received["received_at"]) == ("hejun", works.clock.now())
    record = loading(works, shipment)
    with refused("装车完毕时间"):
        works.songtao.submits("Loading Record", record["name"])
    works.passes(minutes=40)
    with refused("清点后填写", "S17-05"):
        works.songtao.submits("Loading Record", record["name"], finished_at=works.clock.now())
    done = works.songtao.submits("Loading Record", record["name"], finished_at=works.clock.now(), packages=2)
    assert done["docstatus"] == 1
    said = works.hejun.prints("Substitute Ticket", ticket["name"])
    assert all(text in said for text in ("代用票", "RCFH-02", shipment, "接收人（生产技术部）"))


def test_a_shipment_has_one_substitute_ticket(works: Company) -> None:
    shipment = note(works)
    works.zhengli.makes("Substitute Ticket", "Shipment Note", shipment)
    with refused("已有代用票"):
        works.zhengli.makes("Substitute Ticket", "Shipment Note", shipment)


# S17-05: no pass, no exit; as many packages as were loaded


def test_the_guard_lets_out_what_was_loaded_and_counted(works: Company) -> None:
    shipment = note(works, packages=3)
    works.hezhong.approves(shipment)
    works.fengbo.submits("Shipment Note", shipment, items=picked(works, shipment))
    with refused("没有装车完毕的装车记录", "S17-05"):
        works.fengbo.makes("Gate Pass", "Shipment Note", shipment, vehicle_number="苏E·1")
    verified(works, shipment)
    works.hejun.submits("Substitute Ticket", works.zhengli.makes("Substitute Ticket", "Shipment Note", shipment)["name"])
    record = loading(works, shipment)["name"]
    with refused("发货单 3 件，装车 2 件", "S17-05"):
        works.songtao.submits("Loading Record", record, finished_at=works.clock.now(), packages=2)
    works.songtao.submits("Loading Record", record, finished_at=works.clock.now(), packages=3)
    gate = works.fengbo.makes("Gate Pass", "Shipment Note", shipment, vehicle_number="苏E·1")
    assert gate["packages"] == 3
    for counted in (2, 4):
        with refused(f"出门证 3 件，门卫清点 {counted} 件", "S17-05"):
            works.lishun.submits("Gate Pass", gate["name"], counted_packages=counted)
    assert works.lishun.submits("Gate Pass", gate["name"], counted_packages=3)["released_by"] == "lishun"


# S17-04: both departments verify what leaves


@pytest.mark.parametrize(
    ("found", "result", "said"),
    [
        (1, "Met", "应发 2，核对 1"),
        (3, "Met", "应发 2，核对 3"),
        (2, "Not Met", "特殊要求不满足"),
        (2, "None Asked", "顾客有特殊要求"),
    ],
)
def test_a_difference_is_not_sent_for_verification(works: Company, found: int, result: str, said: str) -> None:
    name = verification(works, note(works), found, result)
    with refused(said, "S17-04"):
        works.fengbo.takes("Send", "Outbound Verification", name)


def test_production_and_sales_both_verify_before_loading(works: Company) -> None:
    shipment = note(works)
    works.hejun.submits("Substitute Ticket", works.zhengli.makes("Substitute Ticket", "Shipment Note", shipment)["name"])
    name = verification(works, shipment)
    works.fengbo.takes("Send", "Outbound Verification", name)
    works.hejun.approves(name)
    with refused("尚未经生产技术部和营销部出库验证", "S17-04"):
        loading(works, shipment)
    assert works.hejun.inbox(name) == []
    works.zhengli.approves(name)
    assert works.hejun.reads("Outbound Verification", name)["docstatus"] == 1
    assert loading(works, shipment)["docstatus"] == 0
    said = works.hejun.prints("Outbound Verification", name)
    assert all(text in said for text in ("出库验证单", "木箱、防锈", "☑符合", "何军", "郑丽"))


def test_either_department_sends_it_back_with_its_reason(works: Company) -> None:
    name = verification(works, note(works))
    works.fengbo.takes("Send", "Outbound Verification", name)
    works.zhengli.rejects(name, "木箱未贴防潮标识")
    assert works.fengbo.reads("Outbound Verification", name)["workflow_state"] == "Draft"
