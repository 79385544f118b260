"""Date, Datetime and Time. Datetimes are kept in UTC; a datetime without zone is read in the site's zone by `zone`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from ...core.text import Text
from .base import ORDERED, FieldType, Kind, ValueRefused

if TYPE_CHECKING:
    from ..model import DocField

SITE_ZONE: tzinfo = ZoneInfo("Asia/Shanghai")


class DateType(FieldType):
    kind: ClassVar[Kind | None] = "date"
    operators = ORDERED

    def parse(self, value: Any, item: DocField) -> date | None:
        if value in (None, ""):
            return None
        if isinstance(value, datetime):
            return value.astimezone(SITE_ZONE).date()
        if isinstance(value, date):
            return value
        try:
            found = date.fromisoformat(str(value).strip().replace("/", "-")[:10])
        except ValueError:
            raise ValueRefused(
                Text(
                    f"“{str(value)[:40]}”不是日期，应如 2026-03-31",
                    f'"{str(value)[:40]}" is not a date; expected e.g. 2026-03-31',
                )
            ) from None
        return found


class DatetimeType(FieldType):
    kind: ClassVar[Kind | None] = "datetime"
    operators = ORDERED

    def parse(self, value: Any, item: DocField) -> datetime | None:
        if value in (None, ""):
            return None
        try:
            found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip().replace("/", "-"))
            found = found.replace(tzinfo=SITE_ZONE) if found.tzinfo is None else found
            return found.astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValueRefused(
                Text(
                    f"“{str(value)[:40]}”不是日期时间，应如 2026-03-31 14:30",
                    f'"{str(value)[:40]}" is not a date and time; expected e.g. 2026-03-31 14:30',
                )
            ) from None


class TimeType(FieldType):
    kind: ClassVar[Kind | None] = "time"
    operators = ORDERED

    def parse(self, value: Any, item: DocField) -> time | None:
        if value in (None, ""):
            return None
        if isinstance(value, time):
            return value
        try:
            return time.fromisoformat(str(value).strip())
        except ValueError:
            raise ValueRefused(
                Text(f"“{str(value)[:40]}”不是时间，应如 14:30", f'"{str(value)[:40]}" is not a time; expected e.g. 14:30')
            ) from None


TIME_TYPES: tuple[FieldType, ...] = (
    DateType("Date", "date"),
    DatetimeType("Datetime", "datetime"),
    TimeType("Time", "time"),
)
