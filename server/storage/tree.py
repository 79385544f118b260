"""Trees: DocTypes whose records stand below one another by a link to their own kind (`is_tree`).

The link is the only thing stored. Whole branches are found by a recursive query, which ends even where two moves at one moment
have made a loop, and which any of the databases answers. The operators of filters over branches are Frappe's.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select

from ..metadata.model import DocField, DocType
from .tables import record_table

# operator -> (the filter that it becomes, whether it goes downwards, with the record itself)
OPERATORS: dict[str, tuple[str, bool, bool]] = {
    "descendants of": ("in", True, False),
    "descendants of (inclusive)": ("in", True, True),
    "not descendants of": ("not in", True, False),
    "ancestors of": ("in", False, False),
    "not ancestors of": ("not in", False, False),
}


def below(doctype: DocType, link: DocField, name: str, *, inclusive: bool = False) -> Select[tuple[str]]:
    """The names of all records below `name`, at any depth; with itself when `inclusive`."""
    table = record_table(doctype)
    first = select(table.c.name).where((table.c.name if inclusive else table.c[link.fieldname]) == name)
    branch = first.cte("branch", recursive=True)
    return select(branch.union(select(table.c.name).where(table.c[link.fieldname] == branch.c.name)).c.name)


def above(doctype: DocType, link: DocField, name: str) -> Select[tuple[str]]:
    """The names of all records above `name`, up to the root, in no order."""
    table = record_table(doctype)
    upper = table.c[link.fieldname]
    line = select(upper.label("name")).where(table.c.name == name, upper.is_not(None)).cte("line", recursive=True)
    return select(line.union(select(upper).where(table.c.name == line.c.name, upper.is_not(None))).c.name)


def path(connection: Connection, doctype: DocType, link: DocField, name: str) -> list[str]:
    """The names above `name`, the root first."""
    table = record_table(doctype)
    asked = select(table.c.name, table.c[link.fieldname]).where(table.c.name.in_(above(doctype, link, name)))
    upper = {row[0]: row[1] for row in connection.execute(asked)}
    found: list[str] = []
    step: str | None = connection.execute(select(table.c[link.fieldname]).where(table.c.name == name)).scalar()
    while step is not None and step in upper and step not in found:
        found.append(step)
        step = upper[step]
    return found[::-1]


def has_below(
    connection: Connection,
    doctype: DocType,
    link: DocField,
    names: list[str],
    condition: ColumnElement[bool] | None = None,
) -> set[str]:
    """Those of the records that others stand directly below; with `condition`, others for which it holds."""
    column = record_table(doctype).c[link.fieldname]
    asked = select(column).where(column.in_(names)).distinct()
    return set(connection.execute(asked if condition is None else asked.where(condition)).scalars())


def branch_names(doctype: DocType, operator: str, name: Any) -> tuple[str, Select[tuple[str]]] | None:
    """A tree operator as a plain one over the names of a branch; None for any other operator, or where there is no tree."""
    found, link = OPERATORS.get(operator.strip().lower()), doctype.parent_link
    if found is None or link is None:
        return None
    plain, downwards, inclusive = found
    wanted = str(name or "")
    names = below(doctype, link, wanted, inclusive=inclusive) if downwards else above(doctype, link, wanted)
    return plain, names
