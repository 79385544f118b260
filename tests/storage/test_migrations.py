"""Migrations: what is planned, that it is whole or nothing, and that no data is ever lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from storage_samples import CUSTOMER, LINE, NOW, QUOTATION, quotation
from storage_support import make_model, migrate_to

from server.metadata.model import Model
from server.storage import migrate, records
from server.storage.database import Database
from server.storage.plan import PlanRefused
from server.storage.schema import recorded_schema
from server.storage.steps import AddColumn
from server.storage.tables import StoredColumn, table_name

DATA, INT, FLOAT, DATE = ({"fieldtype": kind} for kind in ("Data", "Int", "Float", "Date"))


def doctype(name: str = "Spare Part", **fields: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "fields": [{"fieldname": key, **value} for key, value in fields.items()]}


def steps(database: Database, model: Model) -> list[str]:
    with database.read() as connection:
        return [type(step).__name__ for step in migrate.propose(connection, model).steps]


def columns(database: Database, table: str = "tab_spare_part") -> set[str]:
    with database.read() as connection:
        return {column["name"] for column in inspect(connection).get_columns(table)}


def put(database: Database, model: Model, name: str, **values: Any) -> None:
    base = {"name": name, "owner": "li", "creation": NOW, "modified": NOW, "modified_by": "li", "docstatus": 0, "version": 1}
    with database.write() as connection:
        records.insert(connection, model, model["Spare Part"], base | values)


def get(database: Database, model: Model, name: str) -> dict[str, Any]:
    with database.read() as connection:
        found = records.load(connection, model, model["Spare Part"], name)
    assert found is not None
    return found


def test_the_first_plan_makes_tables_and_a_second_one_is_empty(database: Database) -> None:
    model = make_model(CUSTOMER, LINE, QUOTATION)
    assert steps(database, model).count("CreateTable") == 3
    migrate_to(database, model)
    assert steps(database, make_model(CUSTOMER, LINE, QUOTATION)) == []


def test_a_database_has_what_its_record_says(database: Database) -> None:
    migrate_to(database, make_model(CUSTOMER, LINE, QUOTATION))
    with database.read() as connection:
        found = inspect(connection)
        for spec in recorded_schema(connection).tables.values():
            assert {item["name"] for item in found.get_columns(spec.name)} == {item.column for item in spec.columns}
            assert {item["name"] for item in found.get_indexes(spec.name)} >= {item.name for item in spec.indexes}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param({"a": DATA}, {"a": DATA, "b": INT}, ["AddColumn"], id="a field added"),
        pytest.param({"a": DATA, "b": INT}, {"a": DATA}, ["ArchiveColumn"], id="a field removed"),
        pytest.param({"a": DATA}, {"a": {"fieldtype": "Long Text"}}, [], id="one text for another"),
        pytest.param({"a": DATA}, {"a": DATA | {"length": 500, "label": "A"}}, [], id="a length and a label"),
        pytest.param({"a": INT}, {"a": FLOAT}, ["WidenColumn"], id="integer to decimal"),
        pytest.param({"a": FLOAT}, {"a": {"fieldtype": "Currency"}}, [], id="one decimal for another"),
        pytest.param({"a": DATE}, {"a": DATA}, ["WidenColumn"], id="date to text"),
        pytest.param({"a": DATA}, {"a": INT}, ["ConvertColumn"], id="text to integer"),
        pytest.param({"a": DATA}, {"a": DATA | {"search_index": 1}}, ["AddIndex"], id="an index"),
        pytest.param({"a": DATA | {"search_index": 1}}, {"a": DATA}, ["DropIndex"], id="an index no more"),
        pytest.param({"a": DATA}, {"a": DATA | {"unique": 1}}, ["AddIndex"], id="unique"),
        pytest.param(
            {"a": INT | {"search_index": 1}},
            {"a": DATA | {"search_index": 1}},
            ["DropIndex", "WidenColumn", "AddIndex"],
            id="an indexed column widened",
        ),
        pytest.param({"a": DATA | {"search_index": 1}}, {}, ["DropIndex", "ArchiveColumn"], id="an indexed field removed"),
        pytest.param({"a": DATA}, {"a": {"fieldtype": "Section Break"}}, ["ArchiveColumn"], id="a field made a heading"),
    ],
)
def test_what_a_change_plans(database: Database, before: dict[str, Any], after: dict[str, Any], expected: list[str]) -> None:
    migrate_to(database, make_model(doctype(**before)))
    wanted = make_model(doctype(**after))
    # a text gets and loses its length with its index on MariaDB
    assert [step for step in steps(database, wanted) if step != "ResizeColumn"] == expected
    migrate_to(database, wanted)
    assert steps(database, make_model(doctype(**after))) == []


def test_every_step_says_what_it_does_in_both_languages(database: Database) -> None:
    migrate_to(database, make_model(doctype(a=INT | {"search_index": 1}, b=DATA)))
    with database.read() as connection:
        plan = migrate.propose(connection, make_model(doctype(a=DATA | {"search_index": 1}, c=DATA), doctype("New")))
    assert len(plan.steps) == 7
    for step in plan.to_json():
        assert step["text"]["zh"] != step["text"]["en"]
        assert "Spare Part" in step["text"]["en"] or "New" in step["text"]["en"]
        assert {"locks", "risk", "rows"} <= set(step)


def test_a_removed_field_comes_back_with_its_values(database: Database) -> None:
    full, less = doctype(a=DATA, b=INT), doctype(a=DATA)
    model = migrate_to(database, make_model(full))
    put(database, model, "P-1", a="x", b=7)
    for _ in range(2):  # undo and redo, twice
        less_model = migrate_to(database, make_model(less))
        assert "b" not in get(database, less_model, "P-1")
        assert "zz_archived_b_1" in columns(database)
        assert steps(database, make_model(full)) == ["RestoreColumn"]
        model = migrate_to(database, make_model(full))
        assert get(database, model, "P-1")["b"] == 7


def test_an_empty_date_that_was_a_check_for_a_while_is_empty_again(database: Database) -> None:
    model = migrate_to(database, make_model(doctype(a=DATE)))
    put(database, model, "P-1")
    model = migrate_to(database, make_model(doctype(a={"fieldtype": "Check"})))
    assert get(database, model, "P-1")["a"] == 0
    model = migrate_to(database, make_model(doctype(a=DATE)))
    assert get(database, model, "P-1")["a"] is None


def test_a_field_of_another_kind_does_not_take_the_archived_values(database: Database) -> None:
    model = migrate_to(database, make_model(doctype(a=DATA, b=INT)))
    put(database, model, "P-1", b=7)
    migrate_to(database, make_model(doctype(a=DATA)))
    model = migrate_to(database, make_model(doctype(a=DATA, b=DATE)))
    assert get(database, model, "P-1")["b"] is None
    migrate_to(database, make_model(doctype(a=DATA)))
    model = migrate_to(database, make_model(doctype(a=DATA, b=INT)))
    assert get(database, model, "P-1")["b"] == 7
    assert {"zz_archived_b_2"} <= columns(database)


def test_a_removed_doctype_keeps_its_table_and_comes_back_changed(database: Database) -> None:
    model = migrate_to(database, make_model(doctype(a=DATA)))
    put(database, model, "P-1", a="x")
    assert steps(database, make_model()) == ["ArchiveTable"]
    migrate_to(database, make_model())
    assert steps(database, make_model(doctype(a=DATA, b=INT))) == ["RestoreTable", "AddColumn"]
    model = migrate_to(database, make_model(doctype(a=DATA, b=INT)))
    assert get(database, model, "P-1")["a"] == "x"


@pytest.mark.parametrize(
    ("before", "value", "after", "expected"),
    [
        pytest.param(INT, 7, FLOAT, Decimal("7"), id="integer to decimal"),
        pytest.param(INT, -(2**53) + 1, DATA, "-9007199254740991", id="integer to text"),
        pytest.param(FLOAT | {"precision": 2}, Decimal("10.50"), DATA, "10.5", id="decimal to text"),
        pytest.param(FLOAT, Decimal("123456789012.345"), DATA, "123456789012.345", id="fifteen digits to text"),
        pytest.param(
            {"fieldtype": "Datetime"}, datetime(2026, 3, 1, 8, tzinfo=UTC), DATA, "2026-03-01 08:00:00", id="time to text"
        ),
        pytest.param(
            {"fieldtype": "Signature"}, {"name": "李"}, {"fieldtype": "Text"}, '{"name":"李"}', id="signature to text"
        ),
        pytest.param(DATA, " 12 ", INT, 12, id="text that is a number"),
        pytest.param(FLOAT, Decimal("12.000"), INT, 12, id="decimal that is whole"),
        pytest.param(DATA, "2026-02-28", DATE, datetime(2026, 2, 28).date(), id="text that is a date"),
    ],
)
def test_values_are_converted(
    database: Database, before: dict[str, Any], value: Any, after: dict[str, Any], expected: Any
) -> None:
    model = migrate_to(database, make_model(doctype(a=before)))
    put(database, model, "P-1", a=value)
    put(database, model, "P-2", a=None)
    model = migrate_to(database, make_model(doctype(a=after)))
    assert get(database, model, "P-1")["a"] == expected
    assert get(database, model, "P-2")["a"] is None


def test_values_in_the_way_of_a_narrower_kind_are_listed(database: Database) -> None:
    model = migrate_to(database, make_model(doctype(a=DATA)))
    for number in range(8):
        put(database, model, f"P-{number}", a="7" if number == 0 else f"约{number}个")
    with database.read() as connection, pytest.raises(PlanRefused) as caught:
        migrate.propose(connection, make_model(doctype(a=INT)))
    fault = caught.value.faults[0]
    assert fault.where == "Spare Part.a"
    assert fault.text.zh.count("约") == 5
    assert "P-0" not in fault.text.en


def test_values_that_occur_twice_are_in_the_way_of_unique(database: Database) -> None:
    model = migrate_to(database, make_model(doctype(a=DATA, b=DATA)))
    put(database, model, "P-1", a="x")
    put(database, model, "P-2", a="x")
    with pytest.raises(PlanRefused, match="Nothing was changed"):
        migrate_to(database, make_model(doctype(a=DATA | {"unique": 1}, c=INT)))
    assert "c" not in columns(database)


def test_a_failing_step_leaves_nothing_changed(database: Database) -> None:
    model = migrate_to(database, make_model(doctype(a=INT | {"search_index": 1}, b=DATA)))
    put(database, model, "P-1", a=7, b="kept")
    wanted = make_model(doctype(a=DATA | {"search_index": 1}, c=DATA), doctype("New"))
    with database.read() as connection:
        plan = migrate.propose(connection, wanted)
        before = recorded_schema(connection)
    spec = before.tables["tab_spare_part"]
    for place in range(len(plan.steps) + 1):
        broken = AddColumn(spec, column=StoredColumn("name", "name", "text"))  # there already
        injected = type(plan)((*plan.steps[:place], broken, *plan.steps[place:]), plan.base, plan.model)
        with pytest.raises(DBAPIError):
            migrate.apply(database, injected, by="tester")
        assert columns(database) == {item.column for item in spec.columns}
        with database.read() as connection:
            assert recorded_schema(connection) == before
            assert "tab_new" not in inspect(connection).get_table_names()
            assert {item["name"] for item in inspect(connection).get_indexes("tab_spare_part")} == {
                item.name for item in spec.indexes
            }
    assert get(database, model, "P-1")["b"] == "kept"
    migrate.apply(database, plan, by="tester")
    assert steps(database, wanted) == []


def test_what_comes_along_is_undone_with_the_steps(database: Database) -> None:
    def fail(_connection: object) -> None:
        raise RuntimeError("the metadata could not be kept")

    with database.read() as connection:
        plan = migrate.propose(connection, make_model(doctype(a=DATA)))
    with pytest.raises(RuntimeError):
        migrate.apply(database, plan, also=fail)  # type: ignore[arg-type]
    with database.read() as connection:
        assert "tab_spare_part" not in inspect(connection).get_table_names()
        assert migrate.history(connection) == []


def test_a_plan_made_before_another_was_applied_is_refused(database: Database) -> None:
    with database.read() as connection:
        early = migrate.propose(connection, make_model(doctype(a=DATA)))
    migrate_to(database, make_model(doctype(b=DATA)))
    with pytest.raises(PlanRefused, match="make the plan again"):
        migrate.apply(database, early)


def test_applied_plans_are_kept_with_their_steps(database: Database) -> None:
    with database.read() as connection:
        plan = migrate.propose(connection, make_model(doctype(a=DATA)))
    migrate.apply(database, plan, by="admin", at=NOW)
    with database.read() as connection:
        kept = migrate.history(connection)
    assert [(item["by"], item["at"], item["state"]) for item in kept] == [("admin", NOW, "applied")]
    assert kept[0]["steps"][0]["text"]["zh"].startswith("新建“Spare Part”")


def test_doctypes_that_would_share_a_table_are_refused(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.storage.schema.table_name", lambda _name: "tab_same")
    with database.read() as connection, pytest.raises(PlanRefused) as caught:
        migrate.propose(connection, make_model(doctype("One"), doctype("Two")))
    assert "One, Two" in caught.value.faults[0].text.en


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("Service Ticket", "tab_service_ticket", id="plain words"),
        pytest.param("User", "tab_user", id="one word"),
        pytest.param("S1 Report", "tab_s1_report", id="digits"),
    ],
)
def test_plain_names_make_plain_tables(name: str, expected: str) -> None:
    assert table_name(name) == expected


def test_names_that_look_alike_make_different_tables_that_fit_the_database(database: Database) -> None:
    names = ["Service Ticket", "Service  Ticket", "service ticket", "ServiceTicket", "Service-Ticket", "质量记录", "质量 记录",
             "Order", "Select From", 'Quote"d', "It's", "Übung", "长" * 60, "长" * 61, "A" * 140]  # fmt: skip
    model = make_model(*(doctype(name, order=DATA, select=INT, group=DATE) for name in names))
    tables = {table_name(name) for name in names}
    assert len(tables) == len(names)
    assert all(len(table.encode()) <= 63 for table in tables)
    migrate_to(database, model)
    base = {"name": "1", "creation": NOW, "modified": NOW, "order": "o", "select": 5}
    for item in model:
        with database.write() as connection:
            records.insert(connection, model, item, base)
            assert (records.load(connection, model, item, "1") or {})["select"] == 5


def test_fieldnames_longer_than_the_database_allows_stay_apart(database: Database) -> None:
    long = "a_very_long_field_name_that_somebody_typed_for_a_measurement_"
    model = migrate_to(
        database, make_model(doctype(**{long + "one": DATA | {"search_index": 1}, long + "two": DATA | {"unique": 1}}))
    )
    put(database, model, "P-1", **{long + "one": "1", long + "two": "2"})
    found = get(database, model, "P-1")
    assert (found[long + "one"], found[long + "two"]) == ("1", "2")


KINDS = st.sampled_from(["Data", "Int", "Float", "Date", "Text", "Check"])
FIELDS = st.dictionaries(st.sampled_from("abcde"), st.tuples(KINDS, st.booleans()), max_size=5)
SAMPLE = {"Data": "12", "Text": "12", "Int": 12, "Float": Decimal("12.5"), "Date": datetime(2026, 1, 2).date(), "Check": 1}


@pytest.mark.slow
@given(first=FIELDS, others=st.lists(FIELDS, min_size=1, max_size=3))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_changes_undone_keep_the_data(
    database: Database, first: dict[str, tuple[str, bool]], others: list[dict[str, tuple[str, bool]]]
) -> None:
    def made(fields: dict[str, tuple[str, bool]]) -> Model:
        return make_model(
            doctype(**{name: {"fieldtype": kind, "search_index": int(indexed)} for name, (kind, indexed) in fields.items()})
        )

    with database.write() as connection:
        for table in ("tab_spare_part", "gj_site", "gj_plan"):
            connection.execute(text(f"DROP TABLE IF EXISTS {table}" if table.startswith("tab") else f"DELETE FROM {table}"))
    model = migrate_to(database, made(first))
    put(database, model, "P-1", **{name: SAMPLE[kind] for name, (kind, _) in first.items()})
    before = get(database, model, "P-1")
    published = [first]
    for fields in others:
        try:
            migrate_to(database, made(fields))
        except PlanRefused:  # a value does not fit the narrower kind: nothing was changed
            continue
        published.append(fields)
        assert steps(database, made(fields)) == []
    for fields in reversed(published):
        model = migrate_to(database, made(fields))
    assert get(database, model, "P-1") == before


def test_storage_keeps_whole_models(site: Callable[..., Model], database: Database) -> None:
    model = site(CUSTOMER, LINE, QUOTATION)
    with database.write() as connection:
        records.insert(connection, model, model["Service Quotation"], quotation())
    trimmed = QUOTATION | {"fields": [item for item in QUOTATION["fields"] if item["fieldname"] not in ("items", "signature")]}
    migrate_to(database, make_model(CUSTOMER, LINE, trimmed))
    back = migrate_to(database, make_model(CUSTOMER, LINE, QUOTATION))
    with database.read() as connection:
        assert records.load(connection, back, back["Service Quotation"], "QT-1") == quotation()


def test_a_renamed_field_keeps_its_values_and_is_renamed_back(database: Database) -> None:
    first = make_model(doctype(a=DATA | {"search_index": 1}, b=INT))
    model = migrate_to(database, first)
    put(database, model, "P-1", a="x", b=7)
    renamed = make_model(doctype(c=DATA | {"search_index": 1, "oldfieldname": "a"}, b=INT))

    assert steps(database, renamed) == ["DropIndex", "RenameColumn", "AddIndex"]
    model = migrate_to(database, renamed)
    assert (get(database, model, "P-1")["c"], steps(database, renamed)) == ("x", [])
    with database.read() as connection:
        back = migrate.propose(connection, first, model)
    migrate.apply(database, back)

    assert [type(step).__name__ for step in back.steps] == ["DropIndex", "RenameColumn", "AddIndex"]
    assert get(database, first, "P-1")["a"] == "x"


def test_a_renamed_field_may_change_its_kind_and_names_what_does_not_fit(database: Database) -> None:
    model = migrate_to(database, make_model(doctype(a=DATA)))
    put(database, model, "P-1", a="12")
    wanted = make_model(doctype(b=INT | {"oldfieldname": "a"}))

    assert steps(database, wanted) == ["RenameColumn", "ConvertColumn"]
    model = migrate_to(database, wanted)
    assert get(database, model, "P-1")["b"] == 12

    model = migrate_to(database, make_model(doctype(c=DATA | {"oldfieldname": "b"})))
    put(database, model, "P-2", c="many")
    with pytest.raises(PlanRefused, match="cannot be converted"):
        steps(database, make_model(doctype(d=INT | {"oldfieldname": "c"})))


def test_an_old_name_that_is_still_in_use_moves_nothing(database: Database) -> None:
    model = migrate_to(database, make_model(doctype(a=DATA)))
    put(database, model, "P-1", a="x")

    model = migrate_to(database, make_model(doctype(a=DATA, b=DATA | {"oldfieldname": "a"})))

    assert (get(database, model, "P-1")["a"], get(database, model, "P-1")["b"]) == ("x", None)
