"""A site's customisations of shipped metadata: what it changed, since when and by whom, what the pack changed under it, and the way back.

They are derived from what is in force, what was shipped last and the history of both, so that they survive every upgrade and never
disagree with what is in force. Merging with a pack's next version is `customised`; carrying to another site `customisation_files`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection

from ..core.errors import NotFound
from ..core.ids import digest
from ..core.text import Text
from ..core.values import canonical
from ..storage import site_state
from ..storage.database import Database
from .changes import Change, differences, same_at, with_changes
from .packs import Source
from .places import ORDER, Place, spelled, value_at
from .proposal import Proposal
from .publisher import Publisher

CONFIRMED = "customisations_confirmed"  # place to the digest of the shipped value that somebody decided against
Conflict = Literal["shipped too", "shipped value changed", "no longer shipped"]
CONFLICT_TEXTS: Mapping[Conflict, Text] = {
    "shipped too": Text("内容包现在也提供同名内容", "the pack now ships one of this name too"),
    "shipped value changed": Text("内容包更改了出厂值", "the pack changed the shipped value"),
    "no longer shipped": Text("内容包不再提供，现由站点保留", "the pack no longer ships it; it stays as the site's own"),
}


@dataclass(frozen=True)
class Standing:
    """A change with its story: since when it stands and by whom, and what the pack did to the same place since (`conflict`)."""

    change: Change
    since: datetime | None
    by: str
    conflict: Conflict | None = None

    @property
    def key(self) -> str:
        """The place as one word, for a form's button."""
        return canonical(list(self.change.place))

    @property
    def spelled(self) -> str:
        """The place as people read and type it."""
        return spelled(self.change.place)


@dataclass(frozen=True)
class Customisation:
    """Everything that the site changed of one shipped piece."""

    kind: str
    name: str
    pack: str
    changes: tuple[Standing, ...]

    @property
    def conflicts(self) -> tuple[Standing, ...]:
        return tuple(standing for standing in self.changes if standing.conflict)


class Customisations:
    """The customisations of one site."""

    def __init__(self, database: Database, publisher: Publisher) -> None:
        self._database = database
        self._publisher = publisher

    def all(self) -> list[Customisation]:
        """Every customised piece, by kind and name; pieces that are as shipped again are left out."""
        found = (self._of(kind, name, *sides) for (kind, name), sides in sorted(self._publisher.customised().items()))
        return [item for item in found if item is not None and item.changes]

    def of(self, kind: str, name: str) -> Customisation | None:
        """What the site changed of one piece; None when it is as shipped, or no pack shipped it."""
        sides = self._publisher.customised().get((kind, name))
        found = self._of(kind, name, *sides) if sides else None
        return found if found is not None and found.changes else None

    def propose_taking_back(self, kind: str, name: str, keys: Collection[str] | None = None) -> Proposal:
        """Plan to give the places `keys` (None: all) their shipped values again. Raises NotFound, MetadataInvalid."""
        found = self.of(kind, name)
        chosen = [one.change for one in found.changes if keys is None or one.key in keys] if found else []
        if not chosen:
            raise NotFound(
                Text(
                    f"{name}：没有这样的定制，可能已撤回。",
                    f"{name}: there is no such customisation; it may be taken back already.",
                )
            )
        in_force, shipped = self._publisher.customised()[kind, name]
        whole = keys is None or (found is not None and len(chosen) == len(found.changes))
        raw = dict(shipped or {}) if whole else with_changes(in_force, [change.taken_back() for change in chosen])
        return self._publisher.propose([Source(kind, name, raw)])

    def confirm(self, kind: str, name: str, keys: Collection[str]) -> None:
        """Decide for the site's value where the pack changed the same place; the conflict is no longer shown."""
        found = self.of(kind, name)
        decided = [one for one in found.conflicts if one.key in keys] if found else []
        with self._database.write() as connection:
            marks = self._marks(connection) | {_mark(kind, name, one.change.place): _seen(one.change) for one in decided}
            site_state.put(connection, CONFIRMED, marks)

    def _of(self, kind: str, name: str, in_force: dict[str, Any], shipped: dict[str, Any] | None) -> Customisation | None:
        if shipped is None:
            return None
        story = [row for row in reversed(self._publisher.history(kind, name)) if row["origin"] != "pack" or row["is_of_pack"]]
        with self._database.read() as connection:
            marks = self._marks(connection)
        standing = []
        for change in differences(shipped, in_force):
            since, by, conflict = _traced(change, story)
            if conflict and marks.get(_mark(kind, name, change.place)) == _seen(change):
                conflict = None
            standing.append(Standing(change, since, by, conflict))
        pack = next((str(row["pack"]) for row in reversed(story) if row["pack"]), "")
        return Customisation(kind, name, pack, tuple(standing))

    @staticmethod
    def _marks(connection: Connection) -> dict[str, str]:
        return dict(site_state.get(connection, CONFIRMED, {}))


def _mark(kind: str, name: str, place: Place) -> str:
    return canonical([kind, name, *place])


def _seen(change: Change) -> str:
    return digest(canonical(change.shipped))


def _traced(change: Change, story: Sequence[Mapping[str, Any]]) -> tuple[datetime | None, str, Conflict | None]:
    """Since when the site's value stands, by whom, and what became of the value that was shipped then.

    `story` is the history of the piece, the oldest first: what packs shipped and what the site made of it.
    """
    base: Mapping[str, Any] | None = None  # what was shipped when the change was made
    shipped: Mapping[str, Any] | None = None
    since: datetime | None = None
    by = ""
    stands = False
    for row in story:
        if row["origin"] == "pack":
            shipped = row["body"]
            continue
        if not same_at(change.place, value_at(row["body"], change.place), change.ours):
            stands = False
        elif not stands:
            stands, base, since, by = True, shipped, row["published_at"], row["published_by"] or ""
    return since, by, _conflict(change, base, shipped) if stands else None


def _conflict(change: Change, base: Mapping[str, Any] | None, shipped: Mapping[str, Any] | None) -> Conflict | None:
    place = change.place
    if place[-1] == ORDER:
        was, now = value_at(base, place) or [], value_at(shipped, place) or []
        return None if same_at(place, was, now) else "shipped value changed"
    row_was, row_is = (value_at(side, place[:2]) for side in (base, shipped))
    if base is None or (row_was is None and row_is is not None and len(place) > 1):
        return "shipped too"
    if same_at(place, value_at(base, place), value_at(shipped, place)):
        return None
    return "no longer shipped" if row_is is None else "shipped value changed"
