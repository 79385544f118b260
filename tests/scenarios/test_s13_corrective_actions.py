"""S13 Corrective actions run in order, and only quality closes them.

Wu Gang (吴刚) of quality opens them, Sun Yu (孙宇) sees to them, Qian Li (钱立) closes.
"""

from __future__ import annotations

from datetime import date

import pytest
from scenario_company import Company, refused

from server.core.errors import PermissionRefused, ValidationFailed

ACTION = "Corrective Action"


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
