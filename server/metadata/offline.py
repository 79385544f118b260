"""`offline` of a DocType: whose records a phone keeps for the day without network.

    "offline": {"mine": ["technician"], "filters": [["status", "!=", "Closed"]]}

`mine` names the fields that make a record somebody's: links to User, or `owner`. `filters` narrow it to the work still open.
What is kept is never more than its reader may read; this says only which of it is worth carrying.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .model import DocType

OPERATORS = ("=", "!=", ">", ">=", "<", "<=", "in", "not in", "is")
STANDARD = ("name", "owner", "docstatus", "creation", "modified")
PARTS = ("mine", "filters")


@dataclass(frozen=True)
class Offline:
    """Fields that hold the user, any of whom it may be; and conditions that all must hold, as lists take them."""

    mine: tuple[str, ...]
    filters: tuple[tuple[str, str, Any], ...] = ()


def read_offline(raw: Any) -> Offline | None:
    """The property as written, whose shape `shape_faults` has found right; None where it is absent."""
    if not raw:
        return None
    filters = tuple(
        (item[0], item[1], tuple(item[2]) if isinstance(item[2], list) else item[2]) for item in raw.get("filters") or ()
    )
    return Offline(tuple(raw["mine"]), filters)


def dump_offline(offline: Offline) -> dict[str, Any]:
    """The property as it is written."""
    found: dict[str, Any] = {"mine": list(offline.mine)}
    if offline.filters:
        found["filters"] = [
            [name, operator, list(value) if isinstance(value, tuple) else value] for name, operator, value in offline.filters
        ]
    return found


def shape_faults(raw: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What is wrong with the property by itself: (path, zh, en)."""
    value = raw.get("offline")
    if value is None:
        return
    if not isinstance(value, Mapping) or set(value) - set(PARTS):
        yield "offline", '应为 {"mine": [...], "filters": [...]}', 'should be {"mine": [...], "filters": [...]}'
        return
    mine = value.get("mine")
    if not isinstance(mine, list) or not mine or not all(isinstance(name, str) for name in mine):
        yield (
            "offline.mine",
            "应列出指明“谁的单据”的字段：指向 User 的链接，或 owner",
            "should list the fields that say whose record it is: links to User, or owner",
        )
    filters = value.get("filters") or []
    if not isinstance(filters, list):
        yield "offline.filters", "应为条件的列表", "should be a list of conditions"
        return
    for index, item in enumerate(filters):
        if not isinstance(item, list) or len(item) != 3 or not all(isinstance(part, str) for part in item[:2]):
            yield f"offline.filters[{index}]", "应为 [字段, 运算符, 值]", "should be [field, operator, value]"
        elif item[1] not in OPERATORS:
            yield (
                f"offline.filters[{index}]",
                f"运算符 {item[1]!r} 不可用，应为 {'、'.join(OPERATORS)}",
                f"there is no operator {item[1]!r}; use one of {', '.join(OPERATORS)}",
            )


def field_faults(doctype: DocType) -> Iterator[tuple[str, str, str]]:
    """Fields that the property names and the DocType has not, or that hold no user: (path, zh, en)."""
    if doctype.offline is None:
        return
    for index, name in enumerate(doctype.offline.mine):
        item = doctype.by_name.get(name)
        if name != "owner" and (item is None or (item.fieldtype, item.options) != ("Link", "User")):
            yield (
                f"offline.mine[{index}]",
                f"{name!r} 不是指向 User 的链接字段",
                f"{name!r} is not a field of {doctype.name} that links to User",
            )
    stored = {item.fieldname for item in doctype.stored_fields} | set(STANDARD)
    for index, (name, _, _) in enumerate(doctype.offline.filters):
        if name not in stored:
            yield f"offline.filters[{index}]", f"没有字段 {name!r}", f"{name!r} is not a stored field of {doctype.name}"
