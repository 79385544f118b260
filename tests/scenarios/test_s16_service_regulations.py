"""S16, S08, S11, S13: how service people answer, repair and behave, and what follows from a complaint.

Wang Fang (王芳) of customer service, Li Qiang (李强) and Zhao Lei (赵磊) technicians, Chen Jing (陈静) the after-sales manager,
Zhang Jianguo (张建国) the general manager, Wu Gang (吴刚) and Qian Li (钱立) of quality.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from scenario_company import PNG, Company, refused

from server.access.user import User
from server.core.errors import NotFound, PermissionRefused, ValidationFailed

Sign = Callable[[str], dict[str, str]]
TICKET, ORDER, ACTION, CONDUCT = "Service Ticket", "Service Order", "Corrective Action", "Conduct Record"
DEVICE = "MC250-2501-006"


def ticket(works: Company, **values: Any) -> dict[str, Any]:
    given = {
        "subject": "灭菌器报警", "customer": works.customers["市二院"], "device": DEVICE, "reported_at": works.clock.now(),
        "fault_description": "升压超时",
    }  # fmt: skip
    return works.wangfang.enters(TICKET, **given | values)


# S16-01: an answer within 24 hours, on site by the time the customer set


def test_a_written_request_is_answered_within_24_hours_and_a_call_at_once(works: Company) -> None:
    record = ticket(works, channel="E-mail")
    [owed] = works.obligations(TICKET, record["name"], "ticket-reply-24-hours")
    assert owed.due_at == works.clock.now() + timedelta(hours=24)
    works.passes(hours=23)
    works.wangfang.changes(TICKET, record["name"], replied_at=works.clock.now())
    assert works.obligations(TICKET, record["name"], "ticket-reply-24-hours")[0].state == "met"
    assert works.obligations(TICKET, ticket(works, channel="Phone")["name"], "ticket-reply-24-hours") == []


def test_the_technician_is_due_on_site_when_the_customer_wants(works: Company) -> None:
    wanted = works.clock.now() + timedelta(hours=5)
    record = ticket(works, technician="liqiang", wanted_at=wanted)
    [item] = [item for item in works.liqiang.inbox(record["name"]) if item.obligation.rule == "ticket-on-site-when-wanted"]
    assert abs(item.obligation.due_at - wanted) <= timedelta(minutes=1)
    works.passes(hours=5)
    works.liqiang.changes(TICKET, record["name"], arrived_at=works.clock.now())
    assert works.obligations(TICKET, record["name"], "ticket-on-site-when-wanted")[0].state == "met"


# S16-02: the same problem is not repaired twice


@pytest.mark.parametrize(("days", "repeated"), [(90, 1), (91, 0)], ids=["90 days later", "91 days later"])
def test_the_same_fault_within_ninety_days_is_a_repeat_repair(works: Company, days: int, repeated: int) -> None:
    cause = f"真空泵泄漏 {days}"
    works.wugang.enters("Fault Cause", cause_name=cause)
    times = {"reported_at": works.ago(days=days, hours=6), "fixed_at": works.ago(days=days, hours=-1)}
    ticket(works, technician="liqiang", dispatched_at=times["reported_at"], fault_cause=cause, resolution="换密封", **times)
    again = ticket(works, fault_cause=cause)
    assert again["repeat_repair"] == repeated
    found = works.site.queries.list(
        User.administrator(), ACTION, filters=[("reference_name", "=", again["name"])], fields=["origin"]
    ).rows
    assert [row["origin"] for row in found] == (["Repeat Repair"] if repeated else [])


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


# S11-01: the service mode follows from the problem


@pytest.mark.parametrize(("kind", "mode"), [("Fault", "On Site"), ("Maintenance", "Visit"), ("Consultation", "Consultation")])
def test_the_service_mode_is_proposed_from_the_problem(works: Company, kind: str, mode: str) -> None:
    assert ticket(works, request_type=kind)["service_mode"] == mode


# S16-03, S16-07: the service order, the survey and the times


def order(works: Company, signature: Sign, **values: Any) -> str:
    """Li Qiang was wanted on site at nine; the work is done, everything is attached and signed."""
    made = ticket(works, technician="liqiang", wanted_at=works.clock.now())
    photo, data = works.liqiang.uploads("维修后.png", PNG), works.liqiang.uploads("记录.csv", b"a,b")
    given = {
        "start_at": works.clock.now(), "end_at": works.clock.now() + timedelta(hours=2), "work_report": "更换密封圈", "result": "Solved",
        "photos": [{"photo": photo, "caption": "维修后"}], "customer_signature": signature("谢军"), "satisfaction": "Satisfied",
        "documents": [{"kind": "Data", "title": "记录", "attachment": data}],
    }  # fmt: skip
    return str(works.liqiang.makes(ORDER, TICKET, made["name"], **given | values)["name"])


def penalties(works: Company, name: str) -> list[tuple[str, float]]:
    rows = works.site.queries.list(
        User.administrator(), CONDUCT, filters=[("reference_name", "=", name)], fields=["reason", "amount"]
    ).rows
    return sorted((row["reason"], float(row["amount"] or 0)) for row in rows)


def test_a_service_order_is_not_closed_without_the_survey(works: Company, signature: Sign) -> None:
    name = order(works, signature, satisfaction=None)
    with refused("须由客户填写满意度", "S16-03"):
        works.liqiang.submits(ORDER, name)
    assert works.liqiang.submits(ORDER, name, satisfaction="Satisfied")["docstatus"] == 1


def test_fifty_yuan_are_proposed_for_each_breach_that_the_times_show(works: Company, signature: Sign) -> None:
    nine = works.clock.now()
    called = {"left_at": nine + timedelta(hours=2), "called_office_at": nine + timedelta(hours=2)}
    fine = order(works, signature, start_at=nine, **called)
    works.liqiang.submits(ORDER, fine)
    assert penalties(works, fine) == []

    late = order(works, signature, start_at=nine + timedelta(minutes=1), left_at=nine + timedelta(hours=2))
    with refused("迟到原因"):
        works.liqiang.submits(ORDER, late)
    works.liqiang.submits(ORDER, late, late_cause="Personal")
    assert penalties(works, late) == [("Late on Site", 50.0), ("Left Without Calling", 50.0)]

    held_up = order(works, signature, start_at=nine + timedelta(hours=1), late_cause="Traffic", **called)
    works.liqiang.submits(ORDER, held_up)
    assert penalties(works, held_up) == []


# S16-06: a verified complaint about a person


def complaint(works: Company, **values: Any) -> dict[str, Any]:
    given = {
        "subject": "服务态度",
        "customer": works.customers["市二院"],
        "description": "与护士长争吵",
        "kind": "Service",
        "received_at": works.clock.now(),
    }
    return works.wangfang.enters("Complaint", **given | values)


def test_a_verified_complaint_of_a_listed_kind_proposes_a_major_demerit_for_approval(works: Company) -> None:
    said = {"service_person": "zhaolei", "conduct": "Quarrel", "investigation": "已向双方了解"}
    none = complaint(works, **said, verdict="Not Verified")
    other = complaint(works, **said | {"conduct": "Other"}, verdict="Verified")
    for record in (none, other):
        assert penalties(works, record["name"]) == []
    record = complaint(works, **said, verdict="Verified")
    name = works.named(CONDUCT, reference_name=record["name"])
    with refused("总经理"):
        works.chenjing.submits(CONDUCT, name)
    works.zhangjianguo.approves(name)
    assert works.chenjing.submits(CONDUCT, name)["kind"] == "Major Demerit"


# S08-10, S16-05, S11-03: a complaint goes through its stages; what is major is routed


def test_a_complaint_goes_through_its_six_stages(works: Company) -> None:
    record = complaint(works)
    stages = [
        ({"investigation": "现场核实"}, "Investigated"), ({"verdict": "Verified"}, "Evaluated"), ({"measure": "道歉、培训"}, "Measures"),
        ({"answered_at": works.clock.now(), "answer": "已致歉"}, "Answered"),
        ({"followed_up_on": date(2026, 6, 15), "follow_up": "客户满意"}, "Closed"),
    ]  # fmt: skip
    assert record["status"] == "Recorded"
    for values, status in stages:
        assert works.wangfang.changes("Complaint", record["name"], **values)["status"] == status
    with refused("S08-10"):
        complaint(works, measure="先处理")


def test_a_major_problem_reaches_the_leader_the_department_and_a_corrective_action(works: Company) -> None:
    record = complaint(works, subject="腔体焊缝开裂")
    works.wangfang.changes("Complaint", record["name"], severity="Major", responsible_department="装配车间")
    works.passes(minutes=1)
    heard = {
        person.login: [text for text in person.is_told() if "腔体焊缝开裂" in text]
        for person in (works.hezhong, works.qianli, works.wugang)
    }
    assert all(heard.values()), heard
    action = works.qianli.reads(ACTION, works.named(ACTION, reference_name=record["name"]))
    assert (action["severity"], action["responsible_department"], action["status"]) == ("Major", "装配车间", "Open")


# S13-08, S11-04: a corrective action runs in order, and only quality closes it


def test_a_corrective_action_is_closed_by_quality_when_it_is_found_effective(works: Company) -> None:
    made = works.wugang.enters(
        ACTION, subject="焊缝开裂", problem="腔体焊缝开裂", action_owner="sunyu", due_on=date(2026, 6, 20)
    )
    name = made["name"]
    [owed] = works.obligations(ACTION, name, "corrective-action-due")
    assert owed.owed_by_user == "sunyu"
    with refused("S13-08"):
        works.sunyu.changes(ACTION, name, done_on=date(2026, 6, 15))
    works.sunyu.changes(ACTION, name, cause="坡口角度不足", measure="修改工艺规程", done_on=date(2026, 6, 15), result="已下发")
    assert works.obligations(ACTION, name, "corrective-action-due")[0].state == "met"

    with pytest.raises((PermissionRefused, ValidationFailed)):
        works.wugang.changes(ACTION, name, closed_on=date(2026, 6, 15), verification="Effective", verification_note="x")
    for wrong in ({}, {"verification": "Not Effective", "verification_note": "再次开裂"}):
        with refused("S11-04"):
            works.qianli.changes(ACTION, name, closed_on=date(2026, 6, 15), **wrong)
    done = works.qianli.changes(
        ACTION, name, closed_on=date(2026, 6, 15), verification="Effective", verification_note="30 件无裂纹"
    )
    assert (done["status"], done["verified_by"]) == ("Closed", "qianli")


def test_an_overdue_corrective_action_escalates_to_the_quality_manager(works: Company) -> None:
    works.wugang.enters(ACTION, subject="逾期的措施", problem="p", action_owner="sunyu", due_on=date(2026, 6, 16))
    works.passes(days=3)
    assert any("逾期的措施" in text for text in works.qianli.is_told())


# S16-09: the register of calls and letters, the dispatch record, the cost report


def test_register_dispatch_record_and_cost_report_tell_what_was_done(works: Company) -> None:
    customer = works.wangfang.enters("Customer", customer_name="宏图铸造")["name"]
    call = {"subject": "油泵异响", "customer": customer, "fault_description": "开机即响", "channel": "Phone"}
    ticket = works.wangfang.enters("Service Ticket", **call)["name"]
    order = works.liqiang.makes(
        "Service Order", "Service Ticket", ticket, start_at=works.ago(hours=3), end_at=works.clock.now()
    )
    line = {"kind": "Labour", "description": "维修工时", "qty": 3}
    costs = works.wangfang.makes("Service Cost List", "Service Order", order["name"], items=[line])
    works.qianying.changes("Service Cost List", costs["name"], items=[{"name": costs["items"][0]["name"], "rate": 160}])
    assert works.qianying.runs("service-costs", customer=customer).rows == ()  # not approved yet
    works.qianying.approves(costs["name"])
    works.wangfang.submits("Service Cost List", costs["name"])

    [called] = works.wangfang.runs("service-register", customer=customer).rows
    assert (called["name"], called["channel"]) == (ticket, "Phone")
    [went] = works.chenjing.runs("dispatch-record", customer=customer).rows
    assert (went["technician"], went["orders"], went["hours"]) == ("liqiang", 1, 3)
    [spent] = works.qianying.runs("service-costs", customer=customer).rows
    assert (spent["labour"], spent["total"], spent["borne_by"]) == (480, 480, "Customer")


def test_who_may_not_see_costs_gets_no_cost_report(works: Company) -> None:
    for person in (works.liqiang, works.zhengli):
        with pytest.raises((NotFound, PermissionRefused)):
            person.runs("service-costs")
    report = works.wangfang.runs("service-costs")
    assert "total" not in [column.key for column in report.columns]
