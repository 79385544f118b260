"""Three versions of one piece of metadata into one: what the pack shipped, what it ships now, what the site made of it.

Nobody's change is lost: where only one side changed something, that change stands; where both did, the site's stands and the place
is named. Fields, permissions, states and tests are matched by what identifies them (`places`), everything else is compared whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .places import ABSENT, ORDER, Json, Place, is_text, keys_of, rows_by_key, spelled

Rows = dict[str, dict[str, Json]]


@dataclass(frozen=True)
class Merged:
    """`conflicts` are the places that both sides changed, as `fields.customer.reqd`; the site's value stands there."""

    value: dict[str, Json]
    conflicts: tuple[str, ...] = ()


def merge(base: Mapping[str, Json], pack: Mapping[str, Json], site: Mapping[str, Json]) -> Merged:
    """The site's piece with what the pack changed since `base`."""
    conflicts: list[Place] = []
    value = _merge_objects(dict(base), dict(pack), dict(site), (), conflicts)
    return Merged(value, tuple(spelled(place) for place in conflicts))


def _merge(base: Json, pack: Json, site: Json, place: Place, conflicts: list[Place]) -> Json:
    if pack in (base, site):
        return site
    if site == base:
        return pack
    if all(isinstance(side, dict) for side in (base, pack, site)) and not is_text(site):
        return _merge_objects(base, pack, site, place, conflicts)
    rows = [rows_by_key(place, [] if side is ABSENT else side) for side in (base, pack, site)]
    if all(side is not None for side in rows):
        return _merge_rows(*(side or {} for side in rows), place=place, conflicts=conflicts)
    conflicts.append(place)
    return site


def _merge_objects(base: Json, pack: Json, site: Json, place: Place, conflicts: list[Place]) -> dict[str, Json]:
    found = {}
    for key in keys_of(site, pack):
        at = (*place, key)
        value = _merge(base.get(key, ABSENT), pack.get(key, ABSENT), site.get(key, ABSENT), at, conflicts)
        if value is not ABSENT:
            found[key] = value
    return found


def _merge_rows(base: Rows, pack: Rows, site: Rows, *, place: Place, conflicts: list[Place]) -> list[dict[str, Json]]:
    """Rows by identity, in the site's order unless only the pack moved them; what one side added follows its predecessor there."""
    site_moved, pack_moved = (_moved(base, side) for side in (site, pack))
    if site_moved and pack_moved and _moved(pack, site):
        conflicts.append((*place, ORDER))
    first, second = (site, pack) if site_moved else (pack, site)
    order = list(first)
    previous: str | None = None
    for key in second:
        if key not in first:
            order.insert(order.index(previous) + 1 if previous in order else 0, key)
        previous = key
    rows = []
    for key in order:
        value = _merge(base.get(key, ABSENT), pack.get(key, ABSENT), site.get(key, ABSENT), (*place, key), conflicts)
        if value is not ABSENT:
            rows.append(value)
    return rows


def _moved(before: Rows, after: Rows) -> bool:
    """Whether the rows that both have stand in another order."""
    return [key for key in after if key in before] != [key for key in before if key in after]
