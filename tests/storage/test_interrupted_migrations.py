"""A process that dies in the middle of a plan, wherever: the next start undoes or finishes it, and no value is lost."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, inspect, text
from storage_samples import NOW
from storage_support import make_model, migrate_to

from server.metadata.model import Model
from server.storage import journal, migrate, online, records, waiting
from server.storage.database import Database
from server.storage.parts import parts_of
from server.storage.plan import PlanRefused
from server.storage.schema import Schema, recorded_schema

CHANGES = ("CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE")
DATA, INT, LINK = {"fieldtype": "Data"}, {"fieldtype": "Int"}, {"fieldtype": "Link"}
VALUES = {"number": 7, "old": "x", "typed": "12", "gone": "kept", "wide": "w", "narrow": "n", "again": "back", "ticked": "1"}
KNOWN = {*VALUES, "new_name", "added", "title", "size", "more"}


def doctype(name: str, **fields: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "fields": [{"fieldname": key, **value} for key, value in fields.items()]}


# What the site was first, what it is when the plan begins, and what the plan leads to: between them every kind of step there is.
FIRST = make_model(
    doctype("Part", number=INT | {"search_index": 1}, old=DATA, typed=DATA, ticked=DATA, gone=DATA, wide=DATA, again=DATA,
            narrow=DATA | {"search_index": 1}),
    doctype("Going", title=DATA), doctype("Coming Back", title=DATA), doctype("Former", title=DATA | {"search_index": 1}, size=INT),
)  # fmt: skip
BEFORE = make_model(
    doctype("Part", number=INT | {"search_index": 1}, old=DATA, typed=DATA, ticked=DATA, gone=DATA, wide=DATA,
            narrow=DATA | {"search_index": 1}),
    doctype("Going", title=DATA), doctype("Former", title=DATA | {"search_index": 1}, size=INT),
)  # fmt: skip
AFTER = make_model(
    doctype("Part", number=DATA | {"search_index": 1}, new_name=DATA | {"oldfieldname": "old", "search_index": 1}, typed=INT, ticked={"fieldtype": "Check"},
            wide=DATA | {"unique": 1}, narrow=DATA, again=DATA, added=LINK | {"options": "Coming Back"}),
    doctype("Coming Back", title=DATA), doctype("New Type", title=DATA | {"search_index": 1}),
    doctype("Latter", title=DATA | {"search_index": 1}, size=DATA, more=INT) | {"renamed_from": "Former"},
)  # fmt: skip
STEPS = {
    "AddColumn", "AddIndex", "ArchiveColumn", "ArchiveTable", "ConvertColumn", "CreateTable", "DropIndex", "RenameColumn", "RenameTable",
    "RestoreColumn", "RestoreTable", "WidenColumn",
}  # fmt: skip


def put(database: Database, model: Model, kind: str, name: str, **values: Any) -> None:
    base = {"name": name, "owner": "li", "creation": NOW, "modified": NOW, "modified_by": "li", "docstatus": 0, "version": 1}
    with database.write() as connection:
        records.insert(connection, model, model[kind], base | values)


def values_of(database: Database, model: Model, kind: str, name: str) -> dict[str, Any]:
    with database.read() as connection:
        found = records.load(connection, model, model[kind], name)
    assert found is not None
    return {key: value for key, value in found.items() if key in KNOWN}


def schema(database: Database) -> Schema:
    with database.read() as connection:
        return recorded_schema(connection)


@pytest.fixture
def begun(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The database before the plan; PostgreSQL does not take the short cut for small tables."""
    monkeypatch.setattr(waiting, "MANY_ROWS", 1)
    migrate_to(database, FIRST)
    put(database, FIRST, "Part", "P-1", **VALUES)
    put(database, FIRST, "Going", "G-1", title="g")
    put(database, FIRST, "Former", "F-1", title="f", size=5)
    put(database, FIRST, "Coming Back", "C-1", title="c")
    migrate_to(database, BEFORE)
    return database


def plan_and_apply(database: Database) -> None:
    with database.read() as connection:
        plan = migrate.propose(connection, AFTER, BEFORE)
    migrate.apply(database, plan, by="tester")


def dies_before(database: Database, number: int) -> bool:
    """Let another process carry the plan out and be killed before the nth change that stands by itself; False when it came to the end."""
    child = os.fork()
    if child == 0:
        left = number

        def count(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
            nonlocal left
            is_kept = connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT" or "gj_plan" in statement
            left -= statement.lstrip().startswith(CHANGES) and is_kept
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "before_cursor_execute", count)
        try:
            plan_and_apply(Database(database.url.render_as_string(hide_password=False)))
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0


def check(database: Database) -> bool:
    """Whether the plan is in force; either way the tables are what the record says and hold what was typed."""
    recorded = schema(database)
    in_force = "tab_new_type" in recorded.tables
    with database.read() as connection:
        found = inspect(connection)
        for spec in recorded.tables.values():
            archived = {item.column for item in recorded.archived_columns if item.table == spec.name}
            assert {item["name"] for item in found.get_columns(spec.name)} == {item.column for item in spec.columns} | archived
            assert {item["name"] for item in found.get_indexes(spec.name)} == {item.name for item in spec.indexes}
        assert found.has_table("tab_new_type") == ("tab_new_type" in {**recorded.tables, **recorded.archived_tables})
    same = {"wide": "w", "narrow": "n"}
    if in_force:
        expected = {"number": "7", "new_name": "x", "typed": 12, "ticked": 1, "again": "back", "added": None}
    else:
        expected = {"number": 7, "old": "x", "typed": "12", "ticked": "1", "gone": "kept"}
    assert values_of(database, AFTER if in_force else BEFORE, "Part", "P-1") == expected | same
    if in_force:
        assert values_of(database, AFTER, "Latter", "F-1") == {"title": "f", "size": "5", "more": None}
    else:
        assert values_of(database, BEFORE, "Former", "F-1") == {"title": "f", "size": 5}
    return in_force


def test_the_plan_has_every_kind_of_step(begun: Database) -> None:
    with begun.read() as connection:
        plan = migrate.propose(connection, AFTER, BEFORE)
    assert {type(step).__name__ for step in plan.steps} - {"ResizeColumn"} == STEPS


@pytest.mark.slow
def test_a_process_killed_at_any_step_loses_nothing(begun: Database) -> None:
    # Each death is a whole plan and its settling: the servers, which go the same way, share the places between them.
    number, stride = {"sqlite": (1, 1), "postgresql": (1, 2), "mariadb": (2, 2)}[begun.dialect]
    ends = set()
    while dies_before(begun, number):
        journal.settle_abandoned(begun)
        ends.add(check(begun))
        number += stride
        if schema(begun).tables.get("tab_new_type"):
            break
    assert number > (1 if begun.dialect == "sqlite" else 15)
    if begun.dialect == "mariadb":
        assert ends == {False, True}  # undone before its metadata was in force, finished after
    if False in ends and not check(begun):
        plan_and_apply(begun)
    assert check(begun)
    assert values_of(begun, AFTER, "Coming Back", "C-1") == {"title": "c"}
    put(begun, AFTER, "New Type", "N-1", title="works")
    with begun.read() as connection:
        back = migrate.propose(connection, BEFORE, AFTER)
    migrate.apply(begun, back)
    assert not check(begun)
    assert values_of(begun, BEFORE, "Going", "G-1") == {"title": "g"}


def test_values_that_others_change_while_a_column_is_converted_are_converted_too(
    begun: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if begun.dialect == "sqlite":
        return  # has one writer: nobody changes anything meanwhile
    put(begun, BEFORE, "Part", "P-2", number=1, typed="1", wide="v")
    usual = online.Changes.build

    def build_while_others_save(changes: online.Changes, *arguments: Any) -> None:
        with begun.write() as connection:
            connection.execute(text("UPDATE tab_part SET number = 2, typed = '22', wide = 'u' WHERE name = 'P-2'"))
        usual(changes, *arguments)

    monkeypatch.setattr(online.Changes, "build", build_while_others_save)
    plan_and_apply(begun)

    assert values_of(begun, AFTER, "Part", "P-2") | {"wide": "u"} == values_of(begun, AFTER, "Part", "P-2")
    assert [values_of(begun, AFTER, "Part", "P-2")[key] for key in ("number", "typed")] == ["2", 22]


def test_a_value_that_does_not_fit_any_more_takes_everything_back(begun: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with begun.read() as connection:
        plan = migrate.propose(connection, AFTER, BEFORE)
    put(begun, BEFORE, "Part", "P-2", typed="many", wide="v")
    before = schema(begun)

    with pytest.raises((PlanRefused, ValueError)) as caught:
        migrate.apply(begun, plan)

    assert begun.dialect == "sqlite" or "many" in caught.value.faults[0].text.en  # type: ignore[union-attr]
    assert (schema(begun), check(begun)) == (before, False)


def test_values_that_occur_twice_take_back_what_was_not_begun_either(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A column that waits for its conversion has no other name yet: there is nothing to take back of it."""
    monkeypatch.setattr(waiting, "MANY_ROWS", 1)
    before = migrate_to(database, make_model(doctype("Doubled", code=DATA), doctype("Later", typed=DATA)))
    for name in ("D-1", "D-2"):
        put(database, before, "Doubled", name, code="same")
    put(database, before, "Later", "L-1", typed="12")
    after = make_model(doctype("Doubled", code=DATA | {"unique": 1}), doctype("Later", typed=INT))
    with database.read() as connection:
        plan = migrate.propose(connection, after, before)
    with pytest.raises(PlanRefused) as caught:
        migrate.apply(database, plan, by="tester")
    assert [fault.where for fault in caught.value.faults] == ["Doubled.code"]
    assert values_of(database, before, "Later", "L-1") == {"typed": "12"}
    journal.settle(database)
    migrate_to(database, make_model(doctype("Doubled", code=DATA), doctype("Later", typed=INT)))


def test_what_a_process_that_died_left_is_settled_before_the_next_publication(database: Database) -> None:
    """Otherwise settling it later would drop the table that a small publication has made meanwhile, with what is in it."""
    if database.dialect == "sqlite":
        return  # holds every plan in one transaction
    model = make_model(doctype("Note", title=DATA))
    with database.read() as connection:
        plan = migrate.propose(connection, model)
    journal.begin(database, plan, parts_of(plan), "tester", None)  # and dies
    migrate.apply(database, plan, by="tester")
    put(database, model, "Note", "N-1", title="kept")
    journal.settle_abandoned(database)
    assert values_of(database, model, "Note", "N-1") == {"title": "kept"}


def test_who_breaks_a_command_off_leaves_nothing_behind(begun: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    if begun.dialect == "sqlite":
        return

    def interrupted(*_arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(online.Changes, "build", interrupted)
    with pytest.raises(KeyboardInterrupt):
        plan_and_apply(begun)
    assert not check(begun)
