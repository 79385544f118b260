"""S14 Workshop: reception, warranty, the work order, when it will be done, what is added to it.

Wang Fang (王芳) is the service advisor, Li Qiang (李强) the technician, Han Mei (韩梅) of the manufacturer's service department.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from scenario_company import PNG, Company, refused

from server.core.errors import GuijuError, PermissionRefused

Sign = Callable[[str], dict[str, str]]
VERDICT = "Warranty Verdict"


def received(works: Company, **values: Any) -> str:
    given = {
        "plate_number": "苏E·A1234", "owner_name": "陆明", "owner_phone": "13000000188", "model": "奔腾 B70", "mileage": 38500,
        "request": "怠速抖动，故障灯亮",
    }  # fmt: skip
    return str(works.wangfang.enters("Vehicle Intake", **given | values)["name"])


def verdict(works: Company, first: str, **values: Any) -> dict[str, Any]:
    return works.wangfang.makes(
        VERDICT, "Vehicle Intake", received(works), first_verdict=first, first_reason="见保养手册", **values
    )


TWICE = {"second_verdict": "Undetermined", "second_by": "liqiang", "second_reason": "缸压正常，积碳来源不明"}

# S14-02: covered, not covered, or undetermined; undetermined twice goes to the manufacturer


@pytest.mark.parametrize("first", ["Covered", "Not Covered"])
def test_what_is_clear_at_reception_is_concluded_there(works: Company, first: str) -> None:
    made = verdict(works, first)
    assert made["fault"] == "怠速抖动，故障灯亮"
    done = works.wangfang.takes("Conclude", VERDICT, made["name"])
    assert (done["docstatus"], done["verdict"]) == (1, first)


def test_undetermined_once_is_diagnosed_and_concluded_in_the_workshop(works: Company) -> None:
    name = verdict(works, "Undetermined")["name"]
    with pytest.raises(GuijuError):
        works.wangfang.takes("Conclude", VERDICT, name)
    with pytest.raises(GuijuError):
        works.wangfang.takes("Report", VERDICT, name)
    works.liqiang.changes(VERDICT, name, **TWICE | {"second_verdict": "Not Covered"})
    done = works.wangfang.takes("Conclude", VERDICT, name)
    assert (done["docstatus"], done["verdict"]) == (1, "Not Covered")


def test_undetermined_twice_goes_to_the_manufacturer_who_concludes(works: Company) -> None:
    name = verdict(works, "Undetermined", **TWICE)["name"]
    with pytest.raises(GuijuError):
        works.wangfang.takes("Conclude", VERDICT, name)
    works.wangfang.takes("Report", VERDICT, name)
    [asked] = works.hanmei.inbox(name)
    assert asked.obligation.due_at == works.clock.now() + timedelta(days=3)
    with pytest.raises(PermissionRefused):
        works.wangfang.changes(VERDICT, name, manufacturer_verdict="Covered")
    with refused("S14-02"):
        works.hanmei.approves(name)  # without a verdict
    works.hanmei.changes(VERDICT, name, manufacturer_verdict="Covered", manufacturer_number="CJ-2026-117")
    works.hanmei.approves(name)
    done = works.wangfang.reads(VERDICT, name)
    assert (done["docstatus"], done["verdict"], done["manufacturer_number"]) == (1, "Covered", "CJ-2026-117")


def test_the_manufacturer_may_ask_for_more_before_deciding(works: Company) -> None:
    name = verdict(works, "Undetermined", **TWICE)["name"]
    works.wangfang.takes("Report", VERDICT, name)
    works.hanmei.rejects(name, "请补充内窥镜照片")
    sent_back = works.wangfang.reads(VERDICT, name)
    assert (sent_back["docstatus"], sent_back["workflow_state"]) == (0, "Judging")


def test_a_second_verdict_needs_an_undetermined_first(works: Company) -> None:
    with refused("初步判定已有结论", "S14-02"):
        verdict(works, "Covered", **TWICE)


# S14-01, S14-04, S14-06, S14-07: the workshop


def test_a_work_order_splits_labour_and_parts_and_is_signed(works: Company, signature: Sign) -> None:
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
    with refused("顾客签字", "S14-06"):
        works.wangfang.submits("Workshop Order", order["name"])
    done = works.wangfang.submits("Workshop Order", order["name"], customer_signature=signature("王先生"))
    assert (done["total"], done["grand_total"]) == (420, 420)


# S14-08, S14-09: the vehicle's papers, and what else is recommended


def test_the_order_remarks_on_missing_papers_and_prints_what_is_recommended(works: Company, signature: Sign) -> None:
    intake = received(works, licence_seen=1)
    page = works.wangfang.prints("Vehicle Intake", intake)
    assert all(text in page for text in ("接车登记表", "38500", "怠速抖动"))
    given = {"lines": [{"kind": "Labour", "description": "保养", "qty": 2, "rate": 80}], "recommended": "前刹车片剩 3 mm"}
    name = works.wangfang.makes("Workshop Order", "Vehicle Intake", intake, **given)["name"]
    values = {"customer_signature": signature("陆明")}
    done = works.site.documents.submit(works.wangfang.user, "Workshop Order", name, values=values)
    assert ["保养手册" in fault.text.zh for fault in done.warnings] == [True]
    assert "前刹车片剩3mm" in works.wangfang.prints("Workshop Order", name)
    whole = works.wangfang.makes("Workshop Order", "Vehicle Intake", received(works, licence_seen=1, booklet_seen=1), **given)
    assert works.site.documents.submit(works.wangfang.user, "Workshop Order", whole["name"], values=values).warnings == ()


def ordered(works: Company, signature: Sign) -> str:
    """The customer has signed for the maintenance; work has begun."""
    lines = [{"kind": "Labour", "description": "保养", "qty": 2, "rate": 80}]
    name = works.wangfang.makes("Workshop Order", "Vehicle Intake", received(works), lines=lines)["name"]
    works.wangfang.submits("Workshop Order", name, customer_signature=signature("陆明"))
    return str(name)


def adds(works: Company, name: str, **row: Any) -> dict[str, Any]:
    """Li Qiang finds brake pads that are worn, or says more of them."""
    kept = [{"name": old["name"]} for old in works.liqiang.reads("Workshop Order", name)["additions"]]
    found = (
        kept[0] | row
        if kept
        else {"kind": "Labour", "description": "换刹车片", "qty": 1, "rate": 120, "confirmed_how": "Signature"} | row
    )
    return works.liqiang.changes("Workshop Order", name, additions=[found])


def test_an_added_item_starts_after_the_customer_has_signed_for_it(works: Company, signature: Sign) -> None:
    name = ordered(works, signature)
    adds(works, name)
    now = works.clock.now()
    with refused("换刹车片", "顾客的签字", "S14-07"):
        adds(works, name, started_at=now)
    works.passes(minutes=30)
    signed = adds(works, name, customer_signature=signature("陆明"))
    [row] = signed["additions"]
    assert row["authorised_at"] == works.clock.now()
    with refused("S14-07"):  # a minute before it was signed
        adds(works, name, started_at=works.ago(minutes=1))
    done = adds(works, name, started_at=works.clock.now())
    assert (done["docstatus"], done["total"], done["additions_total"], done["grand_total"]) == (1, 160, 120, 280)
    with refused("不能删除", "S14-07"):
        adds(works, name, customer_signature=None)
    page = works.wangfang.prints("Workshop Order", name)
    assert all(text in page for text in ("维修中追加的项目", "换刹车片", "当面签字", "280.00"))


@pytest.mark.parametrize("how", ["Message", "Recording"])
def test_from_afar_a_message_or_a_recording_is_the_authorisation(works: Company, signature: Sign, how: str) -> None:
    name = ordered(works, signature)
    adds(works, name, confirmed_how=how)
    with refused("S14-07"):
        adds(works, name, started_at=works.clock.now())
    row = adds(works, name, proof=works.liqiang.uploads("授权.png", PNG))["additions"][0]
    assert row["authorised_at"] == works.clock.now()
    assert adds(works, name, started_at=works.clock.now())["grand_total"] == 280


def test_what_the_customer_declines_is_neither_done_nor_charged(works: Company, signature: Sign) -> None:
    name = ordered(works, signature)
    declined = adds(works, name, customer_signature=signature("陆明"), declined=1)
    assert (declined["additions_total"], declined["grand_total"]) == (0, 160)
    with refused("顾客不同意的不做", "S14-07"):
        adds(works, name, started_at=works.clock.now())


def test_what_the_customer_signed_for_is_not_changed_afterwards(works: Company, signature: Sign) -> None:
    name = ordered(works, signature)
    [line] = works.liqiang.reads("Workshop Order", name)["lines"]
    with refused("单据已提交"):
        works.liqiang.changes("Workshop Order", name, lines=[{"name": line["name"], "rate": 90}])


# S14-05: the promised time follows from the labour hours, the queue and the calendar


def promised(works: Company, start: datetime, hours: object, **values: Any) -> Any:
    lines = [
        {"kind": "Labour", "description": "保养", "qty": hours, "rate": 80},
        {"kind": "Parts", "description": "机油", "qty": 4},
    ]
    given = {"planned_start": start, "lines": lines} | values
    return works.wangfang.makes("Workshop Order", "Vehicle Intake", received(works), **given)["promised_at"]


@pytest.mark.parametrize(
    ("start", "hours", "ready"),
    [
        pytest.param("2026-06-15 09:00", "2.5", "2026-06-15 11:30", id="the same morning"),
        pytest.param("2026-06-15 09:00", 4, "2026-06-15 14:00", id="over the lunch hour"),
        pytest.param("2026-06-15 16:00", 1, "2026-06-15 17:00", id="to the close of work"),
        pytest.param("2026-06-15 16:00", "1.5", "2026-06-16 08:30", id="a half hour more is tomorrow"),
        pytest.param("2026-06-18 16:00", 2, "2026-06-22 09:00", id="over the Dragon Boat holiday"),
    ],
)
def test_the_promised_time_counts_working_hours_only(works: Company, start: str, hours: object, ready: str) -> None:
    assert promised(works, local(start), hours) == local(ready)


def test_hours_waiting_before_it_and_more_labour_move_the_promise(works: Company) -> None:
    assert promised(works, local("2026-06-15 09:00"), 2, queue_hours=1) == local("2026-06-15 12:00")
    order = works.wangfang.makes(
        "Workshop Order", "Vehicle Intake", received(works), planned_start=local("2026-06-15 09:00"),
        lines=[{"kind": "Labour", "description": "保养", "qty": 1, "rate": 80}],
    )  # fmt: skip
    rows = [{"name": order["lines"][0]["name"], "qty": 3}]
    assert works.wangfang.changes("Workshop Order", order["name"], lines=rows)["promised_at"] == local("2026-06-15 12:00")


def test_parts_alone_promise_nothing(works: Company) -> None:
    lines = [{"kind": "Parts", "description": "机油", "qty": 4}]
    assert works.wangfang.makes("Workshop Order", "Vehicle Intake", received(works), lines=lines)["promised_at"] is None


# S14-03: the stock of every part, and what is short


@pytest.mark.parametrize(("qty", "short"), [pytest.param(1000, None, id="all there is"), pytest.param(1001, 1, id="one more")])
def test_the_stock_of_a_part_stands_in_its_line_and_a_shortage_is_flagged(works: Company, qty: int, short: int | None) -> None:
    works.lot("BJ-PRV")  # a thousand
    before = works.on_hand(works.lot("BJ-PRV"))
    assert before == 1000
    lines = [{"kind": "Labour", "description": "更换", "qty": 1, "rate": 80}, {"kind": "Parts", "item": "BJ-PRV", "qty": qty}]
    order = works.wangfang.makes("Workshop Order", "Vehicle Intake", received(works), lines=lines)
    [labour, part] = order["lines"]
    assert (part["description"], part["on_hand"], part["shortage"]) == ("安全阀", 1000, short)
    assert (labour["on_hand"], order["short_parts"]) == (None, 1 if short else 0)
    told = works.wangfang.warnings_of("Workshop Order", vehicle_intake=order["vehicle_intake"], lines=lines)
    assert any("缺料" in text for text in told) is bool(short)


def local(text: str) -> datetime:
    """A time of the workshop's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
