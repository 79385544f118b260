"""A report as an immutable value, read from its JSON: Frappe's Report of the kind "Report Builder", with groups, formulas and a chart.

    {"doctype": "Report", "name": "delivery-on-time", "title": {...}, "ref_doctype": "Shipment Note", "source": ["S05-03"],
     "columns": ["customer", {"field": "ship_date", "by": "month", "key": "month"}, {"count": "name", "key": "all"},
                 {"count": "name", "where": [["is_late", "=", 0]], "key": "on_time"},
                 {"expr": "on_time / all * 100", "key": "rate", "fieldtype": "Percent", "label": {...}}],
     "filters": [{"field": "ship_date", "default": "this year"}, "customer"], "where": [["docstatus", "=", 1]],
     "chart": {"type": "line", "x": "month", "y": ["rate"]}}

`check.check_report` finds its faults; `read_report` is safe when there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from ..core.text import EMPTY, Text
from ..storage.calendar_units import Unit

AGGREGATES = ("count", "count_distinct", "sum", "avg", "min", "max")
CHART_TYPES = ("bar", "line", "pie", "pareto", "heatmap", "gauge")
FORMULA_TYPES = ("Int", "Float", "Currency", "Percent", "Data")
KNOWN = (
    "doctype", "name", "title", "description", "module", "source", "report_type", "ref_doctype", "rows", "roles", "columns", "filters",
    "where", "order_by", "limit", "totals", "pivot", "chart", "indicator", "beside",
)  # fmt: skip
ChartType = Literal["bar", "line", "pie", "pareto", "heatmap", "gauge"]
Condition = tuple[str, str, Any]


@dataclass(frozen=True)
class Column:
    """One column. `function` is `value` (a field, by which is grouped when another column aggregates), an aggregate of `path`, or
    `expr`, a formula over the keys of the columns before it."""

    key: str
    function: str
    path: str = ""
    unit: Unit | None = None
    where: tuple[Condition, ...] = ()
    expr: str = ""
    fieldtype: str = ""
    precision: int | None = None
    label: Text | None = None
    is_hidden: bool = False


@dataclass(frozen=True)
class Asked:
    """A filter that the reader fills in; of a date a span (`this year`, `30 d`, `2026-01-01..2026-03-31`)."""

    path: str
    operator: str = ""
    default: str = ""
    is_needed: bool = False
    label: Text | None = None


@dataclass(frozen=True)
class Beside:
    """Another record type counted beside the first, row by row under the same keys (`match`: key to path). `filters` says which of
    its fields the reader's filters go to."""

    doctype: str
    columns: tuple[Column, ...]
    match: Mapping[str, str] = field(default_factory=dict)
    where: tuple[Condition, ...] = ()
    rows: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Chart:
    kind: ChartType
    x: str = ""
    y: tuple[str, ...] = ()
    is_stacked: bool = False
    across: str = ""  # heat map: the key along the other side


@dataclass(frozen=True)
class Indicator:
    """What the totals of a report are judged by: `value` is a key, the target a least or a most, `warn_at` where amber begins."""

    value: str
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    warn_at: Decimal | None = None
    unit: str = ""


@dataclass(frozen=True)
class Pivot:
    """`across` becomes columns; `values` are the keys shown in them."""

    across: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """See the module. `roles` may open it (empty: whoever may report on its record types); `rows` is a child table's fieldname."""

    name: str
    doctype: str
    title: Text
    columns: tuple[Column, ...]
    description: Text = EMPTY
    module: str = ""
    source: tuple[str, ...] = ()
    rows: str = ""
    roles: frozenset[str] = frozenset()
    filters: tuple[Asked, ...] = ()
    where: tuple[Condition, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    limit: int = 0
    has_totals: bool = False
    pivot: Pivot | None = None
    chart: Chart | None = None
    indicator: Indicator | None = None
    beside: tuple[Beside, ...] = ()
    is_published: bool = True  # by an administrator, whose conditions may be over fields that the reader does not see
    raw: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)

    @property
    def is_grouped(self) -> bool:
        return any(item.function in AGGREGATES for item in self.all_columns)

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """Its own columns, then those beside, then the formulas, which may use both."""
        own = [item for item in self.columns if item.function != "expr"]
        beside = [item for other in self.beside for item in other.columns]
        return (*own, *beside, *(item for item in self.columns if item.function == "expr"))

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns of the page, in the order in which they are written; those beside come before the formulas."""
        beside = [item for other in self.beside for item in other.columns]
        first = next((number for number, item in enumerate(self.columns) if item.function == "expr"), len(self.columns))
        return tuple(item for item in (*self.columns[:first], *beside, *self.columns[first:]) if not item.is_hidden)

    @property
    def keys(self) -> tuple[Column, ...]:
        return tuple(item for item in self.columns if item.function == "value")

    def column(self, key: str) -> Column:
        return next(item for item in self.all_columns if item.key == key)


def read_report(raw: Mapping[str, Any]) -> Report:
    """The report of a JSON object without faults."""
    return Report(
        name=raw["name"],
        doctype=raw["ref_doctype"],
        title=Text.of(raw.get("title") or raw["name"]),
        columns=tuple(map(read_column, raw["columns"])),
        description=Text.of(raw["description"]) if raw.get("description") else EMPTY,
        module=str(raw.get("module") or ""),
        source=tuple(raw.get("source") or ()),
        rows=str(raw.get("rows") or ""),
        roles=frozenset(str(row["role"]) for row in raw.get("roles") or ()),
        filters=tuple(map(_read_asked, raw.get("filters") or ())),
        where=_read_where(raw.get("where")),
        order=read_order(str(raw.get("order_by") or "")),
        limit=int(raw.get("limit") or 0),
        has_totals=bool(raw.get("totals")),
        pivot=Pivot(raw["pivot"]["across"], tuple(raw["pivot"]["values"])) if raw.get("pivot") else None,
        chart=_read_chart(raw["chart"]) if raw.get("chart") else None,
        indicator=_read_indicator(raw["indicator"]) if raw.get("indicator") else None,
        beside=tuple(map(_read_beside, raw.get("beside") or ())),
        raw=raw,
    )


def read_column(raw: Any) -> Column:
    """A column: the path of a field, or an object with `field`, an aggregate or `expr`."""
    if isinstance(raw, str):
        return Column(key_of(raw), "value", raw)
    common: dict[str, Any] = {
        "label": Text.of(raw["label"]) if raw.get("label") else None,
        "is_hidden": bool(raw.get("hidden")),
        "fieldtype": str(raw.get("fieldtype") or ""),
        "precision": raw.get("precision"),
    }
    if "expr" in raw:
        return Column(str(raw["key"]), "expr", expr=str(raw["expr"]), **common)
    function = next((name for name in AGGREGATES if name in raw), "value")
    path = str(raw["field"] if function == "value" else raw[function])
    key = str(raw.get("key") or (key_of(path) if function == "value" else f"{function}_{key_of(path)}"))
    return Column(key, function, path, raw.get("by"), _read_where(raw.get("where")), **common)


def key_of(path: str) -> str:
    """How a column is called by default: `customer_class` for `customer.customer_class`."""
    return path.rpartition(".")[2]


def read_order(text: str) -> tuple[tuple[str, bool], ...]:
    """`rate desc, customer` as pairs of a key and whether it descends."""
    parts = [part.split() for part in text.split(",") if part.strip()]
    return tuple((part[0], part[1:] == ["desc"]) for part in parts)


def _read_where(raw: Any) -> tuple[Condition, ...]:
    return tuple((str(path), str(operator), value) for path, operator, value in raw or ())


def _read_asked(raw: Any) -> Asked:
    if isinstance(raw, str):
        return Asked(raw)
    return Asked(
        path=raw["field"],
        operator=str(raw.get("operator") or ""),
        default=str(raw.get("default") or ""),
        is_needed=bool(raw.get("reqd")),
        label=Text.of(raw["label"]) if raw.get("label") else None,
    )


def _read_chart(raw: Mapping[str, Any]) -> Chart:
    y = raw.get("y") or ()
    return Chart(
        raw["type"],
        str(raw.get("x") or ""),
        (y,) if isinstance(y, str) else tuple(y),
        bool(raw.get("stacked")),
        str(raw.get("across") or ""),
    )


def _read_indicator(raw: Mapping[str, Any]) -> Indicator:
    numbers = {name: Decimal(str(raw[name])) for name in ("at_least", "at_most", "warn_at") if raw.get(name) is not None}
    return Indicator(str(raw["value"]), unit=str(raw.get("unit") or ""), **numbers)


def _read_beside(raw: Mapping[str, Any]) -> Beside:
    return Beside(
        doctype=raw["ref_doctype"],
        columns=tuple(map(read_column, raw["columns"])),
        match=dict(raw.get("match") or {}),
        where=_read_where(raw.get("where")),
        rows=str(raw.get("rows") or ""),
        filters=dict(raw.get("filters") or {}),
    )
