"""What a DocType file names and is not there: harmless in files of other applications, whose other half is elsewhere.

`check` tells it (a fault in a file of ours, a warning in one written for Frappe); here it is left out until it appears, so that
nobody downstream asks for a child table or a title that does not exist.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from .model import CHILD_FIELDS, STANDARD_FIELDS, DocType

_WRITTEN_BY_FRAPPE = ("creation", "modified", "owner")  # stamped on every DocType that Frappe exports


def is_frappes(properties: Container[str]) -> bool:
    """Whether a file with these properties was exported by Frappe: nobody here can mend it, so that what dangles is only told."""
    return all(name in properties for name in _WRITTEN_BY_FRAPPE)


def reserved_names(istable: object) -> set[str]:
    """Names that the records of a DocType (or the rows of a child table) have for themselves; no field can have them."""
    return {*CHILD_FIELDS, "doctype"} if istable in (1, "1", True) else {*STANDARD_FIELDS, *CHILD_FIELDS, "doctype"}


def without_dangling(doctype: DocType, known: Container[str]) -> DocType:
    """The DocType without tables whose rows are of no known DocType, without fields under a name that is taken, and without titles
    and search fields that it has not."""
    taken = reserved_names(doctype.istable)
    fields = tuple(
        item
        for item in doctype.fields
        if (not item.type.holds_rows or (item.options or "") in known)
        and (item.type.is_layout or item.fieldname.lower() not in taken)
    )
    names = {item.fieldname for item in fields} | {"name"}
    title = doctype.title_field if doctype.title_field in names else None
    image = doctype.image_field if doctype.image_field in names else None
    search = tuple(name for name in doctype.search_fields if name in names)
    if (len(fields), title, image, search) == (
        len(doctype.fields), doctype.title_field, doctype.image_field, doctype.search_fields,
    ):  # fmt: skip
        return doctype
    return replace(doctype, fields=fields, title_field=title, image_field=image, search_fields=search)
