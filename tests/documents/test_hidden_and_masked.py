"""What a reader does not see they do not learn in any other way either: by a list, a filter, a sort, a count, a search, a title, a link,
a version, a file, an approval, a reason, a copy; and what they see masked never comes back as a value."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert

from server.access.user import User
from server.core.clock import SettableClock
from server.core.errors import GuijuError, NotFound, PermissionRefused, ValidationFailed
from server.exchange.packs import Source
from server.site import Site, open_site
from server.storage.system import notification

ADMIN = User.administrator()
PHONE, ACCOUNT = "13812345678", "6222020200112233445"
RIGHTS = {"read": 1, "write": 1, "create": 1, "delete": 1, "submit": 1, "cancel": 1, "print": 1}
CUSTOMER: dict[str, Any] = {
    "name": "Customer", "autoname": "field:title", "title_field": "alias", "show_title_field_in_link": 1, "search_fields": "phone,city",
    "sort_field": "credit",
    "fields": [
        {"fieldname": "title", "fieldtype": "Data"}, {"fieldname": "city", "fieldtype": "Data"},
        {"fieldname": "alias", "fieldtype": "Data", "permlevel": 1}, {"fieldname": "credit", "fieldtype": "Currency", "permlevel": 1},
        {"fieldname": "phone", "fieldtype": "Data", "options": "Phone", "mask": 1, "in_list_view": 1},
        {"fieldname": "account", "fieldtype": "Data", "mask": 1}, {"fieldname": "since", "fieldtype": "Date", "mask": 1},
        {"fieldname": "rebate", "fieldtype": "Percent", "mask": 1},
    ],
    "permissions": [
        {"role": "Clerk", **RIGHTS}, {"role": "Boss", **RIGHTS, "mask": 1}, {"role": "Boss", "permlevel": 1, "read": 1, "write": 1},
        {"role": "Chooser", "select": 1},
    ],
}  # fmt: skip
LINE = {
    "name": "Visit Line", "istable": 1,
    "fields": [{"fieldname": "part", "fieldtype": "Data"}, {"fieldname": "cost", "fieldtype": "Currency", "permlevel": 1},
               {"fieldname": "serial", "fieldtype": "Data", "mask": 1}, {"fieldname": "whose", "fieldtype": "Link", "options": "Customer"}],
}  # fmt: skip
VISIT: dict[str, Any] = {
    "name": "Visit", "autoname": "format:V-{###}", "is_submittable": 1, "allow_rename": 1,
    "fields": [
        {"fieldname": "customer", "fieldtype": "Link", "options": "Customer"},
        {"fieldname": "phone", "fieldtype": "Data", "fetch_from": "customer.phone"},
        {"fieldname": "note", "fieldtype": "Data"}, {"fieldname": "margin", "fieldtype": "Currency", "permlevel": 1},
        {"fieldname": "pin", "fieldtype": "Data", "mask": 1}, {"fieldname": "secret_paper", "fieldtype": "Attach", "permlevel": 1}, {"fieldname": "paper", "fieldtype": "Attach"},
        {"fieldname": "partner", "fieldtype": "Link", "options": "Customer", "permlevel": 1},
        {"fieldname": "lines", "fieldtype": "Table", "options": "Visit Line"},
        {"fieldname": "amended_from", "fieldtype": "Link", "options": "Visit", "read_only": 1, "no_copy": 1},
    ],
    "permissions": [
        {"role": "Clerk", **RIGHTS}, {"role": "Boss", **RIGHTS, "amend": 1, "mask": 1}, {"role": "Boss", "permlevel": 1, "read": 1, "write": 1},
        {"role": "Chooser", "read": 1, "create": 1, "write": 1}, {"role": "Maker", "create": 1}, {"role": "Linkless", "create": 1, "read": 1}, {"role": "Amender", "amend": 1},
    ],
}  # fmt: skip
RULE = {
    "name": "thin-margin", "title": {"zh": "毛利低", "en": "Thin margin"}, "applies_to": "Visit", "on": ["validate"],
    "facts": {"credit": {"of": "Customer", "sum": "credit"}},
    "when": {"all": [["margin", "<", 100], ["@credit", ">", 1]]}, "then": [{"require_approval": {"role": "Clerk", "again_when": ["margin", "note"]}}],
    "tests": [],
}  # fmt: skip
TABLE_RULE = {
    "name": "margin-table", "title": "Margin table", "applies_to": "Visit", "on": ["validate"],
    "then": [{"table": {"hit": "first", "inputs": ["margin", "customer.credit"], "outputs": [{"warn": None}],
                        "rows": [["[4000..5000]", "> 800", "Look at it"], ["-", "-", "-"]]}}],
    "tests": [],
}  # fmt: skip

ROW_RULES = [
    {"name": name, "title": name, "applies_to": "Visit", "on": ["validate"], "when": {"any_row": "lines", "where": [where]},
     "then": [{"warn": "Look at it"}], "tests": []}
    for name, where in (("row-part", ["part", "=", "P7"]), ("row-cost", ["cost", ">", 50]), ("row-link", ["whose.credit", ">", 800]))
]  # fmt: skip


def person(*roles: str, **more: Any) -> User:
    return User("li", "李工", frozenset(roles), **more)


CLERK, BOSS, CHOOSER = person("Clerk"), person("Boss"), person("Chooser")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    clock = SettableClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
    site = open_site(tmp_path_factory.mktemp("hidden"), clock=clock, environ={}, embedded_worker=False)
    pieces = [Source("DocType", str(item["name"]), {"doctype": "DocType", **item}) for item in (CUSTOMER, LINE, VISIT)]
    site.publisher.publish(
        site.publisher.propose(
            [*pieces, *(Source("Rule", str(rule["name"]), rule) for rule in (RULE, TABLE_RULE, *ROW_RULES))]
        ),
        "tests",
    )
    for title, alias, credit in (("东岭", "大客户", 900), ("秦川", "欠款户", 5)):
        values = {
            "title": title,
            "city": "宝鸡",
            "alias": alias,
            "credit": credit,
            "phone": PHONE,
            "account": ACCOUNT,
            "since": "2020-02-03",
            "rebate": 7,
        }
        site.documents.save(ADMIN, "Customer", values)
    yield site
    site.close()


@pytest.fixture
def visit(site: Site) -> str:
    lines = [{"part": "P1", "cost": 77.25, "serial": "SN1234567890AB"}]
    return site.documents.save(
        ADMIN, "Visit", {"customer": "东岭", "note": "x", "margin": 12, "partner": "秦川", "lines": lines}
    ).name


def refused(attempt: Callable[[], Any]) -> GuijuError:
    with pytest.raises((PermissionRefused, ValidationFailed, NotFound)) as found:
        attempt()
    return found.value


# Masked


def test_a_masked_value_shows_its_ends_and_its_type_does_not_matter(site: Site) -> None:
    record = site.documents.load(CLERK, "Customer", "东岭")

    assert [record[name] for name in ("phone", "account", "since", "rebate")] == ["138****5678", "****3445", "****", "****"]
    assert site.documents.load(BOSS, "Customer", "东岭")["account"] == ACCOUNT


@pytest.mark.parametrize("field", ["phone", "account", "since", "rebate", "credit", "alias"])
def test_nobody_asks_about_a_value_that_they_do_not_see(site: Site, field: str) -> None:
    queries = site.queries

    refused(lambda: queries.list(CLERK, "Customer", filters=[(field, "is", "set")]))
    refused(lambda: queries.list(CLERK, "Customer", or_filters=[(field, "like", "1%")]))
    refused(lambda: queries.list(CLERK, "Customer", order_by=f"{field} asc"))
    refused(lambda: queries.list(CLERK, "Visit", order_by=f"customer.{field} asc"))
    refused(lambda: queries.count(CLERK, "Customer", filters=[(field, "=", "1")]))
    refused(lambda: queries.group(CLERK, "Customer", group_by=field, aggregates=[("count", "name", "n")]))
    refused(lambda: queries.group(CLERK, "Customer", group_by="city", aggregates=[("max", field, "n")]))
    refused(lambda: queries.search_link(CLERK, "Customer", "", filters=[(field, "is", "set")]))


def test_lists_and_links_mask_and_hide_like_the_record(site: Site) -> None:
    rows = {
        row["name"]: row for row in site.queries.list(CLERK, "Customer").rows
    }  # sorted by a field that is hidden from the clerk

    assert rows["东岭"]["phone"] == "138****5678"
    assert "alias" not in rows["东岭"]
    assert {item.title for item in site.queries.search_link(CLERK, "Customer", "")} == {"东岭", "秦川"}
    assert "12345" not in str(site.queries.search_link(CLERK, "Customer", ""))
    assert site.queries.find(CLERK, "1381234") == [] == site.queries.find(CLERK, "欠款户")
    assert site.queries.titles(CLERK, "Customer", ["秦川"]) == {"秦川": "秦川"}
    assert site.queries.titles(BOSS, "Customer", ["秦川"]) == {"秦川": "欠款户"}


def test_what_came_back_masked_changes_nothing_and_a_guess_is_refused_even_when_it_is_right(site: Site) -> None:
    before = site.documents.load(BOSS, "Customer", "东岭")
    shown = site.documents.load(CLERK, "Customer", "东岭")

    site.documents.save(CLERK, "Customer", {**shown, "city": "西安"}, name="东岭")

    after = site.documents.load(BOSS, "Customer", "东岭")
    assert {name: after[name] for name in ("phone", "account", "since", "rebate")} == {
        name: before[name] for name in ("phone", "account", "since", "rebate")
    }
    for value in (PHONE, "13900000000"):
        assert refused(lambda: site.documents.save(CLERK, "Customer", {"phone": value}, name="东岭")).faults[0].where == "phone"  # noqa: B023
    site.documents.save(ADMIN, "Customer", {"title": "汉江"})
    assert site.documents.save(CLERK, "Customer", {"phone": "13900000000"}, name="汉江").record["phone"] == "139****0000"


def test_rows_are_masked_hidden_and_kept_like_the_record(site: Site, visit: str) -> None:
    shown = site.documents.load(CLERK, "Visit", visit)["lines"]

    assert shown[0]["serial"] == "****90AB"
    assert "cost" not in shown[0]
    site.documents.save(CLERK, "Visit", {"lines": [{**shown[0], "part": "P2"}]}, name=visit)
    assert [(row["part"], row["cost"], row["serial"]) for row in site.documents.load(ADMIN, "Visit", visit)["lines"]] == [
        ("P2", 77.25, "SN1234567890AB")
    ]
    guess = [{"name": shown[0]["name"], "serial": "SN1234567890AB"}]
    assert (
        refused(lambda: site.documents.save(CLERK, "Visit", {"lines": guess}, name=visit)).faults[0].where == "lines[0].serial"
    )


def test_a_copy_takes_no_masked_value_for_a_value(site: Site) -> None:
    copy = site.new_records.duplicate(CLERK, "Customer", "东岭")

    assert {copy.get(name) for name in ("phone", "account", "since", "rebate")} == {None}


def test_the_timeline_masks_and_hides_what_stood_in_a_row_that_is_gone(site: Site, visit: str) -> None:
    site.documents.save(BOSS, "Visit", {"lines": [], "margin": 13}, name=visit)
    site.documents.save(BOSS, "Customer", {"account": "6222020200119999999"}, name="秦川")

    told = str([entry.changes for entry in site.queries.history(CLERK, "Visit", visit)])
    assert "SN1234567890AB" not in told
    assert "77.25" not in told  # a bare 77 may stand in the random id of a row
    assert "margin" not in told
    assert "****90AB" in told
    account = [
        change
        for entry in site.queries.history(CLERK, "Customer", "秦川")
        for change in entry.changes
        if change["field"] == "account"
    ]
    assert {side for change in account for side in (change["old"], change["new"])} == {None, "****3445", "****9999"}


# Links


def test_who_may_choose_a_record_sees_what_names_it_and_neither_opens_nor_asks_about_it(site: Site) -> None:
    assert {item.value for item in site.queries.search_link(CHOOSER, "Customer", "")} >= {"东岭", "秦川"}
    for attempt in (
        lambda: site.documents.load(CHOOSER, "Customer", "东岭"), lambda: site.queries.list(CHOOSER, "Customer"),
        lambda: site.queries.search_link(CHOOSER, "Customer", "", filters=[("rebate", ">", 1)]),
    ):  # fmt: skip
        refused(attempt)
    assert site.documents.save(CHOOSER, "Visit", {"customer": "东岭"}).record["customer"] == "东岭"


def test_nothing_is_fetched_through_a_link_that_one_may_not_choose(site: Site) -> None:
    linkless = person("Linkless")

    assert site.new_records.blank(linkless, "Visit", {"customer": "东岭"}).get("phone") is None
    there = refused(lambda: site.documents.save(linkless, "Visit", {"customer": "东岭"})).faults[0].text.en
    missing = refused(lambda: site.documents.save(linkless, "Visit", {"customer": "没有"})).faults[0].text.en
    assert there.replace("东岭", "?") == missing.replace("没有", "?")


def test_connections_do_not_tell_of_a_link_in_a_hidden_field(site: Site, visit: str) -> None:
    told = {user: {item.fieldname for item in site.queries.connections(user, "Customer", "秦川")} for user in (CLERK, BOSS)}

    assert "partner" in told[BOSS]
    assert "partner" not in told[CLERK]


# Around the record


def test_who_only_makes_records_learns_its_name_and_nothing_more(site: Site) -> None:
    saved = site.documents.save(person("Maker"), "Visit", {"note": "x"}, idempotency_key="k")

    assert saved.record["name"] == saved.name
    assert "note" not in saved.record
    assert "note" not in site.documents.save(person("Maker"), "Visit", {"note": "x"}, idempotency_key="k").record


def test_a_file_is_seen_with_the_field_that_holds_it_even_by_who_uploaded_it(site: Site) -> None:
    addresses = [site.files.upload(CLERK, io.BytesIO(b"%PDF-1.4 x"), f"{name}.pdf") for name in ("paper", "secret")]
    name = site.documents.save(ADMIN, "Visit", {"paper": addresses[0], "secret_paper": addresses[1]}).name
    ids = [address.split("/")[2] for address in addresses]

    site.files.open(CLERK, ids[0])
    site.files.open(BOSS, ids[1])
    refused(lambda: site.files.open(CLERK, ids[1]))
    site.documents.save(ADMIN, "Visit", {"paper": None}, name=name)
    site.files.open(CLERK, ids[0])  # the timeline still shows it
    refused(lambda: site.files.open(person("Maker"), ids[0]))


def test_a_decision_table_tells_neither_a_hidden_value_nor_the_row_that_it_led_to(site: Site) -> None:
    name = site.documents.save(ADMIN, "Visit", {"customer": "东岭", "margin": 4321}).name

    why = {user: str(site.queries.why(user, "Visit", name)) for user in (CLERK, BOSS)}

    assert [part in why[BOSS] for part in ("Margin table", "4321", "row 1 hit", "900")] == [True] * 4
    assert [part in why[CLERK] for part in ("Margin table", "4321", "row 1", "900")] == [True, False, False, False]


def test_conditions_on_rows_tell_the_columns_that_one_sees_and_no_others(site: Site) -> None:
    lines = [{"part": "P1", "cost": 3}, {"part": "P7", "cost": 77, "whose": "东岭"}]
    name = site.documents.save(ADMIN, "Visit", {"lines": lines}).name

    told = {
        user: {rule["rule"]: str(rule) for rule in site.queries.why(user, "Visit", name)["rules"]} for user in (CLERK, BOSS)
    }

    assert "P7" in told[CLERK]["row-part"]  # a hidden column beside does not matter
    assert ("77" in told[BOSS]["row-cost"], "900" in told[BOSS]["row-link"]) == (True, True)
    for rule, value in (("row-cost", "77"), ("row-link", "900")):
        assert [part in told[CLERK][rule] for part in (value, "row 1", "row 2", "of 2", "operator_label")] == [False] * 5


def test_approvals_and_reasons_hide_what_the_record_hides(site: Site, visit: str) -> None:
    asked = {user: site.inbox.for_record(user, "Visit", visit)[0].obligation.content for user in (CLERK, BOSS)}
    told = {user: site.queries.why(user, "Visit", visit)["rules"] for user in (CLERK, BOSS)}
    why = {user: str([rule for rule in rules if rule["rule"] == "thin-margin"]) for user, rules in told.items()}

    assert set(asked[CLERK]) == {"note"}
    assert set(asked[BOSS]) == {"note", "margin"}
    assert "Thin margin" in why[CLERK]
    assert "12" in why[BOSS]
    assert "905" in why[BOSS]
    assert "'actual'" not in why[CLERK]
    assert "905" not in why[CLERK]


def test_a_notification_goes_with_the_right_to_its_record(site: Site, visit: str) -> None:
    told = {
        "user": "li",
        "at": site.clock.now(),
        "title": {"zh": "x", "en": "x"},
        "doctype": "Visit",
        "name": visit,
        "key": "k1",
    }
    with site.database.write() as connection:
        connection.execute(insert(notification).values(told))

    assert (site.told.unread(CLERK), len(site.told.notifications(CLERK))) == (1, 1)
    confined = person("Clerk", only={"Customer": frozenset({"秦川"})})
    assert (site.told.unread(confined), site.told.notifications(confined)) == (0, [])


# Life cycle


def test_amending_needs_the_right_to_and_a_cancelled_record(site: Site) -> None:
    name = site.documents.save(ADMIN, "Visit", {"note": "x", "margin": 500}).name
    site.documents.submit(ADMIN, "Visit", name)

    refused(lambda: site.documents.save(BOSS, "Visit", {"amended_from": name}))
    site.documents.cancel(ADMIN, "Visit", name)
    refused(lambda: site.documents.save(CLERK, "Visit", {"amended_from": name}))
    assert site.documents.save(BOSS, "Visit", {"amended_from": name, "margin": 500}).name == f"{name}-1"


def test_what_one_does_not_see_is_not_lost_by_amending(site: Site) -> None:
    amender = person("Clerk", "Amender")
    name = site.documents.save(ADMIN, "Visit", {"note": "x", "margin": 500, "pin": "4711-4711-4711"}).name
    site.documents.submit(ADMIN, "Visit", name)
    site.documents.cancel(ADMIN, "Visit", name)

    amended = site.documents.save(amender, "Visit", site.new_records.amend(amender, "Visit", name) | {"note": "y"})

    assert "margin" not in amended.record
    assert amended.record["pin"] == "****4711"
    kept = site.documents.load(ADMIN, "Visit", amended.name)
    assert (kept["note"], kept["margin"], kept["pin"]) == ("y", 500, "4711-4711-4711")
    refused(lambda: site.documents.save(amender, "Visit", {"amended_from": None}, name=amended.name))


def test_the_badge_counts_what_the_inbox_shows(site: Site, visit: str) -> None:
    confined = person("Clerk", only={"Customer": frozenset({"秦川"})})

    for user in (CLERK, confined):
        assert site.inbox.count(user) == len(site.inbox.items(user))
    assert site.inbox.count(CLERK) > site.inbox.count(confined)


def test_who_may_not_cancel_or_restore_a_record_learns_nothing_of_it(site: Site) -> None:
    outsider, name = person(), site.documents.save(ADMIN, "Visit", {"note": "x", "margin": 500}).name
    site.documents.save(ADMIN, "Visit", {"note": "y"}, name=name)

    for attempt in (
        lambda: site.documents.cancel(outsider, "Visit", name), lambda: site.documents.restore(outsider, "Visit", name, 1),
        lambda: site.documents.rename(outsider, "Visit", name, "V-x"), lambda: site.documents.delete(outsider, "Visit", name),
        lambda: site.documents.check(outsider, "Visit", {}),
    ):  # fmt: skip
        with pytest.raises(PermissionRefused):
            attempt()


def test_restoring_brings_back_what_one_may_write_and_leaves_the_rest(site: Site, visit: str) -> None:
    line = site.documents.load(ADMIN, "Visit", visit)["lines"][0]
    site.documents.save(ADMIN, "Visit", {"note": "y", "margin": 99, "lines": [{**line, "part": "P9", "cost": 78}]}, name=visit)

    site.documents.restore(CLERK, "Visit", visit, 1)

    record = site.documents.load(ADMIN, "Visit", visit)
    assert (record["note"], record["margin"]) == ("x", 99)
    assert [(row["part"], row["cost"], row["serial"]) for row in record["lines"]] == [("P1", 78, "SN1234567890AB")]
