"""Who can do what and why: what the rights give, and what the record as it stands does not allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from documents_shop import LINE, ORDER, PART, order

from server.access.user import User
from server.core.errors import GuijuError
from server.documents.rights import COMPARED, Rights
from server.site import Site

ADMIN = User.administrator()
CORE = ("User", "Role", "Has Role", "Department", "User Permission")


@pytest.fixture
def staffed(empty_site: Site, publish: Callable[..., int], shipped_doctypes: Mapping[str, dict[str, object]]) -> Site:
    """The shop with people who have records of their own."""
    publish(empty_site, *(shipped_doctypes[name] for name in CORE), PART, LINE, ORDER)
    for role in ("Clerk", "Boss"):
        empty_site.documents.save(ADMIN, "Role", {"role_name": role})
        empty_site.documents.save(
            ADMIN, "User", {"login": role.lower(), "full_name": role, "enabled": 1, "roles": [{"role": role}]}
        )
    for code, price in (("P1", "6800"), ("P2", "12.50")):
        empty_site.documents.save(ADMIN, "Part", {"code": code, "price": price})
    return empty_site


def now(rights: Rights) -> set[str]:
    return {answer.action for answer in rights.answers if answer.holds_now} & set(COMPARED)


def obstacle(rights: Rights, action: str) -> str | None:
    found = next(answer.obstacle for answer in rights.answers if answer.action == action)
    return found.en if found else None


def test_what_a_record_allows_now_is_told_beside_the_rights(staffed: Site) -> None:
    clerk = staffed.user("clerk")
    name = staffed.documents.save(clerk, "Order", order()).name
    draft = staffed.rights.of_user(ADMIN, clerk, "Order", name)
    staffed.documents.submit(clerk, "Order", name)
    submitted = staffed.rights.of_user(ADMIN, clerk, "Order", name)
    staffed.documents.cancel(clerk, "Order", name)
    cancelled = staffed.rights.of_user(ADMIN, clerk, "Order", name)

    assert now(draft) == {"read", "write", "create", "submit", "delete", "print"}
    assert now(submitted) == {"read", "create", "cancel", "print"}
    assert (obstacle(submitted, "write"), obstacle(submitted, "submit")) == (
        "it is submitted; only Note still change",
        "it is submitted",
    )
    assert now(cancelled) == {"read", "create", "amend", "print"}
    assert [label.en for label, _ in draft.hidden] == ["Discount"]
    assert (obstacle(draft, "email"), obstacle(draft, "report")) == (None, None)


@pytest.mark.parametrize("action", ["submit", "cancel", "delete", "amend"])
@pytest.mark.parametrize("state", ["draft", "submitted", "cancelled"])
def test_the_answer_is_what_happens(staffed: Site, action: str, state: str) -> None:
    clerk = staffed.user("clerk")
    name = staffed.documents.save(clerk, "Order", order()).name
    for step in {"draft": [], "submitted": ["submit"], "cancelled": ["submit", "cancel"]}[state]:
        getattr(staffed.documents, step)(clerk, "Order", name)

    promised = action in now(staffed.rights.of_user(ADMIN, clerk, "Order", name))
    try:
        getattr(staffed.new_records if action == "amend" else staffed.documents, action)(clerk, "Order", name)
        done = True
    except GuijuError:
        done = False

    assert promised == done


def test_everybody_is_compared_on_one_record_and_what_refers_to_it_is_named(staffed: Site) -> None:
    name = staffed.documents.save(staffed.user("clerk"), "Order", order()).name

    people = {rights.user.name: now(rights) for rights in staffed.rights.of_everybody(ADMIN, "Order", name)}
    assert people == {"clerk": {"read", "write", "create", "submit", "delete", "print"}, "boss": {"read", "write"}}
    part = staffed.rights.of_user(ADMIN, staffed.user("clerk"), "Part", "P1")
    assert f"Order {name}" in str(obstacle(part, "delete"))
    assert "delete" not in now(part)
