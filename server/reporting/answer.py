"""What a report says to one reader: columns as fields, rows, totals, a pivot, and how an indicator stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from ..core.text import Text
from ..expressions import Scope, parse
from ..metadata.model import DocField
from ..storage.calendar_units import Unit
from ..storage.grouping import Place
from .model import Column, Indicator, Report
from .paths import field_of

Row = dict[str, Any]
Light = Literal["green", "amber", "red", "off"]
LIGHT_TEXTS: Mapping[Light, Text] = {
    "green": Text("达标", "On target"), "amber": Text("接近目标", "Near the target"), "red": Text("未达标", "Missed"), "off": Text("无数据", "No data"),
}  # fmt: skip
_STANDARD = {
    "name": ("Link", Text("编号", "Name")), "owner": ("Link", Text("创建人", "Created by")), "creation": ("Datetime", Text("创建时间", "Created")),
    "modified": ("Datetime", Text("更新时间", "Changed")), "modified_by": ("Link", Text("更新人", "Changed by")), "docstatus": ("Select", Text("单据状态", "Document status")),
    "idx": ("Int", Text("行号", "Row")), "version": ("Int", Text("版本", "Version")),
}  # fmt: skip
_DOCSTATUS = {"0": Text("草稿", "Draft"), "1": Text("已提交", "Submitted"), "2": Text("已作废", "Cancelled")}
_UNITS = {
    "day": Text("日", "day"), "week": Text("周", "week"), "month": Text("月", "month"), "quarter": Text("季度", "quarter"), "year": Text("年", "year"),
}  # fmt: skip
_AGGREGATED = {
    "sum": Text("合计", "total"), "avg": Text("平均", "average"), "min": Text("最小", "least"), "max": Text("最大", "greatest"),
    "count": Text("数量", "number"), "count_distinct": Text("个数", "different"),
}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A column of the answer: the field by which its values are shown, `is_measure` where it holds numbers that were counted."""

    key: str
    item: DocField
    is_measure: bool
    unit: Unit | None = None

    @property
    def label(self) -> Text:
        return self.item.label


@dataclass(frozen=True)
class Answer:
    """The rows of a report under some filters. `is_cut` says that there are more; `unseen` names columns that the reader may not see;
    `hidden` are columns that only a chart, an indicator or a formula shows."""

    report: Report
    columns: tuple[Shown, ...]
    rows: tuple[Row, ...]
    totals: Row | None = None
    is_cut: bool = False
    unseen: tuple[Text, ...] = ()
    hidden: tuple[Shown, ...] = ()

    def column(self, key: str) -> Shown | None:
        return next((item for item in (*self.columns, *self.hidden) if item.key == key), None)

    @property
    def light(self) -> Light:
        """How the indicator stands."""
        indicator = self.report.indicator
        return "off" if indicator is None else light(indicator, (self.totals or {}).get(indicator.value))


def light(indicator: Indicator, value: Any) -> Light:
    """Green when the target is met, amber when it is but `warn_at` is passed, red when it is missed."""
    if not isinstance(value, int | Decimal):
        return "off"
    if indicator.at_most is not None:
        if value > indicator.at_most:
            return "red"
        return "amber" if indicator.warn_at is not None and value > indicator.warn_at else "green"
    if indicator.at_least is not None and value < indicator.at_least:
        return "red"
    return "amber" if indicator.warn_at is not None and value < indicator.warn_at else "green"


def shown_column(column: Column, place: Place | None) -> Shown:
    """The column of an answer for one of a report, `place` being where its values stand."""
    if place is None:  # a formula
        kind = column.fieldtype or "Float"
        label = column.label or Text(column.key, column.key)
        return Shown(column.key, DocField(column.key, kind, label, precision=column.precision), kind != "Data")
    item = _as_field(place)
    label = column.label or _label(column, item.label)
    if column.function == "value":
        return Shown(
            column.key, DocField(column.key, "Data", label) if column.unit else replace(item, label=label), False, column.unit
        )
    if column.function in ("count", "count_distinct"):
        return Shown(column.key, DocField(column.key, "Int", label), True)
    kind = "Float" if column.function == "avg" and item.type.kind == "integer" else item.fieldtype
    precision = column.precision if column.precision is not None else item.precision
    return Shown(
        column.key, replace(item, fieldtype=kind, label=label, precision=precision), item.type.kind in ("integer", "decimal")
    )


def _as_field(place: Place) -> DocField:
    item = field_of(place)
    if item is not None:
        return item
    if place.fieldname == "name":
        return DocField("name", "Link", place.doctype.label, options=place.doctype.name)
    kind, label = _STANDARD.get(place.fieldname, ("Data", Text(place.fieldname, place.fieldname)))
    options = {"Link": "User", "Select": "\n".join(_DOCSTATUS)}.get(kind)
    return DocField(place.fieldname, kind, label, options=options, option_labels=_DOCSTATUS if kind == "Select" else {})


def _label(column: Column, label: Text) -> Text:
    if column.unit:
        unit = _UNITS[column.unit]
        return Text(f"{label.zh}（{unit.zh}）", f"{label.en} ({unit.en})")
    if column.function == "value":
        return label
    function = _AGGREGATED[column.function]
    if label.zh.endswith(function.zh):  # a field that is itself called a total
        return label
    return Text(f"{label.zh}{function.zh}", f"{label.en}, {function.en}")


# Formulas and merging


def with_formulas(rows: Iterable[Row], report: Report, now: datetime) -> Iterator[Row]:
    """The rows with their formulas filled in, in the order of the columns: a later one may use an earlier one."""
    formulas = [(item.key, parse(item.expr)) for item in report.all_columns if item.function == "expr"]
    for row in rows:
        for key, expression in formulas:
            row[key] = expression.evaluate(Scope(row, today=now.date(), now=now))
        yield row


def beside(
    rows: Sequence[Row], others: Sequence[Row], keys: Sequence[str], columns: Sequence[Column], missing: Sequence[Column]
) -> list[Row]:
    """`rows` with the columns of `others` under the same keys; what only the others have comes too. Nothing counted is 0."""
    none = {item.key: _nothing(item) for item in columns}
    by_key = {tuple(row[key] for key in keys): dict(row) | none for row in rows}
    for other in others:
        key = tuple(other[name] for name in keys)
        row = by_key.setdefault(key, dict(zip(keys, key, strict=True)) | {item.key: _nothing(item) for item in missing} | none)
        row |= {item.key: other[item.key] for item in columns}
    return list(by_key.values())


def _nothing(column: Column) -> int | None:
    return 0 if column.function in ("count", "count_distinct") else None


def ordered(rows: Iterable[Row], order: Sequence[tuple[str, bool]]) -> list[Row]:
    """Sorted by several keys, the first one first; the empty come first going up, last going down."""
    found = list(rows)
    for key, descends in reversed(order):
        found.sort(key=lambda row: (row.get(key) is not None, _comparable(row.get(key))), reverse=descends)
    return found


def _comparable(value: Any) -> Any:
    return 0 if value is None else value


# Pivot


@dataclass(frozen=True)
class PivotTable:
    """Rows by the other keys, one column for each value of `across` and each of its values; `cells` by (row, across, value)."""

    keys: tuple[Shown, ...]
    across: Shown
    values: tuple[Shown, ...]
    heads: tuple[Any, ...]
    rows: tuple[tuple[Any, ...], ...]
    cells: Mapping[tuple[tuple[Any, ...], Any, str], Any]


def pivot(answer: Answer) -> PivotTable | None:
    """The answer with one key laid across; None where the report asks for none, or the reader does not see what it needs."""
    asked = answer.report.pivot
    across = answer.column(asked.across) if asked else None
    if asked is None or across is None:
        return None
    keys = tuple(
        item
        for item in answer.columns
        if not item.is_measure and item.key in {c.key for c in answer.report.keys} - {across.key}
    )
    values = tuple(item for key in asked.values if (item := answer.column(key)) is not None)
    heads = sorted({row[across.key] for row in answer.rows}, key=lambda value: (value is not None, _comparable(value)))
    names = dict.fromkeys(tuple(row[item.key] for item in keys) for row in answer.rows)
    cells = {
        (tuple(row[item.key] for item in keys), row[across.key], value.key): row[value.key]
        for row in answer.rows
        for value in values
    }
    return PivotTable(keys, across, values, tuple(heads), tuple(names), cells)
