"""S17 Dispatch: only from stock, verified, loaded against the substitute ticket, let out by the guard, followed until it arrives.

Zheng Li (郑丽) of sales arranges, He Zhong (何忠) releases, He Jun (何军) heads manufacturing, Song Tao (宋涛) the assembly shop, Feng Bo
(冯博) the store; Shen Jie (沈洁) manages sales, Wu Gang (吴刚) and Qian Li (钱立) of quality follow up what was late.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from scenario_company import PNG, Company, refused

from server.access.user import User
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


# S17-11: production hears what leaves on which day


def test_production_is_told_of_a_shipment_and_of_another_day(works: Company) -> None:
    day = works.clock.now().date() + timedelta(days=3)
    name = note(works, ship_date=day)
    works.zhengli.changes("Shipment Note", name, remarks="木箱两只")
    works.zhengli.changes("Shipment Note", name, ship_date=day + timedelta(days=1))
    works.passes(minutes=1)
    heard = [text for text in works.hejun.is_told() if name in text and "备货" in text]
    assert sorted(text[:10] for text in heard) == ["2026-06-18", "2026-06-19"]


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
    assert gate["pass_title"] == f"苏E·1 {shipment}"  # the same vehicle comes again
    assert gate["packages"] == 3
    for driver in ({}, {"driver_name": "韩卫东", "driver_count": 2}):  # S03-07
        if driver:
            works.fengbo.changes("Shipment Note", shipment, **driver)
        with refused("司机", "S03-07"):
            works.lishun.submits("Gate Pass", gate["name"], counted_packages=3)
    works.fengbo.changes("Shipment Note", shipment, driver_count=3)
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
    assert all(text in said for text in ("产品交付监控统计表", "RCFH-05", "2026-06", "75.0%", "外协件晚到"))
    assert "2026-06-01" not in said  # it is of a month
    company.passes(days=2)
    assert company.named("Delivery Statistics", month_of=date(2026, 6, 1)) == drawn_up  # once


# S17-08: what was sent is followed until it arrives


def sent(works: Company, **values: Any) -> str:
    """On its way to Shenyang, two days from here."""
    given = {"destination": "沈阳", "ship_date": date(2026, 6, 15), "special_requirements": None} | values
    name = note(works, **given)
    works.hezhong.approves(name)
    works.fengbo.submits("Shipment Note", name, items=picked(works, name))
    return name


ARRIVAL = "shipment-arrival-due"


def test_when_it_should_arrive_follows_from_the_destination_and_is_confirmed(works: Company) -> None:
    name = sent(works)
    assert works.zhengli.reads("Shipment Note", name)["expected_arrival"] == date(2026, 6, 17)
    [owed] = works.obligations("Shipment Note", name, ARRIVAL)
    assert owed.owed_by_role == "Sales Clerk"
    arrived = works.zhengli.changes("Shipment Note", name, arrived_on=date(2026, 6, 17))
    assert arrived["arrival_days_late"] == 0
    assert works.obligations("Shipment Note", name, ARRIVAL)[0].state == "met"


def test_a_day_late_says_what_happened_and_sales_is_told_at_once(works: Company) -> None:
    name = sent(works)
    with refused("晚于预计的", "S17-10"):
        works.zhengli.changes("Shipment Note", name, arrived_on=date(2026, 6, 18))
    told = {"transit_incident": "高速封路", "transit_measure": "改走国道，已告知收货人"}
    done = works.zhengli.changes("Shipment Note", name, arrived_on=date(2026, 6, 18), **told)
    assert done["arrival_days_late"] == 1
    works.passes(minutes=1)
    assert any(name in text and "高速封路" in text for text in works.shenjie.is_told())


def test_an_arrival_that_nobody_confirms_goes_to_the_sales_manager(works: Company) -> None:
    name = sent(works)
    works.passes(days=4)
    assert works.obligations("Shipment Note", name, ARRIVAL)[0].state in ("late", "escalated")
    assert name in [item.obligation.name for item in works.shenjie.inbox(name)]


@pytest.mark.parametrize(("day", "arrived"), [(17, date(2026, 6, 17)), (18, None)], ids=["in time", "late: sales explains it"])
def test_the_signed_note_is_the_arrival_when_it_was_in_time(works: Company, day: int, arrived: date | None) -> None:
    name = sent(works)
    receipt = works.zhengli.makes("Delivery Receipt", "Shipment Note", name, received_on=date(2026, 6, day), received_by="刘")
    rows = [{"name": row["name"], "received_qty": row["qty"]} for row in receipt["items"]]
    signed = works.zhengli.uploads("签收单.png", PNG)
    works.zhengli.submits("Delivery Receipt", receipt["name"], items=rows, signed_note=signed)
    assert works.zhengli.reads("Shipment Note", name)["arrived_on"] == arrived
    assert works.obligations("Shipment Note", name, ARRIVAL)[0].state == ("met" if arrived else "open")


def test_what_the_customer_picks_up_is_not_followed(works: Company) -> None:
    name = note(works, destination="沈阳", delivery_mode="Customer Pick-up")
    assert works.zhengli.reads("Shipment Note", name)["expected_arrival"] is None
