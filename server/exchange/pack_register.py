"""Which packs a site has, what each brought, and what packs say of themselves: kept beside the metadata in force.

What is in force says for every piece which pack ships it (`gj_metadata.pack`); `gj_pack` holds name, version, title and place.
Adding, upgrading and removing packs is `pack_service`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, update

from ..core.clock import Clock
from ..core.errors import Fault, NotFound
from ..core.text import Text, nearest
from ..storage.database import Database
from ..storage.system import metadata
from ..storage.system import pack as table
from ..storage.upserts import upsert
from .changes import differences
from .manifest import BUILTIN, Manifest
from .needs import Key
from .pack_finding import find_pack, installed_packs
from .packs import Pack, Source, manifest_of
from .publisher import Publisher


@dataclass(frozen=True)
class PackState:
    """A pack on this site. `customised` counts its pieces that the site changed; `available` is the newer version at its place."""

    manifest: Manifest
    pieces: tuple[Key, ...]
    customised: int = 0
    available: str = ""
    added_at: datetime | None = None
    added_by: str = ""
    upgraded_at: datetime | None = None

    @property
    def name(self) -> str:
        return self.manifest.name


class PackRegister:
    """The packs of one site. `standing` are the folders that the site publishes by itself: the built-in pack and those of its settings."""

    def __init__(self, database: Database, publisher: Publisher, clock: Clock, standing: Callable[[], list[Path]]) -> None:
        self._database = database
        self._publisher = publisher
        self._clock = clock
        self.standing = standing

    def all(self) -> list[PackState]:
        """Every pack on the site, the built-in one first."""
        pieces: dict[str, list[Key]] = {}
        for source in self._publisher.stored():
            pieces.setdefault(source.pack, []).append((source.kind, source.name))
        customised = self.customised()
        with self._database.read() as connection:
            rows = {row["name"]: row for row in connection.execute(select(table)).mappings()}
        folders = (manifest_of(Path(row["place"] or ""), []) for row in rows.values())
        copies = [*(one for one in folders if one is not None), *installed_packs()[0], *self.standing_manifests()]
        here = {one.name: one for one in copies}
        names = {name for name in pieces if name} | {name for name, row in rows.items() if row["removed_at"] is None}
        return [
            _state(name, dict(rows[name]) if name in rows else None, here.get(name), pieces.get(name, []), customised)
            for name in sorted(names, key=lambda name: (name != BUILTIN, name))
        ]

    def customised(self) -> set[Key]:
        """The shipped pieces that are not as shipped."""
        sides = self._publisher.customised().items()
        return {key for key, (ours, shipped) in sides if shipped is not None and any(differences(shipped, ours))}

    def titles(self) -> dict[str, Text]:
        """What people call each pack that the site ever had."""
        with self._database.read() as connection:
            rows = connection.execute(select(table.c.name, table.c.title)).all()
        return {row.name: Text.of(row.title or row.name) for row in rows}

    def get(self, name: str) -> PackState:
        """The pack of that name. Raises NotFound."""
        states = self.all()
        found = next((state for state in states if state.name == name), None)
        if found is None:
            near = nearest(name, [state.name for state in states])
            raise NotFound(Text(f"站点上没有内容包 {name}。{near.zh}", f"There is no pack {name} on this site.{near.en}"))
        return found

    def offered(self) -> tuple[list[Manifest], list[Fault]]:
        """Installed packs that are not on the site yet, and what is wrong with others."""
        present = {state.name for state in self.all()}
        installed, faults = installed_packs()
        return [one for one in installed if one.name not in present], faults

    def standing_manifests(self) -> list[Manifest]:
        """What the packs that the site publishes by itself say of themselves, as their folders have them now."""
        found = (manifest_of(folder, []) for folder in self.standing())
        return [one for one in found if one is not None]

    def now(self, state: PackState) -> Manifest:
        """The pack as the place that it came from has it now. Raises NotFound."""
        here = {one.name: one for one in [*installed_packs()[0], *self.standing_manifests()]}
        return here.get(state.name) or find_pack(state.manifest.place or state.name)

    # Remembering

    def record(self, pack: Pack, by: str) -> None:
        """Remember packs that were published by themselves, and whose the pieces are; sites made before packs had names learn them."""
        with self._database.read() as connection:
            rows = {
                row.name: (row.version, row.place)
                for row in connection.execute(select(table).where(table.c.removed_at.is_(None)))
            }
        stored = {(source.kind, source.name): source.pack for source in self._publisher.stored()}
        news = [one for one in pack.manifests if rows.get(one.name) != (one.version, one.place)]
        strays = [s for s in pack.sources if s.pack and stored.get((s.kind, s.name), s.pack) != s.pack]
        if not news and not strays:
            return
        with self._database.write() as connection:
            for manifest in news:
                self.remember(connection, manifest, by, is_new=manifest.name not in rows)
            self.assign(connection, strays)

    def remember(self, connection: Connection, manifest: Manifest, by: str, *, is_new: bool) -> None:
        """Keep what a pack says of itself."""
        now = self._clock.now()
        says: dict[str, Any] = {
            "version": manifest.version,
            "title": manifest.title.to_json(),
            "requires": list(manifest.requires),
            "place": manifest.place,
            "removed_at": None,
        }
        says |= {"upgraded_at": now} if not is_new else {"added_at": now, "added_by": by, "upgraded_at": None}
        first = {"name": manifest.name, "added_at": now, "added_by": by, **says}
        connection.execute(upsert(connection, table, first, ["name"], says))

    def forget(self, connection: Connection, name: str) -> None:
        """The pack was removed; what it said of itself is kept for when that is undone."""
        connection.execute(update(table).where(table.c.name == name).values(removed_at=self._clock.now()))

    @staticmethod
    def assign(connection: Connection, sources: Iterable[Source], released: Iterable[Key] = ()) -> None:
        """Note whose the pieces are: those that were in force as the pack has them were not published again."""
        whose: Mapping[Key, str | None] = {(s.kind, s.name): s.pack for s in sources if s.pack} | dict.fromkeys(released)
        for (kind, name), pack in whose.items():
            connection.execute(update(metadata).where(metadata.c.kind == kind, metadata.c.name == name).values(pack=pack))


def _state(
    name: str, row: Mapping[str, Any] | None, here: Manifest | None, pieces: list[Key], customised: set[Key]
) -> PackState:
    known = Manifest(name)
    if row is not None:
        folder = here.folder if here else Path(row["place"] or "")
        requires = tuple(row["requires"] or ())
        known = Manifest(name, row["version"] or "", Text.of(row["title"] or None), requires, folder, row["place"] or "")
    elif here is not None:
        known = replace(here, version="")
    return PackState(
        known,
        tuple(pieces),
        len(customised & set(pieces)),
        here.version if here is not None and here.version != known.version else "",
        row["added_at"] if row is not None else None,
        (row["added_by"] or "") if row is not None else "",
        row["upgraded_at"] if row is not None else None,
    )
