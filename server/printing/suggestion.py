"""The blocks that a new design begins with: what stands on the form, in its order, to be moved about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..metadata.model import DocField, DocType, Model

MOST_COLUMNS = 7
_LEFT_OUT = ("naming_series", "amended_from")


def suggested_blocks(doctype: DocType, model: Model) -> list[dict[str, Any]]:
    """Title, the fields section by section, child tables, signatures and approvals."""
    blocks: list[dict[str, Any]] = [{"kind": "title"}]
    signed: list[str] = []
    names: list[str] = []
    for item in doctype.fields:
        if item.hidden or item.print_hide or item.fieldname in _LEFT_OUT or item.type.is_secret:
            continue
        if item.fieldtype == "Signature":
            signed.append(item.fieldname)
        elif item.type.widget in ("section", "tab"):
            blocks += _fields(names)
            names = []
            if item.label:
                blocks.append({"kind": "section", "text": item.label.to_json()})
        elif item.type.holds_rows and item.fieldtype != "Table MultiSelect":
            blocks += [*_fields(names), *_table(item, model)]
            names = []
        elif not item.type.is_layout:
            names.append(item.fieldname)
    blocks += _fields(names)
    boxes: list[dict[str, Any]] = [{"field": name} for name in signed] or [
        {"text": {"zh": "编制", "en": "Prepared by"}}, {"text": {"zh": "审核", "en": "Checked by"}},
        {"text": {"zh": "批准", "en": "Approved by"}},
    ]  # fmt: skip
    blocks = _without_empty_sections(blocks)
    return [*blocks, {"kind": "signatures", "boxes": boxes, "columns": min(4, len(boxes))}, {"kind": "approvals"}]


def _fields(names: list[str]) -> Iterator[dict[str, Any]]:
    if names:
        yield {"kind": "fields", "names": names}


def _table(item: DocField, model: Model) -> Iterator[dict[str, Any]]:
    child = model.child(item)
    shown = [
        column for column in child.data_fields if not column.hidden and not column.print_hide and not column.type.holds_rows
    ]
    listed = [column for column in shown if column.in_list_view] or shown
    columns = [{"field": column.fieldname} for column in listed[:MOST_COLUMNS]]
    if columns:
        yield {"kind": "table", "table": item.fieldname, "columns": columns}


def _without_empty_sections(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A heading under which nothing stands is left out."""
    pairs = zip(blocks, [*blocks[1:], {"kind": "section"}], strict=True)
    return [block for block, following in pairs if block["kind"] != "section" or following["kind"] != "section"]
