"""Date, Datetime and Time. Datetimes are kept in UTC; a datetime without zone is read in the site's zone by `zone`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from ...core.text import Text
from . import typed_cells
from .base import ORDERED, Cell, FieldType, Kind, Print, ValueRefused

if TYPE_CHECKING:
    from ..model import DocField

EXCEL_EPOCH = typed_cells.EXCEL_EPOCH
SITE_ZONE: tzinfo = ZoneInfo("Asia/Shanghai")
_DAY = re.compile(r"\A(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")
_HOUR = re.compile(r"(\A|[ T])(\d):(?=\d\d)")


def iso_text(value: Any) -> str:
    """With hyphens and leading zeros, for people type 2026/3/5 and 9:30; everything else as it stands."""
    text = _DAY.sub(lambda day: f"{day[1]}-{day[3]:0>2}-{day[4]:0>2}", str(value).strip())
    return _HOUR.sub(r"\g<1>0\2:", text, count=1)


class DateType(FieldType):
    kind: ClassVar[Kind | None] = "date"
    operators = ORDERED
    print_as: Print = "centered"

    def parse(self, value: Any, item: DocField) -> date | None:
        if type(value) is date:
            return value
        if value in (None, ""):
            return None
        if isinstance(value, datetime):
            return value.astimezone(SITE_ZONE).date()
        if isinstance(value, date):
            return value
        try:
            return datetime.fromisoformat(iso_text(value)).date()  # the whole text: what does not belong to a date is refused
        except ValueError:
            raise ValueRefused(
                Text(
                    f"“{str(value)[:40]}”不是日期，应如 2026-03-31",
                    f'"{str(value)[:40]}" is not a date; expected e.g. 2026-03-31',
                )
            ) from None

    def words(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> str:
        """The day; where the field means a month (`show_as`), the month alone."""
        is_month = item.extra.get("show_as") == "month" and isinstance(value, date)
        return f"{value:%Y-%m}" if is_month else self.input_text(value, zone)

    def cell(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> Cell:
        return value if isinstance(value, date) else None

    def from_cell(self, cell: Cell, item: DocField, zone: ZoneInfo) -> date | None:
        """A day has no zone. Serial numbers and the forms of `typed_cells.moment` are read too."""
        cell = typed_cells.moment(cell)
        return self.parse(cell.date() if isinstance(cell, datetime) else cell, item)


class DatetimeType(FieldType):
    kind: ClassVar[Kind | None] = "datetime"
    operators = ORDERED
    print_as: Print = "centered"

    def parse(self, value: Any, item: DocField) -> datetime | None:
        if value in (None, ""):
            return None
        try:
            found = value if isinstance(value, datetime) else datetime.fromisoformat(iso_text(value))
            found = found.replace(tzinfo=SITE_ZONE) if found.tzinfo is None else found
            return found.astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValueRefused(
                Text(
                    f"“{str(value)[:40]}”不是日期时间，应如 2026-03-31 14:30",
                    f'"{str(value)[:40]}" is not a date and time; expected e.g. 2026-03-31 14:30',
                )
            ) from None

    def cell(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> Cell:
        """On the clock of the site: a spreadsheet knows no zones."""
        return value.astimezone(zone).replace(tzinfo=None) if isinstance(value, datetime) else None

    def from_cell(self, cell: Cell, item: DocField, zone: ZoneInfo) -> datetime | None:
        cell = typed_cells.moment(cell)
        return self.parse(cell.replace(tzinfo=zone) if isinstance(cell, datetime) and cell.tzinfo is None else cell, item)


class TimeType(FieldType):
    kind: ClassVar[Kind | None] = "time"
    operators = ORDERED
    print_as: Print = "centered"

    def parse(self, value: Any, item: DocField) -> time | None:
        if value in (None, ""):
            return None
        if isinstance(value, time):
            return value
        try:
            return time.fromisoformat(iso_text(value))
        except ValueError:
            raise ValueRefused(
                Text(f"“{str(value)[:40]}”不是时间，应如 14:30", f'"{str(value)[:40]}" is not a time; expected e.g. 14:30')
            ) from None

    def cell(self, value: Any, item: DocField, language: str, zone: ZoneInfo) -> Cell:
        return value if isinstance(value, time) else None

    def from_cell(self, cell: Cell, item: DocField, zone: ZoneInfo) -> time | None:
        """A number is the part of a day that spreadsheets keep for a time."""
        if isinstance(cell, float) and 0 <= cell < 1:
            cell = EXCEL_EPOCH + timedelta(seconds=round(cell * 86_400))
        return self.parse(cell.time() if isinstance(cell, datetime) else typed_cells.plain(cell), item)


TIME_TYPES: tuple[FieldType, ...] = (
    DateType("Date", "date"),
    DatetimeType("Datetime", "datetime"),
    TimeType("Time", "time"),
)
