"""Records go in and come out the same, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from storage_samples import CUSTOMER, LINE, QUOTATION, customer, quotation

from server.core.errors import DuplicateValue, ValidationFailed
from server.metadata.model import Model
from server.storage import records
from server.storage.database import Database


@pytest.fixture
def model(site: Callable[..., Model]) -> Model:
    return site(CUSTOMER, LINE, QUOTATION)


def put(database: Database, model: Model, record: dict[str, Any], doctype: str = "Service Quotation") -> None:
    with database.write() as connection:
        records.insert(connection, model, model[doctype], record)


def get(database: Database, model: Model, name: str = "QT-1", doctype: str = "Service Quotation") -> Any:
    with database.read() as connection:
        return records.load(connection, model, model[doctype], name)


def test_every_kind_of_value_comes_back_as_it_was_written(database: Database, model: Model) -> None:
    record = quotation()
    put(database, model, record)
    assert get(database, model) == record


def test_decimals_show_their_places_again(database: Database, model: Model) -> None:
    put(database, model, quotation())
    found = get(database, model)
    assert [str(found["total"]), str(found["share"]), str(found["items"][0]["qty"])] == ["8950.10", "0.100000", "1.500"]


@given(digits=st.integers(-(10**15) + 1, 10**15 - 1), places=st.integers(0, 6))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_decimals_of_fifteen_digits_are_exact(database: Database, model: Model, digits: int, places: int) -> None:
    number = Decimal(digits).scaleb(-places)
    with database.write() as connection:
        records.delete(connection, model, model["Service Quotation"], "QT-1")
        records.insert(connection, model, model["Service Quotation"], quotation(share=number, total=number))
    assert get(database, model)["share"] == number
    assert get(database, model)["total"] == number


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("total", Decimal("1234567890123456.7"), id="more than 15 digits"),
        pytest.param("total", "abc", id="text for a number"),
        pytest.param("quantity", 2**60, id="a huge integer"),
        pytest.param("subject", "a\x00b", id="a NUL character"),
        pytest.param("valid_to", "31/03", id="half a date"),
    ],
)
def test_a_value_that_cannot_be_stored_is_named(database: Database, model: Model, field: str, value: Any) -> None:
    with pytest.raises(ValidationFailed) as caught:
        put(database, model, quotation(**{field: value}))
    assert [fault.where for fault in caught.value.faults] == [field]
    assert get(database, model) is None


def test_a_missing_record_is_none(database: Database, model: Model) -> None:
    assert get(database, model, "nobody") is None


def test_a_taken_name_is_refused_by_name(database: Database, model: Model) -> None:
    put(database, model, quotation())
    with pytest.raises(DuplicateValue) as caught:
        put(database, model, quotation())
    assert "QT-1" in caught.value.text.zh
    assert "Service Quotation" in caught.value.text.en


def test_a_taken_unique_value_is_refused_with_field_and_value(database: Database, model: Model) -> None:
    put(database, model, quotation(number="HT-7"))
    with pytest.raises(DuplicateValue) as caught:
        put(database, model, quotation("QT-2", items=[], number="HT-7"))
    assert "合同号“HT-7”已存在" in caught.value.text.zh
    assert caught.value.faults[0].where == "number"


def test_empty_unique_values_do_not_meet(database: Database, model: Model) -> None:
    put(database, model, quotation(number=""))
    put(database, model, quotation("QT-2", items=[], number=None))
    assert get(database, model, "QT-2")["number"] is None


def test_a_write_over_a_newer_version_is_refused_and_changes_nothing(database: Database, model: Model) -> None:
    put(database, model, quotation(version=4))
    with pytest.raises(records.StaleWrite), database.write() as connection:
        records.update(connection, model, model["Service Quotation"], quotation(subject="late", version=4), expected_version=3)
    assert get(database, model)["subject"] != "late"


def test_rows_are_added_changed_moved_and_removed_by_their_name(database: Database, model: Model) -> None:
    put(database, model, quotation())
    changed = quotation(version=2)
    first, second = changed["items"]
    changed["items"] = [{**second, "idx": 1, "rate": Decimal("7.00")}, {"item": "油封", "qty": Decimal(1), "idx": 2}]
    changed["extras"] = [{**first, "idx": 1}]
    with database.write() as connection:
        records.update(connection, model, model["Service Quotation"], changed, expected_version=1)
    found = get(database, model)
    assert [(row["item"], row["rate"]) for row in found["items"]] == [("轴承", Decimal("7.00")), ("油封", None)]
    assert [row["name"] for row in found["extras"]] == ["QT-1-r1"]
    assert found["items"][1]["name"]


def test_an_absent_table_field_keeps_its_rows(database: Database, model: Model) -> None:
    put(database, model, quotation())
    partial = {key: value for key, value in quotation(version=2).items() if key not in ("items", "extras")}
    with database.write() as connection:
        records.update(connection, model, model["Service Quotation"], partial, expected_version=1)
    assert len(get(database, model)["items"]) == 2


def test_a_row_of_another_record_cannot_be_taken_over(database: Database, model: Model) -> None:
    put(database, model, quotation())
    put(database, model, quotation("QT-2", items=[]))
    thief = quotation("QT-2", version=2)
    thief["items"] = deepcopy(quotation()["items"])
    with pytest.raises(DuplicateValue), database.write() as connection:
        records.update(connection, model, model["Service Quotation"], thief, expected_version=1)
    assert len(get(database, model)["items"]) == 2


def test_heads_and_many_records_come_by_name(database: Database, model: Model) -> None:
    for number in range(3):
        put(database, model, quotation(f"QT-{number}"))
    with database.read() as connection:
        doctype = model["Service Quotation"]
        assert set(records.heads(connection, doctype, None)) == {"QT-0", "QT-1", "QT-2"}
        assert "items" not in records.heads(connection, doctype, ["QT-0"])["QT-0"]
        many = records.load_many(connection, model, doctype, ["QT-0", "QT-2", "none"])
        assert [len(many[name]["items"]) for name in ("QT-0", "QT-2")] == [2, 2]
        assert records.exists(connection, doctype, ["QT-1", "none"]) == {"QT-1"}


@pytest.mark.parametrize("others", [(), tuple(f"none{number}" for number in range(600))], ids=["few", "many"])
def test_names_of_several_doctypes_are_looked_for_together(database: Database, model: Model, others: tuple[str, ...]) -> None:
    put(database, model, customer("宁波海天"), "Customer")
    put(database, model, quotation("QT-1"))
    put(database, model, quotation("QT-2"))
    asked = {
        "of": (model["Customer"], {"宁波海天", "QT-1", *others}), "about": (model["Service Quotation"], {"QT-1", "QT-2", "宁波海天"}),
        "nothing": (model["Customer"], set()),
    }  # fmt: skip
    with database.read() as connection:
        for _ in range(2):
            found = records.exist_together(connection, asked)
            assert found == {"of": {"宁波海天"}, "about": {"QT-1", "QT-2"}, "nothing": set()}


def test_deleting_takes_the_rows_along(database: Database, model: Model) -> None:
    put(database, model, quotation())
    with database.write() as connection:
        records.delete(connection, model, model["Service Quotation"], "QT-1")
    put(database, model, quotation())
    assert len(get(database, model)["items"]) == 2


def test_referring_finds_links_in_records_rows_and_dynamic_links(database: Database, model: Model) -> None:
    put(database, model, customer("宁波海天"), "Customer")
    put(database, model, quotation("QT-1", customer="宁波海天"))
    put(database, model, quotation("QT-2", docstatus=1))
    with database.write() as connection:
        held = quotation("QT-2", version=2, docstatus=1)
        held["items"][0]["customer"] = "宁波海天"
        records.update(connection, model, model["Service Quotation"], held, expected_version=1)
    put(database, model, quotation("QT-3", ref_type="Customer", ref_name="宁波海天"))
    put(database, model, quotation("QT-4", ref_type="User", ref_name="宁波海天"))
    with database.read() as connection:
        everybody = records.referring(connection, model, "Customer", "宁波海天")
        submitted = records.referring(connection, model, "Customer", "宁波海天", submitted_only=True)
    assert sorted(name for _, name in everybody) == ["QT-1", "QT-2", "QT-3"]
    assert submitted == [("Service Quotation", "QT-2")]


VALUES = st.fixed_dictionaries(
    {
        "subject": st.none()
        | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=40),
        "total": st.none() | st.decimals(-(10**9), 10**9, places=2),
        "quantity": st.none() | st.integers(-(2**53) + 1, 2**53 - 1),
        "urgent": st.sampled_from([0, 1]),
        "valid_to": st.none() | st.dates(),
        "reported_at": st.none() | st.datetimes(timezones=st.just(quotation()["creation"].tzinfo)),
        "from_time": st.none() | st.times(),
    }
)


@given(before=VALUES, after=VALUES, rows=st.lists(st.decimals(0, 1000, places=3), max_size=4))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_written_is_read_and_overwritten(
    database: Database, model: Model, before: dict[str, Any], after: dict[str, Any], rows: list[Decimal]
) -> None:
    doctype = model["Service Quotation"]
    later = quotation(version=2, **after)
    later["items"] = [
        {"name": f"n{index}", "idx": index, "item": "x", "qty": qty, "rate": None, "customer": None}
        for index, qty in enumerate(rows, 1)
    ]
    with database.write() as connection:
        records.delete(connection, model, doctype, "QT-1")
        records.insert(connection, model, doctype, quotation(**before))
        assert records.load(connection, model, doctype, "QT-1") == quotation(**before)
        records.update(connection, model, doctype, later, expected_version=1)
        assert records.load(connection, model, doctype, "QT-1") == later
