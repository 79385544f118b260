"""S14 Workshop reception: is it covered by the warranty, and who says so.

Wang Fang (王芳) is the service advisor, Li Qiang (李强) the technician, Han Mei (韩梅) of the manufacturer's service department.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from scenario_company import Company, refused

from server.core.errors import GuijuError, PermissionRefused

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
