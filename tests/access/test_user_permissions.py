"""User permissions: who is confined to some customers sees, finds, prints and changes nothing that links to others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.access.permissions import Permissions
from server.access.user import User
from server.core.errors import PermissionRefused
from server.site import Site

Publish = Callable[..., int]
ADMIN = User.administrator()
CUSTOMERS = ("东岭", "秦川", "汉江")
AREAS = ("北", "南")
RIGHTS = [{"role": "All", "read": 1, "write": 1, "create": 1, "delete": 1, "print": 1}]
CUSTOMER = {
    "doctype": "DocType", "name": "Customer", "autoname": "field:title", "permissions": RIGHTS,
    "fields": [{"fieldname": "title", "fieldtype": "Data"}],
}  # fmt: skip
AREA = CUSTOMER | {"name": "Area"}
VISIT: dict[str, Any] = {
    "doctype": "DocType", "name": "Visit", "autoname": "format:V-{###}", "permissions": RIGHTS, "search_fields": "note",
    "fields": [
        {"fieldname": "customer", "fieldtype": "Link", "options": "Customer"},
        {"fieldname": "payer", "fieldtype": "Link", "options": "Customer", "ignore_user_permissions": 1},
        {"fieldname": "area", "fieldtype": "Link", "options": "Area"},
        {"fieldname": "kind", "fieldtype": "Link", "options": "DocType"},
        {"fieldname": "about", "fieldtype": "Dynamic Link", "options": "kind"},
        {"fieldname": "note", "fieldtype": "Data"},
    ],
}  # fmt: skip


def confined(**only: set[str]) -> User:
    return User("li", "李工", only={doctype: frozenset(names) for doctype, names in only.items()})


@pytest.fixture
def visits(empty_site: Site, publish: Publish) -> Site:
    """One visit to every customer in every area, and one to nobody."""
    publish(empty_site, CUSTOMER, AREA, VISIT)
    for doctype, names in (("Customer", CUSTOMERS), ("Area", AREAS)):
        for name in names:
            empty_site.documents.save(ADMIN, doctype, {"title": name})
    for customer in (*CUSTOMERS, None):
        for area in (*AREAS, None):
            note = f"回访 {customer} {area}"
            empty_site.documents.save(ADMIN, "Visit", {"customer": customer, "payer": "汉江", "area": area, "note": note})
    return empty_site


def test_lists_counts_links_and_search_hold_only_what_one_works_with(visits: Site) -> None:
    li = confined(Customer={"东岭"}, Area={"北"})

    rows = visits.queries.list(li, "Visit", fields=["customer", "area"], limit=100).rows

    assert {(row["customer"], row["area"]) for row in rows} == {("东岭", "北"), ("东岭", None), (None, "北"), (None, None)}
    assert visits.queries.count(li, "Visit").value == 4
    assert [choice.value for choice in visits.queries.search_link(li, "Customer", "")] == ["东岭"]
    assert {found.name for found in visits.queries.find(li, "秦川")} == set()


def test_a_record_beyond_is_neither_opened_nor_changed_nor_deleted_and_says_why(visits: Site) -> None:
    li = confined(Customer={"东岭"})
    name = visits.queries.list(ADMIN, "Visit", filters=[("customer", "=", "秦川")], fields=["name"]).rows[0]["name"]

    for attempt in (
        lambda: visits.documents.load(li, "Visit", name),
        lambda: visits.documents.save(li, "Visit", {"note": "x"}, name=name),
        lambda: visits.documents.delete(li, "Visit", name),
        lambda: visits.printouts.pdf(li, "Visit", name),
        lambda: visits.queries.history(li, "Visit", name),
        lambda: visits.documents.load(li, "Customer", "秦川"),
    ):
        with pytest.raises(PermissionRefused, match="lies outside the data you work with"):
            attempt()


def test_a_record_is_not_moved_beyond_ones_own_data(visits: Site) -> None:
    li = confined(Customer={"东岭"})
    name = visits.documents.save(li, "Visit", {"customer": "东岭", "payer": "秦川"}).name

    with pytest.raises(PermissionRefused) as refused:
        visits.documents.save(li, "Visit", {"customer": "秦川"}, name=name)

    assert [fault.where for fault in refused.value.faults] == ["customer"]
    assert "choose one of: 东岭" in refused.value.faults[0].text.en
    assert visits.documents.load(li, "Visit", name)["customer"] == "东岭"


@pytest.fixture
def visits_about(visits: Site) -> Site:
    """Further visits, about each customer and each area by a dynamic link."""
    for kind, names in (("Customer", CUSTOMERS), ("Area", AREAS)):
        for name in names:
            visits.documents.save(ADMIN, "Visit", {"kind": kind, "about": name, "note": f"回访 {name}"})
    return visits


def test_a_dynamic_link_leads_no_further_than_a_link(visits_about: Site) -> None:
    li = confined(Customer={"东岭"}, Area={"北"})
    rows = visits_about.queries.list(li, "Visit", fields=["about"], filters=[("about", "is", "set")], limit=100).rows

    assert sorted(row["about"] for row in rows) == ["东岭", "北"]
    with pytest.raises(PermissionRefused) as refused:
        visits_about.documents.save(li, "Visit", {"kind": "Customer", "about": "秦川"})
    assert [fault.where for fault in refused.value.faults] == ["about"]
    visits_about.documents.save(li, "Visit", {"kind": "Customer", "about": "东岭"})


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    customers=st.none() | st.sets(st.sampled_from(CUSTOMERS)),
    areas=st.none() | st.sets(st.sampled_from(AREAS)),
)
def test_no_way_shows_what_another_refuses(visits_about: Site, customers: set[str] | None, areas: set[str] | None) -> None:
    only = {key: value for key, value in (("Customer", customers), ("Area", areas)) if value is not None}
    li, visits = confined(**only), visits_about
    permissions = Permissions(visits.snapshot().model)
    everything = visits.queries.list(ADMIN, "Visit", fields=["*"], limit=100).rows

    opened = {record["name"] for record in everything if permissions.may(li, "read", "Visit", record)}
    listed = {row["name"] for row in visits.queries.list(li, "Visit", limit=100).rows}
    found = {item.name for item in visits.queries.find(li, "回访", limit=100, each=100)}
    grouped = visits.queries.group(li, "Visit", group_by="customer", aggregates=[("count", "name", "n")])

    assert listed == found == opened
    assert sum(row["n"] for row in grouped) == visits.queries.count(li, "Visit").value == len(opened)


def test_they_are_read_with_the_user_and_count_from_the_next_request(visits: Site, publish: Publish) -> None:
    core = [source.raw for source in visits.read_packs().sources if source.name in CORE]
    publish(visits, *core)
    rows = [{"allow": "Customer", "for_value": "东岭"}, {"allow": "Customer", "for_value": "汉江"}]
    visits.documents.save(ADMIN, "User", {"login": "li", "full_name": "李工", "enabled": 1, "user_permissions": rows})

    assert visits.user("li").only == {"Customer": frozenset({"东岭", "汉江"})}
    visits.documents.save(ADMIN, "User", {"user_permissions": []}, name="li")
    assert visits.user("li").only == {}


CORE = ("User", "Role", "Has Role", "Department", "User Permission")


def test_one_may_be_confined_in_one_record_type_alone(visits: Site) -> None:
    li = User(
        "li",
        "李工",
        only={"Area": frozenset({"北"})},
        only_in={"Visit": {"Customer": frozenset({"东岭"}), "Area": frozenset({"南"})}},
    )

    rows = visits.queries.list(li, "Visit", fields=["customer", "area"], limit=100).rows

    assert {(row["customer"], row["area"]) for row in rows} == {
        (customer, area) for customer in ("东岭", None) for area in ("北", "南", None)
    }
    assert len(visits.queries.list(li, "Customer", limit=100).rows) == len(CUSTOMERS)
    assert [row["name"] for row in visits.queries.list(li, "Area", limit=100).rows] == ["北"]


def test_a_record_of_a_tree_stands_for_what_is_below_it_unless_its_row_says_otherwise(visits: Site, publish: Publish) -> None:
    publish(visits, *(source.raw for source in visits.read_packs().sources if source.name in CORE))
    for name, above in (("总部", None), ("生产部", "总部"), ("车间", "生产部"), ("销售部", "总部")):
        visits.documents.save(ADMIN, "Department", {"department_name": name, "parent_department": above})
    rows = [{"allow": "Department", "for_value": "生产部"}, {"allow": "Department", "for_value": "总部", "hide_descendants": 1}]
    visits.documents.save(ADMIN, "User", {"login": "li", "full_name": "李工", "enabled": 1, "user_permissions": rows})

    assert visits.user("li").only == {"Department": frozenset({"总部", "生产部", "车间"})}


def test_a_new_record_begins_with_the_default_of_ones_user_permissions(visits: Site, publish: Publish) -> None:
    publish(visits, *(source.raw for source in visits.read_packs().sources if source.name in CORE))
    rows = [
        {"allow": "Customer", "for_value": "东岭"}, {"allow": "Customer", "for_value": "秦川", "is_default": 1},
        {"allow": "Area", "for_value": "北", "applicable_for": "Visit"},
    ]  # fmt: skip
    visits.documents.save(ADMIN, "User", {"login": "li", "full_name": "李工", "enabled": 1, "user_permissions": rows})
    li = visits.user("li")

    new = visits.new_records.blank(li, "Visit")

    assert (new["customer"], new.get("payer"), new.get("area")) == ("秦川", None, None)
    assert visits.documents.save(li, "Visit", {"note": "x"}).record["customer"] == "秦川"
    assert {row["area"] for row in visits.queries.list(li, "Visit", fields=["area"], limit=100).rows} == {"北", None}
    assert len(visits.queries.list(li, "Area", limit=100).rows) == len(AREAS)
