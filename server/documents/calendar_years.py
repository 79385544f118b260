"""Filling a work calendar with the public holidays and make-up workdays of a year, as an administrator asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..access.user import User
from ..calendars import china
from ..calendars.hours import Calendar
from ..calendars.record import DOCTYPE, FIRST_YEAR, LAST_YEAR
from ..core.errors import Fault, NotFound, ValidationFailed
from ..core.text import Text
from ..storage.database import Database
from .calendars import Calendars
from .queries import QueryService
from .service import DocumentService
from .snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Filled:
    """What came of it: the calendar, whether the year's notice is known, and how many of its days differ from the week."""

    calendar: str
    year: int
    is_announced: bool
    days: int


class CalendarYears:
    def __init__(
        self, database: Database, documents: DocumentService, queries: QueryService, snapshots: Callable[[], Snapshot]
    ) -> None:
        self._database = database
        self._documents = documents
        self._queries = queries
        self._snapshots = snapshots

    def calendars(self, user: User) -> list[dict[str, Any]]:
        """The calendars there are, the site's default first."""
        page = self._queries.list(
            user, DOCTYPE, fields=["name", "title", "is_default", "public_holidays"], order_by="is_default desc", limit=200
        )
        return list(page.rows)

    def calendar(self, user: User, name: str | None) -> Calendar:
        """That calendar as it is counted in; the site's default without a name. Raises NotFound, PermissionRefused."""
        if name:
            self._documents.load(user, DOCTYPE, name)
        with self._database.read() as connection:
            return Calendars(connection, self._snapshots().model).again(name)

    def fill_present(self, user: User, year: int) -> None:
        """Enter an announced year into the default calendar of a new site, unless somebody listed it already."""
        default = next(iter(self.calendars(user)), None)
        if default is not None and default["is_default"] and year in china.announced_years():
            listed = self._documents.load(user, DOCTYPE, default["name"])["years"]
            if default["public_holidays"] == "China" and year not in {row["year"] for row in listed}:
                self.fill(user, year, default["name"])

    def fill(self, user: User, year: int, calendar: str | None = None) -> Filled:
        """Enter the days of `year`, so that they can be corrected; days that somebody entered by hand stay as they are.

        `calendar` is the site's default when it is not named. A year without an official notice is entered as estimated.
        Raises ValidationFailed, NotFound, PermissionRefused.
        """
        if not FIRST_YEAR <= year < LAST_YEAR:
            text = Text(
                f"年份 {year} 应在 {FIRST_YEAR} 至 {LAST_YEAR - 1} 之间。",
                f"Year {year} should be from {FIRST_YEAR} to {LAST_YEAR - 1}.",
            )
            raise ValidationFailed(text, [Fault("year", text)])
        name = calendar or self._default(user)
        record = self._documents.load(user, DOCTYPE, name)
        announced = year in china.announced_years()
        kept = [row for row in record["days"] if row["day"].year != year or not row["is_estimated"]]
        taken = {row["day"] for row in kept}
        found = [item for item in china.special_days(year) if item.day not in taken]
        fresh = [
            {"day": item.day, "kind": item.kind.capitalize(), "title": item.name, "is_estimated": int(not announced)}
            for item in found
        ]
        days = sorted([*kept, *fresh], key=lambda row: row["day"])
        years = [row for row in record["years"] if row["year"] != year]
        before: dict[str, Any] = next((row for row in record["years"] if row["year"] == year), {})
        state = "Announced" if announced else "Estimated"
        years = sorted([*years, {**before, "year": year, "state": state}], key=lambda row: row["year"])
        self._documents.save(user, DOCTYPE, {"days": days, "years": years}, name=name, version=record["version"])
        return Filled(name, year, announced, len(found))

    def _default(self, user: User) -> str:
        found = self.calendars(user)
        if not found:
            raise NotFound(Text("还没有工作日历，请先新建一个。", "There is no work calendar yet; make one first."))
        return str(found[0]["name"])


def unannounced(year: int) -> Text:
    """What to tell whoever entered a year without a notice."""
    return Text(
        f"{year} 年的放假安排尚未公布（或本程序还不知道），按法定节假日预计，不含调休；公布后请核对并改为“已公布”。",
        f"The holidays of {year} are not announced yet (or not known to this program): statutory days are entered as estimated, "
        "without make-up workdays. Check them and mark the year as announced when the notice is out.",
    )
