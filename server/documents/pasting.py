"""A block of cells copied from a spreadsheet, read for a child table: every cell by its column's type, as an import reads it
(`FieldType.from_cell`), links by number or title.

Nothing is saved. What cannot be read is told for its cell, and the form keeps the text as it stood.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ..access.permissions import Permissions
from ..access.user import User
from ..core.errors import PermissionRefused, ValidationFailed
from ..core.text import Text
from ..metadata.fieldtypes import ValueRefused
from ..metadata.model import DocField, DocType
from ..storage import query
from ..storage.database import Database
from .ask import Ask
from .complete import Record
from .snapshot import Snapshot

MOST_CELLS = 50_000


@dataclass(frozen=True)
class BlockFault:
    """A cell of the block that could not be read: its row (from 0), its field, and what was expected."""

    row: int
    fieldname: str
    text: Text


@dataclass(frozen=True)
class Block:
    """The rows as far as they could be read, with what is fetched through their links; and the cells that could not."""

    child: DocType
    rows: tuple[Record, ...]
    faults: tuple[BlockFault, ...]


class PasteService:
    """Reads pasted blocks as one user sees the records that they name."""

    def __init__(self, database: Database, snapshots: Callable[[], Snapshot], zone: ZoneInfo) -> None:
        self._database = database
        self._snapshots = snapshots
        self._zone = zone

    def read(self, user: User, doctype: str, table: str, columns: Sequence[str], cells: Sequence[Sequence[str]]) -> Block:
        """The block as rows of the child table `table`, whose columns stand side by side in it.

        Raises PermissionRefused for who may not write such records, ValidationFailed for an unknown column or too large a block.
        """
        snapshot = self._snapshots()
        permissions = Permissions(snapshot.model)
        if not any(permissions.may(user, action, doctype) for action in ("create", "write")):
            permissions.require(user, "write", doctype)
        owner = snapshot.record_type(doctype).by_name.get(table)
        child = snapshot.model.child(owner) if owner is not None and owner.type.holds_rows else None
        items = [child.by_name.get(name) for name in columns] if child else []
        known = [item for item in items if item is not None]
        if child is None or len(known) != len(columns):
            raise ValidationFailed(Text("表中没有要粘贴的列。", "The table has no such columns."))
        if len(cells) * max(len(columns), 1) > MOST_CELLS:
            raise ValidationFailed(
                Text(f"一次最多粘贴 {MOST_CELLS:,} 个单元格。", f"At most {MOST_CELLS:,} cells are pasted at once.")
            )
        reading = _Reading(self, snapshot, user, child)
        for index, item in enumerate(known):
            reading.column(item, [line[index] if index < len(line) else "" for line in cells])
        reading.fetch(known)
        return Block(child, tuple(reading.rows), tuple(reading.faults))

    def named(self, snapshot: Snapshot, user: User, item: DocField, texts: set[str]) -> dict[str, set[str]]:
        """The records that each text may mean, by number, title or search field, among those that the user may choose."""
        try:
            ask = Ask(
                snapshot, user.unconfined() if item.ignore_user_permissions else user, item.options or "", action="select"
            )
        except PermissionRefused:
            return {}
        names = [ask.doctype.title_field or "", *ask.doctype.search_fields]
        called = [name for name in dict.fromkeys(names) if name in ask.plain and name in ask.doctype.by_name]
        wanted = sorted(texts | {unicodedata.normalize("NFKC", text) for text in texts})
        found: dict[str, set[str]] = {}
        exact: set[str] = set()
        with self._database.read() as connection:
            for some in (wanted[start : start + 500] for start in range(0, len(wanted), 500)):
                rows = query.select_page(
                    connection,
                    ask.doctype,
                    columns=["name", *called],
                    or_filters=[("name", "in", some), *((name, "in", some) for name in called)],
                    condition=ask.condition(),
                    order_by="name asc",
                    limit=len(some) * 4,
                )
                for row in rows:
                    exact.add(str(row["name"]))
                    for name in called:
                        found.setdefault(str(row[name] or ""), set()).add(str(row["name"]))
        return {text: {text} if text in exact else found.get(text, set()) for text in wanted}

    def values(self, snapshot: Snapshot, user: User, target: str, fields: Iterable[str], names: set[str]) -> dict[str, Record]:
        """These fields of the named records, as far as the user reads both."""
        try:
            ask = Ask(snapshot, user, target)
        except PermissionRefused:
            return {}
        columns = [name for name in fields if name in ask.readable]
        if not columns or not names:
            return {}
        wanted = sorted(names)
        with self._database.read() as connection:
            rows = [
                row
                for start in range(0, len(wanted), 500)
                for row in query.select_page(
                    connection,
                    ask.doctype,
                    columns=columns,
                    filters=[("name", "in", wanted[start : start + 500])],
                    condition=ask.condition(),
                    order_by="name asc",
                    limit=500,
                )
            ]
        return {str(row["name"]): ask.shown(row) for row in rows}

    @property
    def zone(self) -> ZoneInfo:
        return self._zone


class _Reading:
    """One block while it is read, column by column, so that the links of a column are looked up together."""

    def __init__(self, service: PasteService, snapshot: Snapshot, user: User, child: DocType) -> None:
        self._service, self._snapshot, self._user, self._child = service, snapshot, user, child
        self.rows: list[Record] = []
        self.faults: list[BlockFault] = []

    def column(self, item: DocField, texts: Sequence[str]) -> None:
        self.rows += [{} for _ in range(len(texts) - len(self.rows))]
        read = self._link if item.fieldtype == "Link" and item.options in self._snapshot.model else self._value
        read(item, [text.strip() for text in texts])

    def _value(self, item: DocField, texts: Sequence[str]) -> None:
        for index, text in enumerate(texts):
            try:
                self.rows[index][item.fieldname] = item.type.from_cell(text or None, item, self._service.zone)
            except ValueRefused as refused:
                self._refuse(index, item, refused.text)

    def _link(self, item: DocField, texts: Sequence[str]) -> None:
        meant = self._service.named(self._snapshot, self._user, item, {text for text in texts if text})
        label = self._snapshot.model[item.options or ""].label
        for index, text in enumerate(texts):
            found = meant.get(text) or meant.get(unicodedata.normalize("NFKC", text)) or set()
            if len(found) == 1 or not text:
                self.rows[index][item.fieldname] = next(iter(found), None)
            elif found:
                self._refuse(
                    index,
                    item,
                    Text(
                        f"有 {len(found)} 条{label.zh}叫“{text}”，请从列表中选择",
                        f'{len(found)} records of {label.en} are called "{text}"; choose one from the list',
                    ),
                )
            else:
                self._refuse(
                    index,
                    item,
                    Text(f"没有编号或名称为“{text}”的{label.zh}", f'there is no {label.en} numbered or called "{text}"'),
                )

    def _refuse(self, index: int, item: DocField, text: Text) -> None:
        told = Text(f"{item.label.zh}：{text.zh}。", f"{item.label.en}: {text.en}.")
        self.faults.append(BlockFault(index, item.fieldname, told))

    def fetch(self, pasted: Sequence[DocField]) -> None:
        """What follows from the pasted links, where the block itself does not say it."""
        for link in (item for item in pasted if item.fieldtype == "Link"):
            prefix = f"{link.fieldname}."
            follow = {
                item.fieldname: (item.fetch_from or "").removeprefix(prefix)
                for item in self._child.fields
                if (item.fetch_from or "").startswith(prefix)
            }
            names = {str(row[link.fieldname]) for row in self.rows if row.get(link.fieldname)}
            found = self._service.values(self._snapshot, self._user, link.options or "", set(follow.values()), names)
            for row in self.rows:
                if (source := found.get(str(row.get(link.fieldname)))) is not None:
                    row.update({name: source.get(other) for name, other in follow.items() if row.get(name) is None})


def titles_wanted(block: Block) -> Mapping[str, set[str]]:
    """The records that the rows link to, by DocType: a page shows their titles."""
    wanted: dict[str, set[str]] = {}
    for item in block.child.fields:
        if item.fieldtype == "Link" and item.options:
            names = {str(row[item.fieldname]) for row in block.rows if row.get(item.fieldname)}
            wanted.setdefault(item.options, set()).update(names)
    return wanted
