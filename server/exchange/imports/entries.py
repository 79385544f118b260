"""Rows of a file become entries: the values of one record with its child rows, and what is wrong with which cell.

A row begins a record when it says something of the record itself; one that only has child columns, or that repeats the key of the record
above it, adds a child row to that. Cells merged downwards over several rows belong to one record there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from ...core.text import Text
from ...metadata.fieldtypes import ValueRefused
from ...metadata.fieldtypes.base import input_text, refuse_nul
from ...metadata.fieldtypes.numbers import DecimalType
from ...metadata.fieldtypes.typed_cells import plain
from .columns import NAME, Target
from .staging import Broken, Percent, Row

KNOWN, KNOWN_LENGTH = 500, 80  # texts of a column that are read once, and characters of such
_UNCHANGING = frozenset((str, int, Decimal, date, datetime, time, type(None)))


@dataclass(frozen=True)
class CellFault:
    """One thing wrong: at which row and column of the file (both None: with the record as a whole), what stood there, what to do."""

    row: int | None
    column: int | None
    value: str
    text: Text
    is_warning: bool = False
    at_cell: Text | None = None  # what is said at the cell itself, whose head names the column already

    def to_json(self) -> dict[str, Any]:
        return (
            {"row": self.row, "column": self.column, "value": self.value, "text": self.text.to_json()}
            | ({"warning": 1} if self.is_warning else {})
            | ({"at_cell": self.at_cell.to_json()} if self.at_cell else {})
        )


@dataclass
class Entry:
    """What the file says of one record. `number` and `last` are its first and last row; `cells` are their raw cells, for the file of faults."""

    number: int
    last: int
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[CellFault] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    child_rows: dict[str, list[int]] = field(default_factory=dict)  # table -> the row of the file that each child row stands in
    links: list[tuple[dict[str, Any], str, str, int, int]] = field(
        default_factory=list
    )  # holder, fieldname, target, row, column

    @property
    def key(self) -> str:
        return str(self.values.get(NAME) or "")


@dataclass(frozen=True)
class Reading:
    """How rows are read: which target each column fills in (None: left alone), which field is the key, which units are left off."""

    columns: Sequence[Target | None]
    key: str = ""
    units: frozenset[str] = frozenset()
    zone: ZoneInfo = ZoneInfo("Asia/Shanghai")  # noqa: RUF009

    @cached_property
    def filled(self) -> Sequence[tuple[int, Target]]:
        """The columns that fill in something, with their places."""
        return [(place, target) for place, target in enumerate(self.columns) if target is not None]

    @cached_property
    def known(self) -> Sequence[dict[str, Any]]:
        """What the first few texts of each column were read as: most columns say the same again and again. Not of links, each of which
        is noted with its place."""
        return [{} for _ in self.columns]

    @cached_property
    def has_children(self) -> bool:
        return any(target.table is not None for _, target in self.filled)

    def place_of(self, key: str) -> int | None:
        """The column that fills in a target."""
        return self._places.get(key)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {target.key: place for place, target in reversed(self.filled)}


def entries(rows: Iterable[Row], reading: Reading) -> Iterator[Entry]:
    """The records that the rows tell of, one after the other, each as soon as it is whole."""
    entry: Entry | None = None
    for row in rows:
        if not any(_cell(row, place) is not None for place, _ in reading.filled):
            continue
        if entry is not None and reading.has_children and _belongs(row, entry, reading):
            _add(row, entry, reading, is_first=False)
        else:
            if entry is not None:
                yield entry
            entry = Entry(row.number, row.number)
            _add(row, entry, reading, is_first=True)
    if entry is not None:
        yield entry


def _cell(row: Row, place: int) -> Any:
    return row.cells[place] if place < len(row.cells) else None


def _belongs(row: Row, entry: Entry, reading: Reading) -> bool:
    """Whether a row adds to the record above it: all it says of the record itself is nothing, merged with above, or the same key again."""
    own = [
        place
        for place, target in reading.filled
        if target.table is None and _cell(row, place) is not None and place not in row.continued
    ]
    if not own:
        return True
    place = reading.place_of(reading.key) if reading.key else None
    return (
        place is not None and _cell(row, place) is not None and plain(_cell(row, place)) == plain(_cell(entry.rows[0], place))
    )


def _add(row: Row, entry: Entry, reading: Reading, *, is_first: bool) -> None:
    entry.rows.append(row)
    entry.last = row.number
    children: dict[str, dict[str, Any]] = {}
    known, cells = reading.known, row.cells
    for place, target in reading.filled:
        if target.table is None and not is_first:
            continue
        cell = cells[place] if place < len(cells) else None
        if target.table is not None:
            table = target.table.fieldname
            holder = children.setdefault(table, {})
        else:
            holder = entry.values
        if type(cell) is str and cell in known[place]:
            holder[target.item.fieldname if target.item is not None else NAME] = known[place][cell]
        else:
            _read(cell, target, holder, entry, row, place, reading)
    for table, values in children.items():
        has_any = any(
            _cell(row, place) is not None
            for place, target in reading.filled
            if target.table is not None and target.table.fieldname == table
        )
        rows = entry.values.setdefault(table, [])
        if has_any:
            rows.append(values)
            entry.child_rows.setdefault(table, []).append(row.number)


def _read(cell: Any, target: Target, holder: dict[str, Any], entry: Entry, row: Row, place: int, reading: Reading) -> None:
    name = target.item.fieldname if target.item is not None else NAME
    text = cell
    if isinstance(cell, str):
        cell = cell.strip() or None
    try:
        if isinstance(cell, Broken):
            raise ValueRefused(_broken(cell))
        if target.item is None:
            holder[NAME] = _name(cell)
            return
        known = reading.known[place]
        cell = _suited(cell, target, reading.units)
        read = holder[name] = target.item.type.from_cell(cell, target.item, reading.zone)
        if target.item.fieldtype == "Link":
            if read:
                entry.links.append((holder, name, target.item.options or "", row.number, place))
        elif type(text) is str and len(known) < KNOWN and len(text) <= KNOWN_LENGTH and type(read) in _UNCHANGING:
            known[text] = read
    except ValueRefused as refused:
        told = Text(f"{refused.text.zh}。", f"{refused.text.en}.")
        entry.faults.append(_misread(row.number, place, shown(cell), target, told))
    except (ValueError, OverflowError, ArithmeticError):
        told = Text(f"“{shown(cell)}”无法识别。", f'"{shown(cell)}" cannot be read.')
        entry.faults.append(_misread(row.number, place, shown(cell), target, told))


def _misread(row: int, place: int, value: str, target: Target, told: Text) -> CellFault:
    label = target.full_label
    return CellFault(row, place, value, Text(f"{label.zh}：{told.zh}", f"{label.en}: {told.en}"), at_cell=told)


def _suited(cell: Any, target: Target, units: frozenset[str]) -> Any:
    """A cell for its field: a percentage of the workbook as 12.5 where the field counts percent, a unit that may be left off left off."""
    item = target.item
    assert item is not None
    if isinstance(cell, Percent):
        shown_percent = float(f"{cell.value * 100:.13g}")
        return (
            shown_percent
            if item.fieldtype == "Percent"
            else cell.value
            if isinstance(item.type, DecimalType)
            else f"{shown_percent:g}%"
        )
    if isinstance(cell, str) and units and item.type.kind in ("integer", "decimal"):
        text = plain(cell)
        for unit in units:
            if text.endswith(unit) and text != unit:
                return text[: -len(unit)].strip()
    return cell


def _name(cell: Any) -> str | None:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if cell is None:
        return None
    text = str(cell).strip()
    refuse_nul(text)
    return text


def _broken(cell: Broken) -> Text:
    if cell.kind == "=":
        return Text(
            "单元格是公式而没有计算结果，公式不会被运行；请在 Excel 中打开并保存一次，或只粘贴数值",
            "the cell is a formula without a computed value, and formulas are never run; open and save the file in Excel, or paste values",
        )
    return Text(
        f"单元格是错误值 {cell.kind}，请改正公式或填写数值",
        f"the cell holds the error {cell.kind}; correct the formula or fill in a value",
    )


def shown(cell: Any) -> str:
    """A cell as people read it, shortened."""
    return said(cell)[:80]


def said(cell: Any) -> str:
    """The same in full, for what records are found by."""
    if isinstance(cell, Broken):
        return cell.kind
    if isinstance(cell, Percent):
        return f"{cell.value * 100:g}%"
    if isinstance(cell, float):
        return f"{cell:.15g}"
    if hasattr(cell, "isoformat"):
        return cell.isoformat(" ") if hasattr(cell, "date") else str(cell.isoformat())
    return input_text(cell, ZoneInfo("UTC"))


# Links by name or title

Resolve = Callable[[str, set[str]], Mapping[str, Sequence[str]]]


def linked(found: Iterable[Entry]) -> dict[str, set[str]]:
    """The records that entries link to, by DocType."""
    names: dict[str, set[str]] = {}
    for entry in found:
        for holder, name, target, _, _ in entry.links:
            if holder[name]:
                names.setdefault(target, set()).add(str(holder[name]))
    return names


def settle_links(found: Sequence[Entry], resolve: Resolve, columns: Sequence[Target | None]) -> None:
    """Replace what links say by the names of records; a title that several have is a fault. `resolve` is asked once for each DocType.

    What nothing is found for stays: the save path says that there is no such record, or finds one made meanwhile.
    """
    wanted: dict[str, set[str]] = {}
    for entry in found:
        for holder, name, target, _, _ in entry.links:
            wanted.setdefault(target, set()).add(str(holder[name]))
    known = {target: resolve(target, words) for target, words in wanted.items()}
    for entry in found:
        for holder, name, target, row, place in entry.links:
            called = str(holder[name])
            names = known[target].get(called, ())
            if len(names) == 1:
                holder[name] = names[0]
            elif len(names) > 1:
                column = columns[place]
                label = column.full_label if column is not None else Text.of(name)
                few = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
                text = Text(
                    f"{label.zh}：有 {len(names)} 条记录都叫“{called}”，请改填编号：{few}。",
                    f'{label.en}: {len(names)} records are called "{called}"; fill in the name of one of them: {few}.',
                )
                entry.faults.append(CellFault(row, place, called, text))
