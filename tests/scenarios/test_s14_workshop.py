"""S14 Workshop: what is added to an order starts after the customer's authorisation."""

from __future__ import annotations

from collections.abc import Callable

from scenario_company import Company, refused

Sign = Callable[[str], dict[str, str]]


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
