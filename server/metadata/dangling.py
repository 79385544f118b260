"""What a DocType file names and is not there: harmless in files of other applications, whose other half is elsewhere.

`check` tells it (a fault in a file of ours, a warning in one written for Frappe); here it is left out until it appears, so that
nobody downstream asks for a child table or a title that does not exist.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from .model import CHILD_FIELDS, STANDARD_FIELDS, DocField, DocType, Model

AUTONAME_FORMS = ("field:", "naming_series:", "format:", "hash", "prompt", "Prompt", "autoincrement", "UUID")
_STAMPS = ("creation", "owner", "field_order")  # beside `modified`, one of them stands in every DocType that Frappe exports


def is_frappes(properties: Container[str]) -> bool:
    """Whether a file with these properties was exported by Frappe: nobody here can mend it, so that what dangles is only told."""
    return "modified" in properties and any(name in properties for name in _STAMPS)


def reserved_names(istable: object) -> set[str]:
    """Names that the records of a DocType (or the rows of a child table) have for themselves; no field can have them."""
    return {*CHILD_FIELDS, "doctype"} if istable in (1, "1", True) else {*STANDARD_FIELDS, *CHILD_FIELDS, "doctype"}


def without_dangling(doctype: DocType, known: Model) -> DocType:
    """The DocType without tables whose rows are of no known child DocType, without fields under a name that is taken, without titles
    and search fields that it has not, and without a naming rule that names nothing: its records get random names, as in Frappe."""
    taken = reserved_names(doctype.istable)
    fields = tuple(
        item
        for item in doctype.fields
        if (not item.type.holds_rows or is_child_table(item, known))
        and (item.type.is_layout or item.fieldname.lower() not in taken)
    )
    names = {item.fieldname for item in fields} | {"name"}
    title = doctype.title_field if doctype.title_field in names - {"name"} else None
    image = doctype.image_field if doctype.image_field in names else None
    search = tuple(name for name in doctype.search_fields if name in names)
    sort = doctype.sort_field if doctype.sort_field in (*names, *STANDARD_FIELDS) else "modified"
    rule = doctype.autoname if names_records(doctype) else None
    if (len(fields), title, image, search, sort, rule) == (
        len(doctype.fields), doctype.title_field, doctype.image_field, doctype.search_fields, doctype.sort_field, doctype.autoname,
    ):  # fmt: skip
        return doctype
    return replace(
        doctype, fields=fields, title_field=title, image_field=image, search_fields=search, sort_field=sort, autoname=rule
    )


def is_child_table(item: DocField, known: Model) -> bool:
    """Whether the rows of a table field have a DocType here."""
    child = known.get(item.options or "")
    return child is not None and child.istable


def names_records(doctype: DocType) -> bool:
    """Whether `autoname` can be followed: the field that it names is there, and what is no known form counts."""
    rule = doctype.autoname or ""
    if rule.startswith("field:"):
        return rule.removeprefix("field:").strip() in doctype.by_name
    if rule.startswith("naming_series:"):
        item = doctype.by_name.get("naming_series")
        return item is not None and bool(doctype.naming_series or item.default or item.formula or item.fetch_from)
    return doctype.asks_name or rule.startswith(AUTONAME_FORMS) or "#" in rule or "." in rule
