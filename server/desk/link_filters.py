"""`link_filters` of a link field: which records it offers, as Frappe writes them: `[["Customer", "disabled", "=", 0]]`.

A value may follow from the form: `"eval: doc.customer"`, or in a child row `doc.item` and `parent.customer`; the form sends what it
holds. The filters narrow what is offered while one types; they are no permission, and a save does not ask them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..documents.ask import Filter
from ..expressions import ExpressionRefused, Scope, parse
from ..metadata.model import DocField, Model


def asked(model: Model, arguments: Mapping[str, str]) -> list[Filter]:
    """The filters of the link field that a form asks for: `for=DocType/fieldname`, `doc` and `parent` as JSON."""
    item = field_of(model, arguments)
    if item is None or not item.link_filters or item.options not in model:
        return []
    scope = Scope(doc=_record(arguments.get("doc")), parent=_record(arguments.get("parent")))
    return [found for row in rows_of(item) if (found := _filter(row, model, item, scope)) is not None]


def field_of(model: Model, arguments: Mapping[str, str]) -> DocField | None:
    """The link field that asks: `for=DocType/fieldname`."""
    doctype, _, fieldname = arguments.get("for", "").rpartition("/")
    owner = model.get(doctype)
    return owner.by_name.get(fieldname) if owner else None


def rows_of(item: DocField) -> list[list[Any]]:
    """The rows of `link_filters` as they are written; nothing where they cannot be read."""
    try:
        rows = json.loads(item.link_filters or "[]")
    except ValueError:
        return []
    return [row for row in rows if isinstance(row, list) and len(row) in (3, 4)] if isinstance(rows, list) else []


def _filter(row: list[Any], model: Model, item: DocField, scope: Scope) -> Filter | None:
    """One filter, or None where it names a field that is not there or asks for what the form does not say yet."""
    name, operator, value = row[-3:]
    if name not in model[item.options or ""].by_name and name != "name":
        return None
    if isinstance(value, str) and value.strip().startswith("eval:"):
        try:
            value = parse(value.strip().removeprefix("eval:")).evaluate(scope)
        except ExpressionRefused:
            return None
        if value is None:
            return None
    return str(name), str(operator).lower(), value


def _record(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
