"""S17 Dispatch: vehicles by price, carriers with agreement and qualification, late shipments analysed.

Zheng Li (郑丽) of sales arranges, Feng Bo (冯博) ships, He Zhong (何忠) releases, Wu Gang (吴刚) of quality follows up.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from scenario_company import Company, refused

from server.access.user import User

Sign = Callable[[str], dict[str, str]]


# S17-03, S03-02, S03-06, S07-09: vehicles by price, carriers with agreement and qualification


def test_vehicles_are_compared_and_a_carrier_needs_agreement_and_qualification(works: Company) -> None:
    today = date(2026, 6, 15)
    valid = {"agreement_valid_to": today, "qualified_to": today}
    good = works.zhengli.enters("Carrier", carrier_name="顺达物流", **valid)["name"]
    cheap = works.zhengli.enters(
        "Carrier", carrier_name="快马货运", agreement_valid_to=today - timedelta(days=1), qualified_to=today
    )["name"]
    note = works.zhengli.enters(
        "Shipment Note",
        customer=works.customers["市二院"],
        order_number="HT-17",
        ship_date=today,
        consignee="张",
        items=[{"item": "BJ-DSR", "qty": 1}],
    )
    quotes = [{"carrier": good, "price": 900, "chosen": 1}, {"carrier": cheap, "price": 800}]
    with refused("高于最低报价", "S17-03"):
        works.zhengli.makes("Vehicle Arrangement", "Shipment Note", note["name"], quotes=quotes)
    made = works.zhengli.makes("Vehicle Arrangement", "Shipment Note", note["name"], quotes=quotes, reason="快马协议到期")
    swapped = [quotes[0] | {"chosen": 0}, quotes[1] | {"chosen": 1}]
    works.zhengli.changes("Vehicle Arrangement", made["name"], quotes=swapped)
    with refused("快马货运", "S03-02"):
        works.zhengli.submits("Vehicle Arrangement", made["name"])
    works.zhengli.changes("Vehicle Arrangement", made["name"], quotes=quotes)
    assert works.zhengli.submits("Vehicle Arrangement", made["name"])["docstatus"] == 1
    with refused("尚未出库", "S17-05"):
        works.fengbo.enters("Gate Pass", shipment_note=note["name"], vehicle_number="辽A1")


# S17-06: what leaves later than the customer wanted has its cause analysed and a measure taken


def late_note(works: Company, *, days_late: int) -> str:
    """Released and picked; it leaves so many days after the day that the customer set."""
    given = {
        "customer": works.customers["市二院"], "order_number": "HT-17-06", "ship_date": date(2026, 6, 15), "consignee": "张",
        "promised_on": date(2026, 6, 15) - timedelta(days=days_late), "items": [{"item": "BJ-DSR", "lot": works.lot("BJ-DSR"), "qty": 2}],
    }  # fmt: skip
    name = str(works.zhengli.enters("Shipment Note", **given)["name"])
    works.hezhong.approves(name)
    record = works.fengbo.reads("Shipment Note", name)
    rows = [{"name": row["name"], "picked_qty": row["qty"]} for row in record["items"]]
    works.fengbo.changes("Shipment Note", name, items=rows, keeper="fengbo")
    return name


def actions_for(works: Company, note: str) -> list[dict[str, Any]]:
    where, fields = [("reference_name", "=", note)], ["name", "origin", "responsible_department", "status"]
    return [
        dict(row)
        for row in works.site.queries.list(User.administrator(), "Corrective Action", filters=where, fields=fields).rows
    ]


def test_what_leaves_on_the_promised_day_needs_no_analysis(works: Company) -> None:
    note = late_note(works, days_late=0)
    works.fengbo.submits("Shipment Note", note)
    assert actions_for(works, note) == []


def test_what_leaves_a_day_late_opens_one_analysis_for_the_department_responsible(works: Company) -> None:
    note = late_note(works, days_late=1)
    with refused("晚于顾客要求", "S17-06"):
        works.fengbo.submits("Shipment Note", note)
    assert actions_for(works, note) == []
    works.zhengli.makes("Customer Communication", "Shipment Note", note, content="缺密封圈，晚一天", reply="同意")  # S05-04
    why = {"late_department": "装配车间", "late_reason": "缺密封圈，外协晚到"}
    works.fengbo.submits("Shipment Note", note, **why)
    [action] = actions_for(works, note)
    assert (action["origin"], action["responsible_department"], action["status"]) == ("Late Shipment", "装配车间", "Open")
    with refused("S13-08"):  # done only with its cause and measure
        works.wugang.changes("Corrective Action", action["name"], done_on=date(2026, 6, 16))


# S17-07: by the 5th of each month the deliveries of the month before are drawn up, and each miss is followed


def test_the_month_before_is_drawn_up_by_itself_and_each_miss_followed_until_effective(company: Company) -> None:
    for days_late in (0, 0, 0, 2):
        name = late_note(company, days_late=days_late)
        if days_late:
            company.zhengli.makes("Customer Communication", "Shipment Note", name, content="晚两天", reply="同意")
        company.fengbo.submits("Shipment Note", name, late_department="装配车间", late_reason="缺密封圈")
    late_note(company, days_late=1)  # written, not shipped
    [action] = actions_for(company, name)
    company.passes(days=15)  # 30 June
    assert company.site.queries.list(User.administrator(), "Delivery Statistics").rows == []
    company.passes(hours=23)  # 1 July, 08:00
    drawn_up = company.named("Delivery Statistics", month_of=date(2026, 6, 1))
    record = company.shenjie.reads("Delivery Statistics", drawn_up)
    assert (record["shipments"], record["on_time"], record["late"], record["late_days"]) == (4, 3, 1, 2)
    assert (record["on_time_rate"], record["actions"], record["actions_open"]) == (75, 1, 1)
    assert [item.obligation.rule for item in company.shenjie.inbox(drawn_up)] == ["delivery-statistics-owed"]
    [month] = company.shenjie.runs("delivery-monitoring").rows
    assert (month["shipments"], month["late"], month["rate"]) == (4, 1, 75)

    reviewed = {"analysis": "外协件晚到，改为双供方", "reviewed_on": date(2026, 7, 3)}
    with refused("还有 1 项未按期交付的纠正措施未验证有效", "S17-07"):
        company.shenjie.changes("Delivery Statistics", drawn_up, **reviewed)
    done = {
        "cause": "外协件晚到",
        "measure": "增加第二供方",
        "action_owner": "songtao",
        "done_on": date(2026, 7, 2),
        "result": "已签约",
    }
    company.wugang.changes("Corrective Action", action["name"], **done)
    company.qianli.changes(
        "Corrective Action",
        action["name"],
        verification="Effective",
        verification_note="七月无延误",
        closed_on=date(2026, 7, 3),
    )
    assert company.shenjie.changes("Delivery Statistics", drawn_up, **reviewed)["reviewed_by"] == "shenjie"
    assert company.shenjie.inbox(drawn_up) == []
    said = company.shenjie.prints("Delivery Statistics", drawn_up)
    assert all(text in said for text in ("产品交付监控统计表", "RCFH-05", "2026-06-01", "75.0%", "外协件晚到"))
    company.passes(days=2)
    assert company.named("Delivery Statistics", month_of=date(2026, 6, 1)) == drawn_up  # once
