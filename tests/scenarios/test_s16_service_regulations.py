"""S16 Service regulations: how service people answer, repair and behave, and what follows from a complaint.

Wang Fang (王芳) of customer service, Li Qiang (李强) and Zhao Lei (赵磊) technicians, Chen Jing (陈静) the after-sales manager,
Zhang Jianguo (张建国) the general manager, Wu Gang (吴刚) and Qian Li (钱立) of quality.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from scenario_company import PNG, Company, refused, ticket

from server.access.user import User
from server.core.errors import NotFound, PermissionRefused

Sign = Callable[[str], dict[str, str]]
TICKET, ORDER, ACTION, CONDUCT = "Service Ticket", "Service Order", "Corrective Action", "Conduct Record"


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
    assert works.obligations(ORDER, name, "service-order-dissatisfied") == []


def test_a_dissatisfied_customer_is_called_on_with_a_survey(works: Company, signature: Sign) -> None:
    name = order(works, signature, satisfaction="Dissatisfied")
    works.liqiang.submits(ORDER, name)
    [owed] = works.obligations(ORDER, name, "service-order-dissatisfied")
    assert (owed.owed_by_role, owed.state, owed.due_at.date()) == ("Customer Service", "open", date(2026, 6, 18))
    blank = works.site.new_records.blank(works.wangfang.user, "Satisfaction Survey")
    answers = [row | {"answer": "Fair"} for row in blank["answers"]]
    works.wangfang.makes("Satisfaction Survey", ORDER, name, channel="Phone", answers=answers)
    assert works.obligations(ORDER, name, "service-order-dissatisfied")[0].state == "met"


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


def test_a_tick_on_site_notes_the_time_and_what_is_typed_in_later_is_marked(works: Company, signature: Sign) -> None:
    nine = works.clock.now()
    name = order(works, signature, start_at=None, is_on_site=1, end_at=None)
    assert works.liqiang.reads(ORDER, name)["start_at"] == nine
    works.passes(hours=2)
    works.liqiang.changes(ORDER, name, has_called_office=1)
    works.passes(minutes=5)
    done = works.liqiang.changes(ORDER, name, is_leaving=1, end_at=works.clock.now())
    assert (done["called_office_at"], done["left_at"]) == (nine + timedelta(hours=2), nine + timedelta(hours=2, minutes=5))
    assert (done["start_at"], done["times_entered_later"]) == (nine, 0)


@pytest.mark.parametrize(("minutes", "marked"), [(14, 0), (15, 1)])
def test_a_time_more_than_a_quarter_of_an_hour_old_was_entered_afterwards(
    works: Company, signature: Sign, minutes: int, marked: int
) -> None:
    name = order(works, signature, start_at=works.ago(minutes=minutes))
    assert works.liqiang.reads(ORDER, name)["times_entered_later"] == marked


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
    with refused("挽回影响", "S16-06"):
        works.chenjing.submits(CONDUCT, name)
    works.chenjing.changes(CONDUCT, name, remedy="登门致歉，免费复检")
    with refused("总经理"):
        works.chenjing.submits(CONDUCT, name)
    works.zhangjianguo.approves(name)
    assert works.chenjing.submits(CONDUCT, name)["kind"] == "Major Demerit"


# S16-05, S11-03: what is major is routed


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


# S16-08: receipts


def test_receipts_from_another_place_are_refused_and_the_allowed_total_is_computed(works: Company) -> None:
    lines = [
        {"spent_on": date(2026, 6, 10), "place": place, "amount": amount} for place, amount in (("沈阳", 300), ("大连", 120))
    ]
    claim = works.liqiang.enters(
        "Expense Claim", destination="沈阳", from_date=date(2026, 6, 10), to_date=date(2026, 6, 11), lines=lines
    )
    assert (claim["total"], claim["allowed_total"]) == (420, 300)
    with refused("大连", "S16-08"):
        works.liqiang.submits("Expense Claim", claim["name"])


def test_a_falsified_claim_proposes_a_demerit_that_the_general_manager_decides_on(works: Company) -> None:
    line = {"spent_on": date(2026, 6, 10), "place": "沈阳", "amount": 300}
    trip = {"destination": "沈阳", "from_date": date(2026, 6, 10), "to_date": date(2026, 6, 11), "lines": [line]}
    claim = works.liqiang.enters("Expense Claim", **trip)["name"]
    works.liqiang.submits("Expense Claim", claim)
    with pytest.raises(PermissionRefused):
        works.liqiang.changes("Expense Claim", claim, falsified=1, falsified_note="n")
    assert penalties(works, claim) == []
    with refused("查实情况"):
        works.qianying.changes("Expense Claim", claim, falsified=1)
    works.qianying.changes("Expense Claim", claim, falsified=1, falsified_note="住宿发票系伪造")  # S16-10
    record = works.chenjing.reads(CONDUCT, works.named(CONDUCT, reference_name=claim))
    assert (record["person"], record["kind"], record["reason"]) == ("liqiang", "Demerit", "False Claim")


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
