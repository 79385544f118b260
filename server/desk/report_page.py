"""Everything a report's page shows, gathered once: filters with what they hold, cells in words, chart, pivot, ways to the records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode

from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from ..access.user import User
from ..core.errors import ValidationFailed
from ..core.text import Language, Text
from ..core.values import Masked
from ..documents.reports import MOST_ROWS, defaults
from ..metadata.model import DocField
from ..reporting.answer import LIGHT_TEXTS, Answer, PivotTable, Row, Shown, pivot, shown_column
from ..reporting.charts import draw
from ..reporting.model import Asked, Column
from ..reporting.paths import kind_of, place_of
from ..reporting.plots import Plot, plot
from ..reporting.spans import OFFERED, is_span, span_text
from ..site import Site
from ..storage.calendar_units import Unit, days_of
from ..storage.grouping import RECORD_NAME
from .form_values import shown

MOST_CHOICES = 50  # records that a filter by a link offers
EMPTY_KEY = Text("（空）", "(empty)")


@dataclass(frozen=True)
class FilterBox:
    """One filter as the page asks for it."""

    asked: Asked
    item: DocField
    value: str
    is_span: bool
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def is_days(self) -> bool:
        """Whether the reader gave two days of their own."""
        return self.is_span and ".." in self.value

    @property
    def days(self) -> tuple[str, str]:
        first, _, last = self.value.partition("..") if self.is_days else ("", "", "")
        return first, last


class ReportPage:
    """One report for one reader under the filters of the address; without any in it, under the report's own."""

    def __init__(
        self, site: Site, user: User, name: str, args: MultiDict[str, str], language: Language, *, limit: int = MOST_ROWS
    ) -> None:
        self._site = site
        self._user = user
        self._limit = limit
        self.language = language
        self.report = site.reports.report(user, name)
        self.error: ValidationFailed | None = None
        self.asked = _asked(args, [item.path for item in self.report.filters]) if "run" in args else defaults(self.report)

    @cached_property
    def answer(self) -> Answer:
        """What it says. A filter that cannot be read is told above an empty table."""
        try:
            return self._site.reports.answer(self._user, self.report, self.asked, limit=self._limit)
        except ValidationFailed as error:
            self.error = error
            return Answer(self.report, (), ())

    @cached_property
    def boxes(self) -> list[FilterBox]:
        return [self._box(item) for item in self.report.filters]

    def _box(self, asked: Asked) -> FilterBox:
        place = place_of(self._site.snapshot().model, self.report.doctype, self.report.rows, asked.path)
        item = shown_column(Column(asked.path, "value", asked.path, label=asked.label), place).item
        value = self.asked.get(asked.path, "")
        if kind_of(place) in ("date", "datetime") and not asked.operator:
            spans = OFFERED if not value or value in OFFERED or ".." in value or not is_span(value) else (value, *OFFERED)
            return FilterBox(asked, item, value, True, tuple((span, span_text(span).to(self.language)) for span in spans))
        if item.fieldtype == "Link" and item.options:
            found = self._site.queries.search_link(self._user, item.options, "", limit=MOST_CHOICES)
            return FilterBox(asked, item, value, False, tuple((choice.value, choice.title) for choice in found))
        choices = tuple((text, label.to(self.language)) for text, label in item.type.choices(item))
        if item.fieldtype == "Check":
            choices = (("1", Text("是", "Yes").to(self.language)), ("0", Text("否", "No").to(self.language)))
        return FilterBox(asked, item, value, False, choices)

    # Cells

    @cached_property
    def titles(self) -> dict[tuple[str, str], str]:
        """Titles of linked records, one query per linked record type."""
        found: dict[tuple[str, str], str] = {}
        for target in {
            item.item.options for item in self.answer.columns if item.item.fieldtype == "Link" and item.item.options
        }:
            keys = [item.key for item in self.answer.columns if item.item.options == target]
            names = {str(row[key]) for key in keys for row in self.answer.rows if row.get(key)}
            found |= {(target, name): title for name, title in self._site.queries.titles(self._user, target, names).items()}
        return found

    def cell(self, column: Shown, value: Any) -> str:
        """A value in words."""
        if value is None:
            return EMPTY_KEY.to(self.language) if self.report.is_grouped and not column.is_measure else ""
        if column.unit or isinstance(value, Masked):
            return str(value)
        return shown(column.item, value, self._site.zone, self.language, self.titles)

    def record_address(self, column: Shown, row: Row) -> str | None:
        """Where a name or a link in a row leads."""
        value, target = row.get(column.key), column.item.options
        if column.item.fieldtype != "Link" or not value or not target or isinstance(value, Masked):
            return None
        return f"/form/{quote(target, safe='')}/{quote(str(value), safe='')}"

    def row_address(self, row: Row) -> str | None:
        """The list of the records that a row counts; None where the list cannot be filtered that way."""
        if not self.report.is_grouped:
            return (
                f"/form/{quote(self.report.doctype, safe='')}/{quote(row[RECORD_NAME], safe='')}"
                if RECORD_NAME in row
                else None
            )
        paths = [item.path for item in self.report.keys]
        if self.report.rows or not paths or any("." in path for path in [*paths, *(part[0] for part in self.report.where)]):
            return None
        pairs: list[tuple[str, str]] = []
        for item in self.report.keys:
            pairs += _list_filter(item.path, item.unit, row[item.key])
        for path, operator, value in self.report.where:
            pairs += [("f", path), ("o", operator), ("v", ",".join(map(str, value)) if isinstance(value, list) else str(value))]
        return f"/list/{quote(self.report.doctype, safe='')}?{urlencode(pairs)}"

    # What stands around the table

    @cached_property
    def chart(self) -> Markup:
        """The chart as SVG; nothing where there is none."""
        return Markup(draw(self.plot, self.title, self.language)) if self.plot else Markup()

    @cached_property
    def plot(self) -> Plot | None:
        return plot(self.answer, self.cell, self.language)

    @cached_property
    def pivot(self) -> PivotTable | None:
        return pivot(self.answer)

    @property
    def title(self) -> str:
        return self.report.title.to(self.language)

    @property
    def light(self) -> tuple[str, str] | None:
        """The indicator's colour and its word."""
        if self.report.indicator is None:
            return None
        return self.answer.light, LIGHT_TEXTS[self.answer.light].to(self.language)

    @property
    def indicator_value(self) -> str:
        indicator = self.report.indicator
        column = self.answer.column(indicator.value) if indicator else None
        value = (self.answer.totals or {}).get(indicator.value) if indicator else None
        return self.cell(column, value) if column is not None and value is not None else "—"

    @property
    def unseen(self) -> str:
        """The columns that are not shown to this reader."""
        return Text("、", ", ").to(self.language).join(text.to(self.language) for text in self.answer.unseen)

    def address(self, way: str) -> str:
        """The address of the same report, as a file (`xlsx`, `csv`) or here."""
        query = urlencode([("run", "1"), *((path, value) for path, value in self.asked.items() if value)])
        return f"/report/{quote(self.report.name, safe='')}{f'.{way}' if way else ''}?{query}"


def _asked(args: Mapping[str, str], paths: Sequence[str]) -> dict[str, str]:
    """What the address filters by; two days of the reader's own count before a span chosen by name."""
    found = {}
    for path in paths:
        first, last = args.get(f"{path}__from", "").strip(), args.get(f"{path}__to", "").strip()
        found[path] = f"{first}..{last}" if first or last else args.get(path, "").strip()
    return found


def _list_filter(path: str, unit: Unit | None, value: Any) -> list[tuple[str, str]]:
    if value is None:
        return [("f", path), ("o", "is"), ("v", "not set")]
    if unit:
        first, last = days_of(str(value), unit)
        return [("f", path), ("o", ">="), ("v", first.isoformat()), ("f", path), ("o", "<="), ("v", last.isoformat())]
    return [("f", path), ("o", "="), ("v", str(value))]
