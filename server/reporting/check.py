"""The faults of reports, all at once: of one JSON object alone, and of what it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from ..core.errors import Fault
from ..core.text import nearest
from ..expressions import ExpressionRefused, parse
from ..metadata.model import Model
from ..rulebook.faults import Faults
from ..storage.calendar_units import UNITS
from ..storage.filters import OPERATORS
from .model import AGGREGATES, CHART_TYPES, FORMULA_TYPES, KNOWN, Beside, Column, Report
from .paths import PathRefused, kind_of, place_of, rows_of
from .spans import is_span

KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}\Z")
_COLUMN = ("field", "by", "key", "label", "where", "expr", "fieldtype", "precision", "hidden", *AGGREGATES)
_BESIDE = ("ref_doctype", "rows", "columns", "match", "where", "filters")


def check_report_shape(raw: Any, file: str) -> list[Fault]:
    """Every fault of one report's JSON object; `read_report` is safe when there is none."""
    faults = Faults(file)
    if not isinstance(raw, Mapping):
        faults.add("", "应为 JSON 对象", "expected a JSON object")
        return faults.found
    if not isinstance(raw.get("name"), str) or not raw["name"].strip() or len(raw["name"]) > 140:
        faults.add(
            "name",
            f"{raw.get('name')!r} 应为 1 到 140 个字符的文字",
            f"{raw.get('name')!r} should be a text of 1 to 140 characters",
        )
    if raw.get("report_type", "Report Builder") != "Report Builder":
        kind = raw["report_type"]
        faults.add(
            "report_type",
            f"{kind!r} 不可用：脚本和 SQL 报表不能运行，请改用 columns",
            f'{kind!r} is not run here: reports are written as columns ("Report Builder"), never as scripts or SQL',
        )
    faults.keys(raw, KNOWN, "")
    if not isinstance(raw.get("ref_doctype"), str):
        faults.add("ref_doctype", "缺少单据类型", "the DocType to report on is missing")
    for name in ("title", "description"):
        faults.text(raw, name, name)
    _check_columns(raw.get("columns"), "columns", faults)
    _check_where(raw.get("where"), "where", faults)
    for at, item in faults.items(raw.get("filters") or [], "filters"):
        _check_asked(item, at, faults)
    for at, item in faults.items(raw.get("roles") or [], "roles"):
        if not isinstance(item, Mapping) or not isinstance(item.get("role"), str):
            faults.add(at, '应为 {"role": …}', 'expected {"role": ...}')
    for at, item in faults.items(raw.get("beside") or [], "beside"):
        _check_beside(item, at, faults)
    _check_chart(raw.get("chart"), faults)
    _check_pivot(raw.get("pivot"), faults)
    _check_indicator(raw.get("indicator"), faults)
    if not isinstance(raw.get("order_by") or "", str):
        faults.add("order_by", "应为文字，如 “rate desc, customer”", 'expected a text such as "rate desc, customer"')
    limit = raw.get("limit", 0)
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
        faults.add("limit", f"{limit!r} 应为不小于 0 的整数", f"{limit!r} should be a whole number of at least 0")
    return faults.found


def _check_columns(columns: Any, at: str, faults: Faults) -> None:
    if not isinstance(columns, list) or not columns:
        faults.add(at, "至少要有一列", "there must be a column at least")
        return
    for place, item in faults.items(columns, at):
        if isinstance(item, str):
            continue
        if not isinstance(item, Mapping):
            faults.add(place, f"{item!r} 应为字段名或对象", f"{item!r} should be a field or an object")
            continue
        faults.keys(item, _COLUMN, place)
        kinds = [name for name in ("field", "expr", *AGGREGATES) if name in item]
        if len(kinds) != 1:
            words = ", ".join(("field", "expr", *AGGREGATES))
            faults.add(place, f"须恰好有其一：{words}", f"needs exactly one of {words}")
        elif not isinstance(item[kinds[0]], str) or not item[kinds[0]]:
            faults.add(f"{place}.{kinds[0]}", "应为文字", "expected a text")
        if "expr" in item and not (isinstance(item.get("key"), str) and KEY.match(item["key"])):
            faults.add(
                f"{place}.key",
                "公式列须有 key（字母、数字、下划线）",
                "a formula needs a key of letters, digits and underscores",
            )
        elif item.get("key") is not None and not (isinstance(item["key"], str) and KEY.match(item["key"])):
            faults.add(
                f"{place}.key",
                f"{item['key']!r} 应为字母、数字、下划线",
                f"{item['key']!r} should be letters, digits and underscores",
            )
        _one_of(item, "by", UNITS, place, faults)
        _one_of(item, "fieldtype", FORMULA_TYPES, place, faults)
        _check_where(item.get("where"), f"{place}.where", faults)
        faults.text(item, "label", f"{place}.label")


def _one_of(item: Mapping[str, Any], name: str, allowed: Sequence[str], at: str, faults: Faults) -> None:
    if item.get(name) not in (None, "", *allowed):
        words = ", ".join(allowed)
        faults.add(
            f"{at}.{name}",
            f"{item[name]!r} 不可用，可用：{words}。",
            f"{item[name]!r} is not one of {words}.",
            nearest(item[name], allowed),
        )


def _check_where(where: Any, at: str, faults: Faults) -> None:
    for place, part in faults.items(where or [], at):
        if not isinstance(part, list) or len(part) != 3 or not all(isinstance(each, str) for each in part[:2]):
            faults.add(place, "应为 [字段, 运算符, 值]", "expected [field, operator, value]")
        elif part[1] not in OPERATORS:
            words = ", ".join(OPERATORS)
            faults.add(
                place,
                f"运算符 {part[1]!r} 不可用，可用：{words}。",
                f"operator {part[1]!r} is not one of {words}.",
                nearest(part[1], OPERATORS),
            )


def _check_asked(item: Any, at: str, faults: Faults) -> None:
    if isinstance(item, str):
        return
    if not isinstance(item, Mapping) or not isinstance(item.get("field"), str):
        faults.add(at, '应为字段名或 {"field": …}', 'expected a field or {"field": ...}')
        return
    faults.keys(item, ("field", "operator", "default", "reqd", "label"), at)
    _one_of(item, "operator", OPERATORS, at, faults)
    faults.text(item, "label", f"{at}.label")


def _check_beside(item: Any, at: str, faults: Faults) -> None:
    if not isinstance(item, Mapping) or not isinstance(item.get("ref_doctype"), str):
        faults.add(at, '应为 {"ref_doctype": …, "columns": […]}', 'expected {"ref_doctype": ..., "columns": [...]}')
        return
    faults.keys(item, _BESIDE, at)
    _check_columns(item.get("columns"), f"{at}.columns", faults)
    _check_where(item.get("where"), f"{at}.where", faults)
    for name in ("match", "filters"):
        if not isinstance(item.get(name) or {}, Mapping):
            faults.add(f"{at}.{name}", "应为对象", "expected an object")
        elif not all(isinstance(path, str) for path in (item.get(name) or {}).values()):
            faults.add(f"{at}.{name}", "各值应为字段名", "its values should be fields")
    columns = item.get("columns")
    for column in columns if isinstance(columns, list) else ():
        if isinstance(column, str) or (isinstance(column, Mapping) and not any(name in column for name in AGGREGATES)):
            faults.add(f"{at}.columns", "旁列只能是聚合（count、sum 等）", "columns beside must aggregate (count, sum ...)")


def _check_chart(chart: Any, faults: Faults) -> None:
    if chart is None:
        return
    if not isinstance(chart, Mapping):
        faults.add("chart", '应为 {"type": "bar", "x": …, "y": […]}', 'expected {"type": "bar", "x": ..., "y": [...]}')
        return
    faults.keys(chart, ("type", "x", "y", "stacked", "across"), "chart")
    _one_of({"type": chart.get("type") or "?"}, "type", CHART_TYPES, "chart", faults)
    y = chart.get("y")
    if y is None and chart.get("type") == "gauge":  # it shows the indicator
        return
    if not isinstance(y, str) and not (isinstance(y, list) and y and all(isinstance(each, str) for each in y)):
        faults.add("chart.y", "应为列的 key，或其列表", "expected the key of a column, or a list of them")


def _check_pivot(pivot: Any, faults: Faults) -> None:
    good = (
        isinstance(pivot, Mapping)
        and isinstance(pivot.get("across"), str)
        and isinstance(pivot.get("values"), list)
        and pivot["values"]
        and all(isinstance(value, str) for value in pivot["values"])
    )
    if pivot is not None and not good:
        faults.add("pivot", '应为 {"across": …, "values": […]}', 'expected {"across": ..., "values": [...]}')


def _check_indicator(raw: Any, faults: Faults) -> None:
    if raw is None:
        return
    if not isinstance(raw, Mapping) or not isinstance(raw.get("value"), str):
        faults.add("indicator", '应为 {"value": …, "at_least": …}', 'expected {"value": ..., "at_least": ...}')
        return
    faults.keys(raw, ("value", "at_least", "at_most", "warn_at", "unit"), "indicator")
    if ("at_least" in raw) == ("at_most" in raw):
        faults.add("indicator", "须有 at_least 或 at_most 之一", "needs either at_least or at_most")
    for name in ("at_least", "at_most", "warn_at"):
        try:
            Decimal(str(0 if raw.get(name) is None else raw[name]))
        except InvalidOperation:
            faults.add(f"indicator.{name}", f"{raw[name]!r} 应为数字", f"{raw[name]!r} should be a number")


# What a report names


def check_reports(reports: Iterable[Report], model: Model, files: Mapping[str, str], roles: Iterable[str]) -> list[Fault]:
    """Every fault of what the reports name: record types, fields, keys, roles."""
    known = set(roles)
    found: list[Fault] = []
    for report in reports:
        faults = Faults(files.get(report.name, report.name))
        for role in sorted(report.roles - known):
            faults.add("roles", f"没有角色 {role!r}。", f"there is no role {role!r}.", nearest(role, known))
        if _is_record_type(model, report.doctype, "ref_doctype", faults):
            _check_against_model(report, model, faults)
        found += faults.found
    return found


def _is_record_type(model: Model, doctype: str, at: str, faults: Faults) -> bool:
    found = model.get(doctype)
    if found is None or found.istable:
        faults.add(
            at,
            f"没有单据类型 {doctype!r}。",
            f"{doctype!r} is not a record type with records of its own.",
            nearest(doctype, model.doctypes),
        )
        return False
    return True


def _check_against_model(report: Report, model: Model, faults: Faults) -> None:
    if report.rows and not _is_table(model, report.doctype, report.rows, "rows", faults):
        return
    for number, column in enumerate(report.columns):
        _check_column(column, model, report.doctype, report.rows, f"columns[{number}]", faults)
    for number, asked in enumerate(report.filters):
        _check_span(asked.path, asked.default, model, report, f"filters[{number}]", faults)
    _check_paths([part[0] for part in report.where], model, report.doctype, report.rows, "where", faults)
    for number, other in enumerate(report.beside):
        _check_other(other, report, model, f"beside[{number}]", faults)
    _check_keys(report, faults)


def _is_table(model: Model, doctype: str, rows: str, at: str, faults: Faults) -> bool:
    try:
        rows_of(model, doctype, rows)
    except PathRefused as refused:
        faults.refused(at, refused.text)
        return False
    return True


def _check_column(column: Column, model: Model, doctype: str, rows: str, at: str, faults: Faults) -> None:
    if column.function == "expr":
        return
    try:
        kind = kind_of(place_of(model, doctype, rows, column.path))
    except PathRefused as refused:
        faults.refused(at, refused.text)
        return
    if column.function in ("sum", "avg") and kind not in ("integer", "decimal"):
        faults.add(
            at,
            f"{column.path} 不是数字，不能用 {column.function}",
            f"{column.path} is not a number; it has no {column.function}",
        )
    if column.unit and kind not in ("date", "datetime"):
        faults.add(f"{at}.by", f"{column.path} 不是日期", f"{column.path} is not a date")
    _check_paths([part[0] for part in column.where], model, doctype, rows, f"{at}.where", faults)


def _check_paths(paths: Iterable[str], model: Model, doctype: str, rows: str, at: str, faults: Faults) -> None:
    for path in paths:
        try:
            place_of(model, doctype, rows, path)
        except PathRefused as refused:
            faults.refused(at, refused.text)


def _check_span(path: str, default: str, model: Model, report: Report, at: str, faults: Faults) -> None:
    try:
        kind = kind_of(place_of(model, report.doctype, report.rows, path))
    except PathRefused as refused:
        faults.refused(at, refused.text)
        return
    if default and kind in ("date", "datetime") and not is_span(default):
        faults.add(
            f"{at}.default",
            f"{default!r} 不是时段，可用如 this month、last year、30 d、2026-01-01..2026-03-31",
            f'{default!r} is not a span; use one such as "this month", "last year", "30 d" or "2026-01-01..2026-03-31"',
        )


def _check_other(other: Beside, report: Report, model: Model, at: str, faults: Faults) -> None:
    if not _is_record_type(model, other.doctype, f"{at}.ref_doctype", faults):
        return
    if other.rows and not _is_table(model, other.doctype, other.rows, f"{at}.rows", faults):
        return
    for number, column in enumerate(other.columns):
        _check_column(column, model, other.doctype, other.rows, f"{at}.columns[{number}]", faults)
    by_time = [column for column in report.keys if column.unit and column.key in other.match]
    for column in by_time:
        _check_column(replace(column, path=other.match[column.key]), model, other.doctype, other.rows, f"{at}.match", faults)
    matched = [path for key, path in other.match.items() if key not in {column.key for column in by_time}]
    paths = [*matched, *other.filters.values(), *(part[0] for part in other.where)]
    _check_paths(paths, model, other.doctype, other.rows, at, faults)
    keys = {column.key for column in report.keys}
    for key in sorted(keys ^ set(other.match)):
        faults.add(
            f"{at}.match",
            f"须为每个分组列（{', '.join(sorted(keys)) or '无'}）各给一个字段：{key!r}",
            f"needs a field for each key ({', '.join(sorted(keys)) or 'none'}) and no other: {key!r}",
        )
    asked = {each.path for each in report.filters}
    for path in sorted(set(other.filters) - asked):
        faults.add(f"{at}.filters", f"报表没有筛选 {path!r}。", f"the report has no filter {path!r}.", nearest(path, asked))


def _check_keys(report: Report, faults: Faults) -> None:
    """The keys that formulas, order, pivot, chart and indicator name; each once."""
    keys = [column.key for column in report.all_columns]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        faults.add("columns", f"有两列叫 {key!r}，请为其一写 key", f'two columns are called {key!r}; give one of them a "key"')
    known: set[str] = {column.key for column in report.all_columns if column.function != "expr"}
    for column in (item for item in report.all_columns if item.function == "expr"):
        _check_formula(column, known, faults)
        known.add(column.key)
    named: list[tuple[str, str]] = [("order_by", key) for key, _ in report.order]
    if report.pivot is not None:
        named += [("pivot", key) for key in (report.pivot.across, *report.pivot.values)]
    if (chart := report.chart) is not None:
        named += [("chart", key) for key in (chart.x, chart.across, *chart.y) if key]
    if report.indicator is not None:
        named.append(("indicator", report.indicator.value))
    for at, key in named:
        if key not in known:
            faults.add(at, f"没有列 {key!r}。", f"there is no column {key!r}.", nearest(key, known))
    if not report.is_grouped and (report.pivot or report.indicator or report.beside):
        faults.add(
            "columns", "透视、指标和旁列需要聚合列", "a pivot, an indicator and columns beside need a column that aggregates"
        )


def _check_formula(column: Column, known: set[str], faults: Faults) -> None:
    at = f"columns.{column.key}"
    try:
        reads = parse(column.expr).reads
    except ExpressionRefused as refused:
        faults.refused(at, refused.text)
        return
    for name in sorted({path.removeprefix("doc.").split(".")[0] for path in reads} - known):
        faults.add(at, f"没有列 {name!r}，或在其后。", f"there is no column {name!r} before it.", nearest(name, known))
