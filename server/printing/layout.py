"""From metadata to `fields.Layout`: labels in one language, sections of what this record shows.

Runs in the server, where the model and the expressions are: what `depends_on` hides on the form is not printed either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from ..expressions import ExpressionRefused, Scope, parse_condition
from ..metadata.fieldtypes.numbers import DecimalType
from ..metadata.model import DocField, DocType, Model
from .fields import FIXED_HTML, Layout, PrintField, PrintSection

_HEADINGS = ("section", "tab")
_NEVER_PRINTED = frozenset({"naming_series"})
_SKIP_WHEN_EMPTY = frozenset({"amended_from"})
Record = Mapping[str, Any]


def layout_of(doctype: DocType, model: Model, language: str, record: Record, scope: Scope) -> Layout:
    """Every field for print formats to name, and the sections of the generated format for this record."""
    fields = {
        _key(item, index): _print_field(item, model, language)
        for index, item in enumerate(doctype.fields)
        if not item.type.is_layout or item.fieldtype == FIXED_HTML
    }
    return Layout(fields, tuple(_sections(doctype, language, record, scope, fields)))


def _key(item: DocField, index: int) -> str:
    """Fixed HTML needs no name of its own."""
    return item.fieldname or f"fields[{index}]"


def scope_of(record: Record, user: Mapping[str, Any], now: datetime) -> Scope:
    """What `depends_on` may look at."""
    return Scope(doc=record, user=user, today=now.date(), now=now)


def _print_field(item: DocField, model: Model, language: str) -> PrintField:
    child = model.get(item.options or "") if item.type.holds_rows else None
    columns = {
        column.fieldname: _print_field(column, model, language)
        for column in (child.fields if child else ())
        if column.type.kind is not None
    }
    return PrintField(
        fieldname=item.fieldname,
        fieldtype=item.fieldtype,
        label=item.label.to(language) or item.fieldname,
        options=item.options or "",
        choices=tuple((value, text.to(language)) for value, text in item.type.choices(item)),
        places=item.type.precision(item) if isinstance(item.type, DecimalType) else None,
        is_month=item.extra.get("show_as") == "month",
        width=item.columns,
        printed=not (item.hidden or item.print_hide or item.type.is_secret or item.fieldname in _NEVER_PRINTED),
        columns=columns,
    )


def _sections(
    doctype: DocType, language: str, record: Record, scope: Scope, fields: Mapping[str, PrintField]
) -> Iterator[PrintSection]:
    label, shown = "", True
    columns: list[list[str]] = [[]]
    for index, item in enumerate(doctype.fields):
        name = _key(item, index)
        if item.type.widget in _HEADINGS:
            if any(columns):
                yield PrintSection(label, tuple(_across(columns)))
            columns = [[]]
            label = item.label.to(language)
            shown = not (item.hidden or item.print_hide) and _holds(item.depends_on, scope)
        elif item.type.widget == "column":
            columns.append([])
        elif shown and _is_shown(item, fields.get(name), record, scope):
            columns[-1].append(name)
    if any(columns):
        yield PrintSection(label, tuple(_across(columns)))


def _is_shown(item: DocField, shape: PrintField | None, record: Record, scope: Scope) -> bool:
    if shape is None or not shape.printed:
        return False
    if shape.fieldtype == FIXED_HTML:  # what staff sign under on the form; nobody reads above their level by it
        return bool(shape.options) and not item.permlevel and _holds(item.depends_on, scope)
    if item.fieldname not in record:
        return False  # absent: the reader may not see it
    if item.fieldname in _SKIP_WHEN_EMPTY and not record[item.fieldname]:
        return False
    return _holds(item.depends_on, scope)


def _holds(condition: str | None, scope: Scope) -> bool:
    if not condition:
        return True
    try:
        return bool(parse_condition(condition).truth(scope))
    except ExpressionRefused:
        return True  # a check found it already; what cannot be judged is printed rather than lost


def _across(columns: list[list[str]]) -> Iterator[str]:
    """Column after column on the form reads line by line on paper: the first of each, then the second of each."""
    for line in range(max(len(column) for column in columns)):
        for column in columns:
            if line < len(column):
                yield column[line]
