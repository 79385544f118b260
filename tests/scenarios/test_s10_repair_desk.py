"""S10 Service regulations of the repair desk: calls, what is sent in for repair, who pays.

Wang Fang (王芳) and Emma of customer service, Li Qiang (李强) the technician, Chen Jing (陈静) the after-sales manager.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from scenario_company import PNG, Company, refused

from server.core.errors import PermissionRefused, ValidationFailed

CALL, INTAKE, REPAIR = "Call Log", "Repair Intake", "Repair Record"


def call(works: Company, **values: Any) -> dict[str, Any]:
    given = {
        "caller": "高远", "phone": "13000000111", "customer": works.customers["航达精密"], "rings": 2, "subject": "刀库报警",
        "question": "换刀到一半停住，报 2041", "outcome": "Ticket",
    }  # fmt: skip
    return works.wangfang.enters(CALL, **given | values)


# S10-01: a call is recorded and becomes a ticket


def test_a_call_becomes_a_ticket_with_what_was_said(works: Company) -> None:
    called = call(works)
    ticket = works.wangfang.makes("Service Ticket", CALL, called["name"])
    assert (ticket["subject"], ticket["fault_description"]) == ("刀库报警", "换刀到一半停住，报 2041")
    assert (ticket["reporter"], ticket["reporter_phone"], ticket["customer"]) == (
        "高远", "13000000111", works.customers["航达精密"],
    )  # fmt: skip
    assert (ticket["reported_at"], ticket["call_log"]) == (called["called_at"], called["name"])


def test_a_call_that_complains_becomes_a_complaint(works: Company) -> None:
    called = call(works, call_kind="Complaint", subject="师傅迟到", question="约好九点，十一点才到")
    complaint = works.wangfang.makes("Complaint", CALL, called["name"])
    assert (complaint["subject"], complaint["description"]) == ("师傅迟到", "约好九点，十一点才到")


def test_what_was_asked_and_answered_is_written_down(works: Company) -> None:
    for missing in ("subject", "question", "rings"):
        with pytest.raises(ValidationFailed):
            call(works, **{missing: None})
    with pytest.raises(ValidationFailed):
        call(works, outcome="By Phone")  # without the answer
    assert call(works, outcome="By Phone", answer="复位后手动退刀")["name"]
    with pytest.raises(PermissionRefused):
        works.liqiang.enters(CALL, caller="高远", rings=1, subject="x", question="x", outcome="Ticket")


def test_a_call_that_nobody_answered_says_who_rang(works: Company) -> None:
    missed = {"result": "Missed", "subject": None, "question": None, "outcome": None, "rings": None}
    assert call(works, **missed)["subject"] == "未接来电 高远"
    assert call(works, **missed | {"caller": None})["subject"] == "未接来电 13000000111"


# S10-05, S10-06, S10-07: the phone is answered by the third ring, and the call recorded


@pytest.mark.parametrize(("rings", "in_time"), [(1, 1), (3, 1), (4, 0)])
def test_the_third_ring_is_in_time_and_the_fourth_is_not(works: Company, rings: int, in_time: int) -> None:
    assert call(works, rings=rings)["in_time"] == in_time


@pytest.mark.parametrize(
    ("seconds", "rings", "in_time"), [(4, 1, 1), (14, 3, 1), (15, 4, 0)], ids=["first ring", "third ring", "fourth ring"]
)
def test_the_rings_of_a_timed_call_are_counted_from_its_times(works: Company, seconds: int, rings: int, in_time: int) -> None:
    rang = works.clock.now()
    timed = call(works, rings=None, rang_at=rang, answered_at=rang + timedelta(seconds=seconds), phone_call_id=f"PBX-{seconds}")
    assert (timed["rings"], timed["in_time"], timed["rings_timed"]) == (rings, in_time, 1)
    typed = works.wangfang.changes(CALL, timed["name"], subject="改一改", rings=1)
    assert typed["rings"] == rings  # what was typed does not count against the clock
    with pytest.raises(ValidationFailed):  # the telephone system's call is there once
        call(works, rang_at=rang, answered_at=rang, phone_call_id=f"PBX-{seconds}")


def test_a_call_is_answered_after_it_began_to_ring(works: Company) -> None:
    rang = works.clock.now()
    with refused("早于开始振铃", "S10-06"):
        call(works, rang_at=rang, answered_at=rang - timedelta(seconds=1))


def test_an_answered_call_without_its_recording_is_marked_until_it_has_one(works: Company) -> None:
    name = call(works)["name"]

    def tags() -> list[str]:
        return [tag.tag for tag in works.site.tags.of_record(works.wangfang.user, CALL, name)]

    assert tags() == ["无录音"]
    works.wangfang.changes(CALL, name, recording=works.wangfang.uploads("来电.png", PNG))
    assert tags() == ["已录音"]


def test_an_answered_call_rang(works: Company) -> None:
    with refused("至少响一声", "S10-05"):
        call(works, rings=0)


def test_a_missed_call_is_called_back_within_two_working_hours(works: Company) -> None:
    missed = works.wangfang.enters(CALL, result="Missed", phone="13000000177")
    [owed] = works.obligations(CALL, missed["name"], "call-back-owed")
    assert owed.due_at == works.clock.now() + timedelta(hours=2)
    works.passes(hours=2)
    assert any("13000000177" in text for text in works.chenjing.is_told())
    works.wangfang.changes(CALL, missed["name"], called_back_at=works.clock.now(), call_back_note="询问配件价格，已报价")
    [owed] = works.obligations(CALL, missed["name"], "call-back-owed")
    assert owed.state == "met"


def test_each_agents_share_of_calls_answered_in_time(works: Company) -> None:
    works.clock.set(works.clock.now() + timedelta(days=400))  # a month of its own
    for rings in (1, 2, 3, 5):
        call(works, rings=rings)
    works.emma.enters(CALL, result="Missed", phone="13000000178")
    counted = works.chenjing.runs("call-answering")
    assert [(row["agent"], row["calls"], row["in_time"], row["missed"], row["rate"]) for row in counted.rows] == [
        ("emma", 1, 0, 1, 0), ("wangfang", 4, 3, 0, 75),
    ]  # fmt: skip
    assert (counted.totals["rate"], counted.light) == (60, "red")


# S10-02: opened and looked at; damage is told to the customer and its cause confirmed before the repair


def intake(works: Company, **values: Any) -> dict[str, Any]:
    given = {
        "customer": works.customers["市二院"], "contact": "邵莹", "contact_phone": "0500-66120316", "address": "市二院设备科",
        "item": "BJ-VAC", "model": "ZK-20", "reported_fault": "抽真空慢",
    }  # fmt: skip
    return works.wangfang.enters(INTAKE, **given | values)


def repair(works: Company, of: str, **values: Any) -> dict[str, Any]:
    return works.wangfang.makes(REPAIR, INTAKE, of, **values)


DAMAGED = {"damaged": 1, "damage_description": "外壳一角开裂"}


def test_damage_is_described_and_the_customer_called(works: Company) -> None:
    with pytest.raises(ValidationFailed):
        intake(works, damaged=1)
    found = intake(works, **DAMAGED)
    assert (found["status"], len(works.obligations(INTAKE, found["name"], "intake-call-customer"))) == ("Waiting", 1)
    told = works.wangfang.changes(INTAKE, found["name"], customer_called_at=works.clock.now(), spoken_to="邵莹")
    assert told["status"] == "Waiting"  # called, the cause is not confirmed yet
    told = works.wangfang.changes(INTAKE, found["name"], damage_cause="Transport")
    [owed] = works.obligations(INTAKE, found["name"], "intake-call-customer")
    assert (told["status"], owed.state) == ("Ready", "met")


def test_the_repair_of_damaged_goods_waits_for_the_customer(works: Company) -> None:
    found = intake(works, **DAMAGED)["name"]
    record = repair(works, found)["name"]
    for told in ({}, {"customer_called_at": works.clock.now()}, {"customer_called_at": None, "damage_cause": "Packing"}):
        works.wangfang.changes(INTAKE, found, **told)
        with refused("尚未电话通知客户或确认损坏原因", "S10-02"):
            works.liqiang.changes(REPAIR, record, started_at=works.clock.now())
    works.wangfang.changes(INTAKE, found, customer_called_at=works.clock.now())
    assert works.liqiang.changes(REPAIR, record, started_at=works.clock.now())["status"] == "In Repair"


def test_the_repair_of_intact_goods_starts_at_once(works: Company) -> None:
    assert repair(works, intake(works)["name"], started_at=works.clock.now())["status"] == "In Repair"


# S10-03: the repair record holds customer, phone, address, model


def test_the_record_takes_over_who_sent_what_and_is_complete_when_sent_back(works: Company) -> None:
    record = repair(works, intake(works)["name"], technician="liqiang")
    assert (record["customer"], record["contact_phone"], record["address"], record["model"]) == (
        works.customers["市二院"], "0500-66120316", "市二院设备科", "ZK-20",
    )  # fmt: skip
    done = {"started_at": works.clock.now(), "finished_at": works.clock.now(), "diagnosis": "叶片磨损", "work_done": "换叶片"}
    works.liqiang.changes(REPAIR, record["name"], **done)
    with refused("查明故障责任", "S10-03"):
        works.wangfang.submits(REPAIR, record["name"], returned_at=works.clock.now())
    sent = works.wangfang.submits(REPAIR, record["name"], returned_at=works.clock.now(), cause="Normal Wear")
    assert sent["status"] == "Returned"
    page = works.wangfang.prints(REPAIR, record["name"])
    assert all(text in page for text in ("售后维修记录表", "RZD-SH-02", "0500-66120316", "叶片磨损", "☑正常磨损"))


def test_repaired_and_sent_back_come_in_order(works: Company) -> None:
    record = repair(works, intake(works)["name"], started_at=works.clock.now())["name"]
    with refused("时间顺序", "S10-03"):
        works.liqiang.changes(REPAIR, record, finished_at=works.ago(minutes=1), diagnosis="x", work_done="x")


# S10-04: who pays follows from cause and warranty


@pytest.mark.parametrize(
    ("cause", "bought", "repair_by", "freight_by"),
    [
        pytest.param(
            "Product Quality", date(2025, 6, 15), "Company", "Company", id="quality fault on the last day of warranty"
        ),
        pytest.param("Product Quality", date(2025, 6, 14), "Customer", "Customer", id="quality fault a day after"),
        pytest.param("Normal Wear", date(2026, 1, 1), "Company", "Customer", id="wear in warranty"),
        pytest.param("Human", date(2026, 1, 1), "Customer", "Customer", id="human cause in warranty"),
        pytest.param("Transport", date(2020, 1, 1), "Carrier", "Carrier", id="transport"),
        pytest.param("Unknown", date(2026, 1, 1), None, None, id="not known yet"),
    ],
)
def test_who_pays(works: Company, cause: str, bought: date, repair_by: str | None, freight_by: str | None) -> None:
    record = repair(works, intake(works)["name"], purchased_on=bought, warranty_months=12, cause=cause)
    assert (record["borne_by"], record["freight_by"]) == (repair_by, freight_by)


def test_nobody_chooses_who_pays(works: Company) -> None:
    record = repair(works, intake(works)["name"], purchased_on=date(2026, 1, 1), warranty_months=12, cause="Human")
    with refused("费用承担"):
        works.wangfang.changes(REPAIR, record["name"], borne_by="Company")
    assert works.wangfang.reads(REPAIR, record["name"])["borne_by"] == "Customer"
