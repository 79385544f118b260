"""Faults of reports, all at once, each with its place and the nearest right word."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from deliveries import DOCTYPES, report

from server.assets import builtin_pack
from server.core.errors import MetadataInvalid
from server.exchange.packs import Source, read_packs
from server.exchange.reading import check_sources


def faults(raw: dict[str, Any]) -> list[str]:
    sources = [Source("DocType", str(piece["name"]), dict(piece)) for piece in DOCTYPES]
    try:
        check_sources([*sources, Source("Report", "r.json", raw)])
    except MetadataInvalid as error:
        return [fault.text.en for fault in error.faults]
    return []


N = {"count": "name", "key": "n"}
DOCS = (Path(__file__).parents[2] / "docs" / "reports.md").read_text("utf-8")
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", DOCS, re.DOTALL)]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (report(), "columns: there must be a column at least"),
        (report(columns=["cliet"]), "columns[0]: Delivery has no field 'cliet'. Did you mean \"client\"?"),
        (report(columns=["client.grad"]), "Client has no field 'grad'. Did you mean \"grade\"?"),
        (report(columns=["due.grade"]), "Delivery has no link field 'due'."),
        (report(columns=["client.title.x"]), "it may pass one link field"),
        (report(rows="line", columns=["name"]), "Delivery has no child table 'line'. Did you mean \"lines\"?"),
        (report(columns=[{"sum": "client"}]), "client is not a number; it has no sum"),
        (report(columns=[{"field": "value", "by": "month"}]), "value is not a date"),
        (report(columns=[{"field": "due", "by": "moth"}]), 'Did you mean "month"?'),
        (report(columns=[{"sum": "value", "count": "name"}]), "needs exactly one of"),
        (report(columns=[N, {"expr": "n / m", "key": "x"}]), "there is no column 'm' before it."),
        (report(columns=[N, {"expr": "n /", "key": "x"}]), "columns.x"),
        (report(columns=[N, {"expr": "n"}]), "a formula needs a key"),
        (report(columns=["client", {"field": "client.name", "key": "client"}]), "two columns are called 'client'"),
        (report(columns=["client", N], order_by="m desc"), "order_by: there is no column 'm'."),
        (report(columns=["client", N], chart={"type": "bar", "x": "clint", "y": "n"}), "chart: there is no column 'clint'. Did you mean \"client\"?"),
        (report(columns=["client", N], chart={"type": "bars", "x": "client", "y": "n"}), 'Did you mean "bar"?'),
        (report(columns=["client"], where=[["due", "equal", 1]]), "operator 'equal' is not one of"),
        (report(columns=["client"], filters=[{"field": "due", "default": "soon"}]), "'soon' is not a span"),
        (report(columns=["client"], roles=[{"role": "Clark"}]), "there is no role 'Clark'. Did you mean \"Clerk\"?"),
        (report(columns=["client", N], indicator={"value": "n"}), "needs either at_least or at_most"),
        (report(columns=["client"], indicator={"value": "client", "at_least": 1}), "need a column that aggregates"),
        (report(columns=["client", N], beside=[{"ref_doctype": "Service Bill", "columns": [{"sum": "cost"}]}]), "needs a field for each key (client)"),
        (report(columns=["client"], filter=[]), "'filter' is not known here"),
        (report(report_type="Script Report", columns=["client"]), "never as scripts or SQL"),
        ({**report(columns=["name"]), "ref_doctype": "Delivry"}, "Did you mean \"Delivery\"?"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place_and_what_was_meant(raw: dict[str, Any], said: str) -> None:
    assert any(said in text for text in faults(raw)), faults(raw)


def test_a_gauge_shows_the_indicator_and_needs_no_other_value() -> None:
    target = {"value": "n", "at_least": 1}

    assert faults(report(columns=["client", N], indicator=target, chart={"type": "gauge"})) == []


def test_all_faults_come_at_once() -> None:
    assert len(faults(report(columns=["cliet", {"sum": "client"}], where=[["x", "=", 1]], roles=[{"role": "Clark"}]))) == 4


def test_the_examples_of_the_documentation_are_right() -> None:
    examples = [Source("Report", str(raw["name"]), raw) for raw in EXAMPLES]

    assert len(examples) == 2
    check_sources([*read_packs([builtin_pack()]).sources, *examples])
