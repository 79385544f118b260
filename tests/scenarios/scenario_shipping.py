"""A shipment, as several procedures play it: inspected, noted, picked, shipped, and what the driver brings back.

Wu Gang (吴刚) inspects, Zheng Li (郑丽) is the sales clerk, He Zhong (何忠) the leader in charge, Feng Bo (冯博) the warehouse keeper.
"""

from __future__ import annotations

from typing import Any

from scenario_company import PNG, Company

MACHINE, RECEIPT = "VMC850E-2606-012", "Delivery Receipt"


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


def line(inspection: str | None, batch: str = MACHINE) -> list[dict[str, Any]]:
    return [{"item": "VMC850E", "batch": batch, "qty": 1, "final_inspection": inspection}]


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
