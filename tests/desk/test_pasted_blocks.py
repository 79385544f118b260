"""A block of cells from a spreadsheet is read for a child table, as one person sees the records that it names."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from server.access.user import User
from server.core.errors import PermissionRefused, ValidationFailed
from server.site import Site

ADMIN = User.administrator()


@pytest.fixture(scope="module", autouse=True)
def keepers(site: Site) -> None:
    for login, name in (("zhao", "赵磊"), ("zhao2", "赵磊"), ("qian", "钱英")):
        site.documents.save(ADMIN, "User", {"login": login, "full_name": name, "enabled": 1})


def read(
    site: Site, user: User, columns: list[str], *cells: list[str]
) -> tuple[list[dict[str, Any]], list[tuple[int, str, str]]]:
    block = site.pasting.read(user, "Tool Loan", "parts", columns, cells)
    return [dict(row) for row in block.rows], [(fault.row, fault.fieldname, fault.text.zh) for fault in block.faults]


@pytest.mark.parametrize(
    ("column", "typed", "value"),
    [
        ("due_on", "2026/3/5", "2026-03-05"),
        ("due_on", "2026年3月5日", "2026-03-05"),
        ("due_on", "２０２６．３．５", "2026-03-05"),
        ("due_on", "46086", "2026-03-05"),
        ("count", "１２", "12"),
        ("count", "1,200", "1200"),
        ("share", "12.5%", "12.50"),
        ("part", "  深度尺 ", "深度尺"),
        ("count", "", "None"),
    ],
)
def test_cells_are_read_as_people_write_them(site: Site, li: User, column: str, typed: str, value: str) -> None:
    rows, faults = read(site, li, [column], [typed])

    assert (str(rows[0][column]), faults) == (value, [])


def test_a_link_is_found_by_number_or_title_and_brings_what_follows_from_it(site: Site, li: User) -> None:
    rows, faults = read(site, li, ["part", "keeper"], ["卡尺", "钱英"], ["塞尺", "qian"], ["平尺", ""])

    assert [(row["keeper"], row.get("keeper_name")) for row in rows] == [("qian", "钱英"), ("qian", "钱英"), (None, None)]
    assert faults == []


def test_what_cannot_be_read_is_named_at_its_cell_and_the_rest_is_taken(site: Site, li: User) -> None:
    rows, faults = read(site, li, ["part", "count", "keeper"], ["卡尺", "两把", "赵磊"], ["塞尺", "3", "孙悟空"])

    assert [row["part"] for row in rows] == ["卡尺", "塞尺"]
    assert rows[1]["count"] == 3
    assert faults == [
        (0, "count", "件数：“两把”不是数字。"),
        (0, "keeper", "保管人：有 2 条用户叫“赵磊”，请从列表中选择。"),
        (1, "keeper", "保管人：没有编号或名称为“孙悟空”的用户。"),
    ]


def test_who_may_not_write_such_records_learns_nothing(site: Site, li: User) -> None:
    with pytest.raises(PermissionRefused):
        site.pasting.read(li, "User", "roles", ["role"], [["System Manager"]])


@pytest.mark.parametrize("columns", [["no_such"], ["part", "owner"]])
def test_unknown_columns_are_refused(site: Site, li: User, columns: list[str]) -> None:
    with pytest.raises(ValidationFailed):
        site.pasting.read(li, "Tool Loan", "parts", columns, [["x"]])


def test_the_page_gets_rows_titles_and_faults(signed_in: FlaskClient) -> None:
    token = signed_in.get("/form/Tool%20Loan/new").text.split('name="csrf_token" value="')[1].split('"')[0]
    body = {"columns": ["part", "count", "keeper"], "cells": [["卡尺", "２", "钱英"], ["塞尺", "?", ""]]}

    answer = signed_in.post("/paste/Tool%20Loan/parts", json=body, headers={"X-CSRF-Token": token})

    found = answer.get_json()
    assert found["rows"][0] == {"part": "卡尺", "count": 2, "keeper": "qian", "keeper_name": "钱英"}
    assert ["User", "qian", "钱英"] in found["titles"]
    assert found["faults"] == [[1, "count", "件数：“?”不是数字。"]]
    assert signed_in.post("/paste/Tool%20Loan/parts", json=[1], headers={"X-CSRF-Token": token}).status_code == 417


@settings(max_examples=60)
@given(cells=st.lists(st.lists(st.text(max_size=8), max_size=4), max_size=4))
def test_every_cell_is_either_read_or_named(site: Site, cells: list[list[str]]) -> None:
    columns = ["count", "due_on", "checked_at", "share"]

    block = site.pasting.read(ADMIN, "Tool Loan", "parts", columns, cells)

    named = {(fault.row, fault.fieldname) for fault in block.faults}
    missing = {(index, name) for index, row in enumerate(block.rows) for name in columns if name not in row}
    assert (missing, len(block.rows)) == (named, len(cells))
