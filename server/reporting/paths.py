"""Where the paths of a report lead: `total`, `customer.customer_class`, `items.qty`, `items.item.item_group`."""

from __future__ import annotations

from ..core.text import Text, nearest
from ..metadata.model import CHILD_FIELDS, STANDARD_FIELDS, DocField, DocType, Model
from ..storage.grouping import Place, Table
from ..storage.tables import STANDARD_KINDS


class PathRefused(ValueError):
    """A path that leads nowhere; `text` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def place_of(model: Model, doctype: str, rows: str, path: str) -> Place:
    """The place of a path in a record of `doctype`, or in its rows where it begins with the child table `rows`. Raises PathRefused."""
    owner: DocType = model[doctype]
    table: Table = "record"
    parts = path.split(".")
    if rows and parts[0] == rows and len(parts) > 1:
        owner, table, parts = rows_of(model, doctype, rows), "rows", parts[1:]
    if len(parts) == 1:
        return Place(owner, _known(owner, parts[0]), table)
    if len(parts) > 2:
        raise PathRefused(Text(f"{path} 过长：最多经过一个链接字段", f"{path} is too long: it may pass one link field"))
    link = owner.by_name.get(parts[0])
    target = model.get(link.options or "") if link is not None and link.fieldtype == "Link" else None
    if link is None or target is None:
        hint = nearest(parts[0], [item.fieldname for item in owner.fields if item.fieldtype == "Link"])
        raise PathRefused(
            Text(f"{owner.name} 没有链接字段 {parts[0]!r}。{hint.zh}", f"{owner.name} has no link field {parts[0]!r}.{hint.en}")
        )
    return Place(target, _known(target, parts[1]), table, link.fieldname)


def rows_of(model: Model, doctype: str, rows: str) -> DocType:
    """The child DocType of a table field. Raises PathRefused."""
    item = model[doctype].by_name.get(rows)
    child = model.get(item.options or "") if item is not None and item.type.holds_rows else None
    if child is None:
        tables = [item.fieldname for item in model[doctype].fields if item.type.holds_rows]
        hint = nearest(rows, tables)
        raise PathRefused(Text(f"{doctype} 没有子表 {rows!r}。{hint.zh}", f"{doctype} has no child table {rows!r}.{hint.en}"))
    return child


def field_of(place: Place) -> DocField | None:
    """The field at a place; None for a standard one (name, owner, creation ...)."""
    return place.doctype.by_name.get(place.fieldname)


def kind_of(place: Place) -> str:
    """The kind of value there: text, integer, decimal, date, datetime, time, json."""
    item = field_of(place)
    return str(item.type.kind) if item is not None else STANDARD_KINDS[place.fieldname]


def _known(doctype: DocType, fieldname: str) -> str:
    standard = CHILD_FIELDS if doctype.istable else STANDARD_FIELDS
    stored = {item.fieldname for item in doctype.stored_fields if item.type.kind is not None and not item.type.is_secret}
    if fieldname not in stored and fieldname not in standard:
        hint = nearest(fieldname, [*stored, *standard])
        raise PathRefused(
            Text(f"{doctype.name} 没有字段 {fieldname!r}。{hint.zh}", f"{doctype.name} has no field {fieldname!r}.{hint.en}")
        )
    return fieldname
