"""Three versions of one piece of metadata into one: what the pack shipped, what it ships now, what the site made of it.

Nobody's change is lost: where only one side changed something, that change stands; where both did, the site's stands and the place
is named. Fields, permissions, states and tests are matched by what identifies them, everything else is compared whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Any
Rows = list[dict[str, Json]]
# What identifies a row of a list; other lists are one value.
IDENTITY: Mapping[str, tuple[str, ...]] = {
    "fields": ("fieldname",),
    "permissions": ("role", "permlevel", "if_owner"),
    "states": ("title",),
    "maps_from": ("doctype",),
    "tests": ("title",),
}
ABSENT: Json = object()


@dataclass(frozen=True)
class Merged:
    """`conflicts` are the places that both sides changed, as `fields.customer.reqd`; the site's value stands there."""

    value: dict[str, Json]
    conflicts: tuple[str, ...] = ()


def merge(base: Mapping[str, Json], pack: Mapping[str, Json], site: Mapping[str, Json]) -> Merged:
    """The site's piece with what the pack changed since `base`."""
    conflicts: list[str] = []
    return Merged(_merge_objects(dict(base), dict(pack), dict(site), "", conflicts), tuple(conflicts))


def differences(base: Mapping[str, Json], site: Mapping[str, Json]) -> Iterator[tuple[str, Json, Json]]:
    """(place, shipped value, the site's value) of everything that the site changed; None where there is none."""
    for key in _keys(base, site):
        yield from _differences(base.get(key, ABSENT), site.get(key, ABSENT), key)


def _differences(base: Json, site: Json, path: str) -> Iterator[tuple[str, Json, Json]]:
    if base == site:
        return
    if (rows := _rows(path, base, site)) is not None:
        for key in _keys(*rows):
            yield from _differences(rows[0].get(key, ABSENT), rows[1].get(key, ABSENT), f"{path}.{'/'.join(key)}")
    elif isinstance(base, dict) and isinstance(site, dict) and not _is_text(base):
        for key in _keys(base, site):
            yield from _differences(base.get(key, ABSENT), site.get(key, ABSENT), f"{path}.{key}")
    else:
        yield path, None if base is ABSENT else base, None if site is ABSENT else site


def _merge(base: Json, pack: Json, site: Json, path: str, conflicts: list[str]) -> Json:
    if pack in (base, site):
        return site
    if site == base:
        return pack
    if all(isinstance(side, dict) for side in (base, pack, site)) and not _is_text(site):
        return _merge_objects(base, pack, site, path, conflicts)
    if (rows := _rows(path, [] if base is ABSENT else base, pack, site)) is not None:
        return _merge_rows(rows, path, conflicts)
    conflicts.append(path)
    return site


def _merge_objects(base: Json, pack: Json, site: Json, path: str, conflicts: list[str]) -> dict[str, Json]:
    found = {}
    for key in _keys(site, pack):
        place = f"{path}.{key}" if path else key
        value = _merge(base.get(key, ABSENT), pack.get(key, ABSENT), site.get(key, ABSENT), place, conflicts)
        if value is not ABSENT:
            found[key] = value
    return found


def _merge_rows(sides: list[dict[tuple[str, ...], dict[str, Json]]], path: str, conflicts: list[str]) -> Rows:
    """Rows by identity, in the site's order unless only the pack moved them; what one side added follows its predecessor there."""
    base, pack, site = sides
    common = [key for key in base if key in site]
    site_moved = [key for key in site if key in base] != common
    first, second = (site, pack) if site_moved else (pack, site)
    order = list(first)
    previous: tuple[str, ...] | None = None
    for key in second:
        if key not in first:
            order.insert(order.index(previous) + 1 if previous in order else 0, key)
        previous = key
    rows: Rows = []
    for key in order:
        value = _merge(
            base.get(key, ABSENT), pack.get(key, ABSENT), site.get(key, ABSENT), f"{path}.{'/'.join(key)}", conflicts
        )
        if value is not ABSENT:
            rows.append(value)
    return rows


def _rows(path: str, *sides: Json) -> list[dict[tuple[str, ...], dict[str, Json]]] | None:
    """The rows of each side by what identifies them; None where they are no such rows."""
    names = IDENTITY.get(path)
    if names is None or not all(isinstance(side, list) and all(isinstance(row, dict) for row in side) for side in sides):
        return None
    found = [{tuple(str(row.get(name) or "") for name in names): row for row in side} for side in sides]
    return found if all(len(rows) == len(side) for rows, side in zip(found, sides, strict=True)) else None


def _keys(*sides: Mapping[Any, Json]) -> list[Any]:
    return list(dict.fromkeys(key for side in sides for key in side))


def _is_text(value: Json) -> bool:
    """A text in two languages is one value."""
    return isinstance(value, dict) and set(value) <= {"zh", "en"}
