"""What a site changed of a shipped piece, as a list: each change can be put on another piece, and taken back.

The list is derived by comparing the shipped piece with the site's; nothing else is kept, so it can never disagree with what is in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..core.text import Text
from .places import ORDER, Json, Place, is_text, keys_of, rows_by_key, spelled, with_value

# Properties of a field of which 0 says something else than nothing.
ZERO_COUNTS = frozenset({"default", "precision"})


@dataclass(frozen=True)
class Change:
    """One place where the site's piece is not as shipped; None stands for nothing: not shipped, or taken away by the site.

    `after` is the row that an added row follows here, or a row taken away followed there (empty: it stands first).
    """

    place: Place
    shipped: Json
    ours: Json
    after: str | None = None

    @property
    def is_row(self) -> bool:
        """Whether a whole field, permission or other row came or went."""
        return len(self.place) == 2 and self.place[1] != ORDER and (self.shipped is None or self.ours is None)

    def put_on(self, piece: Mapping[str, Json]) -> dict[str, Json]:
        """The piece with this change in it. KeyError names what is not there to be changed."""
        return with_value(piece, self.place, self.ours, self.after)

    def taken_back(self) -> Change:
        """The change that undoes this one."""
        return replace(self, shipped=self.ours, ours=self.shipped)

    def describe(self) -> Text:
        """Where it is, for people: which field, permission or property."""
        kind, *rest = self.place
        if rest and rest[0] == ORDER:
            return Text("字段顺序", "order of the fields") if kind == "fields" else Text(f"{kind} 顺序", f"order of {kind}")
        words = {"fields": Text("字段", "field"), "permissions": Text("权限", "permission"), "states": Text("状态", "state")}
        what = words.get(kind)
        if what is None or not rest:
            return Text(spelled(self.place), spelled(self.place))
        row = rest[0].strip("/")
        if self.is_row:
            done = Text("新增", "added") if self.shipped is None else Text("去掉", "taken away")
            return Text(f"{done.zh}{what.zh} {row}", f"{what.en} {row} {done.en}")
        return Text(f"{what.zh} {row}：{spelled(tuple(rest[1:]))}", f"{what.en} {row}: {spelled(tuple(rest[1:]))}")

    def to_json(self) -> dict[str, Any]:
        """As a file holds it: what is None is left out."""
        parts = {"shipped": self.shipped, "ours": self.ours, "after": self.after}
        return {"at": list(self.place)} | {key: value for key, value in parts.items() if value is not None}


def differences(shipped: Mapping[str, Json], site: Mapping[str, Json]) -> Iterator[Change]:
    """Everything that the site changed, in the order of the shipped piece."""
    for key in keys_of(shipped, site):
        yield from _differences(shipped.get(key), site.get(key), (key,))


def with_changes(piece: Mapping[str, Json], changes: Iterable[Change]) -> dict[str, Json]:
    """The piece with all changes in it."""
    made = dict(piece)
    for change in in_sequence(changes):
        made = change.put_on(made)
    return made


def in_sequence(changes: Iterable[Change]) -> list[Change]:
    """Rows first, their order last, so that each change finds what it needs."""
    return sorted(changes, key=lambda one: 0 if one.is_row else 2 if one.place[-1] == ORDER else 1)


def same_at(place: Place, one: Json, other: Json) -> bool:
    """Whether two values say the same there: a flag of a field that is 0 and one that is not written are the same."""
    if place[-1] == ORDER:
        return _same_order(one or [], other or [])
    if place[0] in ("fields", "permissions") and len(place) > 2 and place[-1] not in ZERO_COUNTS:
        return (one or None) == (other or None)
    return bool(one == other)


def _differences(shipped: Json, site: Json, place: Place) -> Iterator[Change]:
    if same_at(place, shipped, site):
        return
    ours, theirs = (rows_by_key(place, [] if side is None else side) for side in (site, shipped))
    if ours is not None and theirs is not None:
        yield from _row_differences(theirs, ours, place)
    elif isinstance(shipped, dict) and isinstance(site, dict) and not is_text(site):
        for key in keys_of(shipped, site):
            yield from _differences(shipped.get(key), site.get(key), (*place, key))
    else:
        yield Change(place, shipped, site)


def _row_differences(theirs: dict[str, Json], ours: dict[str, Json], place: Place) -> Iterator[Change]:
    shipped, order = list(theirs), list(ours)
    for index, key in enumerate(shipped):
        if key in ours:
            yield from _differences(theirs[key], ours[key], (*place, key))
        else:
            yield Change((*place, key), theirs[key], None, shipped[index - 1] if index else "")
    for index, key in enumerate(order):
        if key not in theirs:
            yield Change((*place, key), None, ours[key], order[index - 1] if index else "")
    if not _same_order(shipped, order):
        yield Change((*place, ORDER), shipped, order)


def _same_order(one: list[str], other: list[str]) -> bool:
    return [key for key in one if key in other] == [key for key in other if key in one]
