"""What a report's page shows beside the report itself: its filters as inputs, and the ways on to records and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import parse_qsl, quote, urlencode

from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from ..access.user import User
from ..core.text import Language
from ..core.values import Masked
from ..documents.report_reading import Reading
from ..documents.reports import MOST_ROWS, defaults
from ..metadata.fieldtypes.times import iso_text
from ..metadata.model import DocField
from ..reporting.answer import Row, Shown
from ..reporting.charts import draw
from ..reporting.model import Asked, Report
from ..reporting.plots import NARROW, SLIM, Plot, plot
from ..reporting.spans import OFFERED, is_span, span_text
from ..site import Site
from .empty_state import EmptyState, nothing_counted
from .report_ways import Ways, form_address

MOST_CHOICES = 50  # records that a filter by a link lists; of more one is searched for
A_WORD = 8  # signs; what is no longer stays on its line
FIRST_IDEOGRAPHIC = "\u2e80"  # from here on lines break between any two signs


@dataclass(frozen=True)
class FilterBox:
    """One filter as the page asks for it."""

    asked: Asked
    item: DocField
    value: str
    is_span: bool
    choices: tuple[tuple[str, str], ...] = ()
    searched: str = ""  # the record type that is searched while one types, where there are too many to choose from

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

    @classmethod
    def kept(
        cls, site: Site, user: User, report: Report, filters: str, language: Language, *, limit: int = MOST_ROWS
    ) -> ReportPage:
        """The report under filters as a tile or a schedule keeps them: what differs from its own."""
        differing = MultiDict(parse_qsl(filters, keep_blank_values=True))
        args = MultiDict({**defaults(report), **filled_in(report, differing, only_given=True), "run": "1"})
        return cls(site, user, report, args, language, limit=limit)

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
            return self._link_box(asked, item, item.options, value)
        return FilterBox(asked, item, value, False, self.choices(item))

    def _link_box(self, asked: Asked, item: DocField, target: str, value: str) -> FilterBox:
        """The records to choose from under their titles; the first few of more than anybody reads through."""
        found = self._site.queries.search_link(self._reader, target, "", limit=MOST_CHOICES + 1)
        offered = {choice.value: choice.title for choice in found}
        if value and value not in offered:
            offered[value] = self._site.queries.titles(self._reader, target, [value]).get(value, value)
        return FilterBox(asked, item, value, False, tuple(offered.items()), target if len(found) > MOST_CHOICES else "")

    # Ways on

    @property
    def empty(self) -> EmptyState:
        """Why there is no row."""
        is_narrowed = any(self.asked.values())
        return nothing_counted(
            self._reports.model[self.report.doctype],
            f"/report/{quote(self.report.name, safe='')}?run=1" if is_narrowed else None,
        )

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

    @staticmethod
    def is_prose(text: str) -> bool:
        """Whether a text may stand over two lines: a word alone, or a number such as SV-2026-00017, which is read as one, may not."""
        return len(text) > A_WORD and (" " in text or any(sign >= FIRST_IDEOGRAPHIC for sign in text))

    @cached_property
    def plot(self) -> Plot | None:
        found = plot(self.answer, self.cell, self.language)
        return replace(found, ways=self.ways.in_chart(self.answer, found)) if found is not None else None

    @cached_property
    def chart(self) -> Markup:
        """The chart as SVG; nothing where there is none."""
        return Markup(draw(self.plot, self.title, self.language)) if self.plot else Markup()

    @property
    def narrow_chart(self) -> Markup:
        """The same with letters that stay legible in a tile."""
        return self._chart(NARROW)

    @property
    def slim_chart(self) -> Markup:
        """The same whole and legible on a phone."""
        return self._chart(SLIM)

    def _chart(self, width: int) -> Markup:
        return Markup(draw(replace(self.plot, width=width), self.title, self.language)) if self.plot else Markup()

    @property
    def mail_address(self) -> str:
        """A new schedule by which this report is sent, under the filters chosen here."""
        return f"/reports/mail/new?{urlencode({'report': self.report.name, 'filters': filters_text(self.report, self.asked)})}"

    def address(self, way: str) -> str:
        """The address of the same report, as a file (`pdf`, `xlsx`, `csv`) or here."""
        query = urlencode([("run", "1"), *((path, value) for path, value in self.asked.items() if value)])
        return f"/report/{quote(self.report.name, safe='')}{f'.{way}' if way else ''}?{query}"


def asked_by(report: Report, args: MultiDict[str, str]) -> dict[str, str] | None:
    """The filters of an address; None where it has none, so that the report's own hold."""
    return filled_in(report, args) if "run" in args else None


def filled_in(report: Report, args: Mapping[str, str], prefix: str = "", *, only_given: bool = False) -> dict[str, str]:
    """What the filters' inputs say, of all of them or `only_given`; two days of the reader's own count before a span chosen by name."""
    found = {}
    for item in report.filters:
        name = f"{prefix}{item.path}"
        if only_given and not {name, f"{name}__from", f"{name}__to"} & set(args):
            continue
        first, last = (iso_text(args.get(f"{name}__{end}", "")) for end in ("from", "to"))
        found[item.path] = f"{first}..{last}" if first or last else args.get(name, "").strip()
    return found


def filters_text(report: Report, asked: Mapping[str, str]) -> str:
    """The filters as tiles and schedules keep them: what stands after `?`; empty for the report's own, which may change."""
    usual = defaults(report)
    if all(value == usual.get(path, "") for path, value in asked.items()):
        return ""
    return urlencode([(path, value) for path, value in asked.items() if value or usual.get(path)])
