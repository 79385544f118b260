"""Places in a piece of metadata: `("fields", "customer", "reqd")`; reading one, putting a value there.

Rows of a list are named by what identifies them, so that a place still means the same when rows were added or moved.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

Json = Any
Place = tuple[str, ...]
# What identifies a row of a list; other lists are one value.
IDENTITY: Mapping[str, tuple[str, ...]] = {
    "fields": ("fieldname",),
    "permissions": ("role", "permlevel", "if_owner"),
    "states": ("title",),
    "maps_from": ("doctype",),
    "tests": ("title",),
    "transitions": ("state", "action", "next_state", "allowed", "condition", "when"),
}
ORDER = "(order)"  # in the place of a row: the order of all rows
ABSENT: Json = object()


def spelled(place: Place) -> str:
    """A place as people read it: `fields.customer.reqd`."""
    return ".".join(part.rstrip("/") for part in place)


def rows_by_key(place: Place, value: Json) -> dict[str, dict[str, Json]] | None:
    """The rows of a list by what identifies them; None where there are no such rows."""
    names = IDENTITY.get(place[0]) if len(place) == 1 else None
    if place == ("states",) and isinstance(value, list) and all(isinstance(row, dict) and row.get("state") for row in value):
        names = ("state",)  # of a workflow
    if names is None or not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        return None
    found: dict[str, dict[str, Json]] = {}
    for row in value:
        # breaks are often left unnamed: the first, the second of their type
        wanted = key = "/".join(str(row.get(name) or "") for name in names) or str(row.get("fieldtype") or "")
        number = 1
        while key in found:
            number += 1
            key = f"{wanted}#{number}"
        found[key] = row
    return found


def value_at(piece: Mapping[str, Json] | None, place: Place) -> Json:
    """What stands at a place; None where there is nothing. The order of rows is the list of their keys."""
    value: Json = piece
    for depth, part in enumerate(place):
        rows = rows_by_key(place[:depth], value) if depth else None
        if part == ORDER and rows is not None:
            return list(rows)
        inside = rows if rows is not None else value
        if not isinstance(inside, Mapping) or part not in inside:
            return None
        value = inside[part]
    return value


def with_value(piece: Mapping[str, Json], place: Place, value: Json, after: str | None = None) -> dict[str, Json]:
    """A copy with `value` at `place` (None takes away what is there); a new row follows the row `after`, else stands last.

    Raises KeyError naming the part that is not there to hold the value.
    """
    made = json.loads(json.dumps(piece))
    _put(made, (), place, value, after)
    return dict(made)


def _put(inside: Json, so_far: Place, rest: Place, value: Json, after: str | None) -> None:
    part, *further = rest
    rows = rows_by_key(so_far, inside)
    if rows is not None:
        _put_in_rows(inside, rows, (so_far, part, tuple(further)), value, after)
    elif not isinstance(inside, dict):
        raise KeyError(part)
    elif further:
        empty: Json = [] if so_far == () and part in IDENTITY else {}
        _put(inside.setdefault(part, empty), (*so_far, part), tuple(further), value, after)
    elif value is None:
        inside.pop(part, None)
    else:
        inside[part] = value


def _put_in_rows(
    listed: list[Json], rows: dict[str, dict[str, Json]], place: tuple[Place, str, Place], value: Json, after: str | None
) -> None:
    so_far, part, further = place
    if part == ORDER:
        listed[:] = [rows[key] for key in in_order(list(rows), value or [])]
    elif further:
        if part not in rows:
            raise KeyError(part)
        _put(rows[part], (*so_far, part), further, value, None)
    elif value is None:
        listed[:] = [row for key, row in rows.items() if key != part]
    elif part in rows:
        listed[list(rows).index(part)] = value
    else:
        listed.insert(list(rows).index(after) + 1 if after in rows else 0 if after == "" else len(listed), value)


def in_order(present: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """`present` in the order of `wanted`; what is not in `wanted` follows whoever it followed."""
    found = [key for key in wanted if key in present]
    previous: str | None = None
    for key in present:
        if key not in found:
            found.insert(found.index(previous) + 1 if previous in found else 0, key)
        previous = key
    return found


def keys_of(*sides: Mapping[Any, Json]) -> list[Any]:
    """The keys of all, each once, in their order."""
    return list(dict.fromkeys(key for side in sides for key in side))


def is_text(value: Json) -> bool:
    """A text in several languages is one value."""
    return isinstance(value, dict) and bool({"zh", "en"} & set(value)) and all(isinstance(part, str) for part in value.values())
