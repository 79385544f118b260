"""Who can do what and why: the answer is always the judgement's own, and its reason names what decided."""

from __future__ import annotations

from typing import Any

import pytest

from server.access.explain import explain, hidden_fields
from server.access.permissions import ACTION_TEXTS, Permissions
from server.access.user import User
from server.metadata.load import read_doctype
from server.metadata.model import Model

VISIT = {
    "name": "Visit",
    "fields": [
        {"fieldname": "customer", "fieldtype": "Link", "options": "Customer", "label": {"zh": "客户", "en": "Customer"}},
        {"fieldname": "cost", "fieldtype": "Currency", "permlevel": 1, "label": {"zh": "成本", "en": "Cost"}},
    ],
    "permissions": [
        {"role": "Manager", "read": 1, "write": 1, "delete": 1},
        {"role": "Manager", "permlevel": 1, "read": 1},
        {"role": "Clerk", "read": 1, "create": 1},
        {"role": "Clerk", "write": 1, "if_owner": 1},
    ],
}
MODEL = Model({"Visit": read_doctype(VISIT), "Customer": read_doctype({"name": "Customer", "fields": []})})
DOCTYPE = MODEL["Visit"]
CLERK = User("li", roles=frozenset({"Clerk"}))
HERS = {"name": "V-1", "owner": "wang", "customer": "东岭"}


def reason(user: User, action: str, record: dict[str, Any] | None) -> tuple[bool, str]:
    answer = next(answer for answer in explain(MODEL, user, DOCTYPE, record) if answer.action == action)
    return answer.allowed, answer.because.en


@pytest.mark.parametrize(
    ("user", "action", "record", "expected"),
    [
        pytest.param(CLERK, "read", HERS, (True, "role Clerk"), id="by a role"),
        pytest.param(CLERK, "write", HERS, (False, "role Clerk, for one's own records only; wang made this one"), id="own only"),
        pytest.param(CLERK, "write", HERS | {"owner": "li"}, (True, "role Clerk"), id="ones own"),
        pytest.param(CLERK, "delete", HERS, (False, "has none of the roles that may (Manager)"), id="another role may"),
        pytest.param(CLERK, "submit", HERS, (False, "no role may"), id="nobody may"),
        pytest.param(
            User("li", roles=frozenset({"Clerk"}), only={"Customer": frozenset({"秦川"})}), "read", HERS,
            (False, "outside the user permissions: Customer is 东岭, confined to 秦川"), id="beyond the user permissions",
        ),
        pytest.param(User("li", roles=frozenset({"Clerk"}), enabled=False), "read", None, (False, "the user is disabled"), id="disabled"),
        pytest.param(User.administrator(), "delete", HERS, (True, "the built-in administrator may do everything"), id="administrator"),
    ],
)  # fmt: skip
def test_the_reason_names_what_decided(user: User, action: str, record: Any, expected: tuple[bool, str]) -> None:
    assert reason(user, action, record) == expected


@pytest.mark.parametrize("record", [None, HERS, HERS | {"owner": "li"}])
@pytest.mark.parametrize("roles", [set(), {"Clerk"}, {"Manager"}, {"Clerk", "Manager"}])
def test_the_answer_is_that_of_the_judgement(roles: set[str], record: Any) -> None:
    user = User("li", roles=frozenset(roles))

    answers = {answer.action: answer.allowed for answer in explain(MODEL, user, DOCTYPE, record)}

    assert answers == {action: Permissions(MODEL).may(user, action, "Visit", record) for action in ACTION_TEXTS}


def test_roles_are_called_as_people_call_them() -> None:
    answers = explain(MODEL, CLERK, DOCTYPE, None, role_titles={"Manager": "经理", "Clerk": "文员"})

    said = {answer.action: answer.because for answer in answers}
    assert (said["read"].zh, said["read"].en) == ("角色 文员", "role Clerk")
    assert said["delete"].zh == "没有授予此权限的角色（经理）"


def test_whoever_may_not_read_the_record_is_told_no_values() -> None:
    confined = User("li", roles=frozenset({"Clerk"}), only={"Customer": frozenset({"秦川"})})

    told = [
        answer.because.en for user in (CLERK, confined) for answer in explain(MODEL, user, DOCTYPE, HERS, tells_values=False)
    ]

    assert "role Clerk, for one's own records only" in told
    assert "outside the user permissions: Customer confined to 秦川" in told
    assert not any("wang" in reason or "东岭" in reason for reason in told)


def test_fields_of_a_higher_level_are_named() -> None:
    assert [(label.en, level) for label, level in hidden_fields(MODEL, CLERK, DOCTYPE, HERS)] == [("Cost", 1)]
