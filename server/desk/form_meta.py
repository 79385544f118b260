"""What the browser needs to make a form live: fields, conditions and formulas as trees, child columns. Made once per version."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ..expressions import ExpressionRefused, parse, parse_condition
from ..metadata.fieldtypes.numbers import DecimalType
from ..metadata.model import DocField, DocType, Model

CONDITIONS = ("depends_on", "mandatory_depends_on", "read_only_depends_on")


@lru_cache(maxsize=256)
def _fields(doctype: DocType, levels: frozenset[int], language: str) -> tuple[dict[str, Any], ...]:
    return tuple(_field(item, language) for item in doctype.fields if item.permlevel in levels)


def form_meta(model: Model, doctype: DocType, levels: frozenset[int], language: str) -> dict[str, Any]:
    """Fields of the record and of its child tables, as JSON."""
    tables = {
        item.fieldname: {
            "doctype": item.options,
            "label": item.label.to(language),
            "fixed": item.fixed_rows,
            "fields": _fields(model.child(item), levels, language),
        }
        for item in doctype.table_fields
        if item.permlevel in levels and not item.hidden
    }
    return {
        "doctype": doctype.name,
        "title_field": doctype.title_field or "",
        "fields": _fields(doctype, levels, language),
        "tables": tables,
    }


def _field(item: DocField, language: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "fieldname": item.fieldname,
        "fieldtype": item.fieldtype,
        "widget": item.type.widget,
        "label": item.label.to(language),
        "reqd": item.reqd,
        "read_only": item.read_only or item.is_computed,
        "hidden": item.hidden,
        "in_list_view": item.in_list_view,
        "columns": item.columns,
        "allow_on_submit": item.allow_on_submit,
        "permlevel": item.permlevel,
    }
    if item.fieldtype in ("Link", "Dynamic Link") or item.type.holds_rows:
        found["options"] = item.options
    if choices := item.type.choices(item):
        found["choices"] = [[value, text.to(language)] for value, text in choices]
    elif isinstance(item.type, DecimalType):
        found["precision"] = item.type.precision(item)
    if item.link_filters:
        found["filtered"] = True
    if item.fetch_from:
        found["fetch_from"] = item.fetch_from
    if item.formula:
        found["formula"] = _tree(item.formula, formula=True)
    for part in CONDITIONS:
        if source := getattr(item, part):
            found[part] = _tree(source, formula=False)
    return {name: value for name, value in found.items() if value not in (None, False, 0, "")}


def _tree(source: str, *, formula: bool) -> Any:
    try:
        return (parse(source) if formula else parse_condition(source)).tree
    except ExpressionRefused:
        return None  # named when the DocType was checked; the field is simply shown
