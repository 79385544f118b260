"""How a form is laid out: tabs, sections and columns, read off the order of a DocType's fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from ..core.text import EMPTY, Text
from ..metadata.model import DocField, DocType
from ..workflow.statefield import is_made


@dataclass
class Column:
    fields: list[DocField] = field(default_factory=list)


@dataclass
class Section:
    """Fields under one heading, side by side in columns; `item` is its Section Break (None for the first)."""

    item: DocField | None = None
    columns: list[Column] = field(default_factory=lambda: [Column()])

    @property
    def label(self) -> Text:
        return self.item.label if self.item else EMPTY

    @property
    def fields(self) -> Iterator[DocField]:
        return (item for column in self.columns for item in column.fields)

    @property
    def is_empty(self) -> bool:
        return not any(column.fields for column in self.columns)


@dataclass
class Tab:
    item: DocField | None = None
    sections: list[Section] = field(default_factory=lambda: [Section()])

    @property
    def key(self) -> str:
        return self.item.fieldname if self.item else "main"

    @property
    def label(self) -> Text:
        return self.item.label if self.item else Text("基本信息", "Details")

    @property
    def is_empty(self) -> bool:
        return all(section.is_empty for section in self.sections)


@lru_cache(maxsize=256)
def layout(doctype: DocType, levels: frozenset[int], is_amendment: bool = False) -> tuple[Tab, ...]:
    """The tabs of a form for somebody who reads these permlevels; empty columns, sections and tabs are left out.

    What a record amends is shown of an amendment alone; the state field that a workflow made never, for the title and the steps say it.
    """
    tabs = [Tab()]
    for item in doctype.fields:
        if item.type.widget == "tab":
            tabs.append(Tab(item))
        elif item.type.widget == "section":
            tabs[-1].sections.append(Section(item))
        elif item.type.widget == "column":
            tabs[-1].sections[-1].columns.append(Column())
        elif (
            not item.hidden
            and item.permlevel in levels
            and not is_made(item)
            and (is_amendment or item.fieldname != "amended_from")
        ):
            tabs[-1].sections[-1].columns[-1].fields.append(item)
    return tuple(_pruned(tabs))


def _pruned(tabs: Iterable[Tab]) -> Iterator[Tab]:
    for tab in tabs:
        tab.sections = [section for section in tab.sections if not section.is_empty]
        for section in tab.sections:
            section.columns = [column for column in section.columns if column.fields]
        if not tab.is_empty:
            yield tab
