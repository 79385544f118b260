"""A site's customisations as a JSON file, for git and for another site; and putting such a file on a site.

The file holds each change with the value that was shipped where it was made, so that another site, whose pack may ship something
else there, names the conflict instead of covering it. Frappe's own files are read by `frappe_customisations`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..core.errors import Fault, MetadataInvalid, ValidationFailed
from ..core.text import Text
from .changes import Change, in_sequence, same_at
from .customisations import Customisation
from .frappe_customisations import from_frappe, is_frappes_customisation
from .packs import FOLDERS, Source
from .places import ORDER, Json, is_text, spelled, value_at
from .proposal import Proposal
from .publisher import Publisher

KINDS = tuple(FOLDERS.values())
FORMAT = "customisations"
PieceOf = Callable[[str, str], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Carried:
    """The changes of one piece as a file brings them."""

    kind: str
    name: str
    changes: tuple[Change, ...]


class CustomisationConflict(ValidationFailed):
    """The piece that is here is not the one that the customisation was made on; the faults name every place."""


@dataclass(frozen=True)
class Application:
    """What putting a file of customisations on this site would do; nothing is done yet."""

    proposal: Proposal
    pieces: tuple[Carried, ...]  # with the changes that are not here yet
    notes: tuple[Text, ...] = ()  # what the file holds and this site has no use for

    @property
    def is_empty(self) -> bool:
        return not self.pieces


def to_file(customisations: Iterable[Customisation]) -> dict[str, Any]:
    """The JSON object of a file."""
    return {
        "format": FORMAT,
        "pieces": [
            {"kind": item.kind, "name": item.name}
            | ({"pack": item.pack} if item.pack else {})
            | {"changes": [standing.change.to_json() for standing in item.changes]}
            for item in customisations
        ],
    }


def propose_application(
    publisher: Publisher, files: Iterable[tuple[str, Json]], *, skip_conflicts: bool = False
) -> Application:
    """Plan to put the customisations of `files` (name and content) on what is in force.

    Raises MetadataInvalid where a file cannot be read or what it makes would not hold together, CustomisationConflict with every
    place where what is here is not what the change was made on (`skip_conflicts` leaves those as they are here and notes them).
    """
    in_force = {(source.kind, source.name): source.raw for source in publisher.stored()}
    made, pieces, notes = put_on(in_force, files, skip_conflicts=skip_conflicts)
    return Application(publisher.propose([Source(*key, raw) for key, raw in made.items()]), tuple(pieces), tuple(notes))


def put_on(
    in_force: Mapping[tuple[str, str], Mapping[str, Any]], files: Iterable[tuple[str, Json]], *, skip_conflicts: bool = False
) -> tuple[dict[tuple[str, str], dict[str, Any]], list[Carried], list[Text]]:
    """The pieces that `files` change, made of those in force; what they change, and what is left out. Raises as above."""
    brought, notes = read_files(files, lambda kind, name: in_force.get((kind, name)))
    faults: list[Fault] = []
    pieces: list[Carried] = []
    made: dict[tuple[str, str], dict[str, Any]] = {}
    for item in brought:
        key = (item.kind, item.name)
        if key not in in_force:
            faults.append(_fault(item, Text("本站没有", "it is not on this site")))
            continue
        raw, fresh, refused = _put(item, made.get(key, dict(in_force[key])))
        faults += refused
        if fresh:
            made[key] = raw
            pieces.append(replace(item, changes=tuple(fresh)))
    if faults and not skip_conflicts:
        raise CustomisationConflict(
            Text(
                "这些定制与本站的内容不符，未作任何更改：",
                "These customisations were made on something else than what is here; nothing was changed:",
            ),
            faults,
        )
    return made, pieces, [*notes, *(fault.text for fault in faults)]


def _put(item: Carried, raw: dict[str, Any]) -> tuple[dict[str, Any], list[Change], list[Fault]]:
    """The piece with the changes, those that were not there yet, and the places that do not fit."""
    fresh: list[Change] = []
    faults: list[Fault] = []
    for change in in_sequence(item.changes):
        here = value_at(raw, change.place)
        if same_at(change.place, here, change.ours):
            continue
        if change.place[-1] == ORDER or same_at(change.place, here, change.shipped):
            try:
                raw = change.put_on(raw)
                fresh.append(change)
            except KeyError as missing:
                gone = Text(f"{missing.args[0]} 在本站已不存在", f"{missing.args[0]} is not there on this site")
                faults.append(_fault(item, gone, change))
        elif here is None and len(change.place) > 1 and value_at(raw, change.place[:2]) is None:
            gone = Text(f"{change.place[1]} 在本站已不存在", f"{change.place[1]} is not there on this site")
            faults.append(_fault(item, gone, change))
        else:
            faults.append(_fault(item, _unlike(change, here), change))
    return raw, fresh, faults


def _unlike(change: Change, here: Json) -> Text:
    shown, expected, wanted = (_short(value) for value in (here, change.shipped, change.ours))
    return Text(
        f"这里是 {shown}，而定制是把 {expected} 改为 {wanted}",
        f"here it is {shown}, but the customisation makes {wanted} of {expected}",
    )


def _short(value: Json) -> str:
    if value is None:
        return "–"
    if is_text(value):
        return " / ".join(dict.fromkeys(value.values()))
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"


def _fault(item: Carried, said: Text, change: Change | None = None) -> Fault:
    place = f"{item.name}.{spelled(change.place)}" if change else f"{item.kind} {item.name}"
    return Fault(place, Text(f"{place}：{said.zh}。", f"{place}: {said.en}."))


# Reading


def read_files(files: Iterable[tuple[str, Json]], piece_of: PieceOf) -> tuple[list[Carried], list[Text]]:
    """The changes of some files, and what was left out. `piece_of` finds a piece in force. Raises MetadataInvalid."""
    found: list[Carried] = []
    notes: list[Text] = []
    faults: list[Fault] = []
    for label, raw in files:
        if is_frappes_customisation(raw):
            for doctype, changes in from_frappe(raw, piece_of, label, notes, faults):
                found.append(Carried("DocType", doctype, tuple(changes)))
        elif isinstance(raw, dict) and raw.get("format") == FORMAT and isinstance(raw.get("pieces"), list):
            for index, piece in enumerate(raw["pieces"]):
                read = _read_piece(piece)
                if read is None:
                    faults.append(_unreadable(f"{label}: pieces[{index}]"))
                else:
                    found.append(read)
        else:
            said = Text(
                f"{label}：不是定制文件（format 应为 “{FORMAT}”，或 Frappe 导出的定制）",
                f'{label}: is no file of customisations (format should be "{FORMAT}", or an export of Frappe)',
            )
            faults.append(Fault(label, said))
    if faults:
        raise MetadataInvalid.of(faults)
    return found, notes


def _unreadable(place: str) -> Fault:
    return Fault(
        place,
        Text(
            f"{place}：应有 kind（{'、'.join(KINDS)}）、name 和 changes，每处更改有 at",
            f"{place}: expected kind ({', '.join(KINDS)}), name and changes, each change with at",
        ),
    )


def _read_piece(piece: Json) -> Carried | None:
    if not isinstance(piece, dict) or piece.get("kind") not in KINDS or not isinstance(piece.get("name"), str):
        return None
    changes = piece.get("changes")
    if not isinstance(changes, list) or not all(isinstance(one, dict) and _is_change(one) for one in changes):
        return None
    read = (Change(tuple(one["at"]), one.get("shipped"), one.get("ours"), one.get("after")) for one in changes)
    return Carried(piece["kind"], piece["name"], tuple(read))


def _is_change(one: Mapping[str, Json]) -> bool:
    """Whether it has a place, other than that of the name, and an order and what a row follows are names."""
    place, ours = one.get("at"), one.get("ours")
    if not isinstance(one.get("after"), str | None):
        return False
    if not isinstance(place, list) or not 0 < len(place) <= 8 or not all(isinstance(part, str) for part in place):
        return False
    is_order = place[-1] != ORDER or (isinstance(ours, list) and all(isinstance(key, str) for key in ours))
    return is_order and place[0] not in ("name", "doctype")
