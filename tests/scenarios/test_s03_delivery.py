"""S03 Delivery: the shipment note is released, picked line by line, and only then leaves the warehouse.

Zheng Li (郑丽) is the sales clerk, He Zhong (何忠) the leader in charge, Feng Bo (冯博) the warehouse keeper.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scenario_company import Company, said

from server.core.errors import PermissionRefused, ValidationFailed

Sign = Callable[[str], dict[str, str]]
MACHINE = "VMC850E-2606-012"


def inspected(company: Company, batch: str, *, failing: bool = False, **values: Any) -> str:
    """Wu Gang inspects a machine, judges every item and issues the report."""
    made = company.wugang.enters("Final Inspection", item="VMC850E", batch=batch)
    checks = [{"name": row["name"], "result": "Pass"} for row in made["checks"]]
    if failing:
        checks[1]["result"] = "Fail"
    else:
        values = {"certificate_number": f"HG-{batch}"} | values
    return str(company.wugang.submits("Final Inspection", made["name"], checks=checks, **values)["name"])


def note(company: Company, **values: Any) -> str:
    """Zheng Li writes the note: one machine that was inspected, two screws, four pumps."""
    given = {
        "customer": company.customers["航达精密"],
        "order_number": "HT-2606-012",
        "consignee": "刘敏",
        "items": [
            {
                "item": "VMC850E",
                "batch": MACHINE,
                "lot": company.lot("VMC850E", MACHINE),
                "qty": 1,
                "final_inspection": inspected(company, MACHINE),
            },
            {"item": "BJ-GS32", "batch": "260511", "lot": company.lot("BJ-GS32"), "qty": 2},
            {"item": "BJ-LUB", "lot": company.lot("BJ-LUB", "260420"), "qty": 4},
        ],
    }
    return str(company.zhengli.enters("Shipment Note", **given | values)["name"])


def pick(company: Company, name: str, *quantities: object) -> dict[str, Any]:
    """Feng Bo counts what stands on the pallet."""
    rows = company.fengbo.reads("Shipment Note", name)["items"]
    counted = [{"name": row["name"], "picked_qty": picked} for row, picked in zip(rows, quantities, strict=True)]
    return company.fengbo.changes("Shipment Note", name, items=counted, keeper="fengbo")


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
