"""What a report's page shows beside the report itself: its filters as inputs, and the ways on to records and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import quote, urlencode

from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from ..access.user import User
from ..core.text import Language
from ..core.values import Masked
from ..documents.report_reading import Reading
from ..documents.reports import MOST_ROWS, defaults
from ..metadata.model import DocField
from ..reporting.answer import Row, Shown
from ..reporting.charts import draw
from ..reporting.model import Asked, Report
from ..reporting.plots import Plot, plot
from ..reporting.spans import OFFERED, is_span, span_text
from ..site import Site
from .report_ways import Ways, form_address

MOST_CHOICES = 50  # records that a filter by a link offers


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


class ReportPage(Reading):
    """One report for one reader under the filters of the address; without any in it, under the report's own."""

    def __init__(
        self, site: Site, user: User, report: Report, args: MultiDict[str, str], language: Language, *, limit: int = MOST_ROWS
    ) -> None:
        asked = asked_by(report, args)
        super().__init__(site.reports, site.queries, user, report, asked or {}, language, limit)
        if asked is None:
            self.asked = defaults(report)
        self._site = site
        self._reader = user

    @cached_property
    def boxes(self) -> list[FilterBox]:
        return [self._box(item) for item in self.report.filters]

    def _box(self, asked: Asked) -> FilterBox:
        item, kind = self.field_of(asked)
        value = self.asked.get(asked.path, "")
        if kind in ("date", "datetime") and not asked.operator:
            spans = OFFERED if not value or value in OFFERED or ".." in value or not is_span(value) else (value, *OFFERED)
            return FilterBox(asked, item, value, True, tuple((span, span_text(span).to(self.language)) for span in spans))
        if item.fieldtype == "Link" and item.options:
            found = self._site.queries.search_link(self._reader, item.options, "", limit=MOST_CHOICES)
            return FilterBox(asked, item, value, False, tuple((choice.value, choice.title) for choice in found))
        return FilterBox(asked, item, value, False, self.choices(item))

    # Ways on

    @cached_property
    def ways(self) -> Ways:
        dated = frozenset(box.asked.path for box in self.boxes if box.is_span)
        return Ways(self.report, self.asked, dated, self._site.clock.now())

    def record_address(self, column: Shown, row: Row) -> str | None:
        """Where a name or a link in a row leads."""
        value, target = row.get(column.key), column.item.options
        if column.item.fieldtype != "Link" or not value or not target or isinstance(value, Masked):
            return None
        return form_address(target, value)

    def row_address(self, row: Row) -> str | None:
        """The list of the records that a row counts."""
        return self.ways.of_row(row)

    def cell_address(self, column: Shown, row: Row) -> str | None:
        """Where a value leads: a link to its record, a number of records to their list."""
        asked = next((item for item in self.report.columns if item.key == column.key), None)
        if asked is not None and asked.function == "count" and row.get(column.key):
            return self.ways.of_row(row, asked)
        return self.record_address(column, row)

    @cached_property
    def plot(self) -> Plot | None:
        found = plot(self.answer, self.cell, self.language)
        return replace(found, ways=self.ways.in_chart(self.answer, found)) if found is not None else None

    @cached_property
    def chart(self) -> Markup:
        """The chart as SVG; nothing where there is none."""
        return Markup(draw(self.plot, self.title, self.language)) if self.plot else Markup()

    @property
    def mail_address(self) -> str:
        """A new schedule by which this report is sent, under the filters chosen here."""
        chosen = urlencode([("run", "1"), *((path, value) for path, value in self.asked.items() if value)])
        filled = {
            "title": self.title,
            "report": self.report.name,
            "filters": chosen if self.asked != defaults(self.report) else "",
        }
        return f"/form/Auto%20Email%20Report/new?{urlencode(filled)}"

    def address(self, way: str) -> str:
        """The address of the same report, as a file (`pdf`, `xlsx`, `csv`) or here."""
        query = urlencode([("run", "1"), *((path, value) for path, value in self.asked.items() if value)])
        return f"/report/{quote(self.report.name, safe='')}{f'.{way}' if way else ''}?{query}"


def asked_by(report: Report, args: MultiDict[str, str]) -> dict[str, str] | None:
    """The filters of an address; None where it has none, so that the report's own hold."""
    return _asked(args, [item.path for item in report.filters]) if "run" in args else None


def _asked(args: Mapping[str, str], paths: Sequence[str]) -> dict[str, str]:
    """What the address filters by; two days of the reader's own count before a span chosen by name."""
    found = {}
    for path in paths:
        first, last = args.get(f"{path}__from", "").strip(), args.get(f"{path}__to", "").strip()
        found[path] = f"{first}..{last}" if first or last else args.get(path, "").strip()
    return found
