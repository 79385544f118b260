"""S19 Funds: approved by the amount."""

from __future__ import annotations

import pytest
from scenario_company import Company, refused

# S19-01: who approves which amount


@pytest.mark.parametrize(
    ("amount", "asked"),
    [("5000", ["chenjing"]), ("5000.01", ["chenjing", "hezhong"]), ("20000.01", ["chenjing", "hezhong", "zhangjianguo"])],
)
def test_funds_are_approved_by_amount(works: Company, amount: str, asked: list[str]) -> None:
    name = works.wangfang.enters("Fund Request", purpose="差旅与配件", amount=amount)["name"]
    with refused("请款审批", "S19-01"):
        works.wangfang.submits("Fund Request", name)
    works.wangfang.takes("Send", "Fund Request", name)
    for login in asked:
        assert works.asked(name) == [login]
        works.person(login).approves(name)
    assert works.wangfang.reads("Fund Request", name)["docstatus"] == 1


def test_a_request_of_the_head_of_department_goes_to_the_leader_in_charge_once(works: Company) -> None:
    name = works.chenjing.enters("Fund Request", purpose="备件预付款", amount="20000")["name"]
    works.chenjing.takes("Send", "Fund Request", name)
    assert works.asked(name) == ["hezhong"]
    works.hezhong.approves(name)
    assert works.chenjing.reads("Fund Request", name)["docstatus"] == 1
