"""Shipped metadata that a site changed in the browser: what a pack brings next is merged with it, never put over it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

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
    """The pieces of a pack with the site's changes in them, and which they are."""
    customised = publisher.customised()
    found: list[Source] = []
    kept: list[Kept] = []
    for source in sources:
        ours = customised.get((source.kind, source.name))
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
