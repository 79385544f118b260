"""What changed between two states of a record, field by field, child rows by their name: the content of a version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from ..core.values import PLAIN, to_json
from ..metadata.model import DocField, DocType, Model

Values = Mapping[str, Any]


def differences(model: Model, doctype: DocType, old: Values | None, new: Values) -> list[dict[str, Any]]:
    """JSON rows `{field, old, new}`; for child rows also `{table, row, idx, change: added|removed|changed}`; for a table whose
    rows changed places `{table, change: moved}` with their numbers before, in the old and the new order.

    A new record's version holds every filled field, so that the chain alone can tell what the record was.
    """
    found: list[dict[str, Any]]
    if old is None:
        found = [
            {"field": item.fieldname, "old": None, "new": value if type(value) in PLAIN else to_json(value)}
            for item in doctype.stored_fields
            if (value := new.get(item.fieldname)) is not None and (value or item.fieldtype != "Check")  # unticked: nothing
        ]
    else:
        found = [
            {"field": item.fieldname, "old": to_json(old.get(item.fieldname)), "new": to_json(new.get(item.fieldname))}
            for item in changed_fields(doctype, old, new)
        ]
    if old is not None and old.get("docstatus") != new.get("docstatus"):
        found.append({"field": "docstatus", "old": old.get("docstatus"), "new": new.get("docstatus")})
    for item in doctype.table_fields:
        rows_before = {row["name"]: row for row in (old or {}).get(item.fieldname) or ()}
        rows_after = {row["name"]: row for row in new.get(item.fieldname) or ()}
        found += _row_differences(item.fieldname, model.child(item), rows_before, rows_after)
        found += _moves(item.fieldname, rows_before, rows_after)
    return found


def changed_fields(doctype: DocType, old: Values, new: Values) -> Iterator[DocField]:
    """The stored fields whose values differ."""
    for item in doctype.stored_fields:
        name = item.fieldname
        before, after = old.get(name), new.get(name)
        if before != after and not (item.fieldtype == "Check" and not before and not after):
            yield item


def _row_differences(
    table: str, child: DocType, before: Mapping[str, Values], after: Mapping[str, Values]
) -> Iterator[dict[str, Any]]:
    for name, row in after.items():
        old = before.get(name)
        change = "added" if old is None else "changed"
        fields = list(changed_fields(child, old or {}, row))
        if old is None and not fields:  # an empty row is a row
            nothing: dict[str, Any] = {"field": None, "old": None, "new": None}
            yield {"table": table, "row": name, "idx": row.get("idx"), "change": change} | nothing
        for item in fields:
            yield {
                "table": table,
                "row": name,
                "idx": row.get("idx"),
                "change": change,
                "field": item.fieldname,
                "old": to_json((old or {}).get(item.fieldname)),
                "new": to_json(row.get(item.fieldname)),
            }
    for name, row in before.items():
        if name not in after:
            shown = {
                item.fieldname: to_json(row.get(item.fieldname))
                for item in child.stored_fields
                if row.get(item.fieldname) is not None and not (item.fieldtype == "Check" and not row[item.fieldname])
            }
            yield {
                "table": table,
                "row": name,
                "idx": row.get("idx"),
                "change": "removed",
                "field": None,
                "old": shown,
                "new": None,
            }


def _moves(table: str, before: Mapping[str, Values], after: Mapping[str, Values]) -> Iterator[dict[str, Any]]:
    stayed = {name: number for number, name in enumerate(before, 1) if name in after}
    now = [stayed[name] for name in after if name in stayed]
    if now != sorted(now):
        nothing: dict[str, Any] = {"row": None, "idx": None, "field": None}
        yield {"table": table, "change": "moved", "old": sorted(now), "new": now} | nothing


def merge(doctype: DocType, old: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """The record after an edit: what was sent replaces, what was not sent stays; rows are matched by their name.

    A row that is sent without some columns keeps them; a row that is not sent is gone.
    """
    record = dict(old)
    for name, value in sent.items():
        item = doctype.by_name[name]
        if not item.type.holds_rows:
            record[name] = value
            continue
        before = old.get(name) or []
        known = {row["name"]: row for row in before if row.get("name")}
        if item.fixed_rows and not known:  # the prefilled rows of a new record are filled in by position
            nothing: dict[str, Any] = {}
            record[name] = [{**row, **given} for row, given in zip_longest(before, value, fillvalue=nothing)]
        else:
            record[name] = [{**known.get(row.get("name") or "", {}), **row} for row in value]
    return record
