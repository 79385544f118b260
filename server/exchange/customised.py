"""Shipped metadata that a site changed in the browser: what a pack brings next is merged with it, never put over it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from ..core.text import Text
from .merge import Merged, merge
from .packs import Source
from .publisher import Publisher

WHOLE = "*"  # the place of a piece that the site made itself before a pack shipped one of its name


@dataclass(frozen=True)
class Kept:
    """A piece in which the site's changes stand beside the pack's; `conflicts` are the places that both changed."""

    kind: str
    name: str
    conflicts: tuple[str, ...] = ()

    def describe(self) -> Text:
        """What a person is told when the pack is published."""
        if not self.conflicts:
            return Text(f"{self.name}：保留在站点上作的修改。", f"{self.name}: the site's changes are kept.")
        if self.conflicts == (WHOLE,):
            return Text(
                f"{self.name}：站点已有同名内容，保留站点的。",
                f"{self.name}: the site has a piece of that name already; the site's stands.",
            )
        places = ", ".join(self.conflicts)
        return Text(
            f"{self.name}：以下各处站点与内容包都作了修改，保留站点的：{places}。",
            f"{self.name}: the site and the pack both changed these places; the site's stand: {places}.",
        )


def with_site_changes(publisher: Publisher, sources: Iterable[Source]) -> tuple[list[Source], list[Kept]]:
    """The pieces of a pack with the site's changes in them, and which they are. What was renamed, by either side, is found by its
    other name."""
    sides = _Sides(publisher)
    found: list[Source] = []
    kept: list[Kept] = []
    for source in sources:
        ours = sides.of(source)
        if ours is None:
            found.append(source)
            continue
        site, base = ours
        merged = merge(base, source.raw, site) if base is not None else Merged(dict(site), (WHOLE,))
        if merged.value == source.raw:
            found.append(source)
            continue
        found.append(replace(source, raw=merged.value, shipped=source.raw))
        kept.append(Kept(source.kind, source.name, merged.conflicts))
    return found, kept


class _Sides:
    """What the site has of a pack's piece, and what was shipped of it last."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._customised = publisher.customised()
        self._in_force = {(source.kind, source.name): source.raw for source in publisher.stored()}
        self._renamed = publisher.former_names()

    def of(self, source: Source) -> tuple[dict[str, Any], dict[str, Any] | None] | None:
        """(the site's, the shipped one) where the site changed the piece; None where it did not."""
        key = (source.kind, source.name)
        if key in self._in_force or source.kind != "DocType":
            return self._customised.get(key)
        ours = self._renamed.get(source.name, "")
        if ("DocType", ours) in self._in_force:  # renamed by the site: the pack's goes on under that name
            raw, base = self._customised.get(("DocType", ours), (self._in_force["DocType", ours], None))
            return raw, base or self._last_shipped(source.name)
        return self._customised.get(("DocType", str(source.raw.get("renamed_from"))))  # renamed by the pack

    def _last_shipped(self, name: str) -> dict[str, Any] | None:
        return next((row["body"] for row in self._publisher.history("DocType", name) if row["origin"] == "pack"), None)
