"""S19 Funds: approved by the amount, and tied to the claim or the refund that they pay.

Li Qiang (李强) travelled, Chen Jing (陈静) heads after-sales, He Zhong (何忠) the leader in charge, Zhang Jianguo (张建国) decides above.
"""

from __future__ import annotations

from datetime import date
from typing import Any

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


# S19-01, S16-08: a fund request pays one claim, once, and no more than the claim allows


def claim(works: Company, amount: int = 300) -> str:
    line = {"spent_on": date(2026, 6, 10), "place": "沈阳", "amount": amount}
    trip = {"destination": "沈阳", "from_date": date(2026, 6, 10), "to_date": date(2026, 6, 11), "lines": [line]}
    return str(works.liqiang.enters("Expense Claim", **trip)["name"])


def asks(works: Company, paid: str, **values: Any) -> dict[str, Any]:
    return works.liqiang.makes("Fund Request", "Expense Claim", paid, purpose="沈阳出差", **values)


def test_a_claim_is_paid_once_and_shows_by_what(works: Company) -> None:
    paid = claim(works)
    works.liqiang.submits("Expense Claim", paid)
    with refused("准予报销 300.00", "请款 300.01", "S19-01"):
        asks(works, paid, amount="300.01")
    made = asks(works, paid)
    assert (made["amount"], made["claim_allowed"]) == (300, 300)
    with refused(made["name"], "不能重复请款", "S19-01"):
        asks(works, paid, amount=1)
    works.liqiang.takes("Send", "Fund Request", made["name"])
    [asked, *_] = works.asked(made["name"])
    works.person(asked).approves(made["name"])
    assert works.liqiang.reads("Expense Claim", paid)["fund_request"] == made["name"]
    page = works.liqiang.prints("Fund Request", made["name"])
    assert all(text in page for text in (paid, "准予报销", "叁佰元整"))


def test_a_claim_that_is_not_submitted_is_not_paid(works: Company) -> None:
    with refused("须已提交", "S19-01"):
        works.liqiang.enters("Fund Request", purpose="沈阳出差", amount=300, expense_claim=claim(works))
