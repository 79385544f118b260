"""S08 Medical-device service: warranty, emergencies, and the spare unit within 24 h.

Wang Fang (王芳) takes the calls, Zhao Lei (赵磊) repairs, Feng Bo (冯博) keeps the spare units, Chen Jing (陈静) is the
after-sales manager.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from scenario_company import Company, refused, said, ticket

from server.core.errors import PermissionRefused, ValidationFailed

Sign = Callable[[str], dict[str, str]]
SPARE = "spare-unit-after-12-hours"


def fault(company: Company, **values: Any) -> str:
    """The ward sister calls: the steriliser does not heat."""
    given = {
        "subject": "灭菌器无法升温",
        "customer": company.customers["市二院"],
        "device": "MC250-2501-006",
        "reporter": "梁静",
        "reporter_phone": "0500-66120088",
        "fault_description": "夹层压力 0.05 MPa 后不再上升。",
        "technician": "zhaolei",
    }
    return str(company.wangfang.enters("Service Ticket", **given | values)["name"])


def spare(company: Company, ticket: str) -> list[Any]:
    return company.obligations("Service Ticket", ticket, SPARE)


def issue_spare(company: Company, ticket: str, serial: str) -> str:
    loan = company.fengbo.makes("Spare Unit Loan", "Service Ticket", ticket, spare_item="BY-MC60", spare_serial=serial)
    return str(company.fengbo.submits("Spare Unit Loan", loan["name"])["name"])


# S08-05: not fixed within 12 h, a spare unit within 24 h of the report


def test_after_12_hours_a_spare_unit_is_owed_24_hours_after_the_report(company: Company) -> None:
    ticket = fault(company)
    reported = company.clock.now()

    company.passes(hours=11, minutes=59)
    assert spare(company, ticket) == []

    company.passes(minutes=1)
    [owed] = spare(company, ticket)
    assert (owed.state, owed.owed_by_role, owed.clauses) == ("open", "Customer Service", ("S08-05",))
    assert owed.due_at == reported + timedelta(hours=24)
    [item] = company.wangfang.inbox(ticket)
    assert "须在报修后 24 小时内免费提供备用机" in item.obligation.title.zh
    assert any("12 小时内未修复" in text for text in company.wangfang.is_told())


@pytest.mark.parametrize(
    ("hours", "minutes", "owed"),
    [
        pytest.param(11, 59, False, id="fixed after 11 h 59 min"),
        pytest.param(12, 0, False, id="fixed after exactly 12 h"),
        pytest.param(12, 1, True, id="fixed after 12 h 1 min"),
    ],
)
def test_a_repair_within_12_hours_needs_no_spare_unit(company: Company, hours: int, minutes: int, owed: bool) -> None:
    ticket = fault(company)
    company.clock.advance(hours=hours, minutes=minutes)  # the worker sleeps meanwhile
    company.zhaolei.changes("Service Ticket", ticket, fixed_at=company.clock.now())
    company.passes(hours=2)
    assert bool([item for item in spare(company, ticket) if item.is_owed]) is owed


def test_a_timely_repair_that_is_entered_late_withdraws_the_obligation(company: Company) -> None:
    ticket = fault(company)
    fixed_at = company.clock.now() + timedelta(hours=11, minutes=59)
    company.passes(hours=14)
    assert spare(company, ticket)[0].is_owed

    company.zhaolei.changes("Service Ticket", ticket, fixed_at=fixed_at)

    [owed] = spare(company, ticket)
    assert owed.state == "void"
    assert "已在 12 小时内修复" in owed.void_reason.zh


def test_a_fault_entered_13_hours_late_owes_the_spare_unit_at_once(company: Company) -> None:
    ticket = fault(company, reported_at=company.ago(hours=13))
    [owed] = spare(company, ticket)
    assert owed.due_at == company.clock.now() + timedelta(hours=11)


def test_issuing_the_spare_unit_keeps_the_promise(company: Company) -> None:
    ticket = fault(company)
    company.passes(hours=12)
    loan = issue_spare(company, ticket, "BY-MC60-101")

    [owed] = spare(company, ticket)
    assert (owed.state, owed.decided_by) == ("met", "fengbo")
    assert company.fengbo.reads("Spare Unit Loan", loan)["customer"] == company.customers["市二院"]
    company.passes(hours=20)
    company.wangfang.changes("Service Ticket", ticket, diagnosis="加热管断路。")
    assert [item.state for item in spare(company, ticket)] == ["met"]


def test_a_loan_that_is_cancelled_kept_no_promise(company: Company) -> None:
    ticket = fault(company)
    company.passes(hours=12)
    loan = issue_spare(company, ticket, "BY-MC60-111")
    company.chenjing.cancels("Spare Unit Loan", loan, "开错单，未发出。")

    [owed] = spare(company, ticket)
    assert (owed.state, owed.decided_by, owed.met_by) == ("open", None, None)
    assert [item.obligation.id for item in company.wangfang.inbox(ticket)] == [owed.id]
    issue_spare(company, ticket, "BY-MC60-112")
    assert spare(company, ticket)[0].state == "met"


def test_a_draft_loan_is_no_spare_unit(company: Company) -> None:
    ticket = fault(company)
    company.passes(hours=12)
    company.fengbo.makes("Spare Unit Loan", "Service Ticket", ticket, spare_item="BY-MC60", spare_serial="BY-MC60-102")
    assert spare(company, ticket)[0].state == "open"


def test_a_spare_unit_issued_before_12_hours_leaves_nothing_owed(company: Company) -> None:
    ticket = fault(company)
    company.passes(hours=3)
    issue_spare(company, ticket, "BY-MC60-103")
    company.passes(hours=30)
    assert spare(company, ticket) == []


def test_without_a_spare_unit_after_24_hours_it_goes_to_the_after_sales_manager(company: Company) -> None:
    ticket = fault(company)
    company.passes(hours=12)
    company.passes(hours=8)  # four hours before it is due
    assert any(text.startswith("即将到期") for text in company.wangfang.is_told())
    company.passes(hours=3, minutes=59)
    assert spare(company, ticket)[0].state == "open"
    assert company.chenjing.inbox(ticket) == []

    company.passes(minutes=1)

    [owed] = spare(company, ticket)
    assert owed.state == "escalated"
    assert owed.id in [item.obligation.id for item in company.chenjing.inbox(ticket)]
    issue_spare(company, ticket, "BY-MC60-104")
    assert spare(company, ticket)[0].state == "met"


def test_a_repair_after_12_hours_is_waived_by_the_after_sales_manager_with_a_reason(company: Company) -> None:
    ticket = fault(company)
    company.passes(hours=13)
    company.zhaolei.changes("Service Ticket", ticket, fixed_at=company.clock.now())
    [owed] = spare(company, ticket)
    with pytest.raises(PermissionRefused):
        company.site.owed.waive(company.wangfang.user, owed.id, "已修复")
    company.site.owed.waive(company.chenjing.user, owed.id, "13 小时修复，客户同意不再送备用机。")
    [owed] = spare(company, ticket)
    assert (owed.state, owed.comment) == ("waived", "13 小时修复，客户同意不再送备用机。")


def test_a_corrected_report_time_moves_the_12_hours(company: Company) -> None:
    ticket = fault(company)
    company.wangfang.changes("Service Ticket", ticket, reported_at=company.ago(hours=2))
    company.passes(hours=9, minutes=59)
    assert spare(company, ticket) == []
    company.passes(minutes=1)
    assert spare(company, ticket)[0].is_owed


def test_a_consultation_needs_no_spare_unit(company: Company) -> None:
    ticket = fault(company, request_type="Consultation", subject="询问干燥时间")
    company.passes(hours=30)
    assert spare(company, ticket) == []


def test_the_repair_cannot_lie_before_the_report_or_in_the_future(company: Company) -> None:
    ticket = fault(company)
    with pytest.raises(ValidationFailed) as refusal:
        company.zhaolei.changes("Service Ticket", ticket, fixed_at=company.ago(minutes=1))
    assert "早于报修时间" in said(refusal)
    with pytest.raises(ValidationFailed) as refusal:
        company.zhaolei.changes("Service Ticket", ticket, fixed_at=company.clock.now() + timedelta(minutes=1))
    assert "晚于现在" in said(refusal)


def test_one_spare_unit_is_lent_once_at_a_time(company: Company) -> None:
    first = issue_spare(company, fault(company), "BY-MC60-105")
    loan = company.fengbo.makes(
        "Spare Unit Loan", "Service Ticket", fault(company), spare_item="BY-MC60", spare_serial="BY-MC60-105"
    )
    with pytest.raises(ValidationFailed) as refusal:
        company.fengbo.submits("Spare Unit Loan", loan["name"])
    assert first in said(refusal)

    company.passes(hours=1)
    returned = company.fengbo.changes("Spare Unit Loan", first, returned_at=company.clock.now(), return_condition="Good")
    assert returned["status"] == "Returned"
    assert company.fengbo.submits("Spare Unit Loan", loan["name"])["status"] == "On Loan"


def test_the_customer_signs_for_the_spare_unit_after_it_was_issued(company: Company, signature: Sign) -> None:
    loan = issue_spare(company, fault(company), "BY-MC60-106")
    signed = company.fengbo.changes("Spare Unit Loan", loan, receiver_name="罗斌", receiver_signature=signature("罗斌"))
    assert signed["receiver_signature"]["name"] == "罗斌"
    with pytest.raises(ValidationFailed):
        company.fengbo.changes("Spare Unit Loan", loan, spare_serial="BY-MC60-107")


# S08-01, S08-02: the register of devices and what the warranty covers


def accepted(company: Company, serial: str, on: date, months: int) -> str:
    return str(
        company.wangfang.enters(
            "Installed Device",
            serial_number=serial,
            item="MC250",
            customer=company.customers["云河口腔"],
            acceptance_date=on,
            warranty_months=months,
        )["name"]
    )


def test_the_warranty_runs_from_acceptance_and_defaults_to_the_products_own(company: Company) -> None:
    device = company.wangfang.enters(
        "Installed Device",
        serial_number="MC250-T-001",
        item="MC250",
        customer=company.customers["云河口腔"],
        acceptance_date="2026-01-31",
    )
    assert (device["warranty_months"], device["warranty_end"]) == (24, date(2028, 1, 31))
    longer = company.wangfang.changes("Installed Device", device["name"], warranty_months=25)
    assert longer["warranty_end"] == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("accepted_on", "cause", "charge"),
    [
        pytest.param(date(2025, 6, 15), "Product", "Free", id="last day of the warranty"),
        pytest.param(date(2025, 6, 14), "Product", "Chargeable", id="one day after it"),
        pytest.param(date(2026, 1, 5), "Unknown", "Free", id="in warranty, cause not known yet"),
        pytest.param(date(2026, 1, 5), "Human", "Chargeable", id="human cause"),
        pytest.param(date(2026, 1, 5), "Force Majeure", "Chargeable", id="force majeure"),
    ],
)
def test_the_charge_follows_from_acceptance_warranty_and_cause(
    company: Company, accepted_on: date, cause: str, charge: str
) -> None:
    serial = accepted(company, f"MC250-{accepted_on}-{cause}", accepted_on, 12)
    ticket = company.wangfang.reads("Service Ticket", fault(company, device=serial, damage_cause=cause))
    assert ticket["charge_basis"] == charge


def test_a_chargeable_fault_says_so_until_it_is_quoted(company: Company) -> None:
    values = {
        "subject": "进水",
        "customer": company.customers["市二院"],
        "device": "MC250-2501-006",
        "damage_cause": "Force Majeure",
        "fault_description": "电柜进水。",
    }
    [warning] = company.wangfang.warnings_of("Service Ticket", **values)
    assert "属收费服务" in warning
    assert "S08-01" in warning


# S08-03: parts, labour and travel stand apart


def quoted(company: Company, *lines: tuple[str, int, int]) -> dict[str, Any]:
    """Wang Fang quotes a service out of warranty: lines of (price list entry, quantity, price)."""
    items = [{"item": item, "qty": qty, "rate": rate} for item, qty, rate in lines]
    return company.wangfang.enters("Service Quotation", customer=company.customers["东岭汽配"], items=items)


def test_parts_labour_and_travel_are_totalled_apart(company: Company) -> None:
    quotation = quoted(company, ("BJ-7014", 1, 6800), ("BJ-LUB", 2, 980), ("FW-JX", 8, 300), ("FW-CLJ", 1, 800))
    assert (quotation["parts_total"], quotation["labour_total"], quotation["travel_total"]) == (8760, 2400, 800)
    assert quotation["total"] == 11960


def test_cost_is_seen_by_management_and_finance_only(company: Company) -> None:
    quotation = quoted(company, ("BJ-7014", 1, 6800))
    assert "cost_total" not in company.wangfang.reads("Service Quotation", quotation["name"])
    assert company.qianying.reads("Service Quotation", quotation["name"])["cost_total"] == 4150
    assert company.chenjing.reads("Service Quotation", quotation["name"])["items"][0]["cost"] == 4150


# S08-04: dispatch within 3 h in the city, 7 h in the suburbs


def device_in(company: Company, area: str) -> str:
    """A device that stands in that area."""
    [found] = company.site.queries.list(company.wangfang.user, "Installed Device", filters=[["area", "=", area]], limit=1).rows
    return str(found["name"])


@pytest.mark.parametrize(
    ("area", "given", "hours"),
    [
        ("City", {}, 3),
        ("Suburb", {}, 7),
        ("Suburb", {"urgency": "Emergency"}, 3),
        ("Suburb", {"request_type": "Consultation"}, None),
    ],
    ids=["city", "suburb", "emergency", "advice"],
)
def test_the_dispatch_time_follows_from_the_table(
    company: Company, area: str, given: dict[str, str], hours: int | None
) -> None:
    ticket = fault(company, device=device_in(company, area), **given)
    assert company.wangfang.reads("Service Ticket", ticket)["dispatch_hours"] == hours


@pytest.mark.parametrize(("minutes", "told"), [(0, False), (1, True)])
def test_a_dispatch_later_than_the_table_allows_is_told(company: Company, minutes: int, told: bool) -> None:
    ticket = fault(company, device=device_in(company, "City"))
    company.passes(hours=3, minutes=minutes)
    saved = company.site.documents.save(
        company.wangfang.user, "Service Ticket", {"dispatched_at": company.clock.now()}, name=ticket
    )
    late = [item.text.zh for item in saved.warnings if item.rule == "ticket-dispatched-late"]
    assert bool(late) is told
    assert all("超过时限 3 小时" in text and "S08-04" in text for text in late)


# S08-08: emergencies are reported at once


def test_an_emergency_is_told_to_the_after_sales_manager_once(company: Company) -> None:
    ticket = fault(company, urgency="Normal")
    company.passes(minutes=1)
    before = [text for text in company.chenjing.is_told() if ticket in text]
    company.wangfang.changes("Service Ticket", ticket, urgency="Emergency")
    company.passes(minutes=1)
    company.wangfang.changes("Service Ticket", ticket, diagnosis="加热管断路。")
    company.passes(minutes=1)
    told = [text for text in company.chenjing.is_told() if ticket in text]
    assert before == []
    assert len(told) == 1
    assert "特急报修" in told[0]


# S08-04: on site within 8 working hours of the report


def arrival(company: Company, ticket: str) -> Any:
    [owed] = company.obligations("Service Ticket", ticket, "ticket-arrive-in-8-working-hours")
    return owed


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


def test_arrival_is_due_after_8_working_hours_nights_weekends_and_holidays_left_out(company: Company) -> None:
    company.clock.set(at("2026-06-18 16:00"))  # a Thursday; the Dragon Boat Festival lasts from Friday to Sunday
    owed = arrival(company, fault(company))
    assert (owed.owed_by_user, owed.due_at, owed.clauses) == ("zhaolei", at("2026-06-22 16:00"), ("S08-04",))
    company.clock.set(at("2026-10-09 16:00"))  # a Friday; the Saturday after it is worked
    assert arrival(company, fault(company)).due_at == at("2026-10-10 16:00")


def test_arriving_in_time_meets_it_and_keeps_how_long_it_took(company: Company) -> None:
    ticket = fault(company)
    company.passes(hours=7, minutes=59)  # 16:59: an hour of it was lunch
    company.zhaolei.changes("Service Ticket", ticket, arrived_at=company.clock.now())
    met = arrival(company, ticket)
    assert (met.state, met.breached_at, met.elapsed_seconds) == ("met", None, 7 * 3600 - 60)


def test_a_late_arrival_goes_up_step_by_step(company: Company) -> None:
    ticket = fault(company)

    def sees(person: Any) -> list[str]:
        rule = "ticket-arrive-in-8-working-hours"
        return [item.obligation.state for item in person.inbox(ticket) if item.obligation.rule == rule]

    company.passes(hours=22)
    assert sees(company.chenjing) == []
    company.passes(hours=2)  # 9 o'clock on the next day
    assert (sees(company.chenjing), sees(company.zhangjianguo)) == (["escalated"], [])
    company.passes(hours=24)
    assert (sees(company.chenjing), sees(company.zhangjianguo)) == (["escalated"], ["escalated"])
    assert any("超期升级" in text and ticket in text for text in company.zhangjianguo.is_told())


# S08-06: visits every 3 months in warranty, every 6 after; a call every month


def test_visits_are_planned_from_the_acceptance_and_kept_by_maintenance(company: Company) -> None:
    given = {"item": "MC250", "customer": company.customers["市二院"], "acceptance_date": "2026-06-15"}
    device = str(company.wangfang.enters("Installed Device", serial_number="MC250-2606-099", **given)["name"])
    visits = company.obligations("Installed Device", device, "device-visit-in-warranty")
    days = sorted(item.due_at.astimezone(ZoneInfo("Asia/Shanghai")).date() for item in visits)
    assert days == [date(2026, 9, 15)]
    assert company.obligations("Installed Device", device, "device-visit-after-warranty") == []

    company.passes(days=90)
    ticket = fault(company, device=device, request_type="Maintenance")
    company.passes(minutes=30)
    company.zhaolei.changes("Service Ticket", ticket, arrived_at=company.clock.now())
    company.zhaolei.changes("Service Ticket", ticket, fixed_at=company.clock.now(), resolution="已保养。")
    company.wangfang.changes("Service Ticket", ticket, closed_at=company.clock.now())
    states = [item.state for item in company.obligations("Installed Device", device, "device-visit-in-warranty")]
    assert states == ["met"]
    company.passes(days=3)
    company.passes(days=97)
    [late] = [
        item
        for item in company.obligations("Installed Device", device, "device-visit-in-warranty")
        if item.state != "met" and item.due_at < company.clock.now()
    ]
    assert late.state == "escalated"


def device(company: Company, serial: str, **values: Any) -> str:
    given = {"item": "MC250", "customer": company.customers["市二院"], "serial_number": serial}
    return str(company.wangfang.enters("Installed Device", **given | values)["name"])


def due_days(company: Company, name: str, rule: str) -> list[tuple[date, str]]:
    found = [item for item in company.obligations("Installed Device", name, rule) if item.state != "void"]
    return sorted((item.due_at.astimezone(ZoneInfo("Asia/Shanghai")).date(), item.state) for item in found)


def test_after_the_warranty_visits_are_every_six_months_from_the_day_after_it_ended(company: Company) -> None:
    given = {"acceptance_date": "2025-06-17", "warranty_months": 12}
    name, rule = device(company, "MC250-2506-101", **given), "device-visit-after-warranty"
    assert company.wangfang.reads("Installed Device", name)["warranty_end"] == date(2026, 6, 17)
    company.passes(days=2, hours=14, minutes=59)  # the last day of the warranty, 23:59
    assert due_days(company, name, rule) == []
    company.passes(minutes=2)
    assert due_days(company, name, rule) == [(date(2026, 12, 17), "open")]


def test_customers_are_called_every_month_and_a_recorded_call_is_the_one_that_was_due(company: Company) -> None:
    company.clock.set(at("2026-01-31 09:00"))
    name, rule = device(company, "MC250-2601-102", acceptance_date="2026-01-31"), "device-monthly-call"
    assert due_days(company, name, rule) == [(date(2026, 2, 28), "open")], "the last day of a short month"
    call = {
        "customer": company.customers["市二院"],
        "device": name,
        "visitor": "wangfang",
        "findings": "正常",
        "contact": "梁静",
    }
    company.clock.set(at("2026-02-27 10:00"))
    for method, states in (("SMS", ["open"]), ("Phone", ["met"])):
        made = company.wangfang.enters("Customer Visit", method=method, visited_at=company.clock.now(), **call)["name"]
        company.wangfang.submits("Customer Visit", made)
        assert [state for _, state in due_days(company, name, rule)] == states, method
    company.clock.set(at("2026-03-01 00:01"))
    company.passes(minutes=1)
    assert due_days(company, name, rule) == [(date(2026, 2, 28), "met"), (date(2026, 3, 31), "open")]


def test_a_call_that_is_not_made_escalates_after_three_working_days(company: Company) -> None:
    name, rule = device(company, "MC250-2605-103", acceptance_date="2026-05-16"), "device-monthly-call"
    [item] = company.obligations("Installed Device", name, rule)
    assert item.due_at == at("2026-06-16 23:59")
    company.clock.set(at("2026-06-22 16:59"))  # Friday the 19th is the Dragon Boat festival
    company.passes(minutes=0)
    assert due_days(company, name, rule)[0][1] == "late"
    company.passes(minutes=2)
    assert due_days(company, name, rule)[0][1] == "escalated"
    company.passes(minutes=1)
    assert any("MC250-2605-103" in text for text in company.chenjing.is_told())


def test_a_retired_device_gets_no_more_calls(company: Company) -> None:
    name = device(company, "MC250-2606-104", acceptance_date="2026-06-01")
    company.chenjing.changes("Installed Device", name, status="Retired")
    assert due_days(company, name, "device-monthly-call") == []


# S08-07: only a technician who is qualified for the model is sent


def test_a_technician_without_a_valid_qualification_for_the_model_is_not_sent(works: Company) -> None:
    with refused("没有", "有效的维修资格", "S08-07"):
        ticket(works, technician="chenjing")
    assert ticket(works, technician="liqiang")["technician"] == "liqiang"
    assert ticket(works, technician="chenjing", request_type="Consultation")["service_mode"] == "Consultation"


def test_a_qualification_counts_to_its_last_day(works: Company) -> None:
    employee = works.chenjing.enters(
        "Employee", employee_name="许可", employee_number="0399", department="工艺设备部", user="emma"
    )["name"]
    held = works.wugang.enters(
        "Qualification", subject="灭菌器维修", employee=employee, kind="Service Technician", item="MC250", certificate_number="PX-9",
        issued_on=date(2026, 1, 5), valid_to=date(2026, 6, 15),
    )  # fmt: skip
    assert ticket(works, technician="emma")["technician"] == "emma"
    works.passes(days=1)
    with refused("S08-07"):
        ticket(works, technician="emma")
    works.wugang.changes("Qualification", held["name"], valid_to=date(2026, 12, 31), revoked=1, revoked_reason="考核不合格")
    with refused("S08-07"):
        ticket(works, technician="emma")


# S08-12: who is trained and passes gets a certificate that ends, and its renewal is owed before


def trained(works: Company, *marks: object, employee: str, **values: Any) -> str:
    """Chen Jing records a training on the steriliser; the employee got these marks, one row each."""
    rows = [{"employee": employee, "mark": mark} for mark in marks]
    given = {"subject": "MC250 维修", "item": "MC250", "hours": 8, "content": "结构、排故、压力安全", "participants": rows}
    return str(works.chenjing.enters("Staff Training Record", **given | values)["name"])


def newcomer(works: Company, number: str) -> str:
    given = {"employee_name": f"新员工{number}", "employee_number": number, "department": "工艺设备部"}
    return str(works.chenjing.enters("Employee", **given)["name"])


@pytest.mark.parametrize(("mark", "certified"), [("60", True), ("59.9", False)], ids=["the pass mark", "a tenth below"])
def test_who_passes_the_training_is_certified(works: Company, mark: str, certified: bool) -> None:
    employee = newcomer(works, f"0380-{mark}")
    name = trained(works, mark, employee=employee)
    works.chenjing.submits("Staff Training Record", name)
    held = works.records("Qualification", "item", "valid_to", "training", "certificate_number", employee=employee)
    assert [(row["item"], row["valid_to"], row["training"], row["certificate_number"]) for row in held] == (
        [("MC250", date(2028, 6, 14), name, f"{name}-1")] if certified else []
    )


def test_a_participant_without_a_mark_keeps_the_training_open(works: Company) -> None:
    name = trained(works, 80, None, employee=newcomer(works, "0381"))
    with refused("第 2 行没有考核成绩", "S08-12"):
        works.chenjing.submits("Staff Training Record", name)


def test_the_renewal_is_owed_thirty_days_before_the_certificate_ends(works: Company) -> None:
    employee = newcomer(works, "0382")
    works.chenjing.submits("Staff Training Record", trained(works, 80, employee=employee, valid_months=2))
    [old] = works.records("Qualification", "name", "valid_to", employee=employee)
    assert old["valid_to"] == date(2026, 8, 14)
    works.passes(days=29, hours=14, minutes=59)  # the last minute of 14 July
    assert works.obligations("Qualification", old["name"], "qualification-expires") == []
    works.passes(minutes=2)
    [owed] = works.obligations("Qualification", old["name"], "qualification-expires")
    assert (owed.owed_by_role, owed.state) == ("After-sales Manager", "open")
    works.chenjing.submits("Staff Training Record", trained(works, 85, employee=employee, trained_on=date(2026, 8, 1)))
    assert works.obligations("Qualification", old["name"], "qualification-expires")[0].state == "met"


# S08-01, S08-09: who pays


@pytest.mark.parametrize(
    ("accepted", "cause", "verdict"),
    [
        pytest.param(date(2025, 6, 15), "Product", "Free", id="on the last day"),
        pytest.param(date(2025, 6, 14), "Product", "Chargeable", id="the day after"),
        pytest.param(date(2026, 1, 1), "Human", "Chargeable", id="human cause"),
        pytest.param(date(2026, 1, 1), "Force Majeure", "Chargeable", id="force majeure"),
    ],
)
def test_the_warranty_verdict_follows_from_acceptance_months_and_cause(
    works: Company, accepted: date, cause: str, verdict: str
) -> None:
    serial = f"MC250-S0801-{accepted}-{cause}"
    works.wangfang.enters(
        "Installed Device",
        serial_number=serial,
        item="MC250",
        customer=works.customers["市二院"],
        acceptance_date=accepted,
        warranty_months=12,
    )
    assert ticket(works, device=serial, damage_cause=cause)["charge_basis"] == verdict
    software = ticket(works, device=serial, damage_cause=cause, request_type="Software")["charge_basis"]
    assert software == ("Free" if (verdict, cause) == ("Free", "Product") else "Chargeable")


def test_software_is_chargeable_until_the_system_is_known_to_be_the_cause(works: Company) -> None:
    works.wangfang.enters(
        "Installed Device", serial_number="MC250-S0809", item="MC250", customer=works.customers["市二院"],
        acceptance_date=date(2026, 1, 1), warranty_months=12,
    )  # fmt: skip
    assert ticket(works, device="MC250-S0809", request_type="Software")["charge_basis"] == "Chargeable"
    assert ticket(works, device="MC250-S0809")["charge_basis"] == "Free"


# S08-10: a complaint goes through its stages


def test_a_complaint_goes_through_its_six_stages(works: Company) -> None:
    given = {"subject": "服务态度", "customer": works.customers["市二院"], "description": "与护士长争吵", "kind": "Service"}
    record = works.wangfang.enters("Complaint", **given, received_at=works.clock.now())
    stages = [
        ({"investigation": "现场核实"}, "Investigated"), ({"verdict": "Verified"}, "Evaluated"), ({"measure": "道歉、培训"}, "Measures"),
        ({"answered_at": works.clock.now(), "answer": "已致歉"}, "Answered"),
        ({"followed_up_on": date(2026, 6, 15), "follow_up": "客户满意"}, "Closed"),
    ]  # fmt: skip
    assert record["status"] == "Recorded"
    for values, status in stages:
        assert works.wangfang.changes("Complaint", record["name"], **values)["status"] == status
    with refused("S08-10"):
        works.wangfang.enters("Complaint", **given, received_at=works.clock.now(), measure="先处理")


def test_a_corrective_action_is_made_from_a_complaint_and_leads_back_to_it(works: Company) -> None:
    given = {"subject": "三次返修", "customer": works.customers["市二院"], "description": "三个月内返修三次", "kind": "Quality"}
    complaint = works.wangfang.enters("Complaint", **given, received_at=works.clock.now())
    action = works.qianli.makes("Corrective Action", "Complaint", complaint["name"])
    assert (action["subject"], action["problem"], action["origin"]) == ("三次返修", "三个月内返修三次", "Complaint")
    assert (action["reference_doctype"], action["reference_name"]) == ("Complaint", complaint["name"])


# S08-13: the service's tools are kept: lent to one person until a day, within their certificate, and followed up

LOAN = "Tool Loan"


def tool(works: Company, number: str, **values: Any) -> str:
    given = {"equipment_number": number, "equipment_name": "扭力扳手", "kind": "Service Tool", "valid_to": date(2026, 6, 15)}
    return str(works.fengbo.enters("Equipment", **given | values)["name"])


def lent(works: Company, what: str, **values: Any) -> dict[str, Any]:
    given = {"tool": what, "borrower": "liqiang", "issued_on": date(2026, 6, 15), "due_on": date(2026, 6, 18)}
    return works.fengbo.enters(LOAN, **given | values)


def test_who_owes_a_tool_is_told_and_late_it_goes_to_the_manager(works: Company) -> None:
    name = lent(works, tool(works, "WX-T1"))["name"]
    [owed] = works.obligations(LOAN, name, "tool-return-due")
    assert (owed.owed_by_user, owed.state) == ("liqiang", "open")
    assert "WX-T1" in [row["tool"] for row in works.chenjing.runs("tools-out").rows]
    works.passes(days=3, hours=14, minutes=59)  # the last minute of 18 June
    assert works.asked(name) == ["liqiang"]
    works.passes(minutes=1)
    assert works.asked(name) == ["chenjing", "liqiang"]
    [row] = [row for row in works.chenjing.runs("tools-out").rows if row["tool"] == "WX-T1"]
    assert row["days_late"] == 1
    back = works.fengbo.changes(LOAN, name, returned_on=date(2026, 6, 20), condition_in="Good")
    assert back["status"] == "Returned"
    assert works.obligations(LOAN, name, "tool-return-due")[0].state == "met"
    assert "WX-T1" not in [row["tool"] for row in works.chenjing.runs("tools-out").rows]


def test_a_tool_is_out_to_one_person_at_a_time(works: Company) -> None:
    what = tool(works, "WX-T2")
    first = lent(works, what)["name"]
    with refused(f"已借出（{first}）", "S08-13"):
        lent(works, what, borrower="zhaolei")
    works.fengbo.changes(LOAN, first, returned_on=date(2026, 6, 15), condition_in="Good")
    assert lent(works, what, borrower="zhaolei")["status"] == "Out"


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        pytest.param({"valid_to": date(2026, 6, 15)}, None, id="certified to the day it is lent"),
        pytest.param({"valid_to": date(2026, 6, 14)}, "领出日期 2026-06-15 已失效", id="ended the day before"),
        pytest.param({"valid_to": None}, "没有检定合格证", id="no certificate"),
        pytest.param({"valid_to": None, "uncertified": 1}, None, id="a plain tool needs none"),
        pytest.param({"kind": "Gauge"}, "不是维修工具", id="not a service tool"),
    ],
)
def test_what_is_lent_is_a_service_tool_within_its_certificate(
    works: Company, request: pytest.FixtureRequest, values: dict[str, Any], refusal: str | None
) -> None:
    what = tool(works, request.node.callspec.id[:30], **values)
    if refusal:
        with refused(refusal, "S08-13"):
            lent(works, what)
    else:
        assert lent(works, what)["status"] == "Out"


def test_a_damaged_tool_says_what_happened_and_is_out_of_use(works: Company) -> None:
    what = tool(works, "WX-T3")
    name = lent(works, what)["name"]
    with refused("损坏（丢失）情况与处理"):
        works.fengbo.changes(LOAN, name, returned_on=date(2026, 6, 16), condition_in="Damaged")
    done = works.fengbo.changes(LOAN, name, returned_on=date(2026, 6, 16), condition_in="Damaged", remarks="棘轮打滑，送修")
    assert done["status"] == "Damaged"
    assert works.fengbo.reads("Equipment", what)["state"] == "Out of Use"
    works.passes(minutes=1)
    assert any("棘轮打滑" in text for text in works.chenjing.is_told())


def test_a_technician_sees_who_has_a_tool_and_lends_none(works: Company) -> None:
    name = lent(works, tool(works, "WX-T4"), borrower="zhaolei")["name"]
    assert works.liqiang.reads(LOAN, name)["borrower"] == "zhaolei"
    with pytest.raises(PermissionRefused):
        works.liqiang.changes(LOAN, name, returned_on=date(2026, 6, 16), condition_in="Good")
