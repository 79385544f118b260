"""What a plan tells of who waits: by the database, the kind of step and the number of rows."""

from __future__ import annotations

import pytest

from server.storage.plan import Plan
from server.storage.schema import TableSpec
from server.storage.steps import AddColumn, AddIndex, CreateTable, Step, WidenColumn
from server.storage.tables import StoredColumn, StoredIndex
from server.storage.waiting import told

COLUMN = StoredColumn("a", "a", "text")
TABLE = TableSpec("Part", "tab_part", (COLUMN,))
INDEX = StoredIndex("ix_part_a", ("a",))


@pytest.mark.parametrize(
    ("dialect", "step", "said"),
    [
        pytest.param("mariadb", CreateTable(TABLE), 'Create the table tab_part of "Part" (1 columns).', id="nobody"),
        pytest.param("sqlite", AddColumn(TABLE, column=COLUMN), 'Add the column a (text) to "Part".', id="nobody on SQLite"),
        pytest.param("postgresql", AddColumn(TABLE, column=COLUMN), "; the table is locked for less than a second.", id="briefly"),
        pytest.param("sqlite", AddIndex(TABLE, 600_000, index=INDEX), "; nobody can save meanwhile, about 3 s.", id="one writer"),
        pytest.param("postgresql", AddIndex(TABLE, 600_000, index=INDEX), "; the table stays in use meanwhile and is", id="in use"),
        pytest.param("postgresql", AddIndex(TABLE, 999, index=INDEX), "; the table is locked for less than a second.", id="few rows"),
        pytest.param("sqlite", WidenColumn(TABLE, 60_000, column=COLUMN, before=COLUMN), "about 3 s.", id="rewritten"),
    ],
)  # fmt: skip
def test_each_step_says_who_waits_and_how_long(dialect: str, step: Step, said: str) -> None:
    text = told(Plan((step,), dialect=dialect), step)
    assert said in text.en
    assert text.zh.endswith("。")
    assert "。；" not in text.zh
