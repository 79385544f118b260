"""`Reading`: one report read by one person in one language: its answer, values in words, filters in words, chart, pivot, indicator.

The page, the files, the tiles of a dashboard and the mail show the same; each lays it out in its own way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from ..access.user import User
from ..core.errors import ValidationFailed
from ..core.text import Language, Text
from ..core.values import Masked
from ..metadata.model import DocField
from ..reporting.answer import LIGHT_TEXTS, Answer, PivotTable, Row, Shown, pivot, shown_column
from ..reporting.model import Asked, Column, Report
from ..reporting.paths import kind_of, place_of
from ..reporting.plots import Plot, plot
from ..reporting.spans import is_span, span_text
from ..reporting.units import unit_text
from .queries import QueryService
from .reports import MOST_ROWS, MOST_ROWS_OF_A_FILE, ReportService

TITLED = 500  # rows whose links get their titles at once
EMPTY_KEY = Text("（空）", "(empty)")
YES_NO = (("1", Text("是", "Yes")), ("0", Text("否", "No")))


class Reading:
    """See the module. Nothing is asked of the database before it is needed."""

    def __init__(
        self,
        reports: ReportService,
        queries: QueryService,
        user: User,
        report: Report,
        asked: Mapping[str, str],
        language: Language,
        limit: int = MOST_ROWS,
        rights: Sequence[str] = ("report",),
    ) -> None:
        self._reports = reports
        self._queries = queries
        self._user = user
        self._limit = limit
        self._rights = rights
        self.report = report
        self.asked = dict(asked)
        self.language = language
        self.error: ValidationFailed | None = None

    @cached_property
    def answer(self) -> Answer:
        """What it says. A filter that cannot be read is kept in `error`, and nothing is found."""
        try:
            return self._reports.answer(self._user, self.report, self.asked, limit=self._limit, rights=self._rights)
        except ValidationFailed as error:
            self.error = error
            return Answer(self.report, (), ())

    def rows(self) -> Iterator[Row]:
        """All rows for a file, where the answer holds the first of them: read as they are taken, `cell` with them."""
        if self.report.is_grouped:
            yield from self.answer.rows
            return
        rows = self._reports.each(self._user, self.report, self.asked, limit=MOST_ROWS_OF_A_FILE, rights=self._rights)
        while portion := list(islice(rows, TITLED)):
            self.titles = self._titles_in(portion)
            yield from portion

    @property
    def title(self) -> str:
        return self.report.title.to(self.language)

    # Values

    @cached_property
    def titles(self) -> dict[tuple[str, str], str]:
        """Titles of linked records."""
        return self._titles_in(self.answer.rows)

    def _titles_in(self, rows: Sequence[Row]) -> dict[tuple[str, str], str]:
        """One query per linked record type."""
        found: dict[tuple[str, str], str] = {}
        links = [
            item for item in (*self.answer.columns, *self.answer.hidden) if item.item.fieldtype == "Link" and item.item.options
        ]
        for target in {str(item.item.options) for item in links}:
            keys = [item.key for item in links if item.item.options == target]
            names = {str(row[key]) for key in keys for row in rows if row.get(key)}
            found |= {(target, name): title for name, title in self._queries.titles(self._user, target, names).items()}
        return found

    def cell(self, column: Shown, value: Any) -> str:
        """A value in words."""
        if value is None:
            return EMPTY_KEY.to(self.language) if self.report.is_grouped and not column.is_measure else ""
        if isinstance(value, Masked):
            return str(value)
        if column.unit:
            return unit_text(str(value), column.unit).to(self.language)
        if column.item.fieldtype == "Link":
            return self.titles.get((column.item.options or "", str(value)), str(value))
        return column.item.type.words(value, column.item, self.language, self._reports.zone)

    # Filters

    def field_of(self, asked: Asked) -> tuple[DocField, str]:
        """The field that a filter is about, and the kind of its values."""
        place = place_of(self._reports.model, self.report.doctype, self.report.rows, asked.path)
        return shown_column(Column(asked.path, "value", asked.path, label=asked.label), place).item, kind_of(place)

    def filter_words(self) -> list[tuple[str, str]]:
        """The filters that are filled in, as name and value."""
        return [
            (item.label.to(self.language), self._filter_value(item, kind, asked, value))
            for asked in self.report.filters
            if (value := self.asked.get(asked.path, ""))
            for item, kind in (self.field_of(asked),)
        ]

    def _filter_value(self, item: DocField, kind: str, asked: Asked, value: str) -> str:
        if kind in ("date", "datetime") and not asked.operator:
            return span_text(value).to(self.language) if is_span(value) else value
        if item.fieldtype == "Link" and item.options:
            return self._queries.titles(self._user, item.options, [value]).get(value, value)
        return dict(self.choices(item)).get(value, value)

    def choices(self, item: DocField) -> tuple[tuple[str, str], ...]:
        """What a field may hold, in words, where that is a closed list."""
        if item.fieldtype == "Check":
            return tuple((value, text.to(self.language)) for value, text in YES_NO)
        return tuple((value, label.to(self.language)) for value, label in item.type.choices(item))

    # What stands around the table

    @cached_property
    def plot(self) -> Plot | None:
        return plot(self.answer, self.cell, self.language)

    @cached_property
    def pivot(self) -> PivotTable | None:
        return pivot(self.answer)

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
    def target(self) -> str:
        """The target in words; empty without an indicator."""
        indicator = self.report.indicator
        if indicator is None:
            return ""
        least = indicator.at_most is None
        number = f"{indicator.at_least if least else indicator.at_most} {indicator.unit}".strip()
        words = (
            Text("目标不低于 {number}", "target at least {number}")
            if least
            else Text("目标不超过 {number}", "target at most {number}")
        )
        return words.format(number=number).to(self.language)

    @property
    def unseen(self) -> str:
        """The columns that are not shown to this reader."""
        return Text("、", ", ").to(self.language).join(text.to(self.language) for text in self.answer.unseen)
