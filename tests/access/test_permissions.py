"""What DocPerm rows grant: the examples that matter, and every combination against an independent reading of the rules."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.access.permissions import Permissions
from server.access.user import User
from server.core.errors import PermissionRefused
from server.core.text import Text
from server.metadata.model import DocField, DocPerm, DocType, Model

ENGINEER = User("wang", "王芳", frozenset({"Engineer"}))
MANAGER = User("zhao", "赵敏", frozenset({"Manager"}))
SYSTEM_MANAGER = User("admin1", "管理员", frozenset({"System Manager"}))


def model(*permissions: DocPerm) -> Model:
    rows = DocField("rows", "Table", options="Ticket Row")
    ticket = DocType(
        "Ticket", label=Text("工单", "Ticket"), fields=(DocField("subject", "Data"), rows), permissions=permissions
    )
    child = DocType("Ticket Row", label=Text("工单行", "Ticket Row"), istable=True, fields=(DocField("item", "Data"),))
    return Model({"Ticket": ticket, "Ticket Row": child})


def test_only_the_roles_that_are_named_may() -> None:
    permissions = Permissions(model(DocPerm("Engineer", read=True, write=True), DocPerm("Manager", read=True)))

    assert permissions.may(ENGINEER, "write", "Ticket", {"owner": "li"})
    assert not permissions.may(MANAGER, "write", "Ticket", {"owner": "li"})
    assert not permissions.may(ENGINEER, "read", "No Such DocType")


def test_the_system_manager_has_no_free_pass_and_the_administrator_has() -> None:
    permissions = Permissions(model(DocPerm("Engineer", read=True)))

    assert not permissions.may(SYSTEM_MANAGER, "read", "Ticket")
    assert permissions.scope(SYSTEM_MANAGER, "Ticket") == "none"
    assert permissions.may(User.administrator(), "delete", "Ticket", {"owner": "li"})
    assert 9 in permissions.levels(User.administrator(), "write", "Ticket")


def test_everybody_has_the_role_all() -> None:
    assert Permissions(model(DocPerm("All", read=True))).may(User("x"), "read", "Ticket")


def test_a_disabled_user_may_nothing() -> None:
    permissions = Permissions(model(DocPerm("All", read=True)))

    assert not permissions.may(User("x", enabled=False), "read", "Ticket")


def test_if_owner_opens_ones_own_records_only() -> None:
    permissions = Permissions(model(DocPerm("Engineer", read=True, write=True, create=True, if_owner=True)))

    assert permissions.may(ENGINEER, "read", "Ticket", {"owner": "wang"})
    assert not permissions.may(ENGINEER, "read", "Ticket", {"owner": "li"})
    assert not permissions.may(ENGINEER, "read", "Ticket", {})
    assert permissions.may(ENGINEER, "read", "Ticket")
    assert permissions.scope(ENGINEER, "Ticket") == "own"


def test_two_roles_add_up() -> None:
    permissions = Permissions(model(DocPerm("Engineer", read=True, if_owner=True), DocPerm("Manager", read=True)))
    both = User("wang", roles=frozenset({"Engineer", "Manager"}))

    assert permissions.scope(both, "Ticket") == "all"
    assert permissions.may(both, "read", "Ticket", {"owner": "li"})


def test_a_field_level_needs_its_own_row() -> None:
    permissions = Permissions(model(DocPerm("Engineer", read=True, write=True), DocPerm("Engineer", permlevel=2, read=True)))

    assert permissions.levels(ENGINEER, "read", "Ticket", {"owner": "li"}) == {0, 2}
    assert permissions.levels(ENGINEER, "write", "Ticket", {"owner": "li"}) == {0}
    assert not permissions.may(ENGINEER, "delete", "Ticket")


def test_a_level_row_alone_opens_no_record() -> None:
    permissions = Permissions(model(DocPerm("Engineer", permlevel=1, read=True)))

    assert not permissions.may(ENGINEER, "read", "Ticket")
    assert permissions.scope(ENGINEER, "Ticket") == "none"


def test_a_level_held_for_own_records_does_not_show_in_a_list_of_all() -> None:
    permissions = Permissions(model(DocPerm("Engineer", read=True), DocPerm("Engineer", permlevel=1, read=True, if_owner=True)))

    assert permissions.levels(ENGINEER, "read", "Ticket", {"owner": "wang"}) == {0, 1}
    assert permissions.levels(ENGINEER, "read", "Ticket", {"owner": "li"}) == {0}
    assert permissions.levels(ENGINEER, "read", "Ticket") == {0}


def test_whoever_may_change_a_level_may_fill_it_in_when_creating() -> None:
    permissions = Permissions(
        model(DocPerm("Engineer", create=True, if_owner=True), DocPerm("Engineer", permlevel=1, write=True))
    )

    assert permissions.levels(ENGINEER, "create", "Ticket") == {0, 1}


def test_who_may_read_may_choose_and_who_may_choose_may_not_read() -> None:
    permissions = Permissions(model(DocPerm("Engineer", read=True), DocPerm("Manager", select=True)))

    assert permissions.scope(ENGINEER, "Ticket", "select") == "all"
    assert permissions.scope(MANAGER, "Ticket", "select") == "all"
    assert permissions.scope(MANAGER, "Ticket", "read") == "none"


def test_child_rows_follow_their_record() -> None:
    permissions = Permissions(model(DocPerm("Engineer", read=True)))

    assert permissions.may(ENGINEER, "read", "Ticket Row", {"parenttype": "Ticket"})
    assert not permissions.may(ENGINEER, "read", "Ticket Row", {"parenttype": "Other"})
    assert not permissions.may(MANAGER, "read", "Ticket Row")


def test_a_right_to_ones_own_records_does_not_reach_a_row_alone() -> None:
    permissions = Permissions(model(DocPerm("Engineer", read=True, if_owner=True)))

    assert not permissions.may(ENGINEER, "read", "Ticket Row", {"parenttype": "Ticket"})
    assert permissions.scope(ENGINEER, "Ticket Row") == "none"


def test_a_refusal_names_user_action_record_and_the_roles_that_may() -> None:
    permissions = Permissions(model(DocPerm("Manager", submit=True), DocPerm("Director", submit=True)))

    with pytest.raises(PermissionRefused) as refused:
        permissions.require(ENGINEER, "submit", "Ticket", {"name": "T-1", "owner": "li"})

    assert refused.value.text.zh == "王芳(wang)没有提交工单 T-1的权限。有此权限的角色：Manager、Director。"
    assert refused.value.text.en == "王芳 (wang) may not submit Ticket T-1. Roles that may: Manager, Director."


def test_a_refusal_for_another_persons_record_says_so() -> None:
    permissions = Permissions(model(DocPerm("Engineer", read=True, if_owner=True), DocPerm("Manager", read=True)))

    with pytest.raises(PermissionRefused, match="only to records you made yourself"):
        permissions.require(ENGINEER, "read", "Ticket", {"name": "T-1", "owner": "li"})


# Every combination, against the rules read once more

ROLES = ("Engineer", "Manager", "All")
ACTIONS = ("read", "write", "create", "submit")
perms = st.builds(
    lambda role, permlevel, if_owner, granted: DocPerm(role, permlevel, if_owner, **dict.fromkeys(granted, True)),
    st.sampled_from(ROLES), st.integers(0, 2), st.booleans(), st.sets(st.sampled_from(ACTIONS)),
)  # fmt: skip


def expected_may(rows: list[DocPerm], roles: set[str], action: str, owned: bool | None) -> bool:
    """A row at level 0 of one of my roles grants it, for all records, or this one is mine (or none in particular, or new)."""
    for row in rows:
        granted = row.role in roles | {"All"} and row.permlevel == 0 and getattr(row, action)
        if granted and (not row.if_owner or owned in (True, None) or action == "create"):
            return True
    return False


def expected_scope(rows: list[DocPerm], roles: set[str], action: str) -> str:
    if expected_may(rows, roles, action, owned=None) is False:
        return "none"
    return "all" if expected_may([row for row in rows if not row.if_owner], roles, action, owned=False) else "own"


def expected_levels(rows: list[DocPerm], roles: set[str], action: str, owned: bool | None) -> set[int]:
    if owned is None:  # what holds for every record in a list
        owned = action == "create" or expected_scope(rows, roles, action) == "own"
    levels = set()
    for row in rows:
        granted = row.write or row.create if action == "create" and row.permlevel else getattr(row, action)
        if row.role in roles | {"All"} and granted and (owned or action == "create" or not row.if_owner):
            levels.add(row.permlevel)
    return levels


@settings(max_examples=400)
@given(
    rows=st.lists(perms, max_size=8),
    roles=st.sets(st.sampled_from(("Engineer", "Manager", "Nobody"))),
    action=st.sampled_from(ACTIONS),
    owner=st.sampled_from(("wang", "li", None)),
)
def test_permissions_agree_with_the_rules_as_read_a_second_time(
    rows: list[DocPerm], roles: set[str], action: str, owner: str | None
) -> None:
    permissions = Permissions(model(*rows))
    user = User("wang", roles=frozenset(roles))
    record: dict[str, Any] | None = None if owner is None else {"owner": owner}
    owned = None if owner is None else owner == "wang"

    for _ in range(2):  # the second answer is the remembered one
        assert permissions.may(user, action, "Ticket", record) == expected_may(rows, roles, action, owned)
        assert permissions.scope(user, "Ticket", action) == expected_scope(rows, roles, action)
        assert permissions.levels(user, action, "Ticket", record) == expected_levels(rows, roles, action, owned)
