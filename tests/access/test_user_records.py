"""What holds of every User record, whoever saves it: a login that can be typed, and somebody left who administers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from server.access.user import User
from server.core.errors import ValidationFailed
from server.site import Site

ADMINISTRATOR = User.administrator()
MANAGER = [{"role": "System Manager"}]


@pytest.fixture
def site(shipped_site: Site) -> Site:
    """The built-in pack and two users: xu, who administers, and wang, who does not."""
    for role in ("System Manager", "Finance"):
        shipped_site.documents.save(ADMINISTRATOR, "Role", {"role_name": role, "title": role})
    for login, role in (("xu", "System Manager"), ("wang", "Finance")):
        shipped_site.documents.save(
            ADMINISTRATOR, "User", {"login": login, "full_name": login, "roles": [{"role": role}], "language": "zh"}
        )
    return shipped_site


def change(site: Site, login: str, by: User | None = None, **values: Any) -> None:
    site.documents.save(by or ADMINISTRATOR, "User", values, name=login)


LOSSES: dict[str, Callable[[Site], None]] = {
    "disabled by himself": lambda site: change(site, "xu", site.user("xu"), enabled=0),
    "disabled by the Administrator": lambda site: change(site, "xu", enabled=0),
    "without the role": lambda site: change(site, "xu", roles=[{"role": "Finance"}]),
    "without any role": lambda site: change(site, "xu", roles=[]),
    "deleted": lambda site: site.documents.delete(ADMINISTRATOR, "User", "xu"),
}


@pytest.mark.parametrize("lose", LOSSES.values(), ids=LOSSES)
def test_the_last_enabled_system_manager_stays(site: Site, lose: Callable[[Site], None]) -> None:
    with pytest.raises(ValidationFailed) as refused:
        lose(site)

    said = "\n".join([*refused.value.lines("en"), *refused.value.lines("zh")])
    assert "the last enabled user with the role System Manager" in said
    assert "最后一名" in said
    kept = site.user("xu")
    assert kept.enabled
    assert "System Manager" in kept.roles


@pytest.mark.parametrize("lose", LOSSES.values(), ids=LOSSES)
def test_one_of_two_system_managers_may_go(site: Site, lose: Callable[[Site], None]) -> None:
    change(site, "wang", roles=MANAGER)

    lose(site)

    assert site.user("wang").has_role("System Manager")


def test_a_disabled_system_manager_does_not_count_as_another(site: Site) -> None:
    change(site, "wang", roles=MANAGER)
    change(site, "wang", enabled=0)

    with pytest.raises(ValidationFailed, match="cannot be saved"):
        change(site, "xu", enabled=0)


def test_other_changes_of_the_last_system_manager_are_free(site: Site) -> None:
    change(site, "xu", full_name="Xu Tao", roles=[*MANAGER, {"role": "Finance"}])
    change(site, "wang", enabled=0)

    assert site.user("xu").full_name == "Xu Tao"
    assert not site.user("wang").enabled


@pytest.mark.parametrize(
    "login",
    ["a", "wang.fang", "wang-fang_2", "wangfang@example.com", "王芳", "Мария", "7", "x" * 140],
    ids=lambda login: login[:20],
)
def test_a_login_of_letters_digits_and_four_signs_is_taken(site: Site, login: str) -> None:
    site.documents.save(ADMINISTRATOR, "User", {"login": login, "full_name": "N", "language": "zh"})

    assert site.user(login).name == login


@pytest.mark.parametrize(
    "login",
    ["a b", "a/b", "<x>", "a b/<x>", "a\tb", "a?b", "a%b", "a,b", "a'b", ".", "..", "-a", "@a", "_a", "a\u200bb", "x" * 141],
    ids=lambda login: ascii(login[:20]),
)
def test_any_other_login_is_refused_with_what_is_allowed(site: Site, login: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        site.documents.save(ADMINISTRATOR, "User", {"login": login, "full_name": "N", "language": "zh"})

    assert [fault.where for fault in refused.value.faults] == ["login"]
    if len(login) < 140:
        assert "1 to 140 letters, digits" in refused.value.faults[0].text.en
        assert "字母" in refused.value.faults[0].text.zh


@pytest.mark.parametrize("login", ["Administrator", "administrator", "ADMINISTRATOR"])
def test_the_name_of_the_built_in_administrator_is_nobodys_login(site: Site, login: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        site.documents.save(ADMINISTRATOR, "User", {"login": login, "full_name": "N", "language": "zh"})

    assert "built-in" in refused.value.faults[0].text.en


def test_who_has_acted_is_disabled_instead_of_deleted_so_that_nobody_else_gets_the_login(site: Site) -> None:
    site.documents.save(site.user("xu"), "Department", {"department_name": "Tool crib"})

    with pytest.raises(ValidationFailed) as refused:
        site.documents.delete(ADMINISTRATOR, "User", "xu")
    site.documents.delete(ADMINISTRATOR, "User", "wang")  # who never did anything

    assert "xu has signed in or done something" in refused.value.faults[0].text.en
