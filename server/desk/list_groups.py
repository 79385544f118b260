"""A list in groups: the values of one field (or the months of a date) with how many records and which sums, counted in the database.

The rows keep coming page by page, in the order of their groups; the subtotals are of the whole group, not of what the page shows.
"""

from __future__ import annotations

import base64
import json
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ..core.text import Text
from ..core.values import Masked
from ..documents.complete import Record
from ..documents.queries import Page
from ..metadata.model import DocField
from .form_values import shown
from .list_columns import STANDARD, Column, Columns
from .list_state import FilterRow

if TYPE_CHECKING:
    from .list_page import ListPage

UNITS: Mapping[str, Text] = {
    "day": Text("日", "Day"), "week": Text("周", "Week"), "month": Text("月", "Month"), "quarter": Text("季度", "Quarter"), "year": Text("年", "Year"),
}  # fmt: skip
USUAL_UNIT = "month"
TYPES = ("Data", "Select", "Link", "Dynamic Link", "Check", "Int", "Date", "Datetime", "Rating", "Autocomplete")
COUNT = "__records"
MOST = 1000  # groups, as the query service gives them


@dataclass(frozen=True)
class Group:
    """One group: its value, how many records, and the sums by field."""

    key: Any
    label: str
    count: int
    sums: Mapping[str, str]
    address: str | None  # of the list of its records; None where it cannot be said beside "any of the conditions"
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)  # the sums as numbers


class Groups:
    """The groups of one list."""

    def __init__(self, page: ListPage, columns: Columns) -> None:
        self._page = page
        self._columns = columns

    @cached_property
    def fields(self) -> list[DocField]:
        """What one may group by."""
        offered = (column for column in self._columns.offered if column.is_plain)
        return [column.item for column in offered if column.item.fieldtype in TYPES]

    @cached_property
    def field(self) -> DocField | None:
        """The field that the list is grouped by."""
        return next((item for item in self.fields if item.fieldname == self._page.state.group), None)

    @property
    def unit(self) -> str:
        """The part of the calendar that a date is grouped by; nothing for other fields."""
        if self.field is None or self.field.type.kind not in ("date", "datetime"):
            return ""
        return self._page.state.unit if self._page.state.unit in UNITS else USUAL_UNIT

    @property
    def order(self) -> str:
        """How the rows are sorted, so that groups hang together: the newest date first, other values upwards."""
        if self.field is None:
            return self._page.sort.replace(":", " ")
        way = self._page.sorted_by(self.field.fieldname) or self._way
        rest = [(name, each) for name, each in self._page.sort_pairs if name != self.field.fieldname][:4]
        return ", ".join(f"{name} {each}" for name, each in [(self.field.fieldname, way), *rest])

    @property
    def _way(self) -> str:
        """The direction of groups where none is asked for. A check box has few values and many records: it takes the direction of the
        rows, so that one index gives both."""
        if self.field is not None and self.field.fieldtype == "Check":
            return self._page.sort_pairs[0][1]
        return "desc" if self.unit else "asc"

    @property
    def descends(self) -> bool:
        return self.field is not None and self.order.startswith(f"{self.field.fieldname} desc")

    @cached_property
    def choices(self) -> tuple[str, ...] | None:
        """The values of the field in the order of people (a workflow's states, the options as they are written); None where they have none
        but that of the database."""
        return self._page.ordered_choices(self.field) if self.field is not None else None

    def page(self, after: str | None, size: int) -> Page:
        """A page of rows where groups stand in the order of choices, which no index has: asked group by group, so that each page costs the
        same. Raises what the query service raises."""
        assert self.field is not None
        keys = [group.key for group in self.groups]
        begin, cursor = read_place(after)
        order = ", ".join(f"{name} {way}" for name, way in self._page.sort_pairs if name != self.field.fieldname)
        rows: list[Record] = []
        for key in keys[keys.index(begin) :] if begin in keys else keys:
            if len(rows) == size:
                return Page(rows, write_place(key, None), True)
            asked = FilterRow(self.field.fieldname, "=", key) if key else FilterRow(self.field.fieldname, "is", "not set")
            part = self._page.page_where([asked], size - len(rows), order, after=cursor)
            cursor = None
            rows += part.rows
            if part.has_more:
                return Page(rows, write_place(key, part.next_cursor), True)
        return Page(rows, None, False)

    @cached_property
    def summed(self) -> list[Column]:
        return [column for column in self._page.columns if column.is_summed]

    @cached_property
    def lead(self) -> int:
        """How many columns before the first that is summed: the label of a group has their room."""
        names = [column.is_summed for column in self._page.columns]
        return names.index(True) if True in names else len(names)

    @cached_property
    def groups(self) -> list[Group]:
        """All groups in the order of the list."""
        if self.field is None or self._page.error is not None:
            return []
        zone = self._page.zone
        rows = self._page.grouped(self.field.fieldname, self._aggregates, (self.unit, zone) if self.unit else None)
        if self.choices is not None:
            name, choices = self.field.fieldname, self.choices
            rows.sort(key=lambda row: place_of(row[name], choices))
        if self.descends:
            rows = list(reversed(rows))
        titles = self._titles(rows)
        return [self._group(row[self.field.fieldname], row, titles) for row in rows]

    @property
    def is_cut(self) -> bool:
        return len(self.groups) >= MOST

    @cached_property
    def total(self) -> Group:
        """Everything that the list finds, together: what its groups add up to, unless there are more of them."""
        if not self.is_cut:
            found = {
                column.fieldname: _together(group.raw[column.fieldname] for group in self.groups) for column in self.summed
            }
            return Group(None, "", sum(group.count for group in self.groups), self._sums(found), None, found)
        [row] = self._page.grouped(None, self._aggregates, None)
        return Group(None, "", row[COUNT], self._sums(row), None, row)

    @cached_property
    def by_key(self) -> dict[Any, Group]:
        return {group.key: group for group in self.groups}

    def of(self, row: Mapping[str, Any]) -> Group | None:
        """The group of a row of the page; None beyond those that are counted."""
        if self.field is None:
            return None
        value = row.get(self.field.fieldname)
        return self.by_key.get(unit_key(value, self.unit, self._page.zone) if self.unit else value)

    @property
    def _aggregates(self) -> list[tuple[str, str, str]]:
        return [("count", "name", COUNT), *(("sum", column.fieldname, column.fieldname) for column in self.summed)]

    def _group(self, key: Any, row: Mapping[str, Any], titles: Mapping[tuple[str, str], str]) -> Group:
        return Group(key, self._label(key, titles), row[COUNT], self._sums(row), self._address(key), row)

    def _sums(self, row: Mapping[str, Any]) -> dict[str, str]:
        return {
            column.fieldname: shown(column.item, row[column.fieldname], self._page.zone, self._page.language)
            for column in self.summed
            if row[column.fieldname] is not None and not isinstance(row[column.fieldname], Masked)
        }

    def _label(self, key: Any, titles: Mapping[tuple[str, str], str]) -> str:
        item, language = self.field, self._page.language
        assert item is not None
        if key is None or key == "":
            return Text("（空）", "(empty)").to(language)
        if self.unit:
            return unit_words(str(key), self.unit).to(language)
        if item is STANDARD["docstatus"]:
            return item.choice_label(str(key)).to(language)
        return shown(item, key, self._page.zone, language, titles)

    def _titles(self, rows: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
        item = self.field
        if item is None or item.fieldtype != "Link" or not item.options:
            return {}
        return self._page.titles_of({item.options: {str(row[item.fieldname] or "") for row in rows}})

    def _address(self, key: Any) -> str | None:
        item = self.field
        assert item is not None
        if key is None or key == "":
            row = FilterRow(item.fieldname, "is", "not set")
        elif self.unit:
            row = FilterRow(item.fieldname, "between", ",".join(unit_days(str(key), self.unit, item.type.kind or "")))
        else:
            row = FilterRow(item.fieldname, "=", str(key))
        return self._page.narrowed(row)


def place_of(key: Any, choices: Sequence[str]) -> tuple[int, str]:
    """Where a value stands among its choices: nothing first, then what is no choice any more."""
    if key in choices:
        return choices.index(key), ""
    return (-1, str(key)) if key else (-2, "")


def write_place(key: str | None, cursor: str | None) -> str:
    """Where a list goes on that is read group by group: in which group, and behind which of its rows."""
    return base64.urlsafe_b64encode(json.dumps([key, cursor]).encode()).decode().rstrip("=")


def read_place(after: str | None) -> tuple[Any, str | None]:
    """The same read; for what is none, the beginning."""
    try:
        key, cursor = json.loads(base64.urlsafe_b64decode(str(after) + "=" * (-len(str(after)) % 4)))
        return key, cursor if isinstance(cursor, str) else None
    except (ValueError, TypeError):
        return "", None


def _together(values: Iterable[Any]) -> Any:
    """The sum of those that are there; None of nothing."""
    there = [value for value in values if value is not None]
    return sum(there) if there else None


def unit_key(value: date | datetime | None, unit: str, zone: ZoneInfo) -> str | None:
    """The unit that a value lies in, as `storage.calendar_units` writes it."""
    if value is None:
        return None
    day = value.astimezone(zone).date() if isinstance(value, datetime) else value
    if unit == "week":
        return (day - timedelta(days=day.weekday())).isoformat()
    quarter = f"{day:%Y}-Q{(day.month + 2) // 3}"
    return {"day": day.isoformat(), "month": f"{day:%Y-%m}", "quarter": quarter, "year": f"{day:%Y}"}[unit]


def unit_words(key: str, unit: str) -> Text:
    """A unit for people: `2026-06`, `2026-06-15 起一周`."""
    if unit == "week":
        return Text(f"{key} 起一周", f"week of {key}")
    return Text(key.replace("-Q", " 年第 ") + " 季度", key.replace("-Q", ", quarter ")) if unit == "quarter" else Text(key, key)


def unit_days(key: str, unit: str, kind: str) -> tuple[str, str]:
    """The first and the last day of a unit (of a moment: their first and last minute) as the texts of a filter."""
    if unit == "quarter":
        year, number = key.split("-Q")
        first = date(int(year), 3 * int(number) - 2, 1)
    else:
        first = date.fromisoformat(key + {"month": "-01", "year": "-01-01"}.get(unit, ""))
    months = {"month": 1, "quarter": 3, "year": 12}.get(unit)
    if months is None:  # the calendar ends with 9999-12-31, which people write for "without end"
        last = first + min(timedelta(days=6 if unit == "week" else 0), date.max - first)
    else:
        month = first.month + months - 1
        last = date(first.year, month, monthrange(first.year, month)[1])
    if kind == "datetime":
        return f"{first} 00:00:00", f"{last} 23:59:59.999999"
    return first.isoformat(), last.isoformat()
