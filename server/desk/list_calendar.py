"""A list as a calendar: its records on the days of a date field, a month or a week at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..documents.complete import Record
from ..metadata.model import DocField
from .calendar_bars import Span, Week, week_of
from .list_state import FilterRow

if TYPE_CHECKING:
    from .list_page import ListPage

MOST = 500  # records on one page
SHOWN_A_DAY = 4  # the others unfold
AROUND = timedelta(days=62)


class Calendar:
    """The calendar of one list, at the month or week that the address names (`at`), else at today's."""

    def __init__(self, page: ListPage, at: str, today: date) -> None:
        self._page = page
        self.today = today
        self.day = _read(at) or today

    @cached_property
    def fields(self) -> list[DocField]:
        """The dates that a calendar can go by; that of the record type's `calendar_view` first."""
        own = [item for item in self._page.filter_fields if item.type.kind in ("date", "datetime")]
        wanted = self._view.get("field") or self._view.get("start")
        return sorted(own, key=lambda item: (item.fieldname != wanted, item.fieldname not in self._page.doctype.by_name))

    @property
    def _view(self) -> Mapping[str, Any]:
        found = self._page.doctype.extra.get("calendar_view")
        return found if isinstance(found, dict) else {}

    @property
    def field(self) -> DocField | None:
        return next((item for item in self.fields if item.fieldname == self._page.state.by), next(iter(self.fields), None))

    @property
    def end_field(self) -> str:
        """Where a span ends that begins at the field, as far as the reader sees it: it moves along."""
        end = str(self._view.get("end") or "")
        begins_here = self.field is not None and self.field.fieldname == self._view.get("start")
        return end if begins_here and any(item.fieldname == end for item in self.fields) else ""

    @property
    def is_week(self) -> bool:
        return self._page.state.unit == "week"

    @cached_property
    def weeks(self) -> list[list[date]]:
        """The days shown, from Monday to Sunday."""
        first = self.day if self.is_week else self.day.replace(day=1)
        monday = first - timedelta(days=first.weekday())
        weeks = [[monday + timedelta(days=7 * week + day) for day in range(7)] for week in range(1 if self.is_week else 6)]
        return [week for week in weeks if self.is_week or week[0] <= _last_of_month(self.day)]

    @property
    def title(self) -> str:
        return f"{self.weeks[0][0]} – {self.weeks[0][-1]}" if self.is_week else f"{self.day:%Y-%m}"

    def is_other(self, day: date) -> bool:
        """Whether a day belongs to the month before or after."""
        return not self.is_week and day.month != self.day.month

    @property
    def before(self) -> str:
        return (
            self.weeks[0][0] - timedelta(days=1) if self.is_week else self.day.replace(day=1) - timedelta(days=1)
        ).isoformat()

    @property
    def after(self) -> str:
        return (self.weeks[0][-1] if self.is_week else _last_of_month(self.day)).__add__(timedelta(days=1)).isoformat()

    @cached_property
    def rows(self) -> list[Record]:
        """The records of the days shown, in the order of their times."""
        item = self.field
        if item is None:
            return []
        name, end = item.fieldname, self.end_field
        first, last = self.weeks[0][0].isoformat(), self.weeks[-1][-1].isoformat()
        if item.type.kind == "datetime":
            first, last = f"{first} 00:00:00", f"{last} 23:59:59.999999"
        order, extra = f"{name} asc", [name, *([end] if end else [])]
        found = self._page.rows_where([FilterRow(name, "between", f"{first},{last}")], MOST, order, extra)
        if not end:
            return found
        under_way = [FilterRow(name, "<", first), FilterRow(end, ">=", self.weeks[0][0].isoformat())]
        return [*self._page.rows_where(under_way, MOST, order, extra), *found]

    @property
    def is_cut(self) -> bool:
        return len(self.rows) >= MOST

    @cached_property
    def by_day(self) -> dict[date, list[Record]]:
        """What stands on its day alone; what lasts several days lies over them (`bars`)."""
        spans = {str(span.row["name"]) for span in self.spans}
        found: dict[date, list[Record]] = {}
        for row in self.rows:
            if str(row["name"]) not in spans:
                found.setdefault(self._day_of(row, self.field.fieldname if self.field else ""), []).append(row)
        for week in self.bars:
            for day in week.days:
                found.setdefault(day, []).extend(week.rest_on(day))
        return {day: rows for day, rows in found.items() if rows}

    @cached_property
    def spans(self) -> list[Span]:
        """The records that last longer than their first day."""
        end, start = self.end_field, self.field.fieldname if self.field else ""
        filled = [row for row in self.rows if row.get(end)] if end else []
        found = [Span(row, self._day_of(row, start), self._day_of(row, end)) for row in filled]
        return [span for span in found if span.last > span.first]

    @cached_property
    def bars(self) -> list[Week]:
        return [week_of(days, self.spans) for days in self.weeks]

    def _day_of(self, row: Record, fieldname: str) -> date:
        value = row[fieldname]
        return value.astimezone(self._page.zone).date() if isinstance(value, datetime) else value

    def time_of(self, row: Mapping[str, Any]) -> str:
        """The time of day of a record that has one."""
        value = row[self.field.fieldname] if self.field else None
        return value.astimezone(self._page.zone).strftime("%H:%M") if isinstance(value, datetime) else ""

    @property
    def may_move(self) -> bool:
        return (
            self._page.may("write")
            and self.field is not None
            and self.field.fieldname in self._page.doctype.by_name
            and not (self.field.read_only or self.field.is_computed)
        )

    shown_a_day = SHOWN_A_DAY


def _read(text: str) -> date | None:
    """The day of an address; None for another text, and where no weeks stand around it."""
    try:
        day = date.fromisoformat(f"{text}-01" if len(text) == 7 else text)
    except ValueError:
        return None
    return day if date.min + AROUND <= day <= date.max - AROUND else None


def _last_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
