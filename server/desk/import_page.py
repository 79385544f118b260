"""Everything that the page of one data import shows, gathered once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from ..access.user import User
from ..core.text import Text
from ..exchange.imports.book import DataImport, LoggedRow
from ..exchange.imports.columns import Target, keys_for
from ..exchange.imports.entries import Entry, shown
from ..exchange.imports.staging import Row, Staged
from ..metadata.model import DocType
from ..site import Site
from .import_words import COUNTS, STATES, STEPS, TASKS

SAMPLES = 3  # values shown of each column
UNDERSTOOD = 5  # records shown as they are understood
PAGE = 50  # faulty records on a page


@dataclass(frozen=True)
class FileColumn:
    """One column of the file: where it stands, its head, some of its values, what it is meant for."""

    place: int
    letter: str
    head: str
    samples: list[str]
    key: str


@dataclass(frozen=True)
class Cell:
    """A cell of the file or of its preview: what stands there, and what is said of it."""

    value: str
    said: list[str]


@dataclass(frozen=True)
class FaultyRow:
    number: int
    cells: list[Cell]
    said: list[str]  # of the record as a whole


class ImportPage:
    def __init__(self, site: Site, user: User, number: str, language: str, args: Mapping[str, str]) -> None:
        self._site = site
        self._user = user
        self._args = args
        self.language = language
        self.found: DataImport = site.imports.get(user, number)

    @cached_property
    def doctype(self) -> DocType | None:
        return self._site.snapshot().model.get(self.found.doctype)

    @property
    def label(self) -> Text:
        return self.doctype.label if self.doctype is not None else Text.of(self.found.doctype)

    @property
    def state(self) -> tuple[Text, str]:
        return STATES[self.found.state]

    @property
    def task(self) -> Text:
        return TASKS.get(self.found.task or "", Text("", ""))

    @property
    def step(self) -> int:
        """Which of `STEPS` the page is at, counted from 0."""
        if self.is_mapping:
            return 1
        if self.found.state == "checked" or (self.found.is_active and self.found.task == "check"):
            return 2
        return 3

    @property
    def steps(self) -> Sequence[Text]:
        return STEPS

    @property
    def may_map(self) -> bool:
        """Whether the columns may still be changed."""
        return not (self.found.is_active or self.found.has_begun or self.found.state in ("done", "undone"))

    @property
    def is_mapping(self) -> bool:
        return self.found.state == "mapping" or (self.may_map and self._args.get("step") == "columns")

    @property
    def may_go_on(self) -> bool:
        return self.found.state in ("checked", "stopped", "failed", "refused") and (
            self.found.task != "undo" and (self.found.has_begun or self.found.state == "checked")
        )

    @property
    def counts(self) -> list[tuple[str, int, Text]]:
        """What became of the records, as far as there are any."""
        tally = self.found.tally
        return [(name, tally[name], text) for name, text in COUNTS.items() if tally.get(name)]

    # Columns

    @cached_property
    def staged(self) -> Staged:
        return self._site.imports.staged(self.found)

    @cached_property
    def heads(self) -> list[str]:
        return self._site.imports.heads(self.found)

    @cached_property
    def columns(self) -> list[FileColumn]:
        rows = self._site.imports.sample(self.found, 40)
        chosen = self.found.options.columns
        return [
            FileColumn(place, letters(place), head, self._samples(rows, place), chosen[place] if place < len(chosen) else "")
            for place, head in enumerate(self.heads)
        ]

    @staticmethod
    def _samples(rows: Sequence[Row], place: int) -> list[str]:
        values = (shown(row.cells[place]) for row in rows if place < len(row.cells) and row.cells[place] is not None)
        return list(dict.fromkeys(values))[:SAMPLES]

    @cached_property
    def targets(self) -> list[Target]:
        return self._site.imports.targets(self._user, self.found.doctype)

    @property
    def groups(self) -> list[tuple[Text, list[Target]]]:
        """The targets, those of the record and those of each child table."""
        whole = groupby(self.targets, key=lambda one: one.table)
        return [(table.label if table is not None else self.label, list(items)) for table, items in whole]

    @property
    def missing(self) -> list[Target]:
        """Required targets that no column is meant for; those of child rows only where the file has such rows."""
        chosen = set(self.found.options.columns)
        tables = {key.partition(".")[0] for key in chosen if "." in key}
        return [
            one
            for one in self.targets
            if one.is_required and one.key not in chosen and (one.table is None or one.table.fieldname in tables)
        ]

    @property
    def keys(self) -> list[Target]:
        """What records may be found by."""
        offered = keys_for(self.doctype) if self.doctype is not None else []
        return [one for one in self.targets if one.key in offered]

    # Preview and faults

    @cached_property
    def understood(self) -> list[list[Cell]]:
        """The first records as they are read, in the order of the columns of the file; what cannot be read as it stands there."""
        found = self._site.imports.preview(self._user, self.found, UNDERSTOOD)
        return [self._read(entry) for entry in found]

    def _read(self, entry: Entry) -> list[Cell]:
        cells = []
        for place, target in self._understood:
            item = target.item
            if target.table is not None:
                rows = entry.values.get(target.table.fieldname) or []
                values = [row.get(item.fieldname) for row in rows] if item is not None else []
            else:
                values = [entry.values.get(item.fieldname if item is not None else "name")]
            words = [
                (item.type.words(value, item, self.language, self._site.zone) if item is not None else str(value))
                for value in values
                if value is not None
            ]
            faults = [fault for fault in entry.faults if fault.column == place]
            words += [fault.value for fault in faults]
            cells.append(Cell(" · ".join(words), [(fault.at_cell or fault.text).to(self.language) for fault in faults]))
        return cells

    @cached_property
    def _understood(self) -> list[tuple[int, Target]]:
        reading = self._site.imports.reading(self._user, self.found)
        return [(place, target) for place, target in enumerate(reading.columns) if target is not None]

    @property
    def understood_columns(self) -> list[Target]:
        return [target for _, target in self._understood]

    @cached_property
    def _logged(self) -> list[LoggedRow]:
        asked = self._args.get("after") or ""
        after = int(asked) if asked.isdecimal() and len(asked) < 10 else 0
        return self._site.imports.rows(self._user, self.found.id, after=after, limit=PAGE + 1)

    @cached_property
    def faulty(self) -> list[FaultyRow]:
        """Rows with faults, each fault at its cell."""
        logged = self._logged[:PAGE]
        rows = self._site.imports.rows_of(self.found, logged)
        made: list[FaultyRow] = []
        for entry in logged:
            by_row: dict[int, list[Mapping[str, Any]]] = {}
            for fault in entry.faults:
                by_row.setdefault(fault["row"] or entry.number, []).append(fault)
            for number, faults in sorted(by_row.items()):
                made.append(self._faulty_row(rows.get(number) or Row(number, ()), faults))
        return made

    def _faulty_row(self, row: Row, faults: Sequence[Mapping[str, Any]]) -> FaultyRow:
        said: dict[int | None, list[str]] = {}
        for fault in faults:
            said.setdefault(fault["column"], []).append(Text.of(fault.get("at_cell") or fault["text"]).to(self.language))
        cells = [
            Cell(shown(row.cells[place]) if place < len(row.cells) else "", said.get(place, []))
            for place in range(len(self.heads))
        ]
        return FaultyRow(row.number, cells, said.get(None, []))

    @property
    def next_after(self) -> int | None:
        """Where the next page of faulty rows begins."""
        return self._logged[PAGE - 1].number if len(self._logged) > PAGE else None

    @cached_property
    def warnings(self) -> list[tuple[LoggedRow, list[str]]]:
        found = self._site.imports.warnings(self._user, self.found.id, limit=20)
        return [(row, [Text.of(one["text"]).to(self.language) for one in row.faults]) for row in found]

    @cached_property
    def saved(self) -> list[LoggedRow]:
        """Some of the records that there are by this import now."""
        if not self.found.has_begun or self.found.state == "undone":
            return []
        return [row for row in self._site.imports.rows(self._user, self.found.id, limit=20, of_faults=False) if row.name]

    def letter(self, place: int) -> str:
        return letters(place)


def letters(column: int) -> str:
    """A column as spreadsheets call it: 0 is A, 26 is AA."""
    found = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found
