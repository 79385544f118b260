"""The seven steps of the save path: what is completed, what is refused, and that nothing is half-saved."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from documents_shop import order, person

from server.access.user import User
from server.core.errors import (
    DuplicateValue,
    GuijuError,
    LinkExists,
    NotFound,
    PermissionRefused,
    StaleVersion,
    ValidationFailed,
)
from server.site import Site
from server.storage import audit


def test_a_new_record_is_numbered_completed_and_computed(shop: Site, clerk: User) -> None:
    saved = shop.documents.save(clerk, "Order", order()).record

    assert saved["name"] == "OR-2026-0001"
    assert saved["status"] == "Open"
    assert [row["price"] for row in saved["lines"]] == [Decimal("6800"), Decimal("12.50")]
    assert [row["amount"] for row in saved["lines"]] == [Decimal("13600.00"), Decimal("37.50")]
    assert saved["total"] == Decimal("13637.50")
    assert (saved["owner"], saved["version"], saved["docstatus"]) == ("clerk", 1, 0)
    loaded = shop.documents.load(clerk, "Order", "OR-2026-0001")
    assert loaded["lines"] == saved["lines"]
    assert loaded["total"] == saved["total"]


def test_a_partial_change_keeps_the_rest(shop: Site, clerk: User) -> None:
    name = shop.documents.save(clerk, "Order", order(number="C-1")).name
    rows = shop.documents.load(clerk, "Order", name)["lines"]

    saved = shop.documents.save(clerk, "Order", {"lines": [{"name": rows[1]["name"], "qty": 10}]}, name=name).record

    assert saved["number"] == "C-1"
    assert [(row["part"], row["qty"], row["amount"]) for row in saved["lines"]] == [("P2", Decimal(10), Decimal(125))]


def test_all_faults_come_at_once_and_nothing_is_saved(shop: Site, clerk: User) -> None:
    with pytest.raises(ValidationFailed) as refused:
        shop.documents.save(clerk, "Order", {"status": "Closed", "lines": [{"qty": 2}, {"part": "P9"}]})

    assert {fault.where for fault in refused.value.faults} == {"subject", "reason", "lines[0].part", "lines[1].part"}
    assert "“P9”" in next(f for f in refused.value.faults if f.where == "lines[1].part").text.zh
    assert shop.queries.count(clerk, "Order").value == 0


def test_a_value_of_the_wrong_kind_does_not_hide_the_other_faults(shop: Site, clerk: User) -> None:
    with pytest.raises(ValidationFailed) as refused:
        shop.documents.save(clerk, "Order", {"lines": [{"part": "P9", "qty": "two"}, {"qty": 1}]})

    assert {fault.where for fault in refused.value.faults} == {"subject", "lines[0].qty", "lines[0].part", "lines[1].part"}


@pytest.mark.parametrize(
    ("rows", "where"),
    [
        pytest.param([{"part": "P1", "qty": "999999999999"}], "lines[0].amount", id="one amount"),
        pytest.param([{"part": "P1", "qty": "1470588235"}] * 2, "total", id="the sum of amounts that fit"),
    ],
)
def test_an_amount_too_large_to_keep_is_refused_not_emptied(
    shop: Site, clerk: User, rows: list[dict[str, str]], where: str
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        shop.documents.save(clerk, "Order", {"subject": "x", "lines": rows})

    fault = next(fault for fault in refused.value.faults if fault.where == where)
    assert "too large" in fault.text.en
    assert "过大" in fault.text.zh
    assert shop.queries.count(clerk, "Order").value == 0


def test_a_refused_save_gives_its_number_back(shop: Site, clerk: User) -> None:
    shop.documents.save(clerk, "Order", order(number="C-1"))
    with pytest.raises(DuplicateValue) as refused:
        shop.documents.save(clerk, "Order", order(number="C-1"))

    assert "C-1" in refused.value.faults[0].text.zh
    assert shop.documents.save(clerk, "Order", order(number="C-2")).name == "OR-2026-0002"


@pytest.mark.parametrize(
    ("values", "where", "said"),
    [
        pytest.param({"subjct": "x"}, "subjct", "subject", id="misspelt field"),
        pytest.param({"status": "Opened"}, "status", "Open", id="no such choice"),
        pytest.param({"lines": [{"part": "P1", "qty": "two"}]}, "lines[0].qty", "two", id="no number in a row"),
        pytest.param({"lines": [{"part": "P1", "qty": "1,5"}]}, "lines[0].qty", "decimal point", id="a decimal comma"),
        pytest.param({"lines": [{"part": "P1", "qty": "12,34.5"}]}, "lines[0].qty", "decimal point", id="a misplaced comma"),
        pytest.param({"lines": [{"part": "P1", "qty": "1 5"}]}, "lines[0].qty", "1 5", id="two numbers"),
        pytest.param({"subject": "x" * 5_000_000}, "subject", "140", id="five megabytes of text"),
        pytest.param({"subject": "a\x00b"}, "subject", "NUL", id="a NUL character"),
        pytest.param({"lines": [{"part": "P\x001", "qty": "1"}]}, "lines[0].part", "NUL", id="a NUL character in a link"),
        pytest.param({"lines": "none"}, "lines", "list", id="rows that are none"),
    ],
)
def test_bad_input_names_field_value_and_what_was_expected(
    shop: Site, clerk: User, values: dict[str, object], where: str, said: str
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        shop.documents.save(clerk, "Order", order(**values))

    fault = next(fault for fault in refused.value.faults if fault.where == where)
    assert said in fault.text.en
    assert len(fault.text.zh) < 400


@pytest.mark.parametrize(
    ("typed", "kept"), [("1,234.5", "1234.5"), ("1 234", "1234"), ("１２，３４５．６", "12345.6"), ("+7", "7")]
)
def test_numbers_are_read_as_people_type_them(shop: Site, clerk: User, typed: str, kept: str) -> None:
    saved = shop.documents.save(clerk, "Order", order(lines=[{"part": "P2", "qty": typed}])).record

    assert saved["lines"][0]["qty"] == Decimal(kept)


def test_a_stale_save_tells_the_fields_that_differ_and_writes_nothing(shop: Site, clerk: User) -> None:
    name = shop.documents.save(clerk, "Order", order()).name
    shop.documents.save(person("other", "Clerk"), "Order", {"subject": "theirs"}, name=name, version=1)

    with pytest.raises(StaleVersion) as refused:
        shop.documents.save(clerk, "Order", {"subject": "mine"}, name=name, version=1)

    assert [(d.fieldname, d.theirs, d.mine) for d in refused.value.differences] == [("subject", "theirs", "mine")]
    assert refused.value.current_version == 2
    assert shop.documents.load(clerk, "Order", name)["subject"] == "theirs"


def test_a_save_that_changes_nothing_leaves_no_version(shop: Site, clerk: User) -> None:
    name = shop.documents.save(clerk, "Order", order()).name
    before = shop.documents.load(clerk, "Order", name)

    again = shop.documents.save(clerk, "Order", before, name=name, version=1)

    assert again.record == shop.documents.load(clerk, "Order", name) == before
    assert [entry.action for entry in shop.queries.history(clerk, "Order", name)] == ["create"]
    with shop.database.read() as connection:
        assert list(audit.verify(connection, shop.snapshot().model)) == []


def test_rows_that_change_places_are_a_change(shop: Site, clerk: User) -> None:
    name = shop.documents.save(clerk, "Order", order()).name
    rows = shop.documents.load(clerk, "Order", name)["lines"]

    shop.documents.save(clerk, "Order", {"lines": rows[::-1]}, name=name)

    assert [row["part"] for row in shop.documents.load(clerk, "Order", name)["lines"]] == ["P2", "P1"]
    newest, *_ = shop.queries.history(clerk, "Order", name)
    assert [(change["change"], change["old"], change["new"]) for change in newest.changes] == [("moved", [1, 2], [2, 1])]


def test_of_many_simultaneous_writers_of_one_version_exactly_one_wins(shop: Site, clerk: User) -> None:
    name = shop.documents.save(clerk, "Order", order()).name

    def write(number: int) -> bool:
        try:
            shop.documents.save(clerk, "Order", {"subject": f"writer {number}"}, name=name, version=1)
        except StaleVersion:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(write, range(8)))

    assert won.count(True) == 1
    assert shop.documents.load(clerk, "Order", name)["version"] == 2


def test_one_idempotency_key_saves_once(shop: Site, clerk: User) -> None:
    first = shop.documents.save(clerk, "Order", order(), idempotency_key="press-1")
    again = shop.documents.save(clerk, "Order", order(), idempotency_key="press-1")

    assert again.name == first.name
    assert shop.queries.count(clerk, "Order").value == 1
    with pytest.raises(ValidationFailed):
        shop.documents.save(clerk, "Order", order(subject="other"), idempotency_key="press-1")


class TestLifeCycle:
    def test_a_submitted_record_takes_only_what_is_open_for_later(self, shop: Site, clerk: User) -> None:
        name = shop.documents.save(clerk, "Order", order()).name
        shop.documents.submit(clerk, "Order", name)

        assert shop.documents.save(clerk, "Order", {"note": "arrived"}, name=name).record["note"] == "arrived"
        with pytest.raises(ValidationFailed) as refused:
            shop.documents.save(clerk, "Order", {"subject": "changed"}, name=name)
        assert refused.value.faults[0].where == "subject"
        assert shop.documents.load(clerk, "Order", name)["subject"] == "two parts"

    def test_amending_a_cancelled_record_makes_its_next_number(self, shop: Site, clerk: User) -> None:
        name = shop.documents.save(clerk, "Order", order()).name
        for expected in ("OR-2026-0001-1", "OR-2026-0001-2"):
            shop.documents.submit(clerk, "Order", name)
            shop.documents.cancel(clerk, "Order", name, reason="wrong price")
            amended = shop.new_records.amend(clerk, "Order", name)
            name = shop.documents.save(clerk, "Order", amended).name
            assert name == expected
        assert shop.documents.load(clerk, "Order", name)["docstatus"] == 0

    def test_what_was_submitted_once_is_never_deleted(self, shop: Site, clerk: User) -> None:
        """S01-24: quality records cannot be deleted by anyone, the administrator included."""
        name = shop.documents.save(clerk, "Order", order()).name
        shop.documents.submit(clerk, "Order", name)
        shop.documents.cancel(clerk, "Order", name)
        for user in (clerk, User.administrator()):
            with pytest.raises(ValidationFailed):
                shop.documents.delete(user, "Order", name)
        assert shop.documents.load(clerk, "Order", name)["docstatus"] == 2

    def test_what_is_referred_to_is_not_deleted_and_the_referrers_are_named(self, shop: Site, clerk: User) -> None:
        name = shop.documents.save(clerk, "Order", order()).name

        with pytest.raises(LinkExists) as refused:
            shop.documents.delete(clerk, "Part", "P1")
        assert name in refused.value.text.zh

        shop.documents.delete(clerk, "Order", name)
        shop.documents.delete(clerk, "Part", "P1")
        with pytest.raises(NotFound):
            shop.documents.load(clerk, "Part", "P1")

    def test_a_referrer_that_the_user_may_not_read_is_counted_not_named(self, shop: Site, clerk: User) -> None:
        guest = person("guest", "Guest Clerk", "Part Keeper")
        mine, other = (shop.documents.save(user, "Order", order()).name for user in (guest, clerk))

        with pytest.raises(LinkExists) as refused:
            shop.documents.delete(guest, "Part", "P1")
        said = refused.value.text
        assert (f"Order {mine}, and 1 more" in said.en, other in said.en, other in said.zh) == (True, False, False)

        shop.documents.delete(clerk, "Order", mine)
        with pytest.raises(LinkExists, match="refer to it: 1 that you may not see"):
            shop.documents.delete(guest, "Part", "P1")


class TestPermissions:
    def test_a_field_of_a_higher_level_is_neither_shown_nor_changed(self, shop: Site, clerk: User, boss: User) -> None:
        name = shop.documents.save(clerk, "Order", order()).name
        shop.documents.save(boss, "Order", {"discount": "7.5"}, name=name)

        assert "discount" not in shop.documents.load(clerk, "Order", name)
        with pytest.raises(PermissionRefused) as refused:
            shop.documents.save(clerk, "Order", {"discount": 50}, name=name)
        assert refused.value.faults[0].where == "discount"
        shop.documents.save(clerk, "Order", {"subject": "renamed"}, name=name)
        assert shop.documents.load(boss, "Order", name)["discount"] == Decimal("7.5")
        assert all(c["field"] != "discount" for v in shop.queries.history(clerk, "Order", name) for c in v.changes)
        with pytest.raises(ValidationFailed):
            shop.queries.list(clerk, "Order", filters=[("discount", ">", 5)])

    def test_owner_only_rights_hide_the_records_of_others(self, shop: Site, clerk: User) -> None:
        theirs = shop.documents.save(clerk, "Order", order()).name
        guest = person("guest", "Guest Clerk")
        own = shop.documents.save(guest, "Order", order(lines=[])).name

        assert [row["name"] for row in shop.queries.list(guest, "Order").rows] == [own]
        for act in (
            lambda: shop.documents.load(guest, "Order", theirs),
            lambda: shop.documents.save(guest, "Order", {"subject": "x"}, name=theirs),
            lambda: shop.queries.history(guest, "Order", theirs),
            lambda: shop.printouts.pdf(guest, "Order", own),
        ):
            with pytest.raises(PermissionRefused):
                act()

    def test_standard_fields_are_not_assigned_by_a_client(self, shop: Site, clerk: User) -> None:
        sent = order(owner="boss", docstatus=1, version=99, modified_by="boss", creation="2000-01-01 00:00:00")
        saved = shop.documents.save(clerk, "Order", sent).record
        assert (saved["owner"], saved["docstatus"], saved["version"], saved["modified_by"]) == ("clerk", 0, 1, "clerk")


class TestAudit:
    def test_every_change_is_a_link_of_the_chain(self, shop: Site, clerk: User) -> None:
        name = shop.documents.save(clerk, "Order", order()).name
        shop.documents.save(clerk, "Order", {"subject": "renamed"}, name=name)
        shop.documents.submit(clerk, "Order", name)

        history = shop.queries.history(clerk, "Order", name)

        assert [(entry.version, entry.action) for entry in history] == [(3, "submit"), (2, "save"), (1, "create")]
        assert [(c["field"], c["old"], c["new"]) for c in history[1].changes] == [("subject", "two parts", "renamed")]
        with shop.database.read() as connection:
            assert list(audit.verify(connection, shop.snapshot().model)) == []

    def test_an_edit_behind_the_program_is_found(self, shop: Site, clerk: User) -> None:
        name = shop.documents.save(clerk, "Order", order()).name
        with shop.database.write() as connection:
            connection.exec_driver_sql("UPDATE tab_order SET total = 1")

        with shop.database.read() as connection:
            findings = list(audit.verify(connection, shop.snapshot().model))
        assert [finding.name for finding in findings] == [name]


def test_making_one_record_from_another_is_refused_where_no_mapping_says_how(shop: Site, clerk: User) -> None:
    name = shop.documents.save(clerk, "Order", order()).name
    with pytest.raises(GuijuError):
        shop.new_records.make_from(clerk, "Part", "Order", name)
